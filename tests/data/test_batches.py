"""Windows of a walk through the data. The token at position p is p, so that a batch tells where it was read."""

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.data.batches import Epochs, Walk
from rnncli.data.sequences import Sequences

lengths = st.lists(st.integers(1, 12), min_size=1, max_size=15)
rows = st.integers(1, 5)
steps = st.integers(1, 7)
LINE_END = 9999


def numbered(lengths):
    """Sequences of these lengths whose tokens are 0, 1, 2, .."""
    ends = np.cumsum(lengths)
    return Sequences(np.arange(ends[-1], dtype=np.uint16), ends - lengths)


def rows_of(walk):
    """x, y, starts of the whole walk, a row (windows · T) per row of the batch."""
    batches = [walk.batch(window) for window in range(walk.windows)]
    return [np.concatenate([getattr(batch, name) for batch in batches]).T for name in ("x", "y", "starts")]


def targets_of(batches):
    """All targets in order of time, row by row within a step."""
    return np.concatenate([batch.y[batch.y >= 0] for batch in batches])


def inputs_before(sequences, positions):
    """What a network has read last before these positions."""
    return np.where(np.isin(positions, sequences.offsets), LINE_END, positions - 1)


@given(lengths, rows, steps, st.booleans())
def test_every_token_is_a_target_exactly_once(lengths, N, T, whole):
    sequences = numbered(lengths)
    walk = Walk(sequences, N, T, LINE_END, whole)
    targets = targets_of(walk.batch(window) for window in range(walk.windows))
    assert sorted(targets.tolist()) == list(range(sequences.total))


@given(lengths, rows, steps, st.booleans())
def test_inputs_are_the_tokens_before_and_the_line_end_at_a_start(lengths, N, T, whole):
    sequences = numbered(lengths)
    x, y, _ = rows_of(Walk(sequences, N, T, LINE_END, whole))
    used = y >= 0
    np.testing.assert_array_equal(x[used], inputs_before(sequences, y[used]))


@given(lengths, rows, steps, st.booleans())
def test_states_start_at_each_sequence_and_each_stretch_and_nowhere_else(lengths, N, T, whole):
    sequences = numbered(lengths)
    _, y, starts = rows_of(Walk(sequences, N, T, LINE_END, whole))
    for targets, flags in zip(y, starts, strict=True):
        used = targets >= 0
        expected = np.isin(targets[used], sequences.offsets)
        expected[:1] = True
        np.testing.assert_array_equal(flags[used].astype(bool), expected)


@given(lengths, rows, steps, st.booleans())
def test_a_row_walks_straight_through_its_stretch(lengths, N, T, whole):
    sequences = numbered(lengths)
    _, y, _ = rows_of(Walk(sequences, N, T, LINE_END, whole))
    for targets in y:
        length = (targets >= 0).sum()
        np.testing.assert_array_equal(targets[:length], targets[0] + np.arange(length))
        assert (targets[length:] == -1).all()
        if whole and length:
            assert targets[0] in sequences.offsets
            assert targets[length - 1] + 1 in sequences.offsets


@given(lengths, rows, steps, st.booleans())
def test_a_batch_is_what_kernels_read(lengths, N, T, whole):
    walk = Walk(numbered(lengths), N, T, LINE_END, whole)
    for window in range(walk.windows):
        batch = walk.batch(window)
        for array, dtype in ((batch.x, np.int32), (batch.y, np.int32), (batch.starts, np.uint8)):
            assert array.dtype == dtype
            assert array.shape == (T, N)
            assert array.flags.c_contiguous
        used = (batch.y >= 0).any(axis=1)
        assert batch.count == (batch.y >= 0).sum() > 0
        assert used[: batch.steps].all()
        assert not used[batch.steps :].any()
        assert set(np.unique(batch.x)) <= {LINE_END, *range(walk.F.size)}


