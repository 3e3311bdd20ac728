"""`rnncli inspect`: plain data with --json, a picture on the terminal, no escape codes anywhere else."""

import io
import os
import re

import numpy as np
import pytest
from rich.cells import cell_len

from rnncli import registry
from rnncli.render import files
from rnncli.tasks.trained import load_model
from rnncli.views.reading import MOST_STEPS
from tests.conftest import UNSET, Shell
from tests.views.helpers import brief_dynamics

COLOUR = re.compile(r"\033\[[\d;]*(?:3[0-8]|4[0-8]|9\d|10\d)[\d;]*m")


@pytest.fixture
def views(tmp_path, text):
    """The arguments of every view, after the model's name."""
    Shell(tmp_path).write("input.txt", "wide 界界 and ☃ and\ttabs\r\n" + text[:1500])
    arguments = {"summary": [], "states": ["input.txt", "--view", "states"]} | {
        "graph": ["--view", "graph"],
        "unfolded": ["input.txt", "--view", "graph", "--unfold", "30"],
        "gradients": ["input.txt", "--view", "gradients"],
        "dynamics": ["input.txt", "--view", "dynamics"],
        "attribution": ["input.txt", "--view", "attribution"],
        "memory": ["input.txt", "--view", "memory"],
        "lengths": ["input.txt", "--view", "lengths"],
        "gradcheck": ["--view", "gradcheck"],
    }
    assert arguments.keys() == {*registry.names("views"), "unfolded"}
    with brief_dynamics():
        yield arguments


def on_terminal(run, *arguments, **environment):
    """What the command draws on a terminal of 80 columns."""
    ours, theirs = os.openpty()
    settings = run.environment(TERM="xterm-256color", COLUMNS="80", **environment)
    process = run.start("inspect", *arguments, stdout=theirs, env=settings)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 1 << 16):
            seen += chunk
    except OSError:  # so Linux says that the other side is closed
        pass
    os.close(ours)
    process.communicate(timeout=60)
    assert process.returncode == 0
    return seen.decode()


def test_the_summary_is_all_about_the_model(here, char_model):
    data = here("inspect", char_model, "--json").json()
    wanted = {"config", "parameters", "tensors", "vocabulary", "history", "valid_loss", "rivals"}
    assert wanted <= set(data)
    model = load_model(char_model)
    assert data["view"] == "summary"
    assert data["config"] == model.config.to_json()
    assert data["parameters"] == model.network.theta.flat.size
    assert data["valid_loss"] == model.summary["valid_loss"]
    assert data["history"] == model.history
    assert len(data["history"]) == 10
    assert {"update", "tokens", "loss", "valid_loss"} == set(data["history"][0])
    assert data["vocabulary"]["kind"] == "char"
    assert data["vocabulary"]["size"] == len(data["vocabulary"]["symbols"]) == len(model.vocabulary)
    assert {"<unk>", "\\n", " ", "é"} <= set(data["vocabulary"]["symbols"])
    shapes = {tensor["name"]: tensor["shape"] for tensor in data["tensors"]}
    size, hidden = data["vocabulary"]["size"], 32
    assert shapes["rnn.weight_hh_l0"] == [4 * hidden, hidden]
    assert shapes["output.weight"] == [size, hidden]
    assert shapes["embedding.weight"] == [size, data["config"]["embed"]]
    for tensor in data["tensors"]:
        assert abs(tensor["mean"]) <= tensor["largest"]
        assert 0 <= tensor["std"] <= tensor["largest"]


@pytest.mark.parametrize("name", ["char_model", "lines_model", "byte_model"])
def test_states_are_given_for_every_token_read(here, name, text, request):
    model = request.getfixturevalue(name)
    gates = {
        "char_model": {"input", "forget", "output"},
        "lines_model": {"reset", "update"},
        "byte_model": {"state"},
    }[name]
    architecture = load_model(model).network.architecture
    start = "the sailor\n\nZoé\n"
    data = here("inspect", model, "-", "--view", "states", "--json", input=start.encode()).json()
    assert {"steps", "h", "units", "dead", "saturation", "top_contexts", "layer", "unit"} <= set(data)
    assert data["view"] == "states"
    length = len(start.encode()) if name == "byte_model" else len(start)
    assert len(data["steps"]) == len(data["h"]) in (length, length - 1)  # the last line end may be left out
    assert data["steps"][:11] == [*"the sailor", "\\n" if name != "byte_model" else "\\x0a"]
    assert all(len(step) == architecture.layers for step in data["h"])
    assert all(len(layer) == architecture.hidden for step in data["h"] for layer in step)
    assert all(-1 <= value <= 1 for step in data["h"] for layer in step for value in layer)
    assert data["layer"] == architecture.layers - 1
    assert data["unit"] == data["units"][0]["unit"]
    deviations = [unit["std"] for unit in data["units"]]
    assert sorted(unit["unit"] for unit in data["units"]) == list(range(architecture.hidden))
    assert deviations == sorted(deviations, reverse=True)
    assert deviations[0] > 0.05
    assert set(data["saturation"]) == gates
    for sides in data["saturation"].values():
        for low, high in zip(sides["left"], sides["right"], strict=True):
            assert low >= 0 and high >= 0 and low + high <= 1
    column = [abs(step[data["layer"]][data["unit"]]) for step in data["h"]]
    top = data["top_contexts"][0]
    assert column[top["step"]] == max(column)
    assert abs(top["activation"]) == pytest.approx(max(column), abs=1e-5)
    read = start.encode() if name == "byte_model" else start
    before = read[top["first"] : top["step"] + 1]
    assert top["first"] in (data["starts"] if name == "lines_model" else [0])
    assert top["text"] == (before.decode("utf-8", "replace") if name == "byte_model" else before)


