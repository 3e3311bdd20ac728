"""Names of what a calendar counts, months or days of the week, in several languages, full and shortened.

A tag says which: fr full names, fr1 the first way to shorten them, fr1a without accents, fr1. with a point behind what
is shortened.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property

TAG = re.compile(r"([a-z]{2}\d?)(a?)(\.?)")


class CalendarNames:
    """Made of the names of each language in their order, parted by blanks: full, then shortened in one way or more."""

    def __init__(self, languages: Mapping[str, tuple[str, ...]]):
        self.languages = languages

    @cached_property
    def sets(self) -> dict[str, list[str]]:
        """The names by their tags; those without accents come last."""
        each = self.languages.items()
        sets = {f"{tag}{i or ''}": text.split() for tag, texts in each for i, text in enumerate(texts)}
        return sets | {f"{tag}a": [_plain(name) for name in names] for tag, names in sets.items()}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {_bare(name): i for names in self.sets.values() for i, name in enumerate(names, 1)}

    def number_of(self, word: str) -> int:
        """The number, from 1 on, of what a word of any of these languages names; 0 if it names nothing."""
        return self._numbers.get(_bare(word), 0)

    def tag_of(self, words: Iterable[str], usual: str = "") -> str | None:
        """The `usual` tag, or the first, whose names include all these words; None if they are of no one language."""
        found = {word.lower() for word in words}
        names = {word.rstrip(".") for word in found}
        tags = [usual.rstrip(".")] * bool(usual) + [*self.sets]
        tag = next((tag for tag in tags if names <= set(map(str.lower, self.sets[tag]))), None)
        return tag and tag + "." * (tag == usual.rstrip(".") != usual or any(word.endswith(".") for word in found))

    def name_of(self, number: int, tag: str) -> str:
        """The name of a number, from 1 on; ValueError for a tag that is none."""
        found = TAG.fullmatch(tag)
        if not found or found[1] + found[2] not in self.sets:
            raise ValueError(tag)
        name, full = (self.sets[which + found[2]][number - 1] for which in (found[1], found[1][:2]))
        return name + found[3] * (len(name) < len(full))


def _bare(word: str) -> str:
    """In small letters, without accents and a point at the end."""
    letters = unicodedata.normalize("NFKD", word.lower().rstrip("."))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _plain(name: str) -> str:
    return _bare(name).capitalize() if name[0].isupper() else _bare(name)
