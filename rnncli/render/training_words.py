"""What is said of a training: what the data and the network are, how it goes, what came of it."""

from dataclasses import asdict
from math import inf

from rnncli import registry
from rnncli.network.conformal import needed
from rnncli.registry import learns
from rnncli.render import cells, tuning
from rnncli.render.rivals import beside
from rnncli.render.text import budget, clock, count, loss_text, members_text, number, tried_text
from rnncli.tasks.task import Material
from rnncli.training.comparison import Compared
from rnncli.training.plan import Plan
from rnncli.training.reports import (
    MemberBegins,
    Prepared,
    RolledBack,
    Saved,
    Tried,
    Trying,
    Tuned,
    WindowChanged,
)
from rnncli.training.search import batch_times, enough_epochs
from rnncli.training.verdict import of_model, own_figure
from rnncli.values import duration

ONE = {"char": "character", "byte": "byte", "word": "word"}

EARLY = {  # why a training ended before its budget
    "patience": ", stopped early (--patience {})",
    "enough": ", stopped early: usually enough passes over so few tokens (--epochs N makes more)",
}


def describe(p: Prepared) -> list[tuple[str, str]]:
    """The first lines: what the data is, what the network is."""
    c, m = p.material.config, p.material
    if c.learn == "readout":
        name = "read-out" if m.task.features else f"{c.cell} {c.layers} x {c.hidden}"
        return [(p.source, f"{m.data}; {m.held}"), (name, _frozen(p)), *p.notes]
    steps = c.window or f"{c.steps} ({-(-m.train.total // c.batch):,})"
    window = f"window {steps}, " if m.task.carries else ""
    members = f"{c.members} members of " if c.members > 1 else ""
    network = (
        f"{members}{count(p.parameters)} parameters, batch {c.batch}, {window}dropout {c.dropout:g}, "
        f"{c.optimizer} {_rate(m)}, seed {c.seed}, {p.threads} thread{'s' * (p.threads > 1)}, {budget(c)}"
        f"{_enough(enough_epochs(m))}"
    )
    both = ", bidirectional" if c.bidirectional else ""
    data = [] if p.again else [(p.source, f"{m.data}; {m.held}")]
    return [*data, (f"{c.cell} {c.layers} x {c.hidden}{both}", network), *p.notes]


def _rate(m: Material) -> str:
    """That of the training; with --scale-rate how it comes about."""
    c, times = m.config, batch_times(m)
    if not c.scale_rate:
        return f"{c.lr:g}"
    return f"{c.lr * times**0.5:.3g} ({c.lr:g} x √{times:.3g}: batch {c.batch} for the usual {c.batch / times:.0f})"


def _enough(epochs: float) -> str:
    return f" or {number(epochs)} epochs" if epochs < inf else ""


def planned(p: Plan) -> list[tuple[str, str]]:
    """What --dry-run says: the first lines of the training, and how long it takes."""
    if p.seconds is None:
        return [*describe(p.prepared), ("time", "that of the features and of one fit: seconds, for large data minutes")]
    about = f"about {clock(p.seconds)} for {p.updates:,} updates, by the time of {p.timed}; validation not included"
    if p.prepared.material.config.minutes:
        about = f"{clock(p.seconds)}, about {p.updates:,} updates, by the time of {p.timed}"
    return [*describe(p.prepared), ("time", about)]


def _frozen(p: Prepared) -> str:
    """What a frozen network is."""
    kinds = ", ".join(p.material.task.features)
    what = f"frozen features ({kinds})" if kinds else "frozen but for the read-out"
    instead = "--cell lstm" if kinds else "--learn all"
    return (
        f"{count(p.parameters)} parameters, {what}, ridge regression, seed {p.material.config.seed}, "
        f"{p.threads} thread{'s' * (p.threads > 1)}; {instead} trains a recurrent network"
    )


def stage(report: Trying | Tried | MemberBegins) -> str:
    """What is trained now, of several things; or what came of it."""
    if isinstance(report, Trying):
        return f"trying {report.number + 1} of {report.count}  {report.way}"
    if isinstance(report, Tried):
        return f"tried  {tried_text(report.errors, report.measure)}"
    return f"member {report.member} of {report.count}, counted from 0"


