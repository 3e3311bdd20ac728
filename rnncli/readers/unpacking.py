"""Packed files, told by their first bytes whatever they are called: gzip, bzip2, xz, zstd, and zip with one member.

A packed file is one stream or several, one after the other. Python's own readers of bzip2 and xz end in silence at what
follows a stream and is none; here that is an error, as is a stream that is cut: nothing is lost unsaid.
"""

import bz2
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import IO, NamedTuple

from rnncli.errors import RnncliError
from rnncli.readers.stream import Stream

CHUNK = 1 << 16  # bytes of packed data at a time
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
ANY = b"?"[0]  # in a magic: whatever stands there
LZMA = b"\x5d\x00\x00??" + b"\xff" * 8  # an unknown length: what is before it is too short to be sure of
SKIPPED = b"\x2a\x4d\x18"  # of a frame of zstd without content, as pzstd writes
ZSTD_MODULES = ("compression.zstd", "backports.zstd")  # of Python 3.14, and the same for those before it
ASIDE = ("__MACOSX/", ".DS_Store")  # what macOS puts beside a file

#: extension -> what it says of the file
EXTENSIONS = ("gz", "bz2", "xz", "lzma", "zst", "zip")


class _Inflate:
    """zlib with the interface of the other decompressors."""

    def __init__(self):
        self.stream, self.needs_input = zlib.decompressobj(31), True

    @property
    def eof(self) -> bool:
        return self.stream.eof

    @property
    def unused_data(self) -> bytes:
        return self.stream.unused_data

    def decompress(self, data: bytes, most: int) -> bytes:
        tail = self.stream.unconsumed_tail
        out = self.stream.decompress(tail + data if tail else data, most)
        self.needs_input = not self.stream.unconsumed_tail and len(out) < most
        return out


def _zstd():
    for name in ZSTD_MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise ImportError


class Packing(NamedTuple):
    """How a file is packed."""

    name: str
    magic: bytes
    command: str  # that writes the content to stdout
    make: Callable | None = None  # a decompressor of one stream; None: only its name is known
    padded: bool = False  # zero bytes may follow a stream

    def fits(self, data: bytes) -> bool:
        """Whether it begins so, as far as both go."""
        return all(wanted in (byte, ANY) for byte, wanted in zip(data, self.magic, strict=False))


PACKINGS = (
    Packing("gzip", b"\x1f\x8b", "gzip -dc", _Inflate, True),
    Packing("bzip2", b"BZh", "bzip2 -dc", bz2.BZ2Decompressor),
    Packing("xz", b"\xfd7zXZ\x00", "xz -dc", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), True),
    Packing("lzma", LZMA, "xz -dc --format=lzma", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE)),
    Packing("zstd", b"\x28\xb5\x2f\xfd", "zstd -dc", lambda: _zstd().ZstdDecompressor()),
    *(Packing("zstd", bytes([i]) + SKIPPED, "zstd -dc", lambda: _zstd().ZstdDecompressor()) for i in range(80, 96)),
    Packing("lz4", b"\x04\x22\x4d\x18", "lz4 -dc"),
    Packing("lzip", b"LZIP\x01", "lzip -dc"),
    Packing("lzop", b"\x89LZO\x00", "lzop -dc"),
    Packing("compress", b"\x1f\x9d", "gzip -dc"),
    Packing("snappy", b"\xff\x06\x00\x00sNaPpY", "snzip -dc"),
    Packing("7z", b"7z\xbc\xaf\x27\x1c", "7z x -so"),
    Packing("rar", b"Rar!\x1a\x07", "unrar p -inul"),
    Packing("zip", ZIP, "unzip -p"),
    Packing("zip", EMPTY_ZIP, "unzip -p"),
)
LONGEST = 14  # bytes that tell


def packing_of(head: bytes) -> Packing | None:
    """By the first bytes of a file."""
    return next((packing for packing in PACKINGS if len(head) >= len(packing.magic) and packing.fits(head)), None)


def is_open(head: bytes) -> bool:
    """Whether more bytes could show that a file is packed, which begins with so few."""
    return any(len(head) < len(packing.magic) and packing.fits(head) for packing in PACKINGS)


def unpacked(raw: io.BufferedIOBase, packing: Packing, name: str) -> io.BufferedIOBase:
    """The content as a stream, of the file that messages call `name`; a zip archive has to be seekable.

    RnncliError for what cannot be read here, with the command that can.
    """
    if packing.name == "zip":
        return _member(raw, name)
    if packing.make is None:
        raise RnncliError(f"{name}: compressed by {packing.name}, not supported: {_pipe(packing.command, name)}")
    try:
        packing.make()
    except ImportError:
        raise RnncliError(
            f"{name}: compressed by zstd, which needs pip install 'rnncli[zstd]', or {_pipe(packing.command, name)}"
        ) from None
    content = io.BufferedReader(_Unpacked(raw, packing, name), CHUNK)
    again = packing_of(content.peek(LONGEST)[:LONGEST])
    if again and again.name != "zip":  # of NumPy, perhaps
        raise RnncliError(f"{name}: compressed twice, {again.name} in {packing.name}: {_pipe(packing.command, name)}")
    return content


