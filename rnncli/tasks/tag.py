"""Tag: a label for each step. Loss: cross-entropy in nats a step, or that of whole paths in a conditional random field.

Tags of the IOB kind (B-NP, I-NP, O) mark chunks; for them the field is the default, and metrics are of whole chunks.
"""

import math

import numpy as np

from rnncli.errors import RnncliError
from rnncli.network.losses import CROSS_ENTROPY, PathLoss
from rnncli.tasks.classify import f1_of
from rnncli.tasks.column_task import ColumnTask, forward


class Tag(ColumnTask):
    """A tag of the schema for each step."""

    name, by_step = "tag", True

    def __init__(self, schema, form, config):
        super().__init__(schema, form, config)
        crf = is_iob(schema.labels) if config.crf is None else config.crf
        self.loss = PathLoss(len(schema.labels)) if crf else CROSS_ENTROPY

    @classmethod
    def check(cls, columns, name):
        if columns.labels is None or not (columns.labels.codes >= 0).any():
            raise RnncliError(f"{name}: no tags: expected a tag in the last column, or --tag with its name")

    @classmethod
    def fit(cls, columns, chosen, config):
        schema = super().fit(columns, chosen, config)
        schema.fit_labels(columns.labels, np.arange(len(columns.labels.codes)))
        return schema

    def describe(self, train):
        field = ", conditional random field" if self.loss is not CROSS_ENTROPY else ""
        return f"{super().describe(train)}, {len(self.schema.labels)} tags{field}"

    def chance(self):
        return math.log(len(self.schema.labels))

    def initialise(self, network, train):
        """The output's bias starts at the log frequencies of the tags."""
        counts = np.bincount(train.targets[train.targets >= 0], minlength=len(self.schema.labels)) + 0.5
        network.theta["output.b"][...] = np.log(counts / counts.sum())

    def predictions(self, u, examples):
        """Tags (rows,), as ids."""
        out = np.zeros(examples.total, np.int32)
        for indices, batch in forward(u, examples):
            paths = self._best(u, batch)
            inside = np.arange(batch.steps)[:, None] < batch.lengths[: len(indices)]
            rows = examples.offsets[indices] + np.arange(batch.steps)[:, None]
            out[rows[inside]] = paths[:, : len(indices)][inside]
        return out

    def _best(self, u, batch) -> np.ndarray:
        """(steps, N)."""
        if self.loss is not CROSS_ENTROPY:
            return self.loss.paths(u, batch)
        blocks = range(0, batch.steps, u.block)
        return np.concatenate([u.outputs(t0, min(u.block, batch.steps - t0)).argmax(axis=2) for t0 in blocks])

    def metrics(self, tags, examples):
        """tokens, accuracy; of IOB tags precision, recall, f1 of whole chunks, None for 0 / 0."""
        true, known = examples.targets, examples.targets != -1
        out = {"tokens": int(known.sum()), "accuracy": float((tags == true)[known].mean()) if known.any() else None}
        if is_iob(self.schema.labels):
            out |= self._chunk_metrics(tags, true, examples.offsets)
        return out

    def _chunk_metrics(self, tags, true, offsets):
        names = [*self.schema.labels, "?"]
        tags = np.where(true == -1, len(self.schema.labels), tags)  # what has no tag is in no chunk
        true = np.where(true < 0, len(self.schema.labels), true)  # a tag that the model does not know is the last
        found = _all_chunks(tags, names, offsets)
        there = _all_chunks(true, names, offsets)
        return f1_of(len(found & there), len(found), len(there))


def is_iob(labels: list[str]) -> bool:
    """Whether the tags are O, B-.. and I-.. ."""
    return all(label == "O" or label[:2] in ("B-", "I-") for label in labels) and any(label != "O" for label in labels)


def _all_chunks(tags: np.ndarray, names: list[str], offsets: np.ndarray) -> set[tuple[int, int, str]]:
    """Of all sequences, at their rows."""
    out = set()
    texts = [names[i] for i in tags.tolist()]
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        out.update((begin + first, begin + last, kind) for first, last, kind in chunks(texts[begin:end]))
    return out


def chunks(tags: list[str]) -> list[tuple[int, int, str]]:
    """(first, last, kind) of the chunks in a sequence, as conlleval reads them: an I- after another kind begins one."""
    out, start, kind = [], 0, ""
    for i, tag in enumerate([*tags, "O"]):
        head, _, here = tag.partition("-")
        if kind and (head != "I" or here != kind):
            out.append((start, i - 1, kind))
            kind = ""
        if head in ("B", "I") and not kind:
            start, kind = i, here
    return out
