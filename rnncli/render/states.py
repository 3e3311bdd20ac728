"""What was read coloured by a unit, and what the units of a layer do over time."""

import math

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.braille import BEGIN, END, trajectory
from rnncli.render.shades import shade
from rnncli.render.text import ACCENT, sparkline, symbol, thinned, visible

SHADES = " ░▒▓█"
UNITS, INPUTS = 8, 4  # lines of the heat map, and under it
TEXT, LINES = 6, 12  # lines of text that is coloured: full ones, and short ones
NAME, NOTE = 12, 18  # columns beside the heat map, at most
HEIGHT, WIDTH = 12, 60  # of the projection, in characters


def picture(data: dict, width: int) -> Group:
    """What was read coloured by a unit, the most varied units over time with the inputs, the way of the state through
    the plane, saturation, top contexts.
    """
    by_unit = {u: [h[data["layer"]][i] for h in data["h"]] for i, u in enumerate(data["h_units"])}
    parts: list[RenderableType] = [_head(data)]
    if data["words"]:
        parts += [Text(), _coloured(data, by_unit[data["unit"]], width)]
    parts += [Text(), Text("the most varied units over time", "bold"), _heat(data, by_unit, width)]
    if len(data["steps"]) > 1:
        way = trajectory(data["projection"]["points"], data["starts"], min(WIDTH, width), HEIGHT, ACCENT)
        parts += [Text(), _plane_title(data), way]
    for low in dict.fromkeys(data["low"].values()):
        gates = [gate for gate, its_own in data["low"].items() if its_own == low]
        what = "gates" if low > 0 else ", ".join(gates)
        title = Text(f"{what}: part of the steps below {low} and above 0.9", "bold")
        parts += [Text(), title, _saturation({gate: data["saturation"][gate] for gate in gates})]
    parts += [Text(), Text(f"what drives unit {data['unit']} most", "bold"), _contexts(data, width)]
    if data["dead"]:
        number = len(data["dead"])
        parts.append(Text(f"\n{number} dead unit{'s' * (number > 1)}, of a deviation below 0.001", "dim"))
    return Group(*parts)


def _head(data: dict) -> Text:
    unit, way = data["unit"], ", which reads backwards" * (data["unit"] >= data["hidden"])
    head = Text(f"unit {unit} of layer {data['layer']}{way}", f"bold {ACCENT}")
    head.append("   h from -1 ", "not bold default").append("red", "not bold red")
    return head.append(" to +1 ", "not bold default").append("green", "not bold green")


def _coloured(data: dict, column: list[float], width: int) -> Text:
    """The first tokens on the colour of the unit's state; each sequence on a line of its own."""
    starts = set(data["starts"][1:])
    join = "" if all(len(symbol(token)) == 1 for token in data["steps"]) else " "
    out, lines = Text(), 0
    for t, (token, value) in enumerate(zip(data["steps"], column, strict=True)):
        if len(out) > TEXT * width or lines >= LINES:
            break
        if t in starts and token != "\\n":  # a line end that starts a sequence ends its line by itself
            out.append("\n")
            lines += 1
        out.append(symbol(token), shade(value)).append(join)
        if token == "\\n":
            out.append("\n")
            lines += 1
    out.rstrip()
    return out


def _heat(data: dict, h: dict[int, list[float]], width: int) -> Table:
    """Rows: units; columns: stretches of time; the mean of h there, by hue its sign and by density its size. Under
    them the numbers that were read.
    """
    names = [name for name, values in data["inputs"].items() if any(map(_known, values))][:INPUTS]
    beside = max([len(str(max(h))), *(min(NAME, len(name)) for name in names)])
    columns = max(10, min(width - beside - NOTE - 2, len(data["steps"])))
    named = Column(justify="right", style=ACCENT, width=beside)
    table = Table.grid(named, Column(width=columns), padding=(0, 1))
    for entry in [entry for entry in data["units"] if entry["unit"] in h][:UNITS]:
        cells = thinned(h[entry["unit"]], columns)
        top = max(map(abs, cells)) or 1.0
        line = Text()
        for cell in cells:
            line.append(SHADES[min(4, int(5 * abs(cell) / top))], "red" if cell < 0 else "green")
        table.add_row(str(entry["unit"]), line, f"std {entry['std']:.2f}")
    for name in names:
        values = _filled(data["inputs"][name])
        ends = f"{min(values):.3g} to {max(values):.3g}"
        label = Text(visible(name), overflow="ellipsis", no_wrap=True)
        table.add_row(label, sparkline(values, columns), Text(ends, "dim", overflow="ellipsis", no_wrap=True))
    last = f"{len(data['steps']) - 1:,}"
    table.add_row("", Text(f"0{last:>{columns - 1}}" if columns > len(last) else last, "dim"), Text("step", "dim"))
    return table


def _known(value) -> bool:
    return value is not None and math.isfinite(value)


def _filled(values: list[float]) -> list[float]:
    """A missing value is the last one before it, or the first that is known."""
    out, last = [], next(filter(_known, values))
    for value in values:
        last = value if _known(value) else last
        out.append(last)
    return out


def _plane_title(data: dict) -> Text:
    first, second = data["projection"]["explained"]
    title = Text("the way of the state", "bold")
    title.append(f" in the plane of {first + second:.0%} of its variance  ", "not bold dim")
    for (mark, style), what in ((BEGIN, " begin "), (END, " end")):
        title.append(mark, style).append(what, "not bold dim")
    return title


def _saturation(gates: dict) -> Table:
    table = Table.grid(Column(style=ACCENT), padding=(0, 2))
    for gate, sides in gates.items():
        both = [left + right for left, right in zip(sides["left"], sides["right"], strict=True)]
        top = sorted(range(len(both)), key=lambda u: -both[u])[:4]
        mean = [sum(side) / len(side) for side in (sides["left"], sides["right"])]
        units = ", ".join(f"{u} ({both[u]:.0%})" for u in top)
        table.add_row(gate, f"{mean[0]:.0%} below, {mean[1]:.0%} above", f"most: {units}")
    return table


def _contexts(data: dict, width: int) -> Table:
    """Text up to the step, or the numbers read up to it and at it; from the step on of a unit that reads backwards."""
    table = Table.grid(Column(justify="right", style=ACCENT), padding=(0, 2))
    for context in data["top_contexts"]:
        shown = _context(data, context, 1 if width < 100 else 2)
        table.add_row(f"{context['activation']:+.2f}", shown, f"step {context['step']:,}")
    return table


def _context(data: dict, context: dict, columns: int) -> Text:
    if data["words"]:
        begun = "" if context["first"] in (*data["starts"], context["step"]) else "…"
        ended = "" if context["last"] + 1 in (*data["starts"], context["step"] + 1, len(data["steps"])) else "…"
        return Text(begun + visible(context["text"]) + ended, no_wrap=True)
    known = {name: values for name, values in context["inputs"].items() if any(map(_known, values))}
    out = Text(no_wrap=True)
    for name, values in list(known.items())[:columns]:
        now = values[context["step"] - context["first"]]
        out.append(visible(name)[:NAME] + " ", "dim").append(sparkline(_filled(values)))
        out.append(f" {now:.4g}  " if _known(now) else " missing  ")
    return out
