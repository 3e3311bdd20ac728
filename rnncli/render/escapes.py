"""What may steer a terminal is shown, not done: control characters, C1 too, and those that turn the order of letters
round are written as escapes. Names and texts come from files that nobody has looked at.

    shown(text)     all that is drawn, and every line on stderr, goes through it
    data_out()      rows, JSON and generated text: as they are into a pipe or a file, shown on a terminal
"""

import codecs
import re
import sys
from typing import BinaryIO, cast

#: line ends and tabs aside: Cc, ends of lines and paragraphs, bidirectional overrides, and what is no character. XML
#: 1.0 has none of these but C1.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def shown(text: str) -> str:
    """`\\x1b` for an escape character, and so on."""
    return STEERING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class _Shown:
    """A terminal that takes bytes; a character may come in two pieces."""

    def __init__(self, terminal: BinaryIO):
        self.terminal = terminal
        self.decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def write(self, data) -> int:
        self.terminal.write(shown(self.decoder.decode(bytes(data))).encode())
        return len(data)

    def flush(self) -> None:
        self.terminal.flush()


def data_out() -> BinaryIO:
    """Where results go."""
    out = sys.stdout.buffer
    return cast(BinaryIO, _Shown(out)) if sys.stdout.isatty() else out