def rolled_back(r: RolledBack) -> str:
    """A loss that exploded."""
    return f"update {r.step:,}  the loss is {r.loss:.3g}: back to the best weights so far, at a rate of {r.lr:.2g}"


def window_changed(r: WindowChanged) -> str:
    """A window that did not suit the reach."""
    reaches = f"{r.reach} of {r.before}" if r.steps < r.before else f"through all {r.before}"
    found = f"update {r.step:,}  the gradient reaches {reaches} steps"
    return f"{found}: windows have {r.steps} now: --steps {r.before} undoes it"


def closing(saved: Saved) -> list[str]:
    """The last lines but for the verdict: the result, and what it was chosen from."""
    if saved.one_of_several:
        return [_result_line(saved)]
    few = saved.model.summary.get("few")
    notes = [f"members  {members_text(saved.model.summary)}"] if "members" in saved.model.summary else []
    notes += [f"tried  {tried_text(saved.model.summary['tried'])}"] if "tried" in saved.model.summary else []
    return [_result_line(saved), *notes, *([too_few(*few)] if few else [])]


def judged(saved: Saved) -> tuple[list[str], bool]:
    """The verdict as lines, which stand last, and whether it is a warning."""
    if saved.one_of_several:
        return [], False
    found = of_model(saved.model)
    return [f"verdict  {sentence}" for sentence in found.sentences], found.warns


def table(report: Compared | Tuned, task: str) -> list[str]:
    """What each of the named cells, or of the candidates of --tune, reached."""
    if isinstance(report, Tuned):
        return tuning.lines(report.table, task)
    return cells.lines([asdict(row) for row in report.rows], task, report.measure)


def too_few(count: int, levels: list[float]) -> str:
    """Levels that the validation part is too small for."""
    which = ", ".join(f"{level:g}" for level in levels)
    return (
        f"quantiles  {which}: the validation part has {count:,} value{'s' * (count != 1)} of the last step ahead, "
        f"{max(map(needed, levels)):,} are needed: residuals of all steps ahead are taken together"
    )


def _result_line(saved: Saved) -> str:
    f, config = saved.result, saved.model.config
    if f.valid_loss is None:
        return f"{saved.path}  no validation part, {f.step:,} updates, {clock(f.elapsed_s)}"
    if config.learn == "readout":
        features = saved.model.summary["readout"]["features"]
        early = f" of {duration(config.minutes)}: it is exact, more time has no use" if config.minutes else ""
        return f"{saved.path}  {_validated(saved, config)}, {features:,} features, {clock(f.elapsed_s)}{early}"
    early = EARLY.get(f.stopped, "").format(config.patience)
    best = f"best at update {f.best_step:,} of {f.step:,}"
    if config.members > 1:
        best = f"{config.members} members, {f.step:,} updates"
    if not f.best_step:
        start = saved.warm or registry.declared("tasks")[config.task]["start"]
        best += f": nothing was learnt, {start} was not beaten"
    return f"{saved.path}  {_validated(saved, config)}, {best}{early}, {clock(f.elapsed_s)}"


def _validated(saved: Saved, config) -> str:
    """What the validation part says."""
    loss, summary = loss_text(config.task, saved.result.valid_loss), saved.model.summary
    if learns(config.task) == "text":
        nats, bits = loss.split(" nats ")
        rivals = "".join(f", {name} {value:.3f}" for name, value in summary.get("rivals", {}).items())
        return f"{nats} nats a {ONE[config.tokens]} {bits}{rivals}"
    if learns(config.task) == "series":
        own, measure = own_figure(summary), summary["rivals_measure"]
        return ", ".join([*([f"{measure} {own:.4g}, {beside(summary['rivals'])}"] if summary["rivals"] else []), loss])
    found = summary.get("metrics", {})
    return ", ".join([*(f"{name} {found[name]:.4g}" for name in cells.FIGURES if found.get(name) is not None), loss])
