"""Opening what the user named: files, gzip files, `-` for stdin; bytes out, or text decoded block by block."""

import codecs
import gzip
import io
import os
import shutil
import stat
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from rnncli.errors import RnncliError, UsageError, describe_os_error

BLOCK = 1 << 20
FOLLOW_SECONDS = 0.02  # between looks at a file that may have grown
GZIP_MAGIC = b"\x1f\x8b"
LINES_BLOCK = 24 << 20  # of whole lines, for readers that parse many at once
LONGEST_GROWING = 64 << 10  # and of an input that grows, of which nothing would be seen meanwhile
LONGEST_RECORD = 256 << 20  # a quote that is open for so long was never meant to be closed

_kept: list = []  # stdin, and the temporary file with all of it
_reading = threading.Lock()  # of that file, which has one place for all who read it


@contextmanager
def open_bytes(path: str) -> Iterator[io.BufferedReader]:
    """A binary stream of the file, unpacked if it is gzip; `-` is stdin."""
    if path == "-" and sys.stdin is None:
        raise RnncliError("<stdin>: closed, expected data there, or the name of a file")
    try:
        raw = _stdin() if path == "-" else open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise describe_os_error(path, error) from None
    try:
        packed = raw.peek(2)[:2] == GZIP_MAGIC
        yield gzip.GzipFile(fileobj=raw) if packed else raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RnncliError(f"{display(path)}: damaged gzip data ({error})") from None
    except OSError as error:
        raise describe_os_error(display(path), error) from None
    finally:
        if path != "-" or _is_kept():
            raw.close()


def reopenable(path: str) -> str:
    """The path; all of stdin is kept in a temporary file first, so that opening `-` begins at its start each time."""
    if path == "-" and sys.stdin is not None and not _is_kept():
        copy = tempfile.TemporaryFile()  # noqa: SIM115  without a name: it goes away with the process, however that ends
        try:
            shutil.copyfileobj(sys.stdin.buffer, copy, BLOCK)
        except OSError as error:
            raise describe_os_error(display(path), error) from None
        if _kept:
            _kept[1].close()
        _kept[:] = [sys.stdin, copy]
    return path


def _is_kept() -> bool:
    return bool(_kept) and _kept[0] is sys.stdin


def _stdin() -> io.BufferedReader:
    return io.BufferedReader(_Again(_kept[1])) if _is_kept() else sys.stdin.buffer


class _Again(io.RawIOBase):
    """Reads a file that stays open from its start, whoever else reads it."""

    def __init__(self, file):
        self.file, self.place = file, 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.file.fileno()

    def readinto(self, buffer) -> int:
        with _reading:
            self.file.seek(self.place)
            count = self.file.readinto(buffer)
        self.place += count
        return count


def display(path: str) -> str:
    """The name in messages."""
    return "<stdin>" if path == "-" else path


def byte_blocks(path: str, follow: bool = False) -> Iterator[bytes]:
    """The file's bytes in blocks, of a pipe as soon as they are there; `follow` waits for a file to grow, for ever."""
    with open_bytes(path) as stream:
        while True:
            if block := stream.read1(BLOCK):
                yield block
            elif follow and stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                time.sleep(FOLLOW_SECONDS)
            else:
                return


def text_blocks(path: str, encoding: str, follow: bool = False) -> Iterator[str]:
    """The file's text in blocks: BOM dropped, CRLF and CR read as LF."""
    name = codec_name(encoding)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    line = 1
    for block in byte_blocks(path, follow):
        if not name.startswith(("utf-16", "utf-32")):
            _refuse_zero(block, path, line)
        text = newlines.decode(_decode(decoder, block, False, path, line, encoding))
        line += text.count("\n")
        yield text
    yield newlines.decode(_decode(decoder, b"", True, path, line, encoding), final=True)


def _refuse_zero(block: bytes, path: str, line: int) -> None:
    if b"\0" in block:
        at = line + block.partition(b"\0")[0].count(b"\n")
        raise RnncliError(
            f"{display(path)}:{at}: a zero byte, so this is not text: try --tokens byte, or --encoding for UTF-16"
        )


def text_lines(path: str, encoding: str, follow: bool = False) -> Iterator[str]:
    """The file's lines without their ends, each as soon as it is there."""
    return _lines(text_blocks(path, encoding, follow), "", "\n")


def byte_lines(path: str, follow: bool = False) -> Iterator[bytes]:
    """The file's lines as bytes without their line feeds."""
    return _lines(byte_blocks(path, follow), b"", b"\n")


