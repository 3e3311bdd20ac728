"""Temporary files, which have no name and go away with the process, however that ends."""

import io
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import IO

import numpy as np

from rnncli.errors import RnncliError
from rnncli.process.phases import told

ADVICE = "set TMPDIR to a writable folder with free space"
LARGE = 16 << 20  # bytes; arrays of more are mapped
VAST = 1 << 28  # bytes; what is as large is not made before it is read
BLOCK = 1 << 18  # rows at a time
FEW = 1 << 11  # rows at a time of what is made when it is read


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
    rest = (range(*block) for block in blocks(rows) if block[0])
    parts = (make(part.start, part.stop) for part in (told(said, "rows", rest) if said else rest))
    return _one_after_the_other(chain([first], parts), (rows, *first.shape[1:]), first.dtype)


class WhenRead:
    """Rows (rows, D) of which `make(begin, end)` gives a few thousand when one of them is first read; they are kept.
    They are read as those of an array: `take(rows, axis=0)` and `[rows]`.
    """

    def __init__(self, rows: int, make: Callable[[int, int], np.ndarray]):
        first = make(0, min(1, rows))
        self.make, self.shape = make, (rows, *first.shape[1:])
        self.kept = zeros(self.shape, first.dtype)
        self.made = np.zeros(-(-rows // FEW), bool)

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, rows: np.ndarray, axis: int = 0) -> np.ndarray:
        """(.., D) of these rows (..)."""
        number = np.asarray(rows) // FEW
        if not (there := self.made[number]).all():
            for i in np.unique(number[~there]).tolist():
                begin, end = i * FEW, min((i + 1) * FEW, len(self))
                self.kept[begin:end] = self.make(begin, end)
                self.made[i] = True
        return self.kept.take(rows, axis=axis)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self.take(rows)


def when_read(rows: int, make: Callable[[int, int], np.ndarray], said: str = "") -> np.ndarray | WhenRead:
    """`in_blocks`; of an array of more than VAST bytes what is read, when it is read."""
    first = make(0, min(1, rows))
    if rows * first.nbytes > VAST:
        return WhenRead(rows, make)
    return in_blocks(rows, make, said)


def sums_before(rows: int, make: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """The sums of what `make(begin, end)` gives for rows, before each of them and at the end (rows + 1, ..)."""
    none = make(0, 0)

    def sums() -> Iterator[np.ndarray]:
        yield (so_far := np.zeros((1, *none.shape[1:]), none.dtype))
        for begin, end in blocks(rows):
            found = np.cumsum(np.concatenate([so_far, make(begin, end)]), axis=0, dtype=none.dtype)
            yield found[1:]
            so_far = found[-1:]

    return _one_after_the_other(sums(), (rows + 1, *none.shape[1:]), none.dtype)


def _one_after_the_other(parts: Iterable[np.ndarray], shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """The parts in one array of this shape. A large one is written: to fill a map takes several times as long."""
    if math.prod(shape) * dtype.itemsize <= LARGE:
        out, begin = np.empty(shape, dtype), 0
        for part in parts:
            out[begin : begin + len(part)] = part
            begin += len(part)
        return out
    with temporary_file() as file:
        for part in parts:
            file.write(np.ascontiguousarray(part, dtype).reshape(-1).view(np.uint8).data)
        file.flush()
        return np.memmap(file, dtype, "r+", shape=shape)


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
