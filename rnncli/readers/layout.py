"""What stands around the rows of a table: `sep=;`, titles and comments above, units below the names, `;` at line ends.

All of it is seen in the first lines of each file, and left out with a note.
"""

import re
from dataclasses import dataclass

from rnncli.errors import note
from rnncli.readers import sniff
from rnncli.readers.drawn import Drawn
from rnncli.readers.separators import find_separator
from rnncli.readers.source import display
from rnncli.readers.told_separator import told_separator

COMMENT = "#"
MOST_TITLES = 20
MOST_UNITS = 3  # rows
ROWS_BELOW = 3  # that show what units are not
DATED = re.compile(r"\d+[-/.:]\d+")
#: names of a column of times
CLOCK = re.compile(
    "(observation_)?date|time|time period|period|year|month|quarter|week|day|timestamp|datetime", re.IGNORECASE
)
SMALL_UNIT = re.compile("year|quarter|month|week|day")  # below names of any number of columns: the unit of the first
UNIT = re.compile(r"[^\W\d_]|[%°]")
END = ";"
#: what stands in place of a number, in a spreadsheet and where it is missing
NO_NUMBER = re.compile(r"#(N/?A( N/A)?|DIV/0!|REF!|VALUE!|NUM!|NAME\?|NULL!|SPILL!|CALC!)", re.IGNORECASE)
SEMICOLONS = re.compile(rb";[ \t]*$", re.MULTILINE)  # at line ends


@dataclass(frozen=True)
class Layout:
    """Of one file."""

    separator: str | None = None  # that the first line names
    above: int = 0  # lines before the names or the first row
    units: int = 0  # rows between the names and the first row
    ends: bool = False  # each line ends in a semicolon that separates nothing
    drawn: Drawn | None = None  # with rules and edges

    @classmethod
    def of(cls, lines: list[str], extension: str, path: str | None = None) -> "Layout":
        """By the first lines; with a path it is said."""
        told, at, note_, drawn = told_separator(lines), _filled(lines, 0), _noting(path), Drawn.of(lines)
        if drawn:
            note_("", "a table drawn with bars and rules: these are left out")
            lines = [*map(drawn.plain, lines)]
        elif told:
            at = _filled(lines, at + 1)
        body = [line for line in lines[at:] if line.strip() and not is_marked(line)]
        half = len(body) // 2  # titles are many among few lines
        head, body = body[:half], body[half:]
        separator = told or find_separator(body, extension, above=head)
        ends = separator != END and _ends(body)
        if ends:
            note_("", "lines end in a semicolon, which separates nothing: left out")
            body, lines = ([line.rstrip().removesuffix(END) for line in part] for part in (body, lines))
        rows = sniff.split_lines(body, separator, sniff.has_quoting(body, separator))
        above = _above(lines, at, separator, sniff.usual_width(rows))
        for i in range(at, above):
            if lines[i].strip() and not is_marked(lines[i]):
                note_(f":{i + 1}", f"{sniff.shortened(lines[i])!r} is above the table, not of its columns: left out")
        first = above + _lines_of_names(lines[above:], separator)
        below = [*lines[above:first], *(line for line in lines[first:] if not is_marked(line))]
        rows = sniff.split_lines(below, separator)
        units = _units(rows)
        for i in range(1, units + 1):
            named = sniff.shortened(", ".join(filter(None, rows[i])))
            what = "of units" if units <= MOST_UNITS else "of words below the names"
            note_(f":{above + i + 1}", f"a row {what}, {named!r}: left out")
        return cls(told, above, units, ends, drawn)

    def lines(self, lines: list[str]) -> list[str]:
        """Those that hold names and rows."""
        lines = [*map(self.drawn.plain, lines[self.above :])] if self.drawn else lines[self.above :]
        return [line.rstrip().removesuffix(END) for line in lines] if self.ends else lines

    def body(self, block: bytes) -> bytes:
        """The same of a block of lines, of which those above are left out already."""
        if self.ends:
            return SEMICOLONS.sub(b"", block)
        return self.drawn.body(block) if self.drawn else block


