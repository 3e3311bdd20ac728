"""Any view that has no picture of its own: its data as an outline, numbers over time as little bars."""

import math
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rnncli.render.text import ACCENT, sparkline, visible

LINES = 12  # of a list
BARS = 60  # columns of little bars, at most


def picture(data: dict[str, Any], width: int) -> Group:
    """A line or a block for each name of the data."""
    return Group(*_blocks({name: value for name, value in data.items() if name not in ("view", "read")}, width))


def _blocks(data: dict[str, Any], width: int) -> list[RenderableType]:
    out: list[RenderableType] = []
    for name, value in data.items():
        title = Text(visible(name), ACCENT)
        if isinstance(value, dict) and value:
            out += [title, Padding(Group(*_blocks(value, width - 2)), (0, 0, 0, 2))]
        elif _is_table(value):
            out += [title, _table(value)]
        elif isinstance(value, list) and value and all(isinstance(line, list) for line in value):
            lines = [_line(line, width - 2) for line in value[:LINES]]
            out += [title, Padding(Group(*lines, *_more(value)), (0, 0, 0, 2))]
        else:
            out.append(
                Text.assemble(title, "  ", _line(value, width - len(name) - 2), no_wrap=True, overflow="ellipsis")
            )
    return out


def _is_table(value: Any) -> bool:
    """Dictionaries of the same names."""
    rows = value if isinstance(value, list) else []
    return bool(rows) and all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows)


def _table(rows: list[dict]) -> RenderableType:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name, value in rows[0].items():
        table.add_column(Text(visible(name)), justify="right" if _is_number(value) else "left")
    for row in rows[:LINES]:
        table.add_row(*(Text(_word(value), overflow="ellipsis", no_wrap=True) for value in row.values()))
    return Group(table, *_more(rows))


def _more(rows: list) -> list[Text]:
    return [Text(f"and {len(rows) - LINES:,} more: --json has all", "dim")] if len(rows) > LINES else []


def _line(value: Any, width: int) -> Text:
    """One value; of several numbers little bars and their ends, of other things one after the other."""
    if not isinstance(value, list):
        return Text(_word(value))
    numbers = [number for number in value if _is_number(number) and math.isfinite(number)]
    if len(value) < 2 or len(numbers) < len(value):
        return Text(" ".join(map(_word, value)), no_wrap=True, overflow="ellipsis")
    ends = f"  {_word(min(numbers))} to {_word(max(numbers))}"
    return Text.assemble(sparkline(numbers, max(1, min(BARS, width - len(ends)))), (ends, "dim"), no_wrap=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: Any) -> str:
    if _is_number(value):
        return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return "-" if value is None else visible(str(value))
