"""What is in the file: sizes, history, rivals, tensors."""

import math

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.config import NO_COLUMN
from rnncli.data.floor import bounds_in_words
from rnncli.registry import learns
from rnncli.render import cells, tuning
from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import Chart, Panel
from rnncli.render.chart.plot import Axis, Curve, Layer, Plot, Rule
from rnncli.render.outline import word
from rnncli.render.palette import DASHES, SERIES
from rnncli.render.rivals import rivals_text
from rnncli.render.text import (
    ACCENT,
    NARROW,
    WARNING,
    budget,
    count,
    loss_text,
    members_text,
    number,
    sparkline,
    tried_text,
)
from rnncli.training.verdict import MORE_IS_BETTER, own_figure


def left_out(data: dict) -> str:
    """In few columns."""
    return "mean and deviation of each tensor"


def picture(data: dict, width: int) -> Group:
    """Sizes, history, tensors."""
    facts = Table.grid(Column(style=ACCENT), padding=(0, 2))
    for name, text in [*_network(data), *_reached(data), *_compared(data)]:
        one_line = name == "vocabulary" or (width >= NARROW and name in ("cells", "tuned"))  # a row of a table
        facts.add_row(name, Text(text, overflow="ellipsis", no_wrap=one_line))
    for sentence in data["verdict"]["sentences"]:
        facts.add_row("verdict", Text(sentence, WARNING if data["verdict"]["warns"] else ""))
    valid = [h["valid_loss"] for h in _validated(data)]
    if valid:
        facts.add_row("history", Text(sparkline(valid, 40), ACCENT).append(f"  {valid[0]:.3f} to {valid[-1]:.3f}"))
    return Group(facts, Text(), _tensors(data["tensors"], width))


def _tensors(tensors: list[dict], width: int) -> Table:
    """A row each; where there is little room without mean and deviation."""
    names = ("shape", "mean", "std", "largest") if width >= NARROW else ("shape", "largest")
    numbers = (Column(name, justify="right", no_wrap=True) for name in names)
    padding = (0, 2 if width >= NARROW else 1)
    table = Table(Column("tensor", overflow="fold"), *numbers, box=None, padding=padding, header_style="dim")
    for t in tensors:
        shape = " x ".join(str(n) for n in t["shape"])
        middle = [f"{t['mean']:.4f}", f"{t['std']:.4f}"] if width >= NARROW else []
        table.add_row(t["name"], shape, *middle, f"{t['largest']:.3f}")
    return table


def chart(data: dict) -> Chart:
    """The verdict, the loss by update with the rivals in the same unit, and the figure of each rival."""
    verdict = data["verdict"]
    panels: list[Panel] = [*_against(verdict, data["rivals"]), *_curve(data)]
    facts = _joined([*_reached(data), *(fact for fact in _network(data) if fact[0] != "vocabulary")])
    numbers = {name: value for name, value in (data["metrics"] or {}).items() if isinstance(value, int | float)}
    if numbers:
        facts.insert(0, ("metrics", ", ".join(f"{name} {word(value)}" for name, value in numbers.items())))
    return Chart("What the training came to", panels, verdict["sentences"], facts, verdict["warns"])


