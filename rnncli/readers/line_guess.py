"""Whether the lines of a text are entries, each by itself, as in a log, a chat or a list of names, or one text goes on
over them.
"""

import re
from statistics import median

MOST = 0.9  # of the lines
FEW = 0.05  # empty or indented ones: paragraphs, and blocks of code, go on over lines
LEAST = 8  # lines
WORDS, LENGTH = 3, 40  # of a short entry
DISTINCT = 0.5  # of short entries: a text with a word on each line has the same words again and again; but
CODES = 0.2  # of its lines are not letters and digits at once, as those of passwords and names of machines are
OTHERS, LONG = 0.06, 5  # of lines with numbers, different ones, and characters of codes: notes and moves have fewer
PLACES = 4  # words at the beginning of a line: one of them is a time, an address or a number
SPEAKER = re.compile(r".*:|<[^<>/]+>")  # a name before what is said
ENDS = tuple(".,;:?…。、，；：？")  # of sentences and their parts; passwords end with !


def are_entries(lines: list[str]) -> bool:
    """Whether nearly all lines have a number at the same place near the beginning, or begin with a speaker, or are a
    few words.
    """
    filled = [line for line in lines if line.strip()]
    indented = sum(line[0].isspace() for line in filled)
    if len(filled) < LEAST or len(lines) - len(filled) > FEW * len(lines) or indented > FEW * len(filled):
        return False
    words = [line.split() for line in filled]
    most = MOST * len(words)
    numbered = (sum(len(found) > place and _has_digit(found[place]) for found in words) for place in range(PLACES))
    spoken = sum(len(found) > 1 and bool(SPEAKER.fullmatch(found[0])) for found in words)
    dated = max(numbered) >= most and len(set(filled)) >= OTHERS * len(filled)
    return spoken >= most or dated or _are_short(filled)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _are_short(lines: list[str]) -> bool:
    """Whether nearly all are a few words, which do not end as sentences do, and are codes or do not come again and
    again.
    """
    short = sum(len(line) <= LENGTH and len(line.split()) <= WORDS for line in lines)
    ended = sum(line.rstrip().endswith(ENDS) for line in lines)
    count = len(lines)
    own = len(set(lines)) >= DISTINCT * count or _are_codes(lines)
    return short >= MOST * count and ended <= (1 - MOST) * count and own


def _are_codes(lines: list[str]) -> bool:
    """Whether many are single words of letters and digits, of many kinds."""
    words = [found[0] for found in map(str.split, lines) if len(found) == 1]
    codes = [word for word in words if _has_digit(word) and any(map(str.isalpha, word))]
    if len(codes) < max(1, CODES * len(lines)):
        return False
    return len(set(codes)) >= OTHERS * len(lines) and median(map(len, codes)) >= LONG
