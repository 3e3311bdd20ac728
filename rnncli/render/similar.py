"""How like two networks are: two bars, beside those of a network that was drawn at random."""

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart
from rnncli.render.palette import SERIES
from rnncli.render.text import ACCENT

ROWS = {"cka": "what the states hold (linear CKA)", "motion": "how they move (DMD with inputs)"}
CAPTION = "1: one is a rotation of the other. Drawn at random: what an untrained network of that form has by itself."


def how_to_read(data: dict) -> str:
    """The sentence below the picture."""
    return CAPTION


def picture(data: dict, width: int) -> Group:
    """A bar for each number, and a paler one below it for the network that was drawn at random."""
    room = max(10, width - 36 - 22)
    table = Table(Column("", style=ACCENT), Column(""), Column("", justify="right"), box=None, padding=(0, 1, 0, 0))
    for name, words in ROWS.items():
        for label, value, glyph in ((words, data[name], "█"), ("  drawn at random", data["drawn"][name], "░")):
            table.add_row(label, Text(glyph * round(room * value)), f"{value:.3f}")
    return Group(Text(_title(data), "bold"), Text(), table, Text(), *(Text(line, "dim") for line in _said(data)))


def chart(data: dict) -> Chart:
    """The same bars."""
    rows = []
    for name, words in ROWS.items():
        rows.append(Bar(words, data[name], f"{data[name]:.3f}", SERIES[0]))
        rows.append(Bar("drawn at random", data["drawn"][name], f"{data['drawn'][name]:.3f}", "faint"))
    return Chart(_title(data), [Bars("Likeness, 0 to 1", rows)], _said(data))


def _title(data: dict) -> str:
    return f"{data['models'][0]} and {data['models'][1]}"


def _said(data: dict) -> list[str]:
    """How much the numbers stand on."""
    one, other = data["fits"]
    units, rank = data["units"], data["rank"]
    return [
        f"{data['steps']:,} steps; {units[0]:,} and {units[1]:,} units, {rank} principal component{'s' * (rank > 1)}",
        f"linear systems explain {one:.0%} and {other:.0%} of the next state",
    ]
