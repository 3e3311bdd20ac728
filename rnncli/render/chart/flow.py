"""A panel of tokens, one after the other as a text, each with a signed value."""

from collections.abc import Sequence
from dataclasses import dataclass

from rnncli.render.chart.marks import LETTERS, MONO, SIZE, Label, Mark, Rect, clipped, heading
from rnncli.render.text import rows_of, symbol

LINE, LANE = 32, 8  # of a line, and of the lane under it
LEAST = 0.06  # of a value that is seen
TINT = 0.5  # the ground of the largest value; letters on it stay legible


@dataclass(frozen=True)
class Flow:
    """The panel. `values` are from -1 to 1: the ground of a token has the hue of the sign, and the bar in the lane
    under it goes up for what is above 0 and down for what is below, so that the sign is seen without colour too.
    """

    title: str
    tokens: Sequence[str]
    values: Sequence[float]
    breaks: frozenset[int] = frozenset()  # tokens that begin a line

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        column = SIZE * MONO
        names = [clipped(symbol(token), width, SIZE, mono=True) for token in self.tokens]
        gap = 0.0 if all(len(name) == 1 for name in names) else column
        wide = [column * len(name) for name in names]
        tints, texts, y = [], heading(self.title, left, top, width), top
        y += LETTERS * len(texts) + 6
        for row in rows_of(self.tokens, [size + gap for size in wide], width, self.breaks):
            x = left
            for i in row:
                if abs(self.values[i]) >= LEAST:
                    tints += _tinted(x, y, wide[i], max(-1.0, min(1.0, self.values[i])))
                if not names[i].isspace():
                    texts.append(Label(x, y + 13, names[i], mono=True))
                x += wide[i] + gap
            y += LINE
        return [*tints, *texts], y - top


def _tinted(x: float, y: float, wide: float, value: float) -> list[Mark]:
    """The ground behind a token, and the bar under it."""
    colour, size, middle = "red" if value < 0 else "green", LANE / 2 * abs(value), y + 18 + LANE / 2
    bar = Rect(x, middle - (size if value > 0 else 0), wide, size, colour)
    return [Rect(x, y, wide, 17, colour, round(TINT * abs(value), 2)), bar]