@given(lengths, rows, steps, st.booleans(), st.integers(1, 9))
def test_a_warm_up_reads_the_tokens_before_without_a_loss(lengths, N, T, whole, warm):
    sequences = numbered(lengths)
    _, cold_y, _ = rows_of(Walk(sequences, N, T, LINE_END, whole))
    x, y, starts = rows_of(Walk(sequences, N, T, LINE_END, whole, warm))
    for row in range(N):
        targets = cold_y[row][cold_y[row] >= 0]
        if not targets.size:
            assert (y[row] == -1).all()
            continue
        early = min(warm, targets[0])
        positions = np.arange(targets[0] - early, targets[-1] + 1)
        n = len(positions)
        np.testing.assert_array_equal(y[row][:early], -1)
        np.testing.assert_array_equal(y[row][early:n], targets)
        np.testing.assert_array_equal(y[row][n:], -1)
        np.testing.assert_array_equal(x[row][:n], inputs_before(sequences, positions))
        expected = np.isin(positions, sequences.offsets)
        expected[0] = True
        np.testing.assert_array_equal(starts[row][:n].astype(bool), expected)


@given(lengths, rows, steps, st.integers(0, 6))
def test_a_skip_leaves_out_the_first_tokens_only(lengths, N, T, skip):
    sequences = numbered(lengths)
    walk = Walk(sequences, N, T, LINE_END, skip=skip)
    targets = targets_of(walk.batch(window) for window in range(walk.windows))
    first = min(skip, max(0, sequences.total - N))
    assert sorted(targets.tolist()) == list(range(first, sequences.total))


def test_stretches_are_nearly_equal():
    walk = Walk(numbered([1000]), 7, 10, LINE_END)
    assert np.ptp(walk.end - walk.begin) <= 1
    assert walk.windows == 15
    whole = Walk(numbered([10] * 100), 7, 10, LINE_END, by_line=True)
    assert np.ptp(whole.end - whole.begin) <= 20


N, T = 3, 8


def epochs(by_line, seed=0, lengths=(700,)):
    return Epochs(numbered(list(lengths)), N, T, LINE_END, by_line, seed)


def lines():
    return np.random.default_rng(0).integers(2, 15, 120).tolist()


def batches_of(source, updates):
    """Copies of the batches of these updates, which are all in the same arrays."""
    return [deepcopy(source.batch(update)) for update in updates]


def epoch_of(source, epoch):
    """The batches of one epoch."""
    return batches_of(source, range(epoch * source.windows, (epoch + 1) * source.windows))


@pytest.mark.parametrize("by_line", [False, True])
def test_an_epoch_has_each_token_once_but_for_the_ends_of_the_stretches(by_line):
    source = epochs(by_line, lengths=lines() if by_line else [700])
    total, longest = source.sequences.total, 15 if by_line else 0
    for epoch in range(3):
        targets = targets_of(epoch_of(source, epoch))
        values, counts = np.unique(targets, return_counts=True)
        assert (counts == 1).all()
        assert total - len(values) <= T - 1 + N * (T + longest)
        assert len(values) > 0.9 * total


def test_each_epoch_of_a_stream_is_cut_elsewhere():
    source = epochs(by_line=False)
    assert len({int(epoch_of(source, epoch)[0].y[0, 0]) for epoch in range(9)}) > 3
    assert epoch_of(source, 0)[0].y[0, 0] == 0
    for epoch in (0, 4):
        for before, after in zip(epoch_of(source, epoch)[:-1], epoch_of(source, epoch)[1:], strict=True):
            np.testing.assert_array_equal(before.y[-1] + 1, after.y[0])  # a row goes on where it was


