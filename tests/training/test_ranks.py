"""Several ranks, here as threads that pass bytes to each other, find the bits of one process."""

import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.batches import Batch
from rnncli.data.examples import Examples
from rnncli.data.window import Window
from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.branches import branches_in, joined
from rnncli.kernels.groups import Groups, sums_by_id
from rnncli.kernels.threads import Team, share
from rnncli.network import network as networks
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY, PathLoss, SquaredError
from rnncli.network.network import Dropout
from rnncli.network.shared_scores import SharedScores
from rnncli.network.shares import Shares
from rnncli.tasks import task_class
from rnncli.tasks.task import Rivals
from rnncli.training import apart, loop, search
from rnncli.training.loop import Training, drawn
from rnncli.training.members import MembersTraining, updates_in
from rnncli.training.ranks import Ranks
from rnncli.training.reports import CheckpointDue, Progress, Trying
from rnncli.training.tuning import Tuning
from tests.helpers import CELLS, random_network
from tests.training.branch_sum import branch_sum


class Post:
    """Boxes between ranks that are threads."""

    def __init__(self, of):
        self.of, self.boxes, self.barrier = of, {}, threading.Barrier(of, timeout=60)


class Box:
    """The channel of one of them."""

    def __init__(self, post, number):
        self.post, self.number, self.of = post, number, post.of
        self.beside = number % 2 == 0  # some libraries allow it, others do not
        self.given = [[], []]

    def exchange(self, sent, sizes):
        for to, data in enumerate(sent):
            assert data.dtype == np.uint8 and data.flags.c_contiguous
            self.post.boxes[self.number, to] = data.copy()
        self.post.barrier.wait()
        found = [self.post.boxes[source, self.number] for source in range(self.of)]
        assert [len(data) for data in found] == sizes
        self.post.barrier.wait()
        for data in self.given.pop(0):
            data[...] = 255  # it is not there any more
        self.given.append(found)
        return found


def on_ranks(of, work):
    """work(ranks) of each rank, all at once."""
    post, out, errors = Post(of), [None] * of, []

    def run(number):
        try:
            out[number] = work(Ranks(Box(post, number)))
        except BaseException as error:
            errors.append(error)
            post.barrier.abort()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(of)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise next((e for e in errors if not isinstance(e, threading.BrokenBarrierError)), errors[0])
    return out


@pytest.mark.parametrize("groups", [1, 2, 3, 5, 7, 8, 13, 16, 31])
def test_branches_put_together_are_the_sum_of_the_kernels(groups):
    B = np.random.default_rng(groups).standard_normal((groups, 3)).astype(np.float32)
    found = Groups.of(np.arange(groups), np.arange(groups + 1))
    expected, stack, marks = np.zeros((1, 1, 3), np.float32), np.zeros((9, 3), np.float32), np.zeros(9, np.int64)
    sums_by_id(B, 0, *found, expected, False, 0, 3, stack, marks)
    for of in range(1, groups + 1):
        parts = {}
        for number in range(of):
            for branch in branches_in(*share(groups, number, of), groups):
                parts[branch] = branch_sum(B, *branch)
        np.testing.assert_array_equal(joined(parts, groups), expected[0, 0])


T, V, C = 6, 7, 3
TOKENS = {"embed": 5, "tokens": V, "outputs": C}
COLUMNS = {"embed": 0, "tokens": 0, "outputs": C, "categories": [["kind", 4, 3], ["place", 5, 2]], "numbers": 3}


def batch(N, columns=False, lengths=None):
    rng = np.random.default_rng(1)
    x = rng.integers(0, V, (T, N)).astype(np.int32)
    if columns:
        ids = [rng.integers(-1, count, (T, N)).astype(np.int32) for count in (4, 5)]
        x = Window(ids, rng.standard_normal((T, N, 3)).astype(np.float32))
    y = rng.integers(0 if lengths is not None else -1, C, (T, N)).astype(np.int32)
    return Batch(x, y, np.zeros((T, N), np.uint8), int((y >= 0).sum()), T, lengths)


