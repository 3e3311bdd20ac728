"""A panel of counts: a row for each true label, a column for each predicted one."""

from collections.abc import Sequence
from dataclasses import dataclass

from rnncli.render.chart.marks import LETTERS, SMALL, Label, Mark, Rect, clipped, heading, length

CELL = 30  # height of a row
MOST = 64  # width of a column
TINT = 0.45  # of a cell that holds all of its row; letters on it stay legible


@dataclass(frozen=True)
class Matrix:
    """The panel. A cell is as dark as the part of its row that it holds: green where both labels are the same."""

    title: str
    labels: Sequence[str]
    counts: Sequence[Sequence[int]]

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        names = min(width / 3, max(length(label, SMALL) for label in self.labels) + 10)
        wide = min(MOST, (width - names) / len(self.labels))
        out = heading(self.title, left, top, width)
        y = top + LETTERS * len(out) + 6
        for column, label in enumerate(self.labels):
            x = left + names + wide * (column + 0.5)
            out.append(Label(x, y + 12, clipped(label, wide - 4, SMALL), "faint", SMALL, "middle"))
        y += 18
        for row, (label, counts) in enumerate(zip(self.labels, self.counts, strict=True)):
            name = clipped(label, names - 8, SMALL)
            out.append(Label(left + names - 8, y + CELL / 2 + 4, name, "faint", SMALL, "end"))
            for column, n in enumerate(counts):
                x, part = left + names + wide * column, n / max(1, sum(counts))
                out.append(Rect(x, y, wide - 2, CELL - 2, "line", 0.4))
                if n:
                    strength = round(TINT * part, 2)
                    out.append(Rect(x, y, wide - 2, CELL - 2, "green" if row == column else "red", strength))
                    text = clipped(f"{n:,}", wide - 4, SMALL)
                    out.append(Label(x + wide / 2 - 1, y + CELL / 2 + 4, text, "ink", SMALL, "middle"))
            y += CELL
        return out, y - top
