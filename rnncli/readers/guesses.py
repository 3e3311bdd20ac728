"""What is read in the columns of numbers of a file though it is no plain number: counted, and said at its end."""

from rnncli.data import polars as pl
from rnncli.errors import note
from rnncli.readers.numerals import Style
from rnncli.readers.source import display


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