def without_comments(lines: list[str], separator: str) -> list[str]:
    """Lines that begin with # and have not the width of the others are no rows."""
    if not any(map(is_marked, lines)):
        return lines
    rows = [line for line in lines if line.strip() and not is_marked(line)]
    width, _ = sniff.usual_width(sniff.split_lines(rows, separator))
    return [line for line in lines if not is_comment(line, separator, width)]


def is_marked(line: str) -> bool:
    """Whether a line begins as a comment does, and is not `#N/A` alone or the like, which is a value of one column."""
    return line.startswith(COMMENT) and not NO_NUMBER.fullmatch(line.strip())


def is_comment(line: str, separator: str, width: int) -> bool:
    """Whether a line of a table of so many columns begins with # and is no row."""
    return is_marked(line) and (width == 1 or len(sniff.split_line(line, separator)) != width)


def _noting(path: str | None):
    return (lambda place, what: note(f"{display(path)}{place}: {what}")) if path else (lambda place, what: None)


def _filled(lines: list[str], at: int) -> int:
    """The next line that is not empty."""
    return next((i for i in range(at, len(lines)) if lines[i].strip()), len(lines))


def _ends(body: list[str]) -> bool:
    """Whether all lines end in the one semicolon that is in them."""
    return (
        bool(body)
        and all(line.count(END) == 1 and line.rstrip().endswith(END) for line in body)
        and any(separator in line for line in body[:1] for separator in ",\t|")
    )


def _above(lines: list[str], at: int, separator: str, usual: tuple[int, float]) -> int:
    """The line of the names, or the first row: comments and titles are above it."""
    width, part = usual
    first = at
    for i in range(at, min(len(lines), at + MOST_TITLES)):
        line = lines[i]
        if line.count('"') & 1:  # names in quotes that hold line ends
            return at
        if not line.strip():
            continue
        fields = sniff.split_line(line, separator)
        if is_marked(line):
            following = next((other for other in lines[i + 1 :] if other.strip() and other[0] != COMMENT), "")
            below = sniff.split_line(following, separator)
            if len(fields) != width or width == 1 or (len(below) == width and _are_names(below)):
                continue
            return first if i == at else i
        if len(fields) == width and (names := _below_titles(lines, i, separator)) is not None:
            return names
        if len(fields) == width and _is_title(fields, lines[i + 1 :], separator):
            continue
        if len(fields) == width or part < sniff.MANY:
            # titles only where names follow
            return i if all(not o.strip() or o[0] == COMMENT for o in lines[at:i]) or _are_names(fields) else at
    return at


def _lines_of_names(lines: list[str], separator: str) -> int:
    """How many lines are names, or units below them: the first; and those behind it that begin with # as it does, and
    have as many fields, as `#yr mo` below `#YY MM`.
    """
    end = 1
    if lines and is_marked(lines[0]):
        width = len(sniff.split_line(lines[0], separator))
        while end < len(lines) and is_marked(lines[end]) and not is_comment(lines[end], separator, width):
            end += 1
    return end


def _is_title(fields: list[str], below: list[str], separator: str) -> bool:
    """Whether words that happen to be as many as the columns stand above lines of other widths, as other titles are:
    `Release: GDP` above `Units: Billions of Dollars`.
    """
    following = [line for line in below if line.strip() and line[0] != COMMENT][:ROWS_BELOW]
    widths = {len(sniff.split_line(line, separator)) for line in following}
    return _are_names(fields) and not widths <= {len(fields)}


