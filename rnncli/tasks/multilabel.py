"""Multilabel: any number of labels for each sequence, each by itself. Loss: binary cross-entropy, summed over labels.

p_k = σ(z_k / temperature), the temperature fitted on the validation part as that of classify.
"""

import math

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data import label_sets
from rnncli.data.columns import Columns
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.frozen.ridge import Answers
from rnncli.network.losses import BinaryCrossEntropy
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.tasks.classify import SURE, f1_of, first_labels, temperature_of_least
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.rows_out import EVERY, Rows, Wanted, rounded, with_input
from rnncli.tasks.tally import Tally, Unheard, added

TASK = {
    "rank": 2,
    "help": "any number of labels for each sequence",
    "learns": "labels",
    "told_by": {"options": ("label_separator",)},
    "train": "label learn pool bidirectional text min_count missing decimal inputs group time time_format noise "
    "fold_by",
    "train_options": {
        "label_separator": {"metavar": "TEXT", "help": "Text between the labels of a field, such as '|'"},
    },
    "predict": {
        "labels": "to header json top threshold proba save shard",
        "--evaluate": "json top threshold save folds",
        "--states": "to",
    },
    "predict_options": {
        "threshold": {"min": 0.0, "max": 1, "help": "Least probability of a label", "unset": "0.5; none with --top"},
    },
    "beside": {"": [("proba", "top threshold")]},
    "no_stream": "its labels are those of a whole sequence",
    "loss": "{nats:z.3f} nats",
    "start": "the frequency of the labels",
}

THRESHOLD = 0.5  # a label is given from this probability on