def _joined(facts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each with those after it that have no name."""
    found: list[tuple[str, str]] = []
    for name, text in facts:
        if not name:
            name, before = found.pop()
            text = f"{before}; {text}"
        found.append((name, text))
    return found


def _curve(data: dict) -> list[Plot]:
    """The losses after each validation; rivals measured in nats are lines across, and a line down is where the weights
    were kept.
    """
    found = [h for h in _validated(data) if h.get("update") is not None]
    if len(found) < 2:  # nothing was held out, or there is no course
        return []
    layers: list[Layer] = []
    members = sorted({h.get("member", 0) for h in found})
    for member in members:
        own = [h for h in found if h.get("member", 0) == member]
        name, updates = f" of member {member}" * (len(members) > 1), [h["update"] for h in own]
        layers.append(Curve(updates, [h["valid_loss"] for h in own], SERIES[member % len(SERIES)], f"validation{name}"))
        if not name:
            layers.append(Curve(updates, [h.get("loss") for h in own], "faint", "training", DASHES[1]))
    nats = data["rivals_measure"] == "nats"
    layers += [Rule(figure, "y", name, "magenta") for name, figure in (data["rivals"] if nats else {}).items()]
    best = data["training"].get("best_update")
    if best and len(members) == 1:
        layers.append(Rule(best, "x", f"kept: update {best:,}"))
    unit = "nats a token" if learns(data["config"]["task"]) == "text" else "loss"
    return [Plot("Loss by update", Axis("update", whole=True), Axis(unit), layers)]


def _against(verdict: dict, rivals: dict[str, float]) -> list[Bars]:
    """The network and its rivals, in their measure."""
    if verdict["own"] is None or verdict["rival"] is None:
        return []
    figures = rivals or {verdict["rival"]: verdict["rival_figure"]}
    rows = [Bar("this network", verdict["own"], f"{verdict['own']:.4g}")]
    rows += [Bar(name.replace("_", " "), value, f"{value:.4g}", "magenta") for name, value in figures.items()]
    better = "more" if verdict["measure"] in MORE_IS_BETTER else "less"
    return [Bars(f"{verdict['measure']} on the validation part: {better} is better", rows)]


def _validated(data: dict) -> list[dict]:
    """The entries of the history with a loss, which is none where a validation has diverged."""
    return [h for h in data["history"] if h.get("valid_loss") is not None and math.isfinite(h["valid_loss"])]


def _network(data: dict) -> list[tuple[str, str]]:
    """What it is, how it was trained, what it reads."""
    c = data["config"]
    folds = [("folds", f"by {c['fold_by']}, held out whole")] if c["fold_by"] not in (None, NO_COLUMN) else []
    return [*(_frozen(data) if data["architecture"].get("frozen") else _recurrent(data)), *_meaning(data), *folds]


def _reached(data: dict) -> list[tuple[str, str]]:
    """On the validation part."""
    c = data["config"]
    if data["valid_loss"] is None:
        return []
    update = data["training"].get("best_update") if data["history"] else None
    best = f", best at update {update:,}" if update is not None else ""
    unit = " a token" if learns(c["task"]) == "text" else ""
    own = own_figure(data) if data["rivals_measure"] != "nats" else None
    point = f"{data['rivals_measure']} {own:.4g}, " if own is not None else ""
    return [("validation", point + loss_text(c["task"], data["valid_loss"]) + unit + best)]


def _compared(data: dict) -> list[tuple[str, str]]:
    """What else was tried, and what simple rivals reach."""
    task, facts = data["config"]["task"], []
    if data["members"]:
        facts.append(("members", members_text(data)))
    if data["ways"]:
        facts.append(("tried", tried_text(data["ways"]["errors"], data["ways"]["measure"])))
    if data["tried"]:
        facts.append(("tried", tried_text(data["tried"])))
    for line in cells.lines(data["cells"], task, data["rivals_measure"]) if data["cells"] else []:
        facts.append(("cells", line))
    for line in tuning.lines(data["tuned"], task) if data["tuned"] else []:
        facts.append(("tuned", line))
    if data["rivals"]:
        facts.append(("rivals", rivals_text(data["rivals"], data["rivals_measure"])))
    return facts


def _recurrent(data: dict) -> list[tuple[str, str]]:
    """A recurrent network, all of whose parameters are trained, or only its read-out."""
    a, c = data["architecture"], data["config"]
    both = ", bidirectional" if a.get("bidirectional") else ""
    embedding = f", embedding {a['embed']}{', tied' if a['tied'] else ''}" if a["embed"] else ""
    kind = f"{c['cell']} {a['layers']} x {a['hidden']}{both}{embedding}"
    if data["readout"]:
        how = ("read-out", _fitted(data))
    else:
        training = (
            f"{c['optimizer']} {number(c['lr'])} {c['schedule']}, batch {c['batch']}, window {c['steps']}, "
            f"dropout {number(c['dropout'])}, clip {number(c['clip'])}, seed {c['seed']}, {budget(c)}"
        )
        how = ("training", training)
    field = data["receptive_field"]
    members = f"{a['members']} members, together " if "members" in a else ""
    reads = [("reads", _field(field, bool(both)))] if field else []
    return [("network", f"{kind}, {members}{count(data['parameters'])} parameters"), *reads, how]


def _field(steps: int, both: bool) -> str:
    """The receptive field of a network that reads one way or both."""
    far = f"{steps - 1:,} steps back and as many ahead" if both else f"the last {steps:,} steps"
    return f"{far}, its receptive field"


def _frozen(data: dict) -> list[tuple[str, str]]:
    """A frozen network: its groups of features, and how its read-out was fitted."""
    features = (data["readout"] or {}).get("features")
    size = "?" if features is None else f"{features:,}"
    field = f"{size} features, filters reach over {data['receptive_field']:,} steps at most"
    groups = [("" if i else "features", _group(one)) for i, one in enumerate(data["architecture"]["features"])]
    return [("network", f"frozen, {field}"), *groups, ("read-out", _fitted(data))]


def _group(one: dict) -> str:
    """A group of features."""
    reach = f" at {len(one['dilations'])} dilations up to {max(one['dilations'])}" if "dilations" in one else ""
    return f"{one['kind']} of the {one['source']}{reach}"


def _fitted(data: dict) -> str:
    """How a read-out was fitted."""
    found = data["readout"] or {}
    weights = "".join(f", {kind} times {weight:g}" for kind, weight in found.get("weights", {}).items())
    tried = "".join(f"; {cell} {error:.3g}" for cell, error in found.get("tried", {}).items())
    chosen = f"; squared errors{tried.replace(';', ':', 1)}" if tried else ""
    strength = f"{found['strength']:.2g}" if "strength" in found else "?"
    return f"ridge regression, strength {strength}{weights}, seed {data['config']['seed']}{chosen}"


def _meaning(data: dict) -> list[tuple[str, str]]:
    """What goes in and comes out."""
    v, s = data["vocabulary"], data["schema"]
    if v is not None:
        symbols = " ".join("␣" if symbol == " " else symbol for symbol in v["symbols"][:200])
        return [("vocabulary", f"{v['size']:,} by {v['kind']}: {symbols}")]
    inputs = [*s["numbers"], *(f"{name} ({len(values):,} distinct)" for name, values in s["categories"])]
    o = s.get("outlook")
    if o:
        log = ", in logarithms" if o["transform"] == "log" else ""
        log += bounds_in_words(o.get("floor", []), o.get("ceiling", []))
        ahead = f"{', '.join(o['columns'] or o['targets'])}; {o['horizon']} ahead{log}, from {o['anchor']}, {o['loss']}"
        longer = [f"what followed {o['longer']} rows ago"] if o.get("longer", 1) > 1 else []
        return [("inputs", ", ".join(["the past of what is forecast", *longer, *inputs])), ("forecast", ahead)]
    return [("inputs", ", ".join(inputs)), (data["config"]["task"], ", ".join(s["labels"] or s["targets"]))]
