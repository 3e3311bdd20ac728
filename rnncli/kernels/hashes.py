"""Hashes of 64 bits, of lines of tokens and of stretches of a stream; all sums and products are modulo 2^64.

Their numbers are int64 here, whose bits count.
"""

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import helper


@helper
def mix64(z):
    """The finaliser of SplitMix64 (Steele et al. 2014, doi:10.1145/2660193.2660195)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel("void(token[::1], int64[::1], int64[::1], int64[::1])")
def add_up_lines(tokens, table, offsets, sums):
    """sums[i] = Σ_t mix(table[tokens[offsets[i] + t]] + mix(t)) over the tokens of line i, up to offsets[i + 1]."""
    for i in range(sums.shape[0]):
        total, begin = np.uint64(0), offsets[i]
        for p in range(begin, offsets[i + 1]):
            total += mix64(np.uint64(table[np.uint32(tokens[p])]) + mix64(np.uint64(p - begin)))
        sums[i] = np.int64(total)


@kernel("void(token[::1], int64[::1], int64, int64, int64[::1], int64[::1], int64[::1])")
def hash_stretches(tokens, table, length, even, hashes, spare, out):
    """out[i] is the hash of the `length` tokens from i on, by doubling: h_1[i] = table[tokens[i]] and
    h_2k[i] = a_k h_k[i] + h_k[i + k] with a_k = (2 k + 1) even, and in the end mix(h). `hashes` and `spare` have room
    for as many numbers as there are tokens.
    """
    size, count = 1, tokens.shape[0]
    for i in range(count):
        hashes[i] = table[np.uint32(tokens[i])]
    while size < length:
        factor, following = np.int64(even) * np.int64(2 * size + 1), hashes[size:]
        count -= size
        for i in range(count):
            spare[i] = factor * hashes[i] + following[i]
        hashes, spare, size = spare, hashes, 2 * size
    for i in range(count):
        out[i] = np.int64(mix64(np.uint64(hashes[i])))
