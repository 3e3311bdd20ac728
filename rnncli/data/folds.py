"""Folds: sequences that are related, those of one person say, are all in training or all held out."""

import numpy as np

from rnncli.data.columns import Coded
from rnncli.data.equal_names import plain_name


def numbered(folds: Coded) -> np.ndarray:
    """The fold of each sequence (sequences,) int64, from 0 on; one without a value is a fold of its own."""
    codes = folds.codes.astype(np.int64)
    missing = codes < 0
    codes[missing] = len(folds.symbols) + np.arange(missing.sum())
    return np.unique(codes, return_inverse=True)[1]


def cross_parts(
    count: int, parts: int, seed: int, strata: np.ndarray | None = None, folds: np.ndarray | None = None
) -> np.ndarray:
    """Which of so many parts each sequence is in (count,), by seed: as many in each as there can be, and of
    each stratum too. Folds stay whole: the largest first, each goes to the part that has the fewest sequences so far.
    """
    order = np.random.default_rng([seed, 5]).permutation(count if folds is None else int(folds.max()) + 1)
    found = np.zeros(count, np.int64)
    if folds is None:
        order = order if strata is None else order[np.argsort(strata[order], kind="stable")]
        found[order] = np.arange(count) % parts
        return found
    sizes, full, part_of = np.bincount(folds), np.zeros(parts, np.int64), np.zeros(len(order), np.int64)
    for fold in order[np.argsort(-sizes[order], kind="stable")].tolist():
        part_of[fold] = full.argmin()
        full[part_of[fold]] += sizes[fold]
    return part_of[folds]


def of_one_fold(labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The labels (sequences,), codes from 0 on, that are found in a single fold each."""
    pairs = np.unique(np.stack([labels, folds], axis=1)[labels >= 0], axis=0)
    found, counts = np.unique(pairs[:, 0], return_counts=True)
    return found[counts == 1]


def shared(one: Coded, other: Coded) -> list[str]:
    """The values that both have."""
    known = {plain_name(one.symbols[code]) for code in np.unique(one.codes[one.codes >= 0]).tolist()}
    found = (other.symbols[code] for code in np.unique(other.codes[other.codes >= 0]).tolist())
    return [name for name in found if plain_name(name) in known]
