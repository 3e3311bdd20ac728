"""A panel of bars: a name, a bar and a figure in words for each row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rnncli.render.chart.marks import LETTERS, SMALL, Label, Line, Mark, Rect, clipped, heading, length

ROW, BAR = 22, 12  # of a row, and of the bar in it


@dataclass(frozen=True)
class Bar:
    """A row; `value` None where there is nothing to draw."""

    name: str
    value: float | None
    text: str
    colour: str = "cyan"


@dataclass(frozen=True)
class Bars:
    """The panel. Bars begin at 0; with `floor` the scale is logarithmic and they begin there."""

    title: str
    rows: Sequence[Bar]
    floor: float | None = None

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        texts = min(width / 2, max(length(row.text, SMALL) for row in self.rows) + 10)
        names = min(0.45 * width, 0.8 * width - texts, max(length(row.name, SMALL) for row in self.rows) + 8)
        sizes = [self._size(row.value) for row in self.rows]
        low, high = min(0.0, *sizes, 0.0), max(0.0, *sizes, 0.0)
        unit = (width - names - texts) / ((high - low) or 1.0)
        zero = left + names - unit * low
        begin = top
        out = heading(self.title, left, top, width)
        top += LETTERS * (len(out) - 1)
        for i, (row, size) in enumerate(zip(self.rows, sizes, strict=True)):
            y = top + 24 + ROW * i
            out.append(Label(left, y + 10, clipped(row.name, names - 6, SMALL), "ink", SMALL))
            if size:
                out.append(Rect(zero + unit * min(0.0, size), y, unit * abs(size), BAR, row.colour))
            text = clipped(row.text, texts - 6, SMALL)
            out.append(Label(zero + unit * max(0.0, size) + 6, y + 10, text, "ink", SMALL))
        bottom = top + 24 + ROW * len(self.rows) - (ROW - BAR)
        out.append(Line([(zero, top + 21), (zero, bottom + 3)], "faint", 1))
        return out, bottom - begin + 8

    def _size(self, value: float | None) -> float:
        """How long its bar is, in no unit."""
        if value is None or not math.isfinite(value):
            return 0.0
        if self.floor is None:
            return value
        return max(0.0, math.log10(value / self.floor)) if value > 0 else 0.0