def check(arch, N, whole, loss, ofs=(2, 3, 4), dropout=None, threads=2):
    """Gradients, losses and states of several ranks are those of one, in two windows with carried states."""
    dropout = dropout or Dropout()

    def two_windows(u, learn):
        u.pack()
        out = []
        for update in (5, 6):
            learn(u, update)
            steps = min(whole.steps, len(u.losses))
            arrays = {name: array.copy() for name, array in u.grads.items()}
            out.append(arrays | {"losses": u.losses[:steps].copy()})
            if whole.lengths is None:
                u.carry(whole.steps)
                out[-1] |= {f"state {i}": state.copy() for i, state in enumerate(u.states())}
        return out

    def alone(u, update):
        u.gradients(whole, loss.gradient, update, loss.is_steady(whole))
        loss.own_gradients(u)

    net = random_network(arch, np.float32)
    expected = two_windows(net.unfold(T, N, Team(threads), training=True, dropout=dropout), alone)
    assert all(np.abs(array).max() > 0 for array in expected[0].values())

    def of_rank(ranks):
        own = random_network(arch, np.float32)
        shares = Shares(own, T, N, Team(1 + ranks.number % 2), dropout, ranks)
        return two_windows(shares, lambda u, update: u.learn(whole, loss, update))

    for of in ofs:
        for number, found in enumerate(on_ranks(of, of_rank)):
            for window, arrays in enumerate(expected):
                for name, array in arrays.items():
                    np.testing.assert_array_equal(found[window][name], array, f"{name} of rank {number} of {of}")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("columns", [False, True])
def test_gradients_of_every_cell(cell, columns):
    name, options = CELLS[cell]
    sizes = COLUMNS if columns else TOKENS
    check(Architecture(name, 8, 2, cell_options=options, **sizes), 18, batch(18, columns), CROSS_ENTROPY, (2, 3))


@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "conv"])
def test_masks_of_dropout_are_those_of_the_row_in_the_batch(cell, variational):
    for columns, sizes in ((False, TOKENS), (True, COLUMNS)):
        dropout = Dropout(0.4, variational)
        check(Architecture(cell, 8, 2, **sizes), 18, batch(18, columns), CROSS_ENTROPY, (2, 3), dropout)


def test_more_ranks_than_powers_of_two_and_a_last_group_that_is_short():
    check(Architecture("gru", 8, 1, **TOKENS), 27, batch(27), CROSS_ENTROPY, (2, 3, 4, 5, 6, 7))


def test_tied_output_large_vocabulary_and_several_blocks_of_the_output_layer(monkeypatch):
    tied = TOKENS | {"embed": 8, "outputs": V, "tied": True}
    check(Architecture("lstm", 8, 1, **tied), 16, batch(16), CROSS_ENTROPY)
    monkeypatch.setattr(networks, "LOGITS_BYTES", 4 * 16 * V * 2)  # two steps of six
    check(Architecture("lstm", 8, 1, **tied), 16, batch(16), CROSS_ENTROPY)
    monkeypatch.setattr("rnncli.network.inputs.TABLE_TOKENS", 2)  # rows of E, no table
    check(Architecture("lstm", 8, 2, **TOKENS), 16, batch(16), CROSS_ENTROPY)


def test_whole_sequences_both_ways_pooled_and_paths_of_tags():
    lengths = np.array([6, 3, 1, 5, 2, 6, 4, 4, 1, 6, 5, 2, 3, 0, 0, 0], np.int32)
    whole = batch(16, True, lengths)
    pooled = replace(whole, y=whole.y[:1].copy(), count=13)
    pooled.y[0, 13:] = -1
    both = COLUMNS | {"bidirectional": True}
    check(Architecture("lstm", 8, 1, pool="last,mean,max", **both), 16, pooled, CROSS_ENTROPY)
    target = np.random.default_rng(3).standard_normal((1, 16, C)).astype(np.float32)
    check(Architecture("gru", 8, 2, pool="mean", **both), 16, replace(pooled, y=target), SquaredError())
    loss, inside = PathLoss(C), np.arange(T)[:, None] < lengths
    tagged = replace(whole, y=np.where(inside, whole.y, -1).astype(np.int32))
    check(Architecture("lstm", 8, 1, **both, own=loss.own), 16, tagged, loss)
    tagged.y[0, 0] = -1  # a path of which a tag is missing, in one rank alone
    check(Architecture("lstm", 8, 1, **both, own=loss.own), 16, tagged, loss)


def test_ngrams_of_words():
    """Sums by n-gram are made of those by word, of which each rank has some."""
    lengths = np.full(16, T, np.int32)
    whole = batch(16, True, lengths)
    bounds, grams = np.array([0, 2, 3, 6, 6, 8], np.int32), np.array([0, 1, 6, 2, 3, 2, 4, 5], np.int32)
    words = np.random.default_rng(4).integers(-1, 5, (T, 16)).astype(np.int32)
    whole = replace(whole, x=Window([*whole.x.ids, words], whole.x.numbers, (bounds, grams)))
    sizes = COLUMNS | {"bidirectional": True, "grams": [7, 2]}
    check(Architecture("lstm", 8, 1, **sizes), 16, whole, CROSS_ENTROPY)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("pool", [[], ["last", "mean"]], ids=["steps", "pooled"])
