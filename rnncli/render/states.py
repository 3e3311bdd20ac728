"""What was read coloured by a unit, and what the units of a layer do over time."""

import math
from itertools import accumulate

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.braille import BEGIN, END, trajectory
from rnncli.render.chart.chart import Chart, Panel
from rnncli.render.chart.flow import Flow
from rnncli.render.chart.plot import Axis, Cells, Curve, Dots, Layer, Plot
from rnncli.render.palette import SERIES
from rnncli.render.signs import LEGEND, sign, tracked
from rnncli.render.text import ACCENT, NARROW, sparkline, visible

UNITS, INPUTS = 8, 4  # lines of the heat map, and under it
TEXT, LINES = 6, 12  # lines of text: full ones, and short ones
WINDOW, ROWS = 96, 24  # steps and units of the chart's heat map
LETTERS = 600  # of the text there
JOINED = 400  # points of a way: of more, it is their dots
NAME, NOTE = 12, 18  # columns beside the heat map, at most
BESIDE = 32  # columns of a context that are not its name and its bars
HEIGHT, WIDTH = 12, 60  # of the projection, in characters


def left_out(data: dict) -> str:
    """In few columns."""
    return "the most saturated units" if data["saturation"] else ""


def picture(data: dict, width: int) -> Group:
    """What was read coloured by a unit, the most varied units over time with the inputs, the way of the state through
    the plane, saturation, top contexts.
    """
    by_unit = _by_unit(data)
    parts: list[RenderableType] = [_head(data)]
    if data["words"]:
        parts += [Text(), *_text(data, by_unit[data["unit"]], width)]
    parts += [Text(), *_heat(data, by_unit, width)]
    if len(data["steps"]) > 1:
        way = trajectory(data["projection"]["points"], data["starts"], min(WIDTH, width), HEIGHT, ACCENT)
        parts += [Text(), _plane_title(data), way]
    for low in dict.fromkeys(data["low"].values()):
        gates = [gate for gate, its_own in data["low"].items() if its_own == low]
        what = "gates" if low > 0 else ", ".join(gates)
        title = Text(f"{what}: part of the steps below {low} and above 0.9", "bold")
        parts += [Text(), title, _saturation({gate: data["saturation"][gate] for gate in gates}, width)]
    parts += [Text(), Text(f"what drives unit {data['unit']} most", "bold"), _contexts(data, width)]
    if data["dead"]:
        number = len(data["dead"])
        parts.append(Text(f"\n{number} dead unit{'s' * (number > 1)}, of a deviation below 0.001", "dim"))
    return Group(*parts)


def chart(data: dict) -> Chart:
    """The text by one unit, the most varied units over a window of steps with the inputs, the way of the state."""
    by_unit, window = _by_unit(data), min(WINDOW, len(data["steps"]))
    panels: list[Panel] = []
    if data["words"]:
        count = _count(data["steps"], LETTERS)
        values, breaks = by_unit[data["unit"]][:count], frozenset(data["starts"])
        panels.append(Flow(f"Unit {data['unit']}, {_steps(data, count)}", data["steps"][:count], values, breaks))
    units = [entry["unit"] for entry in data["units"] if entry["unit"] in by_unit][:ROWS]
    top = _top(by_unit, units, window)
    cells = Cells([[h / top for h in by_unit[unit][:window]] for unit in units])
    names = [(float(row), str(unit)) for row, unit in enumerate(units)]
    rows = Axis("unit; full height above 0, half height below", ends=(len(units) - 0.5, -0.5), named=names)
    step = Axis("step", whole=True)
    panels.append(Plot(f"{_window(data, window)}, strongest {top:.2f}", step, rows, [cells], height=11.0 * len(units)))
    for name in _read(data):
        line = _cut(list(range(window)), data["inputs"][name][:window], set(data["starts"][1:]))
        curve = Curve(*line, SERIES[0])
        panels.append(Plot(name, Axis("step", whole=True, ends=cells.ends), Axis(), [curve], height=64))
    if len(data["steps"]) > 1:
        panels.append(_plane(data))
    return Chart(_unit(data), panels, facts=_gates(data))


def _count(tokens: list[str], letters: int) -> int:
    """How many of the tokens have so many letters together."""
    return sum(1 for many in accumulate(map(len, tokens)) if many <= letters)


def _by_unit(data: dict) -> dict[int, list[float]]:
    """h of the layer by unit."""
    return {unit: [h[data["layer"]][i] for h in data["h"]] for i, unit in enumerate(data["h_units"])}


def _unit(data: dict) -> str:
    return f"unit {data['unit']} of layer {data['layer']}{', which reads backwards' * (data['unit'] >= data['hidden'])}"


def _window(data: dict, steps: int) -> str:
    return f"the most varied units, {_steps(data, steps)}"


def _steps(data: dict, steps: int) -> str:
    """The first ones, which are shown."""
    return f"steps 0 to {steps - 1:,} of {len(data['steps']):,}"


def _top(h: dict[int, list[float]], units: list[int], steps: int) -> float:
    """The largest |h| that is shown."""
    return max((abs(value) for unit in units for value in h[unit][:steps]), default=0.0) or 1.0


def _read(data: dict) -> list[str]:
    """The numbers that are shown under the heat map."""
    return [name for name, values in data["inputs"].items() if any(map(_known, values))][:INPUTS]


