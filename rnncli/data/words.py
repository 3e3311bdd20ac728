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
#: Letters of scripts that part no words by blanks, and how many a run of them has on average at most where somebody has
#: cut them into words (Chinese and Japanese 1.5 to 2, Thai 4); katakana stands for single words of other languages.
UNPARTED = (
    ("\u3041-\u3096\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", 3),  # hiragana, Han
    ("\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u1049\u1780-\u17d3", 8),  # Thai, Lao, Myanmar, Khmer, with their marks
)
HALF = 0.5  # of the characters of texts that are in such a script


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


def parted(texts: list[str]) -> bool:
    """Whether blanks part the words of these texts, as those of Chinese, Japanese, Thai and the like do not, unless
    somebody has cut them into words: then what stands between blanks is a clause, which hardly comes again.
    """
    foreign = [text for text in texts if not text.isascii()]
    if len(foreign) < HALF * len(texts):
        return True
    size = sum(len(word) for text in texts for word in text.split())
    for letters, most in UNPARTED:
        runs = [len(run) for text in foreign for run in re.findall(f"[{letters}]+", text)]
        if sum(runs) >= HALF * size and sum(runs) > most * len(runs):
            return False
    return True


def combines(character: str) -> bool:
    """Whether it belongs to the character before it: a combining mark, a joiner, a format character, a tone of skin."""
    kind = unicodedata.category(character)
    return TONES[0] <= character <= TONES[1] or kind in ("Mn", "Mc", "Me") or (kind == "Cf" and character != SPACE)


def inside(texts: list[str], rule: str = MARKED) -> list[str]:
    """The texts without blanks around them."""
    return texts if rule == PLAIN else [text.strip() for text in texts]
