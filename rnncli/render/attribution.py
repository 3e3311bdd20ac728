"""The inputs coloured by what they give to one prediction."""

import math

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart, Panel
from rnncli.render.chart.flow import Flow
from rnncli.render.chart.plot import Axis, Cells, Columns, Plot
from rnncli.render.signs import LEGEND, sign, tracked
from rnncli.render.text import ACCENT, WARNING, symbol, thinned, visible

COLUMNS, WINDOW, NAME = 12, 96, 14  # columns and steps of the heat map; letters of a name
STRONGEST, LINES = 8, 24  # rows of the table, lines of text
TRUSTED = 0.05  # what the integral may leave open
CHANCE = 0.1  # of the draws may do as much as what is named


def picture(data: dict, width: int) -> Group:
    """The inputs, each with what it gives to the prediction by glyph and colour, or a line of them; the strongest as a
    table.
    """
    given, steps = data["attribution"], data["steps"]
    largest = max(map(abs, given)) or 1.0
    head = Text.assemble((f"step {data['at']}", f"bold {ACCENT}"), f": {_head(data)}")
    if data["words"]:
        lines = [text for _, text in tracked(steps, [value / largest for value in given], width)]
        less = f"the last {LINES} of {len(lines)} lines: --json has all"
        drawn = [*([Text(less, "dim")] if len(lines) > LINES else []), *lines[-LINES:]]
        head.append(f"; {LEGEND}", "dim")
    else:
        drawn = [_bars_title(data, width - 2), _signed_bars(given, width - 2)]
    read = ["input"] if data["words"] else []
    columns: list[Column | str] = [Column("step", justify="right"), *read, Column("gives", justify="right")]
    table = Table(*columns, box=None, padding=(0, 2), header_style="dim")
    for i in _strongest(given):
        colour = "red" if given[i] < 0 else "green"
        name = [symbol(steps[i]).replace(" ", "␣")] if data["words"] else []
        table.add_row(f"{data['first'] + i:,}", *name, Text(_gives(given[i], largest), colour))
    trust = Text(_together(data), "dim" if _trusted(data) else "red")
    parts: list[RenderableType] = [head, Text(), *drawn, *_by_column(data, width)]
    parts += [Text(), Text("the strongest of them", "bold"), table, trust]
    if sentence := _faithful(data):
        parts.append(Text(sentence, "" if _no_chance(data) else WARNING))
    return Group(*parts)


def _by_column(data: dict, width: int) -> list[RenderableType]:
    """A row for each of the strongest columns: its attribution at the last steps, by glyph and colour, and its sum."""
    if "columns" not in data:
        return []
    order, sums = _columns(data), [sum(values) for values in data["by_column"]]
    largest = max(map(abs, data["attribution"])) or 1.0
    beside = min(NAME, max(len(data["columns"][i]) for i in order))
    room = max(10, min(width - beside - len(_gives(largest, largest)) - 4, len(data["steps"])))
    top = max(abs(value) for i in order for value in data["by_column"][i][-room:]) or 1.0
    table = Table.grid(Column(justify="right", style=ACCENT, width=beside), Column(width=room), padding=(0, 1))
    for i in order:
        cells = Text.assemble(*(sign(value / top) for value in data["by_column"][i][-room:]))
        name = Text(visible(data["columns"][i]), overflow="ellipsis", no_wrap=True)
        table.add_row(name, cells, Text(_gives(sums[i], largest), "red" if sums[i] < 0 else "green"))
    shown, end = min(room, len(data["steps"])), data["first"] + len(data["steps"]) - 1 - data["at"]
    axis = f"{end + 1 - shown:<{max(1, shown - len(str(end)))}}{end}" if shown > 1 else str(end)
    table.add_row("", Text(axis, "dim"), Text("sum", "dim"))
    title = Text("by column and lag", "bold").append(f"{_left_out(data)}, █ and ≡ for {top:.2g}", "not bold dim")
    return [Text(), title, table]


def _columns(data: dict) -> list[int]:
    """The strongest of them, in their order."""
    size = [sum(map(abs, values)) for values in data["by_column"]]
    return sorted(sorted(range(len(size)), key=lambda i: -size[i])[:COLUMNS])


def _left_out(data: dict) -> str:
    less = len(data["columns"]) - COLUMNS
    return f", the strongest {COLUMNS} of {len(data['columns'])}" if less > 0 else ""


