"""Where `predict` has its model, its input and the state of its stream from."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.language import Predictor, texts_of
from rnncli.readers.source import open_bytes
from rnncli.render.notes import hear_notes, note_compilation
from rnncli.tasks.trained import load_model


@dataclass
class Source:
    """Where the input comes from: files, or prompts of the command line."""

    paths: list[str]
    prompts: list[str] | None
    encoding: str | None
    follow: bool = False

    def is_empty(self) -> bool:
        """Whether nothing at all comes in."""
        for path in self.paths:
            with open_bytes(path) as stream:
                if stream.read(1):
                    return False
        return True

    def lines(self, predictor: Predictor) -> Iterator[str | bytes]:
        """Lines, or records, as the model reads them: text, or bytes."""
        model = predictor.model
        if self.prompts is not None:
            yield from map(os.fsencode, self.prompts) if model.config.tokens == "byte" else self.prompts
            return
        if self.paths == ["-"] and sys.stdin and sys.stdin.isatty():
            print("reading lines from the terminal; end with Ctrl-D", file=sys.stderr)
        for path in self.paths:
            yield from texts_of(model, path, self.encoding, follow=self.follow, keep=False)


def open_model(path: str, quiet: bool) -> Model:
    """The model of a file; from now on what there is to say is said, as when kernels have to be compiled."""
    note_compilation(quiet)
    hear_notes()
    return load_model(path)


@contextmanager
def carried(follow: bool, state: StateFile | None) -> Iterator[Callable[[], None]]:
    """Load the state, and write it at the end; yields what is to be called when the rows of a line are written.

    A growing input ends by a signal, an error or a closed pipe: then the state after the last line whose rows went out
    is written. Any other input that ends so leaves the old state, to be scored again as a whole.
    """
    if state:
        state.load()
    after = None

    def rows_are_written():
        nonlocal after
        if follow:
            before, after = after, state.holder.state() if state else None
            try:  # a signal in a moment leaves the rows to be flushed
                sys.stdout.buffer.flush()
            except OSError:
                after = before
                raise

    try:
        yield rows_are_written
    except BaseException:
        if after:
            state.save(after)
        raise
    if state:
        state.save(state.holder.state())