def test_a_stream_in_pieces_is_read_in_its_own_order_once():
    source, plain = (Epochs(numbered([900]), N, T, LINE_END, False, 0, piece=piece) for piece in (4, None))
    company = []
    for epoch in range(4):
        batches = epoch_of(source, epoch)
        targets = targets_of(batches)
        assert len(targets) == len(set(targets.tolist())) >= 900 - T - N * T
        rows = np.concatenate([batch.y for batch in batches]).T
        jumps = sum(int((np.diff(row[row >= 0]) != 1).sum()) for row in rows)
        assert jumps == 0 if epoch == 0 else 900 // (4 * T) - N <= jumps <= 900 // (4 * T) + 1
        company.append(tuple(batches[5].y[0].tolist()))
    assert len({*company}) == 4
    for ours, theirs in zip(epoch_of(source, 0), epoch_of(plain, 0), strict=True):
        np.testing.assert_array_equal(ours.y, theirs.y)
    whole = Epochs(numbered([900]), N, None, LINE_END, False, 0, piece=4)
    np.testing.assert_array_equal(batches_of(whole, [0])[0].y, batches_of(whole, [1])[0].y)


def test_each_epoch_of_lines_has_another_order_and_a_line_begins_where_the_one_before_ends():
    source = epochs(by_line=True, lengths=lines())
    ends = set(source.sequences.offsets[1:].tolist())
    orders = []
    for epoch in range(3):
        batches = epoch_of(source, epoch)
        x, y, starts = (np.concatenate([getattr(b, name) for b in batches]).T for name in ("x", "y", "starts"))
        order = []
        for row in range(N):
            used = np.flatnonzero(y[row] >= 0)
            begins = np.isin(y[row], source.sequences.offsets)
            # a stretch may begin within a line: its state is zero there too
            np.testing.assert_array_equal(starts[row][used[1:]].astype(bool), begins[used[1:]])
            assert starts[row][0]
            for t in used[1:]:
                if begins[t]:
                    assert y[row][t - 1] + 1 in ends
                else:
                    assert x[row][t] == y[row][t - 1] == y[row][t] - 1
            order += y[row][begins].tolist()
        orders.append(order)
    assert orders[0] != orders[1] != orders[2] != orders[0]
    assert orders[0] != sorted(orders[0])


@pytest.mark.parametrize("by_line", [False, True])
def test_the_same_seed_gives_the_same_epochs_and_another_seed_others(by_line):
    def all_targets(seed):
        source = epochs(by_line, seed, lines() if by_line else [700])
        return [targets_of(epoch_of(source, epoch)) for epoch in (1, 2)]

    for ours, theirs in zip(all_targets(5), all_targets(5), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any(not np.array_equal(a, b) for a, b in zip(all_targets(5), all_targets(6), strict=True))


@pytest.mark.parametrize("by_line", [False, True])
def test_a_batch_depends_on_the_number_of_the_update_only(by_line):
    source = epochs(by_line, lengths=lines())
    walked = batches_of(source, range(3 * source.windows))
    for update in (2 * source.windows + 3, 1, source.windows):
        jumped = epochs(by_line, lengths=lines()).batch(update)
        np.testing.assert_array_equal(jumped.x, walked[update].x)
        np.testing.assert_array_equal(jumped.y, walked[update].y)
        np.testing.assert_array_equal(jumped.starts, walked[update].starts)


@pytest.mark.parametrize("by_line", [False, True])
def test_the_batches_of_all_epochs_are_in_the_same_arrays(by_line):
    source = epochs(by_line, lengths=lines())
    first = source.batch(0)
    for update in range(1, 2 * source.windows):
        batch = source.batch(update)
        assert batch.reused
        assert all(a is b for a, b in zip(batch.arrays, first.arrays, strict=True))
    assert not Walk(source.sequences, N, T, LINE_END).batch(0).reused


def test_a_long_line_is_read_to_its_end():
    lengths = [5] * 40 + [600]
    tokens = np.arange(sum(lengths))
    source = Epochs(Sequences(tokens, np.cumsum(lengths) - lengths), 4, 16, 0, by_line=True, seed=0)
    batches = epoch_of(source, 0)
    assert len(np.unique(np.concatenate([batch.y[batch.y >= 0] for batch in batches]))) == len(tokens)
