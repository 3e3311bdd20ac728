"""The one place that writes and reads files of tensors: safetensors, with texts of JSON beside them.

The first of these texts, an object, ends with `crc32`, a checksum of all else in the file. It tells a file that was
damaged or changed; one without it is of a version before. A model has one text alone: safetensors 0.8.0 writes several
in an order that is drawn for each file, so that equal models would have other bytes.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import safetensors
from safetensors.numpy import load, save

from rnncli.errors import RnncliError, describe_os_error
from rnncli.models.output import write_whole
from rnncli.stored import Damaged, expect

SEAL = re.compile(r'(\{.*), "crc32": (\d+)\}', re.DOTALL)
#: names of types in the file -> types of arrays; others are none of ours
TYPES = {"F32": "float32", "F64": "float64", "I64": "int64", "I32": "int32", "U8": "uint8", "BOOL": "bool"}


@dataclass
class Opened:
    """A file of tensors, and its texts."""

    tensors: dict[str, np.ndarray]
    entries: dict[str, str]

    def values(self, entry: str) -> Any:
        """What a text says; Damaged if it is no JSON."""
        try:
            return json.loads(self.entries[entry])
        except (ValueError, RecursionError) as error:
            raise Damaged(f"{entry}: no JSON ({error})") from None

    def refuse_changed(self, entry: str) -> None:
        """Damaged, if the checksum in this text is not that of the file."""
        if '"crc32"' not in self.entries[entry]:
            return
        sealed = SEAL.fullmatch(self.entries[entry])
        found = sealed and _checksum(self.tensors, self.entries | {entry: f"{sealed[1]}}}"})
        wanted = sealed and int(sealed[2])
        expect(found == wanted, "crc32", found, f"{wanted}: a part of the file has changed since it was written")


def write_tensors(path: str, tensors: dict[str, np.ndarray], entries: dict[str, str]) -> None:
    """A safetensors file, whole or not at all; `entries` are its metadata, the first one gets the checksum."""
    first = next(iter(entries))
    seal = _checksum(tensors, entries)
    write_whole(path, packed(tensors, entries | {first: f'{entries[first][:-1]}, "crc32": {seal}}}'}))


def packed(tensors: dict[str, np.ndarray], entries: dict[str, str]) -> bytes:
    """The bytes of a file of safetensors.

    Arrays may lie in memory in any order. safetensors 0.8.0 writes the bytes as they lie, so that of a transposed
    array the file has wrong numbers; here each is put in C order first.
    """
    return save({name: np.asarray(array, order="C") for name, array in tensors.items()}, entries)


def unpacked(data: bytes) -> dict[str, np.ndarray]:
    """The tensors of bytes that this program has packed."""
    return load(data)


def read_tensors(path: str, what: str, types: dict[str, str] = TYPES, made: str = "one made by rnncli") -> Opened:
    """All of a file. RnncliError if it can't be read, or is no file of tensors of these types; `what` is expected, and
    `made` says by whom or how.
    """
    try:
        with open(path, "rb") as stream:
            stream.read(1)
        with safetensors.safe_open(path, "numpy") as file:
            tensors = {name: _tensor(file, name, types) for name in file.keys()}  # noqa: SIM118
            return Opened(tensors, file.metadata() or {})
    except OSError as error:
        raise describe_os_error(path, error) from None
    except (safetensors.SafetensorError, Damaged) as error:
        raise RnncliError(f"{path}: not a {what} ({error}), expected {made}") from None


def refuse_others(
    tensors: dict[str, np.ndarray], expected: dict[str, tuple[tuple[int, ...], Any]], missing: tuple[str, ...] = ()
) -> None:
    """Damaged, unless these are the tensors that are expected, of their shape and type, with finite numbers; some may
    be NaN where a number is missing.
    """
    for name, (shape, dtype) in expected.items():
        expect(name in tensors, name, "no tensor", f"one of shape {shape}")
        found, wanted = tensors[name], f"{shape} {np.dtype(dtype)}"
        expect(found.shape == shape and found.dtype == dtype, name, f"{found.shape} {found.dtype}", wanted)
        sound = not np.isinf(found).any() if name in missing else np.isfinite(found).all()
        expect(sound, name, "NaN or an infinite number", "finite numbers")
    for name in tensors:
        expect(name in expected, name, "a tensor of this name", "none")


def _tensor(file: Any, name: str, types: dict[str, str]) -> np.ndarray:
    kind = file.get_slice(name).get_dtype()
    expect(kind in types, name, kind, f"one of {', '.join(types)}")
    return file.get_tensor(name)


def _checksum(tensors: dict[str, np.ndarray], entries: dict[str, str]) -> int:
    """CRC-32 of names, types, shapes and bytes, and of the texts, in the order of the names."""
    found = 0
    for name, array in sorted(tensors.items()):
        found = crc32(
            np.asarray(array, order="C").reshape(-1).view(np.uint8).data,
            crc32(f"{name} {array.dtype} {array.shape}".encode(), found),
        )
    for entry, text in sorted(entries.items()):
        found = crc32(f"{entry} {text}".encode(), found)
    return found