def _pipe(command: str, name: str) -> str:
    return f"{command} {'FILE' if name.startswith('<') else name} | rnncli .. -"


class _Content(Stream):
    """What a packed file holds, of the kind that messages name; damage is one line."""

    def __init__(self, raw, name: str, kind: str):
        self.raw, self.name, self.kind = raw, name, kind

    def more(self, most: int) -> bytes:
        try:
            return self._next(most)
        except Exception as error:
            if not _is_damage(error):
                raise
            raise _damaged(self.name, self.kind, error) from None

    def _next(self, most: int) -> bytes:
        return self.raw.read1(most)


def _is_damage(error: Exception) -> bool:
    """Whether it is one of the errors of decompressors, not of the disk: bz2 raises an OSError without a number."""
    known = isinstance(error, zipfile.BadZipFile | zlib.error | lzma.LZMAError | EOFError)
    return known or type(error).__name__ == "ZstdError" or isinstance(error, OSError) and error.errno is None


def _damaged(name: str, kind: str, error: Exception) -> RnncliError:
    return RnncliError(f"{name}: damaged {kind} data ({_reason(error)}): compress it again")


class _Unpacked(_Content):
    """The content of a packed stream."""

    def __init__(self, raw, packing: Packing, name: str):
        super().__init__(raw, name, packing.name)
        self.packing = packing
        self.stream = packing.make()
        self.between = False  # streams: nothing of the next one has been read

    def _next(self, most: int) -> bytes:
        while True:
            if self.stream.eof:
                rest = self.stream.unused_data
                self.stream, self.between = self.packing.make(), True
            else:
                rest = b""
            if not rest and self.stream.needs_input and not (rest := self.raw.read1(CHUNK)):
                if self.between:
                    return b""
                raise EOFError("it ends too early")
            if self.between and rest:
                rest = rest.lstrip(b"\0") if self.packing.padded else rest
                if not rest:
                    continue
                if not any(packing.fits(rest) for packing in PACKINGS if packing.name == self.kind):
                    raise EOFError("something else follows its end")
                self.between = False
            if data := self.stream.decompress(rest, most):
                return data


def members(raw: IO[bytes]) -> list[zipfile.ZipInfo]:
    """The files in a zip archive, but for what systems put there by themselves."""
    found = zipfile.ZipFile(raw).infolist()
    return [m for m in found if not m.is_dir() and not m.filename.startswith(ASIDE) and not m.filename.endswith(ASIDE)]


def is_arrays(raw: IO[bytes]) -> bool:
    """Whether a zip archive is one of arrays of NumPy, .npz."""
    try:
        names = [member.filename for member in members(raw)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    finally:
        raw.seek(0)
    return bool(names) and all(name.endswith(".npy") for name in names)


def name_inside(path: str) -> str:
    """The name without what packing added; of a zip archive that of its one member."""
    stem, dot, extension = path.rpartition(".")
    if extension.lower() not in EXTENSIONS or not dot or not os.path.basename(stem):
        return path
    if extension.lower() == "zip":
        with suppress(zipfile.BadZipFile, OSError, ValueError, NotImplementedError), open(path, "rb") as raw:
            (member,) = members(raw)  # ValueError if there are others
            return member.filename
    return stem


def _member(raw, name: str) -> io.BufferedIOBase:
    try:
        archive = zipfile.ZipFile(raw)
        found = members(raw)
        if any(member.filename == "[Content_Types].xml" for member in found):
            raise RnncliError(f"{name}: a document of an office program, not text: export it as CSV or text")
        if len(found) != 1:
            listed = ", ".join(member.filename for member in found[:4]) + (", .." if len(found) > 4 else "")
            what = f"{len(found)} files ({listed})" if found else "no file"
            raise RnncliError(
                f"{name}: a zip archive of {what}, expected one: "
                f"unzip -p {'FILE' if name.startswith('<') else name} MEMBER | rnncli .. -"
            )
        return io.BufferedReader(_Content(archive.open(found[0]), name, "zip"), CHUNK)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise _damaged(name, "zip", error) from None
    except (RuntimeError, NotImplementedError) as error:  # a password, a method of packing that Python has not
        raise RnncliError(f"{name}: {_reason(error)}: {_pipe('unzip -p', name)}") from None


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:]
