"""Windows in segments: the bits of a plain window, which test_whole_sequences.py and tests/cells hold to be right."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.window import Window
from rnncli.errors import UsageError
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.likelihoods import Quantiles
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.needed import Needed, unfold_within
from rnncli.network.network import Dropout, Unfolded
from rnncli.network.segments import Segments
from tests.helpers import CELLS, architecture, random_network, random_states, random_window

T, N, V = 70, 9, 7  # three groups of rows
LENGTHS = (1, 7, 64, T)


def trained(u, batch, loss=CROSS_ENTROPY, shorter=33):
    """Losses, gradients and carried states of two updates, the second of a shorter batch."""
    out = []
    random_states(u)
    for update, steps in ((1, batch.steps), (2, shorter)):
        u.pack()
        u.gradients(batch.first(steps), loss.gradient, update, steady=True)
        out += [u.losses[:steps].copy(), u.grads.flat.copy(), np.array(loss.mean(u, batch.first(steps)))]
        out += [state.copy() for state in u.states()]
        u.carry(steps)
        out += [state.copy() for state in u.states()]
    return out


def assert_same_bits(network, batch, dropout=None, loss=CROSS_ENTROPY, lengths=LENGTHS):
    dropout = dropout or Dropout()
    plain = trained(network.unfold(batch.steps, N, Team(1), training=True, dropout=dropout), batch, loss)
    assert np.abs(plain[1]).max() > 0
    for S in lengths:
        for threads in (1, 2):
            found = trained(Segments(network, batch.steps, N, Team(threads), dropout, S), batch, loss)
            for one, other in zip(found, plain, strict=True):
                np.testing.assert_array_equal(one, other, err_msg=f"segments of {S}, {threads} threads")


def tokens(cell="lstm", tied=False, layers=2):
    return random_network(architecture(cell, layers, tied, tokens=V, embed=8, hidden=40), np.float32)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_has_the_bits_of_a_plain_window(cell):
    assert_same_bits(tokens(cell), random_window(T, N, V))


@pytest.mark.parametrize("cell", ["lstm", "conv"])
@pytest.mark.parametrize("variational", [False, True])
def test_dropout_has_the_masks_of_the_whole_window(cell, variational):
    assert_same_bits(tokens(cell), random_window(T, N, V), Dropout(0.3, variational), lengths=(7, 64))


@pytest.mark.parametrize("tied", [False, True])
def test_blocks_of_logits_are_those_of_the_whole_window(tied, monkeypatch):
    monkeypatch.setattr("rnncli.network.network.LOGITS_BYTES", 20 * N * V * 4)
    assert Segments(tokens(), T, N, Team(1), Dropout(), 64).steps == 20
    assert_same_bits(tokens(tied=tied), random_window(T, N, V), lengths=(7, 64))


def test_rows_of_a_large_vocabulary(monkeypatch):
    monkeypatch.setattr("rnncli.network.inputs.TABLE_TOKENS", V - 1)
    assert_same_bits(tokens(), random_window(T, N, V), Dropout(0.2, True), lengths=(7, 64))


def columns(categories=()):
    """A network on columns, two targets ahead by three quantiles each; and its window, where some are missing."""
    rng, loss = np.random.default_rng(4), Quantiles()
    shape = Architecture("gru", 24, 2, 0, 0, 2 * loss.width, categories=list(categories), numbers=3)
    ids = [np.sort(rng.integers(0, size, (T, N)), axis=0).astype(np.int32) for _, size, _ in categories]
    y = rng.standard_normal((T, N, 2)).astype(np.float32)
    y[3, 1] = y[-1, :, 0] = np.nan
    x = Window(ids, rng.standard_normal((T, N, 3)).astype(np.float32))
    batch = replace(random_window(T, N, V), x=x, y=y)
    return random_network(shape, np.float32), replace(batch, count=int(batch.targeted.sum())), loss


def test_columns_of_numbers():
    network, batch, loss = columns()
    assert_same_bits(network, batch, loss=loss, lengths=(7, 64))


CATEGORIES = [["kind", 4, 3], ["series", 6, 2]]


@pytest.mark.parametrize("dropout", [0.0, 0.2])  # with dropout of the inputs they are not read by runs
def test_columns_of_categories(dropout):
    network, batch, loss = columns(CATEGORIES)
    assert len(np.unique(batch.x.ids[1])) == 6
    assert_same_bits(network, batch, Dropout(dropout, True), loss)


def test_a_window_of_more_runs_than_the_one_before():
    network, batch, loss = columns(CATEGORIES)
    still = replace(batch, x=Window([np.zeros_like(ids) for ids in batch.x.ids], batch.x.numbers))
    found = []
    plain = network.unfold(T, N, Team(1), training=True)
    for u in (plain, *(Segments(network, T, N, Team(threads), Dropout(), 16) for threads in (1, 2))):
        u.pack()
        for window in (still, batch, still, batch):
            u.gradients(window, loss.gradient, steady=True)
            found.append(u.grads.flat.copy())
    assert np.abs(found[0] - found[1]).max() > 0
    for one, other in zip(2 * found[:4], found[4:], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("cell", ["lstm", "gru", "conv"])
def test_the_memory_that_is_foretold_is_what_it_takes(cell):
    steps, rows = 4000, 6
    network = random_network(architecture(cell, 2, tokens=V, embed=8, hidden=32), np.float32)
    batch, needed = random_window(steps, rows, V), Needed.by(network, rows)

    def peak(make):
        tracemalloc.start()
        u = make()
        u.pack()
        u.gradients(batch, CROSS_ENTROPY.gradient, steady=True)
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    def segments(S):
        return Segments(network, steps, rows, Team(1), Dropout(), S)

    def plain():
        return network.unfold(steps, rows, Team(1), training=True)

    segments(400).gradients(batch, CROSS_ENTROPY.gradient, steady=True)  # which compiles what is not compiled yet
    rest = 12 * steps * rows + 200_000  # a loss for each target, and what there is without any steps
    for foretold, make in ((needed.plain(steps), plain), (needed.segments(steps, 400), lambda: segments(400))):
        assert 0.9 * foretold < peak(make) < 1.1 * foretold + rest


def test_memory_grows_with_the_square_root_of_the_length():
    needed = Needed.by(tokens(), N)
    least = [needed.least(steps) - needed.sums for steps in (10**4, 10**6, 10**8)]
    assert least[1] == pytest.approx(10 * least[0], rel=0.02)
    assert least[2] == pytest.approx(10 * least[1], rel=0.02)
    assert needed.least(10**6) < needed.plain(10**6) / 100


@pytest.mark.parametrize("steps", [1, 50, 12_345, 10**6])
def test_segments_fill_the_room_and_no_more(steps):
    needed = Needed.by(tokens(), N)
    for room in (needed.least(steps), 2 * needed.least(steps), needed.plain(steps)):
        S = needed.steps(steps, room)
        assert 1 <= S <= steps
        assert needed.segments(steps, S) <= room or needed.plain(steps) <= room
        assert all(needed.least(steps) <= needed.segments(steps, max(1, S * k // 4)) + needed.border for k in (1, 2, 8))


def test_what_fits_is_one_window_and_what_does_not_is_refused():
    network, needed = tokens(), Needed.by(tokens(), N)
    kind = {
        room: type(unfold_within(room, network, T, N, Team(1), Dropout()))
        for room in (None, needed.plain(T), needed.plain(T) - 1)
    }
    assert [*kind.values()] == [Unfolded, Unfolded, Segments]
    with pytest.raises(UsageError, match=r"--memory: 70 steps of 9 rows need at least .* kB, found 1 kB: use fewer"):
        unfold_within(1000, network, T, N, Team(1), Dropout())
