"""What is left of the input by lag, and how much it still matters."""

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.chart import Chart
from rnncli.render.chart.plot import Axis, Curve, Layer, Plot
from rnncli.render.palette import DASHES, SERIES
from rnncli.render.text import ACCENT, NARROW, spread

MOST_ALONE = 4  # layers, or else columns of numbers, that have a column of their own if they are several
LEAST = 0.05  # of a capacity that something is said about
REGULAR = 0.5  # of what there is from lag 1 on: if x[t] alone has so much, the capacity says little


def left_out(data: dict) -> str:
    """In few columns."""
    return ", ".join(_alone(data))


def picture(data: dict, width: int) -> Group:
    """A row a lag, fewer further back: the recall with what is chance of it, and the bits of the ablation."""
    tokens = data["kind"] == "tokens"
    alone = _alone(data) if width >= NARROW else {}
    bits = [value or 0.0 for value in data["ablation_bits"]]
    largest = max(*bits, 1e-9)
    room = width - 26 - sum(len(name) + 2 for name in alone)
    for_recall, for_bits = max(8, room * 3 // 5), max(6, room * 2 // 5)
    table = Table(Column("lag", justify="right", style=ACCENT), box=None, padding=(0, 1), header_style="dim")
    table.add_column(Text("tokens right" if tokens else "R²", no_wrap=True), min_width=for_recall + 7)
    for name in alone:
        table.add_column(Text(name, overflow="ellipsis", no_wrap=True), justify="right", style="dim")
    matter = "bits that it matters" if width >= NARROW else "bits"
    table.add_column(Text(matter, overflow="ellipsis", no_wrap=True), min_width=for_bits)
    for lag in spread(len(data["lags"])):
        recall = _bar(data["recall"][lag], data["chance"][lag], for_recall)
        recall.append(f" {_part(data['recall'][lag], tokens)}", "dim")
        matters = _bar(bits[lag] / largest, 0, for_bits)
        matters.append(" " * bool(matters.plain) + _bits(data["ablation_bits"][lag]), "dim")
        table.add_row(str(lag), recall, *(_part(values[lag], tokens) for values in alone.values()), matters)
    return Group(*_head(data, tokens), Text(), table)


def chart(data: dict) -> Chart:
    """The recall by lag over what is chance of it, and the bits of the ablation."""
    tokens, lags, alone = data["kind"] == "tokens", data["lags"], _alone(data)
    layers: list[Layer] = [Curve(lags, data["recall"], SERIES[0], "read from the state")]
    if tokens:
        layers.append(Curve(lags, data["chance"], "faint", "chance", DASHES[2]))
    layers.append(Curve(lags, data["input_alone"], SERIES[1], "read from x[t] alone", DASHES[1]))
    if alone:
        styles = zip(alone.items(), SERIES[2:], DASHES[2:], strict=False)
        layers += [Curve(lags, values, colour, name, dash) for (name, values), colour, dash in styles]
    lag = Axis("lag, steps back", whole=True)
    title, unit = ("Inputs that are right", "part") if tokens else ("Inputs that are known", "R²")
    bits = [Curve(lags, data["ablation_bits"], SERIES[0])]
    panels = [
        Plot(title, lag, Axis(unit, ends=(0.0, 1.0)), layers),
        Plot("How much another input there changes the prediction", lag, Axis("bits", zero=True), bits),
    ]
    return Chart(
        "What the state holds of the past",
        panels,
        [line.plain.removesuffix("; ░ is chance") for line in _head(data, tokens)],
    )


def _alone(data: dict) -> dict[str, list[float]]:
    """What has a line of its own: layers, or else columns, if they are several but few."""
    named = {f"layer {i}": values for i, values in enumerate(data["by_layer"])} or data["by_column"]
    return named if 1 < len(named) <= MOST_ALONE else {}


def _head(data: dict, tokens: bool) -> list[Text]:
    """The capacity, and how far it is to be trusted."""
    last, half, units = data["lags"][-1], _half(data), data["units"]
    head = Text.assemble(("capacity", f"bold {ACCENT}"))
    if tokens:
        head.append(f": {data['capacity']:.1f} tokens in {units} units")
    else:
        columns = len(data["by_column"])
        what = f"R² added up over {columns} column{'s' * (columns > 1)} and lags 0 to {last}"
        head.append(f": {data['capacity']:.1f} of {columns * (last + 1):,} ({what})")
    if data["capacity"] >= LEAST:
        head.append(f"; half of it is gone at lag {half}" if half else f"; more than half is there at lag {last}")
    fit = f"linear read-outs of h[t], fitted on {data['fitted']:,} steps, scored on {data['scored']:,}"
    lines = [head]
    if not tokens and data["capacity"] > units:
        lines.append(Text(f"more than {units} units can hold of independent numbers, which is {units}", "dim"))
    lines = [*lines, Text(fit + ("; ░ is chance" if tokens else ""), "dim")]
    regular = ": the input is regular itself" if _regular(data) else ""
    lines.append(Text(f"x[t] alone, without a state, gives {data['input_capacity']:.1f}{regular}", "dim"))
    return lines


def _regular(data: dict) -> bool:
    """Whether x[t] alone has much of what the state has of the inputs before it."""
    chance = sum(data["chance"][1:])
    alone, state = (sum(data[name][1:]) - chance for name in ("input_alone", "recall"))
    return alone > max(LEAST, REGULAR * state)


def _half(data: dict) -> int | None:
    """The first lag at which less than half of what there is above chance at lag 0 is left."""
    gained = [recall - chance for recall, chance in zip(data["recall"], data["chance"], strict=True)]
    return next((lag for lag, value in enumerate(gained) if value < gained[0] / 2), None)


def _bar(value: float, chance: float, width: int) -> Text:
    whole = round(width * max(0.0, value))
    guessed = min(whole, round(width * chance))
    return Text.assemble(("░" * guessed, "dim"), ("█" * (whole - guessed), ACCENT))


def _part(value: float, tokens: bool) -> str:
    return f"{value:.0%}" if tokens else f"{value:.2f}"


def _bits(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:.1e}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.1g}" if abs(value) >= 1e-4 else "0"
