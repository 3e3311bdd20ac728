"""What the beginning of a file tells: the fields of its lines, whether names stand on top, which column is which."""

import csv
import io
import re
from collections import Counter
from itertools import pairwise

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError
from rnncli.readers import quoting
from rnncli.readers.encodings import BOM, sample_text
from rnncli.readers.naming import names_in
from rnncli.readers.numerals import Writing, bare, decimal_of, style_of
from rnncli.readers.objects import first_object
from rnncli.readers.source import display, open_bytes

SAMPLE = 64 << 10
MOST = 16 << 20  # of a file with very long lines
BLANKS = re.compile(r"[ \t]+")
USUAL = Writing()
MANY = 0.95  # of the lines have as many fields as a table has columns, of the fields of a column are numbers

BY = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars", " ": "blanks"}
HEAD = 50  # rows that show whether names are above
LEAST_DATES = 3
DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ][\d:.,]+)?([Z+-][\d:]*)?", re.ASCII)
LEAST_YEARS = 6  # in a row, that name columns
MONTHS_APART = {1, 3, 6, 12, 24, 48, 60, 120}
#: 2024, 2024.0, 202401, 2024.01, 01.2024
YEAR = re.compile(r"([12]\d{3})(\.?(0[1-9]|1[0-2]))?(\.0)?|(0?[1-9]|1[0-2])\.([12]\d{3})", re.ASCII)
LONGEST = 60  # characters of a line in a message

USUAL_NAMES = re.compile(  # of columns of text
    "id|idx|index|texts?|sentence|message|review|comment|tweet|title|content|body|document|doc|question|query|name|"
    "phrase|words?|tokens?|form|lemma|pos|upos|xpos|tags?|ner|chunk|iob|labels?|class|category|sentiment|intent|topic|"
    "language|lang",
    re.IGNORECASE,
)
LABEL_NAMES = re.compile("labels?|class|category", re.IGNORECASE)
NAME = re.compile(r"[^\W\d]\w*([ .-]\w+)?")
CONLLU_LINE = re.compile(
    r"\d+([-.]\d+)?(\t[^\t]*){9}\t?", re.ASCII
)  # a word, a range of words (1-2), an empty node (2.1)

Rows = list[list[str]]


class Sample(bytes):
    """The first bytes of a file."""

    whole = False  # it is all of the file


def read_sample(path: str, size: int = SAMPLE) -> Sample:
    """The first 64 KB, or so many bytes, or more until some lines are whole."""
    with open_bytes(path) as stream:
        sample = stream.read(size)
        while sample.count(b"\n") < 3 and len(sample) < MOST and (more := stream.read(len(sample))):
            sample += more
        if stream.read(1):
            return Sample(sample.rpartition(b"\n")[0] or sample)
    sample = Sample(sample)
    sample.whole = True
    return sample


def sample_lines(sample: bytes, encoding: str) -> list[str]:
    """Its lines, as `row_lines` has them; what cannot be decoded is for the reader to complain of."""
    text = sample_text(sample, encoding, getattr(sample, "whole", True))
    return text.removesuffix("\n").removeprefix(BOM).replace(f"\n{BOM}", "\n").split("\n")


def split_line(line: str, separator: str, quoted: bool | None = None) -> list[str]:
    """The fields of one line. Quotes are around fields where `quoted` says so, else where they usually are."""
    if separator == " ":
        return BLANKS.split(line.strip(" \t"))
    quoted = separator in quoting.USUAL if quoted is None else quoted
    if quoted and '"' in line:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=separator), [])
    return line.split(separator)


def split_lines(lines: list[str], separator: str, quoted: bool | None = None) -> Rows:
    """The fields of all lines that hold something; quoted ones may span lines."""
    quoted = separator in quoting.USUAL if quoted is None else quoted
    if quoted and separator != " " and any('"' in line for line in lines):
        text = io.StringIO("\n".join(lines), newline="")
        return [row for row in csv.reader(text, delimiter=separator) if row]
    return [split_line(line, separator, False) for line in lines if line.strip()]


def usual_width(rows: Rows) -> tuple[int, float]:
    """The number of fields that most rows have, and the part of the rows that have it."""
    widths = [len(row) for row in rows]
    usual = max(set(widths), key=widths.count) if widths else 0
    return usual, widths.count(usual) / max(1, len(widths))


def columns_counted(count: int) -> str:
    """As messages say it."""
    return f"{count} column{'' if count == 1 else 's'}"


def by(separator: str) -> str:
    """A separator as messages say it."""
    return BY.get(separator, repr(separator))


def wrong_width(path: str, at: int, found: int, expected: int, separator: str, more: str) -> RnncliError:
    """For a row with another number of columns than the others."""
    return RnncliError(f"{display(path)}:{at}: {columns_counted(found)}, expected {expected} by {by(separator)}{more}")


def shortened(line: str) -> str:
    """A line of a file in a message."""
    line = " ".join(line.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 2] + ".."


