"""Rows of numbers that grow block by block: in memory while few, then in a temporary file that goes away by itself."""

from typing import IO

import numpy as np

from rnncli.data.temporary import temporary_file

IN_MEMORY = 128 << 20  # bytes
TAKEN = 1 << 18  # rows brought into another order at a time


class RowSpool:
    """Collects blocks of shape (rows, *shape); `array()` is all of them in one."""

    def __init__(self, dtype: np.dtype | type, shape: tuple[int, ...] = ()):
        self.dtype, self.shape = np.dtype(dtype), shape
        self.blocks: list[np.ndarray] = []
        self.file: IO[bytes] | None = None
        self.length = 0

    def __len__(self) -> int:
        return self.length

    @property
    def bytes(self) -> int:
        return self.length * self.dtype.itemsize * int(np.prod(self.shape))

    def append(self, block: np.ndarray) -> None:
        """The rows at the end."""
        block = np.ascontiguousarray(block, self.dtype)
        self.length += len(block)
        if self.file is None and self.bytes > IN_MEMORY:
            self.file = temporary_file()  # kept open by the array that is mapped to it
            for earlier in self.blocks:
                earlier.tofile(self.file)
            self.blocks = []
        if self.file is None:
            self.blocks.append(block)
        else:
            block.tofile(self.file)

    def array(self) -> np.ndarray:
        """(rows, *shape); nothing may be appended after."""
        whole = (self.length, *self.shape)
        if self.file is not None:
            self.file.flush()
            with self.file as file:
                return np.memmap(file, self.dtype, "r+", shape=whole)
        joined, end = np.empty(whole, self.dtype), 0
        for i, block in enumerate(self.blocks):
            joined[end : end + len(block)] = block
            end, self.blocks[i] = end + len(block), joined[:0]  # its memory goes as that of `joined` is filled
        self.blocks = [joined]
        return joined


def take(array: np.ndarray, order: np.ndarray) -> np.ndarray:
    """array[order], never all of it in memory if it is large."""
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
        for start in range(0, len(array), TAKEN):
            spool.append(array[start : start + TAKEN])
    return spool.array()
