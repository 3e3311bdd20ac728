"""A scene as PNG, on light ground. Pillow and Matplotlib, for its fonts, are extras."""

import io
import math
from collections.abc import Iterator
from itertools import pairwise

from PIL import Image, ImageColor, ImageDraw

from rnncli.render.chart.marks import Area, Dot, Label, Line, Mark, Rect, Scene
from rnncli.render.escapes import shown
from rnncli.render.fonts import MONO, SANS, font_of, runs
from rnncli.render.palette import LIGHT

SCALE = 2  # pixels of a unit
FINER = 2  # times as large as it is drawn, and made smaller at the end: so edges are smooth
UNIT = SCALE * FINER


def png(scene: Scene) -> bytes:
    """The picture."""
    size = math.ceil(scene.width * SCALE), math.ceil(scene.height * SCALE)
    image = Image.new("RGB", (size[0] * FINER, size[1] * FINER), LIGHT["ground"])
    draw = ImageDraw.Draw(image, "RGBA")
    for mark in scene.marks:
        _draw(draw, mark)
    out = io.BytesIO()
    image.reduce(FINER).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw(draw: ImageDraw.ImageDraw, mark: Mark) -> None:
    if isinstance(mark, Rect):
        if mark.width > 0 and mark.height > 0:
            box = [UNIT * v for v in (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)]
            left, top, right, bottom = map(round, box)
            draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), _colour(mark.colour, mark.strength))
    elif isinstance(mark, Area):
        draw.polygon([_pixel(point) for point in mark.points], _colour(mark.colour, mark.strength))
    elif isinstance(mark, Dot):
        (x, y), r = _pixel((mark.x, mark.y)), UNIT * mark.radius
        draw.ellipse((x - r, y - r, x + r, y + r), _colour(mark.colour))
    elif isinstance(mark, Line):
        points = [_pixel(point) for point in mark.points]
        for piece in _dashed(points, mark.dash) if mark.dash else [points]:
            draw.line(piece, _colour(mark.colour), max(1, round(UNIT * mark.width)), "curve")
    else:
        _write(draw, mark)


def _write(draw: ImageDraw.ImageDraw, mark: Label) -> None:
    """A text from left to right, each letter in the first font that has it."""
    x, y = _pixel((mark.x, mark.y))
    pieces = [
        (font_of(mark.bold, name, UNIT * mark.size), text)
        for name, text in runs(shown(mark.text), MONO if mark.mono else SANS)
    ]
    x -= {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor] * sum(font.getlength(text) for font, text in pieces)
    for font, text in pieces:
        draw.text((x, y), text, _colour(mark.colour), font, "ls")
        x += font.getlength(text)


def _pixel(point: tuple[float, float]) -> tuple[float, float]:
    return UNIT * point[0], UNIT * point[1]


def _colour(name: str, strength: float = 1.0) -> tuple[int, ...]:
    return (*ImageColor.getrgb(LIGHT[name])[:3], round(255 * strength))


def _dashed(points: list[tuple[float, float]], dash: tuple[float, float]) -> Iterator[list[tuple[float, float]]]:
    """The pieces of the line that are drawn: dashes go on around its corners."""
    on, period = UNIT * dash[0], UNIT * sum(dash)
    gone, piece = 0.0, [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        length, at = math.hypot(x1 - x0, y1 - y0), 0.0
        while length - at > 1e-6:
            phase = gone % period
            inside = phase < on - 1e-6
            step = min(length - at, (on if inside else period) - phase)
            at, gone = at + step, gone + step
            point = x0 + (x1 - x0) * at / length, y0 + (y1 - y0) * at / length
            if inside:
                piece.append(point)
            if not inside or gone % period >= on - 1e-6:
                if len(piece) > 1:
                    yield piece
                piece = [point]
    if len(piece) > 1:
        yield piece