def refuse_single_quotes(path: str, rows: Rows) -> None:
    """RnncliError where all names on top, or all numbers or dates of a column, stand in single quotes, which are
    characters of a field here.
    """
    columns = [column for column in _columns(rows[1:HEAD]) if len(column) >= LEAST_DATES and _in_single_quotes(column)]
    bare_ = [[field.strip()[1:-1] for field in column] for column in columns]
    values = [fields for fields in bare_ if all(DATE.fullmatch(field) or is_any_number(field) for field in fields)]
    if values or rows and len(rows[0]) > 1 and _in_single_quotes(rows[0]):
        found = columns[bare_.index(values[0])][0] if values else rows[0][0]
        raise RnncliError(
            f"{display(path)}: fields stand in single quotes, such as {found.strip()}, which are read as characters: "
            f"""tr "'" '"' < {display(path) if path != "-" else "FILE"} makes double quotes of them"""
        )


def _in_single_quotes(fields: list[str]) -> bool:
    return all(len(field) > 1 and field[0] == field[-1] == "'" for field in map(str.strip, fields))


def has_quoting(lines: list[str], separator: str) -> bool:
    """Whether double quotes are around fields, as these lines show it; the last one may have been cut."""
    return separator != " " and quoting.Reading.of(lines, separator, True).is_quoted(separator)


def is_missing(text: str) -> bool:
    """Whether nothing stands there."""
    return USUAL.is_missing(text)


def is_number(text: str, decimal_comma: bool) -> bool:
    """Whether a number stands there."""
    return bare(text, "," if decimal_comma else ".") is not None


def is_any_number(text: str) -> bool:
    """Whether a number stands there, whatever its decimal mark."""
    return is_number(text, False) or is_number(text, True)


def has_decimal_comma(rows: Rows) -> bool:
    """Whether numbers are written as 1,5 or 1.234.567: in some column they are, beyond doubt."""
    return any(decimal_of(column) == "," for column in _columns(rows) if _shows_mark(column))


def _shows_mark(column: list[str]) -> bool:
    """Whether a comma is in it, or all are numbers, of which some have two points: not an address, which has three."""
    if any("," in field for field in column):
        return True
    grouped = any(field.count(".") == 2 for field in column)
    there = [field for field in column[1:] if not is_missing(field)] if grouped else []  # the first may be a name
    return bool(there) and sum(bare(field, ",") is not None for field in there) >= MANY * len(there)


def numeric_columns(rows: Rows, decimal_comma: bool, writing: Writing = USUAL) -> list[bool]:
    """Which columns hold numbers, but for a few mistakes; one that is empty does not count."""
    return [_all_numbers(column, decimal_comma, writing) for column in _columns(rows)]


def _columns(rows: Rows) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[row[i] for row in rows if i < len(row)] for i in range(width)]


def _all_numbers(fields: list[str], decimal_comma: bool, writing: Writing) -> bool:
    there = [field for field in fields if not writing.is_missing(field)]
    default = "," if decimal_comma else "."
    if sum(bare(field, default) is not None for field in there) >= MANY * max(1, len(there)):
        return bool(there)
    style = style_of(there, default, writing.decimal, False)
    return bool(there) and sum(style.read(field) is not None for field in there) >= MANY * len(there)


def has_header(rows: Rows, roles: Roles, decimal_comma: bool, writing: Writing = USUAL) -> bool:
    """Whether the first row names the columns: by a name that the user gave, or having words above numbers."""
    if not rows:
        return False
    first = [field.strip() for field in rows[0]]
    names = [name for name in names_in(roles) if not name.isdecimal()]
    if any(name in first for name in names):
        return True
    if names and not any(map(is_any_number, first)):
        return True  # names there must be: the message lists them
    if end_in_years(first) and not any(map(end_in_years, rows[1:2])):
        return True
    if are_counted(rows) or _is_above_dates(rows):
        return True
    below = numeric_columns(rows[1:], decimal_comma, writing)
    tops = [field for field, numeric in zip(first, below, strict=False) if numeric and field]
    return any(not is_missing(top) for top in tops) and not any(map(is_any_number, tops))


def are_counted(rows: Rows) -> bool:
    """Whether the first row is 0,1,2 or 1,2,3, as pandas calls columns: above numbers with decimals, or six columns or
    more. There may be an index without a name before them, and words around six and more, as y,0,1,2,3,4,5.
    """
    first, second = ([field.strip() for field in row] for row in (*rows[:2], [], [])[:2])
    numbers = [i for i, field in enumerate(first) if field.isdecimal()]
    begin, end = (numbers[0], numbers[-1] + 1) if numbers else (0, 0)
    count, words = end - begin, [i for i, field in enumerate(first) if field and not begin <= i < end]
    if count < 2 or not any(first[begin:end] == counted(start, count) for start in (0, 1)):
        return False
    if any(count < LEAST_YEARS or any(map(str.isdigit, first[i])) or _stands_below(rows, i) for i in words):
        return False
    below = [field.strip() for row in rows[1:HEAD] for field in row[begin:end] if not is_missing(field)]
    whole = sum(field.lstrip("+-").isdecimal() for field in below)
    again = (
        second[begin : begin + 1]
        and second[begin].isdecimal()
        and second[begin:end] == counted(int(second[begin]), count)
    )
    return bool(below) and not again and (count >= LEAST_YEARS or 2 * whole < len(below))


