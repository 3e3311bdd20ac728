"""What grows block by block: in memory while small, then in a temporary file that goes away by itself."""

import io
from collections.abc import Callable
from typing import IO

import numpy as np

from rnncli.process.phases import told
from rnncli.process.temporary import temporary_file

IN_MEMORY = 32 << 20  # bytes
COUNTED = 1 << 20  # codes that are counted at a time
TAKEN = 1 << 18  # rows brought into another order at a time


class RowSpool:
    """Collects blocks of shape (rows, *shape); `array()` is all of them in one."""

    def __init__(self, dtype: np.dtype | type, shape: tuple[int, ...] = (), most: int | None = None):
        self.dtype, self.shape, self.length, self.most = np.dtype(dtype), shape, 0, most or IN_MEMORY
        self.file: IO[bytes] = io.BytesIO()

    def __len__(self) -> int:
        return self.length

    def append(self, block: np.ndarray) -> None:
        """The rows at the end."""
        block = np.ascontiguousarray(block, self.dtype)
        self.length += len(block)
        if isinstance(self.file, io.BytesIO) and self.file.tell() + block.nbytes > self.most:
            small, self.file = self.file, temporary_file()  # kept open by the array that is mapped to it
            self.file.write(small.getbuffer())
        self.file.write(block.reshape(-1).view(np.uint8).data)

    def array(self) -> np.ndarray:
        """(rows, *shape); nothing may be appended after."""
        whole = (self.length, *self.shape)
        if isinstance(self.file, io.BytesIO):
            return np.ndarray(whole, self.dtype, self.file.getbuffer())
        self.file.flush()
        with self.file as file:
            return np.memmap(file, self.dtype, "r+", shape=whole)

    def stream(self) -> IO[bytes]:
        """What was appended, as bytes from the beginning."""
        self.file.seek(0)
        return self.file


class CodeSpool:
    """Collects blocks of codes, each in a type of its own, and counts them."""

    def __init__(self):
        self.raw = RowSpool(np.uint8)
        self.blocks: list[tuple[np.dtype, int]] = []  # type and bytes of each
        self.length = 0
        self.counted = np.zeros(0, np.int64)  # by code, without the blocks that wait
        self.waiting: list[np.ndarray] = []

    def __len__(self) -> int:
        return self.length

    def append(self, block: np.ndarray) -> None:
        """The codes at the end."""
        self.length += block.size
        self.blocks.append((block.dtype, block.nbytes))
        self.raw.append(block.view(np.uint8))
        self.waiting.append(block)
        if sum(map(len, self.waiting)) >= COUNTED:
            self._count()

    @property
    def counts(self) -> np.ndarray:
        """How often each code occurs (largest code + 1,) int64."""
        self._count()
        return self.counted

    def _count(self) -> None:
        """Those that wait: of many codes, since an array as long as the largest of them is gone through each time."""
        if self.waiting:
            found, self.waiting = np.bincount(np.concatenate(self.waiting)), []
            found[: len(self.counted)] += self.counted[: len(found)]
            self.counted = np.concatenate([found, self.counted[len(found) :]])

    def map(self, function: Callable[[np.ndarray], np.ndarray], dtype: np.dtype | type) -> np.ndarray:
        """One array of function(block) for all blocks."""
        raw, out, begin, codes = self.raw.array(), RowSpool(dtype), 0, []
        for kind, size in self.blocks:
            codes.append(raw[begin : begin + size].view(kind))
            begin += size
        for block in told("encoding", "tokens", codes):
            out.append(function(block))
        return out.array()


def take(array: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """array[order], never all of it in memory if it is large; with no order as it is."""
    if order is None:
        return array
    spool = RowSpool(array.dtype, array.shape[1:])
    for start in range(0, len(order), TAKEN):
        spool.append(array[order[start : start + TAKEN]])
    return spool.array()


def join(arrays: list[np.ndarray]) -> np.ndarray:
    """One after the other."""
    if len(arrays) == 1:
        return arrays[0]
    spool = RowSpool(arrays[0].dtype, arrays[0].shape[1:])
    for array in arrays:
        spool.append(array)
    return spool.array()
