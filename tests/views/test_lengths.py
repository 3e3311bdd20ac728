"""`lengths`: a network without a state is the same everywhere, one with a state as runs from every start say."""

import itertools

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.losses import CROSS_ENTROPY, PathLoss
from rnncli.views.lengths import by_windows, view
from rnncli.views.reading import having_read, padded, side_by_side
from rnncli.views.scoring import checked, scored
from tests.helpers import CELLS, architecture, assert_close, one_row, random_network
from tests.network.test_whole_sequences import OUTPUTS
from tests.views.helpers import text_reading, whole_reading

STREAM = TrainConfig(task="language", format="text", steps=8)
FULL = TrainConfig(task="language", format="text", steps="full")
LINES = TrainConfig(task="language", format="lines", steps=8)


def losses_from(network, row, start):
    """Nats of each step when the network begins at `start` from a state of zero."""
    batch = side_by_side(row, np.arange(start, row.steps)[:, None])
    batch.starts[0] = 1
    u = network.unfold(batch.steps, 1, Team(1))
    u.pack()
    return CROSS_ENTROPY.losses(u, batch)[:, 0].copy()


def states_after(network, batch):
    """h (steps, D) of one row, from a state of zero."""
    u = network.unfold(batch.steps, 1, Team(1))
    u.pack()
    u.forward(batch)
    return np.concatenate([layer.Y[:, 0] for layer in u.layers], axis=1)


@pytest.mark.parametrize(("steps", "lengths"), [(300, [8, 16, 32, 64]), (71, [8, 16, 32]), (16, [8])])
def test_without_a_state_the_loss_is_the_same_at_all_positions(steps, lengths):
    """All positions are measured on the same targets, so that even the last digits agree."""
    network, row = random_network(architecture("rnn-tanh")), one_row(steps)
    network.theta["0.R"][...] = 0
    data = view(network, text_reading(row), STREAM, Team(2))
    assert (data["kind"], data["window"], data["lengths"]) == ("windows", 8, lengths)
    assert data["positions"] == [0, 1, 2, *range(4, lengths[-1], 4)]
    expected = losses_from(network, row, 0)[lengths[-1] :].mean()
    for name in ("loss", "last", "by_position"):
        np.testing.assert_allclose(data[name], expected, rtol=1e-12)
    assert np.ptp(data["score"]) < 1e-12
    assert data["count"] == [steps - lengths[-1]] * len(lengths)
    np.testing.assert_allclose(data["pattern"]["alike"], 1, rtol=1e-9)
    np.testing.assert_allclose(data["pattern"]["loss"], data["pattern"]["loss"][0], rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_by_position_is_what_runs_from_every_start_give(cell):
    network, row = random_network(architecture(cell, 2)), one_row(60)
    data = view(network, text_reading(row), STREAM, Team(1))
    runs = [losses_from(network, row, start) for start in range(60)]
    longest, edges = 32, [*data["positions"], 32]
    assert data["lengths"][-1] == longest
    for index, (first, end) in enumerate(itertools.pairwise(edges)):
        if end - first > 1:  # one of the starts in the range, the one on the grid
            found = [[runs[t - p][p] for p in range(first, end)] for t in range(longest, 60)]
            low, high = np.min(found, axis=1).mean(), np.max(found, axis=1).mean()
            assert low - 1e-12 <= data["by_position"][index] <= high + 1e-12
        else:
            expected = np.mean([runs[t - first][first] for t in range(longest, 60)])
            assert data["by_position"][index] == pytest.approx(expected, rel=1e-9)
    widths = np.diff(edges)
    for length, loss in zip(data["lengths"], data["loss"], strict=True):
        inside = np.array(edges[1:]) <= length
        assert loss == pytest.approx(np.average(np.array(data["by_position"])[inside], weights=widths[inside]))
    assert np.ptp(data["by_position"]) > 1e-3


def test_the_pattern_is_run_where_it_is_said_to_stand():
    network, row = random_network(architecture("gru")), one_row(100)
    reading = text_reading(row)
    pattern = view(network, reading, STREAM, Team(1))["pattern"]
    assert pattern["inputs"] == reading.inputs[84:]
    assert pattern["offsets"][0] == 0 and pattern["offsets"][-1] == 64
    there = states_after(network, row)
    filler, h = there[:64].astype(float), there[99].astype(float)
    for offset, loss, alike in zip(*(pattern[name] for name in ("offsets", "loss", "alike")), strict=True):
        steps = np.concatenate([np.arange(offset), np.arange(84, 100)])
        batch = side_by_side(row, steps[:, None])
        u = network.unfold(len(steps), 1, Team(1))
        u.pack()
        losses = CROSS_ENTROPY.losses(u, batch)[:, 0]
        assert loss == pytest.approx(losses[offset:].mean(), rel=1e-9)
        a, b = states_after(network, batch)[-1] - filler.mean(axis=0), h - filler.mean(axis=0)
        assert alike == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-9)
    assert min(pattern["alike"]) > 0.99 > pattern["others"]


def test_a_network_that_never_forgets_does_not_know_a_pattern_again():
    """R = I sums up all inputs: the state after the pattern is that of the filler before it."""
    network, row = random_network(architecture("rnn-linear")), one_row(200)
    network.theta["0.R"][...] = np.eye(5)
    sums = view(network, text_reading(row), STREAM, Team(1))["pattern"]["alike"]
    network.theta["0.R"] *= 0.3
    forgets = view(network, text_reading(row), STREAM, Team(1))["pattern"]["alike"]
    assert min(forgets) > 0.99
    assert min(sums) < 0.5


