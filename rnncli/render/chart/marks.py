"""What a scene is made of. x goes to the right and y down, in units of a pixel; colours are names of the palette."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import combining, east_asian_width

from rnncli.render.escapes import shown

SIZE, SMALL = 13.0, 11.0  # of letters
LETTERS = 18.0  # height of a line
BOLD = 1.1  # bold letters are so much wider
WIDE = 1.0
LETTER, MONO = 0.58, 0.602  # width of a letter as a part of its size: about that of any sans serif, and of DejaVu Mono


@dataclass(frozen=True)
class Line:
    """A line through points; `dash` are the lengths of its dashes and gaps."""

    points: Sequence[tuple[float, float]]
    colour: str
    width: float = 1.75
    dash: tuple[float, float] | None = None


@dataclass(frozen=True)
class Area:
    """A closed area; a `strength` below 1 lets through what lies under it."""

    points: Sequence[tuple[float, float]]
    colour: str
    strength: float = 1.0


@dataclass(frozen=True)
class Rect:
    """A rectangle from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    strength: float = 1.0


@dataclass(frozen=True)
class Dot:
    """A circle around x, y."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True)
class Label:
    """A text whose foot is at y; `anchor` says which part of it is at x: start, middle or end."""

    x: float
    y: float
    text: str
    colour: str = "ink"
    size: float = SIZE
    anchor: str = "start"
    bold: bool = False
    mono: bool = False


Mark: TypeAlias = Line | Area | Rect | Dot | Label


@dataclass(frozen=True)
class Scene:
    """All marks, in the order in which they are drawn, with what the picture is in words."""

    width: float
    height: float
    title: str
    description: str
    marks: list[Mark]


def length(text: str, size: float = SIZE, mono: bool = False) -> float:
    """About the width of a text."""
    return sum(_letter(letter, mono) for letter in shown(text)) * size


def _letter(letter: str, mono: bool) -> float:
    """Its width as a part of its size: those of East Asia fill a square, marks on a letter take no room."""
    if letter.isascii():
        return MONO if mono else LETTER
    if combining(letter):
        return 0.0
    return WIDE if east_asian_width(letter) in "WF" else MONO if mono else LETTER


def wrapped(text: str, width: float, size: float = SIZE) -> Iterator[str]:
    """The text in lines of about this width, broken between words."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and length(longer, size) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def clipped(text: str, width: float, size: float = SIZE, mono: bool = False) -> str:
    """The text, or so much of it as fits, with an ellipsis."""
    if length(text, size, mono) <= width:
        return text
    kept, room = "", width - length("…", size, mono)
    for letter in text:
        room -= length(letter, size, mono)
        if room < 0:
            break
        kept += letter
    return kept + "…"


def heading(text: str, left: float, top: float, width: float) -> list[Mark]:
    """The title of a panel, in as many lines as it takes, each LETTERS high."""
    lines = wrapped(text, width, SIZE * BOLD)
    return [Label(left, top + 13 + LETTERS * i, line, bold=True) for i, line in enumerate(lines)]
