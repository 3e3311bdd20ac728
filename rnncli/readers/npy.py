"""The arrays of .npy and .npz files, block by block: large ones are mapped from a temporary file, never in memory.

What a header claims is held against the bytes that are there, before any of them is read.
"""

import math
import zipfile
from collections.abc import Collection
from shutil import disk_usage
from tempfile import gettempdir
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from rnncli.errors import RnncliError
from rnncli.process import spool
from rnncli.process.temporary import ADVICE
from rnncli.readers.unpacking import ZIP

BLOCK = 1 << 20  # bytes
MAGIC = b"\x93NUMPY"
CAPITALS = ("X", "Y")  # read as x and y, where these are not there
LONGEST_HEADER = 10_000  # characters, as NumPy has it


class NotArrays(Exception):
    """Why a file holds none, in a few words."""


def arrays_of(stream: IO[bytes], name: str, wanted: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays by name, X as x, that of .npy as `x`; `name` is the file's in messages. None `wanted`: all.

    NotArrays for what is no such file or damaged; RnncliError for an array that is larger than there is room for.
    """
    begin = stream.read(len(MAGIC))
    if begin == MAGIC:
        return {"x": _array(stream, "x", name, _left(stream), begin)}
    if not begin.startswith(ZIP[:2]):
        raise NotArrays("neither .npy nor .npz")
    archive, found = zipfile.ZipFile(stream if stream.seekable() else _whole(begin, stream)), {}
    keys = {member.filename.removesuffix(".npy") for member in archive.infolist()}
    for member in archive.infolist():
        key = member.filename.removesuffix(".npy")
        key = key.lower() if key in CAPITALS and key.lower() not in keys else key
        if wanted is None or key in wanted:
            with archive.open(member) as inside:
                found[key] = _array(inside, key, name, member.file_size)
                if inside.read(1):  # whose end tells whether all of it is as it was written
                    raise NotArrays(f"more bytes than array {key} has")
    return found


def _left(stream: Any) -> int | None:
    """The bytes of a file of which the magic has been read; None where only reading can tell."""
    if not stream.seekable():
        return None
    place, size = stream.tell(), stream.seek(0, 2)
    stream.seek(place)
    return size


def _whole(begin: bytes, stream: IO[bytes]) -> IO[bytes]:
    """A packed archive as a file: its table of contents is at its end."""
    kept = spool.RowSpool(np.uint8)
    kept.append(np.frombuffer(begin, np.uint8))
    while block := stream.read(BLOCK):
        kept.append(np.frombuffer(block, np.uint8))
    return kept.stream()


def _array(stream: IO[bytes], key: str, name: str, size: int | None, begin: bytes = b"") -> np.ndarray:
    """One array; `size` are the bytes of its file, of which `begin` have been read."""
    begin += stream.read(len(MAGIC) + 2 - len(begin))
    if begin[: len(MAGIC)] != MAGIC:
        raise NotArrays(f"{key} is no array" if begin else "reading its header, there is nothing")
    read = npy.read_array_header_1_0 if begin[-2] == 1 else npy.read_array_header_2_0
    shape, by_columns, dtype = read(stream, max_header_size=LONGEST_HEADER)
    if dtype.hasobject:
        raise NotArrays("Object arrays")
    count = math.prod(shape)
    wanted, claimed = count * dtype.itemsize, f"{key} is {dtype} of shape {shape} by its header"
    header = stream.tell() if size is not None else 0
    if size is not None and wanted > size - header:
        raise NotArrays(f"{claimed}, {wanted:,} bytes, but {max(0, size - header):,} bytes follow")
    if wanted > spool.IN_MEMORY and wanted > (free := disk_usage(gettempdir()).free):
        raise RnncliError(f"{name}: {claimed}, {wanted:,} bytes, but there are {free:,} for temporary data: {ADVICE}")
    kept = spool.RowSpool(np.uint8)
    while left := wanted - len(kept):
        block = stream.read(min(left, BLOCK))
        if not block:
            kept.stream().close()
            raise NotArrays(f"{claimed}, {wanted:,} bytes, but {len(kept):,} bytes follow")
        kept.append(np.frombuffer(block, np.uint8))
    values = kept.array().view(dtype) if count else np.empty(count, dtype)
    return values.reshape(shape[::-1]).T if by_columns else values.reshape(shape)
