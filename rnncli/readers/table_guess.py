"""Whether a file whose name does not say so, such as a pipe, is a table."""

import re

from rnncli.data.columns import Roles
from rnncli.readers import sniff
from rnncli.readers.layout import Layout, is_marked
from rnncli.readers.separators import find_separator

LEAST = 8  # lines
TIME = re.compile(rf"{sniff.DATE.pattern}|\d{{1,2}}:\d\d(:\d\d([.,]\d+)?)?", re.ASCII)
DIGITS = 6  # of whole numbers that are all as long: codes rather than quantities


def is_table(lines: list[str]) -> bool:
    """Whether one separator cuts the lines, but for titles above, alike into columns with names on top, or into numbers
    and perhaps a column of times; blanks into numbers and times alone.
    """
    lines = Layout.of(lines, "").lines(lines)
    lines = [line for line in lines if line.strip() and not is_marked(line)]
    separator = find_separator(lines, "")
    rows = sniff.split_lines(lines, separator, sniff.has_quoting(lines, separator))
    width, part = sniff.usual_width(rows)
    if len(rows) < LEAST or part < sniff.MANY:
        return False
    comma = sniff.has_decimal_comma(rows)
    header = sniff.has_header(rows, Roles(), comma)
    numbers = sniff.numeric_columns(rows[header:], comma)[:width]
    if width == 1:
        return all(numbers) and not _are_codes([row[0].strip() for row in rows[header:]])
    if separator == " ":
        below = rows[header:]
        times = [all(len(row) > i and TIME.fullmatch(row[i]) for row in below) for i in range(width)]
        return any(numbers) and all(map(any, zip(numbers, times, strict=True)))
    return sniff.has_usual_names(rows[0]) or any(numbers) and (header or sum(numbers) >= width - 1)


def _are_codes(values: list[str]) -> bool:
    """Whether whole numbers of as many digits each are names: long ones, or with zeros in front."""
    alike = len({*map(len, values)}) == 1 and all(map(str.isdecimal, values))
    return alike and (len(values[0]) >= DIGITS or any(value[0] == "0" for value in values))
