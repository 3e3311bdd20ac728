"""Temporary files, which have no name and go away with the process, however that ends."""

import io
import math
import os
import tempfile
from typing import IO

import numpy as np

from rnncli.errors import RnncliError

ADVICE = "set TMPDIR to a writable folder with free space"
LARGE = 64 << 20  # bytes; arrays of more are mapped


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
