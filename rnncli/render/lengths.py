"""The loss by length and by position, and on one pattern at every offset."""

import math
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart, Panel
from rnncli.render.chart.plot import Axis, Curve, Layer, Plot, Rule
from rnncli.render.palette import SERIES
from rnncli.render.text import ACCENT, BLOCKS, nats_and_bits, spread, symbol, thinned

MOST_ROWS = 24  # positions: of more there are fewer of the later ones


def picture(data: dict, width: int) -> Group:
    """Rows of lengths and of positions, both with the loss as a bar; the pattern over its offsets."""
    named = "accuracy" if data["metric"] == "accuracy" else "mean error"
    bars = _room(data, named, width)
    top = max(1e-9, *(v for v in (*data["loss"], *data["by_position"]) if v is not None))
    lengths = _table("length", bars, named)
    for length, loss, score in zip(data["lengths"], data["loss"], data["score"], strict=True):
        lengths.add_row(_name(data, length), *_row(data, loss, score, top, bars))
    positions = _table("position", bars, named)
    alike = _alike(data, top, bars)
    for i in range(len(alike)) if len(alike) <= MOST_ROWS else spread(len(alike)):
        first, last = alike[i]
        values = data["by_position"][first], data["score_by_position"][first]
        positions.add_row(_range(data, first, last), *_row(data, *values, top, bars))
    parts: list[RenderableType] = [_head(data), Text(), lengths, Text(), Text(_by(data), "bold"), positions]
    return Group(*parts, *(_pattern(data["pattern"], width) if data["pattern"] else []))


def _room(data: dict, named: str, width: int) -> int:
    """Columns of the bars with their numbers, the same in both tables."""
    longest = f"{data['positions'][-1]:,}-{data['lengths'][-1]:,}" if data["positions"] else ""
    names = ["position", longest, *(_name(data, length) for length in data["lengths"])]
    return max(12, width - max(map(len, names)) - len(named) - 6)


def chart(data: dict) -> Chart:
    """The loss by position, its mean by length, and the pattern over its offsets."""
    begins, positions = data["kind"] == "windows", [p + 1 for p in data["positions"]]
    layers: list[Layer] = [Curve(positions, data["by_position"], SERIES[0])]
    if begins:
        layers.append(Rule(data["window"], "x", f"trained on {data['window']:,} steps"))
    steps = Axis(
        "steps since the start" if begins else "steps of the sequence read", log=len(positions) > 2, whole=True
    )
    panels: list[Panel] = [Plot(f"Loss {_by(data)}", steps, Axis("loss", zero=True), layers), _by_length(data)]
    if pattern := data["pattern"]:
        offsets = pattern["offsets"]
        alike: list[Layer] = [
            Curve(offsets, pattern["alike"], SERIES[0]),
            Rule(pattern["others"], "y", "95 % of the filler's states are below"),
        ]
        cosine = Axis("cosine, 1: as where it stands", ends=(min(0.0, *pattern["alike"]), 1.0))
        panels.append(Plot("The state after one pattern", Axis("steps of filler before it", whole=True), cosine, alike))
    return Chart("The loss at other lengths", panels, _head(data).plain.split("\n"))


def _by_length(data: dict) -> Bars:
    shown = zip(data["lengths"], data["loss"], strict=True)
    rows = [Bar(_name(data, length), loss, "-" if loss is None else _number(loss)) for length, loss in shown]
    return Bars(f"Mean loss by length of the {'window' if data['kind'] == 'windows' else 'sequence'}", rows)


def _name(data: dict, length: int) -> str:
    return f"{length // data['window']} x {data['window']:,}" if data["kind"] == "windows" else f"to {length:,}"


def _by(data: dict) -> str:
    titles = {"windows": "by steps since the start", "sequences": "by position in the sequence"}
    return titles.get(data["kind"], "when it is read only up to a position")


def _table(first: str, bars: int, score: str) -> Table:
    columns = Column(first, justify="right", style=ACCENT), Column("loss", min_width=bars)
    return Table(*columns, Column(score, justify="right", style="dim"), box=None, padding=(0, 1), header_style="dim")


