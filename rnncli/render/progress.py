"""Training as it goes: a live picture on a terminal, one plain line every few seconds in a pipe."""

import sys
import time
from dataclasses import asdict

from rnncli import registry
from rnncli.config import learns
from rnncli.data import signals
from rnncli.network.conformal import needed
from rnncli.render import cells, tuning
from rnncli.render.notes import say
from rnncli.render.rivals import beside, rivals_text
from rnncli.render.text import ACCENT, WARNING, budget, clock, count, loss_text, members_text, sparkline, tried_text
from rnncli.tasks.task import Material, Rivals
from rnncli.training.comparison import Compared
from rnncli.training.plan import Plan
from rnncli.training.reports import (
    Finished,
    MemberBegins,
    Prepared,
    Progress,
    RolledBack,
    Saved,
    Tried,
    Trying,
    Tuned,
    Validation,
    WindowChanged,
)
from rnncli.training.search import batch_times
from rnncli.training.verdict import of_model, own_figure
from rnncli.values import duration

PLAIN_SECONDS = 5.0
SHOW_CURSOR = b"\r\n\x1b[?25h"
WIDE = 100  # columns from which the picture has room for more
ONE = {"char": "character", "byte": "byte", "word": "word"}


def screen(quiet: bool) -> "_Quiet | _Live | _Plain":
    """What shows the reports of an Experiment on stderr: `with screen(quiet) as shown: shown.show(report)`."""
    return _Quiet() if quiet else _Live() if sys.stderr.isatty() else _Plain()


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
    early = f", stopped early (--patience {config.patience})" if f.stopped == "patience" else ""
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


class _Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def show(self, report) -> None:
        pass


class _Plain(_Quiet):
    """One line every few seconds."""

    last = 0.0

    def show(self, report) -> None:
        if isinstance(report, Prepared):
            self.task = report.material.config.task
            for name, text in describe(report):
                say(f"{name}  {text}")
        elif isinstance(report, Rivals) and report.figures:
            say(f"rivals  {rivals_text(report.figures, report.measure)}")
        elif isinstance(report, Progress) and time.monotonic() - self.last >= PLAIN_SECONDS:
            self.last = time.monotonic()
            left = "" if report.left_s is None else f", {clock(report.left_s)} left"
            reach = "" if report.reach is None else f"  reach {report.reach}"
            say(
                f"update {report.step:,}  {100 * report.done:.0f} %  loss {report.loss:.3f}  rate {report.lr:.4f}  "
                f"{count(report.tokens_per_s)} tokens/s{reach}  {clock(report.elapsed_s)}{left}"
            )
        elif isinstance(report, Trying | Tried | MemberBegins):
            say(stage(report))
        elif isinstance(report, RolledBack):
            say(rolled_back(report))
        elif isinstance(report, WindowChanged):
            say(window_changed(report))
        elif isinstance(report, Validation):
            say(f"update {report.step:,}  valid {loss_text(self.task, report.valid_loss)}  loss {report.loss:.3f}")
        elif isinstance(report, Compared | Tuned):
            for line in table(report, self.task):
                say(line)
        elif isinstance(report, Saved):
            for line in [*closing(report), *judged(report)[0]]:
                say(line)


class _Live(_Quiet):
    """Two lines that are redrawn in place."""

    def __init__(self):
        from rnncli.render.screen import Screen

        self.console = Screen(stderr=True, highlight=False)
        self.rival = ""
        self._begin()

    def _begin(self) -> None:
        """A picture of nothing yet. One that was stopped would begin on the last lines above it."""
        from rich.live import Live

        self.live = Live(console=self.console, refresh_per_second=4, transient=True)
        self.losses: list[float] = []
        self.valid: float | None = None

    def __exit__(self, *_):
        self._end()

    def _end(self) -> None:
        self.live.stop()
        signals.before_last_words = b""

    def show(self, report) -> None:
        if isinstance(report, Prepared):
            width = max(len(name) for name, _ in describe(report))
            for name, text in describe(report):
                self.console.print(_hanging(name, text, width))
            m = report.material
            self.unit, self.steps, self.task = m.task.unit, m.config.window, m.config.task
            self._begin()
        elif isinstance(report, Rivals) and report.figures:
            name, value = list(report.figures.items())[-1]
            if report.measure == "nats":  # so is the loss that it stands beside
                self.rival = f"  {name} {value:.3f}"
            else:
                self.console.print(_hanging("rivals", rivals_text(report.figures, report.measure), len("rivals")))
        elif isinstance(report, Progress):
            self.losses.append(report.loss)
            signals.before_last_words = SHOW_CURSOR
            self.live.start()
            self.live.update(self._picture(report))
        elif isinstance(report, Trying | Tried | MemberBegins):
            self._end()
            self._begin()
            self.console.print(stage(report), markup=False)
        elif isinstance(report, RolledBack):
            self.console.print(rolled_back(report), markup=False)
        elif isinstance(report, WindowChanged):
            self.steps = report.steps
            self.console.print(window_changed(report), markup=False)
        elif isinstance(report, Validation):
            self.valid = report.valid_loss
        elif isinstance(report, Finished):
            self._end()
        elif isinstance(report, Compared | Tuned):
            self._end()
            for line in table(report, self.task):
                self.console.print(line, soft_wrap=True, markup=False)
        elif isinstance(report, Saved):
            for line in closing(report):
                self.console.print(line, markup=False)
            lines, warns = judged(report)
            for line in lines:
                self.console.print(line, markup=False, style=WARNING if warns else ACCENT)

    def _picture(self, p: Progress):
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        wide = self.console.width >= WIDE
        total = "" if p.left_s is None else f" of {clock(p.elapsed_s + p.left_s)}"
        valid = "valid -" if self.valid is None else f"valid {loss_text(self.task, self.valid)}"
        bar = Text(_bar(p.done, 24 if wide else 16), "cyan")
        table.add_row(f"{clock(p.elapsed_s)}{total}", bar, valid + self.rival)
        speed = f"{count(p.tokens_per_s)} {self.unit}/s" if wide else f"{count(p.tokens_per_s)}/s"
        losses = Text(f"loss {p.loss:.3f}  ").append(sparkline(self.losses[1:], 12 if wide else 4), "cyan")
        reach = f"  reach {p.reach}" + (f" of {self.steps}" if self.steps else "") if p.reach else ""
        table.add_row(f"update {p.step:,}", losses, f"rate {p.lr:.4f}  {speed}{reach}")
        return table


def _hanging(name: str, text: str, width: int):
    """The name, then the text wrapped beside it."""
    from rich.table import Column, Table
    from rich.text import Text

    table = Table.grid(Column(min_width=min(width, 24), overflow="fold"), "", padding=(0, 2))
    table.add_row(Text(name, "cyan"), Text(text))
    return table


def _bar(done: float, width: int) -> str:
    eighths = int(min(1.0, done) * width * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[part] if part else "")).ljust(width, "·")[:width]
