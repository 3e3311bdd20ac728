"""Fixed points with their eigenvalues, and Lyapunov exponents as bars around zero."""

import math

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.braille import drawn
from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart, Grid, Panel
from rnncli.render.chart.plot import Axis, Curve, Dots, Layer, Plot
from rnncli.render.text import ACCENT, NARROW, symbol

MOST_POINTS, MOST_SLOW = 16, 4  # rows of the table
PLANE_ROWS = 11  # of a plane of eigenvalues; a cell is twice as high as wide, and has 2 x 4 dots of Braille
MOST_PLANES, PLANE = 4, 165  # of the chart, and how wide one is
SAID = {
    "contracting": "small differences of the state die out",
    "edge": "small differences of the state neither grow nor die out",
    "chaotic": "small differences of the state grow",
}


def left_out(data: dict) -> str:
    """In few columns."""
    return "speed, starts and output of each point" if data["fixed_points"] + data["slow_points"] else ""


def picture(data: dict, width: int) -> Group:
    """The verdict, the points, their eigenvalues beside the unit circle, the exponents."""
    verdict = data["verdict"]
    head = Text.assemble((verdict or "no verdict", f"bold {ACCENT}"), f": {SAID[verdict]}" if verdict else "")
    parts: list[RenderableType] = [head, *_runs_said(data, width), Text(), _title(data)]
    points = data["fixed_points"] + data["slow_points"]
    if points:
        parts += [_points(data, width), Text(), *_planes(data, width)]
    parts += [Text(), *_exponents(data, width)]
    parts += [Text(note, "dim") for note in data["notes"]]
    return Group(*parts)


def chart(data: dict) -> Chart:
    """The eigenvalues beside the unit circle at the first of each kind of point, and the exponents of each run."""
    verdict = data["verdict"]
    said = [f"{verdict}: {SAID[verdict]}" if verdict else "no verdict", _title(data).plain, *data["notes"]]
    facts = [(title, " ".join(words).strip()) for title, *words in _ways(data)]
    panels: list[Panel] = []
    said += _more(_firsts(data))
    if shown := _firsts(data)[:MOST_PLANES]:
        panels.append(Grid([_circle(number, kind, point) for number, kind, point in shown], PLANE))
    unit, which, _ = _unit(data)
    for title, found in _runs(data):
        rows = [
            Bar(str(i), value if math.isfinite(value) else None, _figure(value), "red" if value > 0 else "cyan")
            for i, value in enumerate(found[which], 1)
        ]
        panels.append(Bars(f"Lyapunov exponents {unit}, {title}", rows))
    return Chart("The network as a dynamical system", panels, said, facts)


def _runs_said(data: dict, width: int) -> list[RenderableType]:
    """How each run goes: rows of a table, or sentences where there is little room."""
    if width < NARROW:
        return [Text.assemble(f"{title}: ", (verdict, ACCENT), f" {said}") for title, verdict, said in _ways(data)]
    ways = Table.grid(padding=(0, 2))
    for title, verdict, said in _ways(data):
        ways.add_row(title, Text(verdict, ACCENT), said)
    return [ways]


def _circle(number: int, kind: str, point: dict) -> Plot:
    """The eigenvalues of a point, those that leave in red, and the unit circle."""
    turn = [2 * math.pi * t / 120 for t in range(121)]
    inside = [value for value in point["eigenvalues"] if math.hypot(*value) < 1]
    outside = [value for value in point["eigenvalues"] if math.hypot(*value) >= 1]
    sizes = [abs(part) for value in point["eigenvalues"] for part in value]
    reach = 1.1 * max(1.0, *sizes)
    layers: list[Layer] = [Curve([math.cos(t) for t in turn], [math.sin(t) for t in turn], "faint")]
    layers += [
        Dots([re for re, _ in values], [im for _, im in values], colour, name, 3.5)
        for values, colour, name in ((inside, "cyan", "returns"), (outside, "red", "leaves"))
        if values
    ]
    axes = Axis("real part", ends=(-reach, reach)), Axis("imaginary part", ends=(-reach, reach))
    return Plot(f"Point {number}: {kind}", *axes, layers, height=PLANE - 15, square=True)


def _unit(data: dict) -> tuple[str, str, str]:
    """That of the exponents, and the names of their values and errors."""
    if data["dt"] is None:
        return "a step", "per_step", "error"
    steps = "" if data["dt"] == 1 else f", of {1 / data['dt']:.4g} steps"
    return f"a {data['unit']}{steps}", "per_time", "per_time_error"


def _runs(data: dict) -> list[tuple[str, dict]]:
    named = (("driven", "driven by INPUT"), ("free", "running free"))
    return [(title, data["lyapunov"][name]) for name, title in named if data["lyapunov"][name]]


