"""The inputs coloured by what they give to one prediction."""

import math

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.shades import shade
from rnncli.render.text import ACCENT, symbol, thinned


def picture(data: dict, width: int) -> Group:
    """The inputs, each coloured by what it gives to the prediction, or a line of them; the strongest as a table."""
    given, steps = data["attribution"], data["steps"]
    largest = max(map(abs, given)) or 1.0
    what = f"{data['what']} of {data['predicts']!r}" if data["what"] != "value" else data["predicts"]
    head = Text.assemble((f"step {data['at']}", f"bold {ACCENT}"), f": {what} {data['value']:.3f}")
    many = f"{len(steps)} mean inputs" if len(steps) > 1 else "a mean input"
    head.append(f", {data['baseline']:.3f} of {many}; ")
    head.append("lowers", "red").append(" it, ").append("raises", "green").append(" it")
    if data["words"]:
        join = "" if all(len(symbol(token)) == 1 for token in steps) else " "
        picture = Text()
        for token, value in zip(steps, given, strict=True):
            picture.append(symbol(token), shade(value / largest)).append(join + "\n" * (token in ("\\n", "<end>")))
    else:
        picture = _signed_bars(given, width - 2)
    columns = Column("step", justify="right"), "input", Column("gives", justify="right")
    table = Table(*columns, box=None, padding=(0, 2), header_style="dim")
    order = sorted(range(len(given)), key=lambda i: -abs(given[i]))[:8]
    for i in sorted(order):
        colour = "red" if given[i] < 0 else "green"
        table.add_row(f"{data['first'] + i:,}", symbol(steps[i]).replace(" ", "␣"), Text(f"{given[i]:+.3f}", colour))
    gap, change = data["completeness_gap"], data["change"]
    said = f"together {sum(given):+.3f}; the integral leaves {gap:.2%} open, single values {change:.2%}"
    trust = Text(said, "dim") if max(gap, change) < 0.05 else Text(f"{said}: not to be trusted", "red")
    return Group(head, Text(), picture, Text(), Text("the strongest of them", "bold"), table, trust)


def _signed_bars(values: list[float], width: int) -> Text:
    """What is above zero upwards, and below it downwards; neighbours are added up where there are many."""
    share = max(1, len(values) / width)
    sums = [v * share for v in thinned(values, width)]
    top = max(map(abs, sums)) or 1.0
    above = "".join(" ▁▂▃▄▅▆▇█"[max(0, round(8 * v / top))] for v in sums)
    below = "".join(" ▔▀█"[max(0, min(3, math.ceil(-3 * v / top)))] for v in sums)
    return Text.assemble((above, "green"), "\n", (below, "red"))
