"""Which keys of JSON objects hold a text and its labels, one or a list of them, where nobody names them."""

from typing import Any

from rnncli.readers import sniff
from rnncli.readers.objects import first_values
from rnncli.readers.text_guess import LABEL_NAME, Labelled, are_labels, are_texts

SEQUENCE = "x"  # where it stands, no other key is guessed
TWICE = 2  # on average there is each label of a usual name


def text_and_labels(path: str, encoding: str, answer: str, numbers: bool = False) -> Labelled | None:
    """The only key of texts, and the `answer`, labels or `numbers`; without one the only key of a usual name, or else
    of lists, whose values come again as labels do.
    """
    values = first_values(sniff.sample_lines(sniff.read_sample(path), encoding))
    objects = [value for value in values if isinstance(value, dict)]
    keys = dict.fromkeys(key for one in objects for key in one)
    columns = {key: [one[key] for one in objects if one.get(key) is not None] for key in keys}
    texts = [key for key, found in columns.items() if key != answer and _are_texts(found, len(objects))]
    if SEQUENCE in keys or len(texts) != 1 or answer and answer not in keys:
        return None
    if answer:
        return Labelled(texts[0], answer) if numbers or _are_labels(answer, columns[answer]) else None
    labels = [key for key, found in columns.items() if key not in texts and _are_labels(key, found)]
    usual = [key for key in labels if LABEL_NAME.fullmatch(key)]
    labels = usual or [key for key in labels if isinstance(columns[key][0], list)]
    return Labelled(texts[0], labels[0]) if len(labels) == 1 else None


def _are_texts(found: list[Any], count: int) -> bool:
    return len(found) >= sniff.MANY * count and all(isinstance(one, str) for one in found) and are_texts(found)


def _are_labels(key: str, found: list[Any]) -> bool:
    """Of lists all their values; of a usual name there may be many kinds, of which few come again in the first rows."""
    every = [label for one in found for label in (one if isinstance(one, list) else [one])]
    if not every or not all(isinstance(label, str | int) for label in every):
        return False
    come_again = len({*every}) <= len(every) / TWICE
    lists = all(isinstance(one, list) for one in found)
    return come_again if LABEL_NAME.fullmatch(key) and lists else are_labels([*map(str, every)])
