"""A trained classify, regress or tag model and columns, to rows that fit the input."""

from collections.abc import Iterator

import numpy as np

from rnncli.columns import Columns
from rnncli.errors import RnncliError
from rnncli.examples import Examples
from rnncli.kernels.team import Team
from rnncli.model_file import Model
from rnncli.network import Unfolded
from rnncli.readers.columns import read_columns
from rnncli.readers.source import reopenable
from rnncli.tasks import task_class
from rnncli.tasks.classify import log_softmax
from rnncli.tasks.column_task import ColumnTask, forward, roles_of

ROWS = 32  # sequences side by side
STEPS = 1 << 16  # of a batch at most, padding included


class ColumnPredictor:
    """A model at work on whole sequences."""

    def __init__(self, model: Model, threads: int = 1):
        self.model, self.network, self.team = model, model.network, Team(threads)
        self.task: ColumnTask = task_class(model.config.task)(model.schema, model.form, model.config)
        self.roles = roles_of(model.config)

    def read(self, paths: list[str], encoding: str | None) -> tuple[Columns, Examples]:
        """The input in the form trained on; the numbers of the columns are scaled then."""
        columns = self.columns(paths, encoding)
        return columns, self.model.schema.encode(columns)

    def columns(self, paths: list[str], encoding: str | None) -> Columns:
        """The input as it stands in the files."""
        config = self.model.config
        paths = [reopenable(path) for path in paths]
        encoding = encoding or config.encoding
        numbers, labels = tuple(self.model.schema.numbers), self.model.schema.labels
        return read_columns(
            paths, self.model.form, self.roles, encoding, config.tokens, self.task.name, numbers, labels
        )

    def unfold(self, examples: Examples) -> Unfolded:
        """The network over the longest of the sequences, packed."""
        longest = max(1, int(examples.lengths.max(initial=1)))
        unfolded = self.network.unfold(longest, max(1, min(ROWS, len(examples), STEPS // longest)), self.team)
        unfolded.pack()
        return unfolded

    def predictions(self, examples: Examples):
        """What the task predicts of all sequences."""
        return self.task.predictions(self.unfold(examples), examples)

    def evaluate(self, examples: Examples, source: str) -> dict:
        """The task's metrics; the input has the answers."""
        if examples.targets is None:
            raise RnncliError(f"{source}: no answers to compare with: --evaluate needs the columns trained on")
        return self.task.metrics(self.predictions(examples), examples)

    def probabilities(self, examples: Examples) -> np.ndarray:
        """Of every label (sequences, labels), calibrated."""
        logits = self.predictions(examples) / self.model.summary.get("temperature", 1.0)
        return np.exp(log_softmax(logits.astype(np.float64)))

    def states(self, examples: Examples) -> Iterator[np.ndarray]:
        """h (steps, layers, width) of each sequence, in order."""
        u, out = self.unfold(examples), [None] * len(examples)
        for indices, batch in forward(u, examples):
            for n, index in enumerate(indices.tolist()):
                out[index] = np.stack([layer.Y[: batch.lengths[n], n] for layer in u.layers], axis=1)
        yield from out

    def rows(self, columns: Columns, examples: Examples, top: int, every: bool) -> tuple[tuple, Iterator[tuple]]:
        """(names of the fields, rows); an empty row stands between sequences of tags."""
        if self.task.name == "tag":
            return ("token", "tag"), self._tag_rows(columns, examples)
        keys = columns.keys or [str(i) for i in range(len(examples))]
        if self.task.name == "regress":
            names, values = self.model.schema.targets, self.predictions(examples)
            rows = ((*(float(f"{v:.7g}") for v in row), key) for row, key in zip(values.tolist(), keys, strict=True))
            return (*names, "input"), rows
        p, labels = self.probabilities(examples), self.model.schema.labels
        if every:
            return (*labels, "input"), ((*_rounded(row), key) for row, key in zip(p.tolist(), keys, strict=True))
        order = np.argsort(-p, axis=1, kind="stable")[:, :top]
        names = ("label", "probability") if top == 1 else ("label", "probability", *_numbered(order.shape[1]))
        rows = (
            (*(x for i in best.tolist() for x in (labels[i], round(float(row[i]), 4))), key)
            for row, best, key in zip(p, order, keys, strict=True)
        )
        return (*names, "input"), rows

    def _tag_rows(self, columns: Columns, examples: Examples) -> Iterator[tuple]:
        tags, tokens = self.predictions(examples), columns.coded["token"].texts()
        for begin, end in zip(columns.offsets[:-1].tolist(), columns.offsets[1:].tolist(), strict=True):
            for row in range(begin, end):
                yield tokens[row], self.model.schema.labels[tags[row]]
            yield ()


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 4) for value in values]


def _numbered(count: int) -> list[str]:
    """`label_2, probability_2, ..`."""
    return [f"{name}_{i}" for i in range(2, count + 1) for name in ("label", "probability")]
