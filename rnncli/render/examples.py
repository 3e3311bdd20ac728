"""The sequences or lines of the highest and of the lowest loss: two tables."""

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.outline import word
from rnncli.render.text import visible

NARROW = 24  # columns of an answer


def how_to_read(data: dict) -> str:
    """The sentence below it."""
    what = f"Sorted by their loss ({data['measure']}): on top of the first table is what the model got most wrong."
    return what if "line" in data["worst"][0] else f"{what} Look there for answers that are wrong in the file."


def picture(data: dict, width: int) -> Group:
    """A row each, its input cut to the width."""
    return Group(*(_table(f"the {name}", data[name], width) for name in ("worst", "best") if data[name]))


def _table(title: str, rows: list[dict], width: int) -> Group:
    names = [name for name in rows[0] if name != "input"]
    table = Table(
        Column("loss", justify="right"),
        *(Column(name, max_width=NARROW) for name in names[1:]),
        Column("input", ratio=1),
        box=None,
        header_style="dim",
        width=width,
    )
    for row in rows:
        texts = [word(row["loss"]), *(str(row[name]) for name in (*names[1:], "input"))]
        table.add_row(*(Text(visible(text), overflow="ellipsis", no_wrap=True) for text in texts))
    return Group(Text(f"\n{title}", "bold"), table)
