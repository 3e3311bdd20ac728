"""Which columns of a table are texts and their labels, where nobody names them: it shows itself in the first rows."""

import re
from dataclasses import dataclass

from rnncli.data import polars as pl
from rnncli.data.times.stamp_forms import dated_in_some_order
from rnncli.data.words import parted
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
LETTERS_A_TEXT = 6  # on average, of scripts that part no words
WORDS_A_PHRASE = 1.5  # on average
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


def text_beside(
    path: str, form: Form, encoding: str, answer: str, numbers: bool = False
) -> tuple[str, list[str]] | None:
    """The column of texts that these labels, or `numbers`, are of: the only one beside them whose values are several
    words that hardly come again, and no dates; and the other columns of words.
    """
    if form.name != "table" or answer not in form.columns:
        return None
    head = first_rows(path, form, encoding).fill_null("")
    columns = head.select(pl.col(pl.String)).drop(answer, strict=False)
    words = [column for column in columns if not all(sniff.is_number(text, False) for text in column)]
    names = [one.name for one in words if _are_phrases(one.to_list()) and not dated_in_some_order(one)]
    if len(names) != 1 or not are_texts(head[names[0]].to_list()):
        return None
    answers = head[answer].cast(pl.String).to_list()
    if not (len({*answers}) > 1 if numbers else are_labels(answers)):  # of a file that is one sequence all are one
        return None
    return names[0], [one.name for one in words if one.name != names[0] and any(map(str.strip, one))]


def _are_phrases(texts: list[str]) -> bool:
    """Whether they hardly come again, and have more than a word, or letters, as texts and titles do."""
    words = sum(len(text.split()) for text in texts)
    return len(set(texts)) > DISTINCT * len(texts) and (words >= WORDS_A_PHRASE * len(texts) or are_texts(texts))


def _are_labelled(texts: list[str], labels: list[str]) -> bool:
    """Whether the ones are texts, the others labels."""
    return are_labels(labels) and are_texts(texts)


def are_labels(labels: list[str]) -> bool:
    """Whether they come again; the reader complains of the few that are missing."""
    there = [label for label in labels if not sniff.is_missing(label)]
    count, kinds = len(there), len(set(there))
    return len(labels) * sniff.MANY <= count >= 2 * ROWS_A_LABEL and 1 < kinds <= count / ROWS_A_LABEL


def are_texts(texts: list[str]) -> bool:
    """Whether they have several words, or are of letters that no blanks part, as those of a protein and of Chinese, and
    hardly come again.
    """
    words = sum(len(text.split()) for text in texts)
    several = words >= WORDS_A_TEXT * len(texts) or all(LETTERS.fullmatch(text.strip()) for text in texts)
    several = several or (not parted(texts) and sum(map(len, texts)) >= LETTERS_A_TEXT * len(texts))
    return several and len(set(texts)) > DISTINCT * len(texts)
