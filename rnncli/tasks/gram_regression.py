"""What a classifier of texts has to beat: ridge regression on TF-IDF of words and of pairs of words.

    x[g] = (1 + ln n(g)) · (ln((1 + N) / (1 + d(g))) + 1),  then divided by ‖x‖
    W    = Xᵀ A,   (K + λ 1) A = Y,   K = X Xᵀ              X (N, F) and Y (N, labels) centred

n(g) counts the word or pair g in a text, d(g) the texts of the training part that have it, N of them (scikit-learn's
TfidfVectorizer with sublinear counts, and Ridge). Y is 1 for the label of a text, else 0; the label of the largest
output is predicted. Words are those that have an embedding, a pair is two of them side by side. λ, of STRENGTHS, is the
one of least squared error left out in PARTS parts of the training part. It is for MOST words times labels less one; of
more, which take a minute, there is no such rival.

The equations of all λ are solved together by conjugate gradients, whose residuals for one λ are multiples of those for
another (Frommer and Maass 1999, doi 10.1137/S1064827596313310). No sum is one of BLAS, so that the number of threads
changes nothing.
"""

import numpy as np

from rnncli.data.columns import offsets_of
from rnncli.data.examples import Examples
from rnncli.data.folds import cross_parts
from rnncli.process.phases import told
from rnncli.tasks.task import Rivals

NAME, MOST_FREQUENT = "ngram_ridge", "the most frequent label"
MOST = 4_000_000  # words of the training part times labels less one
NO_LABEL = -1
STRENGTHS = np.array([0.1, 0.3, 1.0, 3.0, 10.0])  # λ
PARTS = 5
MOST_STEPS, PRECISION = 100, 1e-4  # of the gradients; the residual at the least λ, as a part of ‖y‖


def rivals(train: Examples, valid: Examples, labels: int, seed: int) -> Rivals:
    """Accuracies on the validation part, also of its most frequent label; none where there is too much to learn from.
    The words are the first of the ids. A label that training has not is a mistake, as it is of the network.
    """
    there = valid.targets != NO_LABEL
    if train.total * (labels - 1) > MOST or not there.any():
        return Rivals({})
    true = valid.targets[there]
    most = np.unique(true, return_counts=True)[1].max() / len(true)
    right = (predicted(train, valid, labels, seed)[there] == true).mean()
    return Rivals({MOST_FREQUENT: float(most), NAME: float(right)}, "accuracy")


def predicted(train: Examples, valid: Examples, labels: int, seed: int) -> np.ndarray:
    """The numbers of the labels (sequences,) that it gives the validation part."""
    found, unseen, Y = Grams(train), Grams(valid), (train.targets[:, None] == np.arange(labels)).astype(np.float64)
    strength = STRENGTHS[int(np.argmin(errors(found, Y, parts_of(train, seed))))]
    return fitted(found, unseen, Y, np.array([strength]))[0].argmax(axis=1)


