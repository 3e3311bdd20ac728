"""Hashes of texts, which model files keep: by their equations, in integers of Python."""

import numpy as np
import pytest

from rnncli.data.seen import EVEN
from rnncli.kernels.hashes import add_up_lines, hash_stretches

WHOLE = 1 << 64
TABLE = np.random.default_rng(1).integers(-(2**63), 2**63, 20)


def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WHOLE
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WHOLE
    return z ^ (z >> 31)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_a_line_is_the_sum_over_its_tokens_and_their_places(dtype):
    tokens, offsets = np.random.default_rng(0).integers(0, 20, 50).astype(dtype), np.array([0, 7, 7, 8, 50])
    sums = np.empty(4, np.int64)
    add_up_lines(tokens, TABLE, offsets, sums)
    rows = [mix((int(TABLE[token]) + mix(t)) % WHOLE) for t, token in enumerate(tokens[:7].tolist())]
    assert int(sums[0]) % WHOLE == sum(rows) % WHOLE and sums[1] == 0
    ends = [mix((int(TABLE[token]) + mix(t)) % WHOLE) for t, token in enumerate(tokens[8:].tolist())]
    assert int(sums[3]) % WHOLE == sum(ends) % WHOLE


@pytest.mark.parametrize("length", [1, 2, 8, 32])
def test_a_stretch_is_hashed_by_doubling(length):
    tokens = np.random.default_rng(2).integers(0, 20, 60).astype(np.uint8)
    found, room = np.empty(61 - length, np.int64), np.empty((2, 64), np.int64)
    hash_stretches(tokens, TABLE, length, int(EVEN.view(np.int64)), *room, found)

    def hashed(stretch):
        if len(stretch) == 1:
            return int(TABLE[stretch[0]])
        half = len(stretch) // 2
        return (int(EVEN) * (2 * half + 1) * hashed(stretch[:half]) + hashed(stretch[half:])) % WHOLE

    expected = [mix(hashed(tokens[i : i + length]) % WHOLE) for i in range(61 - length)]
    assert [int(one) % WHOLE for one in found] == expected
