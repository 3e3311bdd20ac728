"""Tables of separated fields that grow while they are read, as `tail -f` gives them."""

from collections.abc import Callable, Iterator

from rnncli.data import polars as pl
from rnncli.readers.delimited import Delimited
from rnncli.readers.source import end_of_record

GROWN = 256  # rows


class Growing(Delimited):
    """An input that grows, in pieces: the rows that are there, at most GROWN of them, as soon as they are there."""

    grows = True

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """(number of the first line, lines)."""
        for line, block in self._bodies():
            yield from self.split(line, block, GROWN)

    def split(self, line: int, block: bytes, most: int = 1) -> Iterator[tuple[int, bytes]]:
        """Lines in pieces of at most so many rows; a row of more lines than that is one."""
        while block:
            cut = end = 0
            while not cut and end < len(block):
                for _ in range(most):
                    end = block.find(b"\n", end) + 1 or len(block)
                cut = end_of_record(block[:end], self.form.quoted)
            piece = block[: cut or len(block)]
            if self._has_rows(piece, line):
                yield line, piece
            self.again.say()
            line, block = line + piece.count(b"\n"), block[len(piece) :]

    def frame(self, line: int, block: bytes, choose: Callable) -> "pl.DataFrame":
        """A piece as a frame; `choose` as for `frames`, by the first one."""
        self.line, self.block = line, block
        return super().frame(line, block, choose)

    def _has_rows(self, block: bytes, line: int) -> bool:
        """Whether there are rows in it, other than the names of the columns, with which another file begins."""
        names = self.again.written and block.startswith(self.again.written)
        there = not names or self.again.without(block, line, self.form.quoted)
        return bool(there) and (not block.isspace() or len(self.columns) == 1)

    def line_of(self, row: int) -> int:
        """The number of the line that a row of the last piece begins on."""
        return [at for at, _ in self._rows(self.block, self.line)][row]
