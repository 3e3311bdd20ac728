"""Temporary files, which have no name and go away with the process, however that ends."""

import io
import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO

import numpy as np

from rnncli.data.phases import told
from rnncli.errors import RnncliError

ADVICE = "set TMPDIR to a writable folder with free space"
LARGE = 16 << 20  # bytes; arrays of more are mapped
BLOCK = 1 << 18  # rows at a time


def zeros(shape: int | tuple[int, ...], dtype: np.dtype | type) -> np.ndarray:
    """An array to be filled: in memory, a large one mapped from a temporary file."""
    size = math.prod(np.atleast_1d(shape).tolist()) * np.dtype(dtype).itemsize
    if size <= LARGE:
        return np.zeros(shape, dtype)
    with temporary_file() as file:
        try:
            file.truncate(size)
            if hasattr(os, "posix_fallocate"):  # a full disk is found out here, not by a signal at a write
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise no_room(error) from None
        return np.memmap(file, dtype, "r+", shape=shape)


def blocks(rows: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of so many rows, a block at a time."""
    return ((begin, min(begin + BLOCK, rows)) for begin in range(0, rows, BLOCK))


def in_blocks(rows: int, make: Callable[[int, int], np.ndarray], said: str = "") -> np.ndarray:
    """The rows that `make(begin, end)` gives, block by block, in one array, a large one mapped; how far it is may be
    `said`.
    """
    first = make(0, min(BLOCK, rows))
    if len(first) == rows:
        return first
    out = zeros((rows, *first.shape[1:]), first.dtype)
    out[: len(first)] = first
    rest = (range(*block) for block in blocks(rows) if block[0])
    for part in told(said, "rows", rest) if said else rest:
        out[part.start : part.stop] = make(part.start, part.stop)
    return out


def sums_before(rows: int, make: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """The sums of what `make(begin, end)` gives for rows, before each of them and at the end (rows + 1, ..)."""
    kind = make(0, 0)
    sums = zeros((rows + 1, *kind.shape[1:]), kind.dtype)
    for begin, end in blocks(rows):
        sums[begin + 1 : end + 1] = make(begin, end)
        np.cumsum(sums[begin : end + 1], axis=0, out=sums[begin : end + 1])
    return sums


def repeated(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """values[i] for rows offsets[i] to offsets[i + 1]."""
    numbers = np.arange(len(values))

    def of_rows(begin: int, end: int) -> np.ndarray:
        return values[np.repeat(numbers, np.diff(np.clip(offsets, begin, end)))]

    return in_blocks(int(offsets[-1]), of_rows)


def permutation(count: int, rng: np.random.Generator) -> np.ndarray:
    """`rng.permutation(count)`."""
    order = in_blocks(count, np.arange)
    rng.shuffle(np.asarray(order))  # a map of a file is shuffled as fast as what it is a map of
    return order


def places(mask: np.ndarray) -> np.ndarray:
    """`np.flatnonzero(mask)`."""
    out, count = zeros(int(np.count_nonzero(mask)), np.int64), 0
    for begin, end in blocks(len(mask)):
        found = begin + np.flatnonzero(mask[begin:end])
        out[count : count + len(found)] = found
        count += len(found)
    return out


def join(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """One after the other, as they are if there is one."""
    if len(arrays) == 1:
        return arrays[0]
    out = zeros((sum(map(len, arrays)), *arrays[0].shape[1:]), np.result_type(*arrays))
    return np.concatenate(arrays, out=out)


def temporary_file() -> IO[bytes]:
    """A file to write and to read; RnncliError if there is nowhere to put it, at once or later."""
    try:
        with tempfile.TemporaryFile() as file:
            return io.BufferedRandom(_Temporary(os.dup(file.fileno()), "r+"))
    except OSError as error:
        raise no_room(error) from None


class _Temporary(io.FileIO):
    """What has no room for more says so."""

    def write(self, data) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise no_room(error) from None


def no_room(error: OSError) -> RnncliError:
    """What it means that a temporary file cannot be made or written."""
    tried = tempfile.tempdir or "TMPDIR, /tmp"
    if os.name == "nt":
        tried = tempfile.tempdir or "TEMP"
    reason = "no folder can be written" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
    return RnncliError(f"cannot write temporary data ({tried}: {reason.lower()}): {ADVICE}")
