"""Words of a text, and which rule cuts them; a model keeps the rule that it was trained by.

A word is letters, digits and underscores with the combining marks on them (the vowel signs of Hindi and Thai, points of
Arabic and Hebrew, accents of decomposed Latin letters), joiners and other format characters between them: what `\\w` of
UTS #18, Annex C is. A mark of punctuation is a word of its own, with what combines with it, as ❤ with U+FE0F; what a
zero-width joiner joins is one, and so are the two letters of a flag (UAX #29, WB4 and WB15). Blanks around a text are
no part of it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

MARKED = "marked"  # the rule above
PLAIN = ""  # that of models of before: words are cut at combining marks, and blanks around texts are characters

UNMARKED = re.compile(r"\w+|[^\w\s]")  # cuts texts without combining marks, and all of them by the rule PLAIN
JOINER = "\u200d"
FLAGS = ("\U0001f1e6", "\U0001f1ff")  # regional indicators, two of which are a flag
FLAG = f"[{'-'.join(FLAGS)}]{{2}}"
TONES = ("\U0001f3fb", "\U0001f3ff")  # of skin, behind an emoji
SPACE = "\u200b"  # of no width, and yet a space


def cutter(texts: Iterable[str], rule: str = MARKED) -> Callable[[str], list[str]]:
    """A function from each of these texts to its words. Which marks there are is seen once: small classes are fast."""
    if rule == PLAIN:
        return UNMARKED.findall
    there = set().union(*(text for text in texts if not text.isascii()))
    found = {c for c in there if combines(c)}
    if not found and not any(FLAGS[0] <= c <= FLAGS[1] for c in there):
        return UNMARKED.findall
    marks = "".join(map(re.escape, sorted(found | {JOINER})))
    return re.compile(rf"\w[\w{marks}]*|{FLAG}[{marks}]*|[^\w\s][{marks}]*(?:(?<={JOINER})[^\w\s][{marks}]*)*").findall


def combines(character: str) -> bool:
    """Whether it belongs to the character before it: a combining mark, a joiner, a format character, a tone of skin."""
    kind = unicodedata.category(character)
    return TONES[0] <= character <= TONES[1] or kind in ("Mn", "Mc", "Me") or (kind == "Cf" and character != SPACE)


def inside(texts: list[str], rule: str = MARKED) -> list[str]:
    """The texts without blanks around them."""
    return texts if rule == PLAIN else [text.strip() for text in texts]
