"""The inputs coloured by what they give to one prediction."""

import math

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart, Panel
from rnncli.render.chart.flow import Flow
from rnncli.render.chart.plot import Axis, Columns, Plot
from rnncli.render.signs import LEGEND, tracked
from rnncli.render.text import ACCENT, symbol, thinned

STRONGEST, LINES = 8, 24  # rows of the table, lines of text
TRUSTED = 0.05  # what the integral may leave open


def picture(data: dict, width: int) -> Group:
    """The inputs, each with what it gives to the prediction by glyph and colour, or a line of them; the strongest as a
    table.
    """
    given, steps = data["attribution"], data["steps"]
    largest = max(map(abs, given)) or 1.0
    head = Text.assemble((f"step {data['at']}", f"bold {ACCENT}"), f": {_head(data)}")
    if data["words"]:
        drawn = tracked(steps, [value / largest for value in given], width, set(), LINES)
        head.append(f"; {LEGEND}", "dim")
    else:
        drawn = _signed_bars(given, width - 2)
    columns = Column("step", justify="right"), "input", Column("gives", justify="right")
    table = Table(*columns, box=None, padding=(0, 2), header_style="dim")
    for i in _strongest(given):
        colour = "red" if given[i] < 0 else "green"
        name = symbol(steps[i]).replace(" ", "␣")
        table.add_row(f"{data['first'] + i:,}", name, Text(_gives(given[i], largest), colour))
    trust = Text(_together(data), "dim" if _trusted(data) else "red")
    return Group(head, Text(), drawn, Text(), Text("the strongest of them", "bold"), table, trust)


def chart(data: dict) -> Chart:
    """The inputs with what they give: as a text, or as bars over the steps; and the strongest."""
    given, steps = data["attribution"], data["steps"]
    largest = max(map(abs, given)) or 1.0
    panel: Panel = Flow("What each input gives", steps, [value / largest for value in given])
    if not data["words"]:
        at = list(range(data["first"], data["first"] + len(given)))
        panel = Plot("What each input gives", Axis("step", whole=True), Axis(), [Columns(at, given)])
    rows = [
        Bar(
            f"{data['first'] + i:,}: {symbol(steps[i]).replace(' ', '␣')}"
            if data["words"]
            else f"step {data['first'] + i:,}",
            given[i],
            _gives(given[i], largest),
            "red" if given[i] < 0 else "green",
        )
        for i in _strongest(given)
    ]
    panels = [panel, Bars("The strongest of them", rows)]
    return Chart(f"Step {data['at']:,}", panels, [_head(data), _together(data)], warns=not _trusted(data))


def _head(data: dict) -> str:
    what = f"{data['what']} of {data['predicts']!r}" if data["what"] != "value" else data["predicts"]
    many = f"{len(data['steps'])} mean inputs" if len(data["steps"]) > 1 else "a mean input"
    return f"{what} {data['value']:.3g}, {data['baseline']:.3g} of {many}"


def _together(data: dict) -> str:
    """The sum, and how far it is to be trusted."""
    gap, change = data["completeness_gap"], data["change"]
    given = data["attribution"]
    total = _gives(sum(given), max(map(abs, given)) or 1.0)
    said = f"together {total}; the integral leaves {gap:.2%} open, single values {change:.2%}"
    return said if _trusted(data) else f"not to be trusted: {said}"


def _trusted(data: dict) -> bool:
    return max(data["completeness_gap"], data["change"]) < TRUSTED


def _strongest(given: list[float]) -> list[int]:
    """In the order of the steps; none of less than a hundredth of the strongest."""
    least = max(map(abs, given)) / 100
    order = sorted(range(len(given)), key=lambda i: -abs(given[i]))[:STRONGEST]
    return sorted(i for i in order if abs(given[i]) >= least)


def _gives(value: float, largest: float) -> str:
    """With so many decimals that a hundredth of the largest is seen."""
    power = math.floor(math.log10(largest))
    return f"{value:+.1e}" if power < -4 else f"{value:+.{max(0, 2 - power)}f}"


def _signed_bars(values: list[float], width: int) -> Text:
    """What is above zero upwards, and below it downwards; neighbours are added up where there are many."""
    share = max(1, len(values) / width)
    sums = [v * share for v in thinned(values, width)]
    top = max(map(abs, sums)) or 1.0
    above = "".join(" ▁▂▃▄▅▆▇█"[max(0, round(8 * v / top))] for v in sums)
    below = "".join(" ▔▀█"[max(0, round(-3 * v / top))] for v in sums)
    return Text.assemble((above, "green"), "\n", (below, "red"))
