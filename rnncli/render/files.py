"""Pictures of the terminal as files: SVG, HTML or PNG."""

import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len

from rnncli.errors import UsageError
from rnncli.models.output import write_whole
from rnncli.render.escapes import shown
from rnncli.render.notes import say
from rnncli.render.screen import Screen

WIDTH = 100
FORMS = (".svg", ".html", ".png")
COLUMN = 12.2  # units of an SVG's column: Rich draws letters of 20 units, 0.61 as wide
#: a piece of a line: what is before x, x, what is between, its length, what is before the text, the text
PIECE = re.compile(r'(<text class="[^"]*" )x="([\d.]+)"( [^>]*?)textLength="[\d.]+"([^>]*>)([^<]*)(?=</text>)')
SPACE = "\N{NO-BREAK SPACE}"
#: Rich's own, without the comment and the fonts that it links from the web: those of the machine do
SVG = re.sub(r"<!--.*?-->|@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
SVG = SVG.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def check_form(path: str) -> None:
    """UsageError for a picture that cannot be written: by the end of its name, or for want of a library."""
    if not path.endswith(FORMS):
        raise UsageError(f"--save {path}: expected a file name that ends in {', '.join(FORMS[:-1])} or {FORMS[-1]}")
    if path.endswith(".png") and not (find_spec("PIL") and find_spec("matplotlib")):
        raise UsageError(f"--save {path}: PNG needs Pillow and the fonts of Matplotlib: run pip install 'rnncli[png]'")


@contextmanager
def canvas(path: str, title: str, width: int = WIDTH) -> Iterator[Screen]:
    """A console that is drawn on; at the end the picture is written, in the form that its name ends in."""
    check_form(path)
    console = Screen(
        record=True,
        width=width,
        file=io.StringIO(),
        highlight=False,
        force_terminal=True,
        color_system="truecolor",  # all colours, whatever the terminal has that it is called from
        no_color=False,
    )
    yield console
    if path.endswith(".png"):
        from rnncli.render.png import png

        picture = png(console.export_text(styles=True), shown(title), width)
    elif path.endswith(".html"):
        picture = console.export_html().encode()
    else:
        picture = anchored(console.export_svg(title=shown(title), code_format=SVG)).encode()
    write(path, picture)


def write(path: str, picture: bytes) -> None:
    """A whole picture, which is said."""
    write_whole(path, picture)
    say(f"{path} is written")


def anchored(svg: str) -> str:
    """The SVG with every piece of a line beginning and ending at a letter, and as long as it is wide.

    Some programs strip the spaces at the ends of a piece, and move the letters to where the spaces were.
    """

    def anchor(piece: re.Match) -> str:
        head, x, middle, tail, content = piece.groups()
        text = html.unescape(content)
        begin = float(x) + COLUMN * (len(text) - len(text.lstrip(SPACE)))
        text = text.strip(SPACE)
        size = f'x="{begin:g}"{middle}textLength="{COLUMN * cell_len(text):g}"'
        return f"{head}{size}{tail}{html.escape(text).replace(SPACE, '&#160;')}"

    return PIECE.sub(anchor, svg)
