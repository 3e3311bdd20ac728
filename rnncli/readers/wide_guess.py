"""Whether a table holds a sequence a row: behind its label, as the files of the UCR archive do, or behind the name of
its series, as those of M4 do. The first rows show it.
"""

import re

from rnncli.data import polars as pl
from rnncli.data.times.stamp_forms import dated_in_some_order
from rnncli.readers import sniff
from rnncli.readers.form import Form
from rnncli.readers.forms import sample_rows
from rnncli.readers.numerals import bare

SAMPLE = 1 << 20  # bytes: rows are long, and a label may come again late
LEAST_STEPS = 12
LEAST_ROWS = 8
ROWS_A_LABEL = 2  # on average
FRACTIONS = 0.5  # of the values, at least, are no whole numbers: counts stand in tables of another kind
LEAST_ROWS_NAMED, LEAST_STEPS_NAMED = 3, 6
COUNTED = re.compile(r"(\D*)(\d+)")


def has_labels_first(path: str, form: Form, encoding: str) -> bool:
    """Whether the first column has few whole numbers or words that come again, and all others measured values, without
    names on top, but for numbers that count the columns.
    """
    if form.name != "table" or form.separator is None or len(form.columns) <= LEAST_STEPS:
        return False
    steps = form.columns[1:]
    if form.header and not (all(map(str.isdecimal, steps)) and _are_counted(steps)):
        return False
    rows = sample_rows(path, form, encoding, SAMPLE)
    labels = [row[0].strip() for row in rows]
    if len(rows) < LEAST_ROWS or not all(map(_is_label, labels)):
        return False
    there = [_number(field) for row in rows for field in row[1:] if not sniff.is_missing(field)]
    numbers = [number for number in there if number is not None]
    fractions = sum(not number.is_integer() for number in numbers)
    few = 1 < len(set(labels)) <= len(labels) / ROWS_A_LABEL
    return few and len(numbers) == len(there) and fractions >= FRACTIONS * len(there)


def has_names_first(path: str, form: Form, encoding: str) -> bool:
    """Whether rows are series: numbers behind a name of its own in each row, below V2, V3, .. or the like; or without
    names on top numbers that end sooner or later, also behind such names.
    """
    if form.name != "table" or form.separator is None or len(form.columns) <= LEAST_STEPS_NAMED:
        return False
    whole = sample_rows(path, form, encoding, SAMPLE)
    rows = [_filled(row) for row in whole]
    names = [row[0].strip() for row in rows if row]
    if not LEAST_ROWS_NAMED <= len(rows) == len(names):
        return False
    named = not any(map(sniff.is_any_number, names))
    if named and (len({*names, ""}) <= len(names) or dated_in_some_order(pl.Series(names))):
        return False
    values = [field for row in rows for field in row[named:]]
    if any(_number(field) is None and not sniff.is_missing(field) for field in values):
        return False
    if form.header:
        return named and _are_counted(form.columns[1:])
    ragged = sniff.usual_width(rows if named else whole)[1] < sniff.MANY
    return ragged and not any(map(sniff.is_missing, values))


def _filled(row: list[str]) -> list[str]:
    """Without empty fields at the end."""
    end = next((i for i in range(len(row), 0, -1) if not sniff.is_missing(row[i - 1])), 0)
    return row[:end]


def _are_counted(names: tuple[str, ...]) -> bool:
    """Whether these are V2, V3, .. or t1, t2, .. or 1, 2, .."""
    found = [COUNTED.fullmatch(name) for name in names]
    if not all(found):
        return False
    first = int(found[0][2])
    return all((one[1], int(one[2])) == (found[0][1], first + i) for i, one in enumerate(found))


def _is_label(text: str) -> bool:
    """A word, or a number that is whole however it is written: 1, -1, 1.0000000e+00."""
    number = _number(text)
    return not sniff.is_missing(text) and (number is None or number.is_integer())


def _number(text: str) -> float | None:
    """With a point or a comma, groups of thousands and all."""
    found = bare(text, ".") or bare(text, ",")
    return float(found[0]) if found else None
