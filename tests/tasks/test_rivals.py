"""Kneser-Ney against a slow reference in plain Python, and properties of both rivals."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.sequences import Sequences
from rnncli.tasks import rivals
from rnncli.tasks.rivals import KneserNey

V = 5


def sequences_of(lists):
    lengths = np.array([len(tokens) for tokens in lists])
    return Sequences(np.array(sum(lists, []), np.uint8), np.cumsum(lengths) - lengths)


class Naive:
    """The equations of Chen & Goodman 1998 with dictionaries: a context is a tuple, a mark is None."""

    def __init__(self, lists, order):
        self.order = order
        occurrences = [Counter() for _ in range(order + 1)]
        for tokens in lists:
            marked = (None, *tokens)
            for n in range(1, order + 1):
                for end in range(n, len(marked) + 1):
                    occurrences[n][marked[end - n : end]] += 1
        self.counts = [Counter() for _ in range(order + 1)]
        for n in range(1, order + 1):
            for gram, count in occurrences[n].items():
                if gram[-1] is None:
                    continue
                different = sum(longer[1:] == gram for longer in occurrences[n + 1]) if n < order else count
                self.counts[n][gram] = count if gram[0] is None else different
        self.discounts = [rivals._discounts(np.array(list(c.values()) or [0])) for c in self.counts]

    def p(self, context, token):
        value = 1 / V
        for n in range(1, min(self.order, len(context) + 1) + 1):
            u = context[len(context) - n + 1 :]
            followers = {gram: c for gram, c in self.counts[n].items() if gram[:-1] == u}
            total, d = sum(followers.values()), self.discounts[n]
            if total:
                reserved = sum(min(d[min(c, 3)], c) for c in followers.values())
                c = followers.get((*u, token), 0)
                value = (max(c - d[min(c, 3)], 0) + reserved * value) / total
        return value

    def losses(self, lists):
        return [
            -math.log(self.p((None, *tokens[:i])[-self.order + 1 :] if self.order > 1 else (), token))
            for tokens in lists
            for i, token in enumerate(tokens)
        ]


def random_lists(seed, count=12):
    rng = np.random.default_rng(seed)
    return [[int(t) for t in np.minimum(rng.geometric(0.4, rng.integers(1, 30)), V) - 1] for _ in range(count)]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_kneser_ney_is_that_of_the_equations(order, seed):
    train, valid = random_lists(seed), random_lists(seed + 10, 4)
    model, naive = KneserNey(sequences_of(train), V, order), Naive(train, order)
    fitted = [not np.array_equal(d, [0, 0.5, 1, 1.5]) for d in naive.discounts[1:]]
    assert any(fitted) or order < 3  # single tokens are all frequent here
    np.testing.assert_allclose(model.losses(sequences_of(valid)), naive.losses(valid), rtol=1e-12)


@given(st.lists(st.lists(st.integers(0, V - 1), min_size=1, max_size=8), min_size=1, max_size=4))
def test_the_probabilities_of_all_tokens_add_up_to_one(train):
    model = KneserNey(sequences_of(train), V)
    for prefix in ([], train[0][:2], [0, 1, 2, 3], [4, 4, 4, 4, 4, 4]):
        nats = [model.losses(sequences_of([[*prefix, token]]))[-1] for token in range(V)]
        assert np.exp(-np.array(nats)).sum() == pytest.approx(1, abs=1e-9)


def test_nothing_is_known_across_the_ends_of_sequences():
    model = KneserNey(sequences_of(random_lists(3)), V)
    lists = random_lists(4)
    together = model.losses(sequences_of(lists))
    alone = np.concatenate([model.losses(sequences_of([tokens])) for tokens in lists])
    np.testing.assert_array_equal(together, alone)


def test_the_counts_are_of_the_first_tokens_only(monkeypatch):
    train = random_lists(5)
    whole = sequences_of(train)
    cut = sum(len(tokens) for tokens in train[:6])
    monkeypatch.setattr(rivals, "MOST_TOKENS", cut)
    valid = sequences_of(random_lists(6))
    expected = KneserNey(sequences_of(train[:6]), V).losses(valid)
    np.testing.assert_array_equal(KneserNey(whole, V).losses(valid), expected)


def test_the_rivals_of_a_text_that_repeats_itself():
    text = sequences_of([[0, 1, 2, 3, 4] * 200])
    figures = {name: nats.mean() for name, nats in rivals.rivals(text, text, V).items()}
    assert figures["unigram"] == pytest.approx(math.log(V), abs=1e-3)
    assert figures["5-gram"] < 0.05


def test_nothing_is_impossible_where_most_is_seen_three_times():
    """As in logs: no n-gram is seen twice often enough for a discount of its own."""
    lists = [[0, 1, 2, 3], [3, 2, 1, 0]] * 3 + [[4, 0]] + [[1, 1, 2]] * 2 + [[0, 4, 4, 2, 2, 1, 3]] * 4
    nats = KneserNey(sequences_of(lists), V).losses(sequences_of([[4, 4, 4, 4], [0, 0, 0], [1, 2, 3, 4, 0]]))
    assert np.isfinite(nats).all()
    assert all(rivals._discounts(np.array(c))[1:].min() > 0 for c in ([1, 2, 3, 3, 3, 4, 4], [1] * 9 + [2, 3, 4]))


def test_the_unigram_is_the_frequency():
    counts = defaultdict(int, {0: 3, 2: 5})
    model = KneserNey(sequences_of([[0] * 3 + [2] * 5]), V)
    expected = [-math.log((counts[t] + 1) / (8 + V)) for t in range(V)]
    np.testing.assert_allclose(model.unigram_losses(sequences_of([list(range(V))])), expected)
