"""Names on top of a table that stand again further down, as in files that were put together: they are no rows."""

from collections.abc import Iterator, Sequence

from rnncli.errors import RnncliError, note
from rnncli.readers.encodings import BOM
from rnncli.readers.naming import listed
from rnncli.readers.source import display


class NamesAgain:
    """Of one file: which of its rows are equal to its first line, whatever byte order mark is before them.

    In a single column of words the name may be a word too, and so it is a row, which is said. `numeric`: no word is;
    else names in other case are names too.
    """

    def __init__(self, path: str, names: Sequence[str], numeric: bool = False):
        self.path, self.names = path, [name.strip() for name in names]
        self.folds = not numeric
        self.plain = self._plain(self.names)
        self.known, self.worded = {*self.plain}, len(self.plain) > 1 and any(name[:1].isalpha() for name in self.plain)
        self.kept = len(self.names) == 1 and not numeric
        self.lines: set[int] = set()
        self.written: tuple[bytes, ...] = ()  # what these lines may look like

    def leaves_out(self, fields: list[str], at: int) -> bool:
        """Whether a row is left out; `at` is its line. RnncliError for the names in another order, or among others."""
        if not fields or self.known.isdisjoint(self._plain((fields[0], fields[-1]))):
            return False
        found = self._plain(fields)
        if found != self.plain:
            others = self.worded and len(found) > len(self.plain) and self.known <= {*found}
            if others or sorted(found) == sorted(self.plain):
                how = "with other columns" if others else "in another order"
                mend = "give each file by itself" if others else "reorder the rows below"
                raise RnncliError(
                    f"{display(self.path)}:{at}: the header is repeated {how} ({listed(map(str.strip, fields))}), "
                    f"expected {listed(self.names)}: {mend}"
                )
            return False
        self.lines.add(at)
        return not self.kept

    def _plain(self, fields: Sequence[str]) -> list[str]:
        """As names are compared."""
        stripped = [field.removeprefix(BOM).strip() for field in fields]
        return [field.casefold() for field in stripped] if self.folds else stripped

    def look_for(self, line: bytes, separator: str, quoted: bool) -> None:
        """In blocks of lines they are found as `line`, which is on top, and without quotes or with them."""
        forms = [self.names, [f'"{name}"' for name in self.names]][: 1 + quoted]
        lines = [separator.join(form).encode("utf-8", "surrogatepass") + b"\n" for form in forms]
        lines = [*filter(None, (line, *lines))]
        self.written = tuple(dict.fromkeys([*lines, *(BOM.encode() + form for form in lines)]))

    def without(self, block: bytes, line: int, quoted: bool) -> bytes:
        """A block of lines without those that are left out; `line` is the number of its first one."""
        quoted = quoted and b'"' in block
        pieces, begin, seen, opened = [], 0, 0, 0
        for at, end in sorted(place for written in self.written for place in _places(block, written)):
            line, opened, seen = line + block.count(b"\n", seen, at), opened + block.count(b'"', seen, at), at
            if at >= begin and not (quoted and opened & 1):
                self.lines.add(line)
                pieces.append(block[begin:at])
                begin = end
        return b"".join((*pieces, block[begin:])) if pieces and not self.kept else block

    def say(self) -> None:
        """At the end of the file."""
        if not self.lines:
            return
        lines = f"{len(self.lines):,} line{'s' * (len(self.lines) > 1)} (first {min(self.lines)})"
        if self.kept:
            note(f"{display(self.path)}: the name on top, {self.names[0]}, occurs again on {lines}: read as a row")
        else:
            note(f"{display(self.path)}: the header is repeated on {lines}: left out")
        self.lines.clear()


def _places(block: bytes, lines: bytes) -> Iterator[tuple[int, int]]:
    """Where these whole lines are in a block of lines: (begin, end)."""
    if block.startswith(lines):
        yield 0, len(lines)
    at = 0
    while at := block.find(b"\n" + lines, at) + 1:
        yield at, at + len(lines)
        at += len(lines) - 1
