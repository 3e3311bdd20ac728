"""Help texts on terminals that are narrower than those that the library lays them out for."""

from collections.abc import Sequence
from typing import Any

NARROW = 60  # columns, below which names and what they mean stand on lines of their own
INDENT = 4  # of the latter there
LEAST = 20  # columns of a help text


def write_list(formatter: Any, rows: Sequence[tuple[str, str]], width: int = 0) -> None:
    """Names, of at least and at most so many columns, and what they mean: side by side if the terminal has the room."""
    if formatter.width < NARROW:
        formatter.write_dl([(f"{name:<{INDENT}}", text) for name, text in rows], col_max=INDENT - 2)
    elif width:
        formatter.write_dl([(f"{name:<{width}}", text) for name, text in rows], col_max=width)
    else:
        formatter.write_dl(rows)


def fit(formatter: Any) -> Any:
    """The formatter with the columns of a terminal that is narrower than the least that the library lays out for."""
    from shutil import get_terminal_size

    columns = get_terminal_size().columns
    if columns < NARROW:
        formatter.width = max(columns - 2, LEAST)
    return formatter
