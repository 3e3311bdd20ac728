"""Any plain data can be drawn, within its width."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from rnncli.render.outline import LINES, picture

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=90)
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)


def drawn(data, width=60):
    console = Console(width=width, file=io.StringIO(), highlight=False, color_system=None)
    console.print(picture(data, width))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@given(st.dictionaries(st.text(max_size=9), DATA, max_size=4))
def test_whatever_it_is_no_line_is_too_wide(data):
    assert all(cell_len(line) <= 60 for line in drawn(data))


def test_each_kind_has_its_form():
    data = {
        "view": "toy",
        "steps": 1234,
        "loss": 0.123456,
        "none": None,
        "by": {"unit": [0, 1, 2, 3], "words": ["a", "\n"]},
        "two": [[1.5, 0.5], [0.0, 1.0]],
        "rows": [{"name": "W", "size": 12}, {"name": "b", "size": 3}],
    }
    assert drawn(data) == [
        *("steps  1,234", "loss  0.1235", "none  -", "by.unit  ▁▃▆█  0 to 3", "by.words  a ↵"),
        *("two[0]  █▁  0.5 to 1.5", "two[1]  ▁█  0 to 1", "rows", "  name    size", "  W         12", "  b          3"),
    ]


def test_of_long_lists_it_says_how_much_more_there_is():
    lines = drawn({"rows": [{"a": i} for i in range(LINES + 5)], "lists": [[0, 1]] * (LINES + 2)})
    assert lines[0] == "rows  5 more: --json has all"
    assert lines[-1] == "lists  2 more: --json has all"
    assert len(lines) == 2 * LINES + 3
