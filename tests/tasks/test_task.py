"""What all tasks share: the split by seed."""

import numpy as np

from rnncli.tasks.task import split


def test_a_part_of_the_sequences_is_held_out_by_seed():
    ours, theirs = split(50, 0.3, 7)
    assert sorted([*ours, *theirs]) == list(range(50))
    assert len(theirs) == 15
    assert ours.tolist() == sorted(ours)
    assert theirs.tolist() == sorted(theirs)
    np.testing.assert_array_equal(split(50, 0.3, 7)[1], theirs)
    assert split(50, 0.3, 8)[1].tolist() != theirs.tolist()


def test_of_each_stratum_its_share_is_held_out():
    strata = np.repeat([0, 1, 2], [40, 10, 2])
    ours, theirs = split(52, 0.2, 7, strata)
    assert sorted([*ours, *theirs]) == list(range(52))
    assert np.bincount(strata[theirs], minlength=3).tolist() == [8, 2, 0]
