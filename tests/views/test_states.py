"""`states`: those of the network, whatever stands beside them; gates known to be shut; planes that are known."""

import numpy as np
import pytest

from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.views.reading import Reading, in_a_row
from rnncli.views.states import CONTEXT_LENGTH, projection, view
from tests import naive
from tests.helpers import CELLS, H, architecture, assert_close, one_row, random_network
from tests.network.test_whole_sequences import LENGTHS, examples
from tests.network.test_whole_sequences import architecture as whole_architecture


def reading(row, **more):
    found = Reading(row, CROSS_ENTROPY, [], [], **more)
    found.inputs = [chr(97 + age % 26) for age in found.age]
    return found


def sequences(*indices):
    return reading(in_a_row(examples().select(np.array(indices or range(4)))))


def of_row(network, row, **more):
    return view(network, reading(row), Team(1), **more)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_states_are_those_of_the_equations(cell, layers):
    network, row = random_network(architecture(cell, layers)), one_row()
    data = of_row(network, row)
    hs, _, _ = naive.network(network, row.x, row.starts)
    h = np.stack([h[:, 0] for h in hs], axis=1)
    assert_close(data["h"], h, 1e-4)
    top = h[:, -1]
    assert [u["unit"] for u in data["units"]] == np.argsort(-top.std(axis=0), kind="stable").tolist()
    assert_close([u["std"] for u in data["units"]], np.sort(top.std(axis=0))[::-1], 1e-6)
    assert_close(data["top_contexts"][0]["activation"], top[np.abs(top[:, data["unit"]]).argmax(), data["unit"]], 1e-6)
    few = of_row(network, row, units=[3, 1])
    assert few["unit"] == next(u["unit"] for u in data["units"] if u["unit"] in (1, 3))
    assert_close(few["h"], h[:, :, [3, 1]], 1e-4)


@pytest.mark.parametrize(("pool", "both"), [((), True), (("mean",), True), ((), False)])
def test_sequences_are_read_as_if_alone(pool, both):
    network = random_network(whole_architecture(pool=pool, both=both), np.float32)
    together = view(network, sequences(), Team(2), 0)
    alone = [view(network, sequences(i), Team(1), 0) for i in range(4)]
    assert_close(together["h"], np.concatenate([one["h"] for one in alone]), 1e-4)
    assert np.array(together["h"]).shape == (sum(LENGTHS), 2, 10 if both else 5)
    assert together["starts"] == [0, 4, 5, 11]
    for gate, sides in together["saturation"].items():
        for side, parts in sides.items():
            counted = sum(n * np.array(one["saturation"][gate][side]) for n, one in zip(LENGTHS, alone, strict=True))
            np.testing.assert_allclose(parts, counted / sum(LENGTHS), atol=1e-4)


@pytest.mark.parametrize(
    ("cell", "gates"),
    [("lstm", ["input", "forget", None, "output"]), ("gru", ["reset", "update"]), ("mingru", ["keep", "input"])],
)
@pytest.mark.parametrize("both", [False, True])
def test_a_gate_that_is_always_shut_or_open_is_saturated(cell, gates, both):
    network = random_network(whole_architecture(cell, both=both, layers=1), np.float32)
    for part, gate in enumerate(gates):
        for value, side, other in ((-40, "left", "right"), (40, "right", "left")):
            before = network.theta["0.b"].copy()
            network.theta["0.b"][part * 5 + 2] = value
            if gate:
                sides = view(network, sequences(), Team(1))["saturation"][gate]
                assert (sides[side][2], sides[other][2]) == (1, 0)
                assert len(sides[side]) == (10 if both else 5)
                assert 0 < sum(map(sum, sides.values())) < len(sides[side])
            network.theta["0.b"][...] = before


def test_only_what_is_squashed_is_saturated():
    for cell, names in (("rnn-tanh", ["state"]), ("rnn-relu", []), ("rnn-linear", [])):
        network = random_network(architecture(cell))
        network.theta["0.b"][1:3] = 40, -40
        saturation = of_row(network, one_row())["saturation"]
        assert list(saturation) == names
        for sides in saturation.values():
            assert (sides["right"][1], sides["left"][1], sides["right"][2], sides["left"][2]) == (1, 0, 0, 1)


def test_units_that_do_not_move_are_dead():
    network = random_network(architecture("gru"))
    network.theta["0.b"][H + 2] = 40  # the update gate of unit 2 keeps the state of zero
    data = of_row(network, one_row())
    assert data["dead"] == [2]
    assert data["units"][-1]["unit"] == 2


def test_the_plane_in_which_the_state_moves_most():
    rng, t = np.random.default_rng(0), np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ellipse = np.stack([3 * np.cos(t), np.sin(t)], axis=1)
    plane, _ = np.linalg.qr(rng.standard_normal((7, 7)))
    points, explained = projection(ellipse @ plane[:2] + rng.standard_normal(7))
    assert_close(explained, [0.9, 0.1], 1e-12)
    assert_close(np.abs(points), np.abs(ellipse), 1e-12)
    noisy = ellipse @ plane[:2] + 0.1 * rng.standard_normal((40, 7))
    _, singular, _ = np.linalg.svd(noisy - noisy.mean(axis=0))
    assert_close(projection(noisy)[1], singular[:2] ** 2 / (singular**2).sum(), 1e-12)
    assert projection(np.ones((5, 3)))[1] == [0.0, 0.0]
    points, explained = projection(t[:, None])
    assert explained == pytest.approx([1.0, 0.0], abs=1e-12)
    assert not points[:, 1].any()


@pytest.mark.parametrize("backwards", [False, True])
def test_contexts_stay_in_their_sequence_and_on_the_side_that_was_read(backwards):
    network = random_network(whole_architecture(), np.float32)
    bounds = np.cumsum([0, *LENGTHS])
    data = view(network, sequences(), Team(1), unit=7 if backwards else 2)
    top = data["top_contexts"][0]
    sequence = np.searchsorted(bounds, top["step"], "right") - 1
    begin, end = bounds[sequence], bounds[sequence + 1]
    assert (top["first"], top["last"]) == ((top["step"], end - 1) if backwards else (begin, top["step"]))
    assert top["text"] == "".join(data["steps"][top["first"] : top["last"] + 1])


def test_contexts_are_apart_and_hold_the_numbers_read():
    row = one_row(200)
    data = view(
        random_network(architecture("lstm")), reading(row, words=False, values={"y": np.arange(200.0)}), Team(1)
    )
    steps = sorted(context["step"] for context in data["top_contexts"])
    assert len(steps) == 5 and min(np.diff(steps)) >= CONTEXT_LENGTH
    for context in data["top_contexts"]:
        assert context["inputs"]["y"] == list(range(context["first"], context["step"] + 1))
        assert context["text"] == ""


def test_states_that_explode_are_an_error():
    network = random_network(architecture("rnn-linear"), np.float32)
    network.theta["0.R"] *= 30
    with pytest.raises(RnncliError, match="grow without bound"):
        of_row(network, one_row(300))


def test_large_states_are_drawn_all_the_same():
    network = random_network(architecture("rnn-linear"), np.float32)
    network.theta["0.R"][...] = 0
    network.theta["0.b"][...] = 1e37
    assert_close(of_row(network, one_row())["h"], np.full((40, 1, H), 1e37), 1e-6)
