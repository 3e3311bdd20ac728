"""What is known of folds, and the guess which column tells them."""

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold

from rnncli.data.columns import Coded
from rnncli.data.fold_guess import candidates, shows_folds
from rnncli.data.folds import cross_parts, numbered, of_one_fold, shared


def test_a_sequence_without_a_value_is_a_fold_of_its_own():
    found = numbered(Coded.of(["b", None, "a", "b", None])).tolist()
    assert found[0] == found[3] and len(set(found)) == 4 and sorted(set(found)) == [0, 1, 2, 3]


def test_labels_of_one_fold_are_found():
    labels, folds = np.array([0, 0, 1, 1, 2, -1]), np.array([0, 1, 2, 2, 0, 1])
    assert of_one_fold(labels, folds).tolist() == [1, 2]


def test_values_that_two_files_share_are_those_that_occur_in_both():
    ours, theirs = Coded(np.array([0, 1, -1]), ["7", "b", "c"]), Coded.of(["c", None, "7.0", "d"])
    assert shared(ours, theirs) == ["7.0"]


@pytest.mark.parametrize(
    "name",
    [
        *("subject", "Subject", "subjects", "SUBJECT_ID", "subjectId", "subject-id", "subject no", "id_subject"),
        *("patient", "person_name", "participant.code", "user", "userid", "speaker_idx", "machine", "Machine Nr"),
        *("device_id", "session", "session_number", "recording", " driver "),
    ],
)
def test_names_of_persons_machines_and_sessions_are_candidates(name):
    assert candidates(["x", name, "y"], {"y"}) == [name]
    assert candidates([name], {name}) == []


@pytest.mark.parametrize(
    "name",
    [
        *("user_age", "session_length", "patients_total", "device_temperature", "person_weight", "subjective"),
        *("id", "group", "series", "trial", "machinery", "identity", "superuser", "speakers_per_room", "x", ""),
    ],
)
def test_other_names_are_none(name):
    assert candidates([name], set()) == []


@pytest.mark.parametrize(
    ("values", "labels", "expected"),
    [
        ("aabbcc", "xyxyxy", True),
        ("aabbcc", "xyxyyy", True),  # of one label there are several folds
        ("aabbcc", None, True),
        ("aaabbb", "xyxyxy", False),  # two folds
        ("aabbc", "xyxyx", False),  # 5 sequences of 3
        ("abcdef", "xyxyxy", False),  # a name of each sequence
        ("aaaaaaaabc", "xyxyxyxyxy", True),
        ("aabb  ", "xyxyxy", False),  # each without a value is a fold of its own
        ("aaaabbbbcccc  ", "xy" * 7, True),
        ("aabbcc", "xxyyzz", False),  # each label is of one value
        ("aaaaaa", "xyxyxy", False),
    ],
)
def test_values_show_folds_where_they_come_again(values, labels, expected):
    found = Coded.of([None if value == " " else value for value in values])
    assert shows_folds(found, labels and Coded.of(list(labels))) is expected


def test_nothing_at_all_shows_no_folds():
    assert not shows_folds(Coded.of([]), None)


@pytest.mark.parametrize(("count", "parts"), [(10, 3), (61, 5), (7, 7)])
def test_parts_are_as_even_as_those_of_scikit_learn(count, parts):
    strata = np.random.default_rng(0).integers(0, 3, count)
    sizes = [len(test) for _, test in KFold(parts).split(np.zeros(count))]
    assert sorted(np.bincount(cross_parts(count, parts, 0))) == sorted(sizes)
    found = cross_parts(count, parts, 1, strata)
    assert sorted(np.bincount(found)) == sorted(sizes)
    for stratum in range(3):
        assert np.ptp(np.bincount(found[strata == stratum], minlength=parts)) <= 1
    assert (found != cross_parts(count, parts, 2, strata)).any()


def test_folds_stay_whole_in_parts_as_even_as_those_of_scikit_learn():
    folds = np.random.default_rng(0).geometric(0.2, 90) - 1
    folds = np.unique(folds, return_inverse=True)[1]
    found = cross_parts(90, 4, 0, folds=folds)
    assert len(set(zip(folds, found, strict=True))) == folds.max() + 1
    sizes = [len(test) for _, test in GroupKFold(4).split(np.zeros(90), groups=folds)]
    assert sorted(np.bincount(found)) == sorted(sizes)
