"""`sep=;` on the first line of a file of separated fields, as Excel writes and reads it: no row."""

import re
from collections.abc import Iterable, Iterator

SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


def told_separator(lines: list[str]) -> str | None:
    """The one that the first line which is not empty names."""
    first = next(filter(str.strip, lines), "")
    found = SEPARATOR_LINE.fullmatch(first.strip())
    return found[1] if found else None


def below_it(lines: Iterable[str]) -> Iterator[str]:
    """The lines with an empty one in place of that line, so that their numbers stay."""
    lines = iter(lines)
    for line in lines:
        yield "" if SEPARATOR_LINE.fullmatch(line.strip()) else line
        if line.strip():
            break
    yield from lines