def _row(data: dict, loss: float | None, score: float | None, top: float, bars: int) -> tuple:
    if loss is None:
        return Text("-", "dim"), "-"
    bar = Text.assemble(("█" * round((bars - 6) * max(0.0, loss) / top), ACCENT), (f" {_number(loss)}", "dim"))
    return bar, f"{score:.1%}" if data["metric"] == "accuracy" else _number(score)


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.1e}"


def _head(data: dict) -> Text:
    """What it comes to, in a line."""
    losses = data["loss"]
    shown = nats_and_bits if data["metric"] == "accuracy" else _number
    if data["kind"] != "windows":
        there = [(loss, length) for loss, length in zip(losses, data["lengths"], strict=True) if loss is not None]
        (least, low), (most, high) = min(there), max(there)
        head = Text.assemble(("loss", f"bold {ACCENT}"), f": {shown(least)} in sequences of up to {low:,} steps")
        return head.append(f"\n      {shown(most)} of up to {high:,} steps") if low != high else head
    longest, window = data["lengths"][-1], data["window"]
    head = Text.assemble(("loss", f"bold {ACCENT}"), f": {shown(losses[0])} in windows of {window:,} steps, as trained")
    if longest > window:
        head.append(f"\n      {shown(losses[-1])} in windows of {longest:,} steps")
    return head


def _alike(data: dict, top: float, bars: int) -> list[tuple[int, int]]:
    """(first, last) of neighbouring positions whose rows would be the same."""

    def row(i: int) -> str:
        bar, score = _row(data, data["by_position"][i], data["score_by_position"][i], top, bars)
        return f"{bar} {score}"

    found = [list(group) for _, group in groupby(range(len(data["positions"])), row)]
    return [(group[0], group[-1]) for group in found]


def _range(data: dict, first: int, last: int) -> str:
    """`8-15`, of windows; the first and the last of several positions of a sequence."""
    begin, end = data["positions"][first], data["positions"][last]
    if data["kind"] == "windows":
        end = [*data["positions"], data["lengths"][-1]][last + 1] - 1
    return f"{begin:,}" if begin == end else f"{begin:,}-{end:,}"


def _pattern(pattern: dict, width: int) -> list:
    """The pattern, and a line each of how alike the states after it are and of its loss, over the offsets."""
    inputs = list(map(symbol, pattern["inputs"]))
    joined = ("" if all(len(name) == 1 for name in inputs) else " ").join(inputs)
    named = joined if pattern["words"] else f"steps {inputs[0]} to {inputs[-1]}"
    title = Text(named, ACCENT, overflow="ellipsis", no_wrap=True)
    first, last = pattern["offsets"][0], pattern["offsets"][-1]
    grid = Table.grid(Column(style=ACCENT), padding=(0, 2))
    alike, loss = pattern["alike"], pattern["loss"]
    bars = max(8, width - 42)
    grid.add_row("state alike", _line(alike, 1.0, bars), f"{min(alike):.2f} to {max(alike):.2f}")
    seen = [value for value in loss if not math.isnan(value)]
    if seen:
        grid.add_row("loss on it", _line(loss, max(seen), bars), f"{_number(min(seen))} to {_number(max(seen))}")
    ends = f"{first:,}{f'{last:,}':>{max(1, min(len(alike), bars) - len(str(first)))}}"
    grid.add_row("offset", Text(ends, "dim"), Text("steps of filler before it", "dim"))
    usual = f"1: as where it stands; 95 % of the filler's states are below {pattern['others']:.2f}"
    return [Text(), Text("one pattern at every offset", "bold"), title, grid, Text(usual, "dim")]


def _line(values: list[float], top: float, width: int) -> str:
    """Little bars from zero to `top`; nothing for what is below zero or not there."""
    cells = thinned(values, width)
    return "".join(BLOCKS[min(7, int(8 * v / top))] if v > 0 and top > 0 else " " for v in cells)
