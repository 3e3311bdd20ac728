"""The model of several hosts: what it counts is what ranks send, and the page says what it computes."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Dropout
from rnncli.network.shares import Stretch
from tests.helpers import random_network

ROOT = Path(__file__).parents[1]


@pytest.fixture
def scaling(monkeypatch):
    """The script."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import scaling

    yield scaling
    sys.modules.pop("scaling")


def test_the_tables_of_the_page_are_those_of_the_model(scaling):
    kept, page = json.loads((ROOT / "docs/scale.json").read_text()), (ROOT / "docs/scale.md").read_text()
    assert scaling.BEGIN + scaling.tables(kept) + scaling.END in page
    for row in kept["measured"]:
        assert row["seen"] == pytest.approx(row["told"], rel=0.15)


@pytest.mark.parametrize("tokens", [7, 5000])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_numbers_that_are_exchanged_are_those_that_ranks_send(scaling, layers, tokens):
    a = Architecture("lstm", 8, layers, 5, tokens, tokens)
    rng = np.random.default_rng(0)
    x, y = (rng.integers(0, tokens, (6, 4)).astype(np.int32) for _ in range(2))
    batch = Batch(x, y, np.zeros((6, 4), np.uint8), y.size, 6)
    stretch = Stretch(random_network(a, np.float32), 6, Team(1), Dropout(), (0, 4), 8)
    stretch.u.pack()
    assert [sums.size for _, sums in stretch.learn(batch, CROSS_ENTROPY, 1)] == scaling.exchanged(a)


def test_the_model_by_hand(scaling):
    """One layer, so that nothing travels beside work; 64 rows of 128 each."""
    machine, a = scaling.Machine(2.0, 7.0, 11.0, 3.0), scaling.lstm(1)
    net = scaling.Network(1.0, 50.0, usable=1.0)
    update = scaling.cost.update(a, 64, 64, 1) * 2.0
    whole = 7e-3 * sum(int(np.prod(shape)) for shape in a.shapes().values())
    numbers = 512 * 2048 + 65 * 2048 + 65 * 513
    expected = update + whole + 11e-3 * numbers + numbers * 4 * 8 / 1e3 + 7 * 50
    assert scaling.update_s(machine, net, a, 128, 64, 2) * 1e6 == pytest.approx(expected)
    assert scaling.grown(machine, net, a, 64, 64, 2) == pytest.approx((update + whole) / expected)
    four = numbers * 4 * 8 * 2 * (1 - 1 / 4) / 1e3 + 7 * (50 + 2 * 3)
    expected += four - numbers * 4 * 8 / 1e3 - 7 * 50
    assert scaling.update_s(machine, net, a, 256, 64, 4) * 1e6 == pytest.approx(expected)


def test_what_travels_beside_work_costs_nothing_until_the_link_is_too_slow(scaling):
    a, fast = scaling.lstm(2), scaling.Network(1e3, 0.0, usable=1.0)
    top, bottom = scaling.exchanged(a)
    part = scaling.travel_s(fast, a, 2, 0.0) * bottom / (top + bottom)
    assert scaling.travel_s(fast, a, 2, 10.0) == pytest.approx(part)
    slow, whole = replace(fast, gbit=1e-3), 1e6 * part * (top + bottom) / bottom
    assert whole - 1.0 < scaling.travel_s(slow, a, 2, 1.0) < whole - 0.2
