"""Tag: a label for each step. Loss: cross-entropy in nats a step, or that of whole paths in a conditional random field.

Tags may mark chunks (B-NP, I-NP, O, or another scheme, see data/schemes.py). For them the field is the default, its
best path has no step that the scheme forbids, and metrics are of whole chunks.
"""

import math
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns, offsets_of
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema, rows_of
from rnncli.data.schemes import MIXED, Writing, allowed_by, nearly_chunks, scheme_of
from rnncli.data.times.stamp_writing import write_time
from rnncli.errors import RnncliError, note
from rnncli.models.model_file import Model
from rnncli.network.losses import CROSS_ENTROPY, PathLoss
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.process.spool import RowSpool
from rnncli.readers.form import Form
from rnncli.readers.tagged import TOKEN
from rnncli.tasks.chunks import ChunkCounts
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.rows_out import Rows, Wanted
from rnncli.tasks.tally import BLOCK, IN_MEMORY, Tally, Unheard

TASK = {
    "rank": 4,
    "help": "a label for each step",
    "learns": "tags",
    "told_by": {"options": ("tag",), "forms": ("tagged",)},
    "asked_by": {"table": "--tag COLUMN", "jsonl": "--tag KEY"},
    "train": "bidirectional text min_count missing decimal inputs group time time_format noise fold_by",
    "fixed": "crf",
    "train_options": {
        "tag": {"metavar": "COLUMN", "help": "Column of the tags", "unset": "the last column"},
        "crf": {"type": "flag", "help": "Score whole paths of tags (CRF)", "unset": "on for tags of chunks"},
    },
    "predict": {
        "tags": "to header json save shard",
        "--evaluate": "json save folds",
        "--states": "to",
    },
    "no_stream": "a tag depends on the words that follow",
    "loss": "{nats:z.3f} nats",
    "start": "what training starts from",
}

OUTSIDE = "O"  # the tag of what is no token, as conlleval reads it


