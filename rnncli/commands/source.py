"""Where `predict` has its model, its input and the state of its stream from."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any

from rnncli.data.columns import Columns
from rnncli.data.shards import Shard
from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.language import Predictor, texts_of
from rnncli.process import signals
from rnncli.readers.source import display, open_bytes
from rnncli.render.notes import hear_notes, note_compilation
from rnncli.render.row_file import RowFile
from rnncli.tasks.trained import load_model


@dataclass
class Source:
    """Where the input comes from: files, prompts of the command line, or what is in memory."""

    paths: list[str]
    prompts: list[str] | None
    encoding: str | None
    follow: bool = False
    columns: Columns | None = None  # that are in memory
    shard: Shard = Shard()

    @property
    def name(self) -> str:
        """What messages on all of it call it."""
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return display(self.paths[0]) + more

    def is_empty(self) -> bool:
        """Whether nothing at all comes in."""
        if self.columns is not None:
            return False
        for path in self.paths:
            with open_bytes(path) as stream:
                if stream.read(1):
                    return False
        return True

    def lines(self, predictor: Predictor) -> tuple[int, Iterator[str | bytes]]:
        """How many lines, or records, come before those of the shard, and these: all are read to count them."""
        if self.shard.is_whole:
            return 0, self._lines(predictor)
        begin, end = self.shard.part(sum(1 for _ in self._lines(predictor)))
        return begin, islice(self._lines(predictor), begin, end)

    def _lines(self, predictor: Predictor) -> Iterator[str | bytes]:
        """All, as the model reads them: text, or bytes."""
        model = predictor.model
        if self.prompts is not None:
            yield from map(os.fsencode, self.prompts) if model.config.tokens == "byte" else self.prompts
            return
        if self.paths == ["-"] and sys.stdin and sys.stdin.isatty():
            print("reading lines from the terminal; end with Ctrl-D", file=sys.stderr)
        for path in self.paths:
            yield from texts_of(model, path, self.encoding, follow=self.follow, keep=not self.shard.is_whole)


def open_model(path: str, quiet: bool) -> Model:
    """The model of a file; from now on what there is to say is said, as when kernels have to be compiled."""
    note_compilation(quiet)
    hear_notes()
    return load_model(path)


class _Rows:
    """The state of a growing input, which a signal ends while the next line is waited for: see process/signals.py."""

    breaks = True

    def __init__(self, state: StateFile | None):
        self.file, self.saving = state, Lock()
        self.after: Any = None  # the state after the last line whose rows went out, until it is saved

    def stop(self, number: int) -> None:
        """It does so by itself."""

    def abandon(self) -> None:
        """Once, whoever comes first."""
        with self.saving:
            after, self.after = self.after, None
            if after:
                self.file.save(after)


@contextmanager
def carried(follow: bool, state: StateFile | None) -> Iterator[Callable[[], None]]:
    """Load the state, and write it at the end; yields what is to be called when the rows of a line are written.

    A growing input ends by a signal, an error or a closed pipe: then the state after the last line whose rows went out
    is written. Any other input that ends so leaves the old state, to be scored again as a whole.
    """
    if state:
        state.load()
    kept = _Rows(state)

    def rows_are_written():
        if follow:
            now = state.holder.state() if state else None
            sys.stdout.buffer.flush()
            kept.after = now
            signals.check()

    with signals.handed_to(kept) if follow else nullcontext():
        try:
            yield rows_are_written
        except BaseException:
            kept.abandon()
            raise
        if state:
            if RowFile.here:  # first the rows: a state that is ahead of them would lose some
                RowFile.here.finish()
            sys.stdout.flush()
            state.save(state.holder.state())
