"""Any view that has no picture of its own: a line for each name, numbers as little bars, dictionaries as a table."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rnncli.render.text import ACCENT, sparkline, visible

LINES = 12  # of a list
BARS = 60  # columns of little bars, at most


def picture(data: dict[str, Any], width: int) -> Group:
    """Names of inner dictionaries stand behind those of outer ones: `by.unit`."""
    shown = {name: value for name, value in data.items() if name not in ("view", "read")}
    return Group(*(_drawn(name, value, width) for name, value in _flat(shown)))


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(inner, list) for inner in value):
        for i, inner in enumerate(value[:LINES]):
            yield from _flat(inner, f"{name}[{i}]")
        if len(value) > LINES:
            yield name, f"{len(value) - LINES:,} more: --json has all"
    else:
        yield name, value


def _drawn(name: str, value: Any, width: int) -> RenderableType:
    """One value; of several numbers little bars and their ends, of other things one after the other."""
    out = Text.assemble((visible(name), ACCENT), "  ", no_wrap=True, overflow="ellipsis")
    if not isinstance(value, list):
        return out.append(word(value))
    if value and all(isinstance(row, dict) and row.keys() == value[0].keys() for row in value):
        more = f"{len(value) - LINES:,} more: --json has all" if len(value) > LINES else ""
        return Group(out.append(more, "dim"), _table(value[:LINES]))
    if len(value) > 1 and all(map(_is_number, value)):
        ends = f"  {word(min(value))} to {word(max(value))}"
        return out.append(sparkline(value, max(1, min(BARS, width - len(out) - len(ends))))).append(ends, "dim")
    return out.append(" ".join(map(word, value)))


def _table(rows: list[dict]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name, value in rows[0].items():
        table.add_column(Text(visible(name)), justify="right" if _is_number(value) else "left")
    for row in rows:
        table.add_row(*(Text(word(value), overflow="ellipsis", no_wrap=True) for value in row.values()))
    return table


def _is_number(value: Any) -> bool:
    """NaN and infinities aside."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def word(value: Any) -> str:
    """A value as it stands in a table: four digits, thousands apart, - for none."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else visible(f"{value:,}" if _is_number(value) else str(value))