def test_losses_without_gradients(cell, pool):
    """Of two windows, by ranks of which the fourth has no row."""
    (name, options), N = CELLS[cell], 10
    whole, arch = batch(N, True), Architecture(name, 8, 2, cell_options=options, pool=pool, **COLUMNS)
    if pool:
        lengths = np.array([6, 3, 1, 5, 2, 6, 4, 4, 1, 0], np.int32)
        whole = replace(batch(N, True, lengths), y=whole.y[:1].copy())

    def two_windows(u):
        u.pack()
        for _ in range(2):
            found = CROSS_ENTROPY.losses(u, whole).copy()
            if not pool:
                u.carry(whole.steps)
        return found

    expected = two_windows(random_network(arch, np.float32).unfold(T, N, Team(1)))
    assert expected.any(axis=0).sum() > 6
    for of in (2, 4):
        work = lambda ranks: two_windows(SharedScores(random_network(arch, np.float32), T, N, Team(1), ranks))  # noqa: E731
        for found in on_ranks(of, work):
            np.testing.assert_array_equal(found, expected)


def test_outputs_of_whole_sequences_are_those_of_one():
    """In batches of ten, the last of which has three: of four ranks one has no row, and some have empty ones."""
    rng, lengths = np.random.default_rng(6), np.arange(13) % T + 1
    ids = [rng.integers(-1, count, lengths.sum()).astype(np.int32) for count in (4, 5)]
    numbers = rng.standard_normal((lengths.sum(), 3)).astype(np.float32)
    examples = Examples(np.concatenate([[0], np.cumsum(lengths)]), ids, numbers)
    net = random_network(Architecture("lstm", 8, 1, pool=["last", "max"], bidirectional=True, **COLUMNS), np.float32)

    def pooled(u):
        u.pack()
        return u.pooled(examples)

    expected = pooled(net.unfold(T, 10, Team(1)))
    assert len(np.unique(expected[:, 0])) == 13
    for of in (2, 4):
        for found in on_ranks(of, lambda ranks: pooled(SharedScores(net, T, 10, Team(1), ranks))):
            np.testing.assert_array_equal(found, expected)


SMALL = TrainConfig(epochs=2, hidden=12, batch=16, steps=24, dropout=0.2)


@pytest.fixture
def every_update_is_reported(monkeypatch):
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0)


@pytest.mark.usefixtures("every_update_is_reported")
@pytest.mark.parametrize(("steps", "corrects"), [(24, False), (96, True)])
def test_a_training_resumed_by_another_number_of_ranks_has_the_weights_of_one(tmp_path, text, steps, corrects):
    """Alone to the end; by two ranks, stopped, then by three ranks, stopped, then alone. Also where the window is made
    shorter on the way.
    """
    file = tmp_path / "text.txt"
    file.write_text(text)
    material = search.sized(task_class("language").prepare([str(file)], SMALL.having(steps=steps), None, None))

    def trained(ranks, updates, state=None):
        training = Training(drawn(material), material, 1, ranks=ranks, corrects=corrects)
        if state:
            arrays, values = state
            training.restore(arrays, values)
        for report in training.reports():
            if isinstance(report, Progress) and report.step >= updates:
                training.stop = ranks.number == ranks.of - 1  # one of them is asked to
        arrays, values = training.checkpoint()
        return {name: array.copy() for name, array in arrays.items()}, json.loads(json.dumps(values)), report

    alone, counters, _ = trained(Ranks(), 10**9)
    assert bool(counters["window"]) == corrects
    state = None
    for of, updates in ((2, 3), (3, 9), (1, 10**9)):
        done = (
            on_ranks(of, lambda ranks, u=updates, s=state: trained(ranks, u, s))
            if of > 1
            else [trained(Ranks(), updates, state)]
        )
        assert of == 1 or done[0][2].stopped == "interrupted" and 0 < done[0][1]["step"] < counters["step"]
        for arrays, values, _ in done:
            assert values["step"] == done[0][1]["step"]
            for name, array in arrays.items():
                np.testing.assert_array_equal(array, done[0][0][name])
        state = done[0][:2]
    assert state[1]["step"] == counters["step"] and state[1]["history"] == counters["history"]
    for name, array in alone.items():
        np.testing.assert_array_equal(state[0][name], array, err_msg=name)


