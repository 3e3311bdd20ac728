"""Which columns of a table are texts and their labels, where nobody names them: it shows itself in the first rows."""

import re
from dataclasses import dataclass

from rnncli.data import polars as pl
from rnncli.readers import sniff
from rnncli.readers.first_rows import first_rows
from rnncli.readers.form import Form

TEXTS = (
    "texts?|sentences?|messages?|reviews?|comments?|tweets?|contents?|body|documents?|docs?|questions?|queries|query"
    "|sequences?|seq|dna|rna|protein"
)
LABELS = "labels?|class|classes|category|categories|sentiment|intent|topic|target|spam|language|lang"
#: review, review_text, text_en; sentiment, label_name
TEXT_NAME = re.compile(rf"({TEXTS})([\W_]\w+)?", re.IGNORECASE)
LABEL_NAME = re.compile(rf"({LABELS})([\W_]\w+)?", re.IGNORECASE)
LETTERS = re.compile(r"[A-Z*-]{12,}|[a-z*-]{12,}")  # one for each base or amino acid
WORDS_A_TEXT = 3  # on average
ROWS_A_LABEL = 4  # on average
DISTINCT = 0.5  # of the texts: they hardly come again


@dataclass(frozen=True)
class Labelled:
    """The columns, by name, or by number where none names them."""

    text: str
    label: str


def text_and_label(path: str, form: Form, encoding: str) -> Labelled | None:
    """Of two columns of words: one of texts of several words, one of few values. Of more: one each of a usual name."""
    if form.name != "table" or len(form.columns) < 2:
        return None
    head = first_rows(path, form, encoding).select(pl.col(pl.String)).fill_null("")
    columns, names = {name: head[name].to_list() for name in head.columns}, head.columns
    if len(names) < 2:
        return None
    tops = names if form.header else [values[0].strip() for values in columns.values() if values]
    texts, labels = ([i for i, top in enumerate(tops) if name.fullmatch(top)] for name in (TEXT_NAME, LABEL_NAME))
    titled = not form.header and len(texts) == len(labels) == 1  # words on top of words
    if titled or len(form.columns) > 2:
        found = [*texts, *labels] if len(texts) == len(labels) == 1 else None
    else:
        found = [0, 1] if _are_labelled(*columns.values()) else [1, 0]
    if found is None or not _are_labelled(*(columns[names[i]][titled:] for i in found)):
        return None
    return Labelled(*((tops if titled else names)[i] for i in found))


def text_beside(path: str, form: Form, encoding: str, label: str) -> str | None:
    """The column of texts that these labels are of: the only one beside them that is no numbers."""
    if form.name != "table" or label not in form.columns:
        return None
    head = first_rows(path, form, encoding).fill_null("")
    columns = head.select(pl.col(pl.String)).drop(label, strict=False)
    words = [column for column in columns if not all(sniff.is_number(text, False) for text in column)]
    if len(words) != 1 or not _are_labelled(words[0].to_list(), head[label].cast(pl.String).to_list()):
        return None
    return words[0].name


def _are_labelled(texts: list[str], labels: list[str]) -> bool:
    """Whether the ones are texts of several words, or sequences of letters as those of a protein, that hardly come
    again, the others labels that do.
    """
    count, kinds = len(texts), len(set(labels))
    if count < 2 * ROWS_A_LABEL or not 1 < kinds <= count / ROWS_A_LABEL or any(map(sniff.is_missing, labels)):
        return False
    words = sum(len(text.split()) for text in texts)
    several = words >= WORDS_A_TEXT * count or all(LETTERS.fullmatch(text.strip()) for text in texts)
    return several and len(set(texts)) > DISTINCT * count
