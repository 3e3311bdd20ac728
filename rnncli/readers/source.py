"""Opening what the user named: files, packed files, pipes, `-` for stdin; bytes out, or text block by block.

What cannot be rewound (stdin, a FIFO, `<(command)`) is read once: what is opened several times is kept, see pipes.py.
"""

import io
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from operator import methodcaller
from typing import Any, AnyStr

import numpy as np

from rnncli.errors import RnncliError, describe_os_error, note
from rnncli.readers.encodings import BOM, Decoder, NotText, Reading, codec_name
from rnncli.readers.longest import CLOSE, QUOTE, Longest, too_long
from rnncli.readers.pipes import display, opened, reopenable  # noqa: F401  reopenable is a part of this door
from rnncli.readers.stream import Stream
from rnncli.readers.unpacking import LONGEST, is_arrays, is_open, packing_of, unpacked

BLOCK = 1 << 20
FOLLOW_SECONDS = 0.02  # between looks at a file that may have grown
SAMPLE = 64 << 10  # bytes that show what line ends are
LINES_BLOCK = 24 << 20  # of whole lines, for readers that parse many at once
LONGEST_GROWING = 64 << 10  # and of an input that grows, of which nothing would be seen meanwhile


@contextmanager
def open_bytes(path: str, keep: bool = True) -> Iterator[io.BufferedReader]:
    """A binary stream of the file, unpacked if it is packed; `-` is stdin.

    A pipe is kept, so that it can be opened again; without `keep` it is read past once and for all.
    """
    raw = opened(path, keep)
    try:
        yield _content(raw, path)
    except OSError as error:
        raise describe_os_error(display(path), error) from None
    finally:
        raw.close()


def _content(raw: Any, path: str) -> Any:
    """What is in a packed file, else the file; arrays of NumPy, whose archive is zip, as they are."""
    head = raw.peek(LONGEST)[:LONGEST]
    if is_open(head):  # a pipe gives what is there, which may be less than is needed
        head = b""
        while is_open(head) and (more := raw.read1(LONGEST - len(head))):
            head += more
        raw = io.BufferedReader(_After(head, raw))
    packing = packing_of(head)
    if packing is None:
        return raw
    if packing.name == "zip":
        raw = raw if raw.seekable() else io.BytesIO(raw.read())
        if is_arrays(raw):
            return raw
    return unpacked(raw, packing, display(path))


class _After(Stream):
    """A stream whose first bytes were taken from it."""

    def __init__(self, head: bytes, raw: io.BufferedReader):
        self.head, self.raw = head, raw

    def more(self, most: int) -> bytes:
        data, self.head = self.head[:most], self.head[most:]
        return data or super().more(most)


def size_of(path: str) -> int:
    """The bytes of a file; of stdin 0."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def byte_blocks(path: str, follow: bool = False, keep: bool = True) -> Iterator[bytes]:
    """The file's bytes in blocks, of a pipe as soon as they are there; `follow` waits for a file to grow, for ever. One
    that is emptied meanwhile, as logs are to be rotated, is read from its beginning again.
    """
    with open_bytes(path, keep and not follow) as stream:
        block = b""
        while True:
            if more := stream.read1(BLOCK):
                block = more
                yield block
            elif follow and stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                if _begins_again(path, stream.fileno()) and not block.endswith(b"\n"):
                    yield b"\n"  # ends the line that was cut off
                time.sleep(FOLLOW_SECONDS)
            else:
                return


def _begins_again(path: str, file: int) -> bool:
    """Go to the beginning of a file that has become shorter than what was read of it."""
    if os.fstat(file).st_size >= os.lseek(file, 0, os.SEEK_CUR):
        return False
    os.lseek(file, 0, os.SEEK_SET)
    note(f"{display(path)}: has become shorter: read from its beginning again")
    return True


def text_blocks(path: str, encoding: str, follow: bool = False, keep: bool = True) -> Iterator[str]:
    """The file's text in blocks: BOM dropped, CRLF read as LF. `keep` as for `open_bytes`."""
    decoder = Decoder(display(path), encoding, keep and not follow and only_returns(path, encoding))
    try:
        for block in byte_blocks(path, follow, keep):
            yield from decoder.blocks(block)
        yield from decoder.blocks(b"", True)
    finally:
        decoder.say()


