"""Views on the terminal, by Rich: 80 columns are enough, more are used."""

import math

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from rnncli.render import graph
from rnncli.render.files import canvas
from rnncli.render.text import ACCENT, budget, count, loss_text, nats_and_bits, sparkline, symbol, thinned, visible

SHADES = " ░▒▓█"


def draw(data: dict, console: Console | None = None) -> None:
    """Draw a view on stdout, or on another console."""
    console = console or Console(highlight=False)
    pictures = {"summary": summary, "graph": graph.text, "states": states, "gradients": gradients}
    pictures |= {"attribution": attribution, "gradcheck": gradcheck}
    console.print(pictures[data["view"]](data, console.width))


def save(data: dict, path: str) -> None:
    """Draw a view into a file."""
    with canvas(path, f"rnncli inspect --view {data['view']}") as console:
        draw(data, console)


def summary(data: dict, width: int):
    """Sizes, history, tensors."""
    a, c = data["architecture"], data["config"]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style=ACCENT)
    both = ", both ways" if a.get("bidirectional") else ""
    embedding = f", embedding {a['embed']}{', tied' if a['tied'] else ''}" if a["embed"] else ""
    kind = f"{c['cell']} {a['layers']} x {a['hidden']}{both}{embedding}"
    facts.add_row("network", f"{kind}, {count(data['parameters'])} parameters")
    facts.add_row(
        "training",
        f"{c['optimizer']} {c['lr']:g} {c['schedule']}, batch {c['batch']}, window {c['steps']}, "
        f"dropout {c['dropout']:g}, clip {c['clip']:g}, seed {c['seed']}, {budget(c)}",
    )
    for name, text in _meaning(data):
        facts.add_row(name, Text(text, overflow="ellipsis", no_wrap=True))
    if data["valid_loss"] is not None:
        best = f", best at update {data['training']['best_update']:,}" if data["training"] else ""
        unit = " a token" if c["task"] == "language" else ""
        facts.add_row("validation", loss_text(c["task"], data["valid_loss"]) + unit + best)
    if data["rivals"]:
        facts.add_row("rivals", ", ".join(f"{name} {nats_and_bits(v)}" for name, v in data["rivals"].items()))
    valid = [h["valid_loss"] for h in data["history"] if "valid_loss" in h]
    if valid:
        facts.add_row("history", Text(sparkline(valid, 40), ACCENT).append(f"  {valid[0]:.3f} to {valid[-1]:.3f}"))
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("tensor")
    for name in ("shape", "mean", "std", "largest"):
        table.add_column(name, justify="right")
    for t in data["tensors"]:
        shape = " x ".join(str(n) for n in t["shape"])
        table.add_row(t["name"], shape, f"{t['mean']:.4f}", f"{t['std']:.4f}", f"{t['largest']:.3f}")
    return Group(facts, Text(), table)


def _meaning(data: dict) -> list[tuple[str, str]]:
    """What goes in and comes out."""
    v, s = data["vocabulary"], data["schema"]
    if v is not None:
        symbols = " ".join("␣" if symbol == " " else symbol for symbol in v["symbols"][:200])
        return [("vocabulary", f"{v['size']:,} by {v['kind']}: {symbols}")]
    inputs = [*s["numbers"], *(f"{name} ({len(values):,} distinct)" for name, values in s["categories"])]
    o = s.get("outlook")
    if o:
        ahead = f"{', '.join(o['columns'] or o['targets'])}; {o['horizon']} ahead, from {o['anchor']}, {o['loss']}"
        return [("inputs", ", ".join(["the past of what is forecast", *inputs])), ("forecast", ahead)]
    return [("inputs", ", ".join(inputs)), (data["config"]["task"], ", ".join(s["labels"] or s["targets"]))]


def states(data: dict, width: int):
    """Text coloured by a unit, the most varied and most saturated units, a heat map over time, top contexts."""
    layer, unit = data["layer"], data["unit"]
    column = [h[layer][unit] for h in data["h"]]
    head = Text(f"unit {unit} of layer {layer}", f"bold {ACCENT}")
    head.append("   h from -1 ", "not bold default").append("red", "red").append(" to +1 ").append("green", "green")
    shown = data["steps"][: 6 * width]
    coloured = Text()
    for token, value in zip(shown, column, strict=False):
        coloured.append(symbol(token), _shade(value))
        if token == "\\n":
            coloured.append("\n")
    parts = [head, Text(), coloured, Text(), Text("the most varied units over time", "bold"), _heat(data, width)]
    if data["saturation"]:
        parts += [Text(), Text(_saturation_title(data), "bold"), _saturation(data)]
    parts += [Text(), Text(f"what drives unit {unit} most", "bold"), _contexts(data, width)]
    if data["dead"]:
        parts.append(Text(f"\n{len(data['dead'])} dead units (they hardly vary)", "dim"))
    return Group(*parts)


