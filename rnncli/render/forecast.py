"""Forecasts: what was, the points to come with their interval, and what came."""

import math
from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from rnncli.render.chart.chart import Chart, Grid
from rnncli.render.chart.plot import Axis, Band, Curve, Layer, Plot, Rule, Values
from rnncli.render.chart.scales import Scale, tight
from rnncli.render.chart.times import time_ticks
from rnncli.render.text import thinned

WIDE = 340  # units of a panel, at least
TICK = 20  # columns of the terminal between times
HEIGHT = 13  # rows of the frame in the terminal
LEAST_PAST = 4  # steps before a forecast
MARGIN = 10  # columns for the scale, at least
CAME, POINT, BAND, MET = ("•", "default"), ("━", "bold cyan"), ("░", "cyan"), ("◉", "bold cyan")


def how_to_read(data: dict) -> str:
    """The sentence below."""
    band = ", the band from quantile {} to {}".format(*data["levels"]) if data["levels"] else ""
    return f"What came, and dashed the forecast{band}. Each forecast is made from the rows before it alone."


def chart(data: dict) -> Chart:
    """A panel for each series and target, side by side where there is room."""
    alone = len(data["series"]) == 1
    panels = [_panel(one, data["levels"], alone) for one in data["series"]]
    return Chart("Forecasts", [Grid(panels, WIDE)] if len(panels) > 1 else panels, _said(data))


def picture(data: dict, width: int) -> Group:
    """The same in characters."""
    drawn = [_drawn(one, width) for one in data["series"]]
    legend = Text.assemble(CAME, " came  ", POINT, " forecast  ", MET, " both  ")
    legend += Text.assemble(BAND, " interval") if data["levels"] else Text()
    return Group(*(Text(line) for line in _said(data)), *drawn, legend)


def _said(data: dict) -> list[str]:
    """What the picture leaves out."""
    shown, of = len(data["series"]), data["of"]
    said = [f"{shown:,} of {of:,} series are shown, the first ones"] if shown < of else []
    drawn, made = sum(len(one["forecasts"]) for one in data["series"]), sum(one["made"] for one in data["series"])
    follow = f"{drawn:,} of {made:,} forecasts are drawn, the first ones that follow each other"
    return [*said, follow] if drawn < made else said


def _title(one: dict) -> str:
    return one["name"] or one["target"]


def _panel(one: dict, levels: list[float] | None, legend: bool) -> Plot:
    band = "quantiles {} to {}".format(*levels) if levels else ""
    names = ("what came", "forecast", band) if legend else ("", "", "")
    steps = [float(i) for i in range(len(one["times"]))]
    layers: list[Layer] = []
    points, low, high = (_joined(one, key) for key in ("points", "low", "high"))
    if levels:
        layers.append(Band(steps, low, high, "cyan", names[2]))
    layers += [Curve(steps, one["values"], "ink", names[0]), Curve(steps, points, "cyan", names[1], (7, 3))]
    layers += [Rule(forecast["begin"] - 0.5, "x", "") for forecast in one["forecasts"]]
    named = one["target"] if one["name"] else ""  # it is the title then
    return Plot(_title(one), Axis(named=time_ticks(one["times"], 4)), Axis(named), layers)


def _joined(one: dict, key: str) -> Values:
    """Of all forecasts beside the rows; None where there is none."""
    out: list[float | None] = [None] * len(one["times"])
    for forecast in one["forecasts"]:
        if forecast[key]:
            begin = forecast["begin"]
            out[begin : begin + len(forecast[key])] = forecast[key]
    return out


def _drawn(one: dict, width: int) -> Text:
    """A row for each level of the scale, a column for each step; of a forecast that is wider than the terminal, for the
    mean of several.
    """
    columns = max(20, width - MARGIN - 2)
    begin, end, shown = _window(one, columns)
    lanes = {key: _columns(_joined(one, key)[begin:end], columns) for key in ("points", "low", "high")}
    came = _columns(one["values"][begin:end], columns)
    scale = tight([v for lane in (came, *lanes.values()) for v in lane if v is not None])
    ticks = {_row(scale, value): text for value, text in scale.ticks(4)}
    out = Text(f"{one['name']} {one['target']}".strip(), style="bold")
    if words := _cut(one, shown, (end - begin) / columns):
        out.append(f"  {words}", "dim not bold")
    out.append("\n")
    margin = max(MARGIN, *(len(text) + 1 for text in ticks.values()), 0)
    for row in range(HEIGHT):
        out.append(f"{ticks.get(row, ''):>{margin - 1}} ", "dim not bold")
        for value, point, low, high in zip(came, lanes["points"], lanes["low"], lanes["high"], strict=True):
            glyph, style = _glyph(row, *(None if v is None else _row(scale, v) for v in (value, point, low, high)))
            out.append(glyph, f"not bold {style}" if "bold" not in style else style)
        out.append("\n")
    out.append(f"{'':{margin}}{_times(one['times'][begin:end], columns)}\n", "dim not bold")
    return out


def _window(one: dict, columns: int) -> tuple[int, int, int]:
    """The first step that is shown, the one after the last, and how many of the forecasts: the first ones that have
    room beside some steps before them; one at least.
    """
    forecasts = one["forecasts"]
    first = forecasts[0]["begin"]
    past, ends = min(first, columns // 4), [forecast["begin"] + len(forecast["points"]) for forecast in forecasts]
    shown = max(1, sum(end - first + past <= columns for end in ends))
    end = ends[shown - 1]
    has_room = end - columns <= first - LEAST_PAST
    return max(0, end - columns if has_room else first - past), end, shown


def _cut(one: dict, shown: int, steps: float) -> str:
    """What the terminal has no room for."""
    of = len(one["forecasts"])
    less = f"the first{f' {shown}' * (shown > 1)} of {of} forecasts" if shown < of else ""
    return "; ".join(filter(None, [less, f"a column is the mean of {steps:.1f} steps" if steps > 1 else ""]))


def _row(scale: Scale, value: float) -> int:
    return round((HEIGHT - 1) * (1 - scale.place(value)))


def _glyph(row: int, came: int | None, point: int | None, low: int | None, high: int | None) -> tuple[str, str]:
    """What stands in a row of a column, of which these rows are taken."""
    if row in (came, point):
        return MET if came == point else CAME if row == came else POINT
    return BAND if low is not None and high is not None and high <= row <= low else (" ", "")


def _columns(values: Values, columns: int) -> list[float | None]:
    """At most so many: means of neighbours of which all are there."""
    if len(values) <= columns:
        return list(values)
    means = thinned([math.nan if v is None else v for v in values], columns)
    return [None if math.isnan(v) else v for v in means]


def _times(times: Sequence[str], columns: int) -> str:
    """The line under the frame: each time begins below its column."""
    used, line = min(columns, len(times)), ""
    for step, text in time_ticks(times, max(1, columns // TICK)):
        at = int(step * used / len(times))
        if at >= len(line) + bool(line) and at + len(text) <= columns:
            line = f"{line:{at}}{text}"
    return line