def _ways(data: dict) -> list[tuple[str, str, str]]:
    """How each run goes, and how long small differences take to grow or to shrink by a factor e."""
    rows = []
    read = f"{data['steps']:,} step{'s' * (data['steps'] > 1)}"
    for (title, found), how in zip(_runs(data), (read, data["free"]), strict=False):
        largest = found["per_step"][0]
        time = _time(data, 1 / abs(largest)) if math.isfinite(largest) and largest else "never"
        said = "" if found["verdict"] == "edge" else f"e-fold in {time}"
        rows.append((f"{title}, {how}", found["verdict"], said))
    return rows


def _time(data: dict, steps: float) -> str:
    """`53 steps`, or what that is in time."""
    if data["dt"] is None:
        return f"{steps:.3g} steps"
    return f"{steps * data['dt']:.3g} {'units of time' if data['unit'] == 'unit of time' else data['unit'] + 's'}"


def _title(data: dict) -> Text:
    fixed, slow, held = len(data["fixed_points"]), len(data["slow_points"]), data["held"]
    what = f"{fixed or 'no'} fixed point{'s' * (fixed != 1)}" + (f", {slow} slow" if slow else "")
    under = f"{'␣' if held['input'] == ' ' else symbol(held['input'])} held" if held["input"] else ""
    own = "its own forecasts fed back" if held["fed_back"] else ""
    out = Text(what, "bold").append(f" with {' and '.join(filter(None, (own, under)))}", "not bold")
    return out.append(f"; from {data['starts']} starts", "not bold dim")


