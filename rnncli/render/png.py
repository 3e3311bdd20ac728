"""Lines of a terminal as a PNG: letters in the fonts that Matplotlib brings along, blocks and Braille as shapes.

So the picture is the same on every machine, and blocks fill their cells without gaps. Pillow and Matplotlib are extras.
"""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont
from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.color import blend_rgb
from rich.color_triplet import ColorTriplet
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME as THEME

from rnncli.render.braille import DOTS
from rnncli.render.fonts import MONO, SANS, first_with, font_of

SIZE = 32  # pixels of a letter
HEIGHT = 39  # of a line
EDGE = 24  # around all
DOT = 3  # radius of a dot of Braille
DIM = 0.4  # as Rich's SVG has it
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
#: the four quarters of a cell: left and right above, left and right below
QUARTERS = ((0, 0, 0.5, 0.5), (0.5, 0, 1, 0.5), (0, 0.5, 0.5, 1), (0.5, 0.5, 1, 1))
QUADRANTS = {"▖": (2,), "▗": (3,), "▘": (0,), "▙": (0, 2, 3), "▚": (0, 3)}
QUADRANTS |= {"▛": (0, 1, 2), "▜": (0, 1, 3), "▝": (1,), "▞": (1, 2), "▟": (1, 2, 3)}


def png(ansi: str, title: str, width: int) -> bytes:
    """The picture of the lines, with their escape codes of colour, under the title; `width` columns."""
    lines = list(AnsiDecoder().decode(ansi))
    column = round(font_of(False, MONO[0], SIZE).getlength("0"))
    size = (2 * EDGE + column * width, 2 * EDGE + HEIGHT * (len(lines) + 2))
    image = Image.new("RGB", size, tuple(THEME.background_color))
    draw = ImageDraw.Draw(image)
    draw.text((size[0] / 2, EDGE), title, tuple(THEME.foreground_color), font_of(True, SANS[0], SIZE), "ma")
    console = Console(width=width, color_system="truecolor", force_terminal=True)
    for row, line in enumerate(lines, start=2):
        x = EDGE
        for text, style, _ in line.render(console):
            colour, ground = _colours(style or Style())
            for letter in text:
                cell = (x, EDGE + HEIGHT * row, x + column * cell_len(letter), EDGE + HEIGHT * (row + 1))
                _draw_cell(draw, cell, letter, colour, ground, bool(style and style.bold))
                x = cell[2]
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _colours(style: Style) -> tuple[tuple, tuple | None]:
    """Of the letters, and of the ground if it has a colour of its own."""
    colour, ground = THEME.foreground_color, None
    if style.color and not style.color.is_default:
        colour = style.color.get_truecolor(THEME)
    if style.bgcolor and not style.bgcolor.is_default:
        ground = tuple(style.bgcolor.get_truecolor(THEME))
    if style.dim:
        colour = blend_rgb(colour, THEME.background_color, DIM)
    return tuple(colour), ground


def _draw_cell(draw: ImageDraw.ImageDraw, cell: tuple, letter: str, colour: tuple, ground: tuple | None, bold: bool):
    """One character in its cell, left, top, right, bottom in pixels."""
    if ground is not None:
        draw.rectangle((cell[0], cell[1], cell[2] - 1, cell[3] - 1), ground)
    if letter.isspace():
        return
    for left, top, right, bottom in _block(letter):
        w, h = cell[2] - cell[0], cell[3] - cell[1]
        box = (cell[0] + w * left, cell[1] + h * top, cell[0] + w * right - 1, cell[1] + h * bottom - 1)
        below, shade = ColorTriplet(*(ground or THEME.background_color)), SHADES.get(letter, 1.0)
        draw.rectangle(tuple(map(round, box)), tuple(blend_rgb(below, ColorTriplet(*colour), shade)))
    if 0x2800 <= ord(letter) < 0x2900:
        _draw_dots(draw, cell, ord(letter) - 0x2800, colour)
    elif not _block(letter):
        font = _fitting(letter, bold, cell[2] - cell[0])
        draw.text(((cell[0] + cell[2]) / 2, cell[1] + HEIGHT * 0.8), letter, colour, font, "ms")


def _block(letter: str) -> list[tuple[float, float, float, float]]:
    """The rectangles of a block element, in parts of its cell."""
    code = ord(letter)
    if 0x2581 <= code <= 0x2588:  # the lower eighths
        return [(0, 1 - (code - 0x2580) / 8, 1, 1)]
    if 0x2589 <= code <= 0x258F:  # the left eighths, from seven down
        return [(0, 0, (0x2590 - code) / 8, 1)]
    whole = {"▀": (0, 0, 1, 0.5), "▐": (0.5, 0, 1, 1), "▔": (0, 0, 1, 0.125), "▕": (0.875, 0, 1, 1)}
    whole |= dict.fromkeys(SHADES, (0, 0, 1, 1))
    return [whole[letter]] if letter in whole else [QUARTERS[i] for i in QUADRANTS.get(letter, ())]


def _draw_dots(draw: ImageDraw.ImageDraw, cell: tuple, bits: int, colour: tuple) -> None:
    w, h = (cell[2] - cell[0]) / 2, (cell[3] - cell[1]) / 4
    for i, column in enumerate(DOTS):
        for j, bit in enumerate(column):
            if bits & bit:
                x, y = cell[0] + w * (i + 0.5), cell[1] + h * (j + 0.5)
                draw.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), colour)


@cache
def _fitting(letter: str, bold: bool, room: int) -> ImageFont.FreeTypeFont:
    """A font that has the letter, so large that it stays in its cell."""
    which = first_with(letter, MONO)
    font = font_of(bold, which, SIZE)
    length = font.getlength(letter)
    return font if length <= room + 1 else font_of(bold, which, int(SIZE * room / length))
