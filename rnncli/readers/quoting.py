"""Whether double quotes are around fields or are characters, as the whole file shows it, line by line."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnncli.errors import note
from rnncli.readers.encodings import codec_name, is_wide
from rnncli.readers.longest import unclosed
from rnncli.readers.source import byte_blocks, display, row_lines
from rnncli.readers.told_separator import below_it

USUAL = ";,"  # separators beside which quotes are around fields unless that is impossible


@dataclass
class Reading:
    """How the lines of a file read in both ways."""

    begins: int = 0  # the first line with a field that begins with a quote; 0 for none
    literal: bool = True  # with quotes as characters all lines have as many fields
    whole: bool = False  # some field begins and ends with a quote
    strict: bool = True  # with fields in quotes all records have as many fields, and quotes are closed
    lines: int = 0  # the first record of several lines begins on this one
    unclosed: int = 0  # a quote opens there and is not closed, or not before a separator

    @classmethod
    def of(cls, lines: Iterable[str], separator: str, part: bool = False) -> "Reading":
        """Of all lines, or of the first ones of a file: the last record may go on behind them then."""
        found, widths, records, begun = cls(), set(), set(), 0

        def watched() -> Iterator[str]:
            for at, line in enumerate(lines, 1):
                if line.strip():
                    widths.add(line.count(separator) + 1)
                if not found.begins and '"' in line and (line[0] == '"' or separator + '"' in line):
                    found.begins = at
                found.whole = found.whole or '"' in line and any(map(_is_whole, line.split(separator)))
                yield line + "\n"

        rows = watched()
        reader = csv.reader(rows, delimiter=separator, strict=True)
        try:
            for fields in reader:
                if len(fields) > 1 or fields and fields[0].strip():
                    records.add(len(fields))
                if reader.line_num > begun + 1 and not found.lines:
                    found.lines = begun + 1
                begun = reader.line_num
        except csv.Error as error:
            if part and "end of data" in str(error):
                found.lines = found.lines or begun + 1
            else:
                found.unclosed = begun + 1
        for _ in rows:
            pass
        found.literal = len(widths) < 2 or separator not in USUAL and min(widths) == 2  # texts of `Cutter._whole`
        found.strict = not found.unclosed and len(records) < 2
        return found

    def is_quoted(self, separator: str) -> bool:
        """What a person would say: beside commas quotes are around fields unless none is and one is not closed."""
        if not self.begins:
            return separator in USUAL
        if self.strict:
            return separator in USUAL or not (self.lines and self.literal)
        return separator in USUAL and not (self.unclosed and self.literal and not self.whole)


def refuse_unclosed(path: str, block: bytes, line: int, separator: str) -> None:
    """RnncliError for a field in quotes that goes on over the next lines of a table and does not end at a separator;
    `line` is the number of the first line.
    """
    lines = io.StringIO(block.decode("utf-8", "surrogatepass"), newline="")
    begun = 0
    while True:
        reader, before = csv.reader(lines, delimiter=separator, strict=True), begun
        try:
            for _ in reader:
                begun = before + reader.line_num
            return
        except csv.Error as error:
            read = before + reader.line_num
            if read > begun + 1 or "end of data" in str(error):
                raise unclosed(display(path), line + begun, error) from None
            begun = read  # on one line polars reads it as csv does


def is_quoted_after_all(path: str, encoding: str, separator: str | None) -> bool:
    """Whether fields of a table are in quotes of which its first lines have none. Beside commas they always may be."""
    if separator not in ("\t", "|"):
        return False
    begins = [before + b'"' for before in (b"\n", separator.encode())]
    last = b"\n"
    for block in byte_blocks(path):
        wide = is_wide(codec_name(encoding)) or block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        block = last + block
        if wide or b'"' in block and any(begin in block for begin in begins):
            return is_quoted(path, encoding, separator)
        last = block[-1:]
    return False


def _is_whole(field: str) -> bool:
    return len(field) > 1 and field[0] == field[-1] == '"'


def is_quoted(path: str, encoding: str, separator: str) -> bool:
    """Of the whole file; it is said where quotes are characters though some are around fields, or would be."""
    if separator == " ":
        return False
    found = Reading.of(below_it(row_lines(path, encoding)), separator)
    quoted = found.is_quoted(separator)
    if not quoted and (separator in USUAL or found.whole):
        what = "is not closed" if found.unclosed else "goes over lines"
        note(f"{display(path)}:{found.unclosed or found.lines}: a quote {what}: quotes are read as characters")
    return quoted
