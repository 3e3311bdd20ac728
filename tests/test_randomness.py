"""Draws by counters."""

import math

import numpy as np
import pytest

from rnncli.randomness import chosen

SIZE = 3000


@pytest.mark.parametrize(("rate", "draws"), [(5e-4, 4000), (0.02, 1000), (0.6, 200)])
def test_each_place_is_chosen_with_the_same_chance_and_apart_from_the_others(rate, draws):
    drawn = np.zeros((draws, SIZE), bool)
    for seed in range(draws):
        drawn[seed, list(chosen(SIZE, rate, seed, 3))] = True
    sigma = math.sqrt(rate * (1 - rate))
    assert abs(drawn.mean() - rate) < 4 * sigma / math.sqrt(drawn.size)
    for axis, others in ((0, SIZE), (1, draws)):  # the variance of counts, by place and by draw, is that of a binomial
        counts = drawn.sum(axis=axis)
        expected = drawn.shape[axis] * sigma**2
        assert counts.var() == pytest.approx(expected, rel=6 / math.sqrt(others))
    for a, b in ((drawn[:, 1:], drawn[:, :-1]), (drawn[1:], drawn[:-1])):  # neighbours, and neighbouring counters
        both = rate**2
        assert abs((a & b).mean() - both) < 5 * math.sqrt(both / a.size)
    assert drawn[:, [0, -1]].any(axis=0).all()  # the first and the last place too


def test_the_same_counters_choose_the_same_places_in_order():
    places = [list(chosen(10_000, 0.01, 7, 3, update)) for update in range(20)]
    assert places == [list(chosen(10_000, 0.01, 7, 3, update)) for update in range(20)]
    assert all(found == sorted(set(found)) for found in places)
    assert len({tuple(found) for found in places}) == 20
    assert [place for place in places[0] if place < 500] == list(chosen(500, 0.01, 7, 3, 0))


def test_few_places_may_be_none():
    assert list(chosen(0, 0.5, 1)) == []
    assert sum(len(list(chosen(1, 5e-4, seed))) for seed in range(1000)) < 10