def test_states_are_those_of_predict(here, char_model):
    here.write("line.txt", "a clerk paints")
    options = ("--view", "states", "--json", "--unit", "3", "--layer", "0")
    data = here("inspect", char_model, "line.txt", *options).json()
    assert (data["unit"], data["layer"]) == (3, 0)
    states = np.load(io.BytesIO(here("predict", char_model, "line.txt", "--states", "all").out))["h"]
    length = len("a clerk paints")
    assert np.allclose(data["h"][:length], states[:length], atol=2e-5)


def test_a_long_input_is_read_only_as_far_as_it_is_shown(here, char_model, text):
    assert len(text) > MOST_STEPS
    here.write("text.txt", text)
    data = here("inspect", char_model, "text.txt", "--view", "states", "--json").json()
    assert len(data["steps"]) == len(data["h"]) == MOST_STEPS


def test_no_line_is_wider_than_the_terminal(here, char_model, byte_model, views, monkeypatch):
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    for model, width in ((char_model, 80), (byte_model, 60)):
        monkeypatch.setenv("COLUMNS", str(width))
        for arguments in views.values():
            done = here("inspect", model, *arguments)
            assert (done.code, done.err) == (0, "")
            lines = done.out.decode().splitlines()
            assert len(lines) > 8
            assert max(map(cell_len, lines)) <= width


def test_a_pipe_gets_no_escape_codes(run, char_model, views):
    for arguments in (views["summary"], views["states"]):
        done = run("inspect", char_model, *arguments, env={"COLUMNS": "80", "TERM": "xterm-256color"})
        assert (done.code, done.err) == (0, "")
        assert len(done.out.splitlines()) > 8
        assert b"\033" not in done.out


def test_a_terminal_gets_colour_unless_it_wants_none(run, char_model, views):
    coloured = on_terminal(run, char_model, *views["states"])
    plain = on_terminal(run, char_model, *views["states"], NO_COLOR="1")
    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)
    coloured, plain = (re.sub(r"\033\[[\d;]*m", "", seen) for seen in (coloured, plain))
    assert plain == coloured
    assert 70 < max(map(cell_len, plain.splitlines())) <= 80


def test_escape_codes_in_the_data_do_not_reach_the_terminal(here):
    red = "\033[31mred\033[0m and\a loud\n"
    here.write("log.txt", red * 40)
    assert here("train", "log.txt", "--hidden", "8", "--epochs", "1", "--quiet").code == 0
    for arguments in ([], ["log.txt", "--view", "states"]):
        done = here("inspect", "log.safetensors", *arguments)
        assert done.code == 0
        assert not set(done.out) & {7, 27}


