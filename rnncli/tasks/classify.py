"""Classify: a label for each sequence. Loss: cross-entropy in nats.

Probabilities are softmax(logits / temperature), the temperature fitted on the validation part (Guo et al. 2017,
arXiv 1706.04599).
"""

import math
from collections import Counter
from collections.abc import Callable

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data import label_sets
from rnncli.data.columns import Columns
from rnncli.data.digits import probability
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.errors import UsageError, note
from rnncli.frozen.ridge import Answers
from rnncli.network.losses import CROSS_ENTROPY, CrossEntropy
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.readers.naming import listed
from rnncli.readers.numerals import bare
from rnncli.tasks import gram_regression, task_class
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.confusion import Mistakes, Reliability
from rnncli.tasks.rows_out import EVERY, Rows, Wanted, rounded, with_input
from rnncli.tasks.tally import Tally, Unheard, added
from rnncli.tasks.task import Rivals
from rnncli.values import parse_weights

TASK = {
    "rank": 1,
    "help": "a label for each sequence",
    "learns": "label",
    "told_by": {"options": ("label", "label_from"), "forms": ("labelled",)},
    "asked_by": {"table": "--label COLUMN", "wide": "--task classify", "jsonl": "--label KEY"},
    "train": "label learn pool bidirectional text min_count missing decimal inputs group time time_format noise "
    "fold_by",
    "train_options": {
        "label_from": {
            "pattern": r"(name|folder)(:[1-9])?",
            "metavar": "name|folder",
            "help": "Take the label of a file from its name, without the numbers at its ends, or from its folder; "
            "name:2 is the second part of the name, folder:2 the folder above",
        },
        "class_weights": {
            "taken": "",
            "trained": True,
            "metavar": "balanced|LABEL=W,..",
            "help": "Weights of the labels in the loss; balanced: inverse to their frequency",
            "unset": "all 1",
        },
    },
    "predict": {
        "labels": "to header json top proba save shard",
        "--evaluate": "json answers save folds",
        "--states": "to",
    },
    "beside": {"": [("proba", "top")], "--evaluate": [("folds", "answers")]},
    "no_stream": "its label is that of a whole sequence",
    "loss": "{nats:z.3f} nats",
    "start": "the frequency of the labels",
}

MEASURED = 0.8  # of the labels: they are no names
SURE = 16.0  # the logit of the label that a read-out in closed form is fitted to; of the others its negative
STRONGEST = 1.0  # of the ridge strengths; stronger ones leave little but which label is the most frequent
TEMPERATURES = np.exp(np.linspace(math.log(0.25), math.log(8), 141))