def test_a_network_that_is_not_stable_has_a_loss_that_grows_with_the_length():
    network, row = random_network(architecture("rnn-linear")), one_row(200)
    network.theta["0.R"][...] = 1.2 * np.eye(5)
    data = view(network, text_reading(row), STREAM, Team(1))
    assert data["loss"] == sorted(data["loss"])
    assert data["loss"][-1] > 3 * data["loss"][0]
    network.theta["0.R"] *= 1e30
    with pytest.raises(RnncliError, match="grow without bound"):
        view(network, text_reading(row), STREAM, Team(1))


# -- sequences --------------------------------------------------------------------------------------------------------


def one_by_one(network, reading, index, steps=None):
    """Loss and metric of a sequence alone, of its first steps."""
    batch, _, _ = padded(reading, np.array([index]))
    batch = batch if steps is None else batch.first(steps)
    u = checked(having_read(network, batch, Team(1)), batch)
    losses, metrics = scored(u, reading, batch)
    return losses[:, 0], metrics[:, 0]


def test_lines_are_grouped_by_their_length():
    row = one_row(200)
    begins = np.cumsum([0, 3, 5, 9, 4, 7] * 6)
    row.starts[:] = 0
    row.starts[begins] = 1
    network, reading = random_network(architecture("lstm")), text_reading(row)
    data = view(network, reading, LINES, Team(1))
    lengths = np.diff(reading.bounds)
    assert (data["kind"], data["window"]) == ("sequences", None)
    assert data["lengths"][-1] == lengths.max() == len(data["by_position"])
    alone = [one_by_one(network, reading, i)[0] for i in range(len(lengths))]
    least = 0
    for length, loss, count in zip(data["lengths"], data["loss"], data["count"], strict=True):
        group = [losses for losses in alone if least < len(losses) <= length]
        assert count == sum(map(len, group))
        assert loss == pytest.approx(np.concatenate(group).mean())
        least = length
    for position, loss in zip(data["positions"], data["by_position"], strict=True):
        assert loss == pytest.approx(np.mean([losses[position] for losses in alone if len(losses) > position]))


def test_many_short_sequences_of_a_stream_are_grouped_too():
    row = one_row(90)
    row.starts[::15] = 1
    data = view(random_network(architecture("lstm")), text_reading(row), STREAM, Team(1))
    assert (data["kind"], data["lengths"], data["count"]) == ("sequences", [15], [90])
    row.starts[15] = 0  # one of 30 steps is long enough for windows
    assert view(random_network(architecture("lstm")), text_reading(row), STREAM, Team(1))["lengths"] == [8, 16]


@pytest.mark.parametrize("both", [False, True])
def test_of_one_output_a_sequence_the_positions_are_how_much_is_read(both):
    network, reading = whole_reading(["last", "max"], both, sequences=40)
    data = view(network, reading, TrainConfig(task="classify"), Team(2))
    lengths = np.diff(reading.bounds)
    assert data["kind"] == "prefixes"
    assert data["positions"] == list(range(7))
    for position, loss, score in zip(
        *(data[n] for n in ("positions", "by_position", "score_by_position")), strict=True
    ):
        alone = [one_by_one(network, reading, i, position + 1) for i in np.flatnonzero(lengths > position)]
        assert loss == pytest.approx(np.mean([losses[0] for losses, _ in alone]), rel=1e-5)
        assert score == pytest.approx(np.mean([metrics[0] for _, metrics in alone]))
    assert sum(data["count"]) == 40
    assert len(data["pattern"]["alike"]) == len(data["pattern"]["offsets"])


@pytest.mark.parametrize("both", [False, True])
def test_tags_have_a_loss_at_every_position(both):
    network, reading = whole_reading([], both, sequences=40)
    data = view(network, reading, TrainConfig(task="tag"), Team(2))
    alone = [one_by_one(network, reading, i)[0] for i in range(40)]
    for position, loss in zip(data["positions"], data["by_position"], strict=True):
        expected = np.mean([losses[position] for losses in alone if len(losses) > position])
        assert loss == pytest.approx(expected, rel=1e-5)
    assert all(np.isfinite(data["pattern"]["loss"]))


def test_the_loss_of_a_tag_on_a_path_is_its_marginal():
    """By all paths of three tags over a sequence."""
    loss = PathLoss(OUTPUTS)
    network, reading = whole_reading([], True, loss=loss, own=loss.own)
    found, hits = one_by_one(network, reading, 0)
    batch, _, _ = padded(reading, np.array([0]))
    u = checked(having_read(network, batch, Team(1)), batch)
    z, theta = u.outputs(0, batch.steps)[:, 0].astype(np.float64), network.theta
    paths = np.array(list(itertools.product(range(OUTPUTS), repeat=batch.steps)))
    scores = z[np.arange(batch.steps), paths].sum(axis=1)
    scores += theta["task.begin"][paths[:, 0]] + theta["task.end"][paths[:, -1]]
    scores += theta["task.transitions"][paths[:, :-1], paths[:, 1:]].sum(axis=1)
    p, right = np.exp(scores) / np.exp(scores).sum(), batch.y[:, 0]
    assert_close(found, [-np.log(p[paths[:, t] == right[t]].sum()) for t in range(batch.steps)], 1e-4)
    assert hits.tolist() == (paths[p.argmax()] == right).tolist()


def test_an_input_that_is_too_short_is_refused():
    with pytest.raises(RnncliError, match="15 steps are too few .* at least 16"):
        view(random_network(architecture("lstm")), text_reading(one_row(15)), STREAM, Team(1))


def test_a_single_sequence_has_no_filler():
    network, reading = whole_reading(["last"], True, sequences=1)
    assert view(network, reading, TrainConfig(task="classify"), Team(1))["pattern"] is None


def test_a_model_of_full_steps_is_shown_as_one_of_whole_sequences():
    assert by_windows(STREAM)
    assert not by_windows(FULL)
    assert not by_windows(LINES)