def line_blocks(path: str, encoding: str, quoted: bool = False) -> Iterator[tuple[int, bytes]]:
    """Whole lines as UTF-8, many at a time, and the number of the first one; `quoted` fields may span lines."""
    pieces, size, line, ends = [], 0, 1, 0  # ends: of lines in the pieces
    for block, count in _utf8_blocks(path, encoding):
        pieces.append(block)
        size += len(block)
        ends += count
        if size < LINES_BLOCK:
            continue
        text = b"".join(pieces)
        if line == 1:
            text = text.removeprefix(codecs.BOM_UTF8)
        if cut := end_of_record(text, quoted):
            yield line, text[:cut]
        elif len(text) > LONGEST_RECORD:
            raise RnncliError(f"{display(path)}:{line}: a quote is never closed, or the line never ends")
        pieces = [text[cut:]]
        line, ends = line + ends - pieces[0].count(b"\n"), pieces[0].count(b"\n")
        size = len(pieces[0]) if cut else 0  # without an end of line look again after as much once more
    text = b"".join(pieces)
    if line == 1:
        text = text.removeprefix(codecs.BOM_UTF8)
    if text:
        yield line, text if text.endswith(b"\n") else text + b"\n"


def growing_lines(path: str, encoding: str, quoted: bool = False) -> Iterator[tuple[int, bytes]]:
    """As `line_blocks`, of an input that grows: as many whole lines as there are, as soon as they are there."""
    held, line = b"", 1
    for text in text_blocks(path, encoding, follow=True):
        held += text.encode("utf-8", "surrogatepass")
        if cut := end_of_record(held, quoted):
            yield line, held[:cut]
            line, held = line + held.count(b"\n", 0, cut), held[cut:]
        elif len(held) > LONGEST_GROWING:
            raise RnncliError(f"{display(path)}:{line}: a quote is never closed, or the line never ends")
    if held:
        yield line, held + b"\n"


def count_byte(block: bytes, byte: bytes) -> int:
    """As block.count(byte), three times as fast where the byte is frequent, and other threads go on meanwhile."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == byte[0]))


def end_of_record(text: bytes, quoted: bool) -> int:
    """Where the last record ends that is whole: at a line end that no quotes are open at."""
    cut = text.rfind(b"\n") + 1
    odd = quoted and text.count(b'"', 0, cut) & 1
    while odd and cut:
        before = text.rfind(b"\n", 0, cut - 1) + 1
        odd ^= text.count(b'"', before, cut) & 1
        cut = before
    return cut


def _utf8_blocks(path: str, encoding: str) -> Iterator[tuple[bytes, int]]:
    """As `text_blocks`, in UTF-8, with the number of line ends; what is ASCII, as most numbers are, is not decoded."""
    if codec_name(encoding) != "utf-8":
        for text in text_blocks(path, encoding):
            yield text.encode("utf-8", "surrogatepass"), text.count("\n")
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, held = 1, b""  # held: a CR, whose LF may begin the next block
    for block in byte_blocks(path):
        block = held + block
        _refuse_zero(block, path, line)
        if decoder.getstate()[0] or not block.isascii():
            _decode(decoder, block, False, path, line, encoding)
        if b"\r" in block:
            held = b"\r" if block.endswith(b"\r") else b""
            block = block[: len(block) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            held = b""
        ends = count_byte(block, b"\n")
        line += ends
        yield block, ends
    _decode(decoder, b"", True, path, line, encoding)
    yield (b"\n", 1) if held else (b"", 0)


def _lines(blocks: Iterator, empty, end) -> Iterator:
    pieces = []  # of the line under way, joined once: a line may span many blocks
    for block in blocks:
        pieces.append(block)
        if end in block:
            *lines, rest = empty.join(pieces).split(end)
            pieces = [rest]
            yield from lines
    if rest := empty.join(pieces):
        yield rest


def codec_name(encoding: str) -> str:
    """The one name of an encoding of text, whatever alias was given."""
    try:
        "a".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError):
        raise UsageError(f"--encoding {encoding}: not a known encoding, try utf-8 or latin-1") from None


def _decode(decoder, block: bytes, final: bool, path: str, line: int, encoding: str) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        at = line + before.count(b"\n")
        found = f"0x{error.object[error.start]:02x}" if error.start < len(error.object) else "the end"
        raise RnncliError(
            f"{display(path)}:{at}: not {encoding} ({found}): name the file's --encoding (latin-1 reads anything), "
            "or use --tokens byte"
        ) from None