def _points(data: dict, width: int) -> Table:
    """A row a point; τ is the time constant of the largest eigenvalue."""
    chosen, left = _chosen(data)
    wide = width >= NARROW
    says = [symbol(point["output"] or "") if wide else "" for _, _, point in chosen]
    numbers = [Column(name, justify="right", no_wrap=True) for name in (("speed", "starts") if wide else ())]
    first = Column(justify="right", style=ACCENT, no_wrap=True), Column("point", no_wrap=wide)
    table = Table(*first, *numbers, box=None, padding=(0, 1), header_style="dim", pad_edge=wide)
    others = 34 + max(len(kind) for _, kind, _ in chosen) + max(map(len, says)) + 2 * any(says)
    most = max(1, (width - others) // 13)
    table.add_column("largest λ: |λ| ∠ angle" if most > 1 else "|λ| ∠ angle", no_wrap=True)
    table.add_column("τ steps" if wide else "τ", justify="right", no_wrap=True)
    if any(says):
        table.add_column("output", overflow="ellipsis", no_wrap=True)
    for (number, kind, point), said in zip(chosen, says, strict=True):
        values = Text()
        for value in [value for value in point["eigenvalues"] if value[1] >= 0][:most]:  # one of a conjugate pair
            size, angle = math.hypot(*value), abs(math.degrees(math.atan2(value[1], value[0])))
            values.append(f"{size:.3f}", "red" if size >= 1 else "").append(f" ∠{angle:.0f}°".ljust(8), "dim")
        values.rstrip()
        time = point["time_constants"][0]
        told = Text("∞") if time is None else Text(f"{abs(time):.3g}", "red" if time < 0 else "")
        found = [f"{point['speed']:.0e}", str(point["starts"])] if wide else []
        table.add_row(str(number), kind, *found, values, told, *([said] if any(says) else []))
    if left:
        table.add_row("", Text(f"and {left} more", "dim"))
    return table


def _chosen(data: dict) -> tuple[list[tuple[int, str, dict]], int]:
    """(number, kind, point) of those that are shown, and how many are not."""
    every, fixed = _every(data), len(data["fixed_points"])
    shown = every[: min(MOST_POINTS, fixed)] + every[fixed : fixed + MOST_SLOW]
    return shown, len(every) - len(shown)


def _every(data: dict) -> list[tuple[int, str, dict]]:
    named = [(_kind(point), point) for point in data["fixed_points"]]
    named += [(f"slow, {_kind(point)}", point) for point in data["slow_points"]]
    return [(number, kind, point) for number, (kind, point) in enumerate(named, 1)]


def _kind(point: dict) -> str:
    """`stable`, `2 ways out`; `neutral` where it stays at some distance."""
    if point["unstable"]:
        return f"{point['unstable']} way{'s' * (point['unstable'] > 1)} out"
    return "stable" if point["stable"] else "neutral"


def _planes(data: dict, width: int) -> list[RenderableType]:
    """The eigenvalues beside the unit circle: of the first of each kind of point, side by side where there is room."""
    firsts = _firsts(data)
    shown, beside = firsts[:MOST_PLANES], max(1, width // (2 * PLANE_ROWS + 4))
    parts = [abs(part) for _, _, point in shown for value in point["eigenvalues"] for part in value]
    reach = min(1.5, 1.05 * max(1.1, *parts))
    tables: list[RenderableType] = []
    for begin in range(0, len(shown), beside):
        row, table = shown[begin : begin + beside], Table.grid(padding=(0, 2))
        table.add_row(*(_plane(point["eigenvalues"], reach) for _, _, point in row))
        table.add_row(*(Text(f"point {number}: {kind}", "dim", justify="center") for number, kind, _ in row))
        tables.append(table)
    return [*tables, *(Text(line, "dim") for line in _more(firsts))]


def _more(firsts: list) -> list[str]:
    """What is not drawn of the kinds of points."""
    more = len(firsts) - MOST_PLANES
    return [f"and {more} more kind{'s' * (more > 1)} of points, which --json has"] if more > 0 else []


def _firsts(data: dict) -> list[tuple[int, str, dict]]:
    """The first of each kind of point, in their order."""
    firsts = {entry[1]: entry for entry in reversed(_every(data))}
    return sorted(firsts.values(), key=lambda entry: entry[0])


def _plane(values: list[list[float]], reach: float) -> Text:
    """From -reach to reach: the unit circle in dots, eigenvalues as marks; those further out are at the edge."""
    rows, columns = PLANE_ROWS, 2 * PLANE_ROWS
    sides = (math.cos, 2 * columns), (math.sin, 4 * rows)
    circle = (tuple(round((1 + f(math.radians(t / 2)) / reach) / 2 * (n - 1)) for f, n in sides) for t in range(720))
    marks = {}
    for re, im in reversed(values):  # the largest on top
        right, down = (min(1.0, max(0.0, (1 + part / reach) / 2)) for part in (re, -im))
        mark = ("◆", "red") if math.hypot(re, im) >= 1 else ("●", ACCENT)
        marks[round(right * (columns - 1)), round(down * (rows - 1))] = mark
    return drawn(circle, marks, columns, rows, "dim", axis=rows // 2)


def _exponents(data: dict, width: int) -> list:
    """A bar for each exponent, to the left of zero or to the right; all on one scale. Where there is little room, one
    run stands below the other.
    """
    runs = _runs(data)
    if not runs:
        return []
    title = Text(f"Lyapunov exponents {_unit(data)[0]}", "bold")
    beside = [runs] if width >= NARROW else [[run] for run in runs]
    return [title, *(_bars(data, some, width) for some in beside)]


def _bars(data: dict, runs: list[tuple[str, dict]], width: int) -> Table:
    """The exponents of some runs, side by side."""
    _, which, errors = _unit(data)
    numbers = [v for _, found in _runs(data) for v in found[which] if math.isfinite(v)]
    low, high = min(0.0, *numbers, 0.0), max(0.0, *numbers, 0.0)
    table = Table(Column(justify="right", style=ACCENT), box=None, padding=(0, 1), header_style="dim")
    room = max(8, (width - 4) // len(runs) - 22)
    for title, _ in runs:
        table.add_column("λ", justify="right")
        table.add_column(Text(title, overflow="ellipsis", no_wrap=True))
    for i in range(max(len(found[which]) for _, found in runs)):
        cells: list[RenderableType] = []
        for _, found in runs:
            values = found[which][i : i + 1]
            error = found[errors][i : i + 1]
            cells += [_value(values[0], error[0]), _bar(values[0], low, high, room)] if values else ["", ""]
        table.add_row(str(i + 1), *cells)
    return table


def _value(value: float, error: float) -> Text:
    out = Text(_figure(value))
    return out.append(f" ± {f'{error:.1g}':<5}", "dim") if math.isfinite(value) else out


def _figure(value: float) -> str:
    """An exponent in words."""
    if not math.isfinite(value):
        return "-∞"
    value = round(value, 4) + 0.0  # no -0
    return f"{value:+.4f}" if abs(value) < 10 else f"{value:+.2f}"


def _bar(value: float, low: float, high: float, room: int) -> Text:
    span = (high - low) or 1.0
    left = round((room - 1) * -low / span)
    left = min(left, room - 4) if high > 0 else left  # what is above zero is seen, however small
    right = room - 1 - left
    if value > 0:
        size = max(1, round(right * value / high))
        return Text.assemble(" " * left, "│", ("━" * size, "red"))
    size = left if not math.isfinite(value) else round(left * value / low) if low else 0
    return Text.assemble(" " * (left - size), ("━" * size, ACCENT), "│")