def _stands_below(rows: Rows, place: int) -> bool:
    """Whether a field of the first row stands again in its column."""
    top = rows[0][place].strip()
    return any(row[place].strip() == top for row in rows[1:HEAD] if len(row) > place)


def counted(start: int, count: int) -> list[str]:
    """Names that are numbers from `start` on."""
    return [str(i) for i in range(start, start + count)]


def _is_above_dates(rows: Rows) -> bool:
    """Whether some column holds a word without digits above nothing but dates of numbers."""
    below = rows[1:HEAD]
    names = (i for i, field in enumerate(rows[0]) if not any(map(str.isdigit, field)))
    return len(below) >= LEAST_DATES and any(
        all(len(row) > i and DATE.fullmatch(row[i].strip()) for row in below) for i in names
    )


def end_in_years(fields: list[str]) -> bool:
    """Whether the last ones that hold something are years or months."""
    end = next((i for i in range(len(fields), 0, -1) if fields[i - 1].strip()), 0)
    return are_years([field.strip() for field in fields[max(0, end - LEAST_YEARS) : end]])


def are_years(texts: list[str]) -> bool:
    """Whether these are at least so many years, or months as 202401, 2024.01 or 01.2024, that grow or fall; of the
    steps that are a usual distance, half or more are there.
    """
    found = [match for text in texts if (match := YEAR.fullmatch(text))]
    several = len({(match[2] is None, match[5] is None, len(match[5] or match[0])) for match in found}) > 1
    if not len(found) == len(texts) >= LEAST_YEARS or several and not all(match[5] for match in found):
        return False
    months = [12 * int(match[1] or match[6]) + int(match[3] or match[5] or 1) for match in found]
    gaps = [after - before for before, after in pairwise(months)]
    least = min(map(abs, gaps))
    return (
        least in MONTHS_APART
        and (min(gaps) > 0 or max(gaps) < 0)
        and not any(gap % least for gap in gaps)
        and abs(sum(gaps)) <= 2 * least * len(texts)
    )


def has_usual_names(first: list[str]) -> bool:
    """Whether the first row of a file of texts holds nothing but names that columns of such files usually have."""
    names = {field.strip().lower() for field in first}
    return len(first) == len(names) > 1 and all(map(USUAL_NAMES.fullmatch, names))


def are_names(first: list[str], texts: list[str]) -> bool:
    """Whether these fields are usual names of columns, or look like any, and hardly one of the `texts` below does."""
    alike = sum(bool(NAME.fullmatch(text.strip())) for text in texts)
    other = 2 * alike < len(texts) and len(set(first)) == len(first) and all(map(NAME.fullmatch, first))
    return has_usual_names(first) or other


def spelt_as(known: tuple[str, ...], names: list[str], least: int = 2) -> list[str]:
    """The names, if there are at least so many, those that differ from a known one in case alone as that is written."""
    spelling = {name.casefold(): name for name in known}
    if len(names) < least or len({name.casefold() for name in names}) < len(names) or len(spelling) < len(known):
        return names
    return [spelling.get(name.casefold(), name) for name in names]


def is_named_label(rows: Rows, label: int) -> bool:
    """Whether the first row seems to be names: its label occurs nowhere else, and all others more than once."""
    first, *others = [row[label] for row in rows if len(row) > label]
    counts = Counter(others)
    lonely = len(counts) > 1 and first not in counts and min(counts.values()) > 1
    return lonely and all(NAME.fullmatch(field.strip()) for field in rows[0])


def column_names(first: list[str]) -> tuple[str, ...]:
    """The names on top; a column without one is called by its number."""
    names = [field.strip() for field in first]
    return tuple(name or (f"{i}_" if str(i) in names else str(i)) for i, name in enumerate(names, 1))


def is_jsonl(lines: list[str]) -> bool:
    """Whether the first line is an object, or an array of objects begins there."""
    return first_object("\n".join(lines)) is not None


def is_conllu(lines: list[str]) -> bool:
    """Whether all lines but comments have the ten columns of CoNLL-U, with empty ones after sentences."""
    lines = [line.rstrip(" ") if line.strip(" \t") else "" for line in lines if not line.startswith("#")]
    return "" in lines and any(lines) and all(CONLLU_LINE.fullmatch(line) for line in lines if line)


def label_is_first(rows: Rows) -> tuple[bool, bool]:
    """Which of two columns is the label: the one of fewer different values, on a tie of fewer words, of fewer letters;
    and whether it was a tie.
    """
    pairs = [(row[0], row[-1]) for row in rows if len(row) > 1]
    values = [len({pair[i] for pair in pairs}) for i in (0, 1)]
    words = [sum(len(pair[i].split()) for pair in pairs) for i in (0, 1)]
    letters = [sum(len(pair[i]) for pair in pairs) for i in (0, 1)]
    counts = [(values[i], words[i], letters[i]) for i in (0, 1)]
    return counts[0] <= counts[1], values[0] == values[1]
