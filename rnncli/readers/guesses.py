"""What is read in the columns of numbers of a file though it is no plain number, counted and said at its end; and what
may be meant otherwise.
"""

import re

from rnncli.data import polars as pl
from rnncli.errors import note
from rnncli.readers.numerals import Style, Writing
from rnncli.readers.source import display

NINES = re.compile(r"-?9{2,}(\.9+)?")  # -999, 9999, -99.9
LEAST, FEW = 2, 10  # times that nines above 0 stand there, and other numbers


class Guesses:
    """Counts texts of a file that are read as what they hardly can but mean: `..` as missing, `12.4 p` as 12.4."""

    def __init__(self, path: str):
        self.path = path
        self.found: dict[tuple[str, str], list] = {}  # where, what is made of it -> a text, what it is read as, count

    def count(self, where: str, texts: "pl.Series", style: Style) -> None:
        """Of a column, those texts that are no numbers as polars knows them."""
        counts = dict(texts.value_counts().iter_rows()) if len(texts) else {}
        for text in texts.unique(maintain_order=True):
            self.count_one(where, text, style, counts[text])

    def count_one(self, where: str, text: str, style: Style, times: int = 1) -> None:
        """A text that stands there so many times."""
        if read := style.guessed(text):
            self.found.setdefault((where, read.partition(",")[2]), [text.strip(), read, 0])[2] += times

    def add(self, other: "Guesses") -> None:
        """What was counted in a block."""
        for key, (text, read, times) in other.found.items():
            self.found.setdefault(key, [text, read, 0])[2] += times

    def say(self) -> None:
        """A line for each."""
        for (where, _), (text, read, times) in self.found.items():
            others = f", {times:,} such values in all" if times > 1 else ""
            note(f"{display(self.path)}: {text!r} in {where} is read as {read}{others}")


def note_sentinels(head: "pl.DataFrame", names: dict[str, str], place: str, writing: Writing) -> None:
    """Say that nines, far from all other numbers of a column, may stand for missing values: -9999 beside temperatures.

    `head` are the first rows, `names` of the columns by those of their series.
    """
    for series, name in names.items():
        texts = head[series].str.strip_chars() if head[series].dtype == pl.String else head[series]
        numbers = texts.cast(pl.Float64, strict=False).drop_nulls().drop_nans().to_numpy()
        for end in (numbers.min(), numbers.max()) if len(numbers) else ():
            if not NINES.fullmatch(f"{end:.15g}") or end in writing.sentinels:
                continue
            others, count = numbers[numbers != end], int((numbers == end).sum())
            if count < (LEAST if end > 0 else 1) or len(others) < count or len(others) < FEW:
                continue
            often = f"{count:,} times" if count > 1 else "once"
            low, high = others.min(), others.max()
            if max(low - end, end - high) > max(high - low, abs(high), abs(low)):
                note(
                    f"{place}: {end:.15g} in column {name}, {often} in the first rows, is far from all other "
                    f"numbers: --missing {end:.15g} if it stands for a missing value"
                )