def _below_titles(lines: list[str], at: int, separator: str) -> int | None:
    """The line of the names below lines that have as many fields and say what the table is ("Title","Sales"): behind
    the last empty line, or named as a column of times is. None if there are no such lines, or if the first is the names
    of a time and more.
    """
    there = [i for i in range(at, min(len(lines), at + MOST_TITLES + ROWS_BELOW)) if lines[i].strip()]
    rows = [sniff.split_line(lines[i], separator) for i in there]
    count = _words_above(rows)
    if count < 2 or (re.fullmatch(f"t|ts|{CLOCK.pattern}", rows[0][0].strip(), re.IGNORECASE) and _all_told(rows[0])):
        return None
    gap = max((k for k in range(1, count) if there[k] - there[k - 1] > 1), default=0)
    if gap and not _is_dated(rows[gap]) and not any(field and sniff.is_missing(field) for field in rows[gap]):
        return there[gap]
    first = rows[count - 1][0].strip()
    named = CLOCK.fullmatch(first) and all(map(str.strip, rows[count - 1]))
    return there[count - 1] if named and not (count == 2 and SMALL_UNIT.fullmatch(first)) else None


def _all_told(names: list[str]) -> bool:
    """Whether there is another name in each field."""
    return all(map(str.strip, names)) and len({*names}) == len(names)


def _is_dated(row: list[str]) -> bool:
    return any(map(str.isdigit, row[0]))


def _words_above(rows: sniff.Rows) -> int:
    """How many rows of words stand above rows of a date, or the like, and numbers; 0 if others follow."""
    count = next((k for k, row in enumerate(rows) if any(map(sniff.is_any_number, row[1:]))), 0)
    dated = [_is_dated(row) and _holds_numbers(row[1:]) for row in rows[count:]]
    return count * (len(dated) >= ROWS_BELOW and all(dated) and len({*map(len, rows)}) == 1)


def _holds_numbers(fields: list[str]) -> bool:
    return all(sniff.is_any_number(field) or sniff.is_missing(field) for field in fields)


def _are_names(fields: list[str]) -> bool:
    there = [field for field in fields if field.strip()]
    if sniff.end_in_years(fields) and not sniff.is_any_number(fields[0]):
        return True
    return 2 * len(there) >= len(fields) and not any(sniff.is_any_number(field) for field in there)


def _units(rows: sniff.Rows) -> int:
    """How many rows of units stand below the names."""
    if not rows or not _are_names(rows[0]):
        return 0
    words = rows[1 : _words_above(rows[: MOST_TITLES + ROWS_BELOW])]
    if len(words) > MOST_UNITS and _say_what(words):
        return len(words)
    for count in range(MOST_UNITS, 0, -1):
        below = rows[1 + count :]
        if len(below) < ROWS_BELOW:
            continue
        *first, last = rows[1 : 1 + count]
        if all(_is_units(row, below) for row in first) and (_is_units(last, below) or (first and _is_index_name(last))):
            return count
    return 0


def _say_what(words: sniff.Rows) -> bool:
    """Whether these are a key and a word each, as files of the ONS have them, and no rows without numbers."""
    told = [any(not sniff.is_missing(field) for field in row[1:]) for row in words]
    return 2 * sum(told) >= len(words) and not any(map(_is_dated, words))


def _is_index_name(row: list[str]) -> bool:
    """A word in the first column alone, as pandas writes it below names of several levels."""
    return bool(row[0].strip()) and not any(map(str.strip, row[1:])) and not re.search(r"\d", row[0])


def _is_units(row: list[str], below: sniff.Rows) -> bool:
    """No number, no time, nothing that comes again; letters above numbers."""
    if len(row) != len(below[0]) or any(sniff.is_any_number(f) or DATED.search(f) for f in row):
        return False
    numeric = sniff.numeric_columns(below, False)
    units = [field for field, number in zip(row, numeric, strict=False) if number and not sniff.is_missing(field)]
    if not any(map(UNIT.search, units)):
        return False
    return not any(
        field.strip() and any(len(other) > i and other[i] == field for other in below) for i, field in enumerate(row)
    )
