"""The split in whole folds."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.tasks.task import split_folds


@given(st.lists(st.integers(0, 6), min_size=2, max_size=60), st.floats(0.01, 0.89), st.integers(0, 1 << 32))
def test_no_fold_stands_on_both_sides(found, fraction, seed):
    folds = np.unique(found, return_inverse=True)[1]
    if folds.max() == 0:
        return
    labels = np.arange(len(folds)) % 3
    for strata in (None, labels):
        ours, theirs = split_folds(folds, fraction, seed, strata)
        assert not set(folds[ours]) & set(folds[theirs])
        assert len(ours) and len(theirs) and sorted([*ours, *theirs]) == list(range(len(folds)))
        again = split_folds(folds, fraction, seed, strata)
        assert ours.tolist() == again[0].tolist() == sorted(ours) and theirs.tolist() == again[1].tolist()


def test_another_seed_holds_out_other_folds():
    folds = np.repeat(np.arange(20), 5)
    held = {tuple(np.unique(folds[split_folds(folds, 0.1, seed)[1]])) for seed in range(30)}
    assert len(held) > 20 and {len(one) for one in held} == {2}


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.6])
def test_the_fraction_is_reached_nearly_as_well_as_it_can_be(fraction):
    rng = np.random.default_rng(3)
    for seed in range(20):
        sizes = rng.integers(1, 40, size=8)
        folds, wanted = np.repeat(np.arange(8), sizes), fraction * sizes.sum()
        sums = [sum(sizes[list(c)]) for n in range(1, 8) for c in combinations(range(8), n)]
        best = min(abs(total - wanted) for total in sums)
        far = abs(len(split_folds(folds, fraction, seed)[1]) - wanted)
        assert far <= best + 0.05 * sizes.sum()


def test_a_fold_that_is_most_of_the_data_is_trained_on():
    folds = np.repeat([0, 1, 2], [90, 8, 7])
    for seed in range(10):
        assert 0 in folds[split_folds(folds, 0.1, seed)[0]]


def test_of_each_label_its_share_is_held_out_as_far_as_folds_allow():
    """Ten folds of label 0, ten of label 1, all of one size; and a label of one fold alone, which is to be learnt."""
    folds = np.repeat(np.arange(21), 6)
    labels = np.repeat([0, 1, 2], [60, 60, 6])
    for seed in range(10):
        theirs = split_folds(folds, 0.2, seed, labels)[1]
        assert np.bincount(labels[theirs], minlength=3).tolist() == [12, 12, 0]
