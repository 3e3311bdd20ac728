"""Bytes to text: which encodings there are, what is done about bytes that are none of it, and what line ends are.

A line ends at LF or at CRLF, which is read as LF, as wc, cut and paste count lines; a lone CR is a character.
"""

import codecs
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import binaries

REPLACED = "\ufffd"
BAD = "\udcff"  # stands for bytes that are none of the encoding while a block is decoded: no text has it
HANDLER = "rnncli"
HEAD = 1024  # bytes that show what a file is
SHOWS = 16  # bytes that may show a wide encoding by their zero bytes
BOM = "\ufeff"
WIDE = ("utf-16", "utf-32")
#: first bytes -> the encoding that they say, whatever else was said but a wide one: no UTF-8 begins so
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: codecs of Python that are no encodings of files
NO_TEXT = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "charmap", "mbcs", "oem")


@dataclass(frozen=True)
class Policy:
    """What is done about bytes that are none of the encoding, and what a verb advises then."""

    errors: str = "strict"
    advice: str = (
        "set the --encoding of the file (latin-1 reads any bytes), or use --errors replace, or of a text --tokens byte"
    )
    other: str = "try --encoding {}"  # where another encoding is seen


class NotText(RnncliError):
    """Bytes that are none of the encoding."""


class Reading:
    """The policy of the verb at work."""

    policy = Policy()
    postpones = False  # lines end before the first bytes that are no text, and what is wrong is kept
    failure: NotText | None = None

    @classmethod
    def begin(cls, policy: Policy, errors: str | None = None) -> None:
        """From now on, for all files."""
        cls.policy = policy if errors is None else replace(policy, errors=errors)


@contextmanager
def postponed(wanted: bool) -> Iterator[None]:
    """Lines that are read meanwhile end before bytes that are no text, if `wanted`; `Reading.failure` is to be raised
    when what stands before has been dealt with. An error of what was cut off there is not the user's.
    """
    Reading.postpones, Reading.failure = wanted, None
    try:
        yield
    except RnncliError:
        if Reading.failure:
            raise Reading.failure from None
        raise
    finally:
        Reading.postpones = False


def codec_name(encoding: str) -> str:
    """The one name of an encoding of text, whatever alias was given. UsageError for what is none."""
    try:
        "a".encode(encoding)
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError, OSError, SyntaxError):
        raise UsageError(f"--encoding {encoding}: unknown encoding, expected one such as utf-8 or latin-1") from None
    if name.replace("_", "-") in NO_TEXT:
        raise UsageError(f"--encoding {encoding}: not a text encoding, expected one such as utf-8 or latin-1")
    return name


def is_wide(name: str) -> bool:
    """Whether letters have zero bytes beside them."""
    return name.startswith(WIDE)


def marked(name: str, head: bytes) -> str:
    """The encoding of a file that begins so: a byte order mark of UTF-16 is no UTF-8, whatever was said."""
    if name not in ("utf-8", "utf-8-sig"):
        return name
    return next((encoding for mark, encoding in MARKS.items() if head.startswith(mark)), name)


def sample_text(sample: bytes, encoding: str, whole: bool) -> str:
    """The text of the first bytes of a file, for who looks what the file is; what is no text is U+FFFD there."""
    name = marked(codec_name(encoding), sample)
    if name in WIDE and not sample.startswith(tuple(MARKS)):
        name = f"{name}-le"  # the reader of all of it complains
    text = codecs.getincrementaldecoder(plain(name))("replace").decode(sample, whole).removeprefix(BOM)
    text = text.replace("\r\n", "\n").replace("\0", REPLACED)
    if not whole:
        text = text.removesuffix("\r")
    return text if "\n" in text else text.replace("\r", "\n")


def refuse_unmarked(display: str, head: bytes, encoding: str) -> None:
    """RnncliError for the first bytes of a file in a wide encoding that neither they nor the user say: what is made of
    them would be a riddle.
    """
    name = codec_name(encoding)
    unmarked = name in WIDE or (not is_wide(name) and _is_wide(head[:HEAD]))
    if unmarked and Reading.policy.errors == "strict" and not head.startswith(tuple(MARKS)):
        for _ in Decoder(display, encoding).blocks(head):
            pass


def plain(name: str) -> str:
    """A mark at the beginning is dropped here, for all encodings alike."""
    return "utf-8" if name == "utf-8-sig" else name


class _Found(threading.local):
    """What the decoder of this thread met last."""

    bad: str | None = None


_found = _Found()


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if _found.bad is None:
        data, start = error.object, error.start
        _found.bad = f"0x{data[start]:02x}" if start < len(data) else "the end"
    return BAD, error.end


codecs.register_error(HANDLER, _mark)


