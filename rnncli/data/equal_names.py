"""Equal names of series, labels and categories: 1.0 is 1, as pandas writes it once a value is missing, and so is +1."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

WHOLE = re.compile(r"(?:\+(?=\d))?(-?\d+)(?:\.0*)?", re.ASCII)
TRUTHS = ("true", "false")


def plain_name(text: str) -> str:
    """The one name of all that are the same."""
    if found := WHOLE.fullmatch(text):
        return "0" if found[1] == "-0" else found[1]
    return text.lower() if text.lower() in TRUTHS else text


def plain_names(texts: list[str | None]) -> list[str | None]:
    """Of many, mostly those of which nothing is to be changed."""
    return [
        text
        if not text or text.isdigit() or not (text[-1] in ".0" or text[0] == "+" or text.lower() in TRUTHS)
        else plain_name(text)
        for text in texts
    ]


def look_alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of them that differ in case, in blanks or in how their letters are coded alone."""
    first: dict[str, str] = {}
    pairs = [
        (first.setdefault("".join(unicodedata.normalize("NFKC", name).casefold().split()), name), name)
        for name in names
    ]
    return [pair for pair in pairs if pair[0] != pair[1]]


def first_spelling() -> Callable[[str], str]:
    """A function from a name to how the first of those that are the same is written."""
    first: dict[str, str] = {}
    return lambda name: first.setdefault(plain_name(name), name)


def joined(
    old: list[str], new: list[str], same: Callable[[str], str] = plain_name, only_new: bool = False
) -> list[str]:
    """All of the old names and behind them the new ones that they lack; or `only_new` ones, as the old ones write them.
    `same` gives the one name of all that are the same.
    """
    known = {same(name): name for name in old}
    if only_new:
        return [known.get(same(name), name) for name in new]
    return [*old, *(name for name in new if same(name) not in known)]


class ByName(dict):
    """A dictionary whose keys are such names."""

    def __init__(self, pairs: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__((plain_name(name), value) for name, value in dict(pairs).items())

    def __contains__(self, name: Any) -> bool:
        return super().__contains__(plain_name(name))

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(plain_name(name))

    def __ior__(self, other: Any) -> "ByName":  # type: ignore[misc] # of dictionaries
        self.update((plain_name(name), value) for name, value in other.items())
        return self

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dictionary."""
        return super().get(plain_name(name), default)