def _no_chance(data: dict) -> bool:
    """Whether leaving out what is named takes more than leaving out any others."""
    found = data["faithfulness"]
    return found is None or (found["drop"] > 0 and found["as_large"] <= CHANCE * found["draws"])


def _faithful(data: dict) -> str:
    """What leaving out the named inputs does, against others."""
    if (found := data["faithfulness"]) is None:
        return ""
    count = len(found["steps"])
    inputs, others = ("the input", "another one") if count == 1 else (f"the {count} inputs", f"{count} others")
    raised, largest = "raised" if found["direction"] > 0 else "lowered", max(abs(found["drop"]), abs(found["others"]))
    drop, chance = (_gives(-found["direction"] * found[name], largest or 1.0) for name in ("drop", "others"))
    verdict = "" if _no_chance(data) else ": no more than chance, so do not trust which inputs are named"
    return (
        f"{inputs} that {raised} it most, replaced by mean inputs, change it by {drop}; {others} by {chance} "
        f"(mean of {found['draws']} draws){verdict}"
    )


def chart(data: dict) -> Chart:
    """The inputs with what they give: as a text, or as bars over the steps; and the strongest."""
    given, steps = data["attribution"], data["steps"]
    largest = max(map(abs, given)) or 1.0
    panel: Panel = Flow("What each input gives", steps, [value / largest for value in given])
    if not data["words"]:
        at = list(range(data["first"], data["first"] + len(given)))
        panel = Plot("What each input gives", Axis("step", whole=True), Axis(data["what"]), [Columns(at, given)])
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
    panels = [panel, *_heat(data), Bars("The strongest of them", rows)]
    sentences = [_head(data), _together(data), *filter(None, [_faithful(data)])]
    return Chart(f"Step {data['at']:,}", panels, sentences, warns=not (_trusted(data) and _no_chance(data)))


def _heat(data: dict) -> list[Panel]:
    """Columns over steps, and the sum of each."""
    if "columns" not in data:
        return []
    order, largest = _columns(data), max(map(abs, data["attribution"])) or 1.0
    values = [data["by_column"][i][-WINDOW:] for i in order]
    top = max(abs(value) for row in values for value in row) or 1.0
    cells = Cells(
        [[v / top for v in row] for row in values], data["first"] - data["at"] + len(data["steps"]) - len(values[0])
    )
    names = [(float(row), data["columns"][i]) for row, i in enumerate(order)]
    rows = Axis("full height above 0, half height below", ends=(len(order) - 0.5, -0.5), named=names)
    title = f"By column and lag{_left_out(data)}, strongest {top:.2g}"
    sums = [(data["columns"][i], sum(data["by_column"][i])) for i in order]
    bars = [Bar(name, value, _gives(value, largest), "red" if value < 0 else "green") for name, value in sums]
    plot = Plot(title, Axis("step, 0: the prediction", whole=True), rows, [cells], height=22.0 * len(order))
    return [plot, Bars("The sum of each column", bars)]


def _head(data: dict) -> str:
    what = f"{data['what']} of {symbol(data['predicts'])!r}" if data["what"] != "value" else data["predicts"]
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
    power = math.floor(math.log10(largest)) if largest > 0 else 0
    return f"{value:+.1e}" if power < -4 else f"{value:+.{max(0, 2 - power)}f}"


def _bars_title(data: dict, width: int) -> Text:
    """Which steps the bars are of, and of how many one is the sum."""
    count, first = len(data["attribution"]), data["first"]
    several = f"; a column adds up {count / width:.1f} steps" if count > width else ""
    return Text("by step", "bold").append(f", {first:,} to {first + count - 1:,}{several}", "not bold dim")


def _signed_bars(values: list[float], width: int) -> Text:
    """What is above zero upwards, and below it downwards; neighbours are added up where there are many."""
    share = max(1, len(values) / width)
    sums = [v * share for v in thinned(values, width)]
    top = max(map(abs, sums)) or 1.0
    above = "".join(" ▁▂▃▄▅▆▇█"[max(0, round(8 * v / top))] for v in sums)
    below = "".join(" ▔▀█"[max(0, round(-3 * v / top))] for v in sums)
    return Text.assemble((above, "green"), "\n", (below, "red"))
