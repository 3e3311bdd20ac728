"""How many values a step reads: where distant ones tell something, and only there."""

import numpy as np
import pytest

from rnncli.data import look_back as module
from rnncli.data.forecast_targets import Outlook
from rnncli.data.lagged_values import Past
from rnncli.data.look_back import look_back
from rnncli.data.ranges import Ranges

ROWS, CUT = 1500, 1350
FIRST, LIMIT = np.repeat([0, ROWS], ROWS), np.repeat([CUT, ROWS + CUT], ROWS)
OUTLOOK = Outlook(["y"], 3, "quantile", [0.1, 0.5, 0.9], True)


def changes_again(after: int, noise: float) -> np.ndarray:
    """z (rows, 1) of two series, each a walk of which every change comes again so many rows later, with some noise."""
    rng, walks = np.random.default_rng(5), []
    for _ in range(2):
        change = rng.normal(size=ROWS)
        for t in range(after, ROWS):
            change[t] = np.sqrt(1 - noise**2) * change[t - after] + noise * change[t]
        walks.append(np.cumsum(change))
    return np.concatenate(walks)[:, None] / 20


def chosen(z: np.ndarray, outlook: Outlook = OUTLOOK) -> int:
    origins = Ranges(np.array([0, ROWS]), np.array([CUT, ROWS + CUT]) - 1)
    return look_back(outlook, Past(z, FIRST), np.isnan(z), origins)


@pytest.mark.parametrize(("after", "expected"), [(7, 1), (25, 32), (52, 64), (100, 128)])
def test_it_reaches_to_what_comes_again_unless_a_state_holds_that_by_itself(after, expected):
    assert chosen(changes_again(after, 0.3)) == expected


def test_a_walk_and_a_smooth_wave_need_none():
    assert chosen(np.cumsum(np.random.default_rng(0).normal(size=(2 * ROWS, 1)), axis=0)) == 1
    assert chosen(np.sin(np.arange(2 * ROWS) / 20)[:, None]) == 1


def test_with_a_season_there_is_none():
    assert chosen(changes_again(52, 0.3), Outlook(["y"], 3, "quantile", [0.5], True, season=12)) == 1


def test_nothing_after_the_training_part_has_a_say():
    z = changes_again(52, 0.3)
    z[(np.arange(len(z)) >= LIMIT)] = 1e6
    assert chosen(z) == 64


def test_inputs_and_rows_bound_it(monkeypatch):
    z = changes_again(52, 0.3)
    assert chosen(z, Outlook(["y"], 3, "poisson", [0.5], False)) == 1
    assert chosen(np.tile(z, 17), Outlook([f"y{k}" for k in range(17)], 3, "quantile", [0.5], True)) == 1
    monkeypatch.setattr(module, "LARGEST", 31 * len(z))
    assert chosen(z) == 1
    monkeypatch.setattr(module, "LARGEST", 64 * len(z))
    assert chosen(z) == 64
