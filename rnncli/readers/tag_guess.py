"""Which files hold words with tags, though nobody says so, where the tags mark no chunks; and which hold them in a form
that is not read.
"""

from collections.abc import Iterable

from rnncli.errors import RnncliError, note
from rnncli.readers.slashed import LEAST_LINES, LEAST_TAGS, MARKS, TAGS, TOKENS_A_TAG, is_slashed, words_of
from rnncli.readers.sniff import MANY, shortened, usual_width
from rnncli.readers.source import display
from rnncli.readers.tagged_sample import has_sentences, is_blank, tagged_rows

MEND = "write a word and its tag a line, and an empty line behind each sentence, to learn the tags"
UNEVEN = 2  # words more or fewer than tags, such as a mark at the end of a sentence that has no tag


def word_and_tag(lines: list[str], at: int = -1) -> str:
    """The first token and its tag, The DT, of sentences between empty lines; "" if these are none.

    All lines have one number of columns. The tags, in the one `at` that place, look like some, are few, and come again;
    another column has more different words.
    """
    if not has_sentences(lines, MANY):
        return ""
    rows = tagged_rows(lines)
    width = usual_width(rows)[0]
    rows = [row for row in rows if len(row) == width]
    ends = sum(is_blank(line) for line in lines)
    if ends < LEAST_LINES or not _are_tags(row[at] for row in rows):
        return ""
    words = max(len({row[i] for row in rows}) for i in range(width))
    return f"{rows[0][0]} {rows[0][-1]}" if words > len({row[at] for row in rows}) else ""


def small_letters(lines: list[str]) -> str:
    """The first word of lines whose words end like The_dt, which may be tags; "" if these are none."""
    found = any(is_slashed(lines, mark, TAGS["/"]) for mark in MARKS)
    return words_of(next(filter(str.strip, lines)))[0] if found else ""


def tags_behind_tab(lines: list[str]) -> str:
    """The first of lines that are a sentence and, behind a tab, its tags; "" if these are none."""
    pairs = [line.split("\t") for line in lines if not is_blank(line)]
    cut = [(words_of(pair[0]), words_of(pair[1])) for pair in pairs if len(pair) == 2]
    cut = [(words, tags) for words, tags in cut if abs(len(words) - len(tags)) <= UNEVEN]
    several = sum(min(len(words), len(tags)) > 1 for words, tags in cut)
    if len(pairs) < LEAST_LINES or len(cut) < MANY * len(pairs) or 2 * several < len(pairs):
        return ""
    tags = [tag for _, found in cut for tag in found]
    words = {word for found, _ in cut for word in found}
    likely = len({*tags}) <= len(tags) / TOKENS_A_TAG and len(words) > len({*tags}) > 1
    return shortened(next(line for line in lines if not is_blank(line))) if likely else ""


def note_tags(place: str, lines: list[str]) -> None:
    """Say what of a file that is read as text may be tags."""
    if word := small_letters(lines):
        note(f"{place}: read as text; if its words end with tags, as in {word}, --task tag learns them")
    elif pair := word_and_tag(lines, at=0):
        note(f"{place}: read as text; if each line is a tag and its word, as in {pair}, --task tag --tag 1 learns them")
    elif line := tags_behind_tab(lines):
        note(f"{place}: read as text; if there are tags behind the tab, as in {line}: {MEND}")


def refuse_tags_behind_tab(path: str, lines: list[str]) -> None:
    """RnncliError for such a file, which is said to be tagged."""
    if line := tags_behind_tab(lines):
        raise RnncliError(f"{display(path)}:1: a sentence with its tags behind a tab: {MEND}: {line}")


def _are_tags(tags: Iterable[str]) -> bool:
    """Whether they look like tags, are few, and come again."""
    found = [*tags]
    alike = sum(TAGS["/"].fullmatch(tag) is not None for tag in found)
    return alike >= MANY * len(found) and LEAST_TAGS <= len({*found}) <= len(found) / TOKENS_A_TAG
