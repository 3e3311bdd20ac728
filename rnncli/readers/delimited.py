"""Files of separated fields as frames of polars, a block of lines at a time.

A block is parsed as numbers at once; if that fails, as texts that are cast; if that fails too, or rows are not whole,
line by line, which is slow and knows the number of the line to complain of.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.columns import Roles
from rnncli.errors import RnncliError, note
from rnncli.readers import sniff
from rnncli.readers.casting import Frames, Kinds, Unclear
from rnncli.readers.form import Form
from rnncli.readers.forms import extension_of
from rnncli.readers.layout import Layout, is_comment
from rnncli.readers.longest import unclosed
from rnncli.readers.names_again import NamesAgain
from rnncli.readers.naming import listed
from rnncli.readers.prefetch import ahead
from rnncli.readers.quoting import refuse_unclosed
from rnncli.readers.source import count_byte, display, end_of_record, line_blocks

NEWLINE = 10
HEAD = 1 << 20
COMMENT = "\0#"  # in place of one; there are no zero bytes in a text
HEADER_LINES = 1000  # that names in quotes may span
QUOTED = re.compile(rb'"[^"]*"')
EMPTY_LINES = re.compile(rb"\n{2,}")
BLANKS = re.compile(rb"[ \t]+")
BLANK_ENDS = re.compile(rb"^ | $", re.MULTILINE)
COMMENTS = re.compile(rb"^#[^\n]*\n", re.MULTILINE)


class Delimited(Frames):
    """One file. `columns` are known as soon as the first block is read."""

    grows = False  # so that nothing is known of what is still to come
    kinds: Kinds | None = None  # once they are chosen
    blank = 0  # rows without values at the end

    def __init__(self, path: str, form: Form, roles: Roles, encoding: str):
        super().__init__(path, form)
        self.roles, self.encoding = roles, encoding
        self.layout, self.again = Layout(), NamesAgain(path, ())
        if not self.grows:
            self.layout = Layout.of(sniff.sample_lines(sniff.read_sample(path), encoding), extension_of(path), path)

    def frames(self, choose: Callable) -> Iterator:
        """The wanted columns, named by their indices; `choose(texts, columns)` says which, by the first block."""
        empty = 0
        for line, block in ahead(self._bodies()):
            if not block or block.isspace():
                continue
            if len(self.columns) == 1:  # blanks count as nothing
                empty += sum(not row.strip() for row in block.removesuffix(b"\n").split(b"\n"))
            yield self.frame(line, block, choose)
        self.again.say()
        self.guesses.say()
        if self.blank:
            note(
                f"{display(self.path)}: {self.blank:,} row{'s' * (self.blank > 1)} without values at the end: left out"
            )
        if empty:
            note(f"{display(self.path)}: {empty:,} empty line{'s' * (empty > 1)}, read as missing values")

    def frame(self, line: int, block: bytes, choose: Callable) -> "pl.DataFrame":
        """A block of lines as a frame; `choose` as for `frames`."""
        if self.kinds is None:
            self.kinds = choose(self._texts(self._head(block), line), self.columns)
            # in a single column of words the name on top may be a word too
            self.again.kept = len(self.columns) == 1 and self.kinds.get(0) == pl.String
        return self._parse(block, line, self.kinds)

    def _check_quotes(self, block: bytes, line: int, rows: int = -1) -> None:
        """RnncliError for a quote that is never closed, which polars reads over; where rows are lines there is none."""
        if self.form.quoted and b'"' in block and rows != count_byte(block, b"\n"):
            refuse_unclosed(self.path, block, line, self.form.separator)

    def _head(self, block: bytes) -> bytes:
        """As much of the first block as shows what the columns are."""
        if len(block) <= HEAD:
            return block
        head = block[:HEAD]
        return head[: end_of_record(head, self.form.quoted)] or block

    def line_of(self, row: int) -> int:
        """The number of the line that a row, counted from 0, begins on."""
        for line, block in self._bodies():
            if row >= (rows := self._plain_rows(block, line)) > 0:
                row -= rows
                continue
            lines = [at for at, _ in self._rows(block, line)]
            if row < len(lines):
                return lines[row]
            row -= len(lines)
        raise IndexError(row)

    def _plain_rows(self, block: bytes, line: int) -> int:
        """How many rows there are in a block that shows it without a look at each line; else 0."""
        if (self.form.quoted and b'"' in block) or b"\n " in block or b"\n\t" in block or block[:1].isspace():
            return 0
        tidy = self._tidy(block, line)
        return 0 if tidy is None else count_byte(tidy, b"\n")

    def _bodies(self) -> Iterator[tuple[int, bytes]]:
        """Blocks of lines without the header. Rows without values are no rows at the end, as spreadsheets leave them
        there; in a single column these are empty lines.
        """
        begun, held = False, b""  # held: empty lines and rows, after which others may come
        above = self.layout.above
        for line, block in line_blocks(self.path, self.encoding, self.form.quoted, self.grows, self.least):
            while block and above:
                block, line, above = block.partition(b"\n")[2], line + 1, above - 1
            block = self.layout.body(block)
            if not begun:
                if not block or block.isspace():
                    continue
                line, block = self._without_header(line, block)
                begun = True
            if not self.grows or len(self.columns) == 1:  # what may be the end is held until more comes
                line, block = line - held.count(b"\n"), held + block
                block, held = self._without_blank_end(block)
            yield line, block
        self.blank = sum(bool(row.strip()) for row in held.split(b"\n"))

    def _without_blank_end(self, block: bytes) -> tuple[bytes, bytes]:
        """The block up to the last row that holds something, and what is behind it."""
        blank = b" \t\r\n\v\f" + (self.form.separator.encode() if len(self.columns) > 1 else b"")
        size = len(block.rstrip(blank))
        end = size and block.find(b"\n", size) + 1
        return block[:end], block[end:]

    def _without_header(self, line: int, block: bytes) -> tuple[int, bytes]:
        empty = len(block) - len(block.lstrip())
        begin = block.rfind(b"\n", 0, empty) + 1
        line += block.count(b"\n", 0, begin)
        fields, lines, end = self._first_record(block[begin:])
        self.columns, has_header = columns_of(self.path, line, self.form, self.roles, fields)
        has_header = has_header or self._counts_columns(block[begin:])
        if not self.again.names and self.form.header:
            self.again = NamesAgain(self.path, fields if has_header else self.columns, numeric=True)
            top = block[begin : begin + end] if has_header else b""
            self.again.look_for(top, self.form.separator, self.form.quoted)
        if not has_header:
            return line, block[begin:]
        block, line = block[begin + end :], line + lines
        for _ in range(self.layout.units):
            _, lines, end = self._first_record(block)
            block, line = block[end:], line + lines
        return line, block

    def _counts_columns(self, block: bytes) -> bool:
        """Whether 0,1,2 is on top, the names of pandas, above other columns than those of training."""
        lines = [_text(line) for line in block.split(b"\n", sniff.HEAD)[: sniff.HEAD]]
        rows = sniff.split_lines([line for line in lines if line.strip()], self.form.separator, self.form.quoted)
        if found := sniff.are_counted(rows):
            note(f"{display(self.path)}: the numbers on top count the columns, and are no row")
        return found

    def _shows_names(self, kinds: Kinds) -> bool:
        """Whether a row of names cannot be parsed: a name that is no number is in a column of them."""
        names = [name for i, name in enumerate(self.again.names) if kinds.get(i) == pl.Float64]
        return not self.again.names or any(
            not sniff.is_any_number(name) and not self.form.writing.is_missing(name) for name in names
        )

    def _first_record(self, block: bytes) -> tuple[list[str], int, int]:
        """Its fields, the number of its lines and of its bytes."""
        lines = block.split(b"\n", HEADER_LINES)[:-1]
        if not (self.form.quoted and b'"' in lines[0]):
            fields, used = sniff.split_line(_text(lines[0]), self.form.separator, False), 1
        else:
            reader = csv.reader((_text(line) + "\n" for line in lines), delimiter=self.form.separator)
            fields, used = next(reader), reader.line_num
        return fields, used, sum(map(len, lines[:used])) + used

    def _parse(self, block: bytes, line: int, kinds: Kinds):
        """The fastest way that works."""
        texts: Kinds = dict.fromkeys(kinds, pl.String)
        plain = {i: pl.String if i in self.styles and not self.styles[i].plain else k for i, k in kinds.items()}
        misread = self.form.decimal_comma and (self.form.separator == "," or b"." in block)  # 1.126 as 1,126
        if self.form.missing or misread:
            plain = texts
        with suppress(pl.exceptions.PolarsError, Unclear):
            known = self._shows_names(kinds)
            frame = self._read(block if known else self.again.without(block, line, self.form.quoted), plain)
            if self._has_last(frame):
                self._check_quotes(block, line, len(frame))
                return self.cast(frame, kinds)
        return self._parse_tidy(block, line, kinds, (plain, texts))

    def _parse_tidy(self, block: bytes, line: int, kinds: Kinds, ways: tuple[Kinds, ...]) -> "pl.DataFrame":
        """As one of these kinds, without what is no row; else line by line."""
        tidy = self._tidy(block, line)
        for found in ways if tidy is not None else ():
            with suppress(pl.exceptions.PolarsError, Unclear):
                frame = self._read(tidy, found)
                if self._is_whole(tidy, len(frame)):
                    self._check_quotes(block, line, len(frame))
                    return self.cast(frame, kinds)
        frame, lines = self._exact(block, line)
        return self.cast(frame, kinds, lines.__getitem__)

    def _texts(self, block: bytes, line: int):
        """All columns as texts."""
        kinds: Kinds = dict.fromkeys(range(len(self.columns)), pl.String)
        return self._parse_tidy(block, line, kinds, (kinds,))

    def _tidy(self, block: bytes, line: int) -> bytes | None:
        """Without empty lines, one blank between fields; None if only a look at each line can do it."""
        if self.form.separator == " ":
            block = BLANK_ENDS.sub(b"", BLANKS.sub(b" ", block))
        block = self.again.without(block, line, self.form.quoted)
        if block.startswith(b"#") or b"\n#" in block:
            if self.form.quoted and b'"' in block:
                return None
            block = COMMENTS.sub(lambda found: b"" if self._is_comment(found[0]) else found[0], block)
        ends = np.frombuffer(block, np.uint8) == NEWLINE
        if len(self.columns) > 1 and (block.startswith(b"\n") or (ends[1:] & ends[:-1]).any()):
            if self.form.quoted and b'"' in block:
                return None
            block = EMPTY_LINES.sub(b"\n", block).removeprefix(b"\n")
        return block

    def _is_comment(self, line: bytes) -> bool:
        return is_comment(_text(line.rstrip(b"\n")), self.form.separator, len(self.columns))

    def _read(self, block: bytes, kinds: Kinds):
        schema = {f"column_{i}": kinds.get(i, pl.String) for i in range(len(self.columns))}
        frame = pl.read_csv(
            block,
            has_header=False,
            schema=schema,
            columns=[f"column_{i}" for i in kinds],
            separator=self.form.separator,
            quote_char='"' if self.form.quoted else None,
            decimal_comma=self.form.decimal_comma and self.form.separator != ",",
            glob=False,
        )
        frame.columns = [name.removeprefix("column_") for name in frame.columns]
        return frame

    def _has_last(self, frame) -> bool:
        """Whether the last column has a value in every row: then no row is empty or short, at no cost."""
        last = str(len(self.columns) - 1)
        return last in frame.columns and not frame[last].null_count() and self.form.separator != " "

    def _is_whole(self, block: bytes, rows: int) -> bool:
        """Whether all rows have all fields: polars would fill up short ones."""
        bare = QUOTED.sub(b"", block) if self.form.quoted and b'"' in block else block
        return count_byte(bare, self.form.separator.encode()) == rows * (len(self.columns) - 1)

    def _rows(self, block: bytes, line: int) -> Iterator[tuple[int, list[str]]]:
        """Each row and the line that it begins on."""
        text, single = _text(block), len(self.columns) == 1
        if not (self.form.quoted and '"' in text):
            for at, row in enumerate(text.removesuffix("\n").split("\n"), line):
                if (row.strip() or single) and not (row.startswith("#") and self._is_comment(row.encode())):
                    fields = sniff.split_line(row, self.form.separator, False)
                    if not self.again.leaves_out(fields, at):
                        yield at, fields
            return
        reader = csv.reader(_uncommented(text, self._is_comment), delimiter=self.form.separator)
        before = 0
        try:
            for fields in reader:
                at, before = line + before, reader.line_num
                if fields == [COMMENT] or self.again.leaves_out(fields, at):
                    continue
                if single or (fields and (len(fields) > 1 or fields[0].strip())):
                    yield at, fields or [""]
        except csv.Error as error:
            raise unclosed(display(self.path), line + before, error) from None

    def _exact(self, block: bytes, line: int):
        """All columns as texts, and the line of each row."""
        self._check_quotes(block, line)
        lines, rows, width = [], [], len(self.columns)
        for at, fields in self._rows(block, line):
            if len(fields) != width:
                found, expected = sniff.columns_counted(len(fields)), f"{width} ({listed(self.columns)})"
                raise RnncliError(
                    f"{display(self.path)}:{at}: {found}, expected {expected}: add missing fields, remove lines that "
                    "are no rows, quote fields that contain a separator, or use --format wide if each row is a "
                    "sequence"
                )
            lines.append(at)
            rows.append(fields)
        columns = zip(*rows, strict=True) if rows else [()] * width
        return pl.DataFrame({str(i): pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)}), lines


def _uncommented(text: str, is_comment: Callable) -> Iterator[str]:
    """The lines, with a mark in place of a comment."""
    opened = False
    for line in io.StringIO(text, newline=""):
        if line.startswith("#") and not opened and is_comment(line.encode("utf-8", "surrogatepass")):
            yield COMMENT + "\n"
            continue
        opened ^= bool(line.count('"') & 1)
        yield line


def columns_of(path: str, line: int, form: Form, roles: Roles, first: list[str]) -> tuple[tuple[str, ...], bool]:
    """The file's columns by the names of training, and whether its first row holds names."""
    names = sniff.column_names(first)
    if form.header and set(names) & set(form.columns):
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise RnncliError(f"{display(path)}:{line}: two columns are named {twice}: rename one")
        return names, True
    if len(first) == len(form.columns):
        return form.columns, False
    answers = {roles.label, roles.tag, *roles.targets}
    inputs = tuple(name for name in form.columns if name not in answers)
    if len(first) == len(inputs):
        return inputs, False
    hint = "" if form.header else ": use --format wide if each row is a sequence"
    more = f" ({listed(form.columns)}){hint}"
    raise sniff.wrong_width(path, line, len(first), len(form.columns), form.separator, more)


def _text(block: bytes) -> str:
    return block.decode("utf-8", "surrogatepass")
