"""Tables of separated fields that grow while they are read, as `tail -f` gives them."""

from collections.abc import Callable, Iterator

from rnncli.data import polars as pl
from rnncli.readers.casting import Kinds
from rnncli.readers.delimited import Delimited
from rnncli.readers.source import end_of_record

GROWN = 256  # rows


class Growing(Delimited):
    """An input that grows, in pieces: the rows that are there, at most GROWN of them, as soon as they are there."""

    grows = True
    kinds: Kinds | None = None

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """(number of the first line, lines)."""
        for line, block in self._bodies():
            while block:
                end = 0
                for _ in range(GROWN):
                    end = block.find(b"\n", end) + 1 or len(block)
                cut = end_of_record(block[:end], self.form.quoted) or len(block)
                piece = block[:cut]
                if self._has_rows(piece, line):
                    yield line, piece
                self.again.say()
                line, block = line + piece.count(b"\n"), block[cut:]

    def records(self, line: int, block: bytes) -> Iterator[tuple[int, bytes]]:
        """The rows of a piece, each a piece of its own."""
        held = b""
        for text in block.splitlines(keepends=True):
            held += text
            if not (self.form.quoted and held.count(b'"') & 1):
                if self._has_rows(held, line):
                    yield line, held
                line, held = line + held.count(b"\n"), b""
        if held:
            yield line, held

    def frame(self, line: int, block: bytes, choose: Callable) -> "pl.DataFrame":
        """A piece as a frame; `choose` as for `frames`, by the first one."""
        self.line, self.block = line, block
        if self.kinds is None:
            self.kinds = choose(self._texts(block, line), self.columns)
        return self._parse(block, line, self.kinds)

    def _has_rows(self, block: bytes, line: int) -> bool:
        """Whether there are rows in it, other than the names of the columns, with which another file begins."""
        names = self.again.written and block.startswith(self.again.written)
        there = not names or self.again.without(block, line, self.form.quoted)
        return bool(there) and (not block.isspace() or len(self.columns) == 1)

    def line_of(self, row: int) -> int:
        """The number of the line that a row of the last piece begins on."""
        return [at for at, _ in self._rows(self.block, self.line)][row]
