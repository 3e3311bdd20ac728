"""How long a line may be: what never ends is refused before it fills the memory. `--longest-line` sets it."""

import csv

from rnncli.errors import RnncliError

MILLION = 1_000_000
DEFAULT = 64  # millions of characters
SAMPLE = 1 << 25  # characters, more than is ever looked at to see what a file is
RAISE = "or raise --longest-line"

QUOTE, CLOSE = "a quote opens a field", "close the quote"


class Longest:
    """The limit of the command at work, in characters, or in bytes where a line is read as bytes."""

    line = DEFAULT * MILLION

    @classmethod
    def begin(cls, millions: float) -> float:
        """From now on, for all files; a field in quotes, which may span lines, has the same limit."""
        cls.line = int(millions * MILLION)
        csv.field_size_limit(max(cls.line, SAMPLE))
        return millions

    @classmethod
    def named(cls) -> str:
        """As messages say it."""
        millions = cls.line / MILLION
        return f"{millions:g} million characters" if millions >= 1 else f"{cls.line} characters"


Longest.begin(DEFAULT)


def too_long(path: str, line: int, what: str, mend: str) -> RnncliError:
    """For a line, or a part of one, that goes on beyond the limit; `path` as messages show it."""
    return RnncliError(f"{path}:{line}: {what} of more than {Longest.named()}: {mend}, {RAISE}")


def unclosed(path: str, line: int, error: csv.Error) -> RnncliError:
    """For a quote that `csv` finds no end of."""
    if "field limit" in str(error):
        return too_long(path, line, QUOTE, CLOSE)
    return RnncliError(f"{path}:{line}: a quote is never closed ({error}): close it, or double quotes inside quotes")