class Classify(ColumnTask):
    """A label of the schema for each sequence."""

    name, features, calibrates = "classify", ("filters", "contests", "intervals"), True
    loss: CrossEntropy = CROSS_ENTROPY

    @classmethod
    def meant(cls, columns: Columns) -> type[ColumnTask]:
        """Several labels a sequence are another task."""
        return cls if label_sets.are_single(columns) else task_class("multilabel")

    @classmethod
    def strata(cls, columns: Columns) -> np.ndarray | None:
        return columns.labels.codes

    @classmethod
    def fit(cls, columns: Columns, chosen: np.ndarray, config: TrainConfig, start: Schema | None = None) -> Schema:
        schema = super().fit(columns, chosen, config, start)
        schema.fit_labels(columns.labels)
        _note_lists(schema.labels)
        _note_fractions(schema.labels)
        return schema

    def describe(self, train: Examples) -> str:
        return f"{super().describe(train)}, {len(self.schema.labels)} labels: {first_labels(self.schema.labels)}"

    def initialise(self, network: Network, train: Examples) -> None:
        """The output's bias starts at the log frequencies of the labels."""
        counts = np.bincount(train.targets[train.targets >= 0], minlength=len(self.schema.labels)) + 0.5
        self.loss = CrossEntropy(self._weights(counts))
        weights = counts if self.loss.weights is None else counts * self.loss.weights
        network.theta["output.b"][...] = np.log(weights / weights.sum())

    def _weights(self, counts) -> np.ndarray | None:
        """By label, with a mean of 1 over the training part."""
        given = self.config.class_weights
        if given is None:
            return None
        if given == "balanced":
            weights = counts.sum() / (len(counts) * counts)
        else:
            weights = np.ones(len(counts))
            for label, weight in parse_weights(given).items():
                if label not in self.schema.labels:
                    known = listed(self.schema.labels)
                    raise UsageError(f"--class-weights {label}={weight:g}: expected one of the labels {known}")
                weights[self.schema.labels.index(label)] = weight
        return weights * counts.sum() / (weights * counts).sum()

    def chance(self) -> float:
        return math.log(len(self.schema.labels))

    def rivals(self, train: Examples, valid: Examples) -> Rivals:
        """Of texts by word alone, where all labels weigh alike: then it is the accuracy that is wanted."""
        s = self.schema
        if not s.word or [*s.categories] != [s.word] or s.numbers or self.config.class_weights:
            return Rivals({})
        return gram_regression.rivals(train, valid, len(s.labels), self.config.seed)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Of every label (sequences, labels), calibrated."""
        return np.exp(log_softmax((logits / self.temperature).astype(np.float64)))

    def rows(self, logits: np.ndarray, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """The likeliest labels, each with its probability; or the probability of every label."""
        p, labels = self.probabilities(logits), self.schema.labels
        keys = columns.marks
        if wanted.every:
            return with_input(labels), ((*rounded(row, EVERY), key) for row, key in zip(p, keys, strict=True))
        order = np.argsort(-p, axis=1, kind="stable")[:, : wanted.top or 1]
        ends = ["", *(f"_{i}" for i in range(2, order.shape[1] + 1))]
        names = with_input(f"{name}{end}" for end in ends for name in ("label", "probability"))
        rows = (
            (*(x for i in best.tolist() for x in (labels[i], probability(float(row[i])))), key)
            for row, best, key in zip(p, order, keys, strict=True)
        )
        return names, rows

    def answers(self, targets: np.ndarray) -> Answers:
        """A sequence weighs the less, the more have its label: 1 over the root of their number."""
        labels = targets[:, None] == np.arange(self.outputs())
        weights = np.maximum(labels.sum(axis=0), 1)[targets] ** -0.5
        return Answers(np.where(labels, SURE, -SURE), weights / weights.mean(), STRONGEST)

    def losses(self, predictions: np.ndarray, examples: Examples) -> np.ndarray:
        """-log p of the true label; of one that training had not there is none."""
        true = examples.targets
        nats = -np.log(self.probabilities(predictions)[np.arange(len(true)), np.maximum(true, 0)])
        return np.where(true >= 0, nats, np.nan)

    def mean_loss(self, outputs: np.ndarray, examples: Examples) -> float:
        outputs, true = outputs[examples.targets >= 0], examples.targets[examples.targets >= 0]
        if not len(true):
            return 0.0
        nats = nats_of((outputs / self.temperature).astype(np.float64), true)
        weights = self.loss.weights
        return float((nats if weights is None else nats * weights[true]).mean())

    def temperature_of(self, outputs: np.ndarray, examples: Examples) -> float:
        return fit_temperature(outputs, examples.targets)

    def measure(self, u: Unfolding, valid: Examples) -> dict:
        logits = self.predictions(u, valid)
        return {"metrics": self.metrics(logits, valid), "temperature": self.temperature_of(logits, valid)}

    def tally(self, k: int | None = None, threshold: float | None = None) -> "Counts":
        return Counts(self.schema.labels, self.temperature)


class Counts(Tally):
    """How often each label is true, predicted, and both; those that are unheard of come behind the others."""

    def __init__(self, labels: list[str], temperature: float = 1.0):
        self.labels, self.unheard, self.temperature = labels, Unheard(), temperature
        self.mistakes, self.reliability = Mistakes(), Reliability()
        self.hits = self.predicted = self.true = np.zeros(len(labels), np.int64)

    def add(self, logits: np.ndarray, examples: Examples) -> None:
        known = examples.targets != -1
        true = self.unheard.numbered(examples.targets[known], examples.unheard, len(self.labels))
        logits = logits[known]
        found = logits.argmax(axis=1)
        self.mistakes.add(found, true)
        p = np.exp(log_softmax((logits / self.temperature).astype(np.float64)))
        self.reliability.add(p[np.arange(len(p)), found], found == true)
        self.predicted, self.true = added(self.predicted, np.bincount(found)), added(self.true, np.bincount(true))
        self.hits = added(self.hits, np.bincount(found[found == true]))

    def figures(self) -> dict:
        """n, accuracy, macro_f1, weighted_f1, per_class; a label that the model does not know is a mistake.

        macro_f1 is the mean over all labels that are true or predicted, weighted_f1 that by how often they are true
        (scikit-learn's f1_score, average="macro" and "weighted"); "micro" is the accuracy. Of a label that is never
        predicted there is no precision, of one that is never true no recall: None.
        """
        labels = [*self.labels, *self.unheard.names]
        counts = [added(count, np.zeros(len(labels), np.int64)) for count in (self.hits, self.predicted, self.true)]
        per_class = {
            label: {"n": true, **f1_of(hits, predicted, true)}
            for i, (label, hits, predicted, true) in enumerate(zip(labels, *(c.tolist() for c in counts), strict=True))
            if i < len(self.labels) or true
        }
        there = [c for c in per_class.values() if c["f1"] is not None]
        n = int(self.true.sum())
        return {
            "n": n,
            "accuracy": int(self.hits.sum()) / n if n else None,
            "macro_f1": float(np.mean([c["f1"] for c in there])) if there else None,
            "weighted_f1": sum(c["n"] * c["f1"] for c in there) / n if n else None,
            "per_class": per_class,
        }

    def details(self) -> dict:
        """most_frequent, how many sequences have the label that is true most often; see tasks/confusion.py."""
        n, labels = int(self.true.sum()), [*self.labels, *self.unheard.names]
        most = {"label": labels[int(self.true.argmax())], "accuracy": int(self.true.max()) / n} if n else None
        return {"most_frequent": most, **self.mistakes.figures(labels), **self.reliability.figures()}


def _note_lists(labels: list[str]) -> None:
    """Say it where labels look like lists: each part of those with a separator is in another label too."""
    for separator in "|;,":
        parts = {label: [part.strip() for part in label.split(separator) if part.strip()] for label in labels}
        lists = [label for label in labels if len(parts[label]) > 1]
        often = Counter(part for of_label in parts.values() for part in set(of_label))
        if lists and all(often[part] > 1 for label in lists for part in parts[label]):
            note(f"labels such as {lists[0]} look like lists: --label-separator '{separator}' learns each label")


def _note_fractions(labels: list[str]) -> None:
    """Say it where labels look like measurements: nearly all are numbers, some with fractions."""
    numbers = {label: float(found[0]) for label in labels if (found := bare(label, "."))}
    fractions = [label for label, number in numbers.items() if not number.is_integer()]
    if fractions and len(numbers) > MEASURED * len(labels):
        note(f"labels such as {fractions[0]} are numbers with fractions: --target in place of --label learns numbers")


def first_labels(labels: list[str]) -> str:
    """The first labels, to say what they are like."""
    return listed(labels[:6]) + (", .." if len(labels) > 6 else "")


def f1_of(hits: int, predicted: int, true: int) -> dict[str, float | None]:
    """precision = hits / predicted, recall = hits / true, f1 = 2 hits / (predicted + true); None for 0 / 0."""
    parts = {"precision": (hits, predicted), "recall": (hits, true), "f1": (2 * hits, predicted + true)}
    return {name: a / b if b else None for name, (a, b) in parts.items()}


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The one of least cross-entropy."""
    logits, targets = logits[targets >= 0].astype(np.float64), targets[targets >= 0]
    if not len(targets):
        return 1.0
    return temperature_of_least(lambda T: float(nats_of(logits / T, targets).mean()))


def temperature_of_least(nats: Callable[[float], float]) -> float:
    """The first of the TEMPERATURES with the least nats, which are convex in 1 / T: they fall up to it and rise from it
    on.
    """
    first, last = 0, len(TEMPERATURES) - 1
    while first < last:
        middle = (first + last) // 2
        if nats(float(TEMPERATURES[middle])) <= nats(float(TEMPERATURES[middle + 1])):
            last = middle
        else:
            first = middle + 1
    return float(TEMPERATURES[first])


def nats_of(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """-log p of the label (sequences,) of each."""
    return -log_softmax(logits)[np.arange(len(targets)), targets]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
