"""Words with their tags behind a slash, a sentence a line, as the Brown corpus has them: `The/at dog/nn barks/vbz ./.`
Or behind an underscore, as taggers write them: `The_DT dog_NN barks_VBZ ._.`

The last such mark of a token parts it, so that words may hold others: `1/2/cd`.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from rnncli.errors import RnncliError, note
from rnncli.readers.sniff import BLANKS, MANY
from rnncli.readers.source import display

MARKS = {"/": "a slash", "_": "an underscore", "|": "a bar"}
CAPITALS = re.compile(r"[A-Z][A-Z0-9$*+=~:-]{0,19}|[^\w\s]{1,3}")
#: what a tag looks like: of letters first, or of punctuation; behind an underscore of capitals, since a_name is none
TAGS = {
    "/": re.compile(r"[^\W\d_][\w$*+|=~-]{0,19}|[^\w\s/]{1,3}"),
    "_": CAPITALS,
    "|": CAPITALS,
}
LEAST_LINES, LEAST_WORDS = 8, 3  # of a file that nobody explains; words of a line, on average
LEAST_TAGS, TOKENS_A_TAG = 3, 4  # different ones; tokens for each, on average
KNOWN = 0.5  # of the tags of a file to predict: else what stands behind its slashes is no tag

Fields = list[str] | str | None


def cut(token: str, mark: str) -> list[str] | None:
    """The word and its tag; None if one of them is missing."""
    word, _, tag = token.rpartition(mark)
    return [word, tag] if word and tag else None


def words_of(line: str) -> list[str]:
    """What blanks and tabs part."""
    return BLANKS.split(line.strip(" \t")) if line.strip(" \t") else []


def has_tags(lines: Iterable[str], mark: str) -> bool:
    """Whether nearly all tokens have a tag, and most lines several of them; for a file that is said to be tagged."""
    filled = [words for line in lines if (words := words_of(line))]
    tokens = [token for words in filled for token in words]
    several = sum(len(words) > 1 for words in filled)
    tagged = sum(cut(token, mark) is not None for token in tokens)
    return bool(tokens) and 2 * several > len(filled) and tagged >= MANY * len(tokens)


def said_mark(lines: list[str]) -> str:
    """What stands before the tags of a file that is said to be tagged; "" if it has columns."""
    return next((mark for mark in MARKS if has_tags(lines, mark)), "")


def found_mark(lines: list[str]) -> str:
    """The same of a file of which nobody says what it is; "" if its tags do not look like some."""
    return next((mark for mark in MARKS if is_slashed(lines, mark)), "")


def is_slashed(lines: Iterable[str], mark: str, looks: re.Pattern | None = None) -> bool:
    """Whether the tags of a file of which nobody says what it is look like some, are few, and come again. They look
    like those behind the mark, or as `looks` says.

    Paths, addresses, fractions and dates have more slashes, digits behind them, or nothing that comes again.
    """
    filled = [words for line in lines if (words := words_of(line))]
    tokens = [token for words in filled for token in words]
    if len(filled) < LEAST_LINES or len(tokens) < LEAST_WORDS * len(filled):
        return False
    looks = looks or TAGS[mark]
    pairs = [pair for token in tokens if (pair := cut(token, mark)) and looks.fullmatch(pair[1])]
    plain = [pair for pair in pairs if mark not in pair[0].strip(mark)]
    vocabulary, tags = ({pair[i] for pair in plain} for i in (0, 1))
    return (
        len(plain) >= MANY * len(tokens)
        and LEAST_TAGS <= len(tags) <= len(plain) / TOKENS_A_TAG
        and len(vocabulary) > len(tags)
    )


def is_answered(path: str, lines: list[str], mark: str, tags: Collection[str]) -> bool:
    """Whether the tokens of a file to predict have tags, most of them those of training; other tags are said."""
    if not has_tags(lines, mark):
        return False
    pairs = [pair for line in lines for token in words_of(line) if (pair := cut(token, mark))]
    if sum(pair[1] in tags for pair in pairs) >= KNOWN * len(pairs):
        return True
    unknown = next(tag for _, tag in pairs if tag not in tags)
    note(
        f"{display(path)}: what stands behind {mark} in its words was mostly no tag in training (such as "
        f"{unknown}): it is read as a part of the words; remove it if these are tags of another set"
    )
    return False


def fields(path: str, lines: Iterable[tuple[int, str]], mark: str, tagged: bool) -> Iterator[tuple[int, Fields]]:
    """The number of each line with the fields of its tokens, one after the other, and then None; or with an empty text
    for an empty line.
    """
    for at, line in lines:
        tokens = words_of(line)
        for token in tokens:
            pair = cut(token, mark) if tagged else [token]
            if pair is None:
                raise RnncliError(
                    f"{display(path)}:{at}: {token!r} has no tag, expected WORD{mark}TAG as at the other words: "
                    "add the tag, or join what belongs to one word"
                )
            yield at, pair
        yield at, None if tokens else ""
