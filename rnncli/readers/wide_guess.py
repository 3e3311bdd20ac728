"""Whether a table without names holds a sequence a row behind its label, as the files of the UCR archive do: the first
rows show it.
"""

from rnncli.readers import sniff
from rnncli.readers.form import Form
from rnncli.readers.forms import sample_rows

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
    labels, values = [row[0].strip() for row in rows], [field for row in rows for field in row[1:]]
    if len(rows) < LEAST_ROWS or not all(map(_is_label, labels)):
        return False
    there = [field for field in values if not sniff.is_missing(field)]
    fractions = sum(map(_is_fraction, there))
    few = 1 < len(set(labels)) <= len(labels) / ROWS_A_LABEL
    return few and all(map(sniff.is_any_number, there)) and fractions >= FRACTIONS * len(there)


def _is_label(text: str) -> bool:
    """A word, or a number that is whole however it is written: 1, -1, 1.0000000e+00."""
    return not sniff.is_missing(text) and not _is_fraction(text)


def _is_fraction(text: str) -> bool:
    return sniff.is_any_number(text) and not float(text.replace(",", ".")).is_integer()