def _plane(data: dict) -> Plot:
    """The way of the state: a line from its begin to its end, or dots of many steps."""
    points, starts = data["projection"]["points"], set(data["starts"][1:])
    first, second = data["projection"]["explained"]
    xs, ys = ([point[axis] for point in points] for axis in (0, 1))
    layers: list[Layer] = [Dots(xs, ys, "faint", "the state at each step", 1.2)]
    if len(points) <= JOINED:
        layers = [Curve(*_cut(xs, ys, starts), "faint", "the way of the state")]
    layers += [Dots(xs[:1], ys[:1], "green", "begin", 5), Dots(xs[-1:], ys[-1:], "red", "end", 5)]
    across, up = (f"{name} direction, {part:.0%} of the variance" for name, part in (("1st", first), ("2nd", second)))
    title = "The way of the state through the plane where it varies most"
    return Plot(title, Axis(across), Axis(up), layers, height=300, square=True)


def _cut(xs: list, ys: list, starts: set[int]) -> tuple[list, list]:
    """With a gap before each start."""
    both = [
        pair for t, pair in enumerate(zip(xs, ys, strict=True)) for pair in ([(None, None)] * (t in starts) + [pair])
    ]
    return [x for x, _ in both], [y for _, y in both]


def _gates(data: dict) -> list[tuple[str, str]]:
    """How often the gates are shut and open."""
    facts = []
    for gate, sides in data["saturation"].items():
        below, above = _shares(sides)
        facts.append((gate, f"below {data['low'][gate]} in {below:.0%} of the steps, above 0.9 in {above:.0%}"))
    return facts


def _shares(sides: dict[str, list[float]]) -> tuple[float, float]:
    """Of the steps, the mean over the units: below, and above."""
    below, above = (sum(side) / len(side) for side in (sides["left"], sides["right"]))
    return below, above


def _head(data: dict) -> Text:
    return Text(_unit(data), f"bold {ACCENT}").append(f"   h: {LEGEND}", "not bold default")


def _text(data: dict, h: list[float], width: int) -> list[RenderableType]:
    """The first whole lines of the text, and which steps they are."""
    count = _count(data["steps"], TEXT * width)
    found = list(tracked(data["steps"], h, width, set(data["starts"])))[:LINES]
    shown = [text for row, text in found if row and row[-1] < count] or [text for _, text in found[:1]]
    end = sum(len(row) for row, _ in found[: len(shown)])
    return [Text(f"the text, {_steps(data, end)}", "bold"), *shown]


def _heat(data: dict, h: dict[int, list[float]], width: int) -> list[RenderableType]:
    """Rows: units; columns: the first steps, by glyph and hue the sign of h and by density its size. Under them the
    numbers that were read.
    """
    names = _read(data)
    beside = max([len(str(max(h))), *(min(NAME, len(name)) for name in names)])
    spans = [f"{min(values):.3g} to {max(values):.3g}" for values in (_filled(data["inputs"][name]) for name in names)]
    note = min(NOTE, max(len(text) for text in ("std 0.00", *spans)))
    columns = max(10, min(width - beside - note - 2, len(data["steps"])))
    named = Column(justify="right", style=ACCENT, width=beside)
    table = Table.grid(named, Column(width=columns), padding=(0, 1))
    shown = [entry for entry in data["units"] if entry["unit"] in h][:UNITS]
    top = _top(h, [entry["unit"] for entry in shown], columns)
    for entry in shown:
        line = Text.assemble(*(sign(value / top) for value in h[entry["unit"]][:columns]))
        table.add_row(str(entry["unit"]), line, f"std {entry['std']:.2f}")
    for name in names:
        values = _filled(data["inputs"][name])[:columns]
        ends = f"{min(values):.3g} to {max(values):.3g}"
        label = Text(visible(name), overflow="ellipsis", no_wrap=True)
        table.add_row(label, sparkline(values, columns), Text(ends, "dim", overflow="ellipsis", no_wrap=True))
    last = f"{columns - 1:,}"
    table.add_row("", Text(f"0{last:>{columns - 1}}", "dim"), Text("step", "dim"))
    title = Text(_window(data, columns), "bold").append(f", █ and ≡ for {top:.2f}", "not bold dim")
    return [title, table]


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


def _saturation(gates: dict, width: int) -> Table:
    table = Table.grid(Column(style=ACCENT), padding=(0, 2))
    for gate, sides in gates.items():
        both = [left + right for left, right in zip(sides["left"], sides["right"], strict=True)]
        top = sorted(range(len(both)), key=lambda u: -both[u])[:4]
        units = ", ".join(f"{u} ({both[u]:.0%})" for u in top)
        below, above = _shares(sides)
        most = [f"most: {units}"] if width >= NARROW else []
        table.add_row(gate, f"{below:.0%} below, {above:.0%} above", *most)
    return table


def _contexts(data: dict, width: int) -> Table:
    """Text up to the step, or the numbers read up to it and at it; from the step on of a unit that reads backwards."""
    table = Table.grid(Column(justify="right", style=ACCENT), padding=(0, 2))
    for context in data["top_contexts"]:
        shown = _context(data, context, width)
        table.add_row(f"{context['activation']:+.2f}", shown, f"step {context['step']:,}")
    return table


def _context(data: dict, context: dict, width: int) -> Text:
    """Text, or one or two columns of numbers, each as little bars and its number at the step."""
    if data["words"]:
        begun = "" if context["first"] in (*data["starts"], context["step"]) else "…"
        ended = "" if context["last"] + 1 in (*data["starts"], context["step"] + 1, len(data["steps"])) else "…"
        return Text(begun + visible(context["text"]) + ended, no_wrap=True)
    columns = 1 if width < 100 else 2
    known = {name: values for name, values in context["inputs"].items() if any(map(_known, values))}
    out = Text(no_wrap=True)
    for name, values in list(known.items())[:columns]:
        now = values[context["step"] - context["first"]]
        shown = visible(name)[:NAME]
        out.append(shown + " ", "dim")
        out.append(sparkline(_filled(values), min(24, max(4, (width - BESIDE) // columns - len(shown)))))
        out.append(f" {now:.4g}  " if _known(now) else " missing  ")
    return out
