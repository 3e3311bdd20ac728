"""A chart: what it says in words, and its panels; laid out for a width."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rnncli.render.chart.marks import SIZE, SMALL, Label, Mark, Rect, Scene, wrapped

EDGE, GAP = 16, 20  # around all, and between panels
TITLE = 15.0  # size of its letters
DESK, PHONE = 760, 360  # widths of a scene


class Panel(Protocol):
    """What a chart is made of."""

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        ...


@dataclass(frozen=True)
class Chart:
    """`said` are sentences of what it comes to, `facts` names and what there is to say of them."""

    title: str
    panels: Sequence[Panel]
    said: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    warns: bool = False  # what is said is something to act on

    def scene(self, width: float, how: str, words: bool = True) -> Scene:
        """All of it in this width; `how` to read it stands below. Without `words` the panels alone."""
        edge = EDGE if words else 2
        room, y = width - 2 * edge, float(edge)
        marks: list[Mark] = []
        if words:
            head, y = _words(self, room)
            marks += head
        for panel in self.panels:
            drawn, high = panel.marks(edge, y, room)
            marks += drawn
            y += high + GAP
        for line in wrapped(how, room, SMALL) if words else ():
            marks.append(Label(EDGE, y + 4, line, "faint", SMALL))
            y += 15
        height = y + edge - (4 if words else GAP)
        said = " ".join([*(f"{line}." for line in self.said), *(f"{name}: {text}." for name, text in self.facts), how])
        return Scene(width, height, self.title, said, [Rect(0, 0, width, height, "ground"), *marks])


@dataclass(frozen=True)
class Grid:
    """Panels side by side, as many as have room, each at least so `wide`."""

    panels: Sequence[Panel]
    wide: float

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        columns = max(1, min(len(self.panels), int((width + GAP) / (self.wide + GAP))))
        size = (width + GAP) / columns - GAP
        out: list[Mark] = []
        y = top
        for begin in range(0, len(self.panels), columns):
            row = [
                panel.marks(left + i * (size + GAP), y, size)
                for i, panel in enumerate(self.panels[begin : begin + columns])
            ]
            out += [mark for marks, _ in row for mark in marks]
            y += max(high for _, high in row) + GAP
        return out, y - GAP - top


def _words(chart: Chart, room: float) -> tuple[list[Mark], float]:
    """Title, sentences and facts, and where they end."""
    out: list[Mark] = []
    y = EDGE + 12.0
    for line in wrapped(chart.title, room, TITLE):
        out.append(Label(EDGE, y, line, size=TITLE, bold=True))
        y += 20
    y += 2
    for i, sentence in enumerate(chart.said):
        words = f"Warning: {sentence}" if chart.warns and i == 0 else sentence
        for line in wrapped(words, room):
            out.append(Label(EDGE, y, line, "yellow" if chart.warns else "ink", SIZE))
            y += 18
    y += 3
    for name, text in chart.facts:
        for i, line in enumerate(wrapped(f"{name}: {text}", room, 12)):
            out.append(Label(EDGE + 12 * bool(i), y, line, "faint", 12))
            y += 16
    return out, y + 4
