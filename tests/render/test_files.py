"""A picture as a file shows what the terminal shows, piece by piece where it stands there."""

import html
import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from rnncli.errors import UsageError
from rnncli.render.files import COLUMN, SPACE, canvas, check_form

LINES = [
    Text.assemble(("lowers", "red"), " it,  ", ("raises", "green"), " it ", ("  <&> ", "bold cyan"), "done"),
    Text(""),
    Text.assemble(("   ", "default on rgb(0,90,0)"), "wide 界界 ", ("x", "red")),
]


def drawn(path):
    with canvas(str(path), "a title", 60) as console:
        for line in LINES:
            console.print(line)
    return path.read_text(encoding="utf-8")


def test_pieces_of_an_svg_begin_and_end_at_letters_where_they_stand_on_the_terminal(tmp_path):
    svg = drawn(tmp_path / "view.svg")
    pieces = re.findall(
        r'<text class="\S+-r\d+" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)</text>', svg
    )
    rows: dict[float, list] = {}
    for x, y, length, content in pieces:
        text = html.unescape(content)
        if text == "\n":  # Rich draws the line ends too
            continue
        assert text == text.strip(SPACE)
        assert float(length) == pytest.approx(COLUMN * cell_len(text), rel=1e-4)
        rows.setdefault(float(y), []).append((float(x) / COLUMN, text.replace(SPACE, " ")))
    lines = []
    for row in rows.values():
        line = ""
        for column, text in row:
            assert column == pytest.approx(round(column), abs=1e-3)
            line += " " * (round(column) - cell_len(line)) + text
        lines.append(line)
    terminal = Console(file=io.StringIO(), width=60)
    for line in LINES:
        terminal.print(line)
    assert lines == [line.rstrip() for line in terminal.file.getvalue().split("\n") if line.strip()]
    assert "lowers it,  raises it   <&> done" in lines


def test_a_file_has_all_colours_whatever_the_terminal_has(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    assert "#005a00" in drawn(tmp_path / "view.svg")
    assert "#005a00" in drawn(tmp_path / "view.html")


def test_other_forms_are_refused():
    for name in ("view.pdf", "view", "svg"):
        with pytest.raises(UsageError, match=r"ends in \.svg, \.html or \.png"):
            check_form(name)
