"""MODEL.checkpoint: written now and then, after a signal, and before an end at once. Of several ranks one writes.

The thread that hears of signals writes it where the main thread is in a long update, of the state before that update:
one of the two at a time, and the main thread no more after the other one.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from rnncli.errors import RnncliError, note
from rnncli.models.model_file import CHECKPOINT, Model, save_model
from rnncli.models.output import check_writable, is_null
from rnncli.training.reports import State


class Checkpoint:
    """Of one MODEL."""

    def __init__(self, output: str, leads: bool = True):
        """`leads`: whether this process writes it."""
        self.output, self.path, self.leads = output, output + CHECKPOINT, leads
        self.writing, self.whole, self.abandoned = Lock(), False, False  # whole: the last one has been written

    def check(self) -> None:
        """RnncliError where MODEL cannot be written."""
        if self.leads:
            check_writable(self.output)

    def save_as_model(self, model: Model) -> None:
        """MODEL itself."""
        if self.leads:
            save_model(self.output, model)

    def touch_model(self) -> None:
        """It is as new, though nothing was to be done."""
        if self.leads:
            Path(self.output).touch()

    @property
    def model_is_there(self) -> bool:
        """Whether there is a MODEL already."""
        return Path(self.output).exists() and not is_null(self.output)

    @property
    def is_there(self) -> bool:
        """Whether there is one."""
        return Path(self.path).is_file() and not is_null(self.output)

    def remove(self) -> None:
        """When MODEL is written."""
        if self.leads and self.is_there:
            Path(self.path).unlink()

    def save(self, model: Model, state: State, last: bool = False) -> bool:
        """Whether it is written, or need not be; what fails is tried again with the next one, if there is one."""
        with self.writing:
            if is_null(self.output) or self.abandoned or not self.leads:
                return True
            try:
                save_model(self.path, model, state)
            except RnncliError as error:
                note(f"{error}: no checkpoint for now")
                return False
            self.whole = last
            return True

    def abandon(self, before: State | None, model: Callable[[State], Model]) -> str:
        """Write the state `before` the update under way, if it was kept, as the last one; what is left, in words."""
        with self.writing:
            whole = self.whole
        kept = not whole and before is not None and self.save(model(before), before)
        with self.writing:
            self.abandoned = True
        what = (
            "everything"
            if whole
            else "everything but the update under way"
            if kept
            else "all up to the last checkpoint"
        )
        return self.left(what)

    def left(self, what: str) -> str:
        """Where a training is that has ended without MODEL."""
        if is_null(self.output):
            return f"nothing was kept: {self.output} is the null device"
        if not self.is_there:
            return "nothing was written"
        return f"{what} is in {self.path}: give the same command with --resume to continue"
