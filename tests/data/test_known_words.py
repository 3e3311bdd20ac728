"""Known columns of words: a column of 0 and 1 for each value of the training part."""

import numpy as np
import pytest

from rnncli.data.columns import Coded, Columns
from rnncli.data.known_words import MOST, only_seen, unseen_words, with_flags, words_among
from rnncli.errors import UsageError

EVENTS = ["sale", None, "2.0", "sale", "late", None]


def columns_of(events=EVENTS, **more):
    numbers = np.arange(float(len(events)))[:, None]
    coded = {"event": Coded.of(events), "other": Coded.of(["a"] * len(events))}
    return Columns(np.array([0, len(events)]), ["y"], numbers, coded, **more)


def test_each_value_has_a_column_of_0_and_1():
    columns = columns_of()
    words = words_among(columns, ["event", "y"])
    assert words == {"event": ["2", "late", "sale"]}
    found = with_flags(columns, words)
    assert found.number_names == ["y", "event=2", "event=late", "event=sale"] and list(found.coded) == ["other"]
    np.testing.assert_array_equal(found.numbers[:, 0], np.arange(6))
    for name, flags in zip(found.number_names[1:], found.numbers[:, 1:].T, strict=True):
        value = name.partition("=")[2]
        assert flags.tolist() == [float(event is not None and event.removesuffix(".0") == value) for event in EVENTS]


def test_values_that_training_had_not_are_left_out():
    columns = columns_of()
    words = words_among(columns, ["event"])
    found, left = only_seen(with_flags(columns, words), words, np.array([4]))
    assert left == {"event": ["2", "sale"]} and found.number_names == ["y", "event=2", "event=sale"]
    assert unseen_words(columns, left) == {"event": ["late"]} and unseen_words(columns, words) == {}
    np.testing.assert_array_equal(with_flags(columns, left).numbers, found.numbers)


@pytest.mark.parametrize(("events", "count"), [(["a", *[None] * 4], 0), ([f"d{i}" for i in range(80)], 79)])
def test_no_value_and_too_many_are_refused(events, count):
    columns = columns_of(events[::-1])
    words = words_among(columns, ["event"])
    with pytest.raises(UsageError, match=f"--known event: {count} different values .* expected 1 to {MOST}"):
        only_seen(with_flags(columns, words), words, np.array([len(events) - 1]))


def test_a_column_of_the_same_name_is_refused():
    columns = columns_of()
    columns.number_names = ["event=sale"]
    with pytest.raises(UsageError, match="column event=sale and a value of a column of --known have one name"):
        with_flags(columns, words_among(columns, ["event"]))
