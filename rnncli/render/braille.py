"""A way through a plane, drawn in Braille: two dots wide and four high in every character."""

from collections.abc import Iterable

from rich.text import Text

#: (column, row) of a dot in its character -> its bit in the code point
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
BEGIN, END = ("●", "bold green"), ("◆", "bold red")
JOINED = 400  # a way of more points is too dense for lines from each to the next


def trajectory(points: list[list[float]], starts: list[int], width: int, height: int, style: str) -> Text:
    """The points (x, y) in so many characters, joined to those after them; begin and end are marked.

    Both axes have the same scale. A way begins anew at each of `starts`.
    """
    low, high = ([pick(axis) for axis in zip(*points, strict=True)] for pick in (min, max))
    scale = min((size - 1) / ((b - a) or 1e-9) for a, b, size in zip(low, high, (2 * width, 4 * height), strict=True))
    offsets = [(size - 1 - scale * (b - a)) / 2 for a, b, size in zip(low, high, (2 * width, 4 * height), strict=True)]

    def dot(point) -> tuple[int, int]:
        x, y = (o + scale * (v - a) for v, a, o in zip(point, low, offsets, strict=True))
        return round(x), 4 * height - 1 - round(y)

    dots = [dot(point) for point in points]
    joined, begins = [], set(starts)
    for t, (x, y) in enumerate(dots):
        x0, y0 = (x, y) if t in begins or len(points) > JOINED else dots[max(0, t - 1)]
        steps = max(abs(x - x0), abs(y - y0), 1)
        joined += [tuple(round(a + (b - a) * i / steps) for a, b in ((x0, x), (y0, y))) for i in range(steps + 1)]
    marks = {(x // 2, y // 4): mark for (x, y), mark in zip((dots[0], dots[-1]), (BEGIN, END), strict=True)}
    return drawn(joined, marks, width, height, style)


def drawn(dots: Iterable[tuple], marks: dict, width: int, height: int, style: str, axis: int | None = None) -> Text:
    """Dots (x, y) in so many characters, with the marks (character, style) in the cells (column, row) that have some;
    a row that is an `axis` is dotted.
    """
    cells = [[0] * width for _ in range(height)]
    for x, y in dots:
        cells[y // 4][x // 2] |= DOTS[x % 2][y % 4]
    out = Text()
    for row, line in enumerate(cells):
        for column, bits in enumerate(line):
            empty = "·" if row == axis and column % 2 else " "
            out.append(*marks.get((column, row), (chr(0x2800 + bits) if bits else empty, style)))
        out.append("\n")
    out.right_crop(1)
    return out
