"""The fonts of a PNG: those that Matplotlib brings along, so that it is the same picture on every machine."""

from collections.abc import Iterator
from functools import cache
from itertools import groupby

from matplotlib.font_manager import findfont
from PIL import ImageFont

SANS, MONO = ("DejaVu Sans", "DejaVu Sans Mono"), ("DejaVu Sans Mono", "DejaVu Sans")  # the second for what lacks


@cache
def font_of(bold: bool, name: str, size: float) -> ImageFont.FreeTypeFont:
    """A font in a size in pixels."""
    return ImageFont.truetype(findfont(name + ":bold" * bold), size)


@cache
def first_with(letter: str, names: tuple[str, ...]) -> str:
    """The first of the fonts that has the letter, else the last."""
    for name in names:
        font = font_of(False, name, 16)
        if bytes(font.getmask(letter)) != bytes(font.getmask("\ufffe")):
            return name
    return names[-1]


def runs(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(font, piece of the text) for each piece that one font has; spaces are in all of them."""
    for name, letters in groupby(text, lambda letter: names[0] if letter.isspace() else first_with(letter, names)):
        yield name, "".join(letters)
