"""A trained classify, multilabel, regress or tag model and columns, to rows that fit the input."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from rnncli.data.columns import Columns, Known
from rnncli.data.digits import FINE, places
from rnncli.data.examples import Examples
from rnncli.data.stamps import write_time
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.network import Unfolded
from rnncli.readers.columns import read_columns
from rnncli.readers.source import reopenable
from rnncli.readers.tagged import TOKEN
from rnncli.tasks import task_class
from rnncli.tasks.classify import log_softmax
from rnncli.tasks.column_task import ColumnTask, forward, roles_of
from rnncli.tasks.multilabel import THRESHOLD, sigmoid

ROWS = 32  # sequences side by side
STEPS = 1 << 16  # of a batch at most, padding included
OUTSIDE = "O"  # the tag of what is no token, as conlleval reads it


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

    def columns(self, paths: list[str], encoding: str | None, answers: bool = True) -> Columns:
        """The input as it stands in the files; `answers` only where they are looked at."""
        config = self.model.config
        paths = [reopenable(path) for path in paths]
        encoding = encoding or config.encoding
        known = Known(tuple(self.model.schema.numbers), tuple(self.model.schema.labels), answers)
        return read_columns(paths, self.model.form, self.roles, encoding, config.tokens, self.task.name, known)

    def unfold(self, examples: Examples) -> Unfolded:
        """The network over the longest of the sequences, packed."""
        longest = max(1, int(examples.lengths.max(initial=1)))
        unfolded = self.network.unfold(longest, max(1, min(ROWS, len(examples), STEPS // longest)), self.team)
        unfolded.pack()
        return unfolded

    def predictions(self, examples: Examples) -> np.ndarray:
        """What the task predicts of all sequences."""
        return self.task.predictions(self.unfold(examples), examples)

    def evaluate(self, examples: Examples, source: str, k: int | None = None, threshold: float | None = None) -> dict:
        """The task's metrics; the input has the answers. Of sets of labels at k of them, and from a threshold on."""
        answered = examples.answered()
        if not answered.any():
            raise RnncliError(f"{source}: no answers to compare with: --evaluate needs the columns trained on")
        if not answered.all():
            examples = examples.select(np.flatnonzero(answered))
        if self.task.name == "multilabel":
            z = self.predictions(examples) / self.model.summary.get("temperature", 1.0)
            return self.task.metrics(z, examples, k or 1, THRESHOLD if threshold is None else threshold)
        return self.task.metrics(self.predictions(examples), examples)

    def probabilities(self, examples: Examples) -> np.ndarray:
        """Of every label (sequences, labels), calibrated."""
        logits = self.predictions(examples) / self.model.summary.get("temperature", 1.0)
        return sigmoid(logits) if self.task.name == "multilabel" else np.exp(log_softmax(logits.astype(np.float64)))

    def states(self, examples: Examples) -> Iterator[np.ndarray]:
        """h (steps, layers, width) of each sequence, in order."""
        u = self.unfold(examples)
        out: list[np.ndarray | None] = [None] * len(examples)
        for indices, batch in forward(u, examples):
            for n, index in enumerate(indices.tolist()):
                out[index] = np.stack([layer.Y[: batch.lengths[n], n] for layer in u.layers], axis=1)
        yield from out

    def rows(self, columns: Columns, examples: Examples, wanted: Any, lines: bool) -> tuple[tuple, Iterator[tuple]]:
        """(names of the fields, rows). With `lines` the tags of tagged text come in the lines of the input."""
        if self.task.name == "tag":
            lines = lines and self.model.form.name == "tagged"
            return self._tag_lines(columns, examples) if lines else self._tag_rows(columns, examples)
        keys = columns.keys or range(1, len(examples) + 1)
        if self.task.name == "regress":
            names, values = self.model.schema.targets, self.predictions(examples)
            kept = [places(FINE * std) for std in self.model.schema.target_std]
            rows = ((*map(round, row, kept), key) for row, key in zip(values.tolist(), keys, strict=True))
            return _with_input(names), rows
        p, labels = self.probabilities(examples), self.model.schema.labels
        if wanted.every:
            return _with_input(labels), ((*_rounded(row), key) for row, key in zip(p.tolist(), keys, strict=True))
        order = np.argsort(-p, axis=1, kind="stable")[:, : wanted.top]
        if self.task.name == "multilabel":
            least = wanted.threshold if wanted.threshold is not None else 0.0 if wanted.top else THRESHOLD
            return ("labels", "probabilities", "input"), self._label_sets(p, order, least, keys, wanted.together)
        names = ("label", "probability") if wanted.top == 1 else ("label", "probability", *_numbered(order.shape[1]))
        rows = (
            (*(x for i in best.tolist() for x in (labels[i], round(float(row[i]), 4))), key)
            for row, best, key in zip(p, order, keys, strict=True)
        )
        return _with_input(names), rows

    def _label_sets(self, p: np.ndarray, order: np.ndarray, least: float, keys, together: bool) -> Iterator[tuple]:
        """The labels of at least this probability, the likeliest first; `together` as one text."""
        labels = self.model.schema.labels
        separator = self.model.form.label_separator or next((s for s in ",|; " if not any(s in x for x in labels)), ",")
        for row, best, key in zip(p, order, keys, strict=True):
            chosen = [i for i in best.tolist() if row[i] >= least]
            found = [labels[i] for i in chosen], _rounded(row[chosen].tolist())
            yield (*(separator.join(map(str, part)) for part in found), key) if together else (*found, key)

    def _tags(self, examples: Examples) -> list[str]:
        """Of all rows."""
        return [self.model.schema.labels[tag] for tag in self.predictions(examples).tolist()]

    def _tag_lines(self, columns: Columns, examples: Examples) -> tuple[tuple, Iterator[tuple]]:
        """Token and tag; an empty row where an empty line stands, the tag O for the start of a document."""

        def lines():
            rows = zip(columns.coded[TOKEN].texts(), self._tags(examples), strict=True)
            begin = 0
            for end, token in columns.asides:
                yield from islice(rows, end - begin)
                yield (token, OUTSIDE) if token else ()
                begin = end
            yield from rows

        return (TOKEN, "tag"), lines()

    def _tag_rows(self, columns: Columns, examples: Examples) -> tuple[tuple, Iterator[tuple]]:
        """A row for each of the input, in its order: the tag, then which step of which sequence it is of."""
        grouped, timed = self.roles.group is not None, columns.times is not None
        keys = columns.keys if grouped else range(1, len(columns) + 1)
        sequence = np.repeat(np.arange(len(columns)), columns.lengths)
        fields = {
            "tag": self._tags(examples),
            "group" if grouped else "sequence": [keys[i] for i in sequence.tolist()],
            "time" if timed else "step": _time_texts(columns) if timed else _steps(columns, sequence),
        }
        if TOKEN in columns.coded and self.model.form.name != "table":
            fields[TOKEN] = columns.coded[TOKEN].texts()
        order = range(columns.rows) if columns.order is None else np.argsort(columns.order).tolist()
        return tuple(fields), (tuple(values[row] for values in fields.values()) for row in order)


def _steps(columns: Columns, sequence: np.ndarray) -> list[int]:
    """How many rows of its sequence are before each row."""
    return (np.arange(columns.rows) - columns.offsets[sequence]).tolist()


def _time_texts(columns: Columns) -> list[str]:
    """The times of all rows, as they are written."""
    return [write_time(time, columns.time_sample) for time in columns.times]


def _with_input(names) -> tuple[str, ...]:
    """The names of the fields; the last is `input`."""
    return told_apart((*names, "input"), set(range(len(names))))


def told_apart(names: Sequence[str], fixed: set[int]) -> tuple[str, ...]:
    """The names of fields, each once: those at the places `fixed` are the file's and stay as they are, others get
    as many _ after them as it takes.
    """
    found, taken = [], {name for i, name in enumerate(names) if i in fixed}
    for i, name in enumerate(names):
        while i not in fixed and name in taken:
            name += "_"
        taken.add(name)
        found.append(name)
    return tuple(found)


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 4) for value in values]


def _numbered(count: int) -> list[str]:
    """`label_2, probability_2, ..`."""
    return [f"{name}_{i}" for i in range(2, count + 1) for name in ("label", "probability")]
