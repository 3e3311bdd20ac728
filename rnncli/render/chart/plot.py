"""A panel with two axes: layers of data over each other, in one frame."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rnncli.render.chart.marks import LETTERS, SMALL, Area, Dot, Label, Line, Mark, Rect, clipped, heading, length
from rnncli.render.chart.scales import Scale, over, tight, written
from rnncli.render.palette import DASHES, SERIES

Values = Sequence[float | None]  # None and NaN where there is nothing
Points = list[tuple[float, float]]

APART = 70  # between ticks of x, at least
ROW = 18  # a line of the legend
BAR = 8  # wide is a band of a single point
FOOT = 34  # under the frame: ticks, and the name of the axis


@dataclass(frozen=True)
class Axis:
    """Its name, and how it is divided; `ends` in place of those of the data; `named` ticks in place of round ones."""

    name: str = ""
    log: bool = False
    whole: bool = False
    ends: tuple[float, float] | None = None
    named: Sequence[tuple[float, str]] | None = None
    zero: bool = False  # 0 is on it


@dataclass(frozen=True)
class Frame:
    """Where the numbers of a plot are on the scene."""

    left: float
    top: float
    width: float
    height: float
    x: Scale
    y: Scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The point of two values."""
        return self.left + self.width * self.x.place(x), self.top + self.height * (1 - self.y.place(y))

    def pieces(self, xs: Values, ys: Values) -> Iterator[Points]:
        """The points in order, cut where there is nothing or where an axis has no place for it."""
        piece: Points = []
        for x, y in zip(xs, ys, strict=True):
            if there(x, self.x) and there(y, self.y):
                piece.append(self.at(x, y))
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece


def there(value: float | None, scale: Scale) -> bool:
    """Whether a scale has a place for it."""
    return value is not None and math.isfinite(value) and (not scale.log or value >= scale.low * (1 - 1e-9))


@dataclass(frozen=True)
class Curve:
    """A line through (x, y)."""

    xs: Values
    ys: Values
    colour: str
    name: str = ""
    dash: tuple[float, float] | None = None

    def marks(self, frame: Frame) -> Iterator[Mark]:
        """A line for each piece; a dot for a single point, which is larger if it is all there is."""
        pieces = list(frame.pieces(self.xs, self.ys))
        radius = 2.5 if len(pieces) == 1 else 1.5
        for piece in pieces:
            yield Line(piece, self.colour, dash=self.dash) if len(piece) > 1 else Dot(*piece[0], radius, self.colour)


@dataclass(frozen=True)
class Band:
    """What lies between low and high."""

    xs: Values
    low: Values
    high: Values
    colour: str
    name: str = ""
    strength: float = 0.18

    @property
    def ys(self) -> Values:
        """All of its heights."""
        return [*self.low, *self.high]

    def marks(self, frame: Frame) -> Iterator[Mark]:
        """An area for each piece, a bar for a single point; on a logarithmic axis it begins at the low end."""
        floor = frame.y.low if frame.y.log else -math.inf
        low = [value if value is None else max(value, floor) for value in self.low]
        both = zip(self.xs, low, self.high, strict=True)
        known = [x if there(a, frame.y) and there(b, frame.y) else None for x, a, b in both]
        below, above = (list(frame.pieces(known, side)) for side in (low, self.high))
        for under, over_ in zip(below, above, strict=True):
            sides = (under, over_) if len(under) > 1 else (_widened(under), _widened(over_))
            yield Area([*sides[0], *reversed(sides[1])], self.colour, self.strength)


def _widened(point: Points) -> Points:
    """A single point as the end of a bar."""
    return [(x + side, y) for x, y in point for side in (-BAR / 2, BAR / 2)]


@dataclass(frozen=True)
class Rule:
    """A line across the frame, at a value of x or of y, with its name beside it."""

    value: float
    of: str  # the axis that the value is of
    name: str
    colour: str = "faint"
    dash: tuple[float, float] | None = (4, 3)

    @property
    def xs(self) -> Values:
        """Its place on that axis."""
        return [self.value] if self.of == "x" else []

    @property
    def ys(self) -> Values:
        """As `xs`."""
        return [self.value] if self.of == "y" else []

    def marks(self, frame: Frame) -> Iterator[Mark]:
        """The line, and its name above it or on the side that has room."""
        if not there(self.value, frame.x if self.of == "x" else frame.y):
            return
        if self.of == "y":
            _, y = frame.at(frame.x.low, self.value)
            yield Line([(frame.left, y), (frame.left + frame.width, y)], self.colour, 1.25, self.dash)
            yield Label(frame.left + frame.width - 4, y - 4, self.name, self.colour, SMALL, "end")
            return
        x, _ = frame.at(self.value, frame.y.low)
        yield Line([(x, frame.top), (x, frame.top + frame.height)], self.colour, 1.25, self.dash)
        if x + 5 + length(self.name, SMALL) < frame.left + frame.width:
            yield Label(x + 5, frame.top + 11, self.name, self.colour, SMALL)
        else:  # above the frame, where no name of a line across ends
            yield Label(frame.left + frame.width, frame.top - 5, self.name, self.colour, SMALL, "end")


