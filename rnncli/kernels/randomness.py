"""Random numbers that depend on counters (seed, update, layer, row), never on threads or on what was drawn before."""

import numpy as np

_MASK = (1 << 64) - 1


def mix64(*counters: int) -> int:
    """A 64-bit hash of the counters (SplitMix64, Steele et al. 2014)."""
    x = 0
    for counter in counters:
        x = (x + counter + 0x9E3779B97F4A7C15) & _MASK
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
        x ^= x >> 31
    return x


def key32(*counters: int) -> np.uint32:
    """The upper 32 bits of the hash, as kernels take them."""
    return np.uint32(mix64(*counters) >> 32)


def uniform(*counters: int) -> float:
    """In [0, 1), 53 bits."""
    return (mix64(*counters) >> 11) * 2.0**-53