class Decoder:
    """The text of one file, block by block, with CRLF as LF and without a byte order mark.

    Strict: what stands before the first bytes that are no text is given, then `RnncliError` is raised with their line.
    Else each of them is U+FFFD, and it is said how many there were. `alone`: CR alone ends a line too.
    """

    def __init__(self, display: str, encoding: str, alone: bool = False):
        self.display, self.encoding, self.alone = display, encoding, alone
        self.name = codec_name(encoding)
        self.decoder: codecs.IncrementalDecoder | None = None  # until the first bytes are there
        self.early = b""
        self.line, self.held, self.begun = 1, "", False  # held: a CR, whose LF may begin the next block
        self.replaced, self.returns, self.whole = 0, 0, False

    def blocks(self, block: bytes, final: bool = False) -> Iterator[str]:
        """The text of the next bytes: a piece or none, or a piece and an error."""
        if self.decoder is None:
            block = self.early = self.early + block
            if not final and len(block) < 4 and any(mark.startswith(block) for mark in MARKS):
                return
            self._begin(block)
        text, failure = self._decoded(block, final)
        text = self._lines(text, final)
        self.line += text.count("\n")
        if text:
            yield text
        if failure:
            raise NotText(f"{self.display}:{self.line}: {failure}")
        self.whole = final

    def _begin(self, head: bytes) -> None:
        """By the first bytes."""
        name = marked(self.name, head)
        if name != self.name:
            note(f"{self.display}: read as {name.upper()}, by its byte order mark")
            self.name = self.encoding = name
        if name in WIDE and head and not head.startswith(tuple(MARKS)):
            instead = Reading.policy.other.format(seems(head, name))
            raise RnncliError(f"{self.display}: not {self.encoding} (no byte order mark): {instead}")
        self.decoder = codecs.getincrementaldecoder(plain(name))(HANDLER)

    def _decoded(self, block: bytes, final: bool) -> tuple[str, str | None]:
        """The text; if the policy is strict up to what is none, and what that is."""
        _found.bad = None
        try:
            text = self.decoder.decode(block, final)
        except UnicodeError as error:
            return "", f"not {self.encoding} ({error}): {Reading.policy.advice}"
        zero = b"\0" in block and "\0" in text and not is_wide(self.name)
        if _found.bad is None and not zero:
            return text, None
        if Reading.policy.errors == "replace":
            return self._replaced(text), None
        at = min(place for place in (text.find(BAD), text.find("\0") if zero else -1) if place >= 0)
        if known := binaries.told(block[:HEAD]):
            return text[:at], known
        if text[at] == BAD:
            return text[:at], f"not {self.encoding} ({_found.bad}): {_advice(block)}"
        return text[:at], f"a zero byte, so this is not text: {_advice(block)}"

    def _replaced(self, text: str) -> str:
        text = text.replace("\0", BAD) if not is_wide(self.name) else text
        count = text.count(BAD)
        if count and not self.replaced:
            at = self.line + text[: text.index(BAD)].replace("\r\n", "\n").count("\n")
            note(f"{self.display}:{at}: not {self.encoding} ({_found.bad or '0x00'}): read as U+FFFD, like other ones")
        self.replaced += count
        return text.replace(BAD, REPLACED)

    def _lines(self, text: str, final: bool) -> str:
        if not self.begun and text:
            text, self.begun = text.removeprefix(BOM), True
        if self.held:
            text, self.held = self.held + text, ""
        if "\r" in text:
            if not final and text.endswith("\r"):
                text, self.held = text[:-1], "\r"
            text = text.replace("\r\n", "\n")
            if self.alone:
                text = text.replace("\r", "\n")
            self.returns += text.count("\r")
        return text

    def say(self) -> None:
        """At the end: how many bytes were replaced, and that there are no lines but those of an old Mac."""
        if self.replaced > 1:
            note(f"{self.display}: {self.replaced:,} times, bytes that are not {self.encoding} were read as U+FFFD")
        if self.returns and self.line == 1 and self.whole:
            note(
                f"{self.display}: no line ends, but {self.returns:,} lone CR, which end none: if they are those of an "
                f"old Mac, tr '\\r' '\\n' < {'FILE' if self.display.startswith('<') else self.display} makes lines"
            )


def seems(head: bytes, name: str = "utf-16") -> str:
    """The encoding that the first bytes look like: utf-8, or a wide one by where its zero bytes are."""
    if b"\0" not in head:
        with suppress(UnicodeDecodeError):
            codecs.getincrementaldecoder("utf-8")().decode(head)
            return "utf-8"
    return f"{name}-{'le' if head[1::2].count(0) >= head[::2].count(0) else 'be'}"


def _is_wide(head: bytes) -> bool:
    """Whether the first bytes look like UTF-16 or UTF-32: by many zero bytes, or by some at every other byte alone, as
    blanks and line ends have them between letters that are not Latin.
    """
    even, odd = head[::2].count(0), head[1::2].count(0)
    least = 32 if min(even, odd) == 0 else 4
    return len(head) >= SHOWS and (even + odd) * least > len(head)


def _advice(block: bytes) -> str:
    head = block[:HEAD]
    if _is_wide(head):
        zeros = [head[i::4].count(0) for i in range(4)]  # of UTF-32 those of two places side by side are zero
        wider = max(min(zeros[:2]), min(zeros[2:])) * 5 > len(head)
        return Reading.policy.other.format(seems(head, "utf-32" if wider else "utf-16"))
    return Reading.policy.advice
