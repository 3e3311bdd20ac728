"""Names and texts of files do not steer a terminal, and cannot break a picture."""

import html
import io
import pty
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from rnncli.render import escapes
from rnncli.render.escapes import data_out, shown
from rnncli.render.files import canvas
from rnncli.render.screen import Screen
from tests.views.helpers import brief_dynamics

BAD = "\x1b]0;title\x07\x9b31m\u202eabc\u2066\x00<&>"
SPELLED = r"\x1b]0;title\x07\x9b31m\u202eabc\u2066\x00<&>"
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def steers(text):
    """Characters of a text that would act on a terminal, line ends and tabs aside, by Unicode's own classes."""
    return [
        c
        for c in text
        if (unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") and c not in "\n\t")
        or unicodedata.bidirectional(c) in TURNING
    ]


def test_what_steers_a_terminal_is_spelled_out():
    assert shown(BAD) == SPELLED
    assert shown("a\tb\n é 界 \u200d 😀") == "a\tb\n é 界 \u200d 😀"


@given(st.text(st.characters()))
def test_nothing_else_is_changed(text):
    assert steers(shown(text)) == []
    if not steers(text) and not {"\ufffe", "\uffff"} & set(text):
        assert shown(text) == text


@given(st.text(), st.integers(0, 40))
def test_a_terminal_may_get_a_text_in_pieces(text, cut):
    out = io.BytesIO()
    terminal = escapes._Shown(out)
    data = text.encode("utf-8", "replace")
    for piece in (data[:cut], data[cut:]):
        assert terminal.write(piece) == len(piece)
    assert out.getvalue().decode() == shown(data.decode())


def test_bytes_that_are_no_text_are_spelled_out_on_a_terminal():
    out = io.BytesIO()
    escapes._Shown(out).write(b"a\xff\x9b1m\n")
    assert out.getvalue() == rb"a\xff\x9b1m" + b"\n"


def test_a_pipe_gets_what_there_is(capsysbinary):
    data_out().write(BAD.encode())
    assert capsysbinary.readouterr().out == BAD.encode()


def picture():
    table = Table(BAD, title=Text(BAD))
    table.add_row(Text(BAD))
    return table


def test_a_picture_on_a_terminal_shows_them():
    console = Screen(file=io.StringIO(), width=100, color_system=None, force_terminal=True)
    console.print(picture())
    assert steers(console.file.getvalue()) == []
    assert console.file.getvalue().count(r"\x1b]0;title") == 3  # in a table as far as there is room


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_picture_in_a_file_is_valid(tmp_path, form):
    with canvas(str(tmp_path / f"a.{form}"), BAD) as console:
        console.print(picture())
    written = (tmp_path / f"a.{form}").read_text(encoding="utf-8")
    assert steers(written) == []
    if form == "svg":
        ET.fromstring(written)
    assert written.count(r"\x1b]0;title") >= 3
    assert html.escape(r"\x9b31m\u202eabc\u2066\x00<&>") in written


# -- through the shell ------------------------------------------------------------------------------------------------

NAME = "v\x1b[31m\x9b\u202e"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A forecast of a column of a hostile name, in groups of such names, of a file of one; and what was said of it."""
    from tests.conftest import Here

    shell = Here(tmp_path_factory.mktemp("hostile"))
    rows = "".join(f"{i % 7},{key}{NAME}\n" for key in "ab" for i in range(60))
    shell.write(f"t{NAME}.csv", f"{NAME},g{NAME}\n{rows}")
    options = ("--target", NAME, "--group", f"g{NAME}", "--epochs", "1", "--hidden", "4", "-o", f"m{NAME}.st")
    done = shell("train", f"t{NAME}.csv", *options)
    assert done.code == 0, done.err
    return shell, done


def test_the_lines_of_a_training_show_names(model):
    _, done = model
    assert steers(done.err) == []
    assert r"t" + shown(NAME) + ".csv" in done.err
    assert f"m{shown(NAME)}.st" in done.err


def test_errors_show_names(model):
    shell, _ = model
    for command in (("predict", f"m{NAME}.st", f"t{NAME}.csv", "--top", NAME), ("inspect", NAME), ("train", NAME)):
        done = shell(*command)
        assert done.code in (1, 2)
        assert steers(done.err) == []
        assert shown(NAME) in done.err


def test_views_pictures_and_the_report_show_names(model):
    shell, _ = model
    command = ("inspect", f"m{NAME}.st", f"t{NAME}.csv")
    done = shell("inspect", f"m{NAME}.st")
    assert steers(done.out.decode()) == []
    assert shell(*command, "--view", "attribution", "--save", "a.svg").code == 0
    assert r"\x1b[31m" in "".join(ET.fromstring(shell.read("a.svg")).itertext())
    assert shell("predict", *command[1:], "--plot", "--save", "b.svg").code == 0
    ET.fromstring(shell.read("b.svg"))
    with brief_dynamics():
        assert shell(*command, "--report", "r.html").code == 0
    assert steers(shell.read("r.html").decode()) == []


def on_a_terminal(run, *arguments):
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with open(theirs, "wb", closefd=True) as terminal:
        process = run.start(*arguments, stdout=terminal)
    found = b""
    with open(ours, "rb", buffering=0) as stream:
        try:
            while piece := stream.read(1 << 12):
                found += piece
        except OSError:  # the other end is closed
            pass
    assert process.wait(timeout=60) == 0
    return found.decode().replace("\r\n", "\n")


def test_rows_on_a_terminal_show_what_a_pipe_gets(run, char_model):
    line = "the \x1b[31mbaker\x9b\u202e sells"
    run.write("a.txt", line + "\n")
    command = ("predict", char_model, "a.txt", "--score", "--quiet")
    assert on_a_terminal(run, *command).split("\t")[-1] == shown(line) + "\n"
    assert run(*command).out.decode().split("\t")[-1] == line + "\n"
    assert shown(line) in on_a_terminal(run, "predict", char_model, "--prompt", line, "--length", "5", "--quiet")
    assert steers(on_a_terminal(run, *command, "--json")) == []
