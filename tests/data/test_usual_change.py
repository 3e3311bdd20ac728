"""How series change, by plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.usual_change import only_grew, usual_changes

NAN = float("nan")
COLUMN = st.lists(st.sampled_from([NAN, 0.0, 1.0, 2.5, -3.0]), min_size=1, max_size=12)


@given(st.lists(COLUMN, min_size=1, max_size=3), st.integers(1, 4), st.integers(0, 3))
def test_the_mean_of_the_changes_before_the_stop(parts, season, left_out):
    offsets = np.cumsum([0, *map(len, parts)])
    stops = np.maximum(offsets[1:] - left_out, offsets[:-1])
    found = usual_changes(np.concatenate(parts)[:, None], offsets, stops, season)
    for part, stop, one in zip(parts, stops - offsets[:-1], found[:, 0], strict=True):
        seen = part[:stop]
        changes = [abs(b - a) for a, b in zip(seen, seen[season:], strict=False) if not np.isnan(b - a)]
        mean = sum(changes) / len(changes) if changes else 0
        assert one == pytest.approx(mean) if mean else np.isnan(one)


@pytest.mark.parametrize(
    ("parts", "grew"),
    [
        ([[1, 2, 2, 5]], True),
        ([[1, NAN, 2, NAN]], True),
        ([[1, 2], [7, 9]], True),
        ([[1, 2], [9, 7]], False),  # one of them falls
        ([[1, 2, 1.5, 3]], False),
        ([[3, 3, 3]], False),  # nothing moves
        ([[3], [1, 2]], False),  # one value says nothing
        ([[1, 2, 0]], True),  # what falls is at the stop
    ],
)
def test_whether_all_series_only_grew(parts, grew):
    offsets = np.cumsum([0, *map(len, parts)])
    stops = offsets[1:] - (parts[0][-1] == 0)
    assert only_grew(np.concatenate(parts)[:, None].astype(float), offsets, stops) == grew


def test_no_series_did_not_grow():
    assert not only_grew(np.zeros((0, 1)), np.array([0]), np.zeros(0, int))
