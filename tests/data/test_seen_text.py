"""Hashes of texts against sets of Python: lines as a whole, and stretches of streams wherever they begin."""

import numpy as np
import pytest

from rnncli.data import seen_text
from rnncli.data.seen_text import STRETCH, Covered, SeenText
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Bytes, Characters, Words

VOCABULARIES = {"char": Characters([*map(ord, "abc\n")]), "byte": Bytes(), "word": Words(["a", "b", "\n"])}


def drawn(vocabulary, count, seed=0):
    return np.random.default_rng(seed).integers(0, min(4, len(vocabulary)), count).astype(np.int32)


@pytest.mark.parametrize("kind", VOCABULARIES)
def test_stretches_are_equal_where_their_tokens_are(kind, monkeypatch):
    vocabulary, length = VOCABULARIES[kind], STRETCH[kind]
    monkeypatch.setattr(seen_text, "BLOCK", 100)
    tokens = np.tile(drawn(vocabulary, 3 * length), 2)
    tokens[-length // 2] ^= 1
    hashes = np.concatenate([*SeenText(vocabulary, True).of(Sequences(tokens, np.zeros(1, np.int64)))]).tolist()
    stretches = [tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)]
    assert len(hashes) == len(stretches) and len(set(hashes)) == len(set(stretches)) < len(stretches)
    assert len(set(zip(hashes, stretches, strict=True))) == len(set(stretches))


@pytest.mark.parametrize("cuts", [[], [1], [50, 60, 300], [127, 128, 255, 256], range(1, 400)])
def test_pieces_of_a_stream_have_the_hashes_of_the_whole(cuts):
    tokens, seen = drawn(VOCABULARIES["char"], 400), SeenText(VOCABULARIES["char"], True)
    whole = np.concatenate([*seen.of_stream(tokens)])
    seen.begin()
    pieces = [block for piece in np.split(tokens, cuts) for block in seen.of_stream(piece)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_streams_do_not_go_on_into_each_other():
    tokens, seen = drawn(VOCABULARIES["char"], 400), SeenText(VOCABULARIES["char"], True)
    parts = [hashes for part in (tokens[:150], tokens[150:]) for hashes in seen.of(Sequences(part, np.zeros(1, int)))]
    found = np.concatenate([*seen.of(Sequences(tokens, np.array([0, 150])))])
    np.testing.assert_array_equal(found, np.concatenate(parts))
    assert len(found) == 400 - 2 * 127


def test_a_stream_shorter_than_a_stretch_has_no_hash():
    assert not [*SeenText(VOCABULARIES["char"], True).of_stream(drawn(VOCABULARIES["char"], 127))]


@pytest.mark.parametrize("cuts", [[], [1, 3], [5, 6, 7, 30], range(1, 60)])
def test_tokens_are_new_that_are_in_a_new_stretch_and_in_none_that_was_seen(cuts):
    rng, covered = np.random.default_rng(0), Covered(8)
    for count in (60, 3, 8, 41):  # streams
        ends = np.arange(7, count)
        told = np.zeros(count, int)
        told[ends] = rng.choice(3, len(ends), p=[0.7, 0.25, 0.05])
        found, places = [], [at for at in cuts if at < count]
        for begin, end in zip([0, *places], [*places, count], strict=True):
            part = told[max(begin, 7) : max(end, 7)]
            found.append(covered.add(part == 1, part == 2, end - begin))
        found.append(covered.rest())
        stretches = [{told[end] for end in range(t, min(t + 8, count))} - {0} for t in range(count)]
        assert np.concatenate(found).tolist() == [kinds == {1} for kinds in stretches]


def test_lines_are_equal_where_their_tokens_are():
    rng, vocabulary = np.random.default_rng(0), VOCABULARIES["char"]
    lines = [drawn(vocabulary, int(size), int(seed)) for size, seed in rng.integers(0, 6, (300, 2))]
    offsets = np.cumsum([0, *map(len, lines[:-1])])
    hashes = SeenText(vocabulary, False).of_lines(Sequences(np.concatenate(lines), offsets)).tolist()
    texts = [tuple(line) for line in lines]
    assert len(set(hashes)) == len(set(texts)) == len(set(zip(hashes, texts, strict=True)))


def test_tokens_have_the_hash_of_what_they_stand_for():
    one, other = Characters([*map(ord, "ab")]), Characters([*map(ord, "0ab")])
    hashes = [SeenText(v, False).of_lines(Sequences(v.encode("abba"), np.zeros(1, int))) for v in (one, other)]
    assert hashes[0] == hashes[1]
