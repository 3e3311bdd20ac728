"""A panel of words: a table with a column for each of several things."""

from collections.abc import Sequence
from dataclasses import dataclass

from rnncli.render.chart.marks import SMALL, Label, Line, Mark, clipped, length

ROW, GAP = 18, 14  # height of a row, and between columns


@dataclass(frozen=True)
class Words:
    """The panel: rows of a name and a text for each head; columns that have no room stand below the others."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        names = max(length(name, SMALL) for name, _ in self.rows) + GAP
        texts = [text for _, values in self.rows for text in values]
        wide = min(width - names, max(length(text, SMALL) for text in [*self.heads, *texts]) + GAP)
        beside = max(1, int((width - names) / wide))
        out: list[Mark] = []
        y = top
        for begin in range(0, len(self.heads), beside):
            shown = range(begin, min(begin + beside, len(self.heads)))
            rows = [(name, [values[i] for i in shown]) for name, values in self.rows]
            for name, values in [("", [self.heads[i] for i in shown]), *(row for row in rows if any(row[1]))]:
                out.append(Label(left, y + 12, name, "cyan", SMALL))
                for i, text in enumerate(values):
                    x = left + names + wide * (i + 1)
                    out.append(Label(x, y + 12, clipped(text, wide - GAP, SMALL), "ink", SMALL, "end", bold=not name))
                y += ROW
                if not name:
                    out.append(Line([(left, y), (left + names + wide * len(values), y)], "line", 1))
                    y += 2
            y += GAP
        return out, y - GAP - top
