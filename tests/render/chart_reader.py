"""Reads an SVG chart back into the numbers of its data, by its ticks alone: nothing of the writer is used.

plots(svg)    for each panel with axes its title and its lines, (colour, [(x, y), ..]) in the numbers of the axes
"""

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Panel:
    """What stands between two titles."""

    title: str
    elements: list = field(default_factory=list)


def panels(svg: str) -> list[Panel]:
    """By their bold titles, which are smaller than that of the whole."""
    found = []
    for element in ET.fromstring(svg):
        if element.tag == f"{SVG}text" and element.get("font-weight") and element.get("font-size") == "13":
            found.append(Panel(element.text))
        elif found:
            found[-1].elements.append(element)
    return found


def points_of(element) -> list[tuple[float, float]]:
    """Of a polyline."""
    return [tuple(map(float, pair.split(","))) for pair in element.get("points").split()]


def number(text: str) -> float:
    """A tick in words; of a date the days since 1970."""
    if text[4:5] == "-":
        whole = f"{text}-01" if len(text) == 7 else text
        return (datetime.fromisoformat(whole) - datetime(1970, 1, 1)) / timedelta(days=1)
    return float(text.replace(",", ""))


def _ticks(panel: Panel) -> tuple[list, list]:
    """(place, value) along x and along y: a text after a short line down, and one after a line of the grid."""
    along, up = [], []
    for one, after in zip(panel.elements, panel.elements[1:], strict=False):
        if one.tag == f"{SVG}polyline" and after.tag == f"{SVG}text":
            (x0, y0), *_, (x1, y1) = points_of(one)
            if one.get("class") == "stroke line" and y0 == y1:
                up.append((y0, number(after.text)))
            elif x0 == x1 and abs(y1 - y0 - 4) < 0.02:
                along.append((x0, number(after.text)))
    return along, up


def _axis(ticks: list, log: bool):
    """From a place to its value, by the first tick and the last; an axis with a 0 is none of logarithms."""
    (p0, v0), (p1, v1) = ticks[0], ticks[-1]
    log = log and v0 > 0
    if log:
        v0, v1 = math.log10(v0), math.log10(v1)

    def value(place: float) -> float:
        found = v0 + (v1 - v0) * (place - p0) / (p1 - p0)
        return 10**found if log else found

    return value


def plots(svg: str, log_x: bool = False, log_y: bool = False) -> list[tuple[str, list]]:
    """Of the panels that have ticks on both axes."""
    out = []
    for panel in panels(svg):
        along, up = _ticks(panel)
        if len(along) > 1 and len(up) > 1:
            x, y = _axis(along, log_x), _axis(up, log_y)
            lines = [one for one in panel.elements if one.tag == f"{SVG}polyline"]
            drawn = lines[next(i for i, one in reversed(list(enumerate(lines))) if _is_tick(one)) + 1 :]
            read = [(one.get("class").split()[-1], [(x(a), y(b)) for a, b in points_of(one)]) for one in drawn]
            out.append((panel.title, read))
    return out


def _is_tick(line) -> bool:
    (x0, y0), *_, (x1, y1) = points_of(line)
    return x0 == x1 and abs(y1 - y0 - 4) < 0.02


def rectangles(element) -> list[tuple[float, float, float, float]]:
    """(x, y, width, height) of a path of rectangles."""
    out = []
    for piece in element.get("d").split("M")[1:]:
        start, rest = piece.split("h", 1)
        width, rest = rest.split("v", 1)
        out.append((*map(float, start.split()), float(width), float(rest.split("h")[0])))
    return out
