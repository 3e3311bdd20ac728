"""Pictures of the terminal: read on dark ground and on light, without colour, in 40 columns; one sentence says how."""

import io
import re

import pytest
from rich.cells import cell_len

from rnncli import registry
from rnncli.render import terminal
from rnncli.render.graph import CELL, LABEL
from rnncli.render.screen import Screen
from rnncli.render.signs import ABOVE, BELOW, sign, tracked
from rnncli.render.text import rows_of
from tests.cli.test_charts import ALONE, OPTIONS
from tests.views.helpers import brief_dynamics

WIDTHS = (40, 80, 120)


def printed(data: dict, width: int, **options) -> list[str]:
    """The lines of a picture."""
    options = {"color_system": None} | options
    console = Screen(width=width, file=io.StringIO(), highlight=False, **options)
    terminal.draw(data, console)
    return console.file.getvalue().splitlines()


@pytest.fixture(scope="module")
def data_of(tmp_path_factory, char_model, text):
    """View -> its data."""
    from tests.conftest import Here

    shell = Here(tmp_path_factory.mktemp("pictures"))
    shell.write("input.txt", text * 3)

    def found(view: str) -> dict:
        words = [char_model, *([] if view in ALONE else ["input.txt"]), "--view", view, *OPTIONS.get(view, ())]
        with brief_dynamics():
            return shell("inspect", *words, "--json").json()

    return found


@pytest.mark.parametrize("view", registry.names("views"))
def test_a_picture_fits_says_how_to_read_it_and_has_no_ground_of_its_own(data_of, view):
    data = data_of(view)
    caption = registry.declared("views")[view]["caption"]
    for width in WIDTHS:
        lines = printed(data, width)
        assert all(cell_len(line) <= width for line in lines)
        assert caption in " ".join(" ".join(lines).split())
    coloured = "\n".join(printed(data, 80, color_system="truecolor", force_terminal=True, no_color=False))
    assert not re.search(r"\x1b\[[\d;]*\b(?:38|48);", coloured), "only colours of the terminal's own palette, no ground"


def test_a_sign_is_a_glyph_and_not_only_a_colour():
    glyphs = {value: sign(value)[0] for value in (-1.0, -0.5, -0.3, 0.0, 0.3, 0.5, 1.0)}
    assert [glyphs[v] for v in (-1.0, 0.0, 1.0)] == ["≡", " ", "█"]
    assert not set(ABOVE.strip()) & set(BELOW.strip())
    assert len(set(glyphs.values())) == len(glyphs)


def test_a_text_has_its_signs_under_it_where_there_are_any():
    def lines(*arguments) -> list[str]:
        return "\n".join(text.plain for _, text in tracked(*arguments)).split("\n")

    tokens = list("the cat sat")
    values = [0.0] * 4 + [1.0, -0.7, 0.3] + [0.0] * 4
    assert lines(tokens, values, 7) == ["the ", "cat ", "█=░ ", "sat"]
    assert [row for row, _ in tracked(tokens, values, 7)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]]
    assert lines(["界", "x"], [1.0, -1.0], 20) == ["界x", "██≡"]
    assert lines(["one", "two"], [1.0, -1.0], 20, (1,)) == ["one ", "███ ", "two ", "≡≡≡ "]


def test_lines_end_after_spaces_and_after_line_ends():
    tokens = ["a", " ", "b", "c", "\\n", "\\n", "d"]
    assert rows_of(tokens, [1] * 7, 3) == [[0, 1], [2, 3, 4], [5], [6]]
    assert rows_of(tokens, [1] * 7, 30) == [[0, 1, 2, 3, 4, 5], [6]]
    assert rows_of(["abcdef"], [6], 3) == [[0]]  # what is longer than a line has one
    assert sum(rows_of(list("a long text in short lines"), [1] * 26, 7), []) == list(range(26))


# -- graph ------------------------------------------------------------------------------------------------------------


def graph(value: float, shape: int, name: str) -> dict:
    """Two steps of one layer, of a value and a shape that take much room."""
    nodes = [
        {"id": f"{kind}[{t}]", "op": "lstm", "t": t, "shape": [shape], "value_norm": value, "grad_norm": value}
        for kind in ("x", "h0_reverse")
        for t in range(2)
    ]
    edges = [{"from": "h0_reverse[0]", "to": "h0_reverse[1]", "delay": 0}]
    parameters = [{"name": name, "shape": [shape, shape], "used_at": ["h0_reverse[0]"]}]
    return {
        **{"view": "graph", "unfolded": 2, "inputs": ["a", "b"]},
        **{"nodes": nodes, "edges": edges, "parameters": parameters},
    }


def test_the_columns_of_the_graph_do_not_collide():
    lines = printed(graph(1.234e-5, 2048, "embedding.text.tokens.E"), 80)
    row = next(line for line in lines if line.startswith("h0_reverse"))
    assert row.split() == ["h0_reverse", "1.23e-05", "→", "1.23e-05"]  # the name alone, where its shape has no room
    assert row.index("1.23e-05") == LABEL
    assert row.rindex("1.23e-05") == LABEL + CELL
    assert "embedding.text.tokens.E  2048 x 2048  at h0_reverse" in lines


