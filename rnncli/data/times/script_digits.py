"""Digits of other scripts than the Latin one, as Unicode has them: ٢٠٢٤ and ۲۰۲۴ are 2024."""

from rnncli.data import polars as pl

#: zeros of Arabic, Persian, Devanagari, Bengali, Gujarati, Tamil, Telugu, Thai, and of full width; 1 to 9 follow each
ZEROS = "\u0660\u06f0\u0966\u09e6\u0ae6\u0be6\u0c66\u0e50\uff10"
#: for str.translate
DIGITS = {ord(zero) + i: str(i) for zero in ZEROS for i in range(10)}
#: blanks that browsers and office programs write into times, before AM and PM for one
BLANKS = "\u00a0\u202f\u2009"
USUAL = {chr(code): digit for code, digit in DIGITS.items()} | dict.fromkeys(BLANKS, " ")


def with_usual_signs(texts: "pl.Series") -> "pl.Series":
    """The same texts with digits from 0 to 9 and plain blanks, if the first has others."""
    first = texts.drop_nulls().head(1)
    if not len(first) or first[0].isascii():
        return texts
    return texts.str.replace_many(list(USUAL), list(USUAL.values()))