def test_what_cannot_be_shown_is_refused_in_one_line(here, char_model):
    here.write("text.txt", "the baker\n")
    here.write("empty.txt", "")
    cases = {
        ("--view", "dreams"): (2, "--view dreams"),
        ("text.txt",): (2, "INPUT has no effect on --view summary"),
        ("--unit", "3"): (2, "--unit has no effect on --view summary"),
        ("text.txt", "--view", "states", "--unit", "32"): (2, "--unit 32"),
        ("text.txt", "--view", "states", "--layer", "1"): (2, "--layer 1"),
        ("text.txt", "--view", "states", "--heat-map", "3,32"): (2, "--heat-map 32"),
        ("text.txt", "--view", "states", "--heat-map", "3,x"): (2, "--heat-map 3,x: expected whole numbers"),
        ("text.txt", "--view", "states", "--heat-map", "3", "--unit", "4"): (2, "--unit 4 and --heat-map without it"),
        ("empty.txt", "--view", "states"): (1, "empty.txt: empty"),
        ("missing.txt", "--view", "states"): (1, "missing.txt: no such file"),
        ("text.txt", "--view", "gradcheck"): (2, "INPUT has no effect on --view gradcheck"),
        ("--view", "gradcheck", "--lags", "9"): (2, "--lags has no effect on --view gradcheck"),
        ("empty.txt", "--view", "gradients"): (1, "empty.txt: empty"),
        ("text.txt", "--view", "graph"): (2, "--unfold N"),
        ("--view", "graph", "--notation", "png"): (2, "--notation png"),
        ("--view", "graph", "--notation", "dot", "--json"): (2, "--notation and --json cannot be combined"),
        ("text.txt", "--view", "attribution", "--at", "99"): (1, "--at 99: the input has 9 steps"),
        ("--hold", "e"): (2, "--hold has no effect on --view summary"),
        ("text.txt", "--view", "dynamics", "--hold", "the"): (2, "--hold the: 3 tokens, expected one"),
        ("text.txt", "--view", "dynamics", "--hold", "☃"): (2, "--hold ☃: an unknown token"),
        ("text.txt", "--view", "dynamics", "--hold", ""): (2, "--hold : no token"),
        ("text.txt", "--view", "dynamics", "--dt", "0"): (2, "--dt 0"),
        ("text.txt", "--view", "dynamics", "--dt", "nan"): (2, "--dt nan"),
        ("empty.txt", "--view", "dynamics"): (1, "empty.txt: empty"),
        ("missing.txt", "--view", "dynamics"): (1, "missing.txt: no such file"),
        ("text.txt", "--view", "memory"): (1, "9 steps are too few to fit a read-out"),
        ("text.txt", "--view", "lengths"): (1, "9 steps are too few to compare lengths"),
        ("empty.txt", "--view", "memory"): (1, "empty.txt: empty"),
        ("text.txt", "--view", "lengths", "--lags", "9"): (2, "--lags has no effect on --view lengths"),
        ("text.txt", "--view", "memory", "--unit", "3"): (2, "--unit has no effect on --view memory"),
        ("--save", "summary.pdf"): (2, "ends in .svg, .html or .png"),
        ("--save", "nowhere/summary.svg"): (1, "nowhere/summary.svg"),
    }
    for (options, (code, words)), done in zip(
        cases.items(), here.each(*(["inspect", char_model, *o] for o in cases)), strict=True
    ):
        assert done.code == code, options
        assert words in done.message(), options


def test_a_long_input_is_read_only_as_far_as_a_read_out_needs(here, char_model, text):
    here.write("text.txt", text * 3)
    data = here("inspect", char_model, "text.txt", "--view", "memory", "--lags", "3", "--json").json()
    assert data["fitted"] + data["scored"] in (7999, 8000)  # the last line end may be left out
    assert data["lags"] == [0, 1, 2, 3]
    assert data["recall"][0] > 0.9 > data["recall"][3]


def test_a_png_without_its_libraries_is_refused_with_the_remedy(here, char_model, monkeypatch):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    done = here("inspect", char_model, "--save", "summary.png")
    assert done.code == 2
    assert "pip install 'rnncli[png]'" in done.message()


def test_every_view_is_a_png_too(here, char_model, views):
    pytest.importorskip("matplotlib")
    for name, arguments in views.items():
        done = here("inspect", char_model, *arguments, "--save", f"{name}.png")
        assert (done.code, done.out, done.err) == (0, b"", f"{name}.png is written\n")
        assert here.read(f"{name}.png").startswith(b"\x89PNG")


def test_pictures_are_files_too(here, char_model):
    here.write("text.txt", "the baker\n")
    for name, begin in (("view.svg", b"<svg"), ("view.html", b"<!DOCTYPE html>")):
        done = here("inspect", char_model, "text.txt", "--view", "attribution", "--save", name)
        assert (done.code, done.out, done.err) == (0, b"", f"{name} is written\n")
        assert here.read(name).startswith(begin)
    drawing = here("inspect", char_model, "text.txt", "--view", "graph", "--unfold", "2", "--notation", "svg").out
    assert drawing.startswith(b"<svg") and b"h0[1]" in drawing
    assert here("inspect", char_model, "--view", "graph", "--notation", "dot").out.startswith(b"digraph")


OTHERS = (b"lstm", b"unit", b"reach", b"tensor", b"step", b"loss", b"state")


def test_a_place_without_these_letters_gets_others(here, char_model, views):
    for arguments in (*views.values(), ["--json"]):
        done = here("inspect", char_model, *arguments, encoding="ascii")
        assert (done.code, done.err) == (0, "")
        assert any(word in done.out for word in OTHERS)


def test_letters_of_the_data_that_a_place_has_not_are_replaced(run, char_model, views):
    for arguments in (views["states"], ["--json"]):
        done = run("inspect", char_model, *arguments, env={"PYTHONIOENCODING": "ascii"})
        assert (done.code, done.err) == (0, "")
        assert any(word in done.out for word in OTHERS)