# -- memory -----------------------------------------------------------------------------------------------------------


def memory(capacity: float, units: int) -> dict:
    """Of two columns of numbers."""
    return {
        **{"view": "memory", "kind": "numbers", "lags": [0, 1, 2], "recall": [0.9, 0.8, 0.3], "chance": [0.0] * 3},
        **{"input_alone": [0.5, 0.1, 0.0], "capacity": capacity, "input_capacity": 1.0, "units": units},
        **{"ablation_bits": [0.5, -0.002, None], "by_layer": [], "fitted": 100, "scored": 50},
        "by_column": {"level": [0.9, 0.8, 0.3], "wind": [0.9, 0.8, 0.3]},
    }


def test_memory_of_numbers_says_of_how_many_and_what_they_are():
    said = " ".join(printed(memory(4.0, 64), 120))
    assert "capacity: 4.0 of 6 (R² added up over 2 columns and lags 0 to 2)" in said
    assert "units" not in said
    regular = " ".join(printed(memory(4.0, 3), 120))
    assert "more than 3 units can hold of independent numbers, which is 3" in regular


def test_the_bits_of_memory_are_whole_in_40_columns():
    lines = printed(memory(4.0, 64), 40)
    assert any(line.rstrip().endswith("-0.002") for line in lines)


# -- lengths ----------------------------------------------------------------------------------------------------------


def test_equal_rows_of_lengths_are_one():
    losses = [2.7, 2.5, *[2.4531 + i * 1e-6 for i in range(8)]]
    data = {
        **{"view": "lengths", "metric": "accuracy", "kind": "windows", "window": 4, "lengths": [4, 8, 16]},
        **{"loss": [2.6, 2.5, 2.5], "score": [0.3] * 3, "positions": [0, 1, 2, *range(4, 16, 2), 15][:10]},
        **{"by_position": losses[:10], "score_by_position": [0.1, 0.2, *[0.3] * 8], "pattern": None},
    }
    lines = printed(data, 80)
    begin = next(i for i, line in enumerate(lines) if "position" in line)
    rows = [line.split() for line in lines[begin + 1 : lines.index("", begin)]]
    assert [(row[0], row[-1]) for row in rows] == [("0", "10.0%"), ("1", "20.0%"), ("2-15", "30.0%")]


# -- attribution ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e-7, 1e-3, 1.0, 1e4])
def test_no_attribution_is_shown_as_zero(scale):
    given = [scale * v for v in (1.0, -0.5, 0.02, 0.001, 0.0)]
    data = {
        **{"view": "attribution", "at": 4, "output": 0, "first": 0, "attribution": given, "value": scale, "points": 9},
        **{"baseline": 0.0, "completeness_gap": 0.0, "change": 0.0, "steps": list("01234"), "predicts": "level"},
        **{"what": "value", "softmax": False, "words": False, "faithfulness": None},
    }
    lines = printed(data, 80)
    begin = next(i for i, line in enumerate(lines) if "gives" in line)
    shown = [float(line.split()[-1]) for line in lines[begin + 1 : begin + 4]]
    assert shown == pytest.approx(given[:3], rel=0.1)  # and those below a hundredth of the strongest are left out
    assert "together" in lines[begin + 4]


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize(("drop", "as_large", "trusted"), [(0.8, 0, True), (0.8, 3, False), (-0.1, 0, False)])
def test_attribution_by_column_and_what_leaving_out_does(width, drop, as_large, trusted):
    by_column = [[0.0, 0.5, -1.0], [0.25, 0.0, 0.0]]
    found = {"steps": [2], "direction": -1, "drop": drop, "others": 0.1, "draws": 20, "as_large": as_large}
    data = {
        **{"view": "attribution", "at": 2, "output": 0, "first": 0, "attribution": [0.25, 0.5, -1.0], "value": 1.0},
        **{"points": 9, "baseline": 1.25, "completeness_gap": 0.0, "change": 0.0, "steps": list("012")},
        **{"what": "value", "softmax": False, "words": False, "predicts": "level", "faithfulness": found},
        **{"columns": ["wind", "level"], "by_column": by_column},
    }
    lines = printed(data, width)
    assert max(map(len, lines)) <= width
    row = next(line for line in lines if line.lstrip().startswith("wind"))
    assert "▒" in row and "≡" in row and row.split()[-1] == "-0.50"
    assert any(line.split()[:2] == ["-2", "0"] or line.split()[0:1] == ["-20"] for line in lines if line.strip())
    text = " ".join(" ".join(lines).split())
    change = f"change it by {drop:+.3f}; another one by +0.100 (mean of 20 draws)"
    assert f"the input that lowered it most, replaced by mean inputs, {change}" in text
    assert ("do not trust which inputs are named" in text) != trusted