def errors(grams: "Grams", Y: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Mean squared errors of STRENGTHS, each of the parts (N,) left out."""
    found = np.zeros(len(STRENGTHS))
    for part in told("rivals, the ridge regression", "parts", np.unique(parts), lambda _: 1):
        rest, out = np.flatnonzero(parts != part), np.flatnonzero(parts == part)
        found += ((fitted(grams.select(rest), grams.select(out), Y[rest], STRENGTHS) - Y[out]) ** 2).sum(axis=(1, 2))
    return found / Y.size


def parts_of(train: Examples, seed: int) -> np.ndarray:
    """Which of PARTS each text is in (N,): texts by chance, as many of each label, or whole folds if there are some."""
    folds = None if train.folds is None else np.unique(train.folds, return_inverse=True)[1]
    if folds is None or not folds.any():
        return cross_parts(len(train), min(PARTS, len(train)), seed, train.targets)
    return cross_parts(len(train), min(PARTS, int(folds.max()) + 1), seed, folds=folds)


def fitted(
    train: "Grams", other: "Grams", Y: np.ndarray, strengths: np.ndarray, precision: float = PRECISION
) -> np.ndarray:
    """Outputs (strengths, sequences, labels) for `other` of a regression on `train`, whose answers are Y (N, labels).

    Those of the last label follow from the others: all of a text have the sum that a row of Y has, 1.
    """
    keys = np.unique(train.keys)
    counted = [one.counted(keys) for one in (train, other)]
    idf = np.log((1 + len(train)) / (1 + np.bincount(counted[0][1], minlength=len(keys)))) + 1
    X, Z = (Sparse(*one, idf) for one in counted)
    centre, outputs = X.down(np.full(len(train), 1 / len(train))), np.ones((len(strengths), len(other), Y.shape[1]))
    for k in range(Y.shape[1] - 1):
        mean = Y[:, k].mean()
        for s, a in enumerate(solutions(X, Y[:, k] - mean, strengths, precision)):
            w = X.down(a)
            outputs[s, :, k] = Z.up(w) - (centre * w).sum() + mean
    outputs[:, :, -1] -= outputs[:, :, :-1].sum(axis=2)
    return outputs


def solutions(X: "Sparse", y: np.ndarray, strengths: np.ndarray, precision: float = PRECISION) -> np.ndarray:
    """a (strengths, N) of (K + λ 1) a = y, for y (N,) with a mean of zero; the strengths ascend."""
    shifts = (strengths - strengths[0])[:, None]
    r, p, found = y.copy(), y.copy(), np.zeros((len(strengths), len(y)))
    ps, zeta, before = np.tile(y, (len(strengths), 1)), np.ones_like(shifts), np.ones_like(shifts)
    square, alpha_before, beta = (y * y).sum(), 1.0, 0.0
    least = precision**2 * square
    for _ in range(MOST_STEPS):
        if square <= least:
            break
        q = X.up(X.down(p))
        q = q - q.mean() + strengths[0] * p  # p has a mean of zero
        alpha = square / (p * q).sum()
        divisor = alpha * beta * (before - zeta) + before * alpha_before * (1 + alpha * shifts)
        after = zeta * before * alpha_before / divisor
        found += alpha * after / zeta * ps
        r -= alpha * q
        square, last = (r * r).sum(), square
        beta, alpha_before = square / last, alpha
        p = r + beta * p
        ps = after * r + beta * (after / zeta) ** 2 * ps
        zeta, before = after, zeta
    return found


class Grams:
    """The words and the pairs of words of texts, as keys: gram i is of text rows[i]."""

    def __init__(self, examples: Examples):
        ids, text = examples.ids[0].astype(np.int64), np.repeat(np.arange(len(examples)), examples.lengths)
        pair = (text[1:] == text[:-1]) & (ids[1:] > 0) & (ids[:-1] > 0)
        keys = np.concatenate([ids[ids > 0], (ids[:-1][pair] << 32) + ids[1:][pair]])
        rows = np.concatenate([text[ids > 0], text[1:][pair]])
        order = np.argsort(rows, kind="stable")
        self.keys, self.offsets = keys[order], offsets_of(np.bincount(rows, minlength=len(examples)))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def select(self, texts: np.ndarray) -> "Grams":
        """Those of these texts, ascending."""
        lengths, chosen = np.diff(self.offsets), np.zeros(len(self), bool)
        chosen[texts] = True
        found = object.__new__(Grams)
        found.keys, found.offsets = self.keys[np.repeat(chosen, lengths)], offsets_of(lengths[chosen])
        return found

    def counted(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """(texts, places among the sorted `keys`, counts) of the distinct grams of each text; how many texts."""
        place = np.minimum(np.searchsorted(keys, self.keys), max(len(keys) - 1, 0))
        known = keys[place] == self.keys if len(keys) else np.zeros(len(self.keys), bool)
        text = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        both, counts = np.unique(text[known] * max(len(keys), 1) + place[known], return_counts=True)
        return *np.divmod(both, max(len(keys), 1)), counts, len(self)


class Sparse:
    """Rows of length 1, by their values that are not zero."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, counts: np.ndarray, total: int, idf: np.ndarray):
        self.rows, self.columns, self.total, self.width = rows, columns, total, len(idf)
        values = (1 + np.log(counts)) * idf[columns]
        length = np.sqrt(np.bincount(rows, values**2, total))
        self.values = values / length[rows]

    def up(self, w: np.ndarray) -> np.ndarray:
        """X w (N,)."""
        return np.bincount(self.rows, self.values * w[self.columns], self.total)

    def down(self, a: np.ndarray) -> np.ndarray:
        """Xᵀ a (F,)."""
        return np.bincount(self.columns, self.values * a[self.rows], self.width)
