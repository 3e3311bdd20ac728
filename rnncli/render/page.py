"""All views as one HTML page: no network, no script, light and dark, on a phone and on paper."""

from html import escape

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style

from rnncli import registry
from rnncli.models.output import write_whole
from rnncli.render.escapes import shown
from rnncli.render.notes import say
from rnncli.render.screen import Screen
from rnncli.render.terminal import drawn

WIDTH = 88  # columns of a picture

CSS = """
:root { color-scheme: light dark; --ground: #fdfdfc; --ink: #1d2125; --faint: #6a7178; --line: #d9dcdf;
  --cyan: #00748a; --red: #b3261e; --green: #1d7a35; --yellow: #8a6100; --magenta: #8b3d9e; --blue: #2257b8; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --ink: #e3e6e8; --faint: #949ba2; --line: #343a40;
  --cyan: #4cc3d9; --red: #ff7b72; --green: #58c472; --yellow: #d9a93a; --magenta: #d291e4; --blue: #7fa9f5; } }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 54rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem; color: var(--cyan); }
p { margin: .25rem 0 .75rem; } .faint { color: var(--faint); overflow-wrap: anywhere; }
nav a { color: var(--cyan); margin-right: .9em; display: inline-block; }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
pre { overflow-x: auto; margin: 0; padding: .25rem 0 .75rem; line-height: 1.25; font-size: clamp(10px, 1.75vw, 14px);
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; }
b { font-weight: 600; } i { font-style: normal; color: var(--faint); }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; }
  section { break-inside: avoid-page; } pre { font-size: 7.5pt; white-space: pre-wrap; } }
"""
NAMED = ("cyan", "red", "green", "yellow", "magenta", "blue")


def write(path: str, title: str, source: str, views: list[tuple[str, dict | str]]) -> None:
    """`views` are names with data, or with the reason why there is none."""
    names = " ".join(f'<a href="#{name}">{name}</a>' for name, _ in views)
    sections = "\n".join(_section(name, found) for name, found in views)
    text = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{CSS}</style>\n</head>\n<body>\n'
        f'<header><h1>{escape(title)}</h1>\n<p class="faint">{escape(source)}</p></header>\n<nav>{names}</nav>\n'
        f"<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )
    write_whole(path, shown(text).encode())
    say(f"{path} is written")


def _section(name: str, found: dict | str) -> str:
    if isinstance(found, str):
        body = f'<p class="faint">Not here: {escape(found)}.</p>'
    else:
        caption = registry.declared("views")[name]["caption"]
        body = f'<p>{caption}</p>\n<pre tabindex="0">{markup(drawn(found, WIDTH))}</pre>'
    return f'<section id="{name}"><h2>{name}</h2>\n{body}</section>'


def markup(picture: RenderableType) -> str:
    """What Rich would draw in WIDTH columns, with colours by name, so that the page chooses their shade."""
    console = Screen(width=WIDTH, force_terminal=True, color_system="truecolor", highlight=False, no_color=False)
    lines = Segment.split_lines(console.render(picture, console.options))
    return "\n".join("".join(_piece(segment) for segment in Segment.simplify(line)).rstrip() for line in lines)


def _piece(segment: Segment) -> str:
    text, style = escape(segment.text, quote=False), segment.style
    if style is None or segment.control:
        return "" if segment.control else text
    css = _css(style)
    text = f'<span style="{css}">{text}</span>' if css else text
    if style.dim:
        text = f"<i>{text}</i>"
    return f"<b>{text}</b>" if style.bold else text


def _css(style: Style) -> str:
    """A named colour as a variable of the page; a shade of red or green behind a text by how strong it is."""
    found = []
    name = style.color.name.removeprefix("bright_") if style.color else None
    if name in NAMED:
        found.append(f"color:var(--{name})")
    behind = style.bgcolor.triplet if style.bgcolor else None
    if behind:
        hue, strength = ("red", behind.red / 200) if behind.red else ("green", behind.green / 150)
        found.append(f"background:color-mix(in srgb,var(--{hue}) {60 * min(1, strength):.0f}%,transparent)")
    return ";".join(found)
