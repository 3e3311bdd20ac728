"""Signed values on the terminal: by glyph and by colour, so that they are read on dark ground, on light, and without
colour. The colours are those of the terminal, which chooses their shade.
"""

from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from rnncli.render.text import rows_of, symbol

ABOVE, BELOW = " ░▒▓█", " ·-=≡"  # by size, of what is above 0 and below it
LEGEND = f"{ABOVE[1:]} above 0, {BELOW[1:]} below"
STRONG = 3  # of the sizes: the letters are bold


def size(value: float) -> int:
    """0 to 4, of a value from -1 to 1."""
    return min(4, int(5 * abs(value)))


def sign(value: float) -> tuple[str, str]:
    """The glyph and the style of a value from -1 to 1."""
    return (BELOW if value < 0 else ABOVE)[size(value)], "red" if value < 0 else "green"


def tracked(
    tokens: Sequence[str], values: Sequence[float], width: int, breaks: Collection[int] = ()
) -> Iterator[tuple[list[int], Text]]:
    """The tokens as lines of text in their colours, each over a line of the glyphs of its values, if there are any;
    with the numbers of the tokens in each.
    """
    names = [symbol(token) for token in tokens]
    gap = 0 if all(len(name) == 1 for name in names) else 1
    columns = [cell_len(name) for name in names]
    for row in rows_of(tokens, [count + gap for count in columns], width - 1, breaks):
        text, lane = Text(no_wrap=True), Text()
        for i in row:
            glyph, colour = sign(values[i])
            style = f"bold {colour}" if size(values[i]) >= STRONG else colour if size(values[i]) else ""
            text.append(names[i], style).append(" " * gap)
            lane.append(glyph * columns[i], style).append(" " * gap)
        if lane.plain.strip():
            text.append("\n").append_text(lane)
        yield row, text
