"""A trained model of whole sequences and columns, to rows that fit the input."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.data.columns import Columns, Known
from rnncli.data.examples import Examples
from rnncli.data.shards import Shard
from rnncli.errors import RnncliError, note
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.predictors.tallies import Tallies
from rnncli.readers.columns import read_columns, read_pieces
from rnncli.readers.encodings import postponed
from rnncli.readers.naming import listed
from rnncli.readers.reader import Piece, Request
from rnncli.readers.source import display, reopenable
from rnncli.tasks import task_of
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.columns_in import request_of

ROWS = 32  # sequences side by side
LABELS_SHOWN = 6  # in a message
STEPS = 1 << 16  # of a batch at most, padding included
SEQUENCES = 1 << 14  # of a piece at most
VALUES = 1 << 21  # of a piece, and outputs of its sequences


class ColumnPredictor:
    """A model at work on whole sequences."""

    def __init__(self, model: Model, threads: int = 1):
        self.model, self.network, self.team = model, model.network, Team(threads)
        self.task: ColumnTask = task_of(model)
        self.task.temperature = model.summary.get("temperature", 1.0)

    def columns(self, path: str) -> Columns:
        """All of one file, with its answers."""
        return read_columns([reopenable(path)], self._request(None, True))

    def pieces(
        self, paths: list[str], encoding: str | None, answers: bool, postpones: bool, beside: str = ""
    ) -> Iterator[Columns]:
        """The input as it stands in the files, piece by piece; `answers` only where they are looked at, which may be
        in a file `beside`. If it `postpones`, what stands before bytes that are no text comes first, see
        readers/encodings.py.
        """
        with postponed(postpones):
            yield from self._pieces(paths, encoding, answers, beside)

    def shard_of(self, paths: list[str], encoding: str | None, shard: Shard) -> Iterator[Columns]:
        """Those of a shard. Everything is read to count the sequences, and read again where that is several pieces."""
        total, count, only = 0, 0, list[Columns]()
        for count, columns in enumerate(self._pieces(paths, encoding, False), 1):
            self._refuse_mixed(columns, paths[0])
            total += len(columns)
            only = [columns] if count == 1 else []
        begin, end = shard.part(total)
        for columns in only or self._pieces(paths, encoding, False):
            first, last = (min(max(0, place - columns.before), len(columns)) for place in (begin, end))
            before = columns.before + np.searchsorted(columns.offsets, [row for row, _ in columns.asides])
            asides = [aside for aside, place in zip(columns.asides, before, strict=True) if shard.has(place, total)]
            if first < last or asides:
                yield columns.part(first, last, asides)

    def _refuse_mixed(self, columns: Columns, path: str) -> None:
        """RnncliError where rows out, a step each, would not be those of one sequence after the other."""
        if not self.task.by_step or columns.order is None or not columns.total:
            return
        begins = columns.offsets[:-1][columns.lengths > 0]
        least, most = (of.reduceat(columns.order, begins) for of in (np.minimum, np.maximum))
        if (least[1:] < most[:-1]).any():
            group = self.model.config.group
            raise RnncliError(
                f"{display(path)}: the rows of a group do not stand together, expected so for --shard: sort the rows "
                f"by {group}"
            )

    def _pieces(self, paths: list[str], encoding: str | None, answers: bool, beside: str = "") -> Iterator[Columns]:
        piece = Piece(max(1, min(SEQUENCES, VALUES // self.network.architecture.outputs)), VALUES)
        files = [reopenable(path) for path in paths]
        yield from read_pieces(files, replace(self._request(encoding, answers), piece=piece, beside=beside))

    def _request(self, encoding: str | None, answers: bool) -> Request:
        known = Known(tuple(self.model.schema.numbers), tuple(self.model.schema.labels), answers)
        return request_of(self.model.form, self.model.config, encoding, known=known)

    def unfold(self, examples: Examples) -> Any:
        """The network over the longest of the sequences, packed; or a frozen one at work."""
        longest = max(1, int(examples.lengths.max(initial=1)))
        unfolded = self.network.unfold(longest, max(1, min(ROWS, len(examples), STEPS // longest)), self.team)
        unfolded.pack()
        return unfolded

    def predictions(self, examples: Examples) -> np.ndarray:
        """What the task predicts of all sequences."""
        return self.task.predictions(self.unfold(examples), examples)

    def evaluate(
        self, pieces: Iterator[Examples], source: str, k: int | None = None, threshold: float | None = None
    ) -> dict:
        """The task's metrics; the input has the answers. Of sets of labels at k of them, and from a threshold on."""
        tally, count, left_out = Tallies(self.model, lambda: self.task.tally(k, threshold)), 0, 0
        schema, strangers, is_known = self.model.schema, dict[str, None](), False
        for examples in pieces:
            if examples.targets is not None:
                strangers |= dict.fromkeys(examples.unheard)
                is_known = is_known or schema.knows_any(examples.targets)
            answered = examples.answered()
            count, left_out = count + len(answered), left_out + int((~answered).sum())
            if answered.any():
                examples = examples if answered.all() else examples.select(np.flatnonzero(answered))
                tally.add(self.predictions(examples), examples)
        if left_out == count:
            advice = "; --answers FILE names another file of them" if self.model.form.name == "arrays" else ""
            raise RnncliError(f"{source}: no answers, expected them as in training for --evaluate{advice}")
        if strangers and not is_known:
            trained = listed(tuple(schema.labels), LABELS_SHOWN)
            raise RnncliError(
                f"{source}: found labels {listed(tuple(strangers), LABELS_SHOWN)}, none of which was in training, "
                f"expected some of {trained}: name the column of the answers as in training, or map its labels to these"
            )
        if left_out:
            note(f"{source}: {left_out:,} of {count:,} sequences have no answer and are left out")
        return tally.figures(source)

    def states(self, examples: Examples) -> Iterator[np.ndarray]:
        """h (steps, layers, width) of each sequence, in order."""
        u = self.unfold(examples)
        out: list[np.ndarray | None] = [None] * len(examples)
        for indices, batch in u.over(examples):
            for n, index in enumerate(indices.tolist()):
                out[index] = np.stack([layer.Y[: batch.lengths[n], n] for layer in u.layers], axis=1)
        yield from out
