"""A text coloured by a unit, and what the units of a layer do over time."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from rnncli.render.shades import shade
from rnncli.render.text import ACCENT, symbol, thinned, visible

SHADES = " ░▒▓█"


def picture(data: dict, width: int):
    """Text coloured by a unit, the most varied and most saturated units, a heat map over time, top contexts."""
    layer, unit = data["layer"], data["unit"]
    column = [h[layer][unit] for h in data["h"]]
    head = Text(f"unit {unit} of layer {layer}", f"bold {ACCENT}")
    head.append("   h from -1 ", "not bold default").append("red", "red").append(" to +1 ").append("green", "green")
    shown = data["steps"][: 6 * width]
    coloured = Text()
    for token, value in zip(shown, column, strict=False):
        coloured.append(symbol(token), shade(value))
        if token == "\\n":
            coloured.append("\n")
    parts = [head, Text(), coloured, Text(), Text("the most varied units over time", "bold"), _heat(data, width)]
    if data["saturation"]:
        parts += [Text(), Text(_saturation_title(data), "bold"), _saturation(data)]
    parts += [Text(), Text(f"what drives unit {unit} most", "bold"), _contexts(data, width)]
    if data["dead"]:
        parts.append(Text(f"\n{len(data['dead'])} dead units (they hardly vary)", "dim"))
    return Group(*parts)


def _heat(data: dict, width: int) -> Table:
    """Rows: units; columns: stretches of time; the mean of h there, by hue its sign and by density its size."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style=ACCENT)
    layer, h = data["layer"], data["h"]
    columns = max(10, min(width - 22, len(h)))
    for entry in data["units"][:8]:
        cells = thinned([step[layer][entry["unit"]] for step in h], columns)
        top = max(map(abs, cells)) or 1.0
        picture = Text()
        for cell in cells:
            picture.append(SHADES[min(4, int(5 * abs(cell) / top))], "red" if cell < 0 else "green")
        table.add_row(str(entry["unit"]), picture, f"std {entry['std']:.2f}")
    return table


def _saturation_title(data: dict) -> str:
    if "state" in data["saturation"]:
        return "state: part of the steps below -0.9 and above 0.9"
    return "gates: part of the steps below 0.1 and above 0.9"


def _saturation(data: dict) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style=ACCENT)
    for gate, sides in data["saturation"].items():
        both = [left + right for left, right in zip(sides["left"], sides["right"], strict=True)]
        top = sorted(range(len(both)), key=lambda u: -both[u])[:4]
        mean = [sum(side) / len(side) for side in (sides["left"], sides["right"])]
        units = ", ".join(f"{u} ({both[u]:.0%})" for u in top)
        table.add_row(gate, f"{mean[0]:.0%} below, {mean[1]:.0%} above", f"most: {units}")
    return table


def _contexts(data: dict, width: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style=ACCENT)
    for context in data["top_contexts"]:
        text = visible(context["text"])
        table.add_row(f"{context['activation']:+.2f}", Text("…" + text, no_wrap=True), f"step {context['step']:,}")
    return table
