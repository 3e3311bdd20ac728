"""Names of months in other languages than English, full and shortened, as CLDR has them or spreadsheets write them.

A tag says which: fr full names, fr1 the first way to shorten them, fr1a without accents, fr1. with a point behind what
is shortened.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LANGUAGES = {
    "de": (
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Jan Feb März Apr Mai Juni Juli Aug Sept Okt Nov Dez",
        "Jänner Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jän Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    ),
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "jan fév mar avr mai juin juil aoû sep oct nov déc",
    ),
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
    ),
    "it": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
    ),
    "pt": (
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "jan fev mar abr mai jun jul ago set out nov dez",
    ),
    "nl": (
        "januari februari maart april mei juni juli augustus september oktober november december",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
    ),
    "sv": (
        "januari februari mars april maj juni juli augusti september oktober november december",
        "jan feb mar apr maj jun jul aug sep okt nov dec",
        "jan feb mars apr maj juni juli aug sep okt nov dec",
    ),
    "da": (
        "januar februar marts april maj juni juli august september oktober november december",
        "jan feb mar apr maj jun jul aug sep okt nov dec",
    ),
    "nb": (
        "januar februar mars april mai juni juli august september oktober november desember",
        "jan feb mar apr mai jun jul aug sep okt nov des",
        "jan feb mars apr mai juni juli aug sep okt nov des",
    ),
}
TAG = re.compile(r"([a-z]{2}\d?)(a?)(\.?)")


def bare(word: str) -> str:
    """In small letters, without accents and a point at the end."""
    letters = unicodedata.normalize("NFKD", word.lower().rstrip("."))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(1)
def _sets() -> dict[str, list[str]]:
    """The names by their tags; those without accents come last."""
    sets = {f"{tag}{i or ''}": text.split() for tag, texts in LANGUAGES.items() for i, text in enumerate(texts)}
    return sets | {f"{tag}a": [_plain(name) for name in names] for tag, names in sets.items()}


def _plain(name: str) -> str:
    return bare(name).capitalize() if name[0].isupper() else bare(name)


@lru_cache(1)
def _months() -> dict[str, int]:
    return {bare(name): i for names in _sets().values() for i, name in enumerate(names, 1)}


def month_of(word: str) -> int:
    """The number of the month that a word of any of these languages names; 0 if it names none."""
    return _months().get(bare(word), 0)


def tag_of(words: Iterable[str], usual: str = "") -> str | None:
    """The `usual` tag, or the first one, whose names include all these words; None if they are of no one language."""
    found = {word.lower() for word in words}
    names = {word.rstrip(".") for word in found}
    tags = [usual.rstrip(".")] * bool(usual) + [*_sets()]
    tag = next((tag for tag in tags if names <= set(map(str.lower, _sets()[tag]))), None)
    return tag and tag + "." * (tag == usual.rstrip(".") != usual or any(word.endswith(".") for word in found))


def name_of(month: int, tag: str) -> str:
    """The name of a month, from 1 on; ValueError for a tag that is none."""
    found = TAG.fullmatch(tag)
    if not found or found[1] + found[2] not in _sets():
        raise ValueError(tag)
    name, full = _sets()[found[1] + found[2]][month - 1], _sets()[found[1][:2] + found[2]][month - 1]
    return name + found[3] * (len(name) < len(full))
