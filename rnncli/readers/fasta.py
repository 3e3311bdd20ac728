"""FASTA: a line `>name and more`, then a sequence of letters, cut into lines anywhere.

Source: Pearson and Lipman 1988, and the description of NCBI BLAST. Lines that begin with `;` are comments.
"""

import re
from collections.abc import Iterable, Iterator

from rnncli.errors import RnncliError
from rnncli.readers.longest import Longest, too_long
from rnncli.readers.source import display

NAME, COMMENT = ">", ";"
LETTERS = re.compile(r"[A-Za-z*.-]+")  # of nucleotides or amino acids, a stop, gaps


def is_fasta(lines: list[str]) -> bool:
    """Whether the first line that is no comment names a sequence, and all others are names or letters; and there are
    letters.
    """
    lines = [line.rstrip() for line in lines if line.strip() and not line.startswith(COMMENT)]
    letters = [line for line in lines if not line.startswith(NAME)]
    return bool(letters) and lines[0].startswith(NAME) and all(map(LETTERS.fullmatch, letters))


def sequences(path: str, lines: Iterable[str]) -> Iterator[str]:
    """The letters of each sequence as they stand, without their name, blanks and line ends."""
    parts: list[str] | None = None
    length = 0
    for at, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith(NAME):
            if parts is not None:
                yield "".join(parts)
            parts, length = [], 0
        elif line and not line.startswith(COMMENT):
            if parts is None:
                raise RnncliError(f"{display(path)}:{at}: letters without a name, expected >NAME above them")
            parts.append("".join(line.split()))
            length += len(parts[-1])
            if length > Longest.line:
                raise too_long(display(path), at, "a sequence", "use --format text")
    if parts is not None:
        yield "".join(parts)
