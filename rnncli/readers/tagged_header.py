"""Files that begin with tags, `@relation x`, up to a line `@data`, and have a row a line after it."""

import re
from collections.abc import Iterator

from rnncli.errors import RnncliError
from rnncli.readers.source import display, row_lines

DATA = "@data"
HAS_DATA = re.compile(rb"^[ \t]*@data[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def has_data(sample: bytes) -> bool:
    """Whether there is a line `@data` in the first bytes of a file."""
    return bool(HAS_DATA.search(sample.replace(b"\0", b"")))  # without the zeros of UTF-16


class TaggedHeader:
    """What the tags of a file say, once its first row is read."""

    comments = "#"  # a line that begins with one of these characters is left out
    example = ""  # of tags
    hint = ""  # what is to be done about a value that is no number

    def __init__(self, path: str):
        self.path = path

    def rows(self, encoding: str) -> Iterator[tuple[int, str]]:
        """The number and the text of each row."""
        inside = settled = False
        at = 0
        for at, line in enumerate(row_lines(self.path, encoding), 1):
            line = line.strip()
            if not line or line[0] in self.comments:
                continue
            if inside:
                if not settled:
                    self.settle(line, at)
                settled = True
                yield at, line
            elif line.lower() == DATA:
                inside = True
            elif line.startswith("@"):
                self.tag(line, at)
            else:
                raise self.error(at, f"a row before {DATA}", f"tags such as {self.example}, then {DATA}")
        if not inside:
            raise self.error(at, f"no line {DATA} up to the end", "one between the tags and the rows")

    def read(self, encoding: str) -> None:
        """The tags alone, of a file whose rows are read later."""
        next(self.rows(encoding), None)

    def tag(self, line: str, at: int) -> None:
        """A line of the header; what is not known there changes nothing."""
        raise NotImplementedError

    def settle(self, row: str, at: int) -> None:
        """What the tags say together; `row` is the first one."""

    def error(self, at: int, found: str, expected: str) -> RnncliError:
        """What is wrong in a line."""
        return RnncliError(f"{display(self.path)}:{at}: {found}, expected {expected}")