class Multilabel(ColumnTask):
    """A set of labels of the schema for each sequence."""

    name, loss, calibrates = "multilabel", BinaryCrossEntropy(), True
    features = ("filters", "contests", "intervals")

    @classmethod
    def fit(cls, columns: Columns, chosen: np.ndarray, config: TrainConfig, start: Schema | None = None) -> Schema:
        schema = super().fit(columns, chosen, config, start)
        schema.sets = True
        schema.fit_labels(columns.labels, label_sets.counts(columns))
        return schema

    def describe(self, train: Examples) -> str:
        labels = self.schema.labels
        mean = train.targets.sum(dtype=np.int64) / len(train)
        return f"{super().describe(train)}, {len(labels)} labels, {mean:.2f} a sequence: {first_labels(labels)}"

    def initialise(self, network: Network, train: Examples) -> None:
        """The output's bias starts at the log odds of the labels."""
        counts = train.targets[:, : len(self.schema.labels)].sum(axis=0, dtype=np.int64)
        network.theta["output.b"][...] = np.log((counts + 0.5) / (len(train) - counts + 0.5))

    def chance(self) -> float:
        return len(self.schema.labels) * math.log(2)

    def answers(self, targets: np.ndarray) -> Answers:
        return Answers(np.where(targets == 1, SURE, -SURE), np.ones(len(targets)))

    def mean_loss(self, outputs: np.ndarray, examples: Examples) -> float:
        return float(np.nanmean(self.losses(outputs, examples)))

    def random_targets(self, rng: np.random.Generator, steps: int, rows: int, outputs: int) -> np.ndarray:
        return rng.integers(2, size=(steps, rows, outputs)).astype(np.float64)

    def rows(self, logits: np.ndarray, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """The labels from the threshold on and their probabilities, the likeliest first; or the probability of every
        label.
        """
        p, labels = sigmoid(logits / self.temperature), self.schema.labels
        keys = columns.marks
        if wanted.every:
            return with_input(labels), ((*rounded(row, EVERY), key) for row, key in zip(p, keys, strict=True))
        least = wanted.threshold if wanted.threshold is not None else 0.0 if wanted.top else THRESHOLD
        return ("labels", "probabilities", "input"), self._sets(p, least, wanted, keys)

    def _sets(self, p, least, wanted, keys):
        labels = self.schema.labels
        separator = self.form.label_separator or next((s for s in ",|; " if not any(s in x for x in labels)), ",")
        order = np.argsort(-p, axis=1, kind="stable")[:, : wanted.top]
        for row, best, key in zip(p, order, keys, strict=True):
            chosen = [i for i in best.tolist() if row[i] >= least]
            found = [labels[i] for i in chosen], rounded(row[chosen])
            yield (*(separator.join(map(str, part)) for part in found), key) if wanted.together else (*found, key)

    def losses(self, predictions: np.ndarray, examples: Examples) -> np.ndarray:
        """-log p of having each label or not, added up."""
        z = predictions.astype(np.float64) / self.temperature
        true = examples.targets[:, : z.shape[1]] == 1
        return np.where(examples.answered(), (np.logaddexp(0, z) - true * z).sum(axis=1), np.nan)

    def tally(self, k: int | None = None, threshold: float | None = None) -> "Counts":
        return Counts(self.schema.labels, self.temperature, k or 1, THRESHOLD if threshold is None else threshold)

    def measure(self, u: Unfolding, valid: Examples) -> dict:
        logits = self.predictions(u, valid)
        return {"metrics": self.metrics(logits, valid), "temperature": self.temperature_of(logits, valid)}

    def temperature_of(self, outputs: np.ndarray, examples: Examples) -> float:
        known = examples.answered()
        return fit_temperature(outputs[known], examples.targets[known])


class Counts(Tally):
    """How often each label is true, chosen, and both, and how often it is among the k likeliest and true; labels that
    are unheard of come behind the others.
    """

    def __init__(self, labels: list[str], temperature: float, k: int, threshold: float):
        self.labels, self.unheard, self.temperature, self.threshold = labels, Unheard(), temperature, threshold
        self.k = min(k, len(labels))
        self.hits = self.chosen = self.true = np.zeros(len(labels), np.int64)
        self.n = self.hits_at_k = self.exact = 0

    def add(self, logits: np.ndarray, examples: Examples) -> None:
        known, K = examples.answered(), len(self.labels)
        scores, true = logits[known] / self.temperature, examples.targets[known] == 1
        mine, strange = true[:, :K], true[:, K:]
        chosen = sigmoid(scores) >= self.threshold
        best = np.argsort(-scores, axis=1, kind="stable")[:, : self.k]
        self.n += len(scores)
        self.hits_at_k += int(np.take_along_axis(mine, best, axis=1).sum())
        self.exact += int(((chosen == mine).all(axis=1) & ~strange.any(axis=1)).sum())
        self.hits, self.chosen = self.hits + (chosen & mine).sum(axis=0), self.chosen + chosen.sum(axis=0)
        places = np.append(np.arange(K), K + self.unheard.numbers_of(examples.unheard))
        self.true = added(self.true, np.bincount(places, true.sum(axis=0)).astype(np.int64))

    def figures(self) -> dict:
        """n, labels (how many are true), k, precision_at_k, recall_at_k, micro and macro figures, subset_accuracy and
        per_label; None for 0 / 0.

        precision_at_k = hits / (n · k), recall_at_k = hits / true labels, the hits counted over all lines, as the test
        of fastText counts them; but a label that the model does not know is a true one too, and found by nobody.
        """
        names, n, there = [*self.labels, *self.unheard.names], self.n, int(self.true.sum())
        counts = [added(count, np.zeros(len(names), np.int64)) for count in (self.hits, self.chosen, self.true)]
        per_label = {
            name: {"n": of_label[2], **f1_of(*of_label)}
            for name, *of_label in zip(names, *(count.tolist() for count in counts), strict=True)
        }
        micro = f1_of(*(int(count.sum()) for count in counts))
        f1s = [one["f1"] for one in per_label.values() if one["f1"] is not None]
        return {
            "n": n,
            "labels": there,
            "k": self.k,
            "precision_at_k": self.hits_at_k / (n * self.k) if n else None,
            "recall_at_k": self.hits_at_k / there if there else None,
            **{f"micro_{name}": value for name, value in micro.items()},
            "macro_f1": float(np.mean(f1s)) if f1s else None,
            "subset_accuracy": self.exact / n if n else None,
            "per_label": per_label,
            "threshold": self.threshold,
        }


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), of the smaller exponential."""
    tail = np.exp(-np.abs(logits.astype(np.float64)))
    return np.where(logits >= 0, 1, tail) / (1 + tail)


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The one of least binary cross-entropy; 1 without sequences."""
    if not len(targets):
        return 1.0
    z, y = logits.astype(np.float64), targets[:, : logits.shape[1]] == 1
    return temperature_of_least(lambda T: float((np.logaddexp(0, z / T) - y * z / T).sum()))