@pytest.mark.usefixtures("every_update_is_reported")
def test_members_are_shared_out_and_resumed_by_another_number_of_ranks(tmp_path, text, monkeypatch):
    """Alone to the end; by three ranks, stopped, then by two, then alone, then by four to the end."""
    monkeypatch.setattr(apart, "SLICE_S", 0)
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    due = set()
    file = tmp_path / "text.txt"
    file.write_text(text)
    config = SMALL.having(members=5, epochs=1.0)
    material = search.sized(task_class("language").prepare([str(file)], config, None, None))

    def trained(ranks, updates, state=None):
        training = MembersTraining(lambda k: drawn(material, None, k), material, 1, ranks=ranks)
        if state:
            training.restore(*state)
        here = 0
        for report in training.reports():
            here += isinstance(report, Progress)
            if here >= updates:
                training.stop = ranks.number == ranks.of - 1
            if isinstance(report, CheckpointDue):
                assert ranks.leads and training.network.members
                due.add(ranks.of)
        assert training.network.members
        arrays, values = training.checkpoint()
        return ({n: a.copy() for n, a in arrays.items()}, json.loads(json.dumps(values))), training, report, here

    _, alone, end, count = trained(Ranks(), 10**9)
    state, done = None, 0
    for of, updates in ((3, 7), (2, 11), (1, 9), (4, 10**9)):
        work = lambda ranks, u=updates, s=state: trained(ranks, u, s)  # noqa: E731
        found = on_ranks(of, work) if of > 1 else [work(Ranks())]
        state, done = found[0][0], done + sum(here for *_, here in found)
        stopped = {report.stopped for _, _, report, _ in found}
        assert stopped == ({"done"} if of == 4 else {"interrupted"})
        assert updates_in(state[1]) == done
    assert done == count
    assert max(here for *_, here in found) < count / 2
    assert due == {1, 2, 3, 4}
    for _, training, report, _ in found:
        np.testing.assert_array_equal(training.all.theta.flat, alone.all.theta.flat)
        assert training.history == alone.history
        assert replace(report, elapsed_s=0.0) == replace(end, elapsed_s=0.0)


def test_candidates_of_tune_are_shared_out(tmp_path, text):
    file = tmp_path / "text.txt"
    file.write_text(text)
    asked = TrainConfig(epochs=1, hidden=8, batch=8, steps=24, cell="rnn", tune=True)

    def read(options):
        return search.sized(task_class("language").prepare([str(file)], asked.having(**options), None, None))

    def tuned(ranks):
        tuning = Tuning(read({}), asked, read, Rivals({}), 1, ranks=ranks)
        return sum(isinstance(report, Trying) for report in tuning.reports()), tuning.table

    count, table = tuned(Ranks())
    assert len(table["rows"]) == 9
    counts, tables = zip(*on_ranks(2, tuned), strict=True)
    assert sum(counts) == count and max(counts) - min(counts) <= 2
    assert list(tables) == [table] * 2
    with pytest.raises(UsageError, match="--tune tries --batch 8: 2 groups of 4 rows for 3 ranks"):
        on_ranks(3, tuned)


def test_what_was_dealt_is_collected_in_its_order():
    for of, count in ((3, 7), (2, 2), (3, 2)):
        work = lambda ranks, n=count: ranks.collect([[k, k / 3, "ö"] for k in ranks.dealt(n)])  # noqa: E731
        assert on_ranks(of, work) == [[[k, k / 3, "ö"] for k in range(count)]] * of
    told = on_ranks(3, lambda ranks: ranks.to_first(b"x" * ranks.number))
    assert told == [[b"", b"x", b"xx"], [b"", b"x", b""], [b"", b"", b"xx"]]


def test_ranks_that_read_other_data_or_have_other_weights_are_told(tmp_path):
    def refused(ranks):
        ranks.refuse_others("the data", b"same")
        with pytest.raises(RnncliError, match="the data of rank 2 are not those of rank 0"):
            ranks.refuse_others("the data", b"other" if ranks.number == 2 else b"same")

    on_ranks(3, refused)


def test_what_ranks_agree_on():
    assert on_ranks(3, lambda ranks: ranks.any(ranks.number == 2)) == [True] * 3
    assert on_ranks(3, lambda ranks: ranks.any(False)) == [False] * 3
    assert on_ranks(3, lambda ranks: ranks.clock(lambda: 1.5 + ranks.number)()) == [1.5] * 3
    assert Ranks().any(True) and Ranks().leads


def test_a_batch_with_too_few_groups_is_refused():
    def refused(ranks):
        with pytest.raises(UsageError, match="--batch 9: 3 groups of 4 rows for 4 ranks.* fewer ranks.*--batch 16"):
            ranks.refuse_few(9)
        return ranks.rows_of_each(27)

    assert on_ranks(4, refused) == [[4, 8, 8, 7]] * 4
