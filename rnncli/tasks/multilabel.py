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
from rnncli.network.losses import BinaryCrossEntropy
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.tasks.classify import TEMPERATURES, f1_of
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.rows_out import Rows, Wanted, rounded, with_input

TASK = {
    "rank": 2,
    "help": "any number of labels for each sequence",
    "learns": "labels",
    "told_by": {"options": ("label_separator",)},
    "train": "label pool bidirectional text min_count missing decimal inputs group time time_format noise fold_by",
    "train_options": {
        "label_separator": {"metavar": "TEXT", "help": "Text between the labels of a field, such as '|'"},
    },
    "predict": {
        "labels": "to header json top threshold proba",
        "--evaluate": "json top threshold",
        "--states": "to",
    },
    "predict_options": {
        "threshold": {"min": 0.0, "max": 1, "help": "Least probability of a label", "unset": "0.5; none with --top"},
    },
    "beside": {"": [("proba", "top threshold")]},
    "no_stream": "its labels are those of a whole sequence",
    "loss": "{nats:.3f} nats",
    "start": "the frequency of the labels",
}

THRESHOLD = 0.5  # a label is given from this probability on


class Multilabel(ColumnTask):
    """A set of labels of the schema for each sequence."""

    name, loss = "multilabel", BinaryCrossEntropy()

    @classmethod
    def fit(cls, columns: Columns, chosen: np.ndarray, config: TrainConfig, start: Schema | None = None) -> Schema:
        schema = super().fit(columns, chosen, config, start)
        schema.sets = True
        schema.fit_labels(columns.labels, label_sets.counts(columns))
        return schema

    def describe(self, train: Examples) -> str:
        labels = self.schema.labels
        names = ", ".join(labels[:6]) + (", .." if len(labels) > 6 else "")
        mean = train.targets.sum(dtype=np.int64) / len(train)
        return f"{super().describe(train)}, {len(labels)} labels, {mean:.2f} a sequence: {names}"

    def initialise(self, network: Network, train: Examples) -> None:
        """The output's bias starts at the log odds of the labels."""
        counts = train.targets[:, : len(self.schema.labels)].sum(axis=0, dtype=np.int64)
        network.theta["output.b"][...] = np.log((counts + 0.5) / (len(train) - counts + 0.5))

    def chance(self) -> float:
        return len(self.schema.labels) * math.log(2)

    def random_targets(self, rng: np.random.Generator, steps: int, rows: int, outputs: int) -> np.ndarray:
        return rng.integers(2, size=(steps, rows, outputs)).astype(np.float64)

    def rows(self, logits: np.ndarray, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """The labels from the threshold on and their probabilities, the likeliest first; or the probability of every
        label.
        """
        p, labels = sigmoid(logits / self.temperature), self.schema.labels
        keys = columns.keys or range(1, len(examples) + 1)
        if wanted.every:
            return with_input(labels), ((*rounded(row), key) for row, key in zip(p, keys, strict=True))
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

    def figures(self, logits: np.ndarray, examples: Examples, k: int | None, threshold: float | None) -> dict:
        return self.metrics(logits / self.temperature, examples, k or 1, THRESHOLD if threshold is None else threshold)

    def measure(self, u: Unfolding, valid: Examples) -> dict:
        logits, known = self.predictions(u, valid), valid.answered()
        temperature = fit_temperature(logits[known], valid.targets[known])
        return {"metrics": self.metrics(logits, valid), "temperature": temperature}

    def metrics(self, logits: np.ndarray, examples: Examples, k: int = 1, threshold: float = THRESHOLD) -> dict:
        """`precision_at_k` and `recall_at_k` of the k likeliest labels, the others of those from the threshold on."""
        known, names = examples.answered(), [*self.schema.labels, *examples.unheard]
        logits, true = logits[known], examples.targets[known] == 1
        return figures(logits, sigmoid(logits) >= threshold, true, names, k) | {"threshold": threshold}


def figures(scores: np.ndarray, chosen: np.ndarray, true: np.ndarray, names: list[str], k: int) -> dict:
    """Of scores and chosen labels (n, K) and true ones (n, K + unheard); None for 0 / 0.

    precision_at_k = hits / (n · min(k, K)), recall_at_k = hits / true labels, the hits counted over all lines, as the
    test of fastText counts them; but a label that the model does not know is a true one too, and found by nobody.
    """
    (n, K), k = scores.shape, min(k, scores.shape[1])
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    hits_at_k, there = int(np.take_along_axis(true[:, :K], best, axis=1).sum()), int(true.sum())
    chosen = np.pad(chosen, ((0, 0), (0, true.shape[1] - K)))
    counts = [(chosen & true).sum(axis=0), chosen.sum(axis=0), true.sum(axis=0)]  # hits, predicted, true
    per_label = {
        name: {"n": of_label[2], **f1_of(*of_label)}
        for name, *of_label in zip(names, *(count.tolist() for count in counts), strict=True)
    }
    micro = f1_of(*(int(count.sum()) for count in counts))
    f1s = [one["f1"] for one in per_label.values() if one["f1"] is not None]
    return {
        "n": n,
        "labels": there,
        "k": k,
        "precision_at_k": hits_at_k / (n * k) if n else None,
        "recall_at_k": hits_at_k / there if there else None,
        **{f"micro_{name}": value for name, value in micro.items()},
        "macro_f1": float(np.mean(f1s)) if f1s else None,
        "subset_accuracy": float((chosen == true).all(axis=1).mean()) if n else None,
        "per_label": per_label,
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
    nats = [float((np.logaddexp(0, z / T) - y * z / T).sum()) for T in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(nats))])