def gradients(data: dict, width: int):
    """The norm by lag, a row a lag and fewer further back, on a logarithmic scale; what each step gives to θ."""
    lags, norms = data["lags"], data["norms"]
    largest = max(map(max, norms)) or 1.0
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("lag", justify="right", style=ACCENT)
    bars = max(8, (width - 6) // len(norms) - 14)
    for layer in range(len(norms)):
        table.add_column(Text(f"‖dL[t]/dh[t-lag]‖, layer {layer}", overflow="ellipsis", no_wrap=True))
    for lag in _spread(len(lags)):
        table.add_row(str(lag), *(_decades(norm[lag] / largest, bars, norm[lag]) for norm in norms))
    reach = data["reach"]
    fallen = f"at lag {reach} it has fallen to 1 %" if reach else f"it has not fallen to 1 % in {lags[-1]} lags"
    head = Text.assemble(("reach", f"bold {ACCENT}"), f": {fallen} (mean over {len(data['positions'])} positions)")
    steps = Table.grid(padding=(0, 2))
    steps.add_column(style=ACCENT)
    for name, values in data["by_step"].items():
        steps.add_row(name, sparkline(values[::-1], min(len(values), width - 12)))
    title = Text(f"what each step gives to a parameter's gradient, {lags[-1]} steps back to now", "bold")
    return Group(head, Text(), table, Text(), title, steps)


def _spread(count: int) -> list[int]:
    """0, 1, 2, 3, .. and then about a third further each time."""
    out, lag = [], 0
    while lag < count:
        out.append(lag)
        lag = max(lag + 1, round(lag * 1.35))
    return out


DECADES = 6


def _decades(part: float, width: int, value: float) -> Text:
    """A bar of `width` for 1, and a sixth of it less for each factor of ten."""
    length = max(0.0, 1 + math.log10(part) / DECADES) if part > 0 else 0.0
    return Text("█" * round(width * length), ACCENT).append(" " * (length > 0) + f"{value:.1e}", "dim")


def attribution(data: dict, width: int):
    """The inputs, each coloured by what it gives to the prediction, or a line of them; the strongest as a table."""
    given, steps = data["attribution"], data["steps"]
    largest = max(map(abs, given)) or 1.0
    what = f"log probability of {data['predicts']!r}" if data["softmax"] else data["predicts"]
    head = Text.assemble((f"step {data['at']}", f"bold {ACCENT}"), f": {what} {data['value']:.3f}")
    head.append(f", {data['baseline']:.3f} without the last {len(steps)} input{'s' * (len(steps) > 1)}; ")
    head.append("lowers", "red").append(" it, ").append("raises", "green").append(" it")
    if data["words"]:
        join = "" if all(len(symbol(token)) == 1 for token in steps) else " "
        picture = Text()
        for token, value in zip(steps, given, strict=True):
            picture.append(symbol(token), _shade(value / largest)).append(join + "\n" * (token == "\\n"))
    else:
        picture = _signed_bars(given, width - 2)
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("step", "input", "gives"):
        table.add_column(name, justify="left" if name == "input" else "right")
    order = sorted(range(len(given)), key=lambda i: -abs(given[i]))[:8]
    for i in sorted(order):
        colour = "red" if given[i] < 0 else "green"
        table.add_row(f"{data['first'] + i:,}", symbol(steps[i]).replace(" ", "␣"), Text(f"{given[i]:+.3f}", colour))
    gap = data["completeness_gap"]
    said = f"together {sum(given):+.3f}; the integral leaves a gap of {gap:.2%}"
    trust = Text(said, "dim") if gap < 0.05 else Text(f"{said}: not to be trusted", "red")
    return Group(head, Text(), picture, Text(), Text("the strongest of them", "bold"), table, trust)


def _signed_bars(values: list[float], width: int) -> Text:
    """What is above zero upwards, and below it downwards; neighbours are added up where there are many."""
    share = max(1, len(values) / width)
    sums = [v * share for v in thinned(values, width)]
    top = max(map(abs, sums)) or 1.0
    above = "".join(" ▁▂▃▄▅▆▇█"[max(0, round(8 * v / top))] for v in sums)
    below = "".join(" ▔▀█"[max(0, min(3, math.ceil(-3 * v / top)))] for v in sums)
    return Text.assemble((above, "green"), "\n", (below, "red"))


def gradcheck(data: dict, width: int):
    """The error of each tensor, the largest ones in red, and the verdict."""
    allowed = data["tolerance"]
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("tensor")
    table.add_column("shape", justify="right")
    table.add_column("largest relative error", justify="right")
    rows = [(p["name"], " x ".join(map(str, p["shape"])), p["max_relative_error"]) for p in data["parameters"]]
    for name, shape, error in [*rows, ("all together", "", data["directions"])]:
        table.add_row(name, shape, Text(f"{error:.1e}", "red" if error > allowed else "green"))
    verdict = ("passed", "bold green") if data["passed"] else ("NOT passed", "bold red")
    said = Text.assemble(verdict, f": back-propagation against finite differences, {allowed:.0e} allowed")
    return Group(table, Text(), said)


def _shade(value: float) -> str:
    """Red for -1, green for +1, the background's own colour for 0."""
    strength = int(200 * min(1.0, abs(value)))
    if strength < 12:
        return ""
    return f"default on rgb({strength},0,0)" if value < 0 else f"default on rgb(0,{int(0.75 * strength)},0)"


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
