"""What separates the fields of a file, by its first lines, and lines that no separator cuts alike."""

import re
from collections.abc import Iterable

from rnncli.readers import quoting
from rnncli.readers.sniff import (
    MANY,
    counted,
    has_quoting,
    is_any_number,
    is_conllu,
    is_jsonl,
    shortened,
    split_line,
    split_lines,
    usual_width,
    wrong_width,
)

WHOLE = re.compile(r'\s*("[^"]*")?\s*')  # a line that is a field in quotes
HALF = 0.5  # of the lines have columns: the others are in the way


def find_separator(lines: list[str], extension: str, unequal: bool = False, above: Iterable[str] = ()) -> str:
    """Tab, semicolon, comma, bar or blanks: the first that cuts all lines alike; or, of rows `unequal`, that all have.
    `above` are the lines above these.

    A semicolon at the end of all lines, and nowhere else, cuts nothing, nor do those below a line without, where commas
    cut that line and the others alike. Commas that may all be within numbers cut nothing where the names, or bars, show
    it.
    """
    if extension == "tsv":
        return "\t"
    for separator in () if unequal else ("\t", ";", ",", "|", " "):
        if separator == "|" and _is_one_column(lines):
            return ","
        rows = split_lines(lines, separator)
        width, part = usual_width(rows)
        if part < MANY and separator in "\t|" and has_quoting(lines, separator):
            rows = split_lines(lines, separator, True)
            width, part = usual_width(rows)
        ends = separator == ";" and width == 2 and not any("".join(row[1:]).strip() for row in rows)
        ends = ends or (separator == " " and all(WHOLE.fullmatch(line) for line in lines[1:]))
        if width > 1 and part >= MANY and not (ends or (separator == ";" and _named_by_commas([*above, *lines]))):
            return (separator == "," and _around_numbers([*above], lines)) or separator
    for separator in ("\t", ";", ",", "|", " ") if unequal else ("\t", ";", ",", "|"):
        if all(separator in line for line in lines if line.strip()):
            return separator
    return _around_numbers([*above], lines) or ","


def _named_by_commas(lines: list[str]) -> bool:
    """Whether the first line has commas and no semicolon, and commas cut it, the next two and most others alike:
    semicolons below are within texts (`&amp;`).
    """
    rows = split_lines([line for line in lines if line.strip()], ",", True)
    width, part = usual_width(rows)
    return ";" not in "".join(rows[0]) and width > 1 and part >= MANY and {*map(len, rows[:3])} == {width}


def _around_numbers(above: list[str], lines: list[str]) -> str | None:
    """What separates columns whose commas are all within numbers: bars, blanks between such numbers (`1,5 2,5`) or
    below as many names, or a semicolon, which does not occur, below one name, but for rows that are numbered, as R
    writes them.
    """
    top, *below = [line for line in (*above, *lines) if line.strip()] or [""]
    for separator in "| ;":
        held = lines if separator == "|" else below
        rows = split_lines(held, separator, has_quoting(held, separator))
        width, part = usual_width(rows)
        marked = [[field for field in row if "," in field] for row in rows]
        if part < MANY or not any(marked) or (width == 1) != (separator == ";"):
            continue
        named = separator != "|" and "," not in top and len(split_line(top, separator, True)) == width
        named = named and [row[0].partition(",")[0] for row in rows] not in (counted(i, len(rows)) for i in (0, 1))
        several = separator == "|" or min(map(len, marked)) > 1
        if (named or several) and all(is_any_number(field) for row in marked for field in row):
            return separator
    return None


def _is_one_column(lines: list[str]) -> bool:
    """Whether each record is a field in quotes, and some have several lines, whatever these hold."""
    bars = {line.count("|") for line in lines if line.strip()}
    cut = len(bars) > 1 or 0 in bars  # else a quote that is open at the end may as well be a character beside bars
    if not any('"' in line for line in lines) or not quoting.Reading.of(lines, ",", cut).strict:
        return False
    rows = split_lines(lines, ",", True)
    return len(rows) < sum(bool(line.strip()) for line in lines) and usual_width(rows) == (1, 1.0)


def refuse_odd_lines(path: str, lines: list[str], extension: str) -> None:
    """The first line of another width, if most have columns, but too few for a table: lines of marks between texts."""
    if is_jsonl(lines) or is_conllu(lines) or _is_one_column(lines):
        return
    if usual_width(split_lines(lines, find_separator(lines, extension), False))[0] > 1:
        return
    for separator in ("\t", ";", ",", "|"):
        if any('"' in line for line in lines) and has_quoting(lines, separator):
            width = usual_width(split_lines(lines, separator, True))[0]
            if width > 1:  # records of several lines, which the reader of all of them checks
                return
        cut = [(at, line, split_line(line, separator)) for at, line in enumerate(lines, 1)]
        cut = [(at, line, fields) for at, line, fields in cut if line.strip()]
        width, part = usual_width([fields for _, _, fields in cut])
        if width > 1 and part > HALF:
            odd = next((found for found in cut if len(found[2]) != width), None)
            if odd is None:
                return
            at, line, fields = odd
            raise wrong_width(path, at, len(fields), width, separator, f": {shortened(line)}")
