"""What a file of separated fields says of itself: `sep=;` on its first line, as Excel writes and reads it, or bars and
rules around the fields (`drawn.py`). These are no rows.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from rnncli.readers.drawn import BAR, Drawn

SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
HEAD = 3  # lines that hold something and show how a table is drawn


def told_separator(lines: list[str]) -> str | None:
    """The one that the first line which is not empty names, or that of a table which is drawn."""
    first = next(filter(str.strip, lines), "")
    found = SEPARATOR_LINE.fullmatch(first.strip())
    return found[1] if found else BAR if Drawn.of(lines) else None


def below_it(lines: Iterable[str]) -> Iterator[str]:
    """The lines with an empty one in place of that line, or of rules, so that their numbers stay."""
    lines, head = iter(lines), list[str]()
    for line in lines:
        head.append("" if SEPARATOR_LINE.fullmatch(line.strip()) and not any(map(str.strip, head)) else line)
        if sum(bool(line.strip()) for line in head) == HEAD:
            break
    drawn, lines = Drawn.of(head), chain(head, lines)
    yield from map(drawn.plain, lines) if drawn else lines
