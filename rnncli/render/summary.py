"""What is in the file: sizes, history, rivals, tensors."""

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from rnncli.config import NO_COLUMN, learns
from rnncli.render import cells, tuning
from rnncli.render.rivals import rivals_text
from rnncli.render.text import ACCENT, WARNING, budget, count, loss_text, members_text, sparkline, tried_text
from rnncli.training.verdict import own_figure


def picture(data: dict, width: int) -> Group:
    """Sizes, history, tensors."""
    a, c = data["architecture"], data["config"]
    facts = Table.grid(Column(style=ACCENT), padding=(0, 2))
    for name, text in [*(_frozen(data) if a.get("frozen") else _recurrent(data)), *_meaning(data)]:
        facts.add_row(name, Text(text, overflow="ellipsis", no_wrap=True))
    if c["fold_by"] not in (None, NO_COLUMN):
        facts.add_row("folds", f"by {c['fold_by']}, held out whole")
    if data["valid_loss"] is not None:
        best = f", best at update {data['training']['best_update']:,}" if data["history"] else ""
        unit = " a token" if learns(c["task"]) == "text" else ""
        own = own_figure(data) if data["rivals_measure"] != "nats" else None
        point = f"{data['rivals_measure']} {own:.4g}, " if own is not None else ""
        facts.add_row("validation", point + loss_text(c["task"], data["valid_loss"]) + unit + best)
    if data["members"]:
        facts.add_row("members", members_text(data))
    if data["ways"]:
        facts.add_row("tried", tried_text(data["ways"]["errors"], data["ways"]["measure"]))
    if data["tried"]:
        facts.add_row("tried", tried_text(data["tried"]))
    for line in cells.lines(data["cells"], c["task"], data["rivals_measure"]) if data["cells"] else []:
        facts.add_row("cells", line)
    for line in tuning.lines(data["tuned"], c["task"]) if data["tuned"] else []:
        facts.add_row("tuned", line)
    if data["rivals"]:
        facts.add_row("rivals", rivals_text(data["rivals"], data["rivals_measure"]))
    for sentence in data["verdict"]["sentences"]:
        facts.add_row("verdict", Text(sentence, WARNING if data["verdict"]["warns"] else ""))
    valid = [h["valid_loss"] for h in data["history"] if "valid_loss" in h]
    if valid:
        facts.add_row("history", Text(sparkline(valid, 40), ACCENT).append(f"  {valid[0]:.3f} to {valid[-1]:.3f}"))
    numbers = (Column(name, justify="right") for name in ("shape", "mean", "std", "largest"))
    table = Table("tensor", *numbers, box=None, padding=(0, 2), header_style="dim")
    for t in data["tensors"]:
        shape = " x ".join(str(n) for n in t["shape"])
        table.add_row(t["name"], shape, f"{t['mean']:.4f}", f"{t['std']:.4f}", f"{t['largest']:.3f}")
    return Group(facts, Text(), table)


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
            f"{c['optimizer']} {c['lr']:g} {c['schedule']}, batch {c['batch']}, window {c['steps']}, "
            f"dropout {c['dropout']:g}, clip {c['clip']:g}, seed {c['seed']}, {budget(c)}"
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
    field = f"{data['readout']['features']:,} features, filters reach over {data['receptive_field']:,} steps at most"
    network = ("network", f"frozen, {field}")
    return [network, *(("", _group(one)) for one in data["architecture"]["features"]), ("read-out", _fitted(data))]


def _group(one: dict) -> str:
    """A group of features."""
    reach = f" at {len(one['dilations'])} dilations up to {max(one['dilations'])}" if "dilations" in one else ""
    return f"{one['kind']} of the {one['source']}{reach}"


def _fitted(data: dict) -> str:
    """How a read-out was fitted."""
    found = data["readout"]
    weights = "".join(f", {kind} times {weight:g}" for kind, weight in found.get("weights", {}).items())
    tried = "".join(f"; {cell} {error:.3g}" for cell, error in found.get("tried", {}).items())
    chosen = f"; squared errors{tried.replace(';', ':', 1)}" if tried else ""
    return f"ridge regression, strength {found['strength']:.2g}{weights}, seed {data['config']['seed']}{chosen}"


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
        ahead = f"{', '.join(o['columns'] or o['targets'])}; {o['horizon']} ahead{log}, from {o['anchor']}, {o['loss']}"
        return [("inputs", ", ".join(["the past of what is forecast", *inputs])), ("forecast", ahead)]
    return [("inputs", ", ".join(inputs)), (data["config"]["task"], ", ".join(s["labels"] or s["targets"]))]
