"""A stream read in pieces side by side against one walk along it."""

from functools import cache

import numpy as np
import pytest

from rnncli.data.vocabulary import Vocabulary
from rnncli.kernels.threads import Team
from rnncli.predictors import pieces, scored_stream
from rnncli.predictors.scored_stream import ScoredStream
from rnncli.stored import Damaged
from tests.helpers import CELLS, V, architecture, random_network

TOKENS = 1500


class Letters(Vocabulary):
    end = 0

    def __len__(self):
        return V


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch):
    for name, tokens in {"PIECE": 96, "WARM": 32, "STEPS": 16, "ROWS": 8, "FIRST_ROWS": 2}.items():
        monkeypatch.setattr(pieces, name, tokens)
    monkeypatch.setattr(scored_stream, "WARM", 32)


@pytest.fixture
def walked(monkeypatch):
    """The numbers of tokens of all walks."""
    counts, walk = [], ScoredStream._walk
    monkeypatch.setattr(ScoredStream, "_walk", lambda self, end: counts.append(end - self.place) or walk(self, end))
    return counts


def network_of(cell, layers=1):
    """A network that forgets within 32 steps."""
    network = random_network(architecture(cell, layers), np.float32)
    for name, array in network.theta.items():
        if name[0].isdigit():
            array *= 0.5
    return network


def stream_of(network, threads=1):
    team = Team(threads)

    @cache
    def unfold(T, N):
        u = network.unfold(T, N, team)
        u.pack()
        return u

    return ScoredStream(unfold, Letters([]))


def tokens(seed=0):
    return np.random.default_rng(seed).integers(V, size=TOKENS).astype(np.uint8)


def in_blocks(stream, ids, length):
    return np.concatenate([stream.losses(ids[i : i + length]) for i in range(0, len(ids), length)])


def holds_for(network, R):
    """A recurrence that is R times the state."""
    network.theta["0.R"][...] = R * np.eye(len(network.theta["0.R"]), dtype=np.float32)
    network.theta["0.W"][...] *= 0.01  # small states: large ones would hide what is left of the start
    return network


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", [name for name in CELLS if name not in ("rnn-linear", "rnn-relu")])
def test_pieces_of_a_network_that_forgets_equal_one_walk(cell, layers, walked):
    network, ids = network_of(cell, layers), tokens()
    expected = stream_of(network).losses(ids, in_sequence=True)
    del walked[:]
    stream = stream_of(network)
    np.testing.assert_allclose(stream.losses(ids), expected, atol=1e-5)
    assert walked == [96, TOKENS % 96]  # the first piece and the last, which is cut short
    assert (stream.place, stream.last) == (TOKENS, ids[-1])


@pytest.mark.parametrize("length", [1, 7, 95, 96, 97, 500])
def test_nats_do_not_depend_on_how_many_tokens_come_at_a_time(length):
    network, ids = network_of("lstm"), tokens()
    np.testing.assert_array_equal(in_blocks(stream_of(network), ids, length), stream_of(network).losses(ids))


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_nats_do_not_depend_on_threads(threads):
    network, ids = network_of("gru", 2), tokens()
    np.testing.assert_array_equal(stream_of(network, threads).losses(ids), stream_of(network).losses(ids))


@pytest.mark.parametrize("length", [50, TOKENS])
def test_a_network_that_never_forgets_is_read_in_one_walk(length, walked):
    network, ids = holds_for(network_of("rnn-linear"), 1.0), tokens()
    expected = stream_of(network).losses(ids, in_sequence=True)
    stream = stream_of(network)
    del walked[:]
    np.testing.assert_array_equal(in_blocks(stream, ids, length), expected)
    assert stream.strange == pieces.MOST
    assert sum(walked) == TOKENS


def test_where_a_warm_up_is_too_short_longer_ones_are_taken(walked):
    """After 32 steps 0.75^32 = 1e-4 of a state is left, after 64 1e-8."""
    network, ids = holds_for(network_of("rnn-linear"), 0.75), tokens()
    stream = stream_of(network)
    np.testing.assert_allclose(stream.losses(ids), stream_of(network).losses(ids, in_sequence=True), atol=1e-5)
    assert stream.warm == 2 * pieces.WARM
    assert walked[:2] == [96, TOKENS % 96]  # none but the first piece and the last
    np.testing.assert_array_equal(in_blocks(stream_of(network), ids, 50), stream_of(network).losses(ids))


def test_a_state_that_is_no_number_is_never_near():
    network = network_of("rnn-linear")
    network.theta["0.R"][...] *= 1e9
    with np.errstate(all="ignore"):
        found, expected = (stream_of(network).losses(tokens(), way) for way in (False, True))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("cut", [10, 96, 130, 700])
def test_a_stream_goes_on_from_a_file(cut):
    network, ids = network_of("lstm", 2), tokens()
    first, second = stream_of(network), stream_of(network)
    nats = first.losses(ids[:cut])
    second.set_state(second.from_tensors(*first.to_tensors(first.state())))
    assert second.place == cut
    nats = np.concatenate([nats, second.losses(ids[cut:])])
    np.testing.assert_allclose(nats, stream_of(network).losses(ids, in_sequence=True), atol=1e-5)


def test_a_reset_stream_is_a_new_one():
    network, ids = network_of("lstm"), tokens()
    stream = stream_of(network)
    first = stream.losses(ids)
    stream.reset()
    np.testing.assert_array_equal(stream.losses(ids), first)


def test_states_of_other_shapes_are_refused():
    stream = stream_of(network_of("lstm"))
    tensors, entry = stream.to_tensors(stream.state())
    for bad in ({"last": V}, {"last": -1}, {"last": 0, "tokens": -5}):
        with pytest.raises(Damaged):
            stream.from_tensors(tensors, entry | bad)
    with pytest.raises(Damaged, match=r"state.0: found .* expected \(1, 5\)"):
        stream.from_tensors({name: tensor[:, 1:] for name, tensor in tensors.items()}, entry)
    with pytest.raises(Damaged, match="no last"):
        stream.from_tensors(tensors, {})
