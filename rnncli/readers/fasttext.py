"""Lines of fastText: words, and labels among them, which begin with `__label__`; anywhere in the line, any number.

Words end where fastText's do: at a blank, tab, line end, vertical tab, form feed, carriage return or NUL, no other
space of Unicode (Dictionary::readWord of fastText 0.9.2). A line without a label teaches nothing, and is left out as
there.
"""

import re
from collections.abc import Iterable, Iterator

from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers.source import display, row_lines

PREFIX = "__label__"
QUOTED = f'"{PREFIX}'  # as programs write it that make a CSV of the lines
SPACE = " \t\n\v\f\r\0"
LABEL = re.compile(f"{PREFIX}(?<![^{SPACE}]{PREFIX})([^{SPACE}]*)[{SPACE}]*")  # where a word begins
MOST = 0.5  # of the lines have labels: then labels are what the file is made of
FEW = 0.05  # a text that speaks of them; what is in between is for the user to say


def cut(line: str) -> tuple[tuple[str, ...] | None, str]:
    """The labels of a line, each once, or None; and the line without them."""
    alone = LABEL.match(line)
    if alone and line.find(PREFIX, alone.end()) < 0:  # most lines
        return (alone[1],), line[alone.end() :].strip(SPACE)
    parts = LABEL.split(line)  # texts, and between them labels
    return tuple(dict.fromkeys(parts[1::2])) or None, "".join(parts[::2]).strip(SPACE)


def records(path: str, encoding: str, answered: bool) -> Iterator[tuple[int, str, str, tuple[str, ...] | None]]:
    """(number, line, text, labels or None) of each line; `answered`: what is without a label and empty is left out."""
    for at, line in enumerate(row_lines(path, encoding), 1):
        labels, text = cut(line)
        if labels and "" in labels:
            raise RnncliError(f"{display(path)}:{at}: {PREFIX} without a name, expected {PREFIX}NAME")
        if text or labels or not answered:
            yield at, line, text, labels


def only_labelled(path: str, rows: list) -> list:
    """Of these records those with labels; how many have none is said."""
    without = [row for row in rows if not row[3]]
    if not without or len(without) == len(rows):
        return rows
    count = f"{len(without):,} of {len(rows):,} lines"
    note(f"{display(path)}:{without[0][0]}: no label: {count} left out, {PREFIX}NAME is missing there")
    return [row for row in rows if row[3]]


def is_every(lines: list[str]) -> bool:
    """Whether each line that is not empty has a label, as a file must that may be a table too: one with labels that
    hold a comma, all of them, is one by commas.
    """
    found = [LABEL.search(line) for line in lines if line.strip(SPACE)]
    return bool(found) and all(found) and not all("," in label[1] for label in found)


def is_most(path: str, lines: list[str], apart: bool = False) -> bool:
    """Whether at least half of the lines have labels. UsageError if it is neither that nor next to none, unless rows of
    columns, or the user, tell what it is: that sets `apart`.
    """
    texts = [(at, line) for at, line in enumerate(lines, 1) if line.strip(SPACE)]
    labelled = [at for at, line in texts if LABEL.search(line)]
    quoted = [at for at, line in texts if line.startswith(QUOTED)]
    if not apart and len(quoted) > MOST * len(texts):
        raise UsageError(
            f"{display(path)}:{quoted[0]}: a quote before {PREFIX}, so it is no label of fastText: remove the quotes "
            "around the lines, or use --format text to read all as text"
        )
    if not apart and FEW * len(texts) < len(labelled) < MOST * len(texts):
        raise UsageError(
            f"{display(path)}:{labelled[0]}: {PREFIX} in {len(labelled):,} of the first {len(texts):,} lines, expected "
            "it in most of them or in next to none: use --format labelled to learn from the lines that have labels, "
            "or --format text to read all as text"
        )
    return bool(labelled) and len(labelled) >= MOST * len(texts)


def watched(path: str, blocks: Iterable[str | bytes]) -> Iterator[str | bytes]:
    """The same blocks of a file that is read as text; the first label that went by is told at the end."""
    line, rest, found = 1, "", None
    for block in blocks:
        if found is None:
            here = rest + (block if isinstance(block, str) else block.decode("latin-1"))
            if PREFIX in here:
                found = LABEL.search(here)
            cut = found.start() if found else max(0, len(here) - len(PREFIX))
            line, rest = line + here.count("\n", 0, cut), here[cut:]
            rest = rest[1:] if rest == PREFIX else rest  # it is none: what was before it is not seen again
        yield block
    if found:
        note(
            f"{display(path)}:{line}: {PREFIX}, which marks a label of fastText, is read as text: "
            "--task classify learns such labels"
        )
