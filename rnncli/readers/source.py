"""Opening what the user named: files, gzip files, `-` for stdin; bytes out, or text decoded block by block."""

import codecs
import gzip
import io
import os
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from rnncli.errors import RnncliError, UsageError, describe_os_error

BLOCK = 1 << 20
FOLLOW_SECONDS = 0.02  # between looks at a file that may have grown
GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def open_bytes(path: str) -> Iterator[io.BufferedReader]:
    """A binary stream of the file, unpacked if it is gzip; `-` is stdin."""
    if path == "-" and sys.stdin is None:
        raise RnncliError("<stdin>: closed, expected data there, or the name of a file")
    try:
        raw = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
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
        if path != "-":
            raw.close()


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
    name = _codec_name(encoding)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if name == "utf-8" else name)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    line = 1
    for block in byte_blocks(path, follow):
        if b"\0" in block and not name.startswith(("utf-16", "utf-32")):
            at = line + block.partition(b"\0")[0].count(b"\n")
            raise RnncliError(
                f"{display(path)}:{at}: a zero byte, so this is not text: try --tokens byte, or --encoding for UTF-16"
            )
        text = newlines.decode(_decode(decoder, block, False, path, line, encoding))
        line += text.count("\n")
        yield text
    yield newlines.decode(_decode(decoder, b"", True, path, line, encoding), final=True)


def text_lines(path: str, encoding: str, follow: bool = False) -> Iterator[str]:
    """The file's lines without their ends, each as soon as it is there."""
    return _lines(text_blocks(path, encoding, follow), "", "\n")


def byte_lines(path: str, follow: bool = False) -> Iterator[bytes]:
    """The file's lines as bytes without their line feeds."""
    return _lines(byte_blocks(path, follow), b"", b"\n")


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


def _codec_name(encoding: str) -> str:
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