@dataclass(frozen=True)
class Dots:
    """Points (x, y)."""

    xs: Values
    ys: Values
    colour: str
    name: str = ""
    radius: float = 4

    def marks(self, frame: Frame) -> Iterator[Mark]:
        """A dot each."""
        yield from (
            Dot(*point, self.radius, self.colour) for piece in frame.pieces(self.xs, self.ys) for point in piece
        )


@dataclass(frozen=True)
class Columns:
    """A signed bar for each x of `at`, `wide` in units of x: from 0 up in green, down in red."""

    at: Sequence[float]
    values: Values
    wide: float = 0.8

    @property
    def xs(self) -> Values:
        """The sides of the bars."""
        return [x + side for x in self.at for side in (-self.wide / 2, self.wide / 2)]

    @property
    def ys(self) -> Values:
        """Their ends."""
        return [0.0, *self.values]

    def marks(self, frame: Frame) -> Iterator[Mark]:
        """A rectangle each."""
        for x, y in zip(self.at, self.values, strict=True):
            if y is not None and there(y, frame.y):
                (left, zero), (right, end) = frame.at(x - self.wide / 2, 0.0), frame.at(x + self.wide / 2, y)
                yield Rect(left, min(zero, end), right - left, abs(end - zero), "red" if y < 0 else "green")


@dataclass(frozen=True)
class Cells:
    """A heat map: a row of `values` for each whole y from 0 down, a column for each step from `first`.

    Values from -1 to 1: by hue and form the sign, by strength the size. Negative ones are half as high, so that they
    differ without colour too.
    """

    values: Sequence[Sequence[float]]
    first: int = 0

    @property
    def ends(self) -> tuple[float, float]:
        """The outer edges of the columns."""
        return self.first - 0.5, self.first + len(self.values[0]) - 0.5

    @property
    def xs(self) -> Values:
        """As `ends`."""
        return list(self.ends)

    @property
    def ys(self) -> Values:
        """The edges of the rows."""
        return [-0.5, len(self.values) - 0.5]

    def marks(self, frame: Frame) -> Iterator[Mark]:
        """A rectangle each, in sixteen strengths, equal ones after each other."""
        found = []
        for row, values in enumerate(self.values):
            for column, value in enumerate(values):
                (x0, y0), (x1, y1) = (frame.at(self.first + column + a, row + a) for a in (-0.5, 0.5))
                strength = math.ceil(16 * min(1.0, abs(value)) - 0.5) / 16
                if strength:
                    top, bottom = sorted((y0, y1))
                    inset = (bottom - top) / 4 if value < 0 else 0.5
                    colour = "red" if value < 0 else "green"
                    found.append(Rect(x0, top + inset, x1 - x0, bottom - top - 2 * inset, colour, strength))
        yield from sorted(found, key=lambda mark: (mark.colour, mark.strength))


Layer = Curve | Band | Rule | Dots | Columns | Cells


