"""Which rows of series are held out for validation: whole series where each is a piece of its own."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.tasks.forecast import PIECES, Forecast

SERIES = 24


def bits(path, *, first="0", step=1, length=None, value=str, series=SERIES):
    """Two columns of bits in series of 20 to 40 rows, or of one length, numbered from `first` on."""
    rng, lines = np.random.default_rng(0), ["piece,t,a,b\n"]
    for i in range(series):
        for t in range(length or int(rng.integers(20, 40))):
            at = int(first) + step * t if first.isdigit() else np.datetime64(first) + t
            at = at + 100 * i if step == 2 else at
            lines.append(f"p{i},{at},{value(int(rng.random() < 0.3))},{value(int(rng.random() < 0.6))}\n")
    path.write_text("".join(lines))
    return str(path)


def material(path, **options):
    config = TrainConfig(task="forecast", group="piece", time="t", horizon=1, **options)
    return Forecast.prepare([path], config, None, None)


def test_pieces_of_bits_are_held_out_as_a_whole(tmp_path):
    path = bits(tmp_path / "p.csv")
    m = material(path)
    assert m.held.endswith(PIECES)
    train, valid = m.train.series, m.valid.series
    assert len(train) == 22 and len(valid) == 2 == int(SERIES * 0.1)
    assert (m.train.total, m.valid.count) == (train.total - 22, valid.total - 2)  # the last row has no next one
    assert not m.task.schema.outlook.by_series
    other = material(path, seed=1)
    assert m.task.schema.outlook.keys != other.task.schema.outlook.keys
    assert {*m.task.schema.outlook.keys} < {f"p{i}" for i in range(SERIES)}


@pytest.mark.parametrize(
    ("made", "options"),
    [
        ({"first": "2024-01-01"}, {}),  # days: machines beside each other
        ({"step": 2}, {}),  # they begin at other numbers
        ({"length": 30}, {}),  # all of one length
        ({"series": 19}, {}),
        ({"value": lambda bit: f"{bit}.5"}, {}),  # no bits
        ({}, {"loss": "poisson"}),
        ({}, {"until": "30"}),
    ],
    ids=["dates", "other starts", "one length", "few", "numbers", "counts", "until"],
)
def test_other_series_are_held_out_by_their_later_rows(tmp_path, made, options):
    m = material(bits(tmp_path / "p.csv", **made), **options)
    assert "whole series" not in m.held
    assert len(m.task.schema.outlook.keys) == made.get("series", SERIES)


def test_without_a_validation_part_all_pieces_are_learnt(tmp_path):
    m = material(bits(tmp_path / "p.csv"), valid_fraction=0.0)
    assert m.held.startswith("no validation part") and len(m.task.schema.outlook.keys) == SERIES