def only_returns(path: str, encoding: str) -> bool:
    """Whether lines end in CR alone, as those of old Macs do: there is no LF in the first ones. It is said."""
    with open_bytes(path) as stream:
        sample = stream.read(SAMPLE)
    found = b"\r" in sample and "\n" not in sample.decode(codec_name(encoding), "ignore")
    if found:
        note(f"{display(path)}: no LF, so CR ends a line, as in files of old Macs")
    return found


def text_lines(path: str, encoding: str, follow: bool = False, keep: bool = True) -> Iterator[str]:
    """The file's lines without their ends, each as soon as it is there; none after a failure that is postponed."""
    if Reading.postpones and Reading.failure:
        return
    try:
        yield from lines_of(text_blocks(path, encoding, follow, keep), "", "\n", path)
    except NotText as failure:
        if not Reading.postpones:
            raise
        Reading.failure = failure


def row_lines(path: str, encoding: str) -> Iterator[str]:
    """As `text_lines`, of rows: a byte order mark before one, as `cat a.csv b.csv` leaves it, is not part of it."""
    return map(methodcaller("removeprefix", BOM), text_lines(path, encoding))


def byte_lines(path: str, follow: bool = False, keep: bool = True) -> Iterator[bytes]:
    """The file's lines as bytes without their line feeds."""
    return lines_of(byte_blocks(path, follow, keep), b"", b"\n", path)


def line_blocks(
    path: str, encoding: str, quoted: bool = False, follow: bool = False, least: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Whole lines as UTF-8, many at a time, at `least` so many bytes, and the number of the first one; `quoted` fields
    may span lines.

    Of an input that grows, to `follow`: as many as there are, as soon as they are there.
    """
    enough, longest = (1, LONGEST_GROWING) if follow else (least or LINES_BLOCK, Longest.line)
    pieces, size, line, ends = [], 0, 1, 0  # ends: of lines in the pieces
    for text in text_blocks(path, encoding, follow):
        pieces.append(text.encode("utf-8", "surrogatepass"))
        size += len(pieces[-1])
        ends += count_byte(pieces[-1], b"\n")
        if size < enough:
            continue
        block = b"".join(pieces)
        if cut := end_of_record(block, quoted):
            yield line, block[:cut]
        elif len(block) > longest:
            raise _endless(path, line, block, follow)
        pieces = [block[cut:]]
        left = pieces[0].count(b"\n")
        line, ends = line + ends - left, left
        size = len(pieces[0]) if cut else 0  # without an end of line look again after as much once more
    if block := b"".join(pieces):
        yield line, block if block.endswith(b"\n") else block + b"\n"


def _endless(path: str, line: int, block: bytes, follow: bool) -> RnncliError:
    """For a record that goes on and on."""
    if follow:
        return RnncliError(f"{display(path)}:{line}: a quote is never closed, or the line never ends")
    if b"\n" in block:
        return too_long(display(path), line, QUOTE, CLOSE)
    return too_long(display(path), line, "a line", "break it")


def count_byte(block: bytes, byte: bytes) -> int:
    """As block.count(byte), three times as fast where the byte is frequent, and other threads go on meanwhile."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == byte[0]))


def end_of_record(text: bytes, quoted: bool) -> int:
    """Where the last record ends that is whole: at a line end that no quotes are open at."""
    cut = text.rfind(b"\n") + 1
    odd = quoted and text.count(b'"', 0, cut) & 1
    while odd and cut:
        before = text.rfind(b"\n", 0, max(0, text.rfind(b'"', 0, cut))) + 1  # lines without quotes change nothing
        odd ^= text.count(b'"', before, cut) & 1
        cut = before
    return cut


def lines_of(blocks: Iterator, empty: AnyStr, end: AnyStr, path: str) -> Iterator:
    """The lines of blocks of text or bytes, each as soon as it is whole, without their ends."""
    pieces, size, at = [], 0, 1  # of the line under way, joined once: a line may span many blocks
    for block in blocks:
        pieces.append(block)
        size += len(block)
        if end in block:
            *lines, rest = empty.join(pieces).split(end)
            pieces, size, at = [rest], len(rest), at + len(lines)
            yield from lines
        if size > Longest.line:
            raise too_long(display(path), at, "a line", "break it")
    if rest := empty.join(pieces):
        yield rest
