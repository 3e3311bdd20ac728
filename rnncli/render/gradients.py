"""The norm of the gradient by lag."""

import math

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.chart import Chart
from rnncli.render.chart.plot import Axis, Band, Layer, Plot, Rule, curves
from rnncli.render.palette import SERIES
from rnncli.render.text import ACCENT, sparkline, spread

REVERSE = "_reverse"
DECADES = 6  # of a bar
COLUMN, BESIDE = 16, 10  # characters of a column of norms at least, and what is not its bar


def picture(data: dict, width: int) -> Group:
    """The norm by lag, a row a lag and fewer further back, on a logarithmic scale; what each step gives to θ."""
    lags, norms = data["lags"], data["norms"]
    beside = max(1, (width - 6) // COLUMN)
    tables = [_table(data, range(i, min(i + beside, len(norms))), width) for i in range(0, len(norms), beside)]
    head = Text.assemble(("reach", f"bold {ACCENT}"), f": {_reach(data)}")
    steps = Table.grid(Column(style=ACCENT), padding=(0, 2))
    room = width - 2 - max(map(len, data["by_step"]))
    for name, values in data["by_step"].items():
        steps.add_row(name, sparkline(_logarithms(values[::-1]), min(len(values), room)))
    what = f"what each step gives to a parameter's gradient, {lags[-1]} steps back to now"
    title = Text(what, "bold").append(f", {DECADES} powers of ten high", "not bold dim")
    legend = []
    if any(row.endswith(REVERSE) for row in data["rows"]):
        there, back = _ways(data["pooled"])
        legend = [Text(f"→ reads onwards, {there}; ← backwards, {back}", "dim")]
    return Group(head, *legend, Text(), *tables, Text(), title, steps)


def _table(data: dict, shown: range, width: int) -> Table:
    """The norms of some layers and directions, a column each."""
    norms, rows = data["norms"], data["rows"]
    largest = max(map(max, norms)) or 1.0
    bars = max(4, (width - 6) // len(shown) - BESIDE)
    titles = [_title(rows[i], len(rows), data["pooled"]) for i in shown]
    if max(map(len, titles)) > bars + BESIDE - 2:
        titles = [_layer(rows[i]) for i in shown]
    table = Table(Column("lag", justify="right", style=ACCENT), box=None, padding=(0, 1), header_style="dim")
    for title in titles:
        table.add_column(Text(title, overflow="ellipsis", no_wrap=True), no_wrap=True)
    for lag in spread(len(data["lags"])):
        table.add_row(str(lag), *(_decades(norms[i][lag] / largest, bars, norms[i][lag]) for i in shown))
    return table


def chart(data: dict) -> Chart:
    """The norm by lag with the spread over the positions, and what each step gives to θ; both logarithmic."""
    lags, rows = data["lags"], data["rows"]
    named = {_title(row, len(rows), data["pooled"]): norm for row, norm in zip(rows, data["norms"], strict=True)}
    layers: list[Layer] = [*curves(lags, named)]
    if len(rows) == 1:
        low, high = data["quantiles"]["0.1"][0], data["quantiles"]["0.9"][0]
        layers.insert(0, Band(lags, low, high, SERIES[0], "of eight positions in ten"))
    if data["reach"]:
        layers.append(Rule(data["reach"], "x", f"reach: {data['reach']}"))
    lag, norm = Axis("lag, steps back", whole=True), Axis("norm", log=True)
    by_step: list[Layer] = [*curves(lags, data["by_step"])]
    title = "Norm of the gradient of the loss by the state" + (f", {next(iter(named))}" if len(rows) == 1 else "")
    panels = [Plot(title, lag, norm, layers), Plot("What a step gives to a parameter's gradient", lag, norm, by_step)]
    return Chart("How far back the loss reaches", panels, [_reach(data)])


def _reach(data: dict) -> str:
    reach = data["reach"]
    fallen = f"at lag {reach} it has fallen to 1 %" if reach else f"it has not fallen to 1 % in {data['lags'][-1]} lags"
    return f"{fallen} (mean of {_positions(data)})"


def _ways(pooled: bool) -> tuple[str, str]:
    """The gradients that are drawn, of what reads onwards and of what reads backwards."""
    return ("‖dL/dh[T-1-lag]‖", "‖dL/dh[lag]‖") if pooled else ("‖dL[t]/dh[t-lag]‖", "‖dL[t]/dh[t+lag]‖")


def _title(row: str, rows: int, pooled: bool) -> str:
    if rows > 2:
        return _layer(row)
    return f"{_ways(pooled)[row.endswith(REVERSE)]}, layer {row.removeprefix('h').removesuffix(REVERSE)}"


def _layer(row: str) -> str:
    """`layer 0 →`."""
    return f"layer {row.removeprefix('h').removesuffix(REVERSE)} {'←' if row.endswith(REVERSE) else '→'}"


def _logarithms(values: list[float]) -> list[float]:
    """From 0 for what is DECADES powers of ten below the largest."""
    floor = (max(values) or 1.0) / 10**DECADES
    return [math.log10(max(value, floor) / floor) for value in values]


def _positions(data: dict) -> str:
    count, sequences = len(data["positions"]), len(set(data["sequences"]))
    what = "sequence" if data["pooled"] else "position"
    within = f" in {sequences} sequences" if sequences > 1 and not data["pooled"] else ""
    return f"{count} {what}{'s' * (count > 1)}{within}"


def _decades(part: float, width: int, value: float) -> Text:
    """A bar of `width` for 1, and a sixth of it less for each factor of ten."""
    length = max(0.0, 1 + math.log10(part) / DECADES) if part > 0 else 0.0
    return Text("█" * round(width * length), ACCENT).append(" " * (length > 0) + f"{value:.1e}", "dim")
