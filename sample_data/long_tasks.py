"""Synthetic tasks of long sequences, as arrays for rnncli: the adding problem, copy memory, parity.

    python long_tasks.py adding|copy|parity OUT.npz [--steps T] [--size N] [--seed S]

The same arguments give the same arrays. NumPy, which rnncli brings, is all that is needed.

adding   x (N, T, 2): a number from 0 to 1, and a mark that is 1 in two steps, one in each half.
         y (N,): the sum of the two marked numbers. A constant 1 has a mean squared error of 1/6.
         Hochreiter & Schmidhuber 1997, in the form of Le et al. 2015 (arXiv 1504.00941).
copy     x (N, T + 20, 1): ten symbols from 1 to 8, then T - 1 zeros, then eleven times 9.
         y (N·(T + 20),): zeros, and in the last ten steps the ten symbols again.
         Who remembers nothing has a mean cross-entropy of 10 ln 8 / (T + 20) nats a step.
         Hochreiter & Schmidhuber 1997, in the form of Bai, Kolter & Koltun 2018 (arXiv 1803.01271).
parity   x (N, T, 1): bits.  y (N·T,): at each step, whether the number of ones so far is odd.
"""

import argparse
from pathlib import Path

import numpy as np

SYMBOLS, COPIED, GO = 8, 10, 9
STEPS = {"adding": 200, "copy": 500, "parity": 40}


def adding(steps: int, size: int, seed: int) -> dict[str, np.ndarray]:
    """The two numbers that are marked, added up."""
    rng, half = np.random.default_rng([seed, 1]), steps // 2
    x = np.zeros((size, steps, 2), np.float32)
    x[:, :, 0] = rng.random((size, steps), np.float32)
    marked = np.stack([rng.integers(half, size=size), rng.integers(half, steps, size=size)], axis=1)
    np.put_along_axis(x[:, :, 1], marked, 1, axis=1)
    return {"x": x, "y": np.take_along_axis(x[:, :, 0], marked, axis=1).sum(axis=1)}


def copy(steps: int, size: int, seed: int) -> dict[str, np.ndarray]:
    """The first symbols once more, after `steps` others."""
    symbols = np.random.default_rng([seed, 2]).integers(1, SYMBOLS + 1, (size, COPIED))
    x, y = np.zeros((2, size, steps + 2 * COPIED), np.uint8)
    x[:, :COPIED], x[:, -COPIED - 1 :], y[:, -COPIED:] = symbols, GO, symbols
    return {"x": x[:, :, None], "y": y.reshape(-1)}


def parity(steps: int, size: int, seed: int) -> dict[str, np.ndarray]:
    """Whether the ones so far are odd in number."""
    x = np.random.default_rng([seed, 3]).integers(2, size=(size, steps)).astype(np.uint8)
    return {"x": x[:, :, None], "y": (np.cumsum(x, axis=1) % 2).reshape(-1)}


TASKS = {"adding": adding, "copy": copy, "parity": parity}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    steps = arguments.steps or STEPS[arguments.task]
    np.savez_compressed(arguments.out, **TASKS[arguments.task](steps, arguments.size, arguments.seed))


if __name__ == "__main__":
    main()