@dataclass(frozen=True)
class Plot:
    """The panel; `height` is that of its frame. With `square` a unit of x is as long as one of y."""

    title: str
    x: Axis
    y: Axis
    layers: Sequence[Layer]
    height: float = 190
    square: bool = False

    def marks(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """The marks from this corner on, and how high all is."""
        title = heading(self.title, left, top, width)
        begin, top = top, top + LETTERS * (len(title) - 1)
        legend, high = self._legend(left, top + 20, width)
        x, y = self._scales()
        across, up = (self._named(axis, scale) for axis, scale in (("x", x), ("y", y)))
        ticks = list(self.y.named) if self.y.named else y.ticks(max(3, int(self.height / 36)))
        gutter = min(width / 3, max(length(text, SMALL) for _, text in ticks) + 8) if ticks else 8
        head = 20 + high + (20 if up else 4)
        frame = Frame(left + gutter, top + head, width - gutter - 8, self.height, x, y)
        if self.square:
            frame = _equal(frame)
        out = [*title, *legend]
        if up:
            out.append(Label(left, top + 20 + high + 9, clipped(up, width, SMALL), "faint", SMALL))
        out += _y_marks(frame, ticks, bool(self.y.named), left)
        out += self._x_marks(frame, across)
        for layer in self.layers:
            out += layer.marks(frame)
        return out, top - begin + head + self.height + FOOT

    def _scales(self) -> tuple[Scale, Scale]:
        xs = [v for layer in self.layers for v in layer.xs if v is not None and math.isfinite(v)]
        ys = [v for layer in self.layers for v in layer.ys if v is not None] + [0.0] * self.y.zero
        x = Scale(*self.x.ends) if self.x.ends else over(xs, True) if self.x.log else tight(xs)
        if not self.y.ends:
            return x, over(ys, self.y.log)
        return x, Scale(*self.y.ends)

    def _legend(self, left: float, top: float, width: float) -> tuple[list[Mark], float]:
        """A swatch and a name for each layer that has one, in rows; and how high they are."""
        shown = [one for one in self.layers if isinstance(one, Curve | Band | Dots) and one.name]
        out: list[Mark] = []
        x, y = left, top
        for one in shown:
            wide = 26 + length(one.name, SMALL) + 14
            if x > left and x + wide > left + width:
                x, y = left, y + ROW
            out += [_swatch(one, x, y), Label(x + 26, y + 10, clipped(one.name, width - 26, SMALL), "ink", SMALL)]
            x += wide
        return out, y - top + ROW if shown else 0.0

    def _named(self, of: str, scale: Scale) -> str:
        """The name of an axis; of a logarithmic one with where it ends, if there are values below."""
        name = (self.x if of == "x" else self.y).name
        shown = [v for one in self.layers if isinstance(one, Curve | Dots) for v in (one.xs if of == "x" else one.ys)]
        if all(there(v, scale) for v in shown if v is not None and math.isfinite(v)):
            return name
        return f"{name}, not drawn below {written([scale.low], True)[0]}".removeprefix(", ")

    def _x_marks(self, frame: Frame, name: str) -> list[Mark]:
        most = max(2, int(frame.width / APART))
        ticks = self.x.named if self.x.named is not None else frame.x.ticks(most, self.x.whole)
        bottom = frame.top + frame.height
        out: list[Mark] = [Line([(frame.left, bottom), (frame.left + frame.width, bottom)], "faint", 1)]
        for value, text in ticks:
            x, _ = frame.at(value, frame.y.low)
            out += [Line([(x, bottom), (x, bottom + 4)], "faint", 1), _within(frame, x, bottom + 16, text)]
        out.append(Label(frame.left + frame.width, bottom + 29, name, "faint", SMALL, "end"))
        return out


def _swatch(one: Curve | Band | Dots, x: float, y: float) -> Mark:
    """What stands for a layer in the legend."""
    if isinstance(one, Dots):
        return Dot(x + 14, y + 6, 4, one.colour)
    if isinstance(one, Band):
        return Rect(x, y + 1, 20, 10, one.colour, one.strength)
    return Line([(x, y + 6), (x + 20, y + 6)], one.colour, 2, one.dash)


def _equal(frame: Frame) -> Frame:
    """The frame with the narrower of its scales widened, so that units are equally long."""
    spans = frame.x.high - frame.x.low, frame.y.high - frame.y.low
    unit = max(spans[0] / frame.width, spans[1] / frame.height)
    more = [(unit * size - span) / 2 for size, span in zip((frame.width, frame.height), spans, strict=True)]
    x, y = (Scale(axis.low - by, axis.high + by) for axis, by in zip((frame.x, frame.y), more, strict=True))
    return replace(frame, x=x, y=y)


def _y_marks(frame: Frame, ticks: Sequence[tuple[float, str]], named: bool, left: float) -> list[Mark]:
    """A faint line across the frame for each tick, and its text on the left; of named rows the text alone."""
    out: list[Mark] = []
    for value, text in ticks:
        if not -1e-9 <= frame.y.place(value) <= 1 + 1e-9:
            continue
        _, y = frame.at(frame.x.low, value)
        if not named:
            out.append(Line([(frame.left, y), (frame.left + frame.width, y)], "line", 1))
        shown = clipped(text, frame.left - left - 6, SMALL)
        out.append(Label(frame.left - 6, y + 4, shown, "faint", SMALL, "end"))
    return out


def _within(frame: Frame, x: float, y: float, text: str) -> Label:
    """A label under the axis that does not stand out at the right end."""
    outside = x + length(text, SMALL) / 2 > frame.left + frame.width + 8
    return Label(
        frame.left + frame.width + 4 if outside else x, y, text, "faint", SMALL, "end" if outside else "middle"
    )


def curves(xs: Values, named: dict[str, Values]) -> list[Curve]:
    """A curve for each name, each in a colour and with dashes of its own; one alone has no name."""
    styles = [(SERIES[i % len(SERIES)], DASHES[i % len(DASHES)]) for i in range(len(named))]
    name = "" if len(named) == 1 else None
    return [
        Curve(xs, ys, colour, own if name is None else name, dash)
        for (own, ys), (colour, dash) in zip(named.items(), styles, strict=True)
    ]
