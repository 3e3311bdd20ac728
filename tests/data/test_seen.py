"""Hashes of sequences, and samples of them, against sets of Python."""

import dataclasses
import math
import random

import numpy as np
import pytest

from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.data.schema import Schema
from rnncli.data.seen import BLOCK, BYTES, MOST, Known, Seen, encoded, hashes_of, in_pieces, seen_parts
from rnncli.stored import Damaged, read

GAP = float("nan")


def columns(sequences):
    """Of (number or NaN, text or None) for each step."""
    rows = [row for sequence in sequences for row in sequence]
    numbers = np.array([number for number, _ in rows], np.float64).reshape(-1, 1)
    offsets = offsets_of([len(sequence) for sequence in sequences])
    return Columns(offsets, ["x"], numbers, {"kind": Coded.of([text for _, text in rows])})


def hashes(sequences):
    found = columns(sequences)
    return hashes_of(found, Schema(numbers=["x"], categories={"kind": ["a"]}))


def plain(sequence):
    """What is equal of two sequences, for a set."""
    return tuple(("gap" if math.isnan(number) else number + 0.0, text) for number, text in sequence)


def test_hashes_are_equal_where_the_sequences_are():
    rng = random.Random(1)
    values, texts = (0.0, -0.0, 1.0, 1e-300, GAP), ("a", "b", None)
    sequences = [[(rng.choice(values), rng.choice(texts)) for _ in range(rng.randrange(0, 4))] for _ in range(3000)]
    found = hashes(sequences).tolist()
    assert len({*found}) == len({*map(plain, sequences)}) == len({*zip(found, map(plain, sequences), strict=True)})
    assert max(found) < 256**BYTES


def test_hashes_do_not_depend_on_company_or_on_where_blocks_end():
    rng = np.random.default_rng(0)
    lengths = [3, BLOCK - 5, 0, 7, 2 * BLOCK + 11, 1, 0]
    sequences = [[(x, "b" if x > 0 else "a") for x in rng.standard_normal(n).tolist()] for n in lengths]
    assert hashes(sequences).tolist() == [int(hashes([one])[0]) for one in sequences]
    assert hashes(sequences[::-1]).tolist() == hashes(sequences)[::-1].tolist()


def test_encoding_keeps_the_hashes_with_the_sequences():
    found = columns([[(1.0, "a")], [(2.0, "a"), (3.0, None)], [(4.0, "a")]])
    schema = Schema(numbers=["x"], categories={"kind": ["a"]}, mean=[1.0], std=[2.0], unit=[0.0])
    expected = hashes_of(found, schema).tolist()
    examples = encoded(schema, found)  # which scales the numbers where they stand
    assert examples.hashes.tolist() == expected
    assert examples.select(np.array([2, 0])).hashes.tolist() == [expected[2], expected[0]]


def drawn(seed, count, most=1 << 48):
    return np.random.default_rng(seed).integers(0, most, count).astype(np.uint64)


@pytest.mark.parametrize("count", [0, 1, 500, MOST, MOST + 1, 3 * BLOCK])
def test_a_sample_is_the_least_of_the_set(count):
    given = np.unique(drawn(2, count))[:count]
    found = Seen.of(in_pieces(np.random.default_rng(1).permutation(np.repeat(given, 2))))
    assert found.numbers().tolist() == sorted({*given.tolist()})[:MOST]
    assert found.whole == (len(given) <= MOST)
    assert read(Seen, dataclasses.asdict(found), "seen") == found


@pytest.mark.parametrize(("first", "second"), [(50, 60), (3000, 3000), (20_000, 10), (10, 20_000), (9000, 20_000)])
def test_a_sample_of_a_sample_is_that_of_both(first, second):
    a, b = drawn(3, first), drawn(4, second)
    assert Seen.of([b], Seen.of(in_pieces(a))) == Seen.of([a, b])


def told(trained, validated, given):
    known = Known(seen_parts(in_pieces(trained), in_pieces(validated), None))
    for piece in np.array_split(given, 7):
        known.look_at(piece)
    return known.figures()


def test_counts_are_those_of_plain_sets():
    trained, validated, given = (drawn(seed, 900, 3000) for seed in (5, 6, 7))
    first, second = {*trained.tolist()}, {*validated.tolist()}
    assert told(trained, validated, given) == {
        "n": 900,
        "checked": 900,
        "trained": sum(h in first for h in given.tolist()),
        "validated": sum(h in second and h not in first for h in given.tolist()),
    }


def test_shares_of_many_are_estimates_without_bias():
    found = []
    for seed in range(12):
        trained, new = drawn(seed, 40_000), drawn(100 + seed, 30_000)
        figures = told(trained, new[:0], np.concatenate([trained[:10_000], new]))
        assert 0 < figures["checked"] < 6000 and figures["validated"] == 0
        found.append(figures["trained"])
    assert np.mean(found) == pytest.approx(10_000, rel=0.02)  # standard error: 0.8 %
    assert np.abs(np.array(found) - 10_000).max() < 1500


@pytest.mark.parametrize("folds", [60, 20_000])
def test_what_is_of_a_known_fold_is_related(folds):
    """Of many folds some are known; the estimate has no bias."""
    rng = np.random.default_rng(0)
    numbers = np.unique(drawn(9, 2 * folds))  # half of them were there
    there = rng.permutation(numbers)[:folds]
    hashes, of = drawn(8, 30_000), rng.choice(numbers, 30_000)
    known = Known(seen_parts(in_pieces(hashes[:100]), [], None, in_pieces(there)))
    assert known.look_at(hashes, of).sum() >= 100
    figures, true = known.figures(), int(np.isin(of[100:], there).sum())
    if folds <= MOST:
        assert figures == {"n": 30_000, "checked": 30_000, "trained": 100, "validated": 0, "related": true}
    else:
        assert figures["checked"] < 8000 and figures["related"] == pytest.approx(true, rel=0.05)
    assert known.tells_apart == (folds <= MOST)


def test_nothing_is_told_where_nothing_can_be():
    trained = drawn(1, 50_000)
    given = np.sort(trained)[-5:]
    assert told(trained, trained[:0], given) == {"n": 5, "checked": 0, "trained": None, "validated": None}


@pytest.mark.parametrize(
    "values",
    [
        {"hashes": "AAAA", "whole": True},
        {"hashes": "not base64!", "whole": True},
        {"hashes": "é" * 8, "whole": True},
        {"hashes": "AAAAAAAB" * 2, "whole": True},
        {"hashes": "AAAAAAAC" + "AAAAAAAB", "whole": True},
        {"hashes": "A" * 8 * (MOST + 1), "whole": False},
        {"hashes": "", "whole": False},
        {"hashes": 3, "whole": True},
        {"hashes": ""},
    ],
)
def test_damaged_samples_are_refused(values):
    with pytest.raises(Damaged, match=r"^seen"):
        read(Seen, values, "seen")
