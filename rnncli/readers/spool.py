"""Rows of numbers that grow block by block: in memory while few, then in a temporary file that goes away by itself."""

import io
from typing import IO

import numpy as np

from rnncli.data.temporary import temporary_file

IN_MEMORY = 128 << 20  # bytes
TAKEN = 1 << 18  # rows brought into another order at a time


class RowSpool:
    """Collects blocks of shape (rows, *shape); `array()` is all of them in one."""

    def __init__(self, dtype: np.dtype | type, shape: tuple[int, ...] = ()):
        self.dtype, self.shape, self.length = np.dtype(dtype), shape, 0
        self.file: IO[bytes] = io.BytesIO()

    def __len__(self) -> int:
        return self.length

    def append(self, block: np.ndarray) -> None:
        """The rows at the end."""
        block = np.ascontiguousarray(block, self.dtype)
        self.length += len(block)
        if isinstance(self.file, io.BytesIO) and self.file.tell() + block.nbytes > IN_MEMORY:
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
