"""The numbers beside texts, in their usual notations, column by column as those of a table."""

import numpy as np

from rnncli.data import polars as pl
from rnncli.errors import RnncliError
from rnncli.readers.casting import note_style, open_points
from rnncli.readers.form import Form
from rnncli.readers.forms import open_number
from rnncli.readers.numerals import bare, style_of
from rnncli.readers.source import display

Answer = tuple[str, int, str]  # the path, the line and what stands there


def numbers(answers: list[Answer], form: Form, name: str, trains: bool) -> np.ndarray:
    """Those of column `name` in all files (rows,), by the form of training. RnncliError for one that is none, and where
    training reads them (`trains`) if their point may be a decimal mark as well as stand between thousands.
    """
    texts, place = [text for _, _, text in answers], display(answers[0][0])
    style = style_of(texts, "," if form.decimal_comma else ".", form.decimal, form.separator == ",")
    if trains:
        told = form.decimal_comma or form.decimal or form.separator == ","
        opened = {} if told or style.open else open_points(pl.DataFrame({"": texts}), form.separator == ";")
        if style.open or opened:
            raise open_number(place, style.open or opened[""], name)
        note_style(style, place, name, False)
    found = [style.read(text) for text in texts]
    for (path, at, text), number in zip(answers, found, strict=True):
        if number is None or not np.isfinite(number):
            other = style.mark and bare(text, style.decimal)
            expected = f"a number with {style.mark} as in other rows" if other else "a finite number to predict"
            raise RnncliError(f"{display(path)}:{at}: {text!r}, expected {expected}: correct it")
    return np.array(found, np.float64)
