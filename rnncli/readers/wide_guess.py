"""Whether a table without names holds a sequence a row behind its label, as the files of the UCR archive do: the first
rows show it.
"""

from rnncli.readers import sniff
from rnncli.readers.form import Form
from rnncli.readers.forms import sample_rows
from rnncli.readers.numerals import bare

SAMPLE = 1 << 20  # bytes: rows are long, and a label may come again late
LEAST_STEPS = 12
LEAST_ROWS = 8
ROWS_A_LABEL = 2  # on average
FRACTIONS = 0.5  # of the values, at least, are no whole numbers: counts stand in tables of another kind


def has_labels_first(path: str, form: Form, encoding: str) -> bool:
    """Whether the first column has few whole numbers or words that come again, and all others measured values."""
    if form.name != "table" or form.header or form.separator is None:
        return False
    rows = sample_rows(path, form, encoding, SAMPLE) if len(form.columns) > LEAST_STEPS else []
    labels = [row[0].strip() for row in rows]
    if len(rows) < LEAST_ROWS or not all(map(_is_label, labels)):
        return False
    there = [_number(field) for row in rows for field in row[1:] if not sniff.is_missing(field)]
    numbers = [number for number in there if number is not None]
    fractions = sum(not number.is_integer() for number in numbers)
    few = 1 < len(set(labels)) <= len(labels) / ROWS_A_LABEL
    return few and len(numbers) == len(there) and fractions >= FRACTIONS * len(there)


def _is_label(text: str) -> bool:
    """A word, or a number that is whole however it is written: 1, -1, 1.0000000e+00."""
    number = _number(text)
    return not sniff.is_missing(text) and (number is None or number.is_integer())


def _number(text: str) -> float | None:
    """With a point or a comma, groups of thousands and all."""
    found = bare(text, ".") or bare(text, ",")
    return float(found[0]) if found else None