class Tag(ColumnTask):
    """A tag of the schema for each step."""

    name, by_step = "tag", True
    word_noise = 0.25  # new words are half of the mistakes

    def __init__(self, schema: Schema, form: Form, config: TrainConfig):
        super().__init__(schema, form, config)
        crf = bool(schema.scheme) or is_iob(schema.labels) if config.crf is None else config.crf
        allowed = allowed_by(schema.scheme, schema.labels)
        self.loss = PathLoss(len(schema.labels), allowed) if crf else CROSS_ENTROPY

    @classmethod
    def chosen(cls, model: Model) -> dict[str, Any]:
        return super().chosen(model) | {"crf": "task.transitions" in model.network.theta}

    @classmethod
    def check(cls, columns: Columns, name: str) -> None:
        if columns.labels is None or not (columns.labels.codes >= 0).any():
            where = "in the last column, in one named by --tag, or behind the last slash of each word"
            raise RnncliError(f"{name}: no tags that are known, expected them {where}")

    @classmethod
    def refuse_one_answer(cls, columns: Columns, name: str) -> None:
        if len(columns.labels.symbols) == 1:
            only = columns.labels.symbols[0]
            raise RnncliError(f"{name}: all tags are {only}, expected at least two: --tag names another column")

    @classmethod
    def fit(cls, columns: Columns, chosen: np.ndarray, config: TrainConfig, start: Schema | None = None) -> Schema:
        schema = super().fit(columns, chosen, config, start)
        schema.fit_labels(columns.labels)
        rows = rows_of(columns, chosen)
        codes = np.where(rows, schema.label_ids(columns.labels), -1)
        if start is None and (near := nearly_chunks(schema.labels)):
            note("tags such as {} are read as any other tags: written {}, they mark chunks".format(*near))
        schema.scheme, broken = scheme_of(schema.labels, codes, columns.offsets, start.scheme if start else None)
        if broken:
            paths = "" if config.crf is False else ": they are read as mistakes and never predicted"
            note(f"{broken:,} tag{'s' * (broken > 1)} of the training part break {schema.scheme}{paths}")
        if start and start.scheme not in (schema.scheme, None):
            now = "any tag may follow any other" if schema.scheme in (None, MIXED) else f"taken as {schema.scheme}"
            note(f"tags of the training part break {start.scheme}, the scheme of the model of --init: {now}")
        return schema

    def describe(self, train: Examples) -> str:
        field = ", conditional random field" if self.loss is not CROSS_ENTROPY else ""
        scheme = f" ({self.schema.scheme})" if self.schema.scheme not in (None, MIXED) else ""
        return f"{super().describe(train)}, {len(self.schema.labels)} tags{scheme}{field}"

    def chance(self) -> float:
        return math.log(len(self.schema.labels))

    def initialise(self, network: Network, train: Examples) -> None:
        """The output's bias starts at the log frequencies of the tags."""
        counts = np.bincount(train.targets[train.targets >= 0], minlength=len(self.schema.labels)) + 0.5
        network.theta["output.b"][...] = np.log(counts / counts.sum())

    def predictions(self, u: Unfolding, examples: Examples) -> np.ndarray:
        """Tags (rows,), as ids."""
        out = np.zeros(examples.total, np.int32)
        for indices, batch in u.over(examples):
            paths = self._best(u, batch)
            inside = np.arange(batch.steps)[:, None] < batch.lengths[: len(indices)]
            rows = examples.offsets[indices] + np.arange(batch.steps)[:, None]
            out[rows[inside]] = paths[:, : len(indices)][inside]
        return out

    def _best(self, u: Unfolding, batch) -> np.ndarray:
        """(steps, N)."""
        if isinstance(self.loss, PathLoss):
            return self.loss.paths(u, batch)
        return np.concatenate([u.outputs(*block).argmax(axis=2) for block in u.blocks(batch.steps)])

    def rows(self, tags: np.ndarray, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """The tags of tagged text in the lines of the input, else a row for each of the input."""
        names = [self.schema.labels[tag] for tag in tags.tolist()]
        if wanted.lines and self.form.name == "tagged":
            if self.form.slashed:
                return ("sentence",), _slashed(names, columns, self.form.separator)
            return (TOKEN, "tag"), _lines(names, columns)
        return _fields(names, columns, self.config.group is not None, self.form.name != "table")

    def tally(self, k: int | None = None, threshold: float | None = None) -> "Paths":
        return Paths(self.schema.labels)


class Paths(Tally):
    """Tags found and true ones, kept: how they are written shows when all labels are there."""

    def __init__(self, labels: list[str]):
        self.labels, self.unheard = labels, Unheard()
        self.tags, self.lengths = RowSpool(np.int32, (2,), IN_MEMORY), RowSpool(np.int64, (), IN_MEMORY)
        self.tokens = self.hits = 0

    def add(self, tags: np.ndarray, examples: Examples) -> None:
        true = self.unheard.numbered(examples.targets, examples.unheard, len(self.labels))
        self.tokens += int((true != -1).sum())
        self.hits += int((tags == true).sum())
        self.tags.append(np.stack([tags, true], axis=1))
        self.lengths.append(examples.lengths)

    def figures(self) -> dict:
        """tokens, accuracy; of tags of chunks precision, recall, f1, per_kind, as tasks/chunks.py defines them."""
        out = {"tokens": self.tokens, "accuracy": self.hits / self.tokens if self.tokens else None}
        labels = [*self.labels, *self.unheard.names]
        writing = Writing.of(self.labels)
        if writing := writing and (Writing.of(labels) or writing):  # those of another scheme may have other letters
            chunks, tags, lengths, begin = ChunkCounts(labels, writing), self.tags.array(), self.lengths.array(), 0
            for at in range(0, len(lengths), BLOCK):
                offsets = offsets_of(lengths[at : at + BLOCK])
                found, true = tags[begin : begin + offsets[-1]].T
                chunks.add(found, true, offsets)
                begin += int(offsets[-1])
            out |= chunks.figures()
        return out


def is_iob(labels: list[str]) -> bool:
    """Whether the tags are O, B-.. and I-..: models of before had the field for these alone, and no scheme."""
    return all(label == "O" or label[:2] in ("B-", "I-") for label in labels) and any(label != "O" for label in labels)


def _lines(tags: list[str], columns: Columns) -> Iterator[tuple]:
    """Token and tag; an empty row where an empty line stands, the tag O for the start of a document."""
    rows, begin = zip(columns.coded[TOKEN].texts(), tags, strict=True), 0
    for end, token in columns.asides:
        yield from islice(rows, end - begin)
        yield (token, OUTSIDE) if token else ()
        begin = end
    yield from rows


def _slashed(tags: list[str], columns: Columns, mark: str) -> Iterator[tuple]:
    """A sentence a line, each word with its tag behind the `mark`; an empty row where an empty line stands."""
    words = [f"{word}{mark}{tag}" for word, tag in zip(columns.coded[TOKEN].texts(), tags, strict=True)]
    empty = iter([end for end, _ in columns.asides])
    at = next(empty, None)
    for begin, end in pairwise(columns.offsets.tolist()):
        while at is not None and at <= begin:
            yield ()
            at = next(empty, None)
        yield (" ".join(words[begin:end]),)
    yield from (() for _ in ([at, *empty] if at is not None else ()))


def _fields(tags: list[str], columns: Columns, grouped: bool, with_token: bool) -> Rows:
    """A row for each of the input, in its order: the tag, then which step of which sequence it is of."""
    timed, keys = columns.times is not None, columns.keys if grouped else columns.numbers_from_one
    sequence = np.repeat(np.arange(len(columns)), columns.lengths)
    steps = (np.arange(columns.total) - columns.offsets[sequence]).tolist()
    fields = {
        "tag": tags,
        "group" if grouped else "sequence": [keys[i] for i in sequence.tolist()],
        "time" if timed else "step": [write_time(t, columns.time_sample) for t in columns.times] if timed else steps,
    }
    if with_token and TOKEN in columns.coded:
        fields[TOKEN] = columns.coded[TOKEN].texts()
    order = range(columns.total) if columns.order is None else np.argsort(columns.order).tolist()
    return tuple(fields), (tuple(values[row] for values in fields.values()) for row in order)
