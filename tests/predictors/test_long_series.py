"""A long series read in pieces side by side against one walk along it."""

import io

import numpy as np
import pytest

from rnncli.predictors import long_series, pieces
from rnncli.predictors.long_series import LongSeries

ROWS = 1500
WAYS = [["--score"], ["--from", "700", "--stride", "3"], ["--from", "-1"]]


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch):
    for name, steps in {"PIECE": 96, "WARM": 32, "STEPS": 16, "ROWS": 8, "FIRST_ROWS": 2}.items():
        monkeypatch.setattr(pieces, name, steps)


@pytest.fixture
def trained(here):
    """Of a cell: a model m, and rows of one series in two parts and as a whole."""

    def train(cell, *options):
        t = np.arange(ROWS)
        values = np.sin(t / 7) + 0.3 * np.random.default_rng(0).normal(size=ROWS)
        rows = [f"{t},{value:.3f}\n" for t, value in zip(t, values, strict=True)]
        for name, part in {"whole.csv": rows, "first.csv": rows[:650], "second.csv": rows[650:]}.items():
            here.write(name, "t,y\n" + "".join(part))
        here("train", "whole.csv", "--cell", cell, "--hidden", "6", "--epochs", "2", "-q", "-o", "m", *options)
        return here

    return train


def table(text):
    return np.genfromtxt(io.BytesIO(text), delimiter="\t")


def in_sequence(monkeypatch):
    monkeypatch.setattr(LongSeries, "only", lambda lengths, outputs: None)


@pytest.fixture
def groups(monkeypatch):
    """Where pieces stood side by side: the first place and the end of each."""
    found, side_by_side = [], LongSeries._side_by_side

    def noted(self, end):
        found.append((self.place, end))
        return side_by_side(self, end)

    monkeypatch.setattr(LongSeries, "_side_by_side", noted)
    return found


@pytest.mark.parametrize("cell", ["lstm", "conv", "mingru"])
def test_what_is_said_of_a_long_series_is_that_of_one_walk(cell, trained, groups, monkeypatch):
    here = trained(cell, "--horizon", "2")
    found = [here("predict", "m", "whole.csv", *way).out for way in WAYS]
    figures = here("predict", "m", "whole.csv", "--evaluate", "--json").json()
    assert groups
    in_sequence(monkeypatch)
    for way, text in zip(WAYS, found, strict=True):
        np.testing.assert_allclose(table(text), table(here("predict", "m", "whole.csv", *way).out), atol=2e-5)
    expected = here("predict", "m", "whole.csv", "--evaluate", "--json").json()
    assert figures["mae"] == pytest.approx(expected["mae"], abs=1e-5)


def test_threads_change_no_byte(trained, groups):
    here = trained("lstm")
    one, two, three = (here("predict", "m", "whole.csv", "--score", "--threads", n).out for n in "123")
    assert one == two == three and groups


def test_parts_whose_state_is_kept_are_the_whole(trained, groups, monkeypatch):
    here = trained("gru")
    parts = [here("predict", "m", f"{name}.csv", "--score", "--state-file", "s").out for name in ("first", "second")]
    assert groups
    in_sequence(monkeypatch)
    whole = here("predict", "m", "whole.csv", "--score").out
    np.testing.assert_allclose(table(b"".join(parts))[:, 1], table(whole)[:, 1], atol=2e-5)


def test_many_outputs_are_not_kept_for_pieces(monkeypatch):
    lengths = np.array([0, 1000, 0])
    assert LongSeries.only(lengths, 3) == 1
    assert LongSeries.only(np.array([1000, 1]), 3) is None
    assert LongSeries.only(np.array([200]), 3) is None
    monkeypatch.setattr(long_series, "FOUND", 4 * 96 * 3)
    assert LongSeries.only(lengths, 3) is None
