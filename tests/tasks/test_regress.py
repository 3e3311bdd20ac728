"""The standard errors of r2 against how r2 spreads over samples."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.data.schema import Schema
from rnncli.tasks.regress import Errors


def figures(y, f):
    tally = Errors(Schema(targets=["y"], target_mean=[0.0], target_std=[1.0]))
    tally.add(f[:, None], SimpleNamespace(targets=y[:, None].astype(np.float32)))
    return tally.figures()


@pytest.mark.parametrize("noise", [0.1, 0.5, 1.0])
def test_the_standard_error_of_r2_is_the_deviation_of_r2_over_samples(noise):
    rng, samples, n = np.random.default_rng(0), 300, 200
    found = []
    for _ in range(samples):
        y = rng.standard_normal(n)
        found.append(figures(y, y + noise * rng.standard_normal(n)))
    r2, error = (np.array([one[name] for one in found]) for name in ("r2", "r2_se"))
    assert np.median(error) == pytest.approx(r2.std(), rel=0.15)
    if noise == 1.0:  # the true r2 is 0
        assert np.mean(r2 > 1.96 * np.array([one["r2_chance"] for one in found])) < 0.05


def test_figures_that_have_no_meaning_are_none():
    one, same = figures(np.ones(1), np.zeros(1)), figures(np.ones(5), np.zeros(5))
    assert one["rmse"] == same["rmse"] == 1.0
    assert [found[name] for found in (one, same) for name in ("r2", "r2_se", "r2_chance")] == [None] * 6
