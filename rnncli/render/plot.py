"""A forecast as a picture in the terminal: what was, the median to come and its interval."""

import math
from contextlib import nullcontext
from dataclasses import dataclass

from rich.console import Group
from rich.text import Text

from rnncli.render.files import canvas
from rnncli.render.screen import Screen
from rnncli.render.text import thinned

HEIGHT = 14
MARGIN = 10  # columns for the scale
PAST, FUTURE, BAND = ("•", "default"), ("━", "bold cyan"), ("░", "cyan")


@dataclass
class Panel:
    """One target of one series: values of the past, then those to come with their interval, if there is one."""

    title: str
    past: list[float]
    future: list[float]
    low: list[float] | None
    high: list[float] | None
    times: list[str]  # of the past
    begin: str  # the first time to come, and the last
    end: str


def show(panels: list[Panel], save: str | None) -> None:
    """Draw on stdout, or into a file."""
    with nullcontext(Screen(highlight=False)) if save is None else canvas(save, panels[0].title) as console:
        console.print(Group(*(draw(panel, console.width) for panel in panels)))


def draw(p: Panel, width: int) -> Text:
    """The picture: a row for each level of the scale, a column for one step or the mean of several."""
    columns = max(20, width - MARGIN - 2)
    ahead = min(len(p.future), max(columns // 3, columns - len(p.past)))
    past = p.past[-(columns - ahead) :]
    future = thinned(p.future, ahead)
    low, high = (thinned(side or p.future, ahead) for side in (p.low, p.high))
    seen = [v for v in (*past, *future, *low, *high) if not math.isnan(v)]
    bottom, top = (min(seen), max(seen)) if seen else (0.0, 1.0)
    top = top if top > bottom else bottom + 1.0

    def row_of(value: float) -> int:
        return -1 if math.isnan(value) else round((HEIGHT - 1) * (top - value) / (top - bottom))

    out = Text(f"{p.title}\n", style="bold")
    for row in range(HEIGHT):
        level = top - (top - bottom) * row / (HEIGHT - 1)
        out.append(f"{level:>{MARGIN - 1}.4g} " if row % 4 == 0 else " " * MARGIN, "dim not bold")
        for value in past:
            out.append(*_cell(PAST if row_of(value) == row else (" ", "")))
        for value, least, most in zip(future, low, high, strict=True):
            inside = row_of(most) <= row <= row_of(least)
            out.append(*_cell(FUTURE if row_of(value) == row else BAND if inside else (" ", "")))
        out.append("\n")
    left, right = p.times[-len(past)], f"{p.begin} to {p.end}"
    gap = max(1, min(len(past) - len(left), columns - len(left) - len(right)))
    out.append(f"{'':{MARGIN}}{left}{'':{gap}}{right}\n", "dim not bold")
    return out


def _cell(mark: tuple[str, str]) -> tuple[str, str]:
    return mark[0], f"not bold {mark[1]}".replace("not bold bold", "bold")
