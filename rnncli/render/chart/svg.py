"""A scene as SVG: texts stay texts, no link, no script; colours follow the ground, light or dark."""

from collections.abc import Iterator
from html import escape

from rnncli.render.chart.marks import Area, Dot, Label, Line, Mark, Rect, Scene
from rnncli.render.escapes import shown
from rnncli.render.palette import DARK, LIGHT

#: of the marks, with a variable for each colour: the palette of the picture itself, or of the page that it stands in
RULES = (
    ".chart text{font-family:system-ui,'DejaVu Sans',sans-serif}.chart text.mono{font-family:'DejaVu Sans Mono',Menlo,"
    "Consolas,monospace;white-space:pre}.chart .stroke{fill:none;stroke-linejoin:round;stroke-linecap:butt}"
)


def css(colours: dict[str, str]) -> str:
    """A class of fills and one of strokes for each colour."""
    rules = (
        f".chart .{name}{{fill:{hue}}}.chart .stroke.{name}{{fill:none;stroke:{hue}}}" for name, hue in colours.items()
    )
    return "".join(rules)


def svg(scene: Scene, alone: bool = True) -> str:
    """The picture. One that stands `alone` brings its colours along, else they are those of the page around it."""
    size = f'viewBox="0 0 {_n(scene.width)} {_n(scene.height)}"'
    if alone:
        size = f'xmlns="http://www.w3.org/2000/svg" {size} width="{_n(scene.width)}" height="{_n(scene.height)}"'
    out = [f'<svg class="chart" role="img" {size}>']
    out += [f"<title>{_text(scene.title)}</title>", f"<desc>{_text(scene.description)}</desc>"]
    if alone:
        out.append(f"<style>{RULES}{css(LIGHT)}@media(prefers-color-scheme:dark){{{css(DARK)}}}</style>")
    out += _drawn(scene.marks)
    return "\n".join([*out, "</svg>"]) + "\n"


def _drawn(marks: list[Mark]) -> Iterator[str]:
    """An element for each mark; rectangles of one colour and strength after each other are one path."""
    boxes: list[Rect] = []
    for mark in marks:
        if boxes and not (isinstance(mark, Rect) and _style(mark) == _style(boxes[0])):
            yield _path(boxes)
            boxes = []
        if isinstance(mark, Rect):
            boxes.append(mark)
        else:
            yield _element(mark)
    if boxes:
        yield _path(boxes)


def _path(boxes: list[Rect]) -> str:
    ways = (f"M{_n(b.x)} {_n(b.y)}h{_n(b.width)}v{_n(b.height)}h{_n(-b.width)}z" for b in boxes)
    return f'<path {_style(boxes[0])} d="{"".join(ways)}"/>'


def _style(mark: Rect | Area) -> str:
    return f'class="{mark.colour}"' + ("" if mark.strength == 1 else f' fill-opacity="{_n(mark.strength, 4)}"')


def _element(mark: Line | Area | Dot | Label) -> str:
    if isinstance(mark, Line):
        dash = f' stroke-dasharray="{" ".join(map(_n, mark.dash))}"' if mark.dash else ""
        return (
            f'<polyline class="stroke {mark.colour}" stroke-width="{_n(mark.width)}"{dash} points="{_points(mark)}"/>'
        )
    if isinstance(mark, Area):
        return f'<polygon {_style(mark)} points="{_points(mark)}"/>'
    if isinstance(mark, Dot):
        return f'<circle class="{mark.colour}" cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}"/>'
    return _label(mark)


def _label(mark: Label) -> str:
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    weight = ' font-weight="600"' if mark.bold else ""
    name = f"{mark.colour} mono" if mark.mono else mark.colour
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" font-size="{_n(mark.size)}"'
    return f'<text class="{name}" {place}{anchor}{weight}>{_text(mark.text)}</text>'


def _points(mark: Line | Area) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in mark.points)


def _text(text: str) -> str:
    return escape(shown(text).replace("\n", " "), quote=False)


def _n(value: float, decimals: int = 2) -> str:
    """A number as short as it can be."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
