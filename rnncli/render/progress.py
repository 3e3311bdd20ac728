"""Training as it goes: a live picture on a terminal, one plain line every few seconds in a pipe."""

import sys
import time

from rnncli.process import signals
from rnncli.render.notes import say
from rnncli.render.rivals import rivals_text
from rnncli.render.text import ACCENT, WARNING, clock, count, loss_text, sparkline
from rnncli.render.training_words import closing, describe, judged, rolled_back, stage, table, window_changed
from rnncli.tasks.task import Rivals
from rnncli.training.comparison import Compared
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

PLAIN_SECONDS = 5.0
SHOW_CURSOR = b"\r\n\x1b[?25h"
WIDE = 100  # columns from which the picture has room for more


def screen(quiet: bool) -> "_Quiet | _Live | _Plain":
    """What shows the reports of an Experiment on stderr: `with screen(quiet) as shown: shown.show(report)`."""
    return _Quiet() if quiet else _Live() if sys.stderr.isatty() else _Plain()


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
        match report:
            case Prepared():
                self.task = report.material.config.task
                for name, text in describe(report):
                    say(f"{name}  {text}")
            case Rivals() if report.figures:
                say(f"rivals  {rivals_text(report.figures, report.measure)}")
            case Progress() if time.monotonic() - self.last >= PLAIN_SECONDS:
                self.last = time.monotonic()
                left = "" if report.left_s is None else f", {clock(report.left_s)} left"
                reach = "" if report.reach is None else f"  reach {report.reach}"
                say(
                    f"update {report.step:,}  {100 * report.done:.0f} %  loss {report.loss:.3f}  rate {report.lr:.4f}  "
                    f"{count(report.tokens_per_s)} tokens/s{reach}  {clock(report.elapsed_s)}{left}"
                )
            case Trying() | Tried() | MemberBegins():
                say(stage(report))
            case RolledBack():
                say(rolled_back(report))
            case WindowChanged():
                say(window_changed(report))
            case Validation():
                say(f"update {report.step:,}  valid {loss_text(self.task, report.valid_loss)}  loss {report.loss:.3f}")
            case Compared() | Tuned():
                for line in table(report, self.task):
                    say(line)
            case Saved():
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
        match report:
            case Prepared():
                width = max(len(name) for name, _ in describe(report))
                for name, text in describe(report):
                    self.console.print(_hanging(name, text, width))
                m = report.material
                self.unit, self.steps, self.task = m.task.unit, m.config.window, m.config.task
                self._begin()
            case Rivals() if report.figures:
                name, value = list(report.figures.items())[-1]
                if report.measure == "nats":  # so is the loss that it stands beside
                    self.rival = f"  {name} {value:.3f}"
                else:
                    self.console.print(_hanging("rivals", rivals_text(report.figures, report.measure), len("rivals")))
            case Progress():
                self.losses.append(report.loss)
                signals.before_last_words = SHOW_CURSOR
                self.live.start()
                self.live.update(self._picture(report))
            case Trying() | Tried() | MemberBegins():
                self._end()
                self._begin()
                self.console.print(stage(report), markup=False)
            case RolledBack():
                self.console.print(rolled_back(report), markup=False)
            case WindowChanged():
                self.steps = report.steps
                self.console.print(window_changed(report), markup=False)
            case Validation():
                self.valid = report.valid_loss
            case Finished():
                self._end()
            case Compared() | Tuned():
                self._end()
                for line in table(report, self.task):
                    self.console.print(line, soft_wrap=True, markup=False)
            case Saved():
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
