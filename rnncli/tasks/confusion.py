"""Which labels are taken for which, and whether probabilities are right.

The calibration error is that of Guo et al. 2017 (arXiv 1706.04599): Σ n_b / n |accuracy_b - confidence_b| over ten bins
of the probability of the likeliest label.
"""

from collections import Counter
from typing import Any

import numpy as np

BINS = 10
MOST_LABELS = 50  # of a matrix
MOST_MISTAKES = 10


class Mistakes:
    """How often each pair of a true and a predicted label occurs."""

    def __init__(self) -> None:
        self.pairs = Counter[tuple[int, int]]()

    def add(self, found: np.ndarray, true: np.ndarray) -> None:
        """Labels (sequences,), by number."""
        pairs, counts = np.unique(np.stack([true, found], axis=1), axis=0, return_counts=True)
        self.pairs.update({(int(a), int(b)): int(n) for (a, b), n in zip(pairs, counts, strict=True)})

    def figures(self, labels: list[str]) -> dict[str, Any]:
        """`mistakes`, the most frequent ones: true, predicted, n. Of few labels `confusion` too: a row of counts for
        each true label, a column for each predicted one, both in the order of `labels`.
        """
        wrong = sorted((-n, pair) for pair, n in self.pairs.items() if pair[0] != pair[1])[:MOST_MISTAKES]
        found: dict[str, Any] = {
            "mistakes": [{"true": labels[a], "predicted": labels[b], "n": -n} for n, (a, b) in wrong]
        }
        if len(labels) <= MOST_LABELS:
            numbers = range(len(labels))
            counts = [[self.pairs[true, predicted] for predicted in numbers] for true in numbers]
            found["confusion"] = {"labels": labels, "counts": counts}
        return found


class Reliability:
    """How often the likeliest label is right, by its probability."""

    def __init__(self) -> None:
        self.n, self.hits = np.zeros(BINS, np.int64), np.zeros(BINS, np.int64)
        self.sums = np.zeros(BINS)

    def add(self, p: np.ndarray, right: np.ndarray) -> None:
        """Probabilities (sequences,), and whether the label was right."""
        bins = np.minimum(BINS - 1, (BINS * p).astype(np.int64))
        self.n += np.bincount(bins, minlength=BINS)
        self.hits += np.bincount(bins, right, BINS).astype(np.int64)
        self.sums += np.bincount(bins, p, BINS)

    def figures(self) -> dict[str, Any]:
        """calibration_error; `reliability`: n, mean probability and accuracy of each bin that is not empty."""
        n, sums = int(self.n.sum()), (self.n, self.hits, self.sums)
        bins = [
            {"from": b / BINS, "to": (b + 1) / BINS, "n": n_b, "probability": total / n_b, "accuracy": hits / n_b}
            for b, (n_b, hits, total) in enumerate(zip(*(one.tolist() for one in sums), strict=True))
            if n_b
        ]
        error = sum(one["n"] * abs(one["accuracy"] - one["probability"]) for one in bins) / n if n else None
        return {"calibration_error": error, "reliability": bins}
