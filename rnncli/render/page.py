"""Views as an HTML page: the charts, and what the terminal shows of them. No network, no script, light and dark, on a
phone and on paper.
"""

import re
from html import escape

from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style

from rnncli.render import files
from rnncli.render.chart.chart import DESK, PHONE, Chart
from rnncli.render.chart.svg import RULES, css, svg
from rnncli.render.escapes import shown
from rnncli.render.palette import DARK, LIGHT
from rnncli.render.screen import Screen
from rnncli.render.terminal import chart_of, drawn, how_to_read

WIDTH, NARROW = 88, 54  # columns of a picture, and of one that a phone shows at once
OPTION = re.compile(r"--[a-z][a-z-]*")

DETAILS = "as on the terminal, with all figures"


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {hue};" for name, hue in colours.items())


CSS = (
    f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
{RULES}{css({name: f"var(--{name})" for name in LIGHT})}
"""
    + """
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 54rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem; color: var(--cyan); }
p { margin: .25rem 0 .75rem; } .faint { color: var(--faint); overflow-wrap: anywhere; }
nav a { color: var(--cyan); margin-right: .9em; display: inline-block; }
section { border-top: 1px solid var(--line); margin-top: 2rem; }
pre { overflow-x: auto; margin: 0; padding: .25rem 0 .75rem; line-height: 1.25; font-size: clamp(10px, 1.75vw, 14px);
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.option { white-space: nowrap; } .said { font-size: 1.05rem; font-weight: 600; } .warns { color: var(--yellow); }
dl { margin: .25rem 0 .75rem; display: grid; grid-template-columns: fit-content(45%) minmax(0, 1fr); gap: .1rem 1rem;
  font-size: .9rem; }
dt { color: var(--cyan); } dd { margin: 0; overflow-wrap: anywhere; }
svg.chart { display: block; width: 100%; height: auto; } .phone { display: none; }
summary { color: var(--faint); cursor: pointer; margin: .25rem 0; }
@media (max-width: 560px) { .desk { display: none; } .phone { display: block; } }
b { font-weight: 600; } i { font-style: normal; color: var(--faint); }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; }
  section { break-inside: avoid-page; } pre { font-size: 7.5pt; white-space: pre-wrap; }
  h2, .said, dl { break-after: avoid-page; } section > p:last-of-type { break-before: avoid-page; }
  svg.chart { max-height: 19cm; } details { display: none; } }
"""
)
NAMED = ("cyan", "red", "green", "yellow", "magenta", "blue")


def write(path: str, title: str, source: str, views: list[tuple[str, dict | str]]) -> None:
    """`views` are names with data, or with the reason why there is none."""
    parts = _together(views)
    names = " ".join(f'<a href="#{name}">{name}</a>' for name, _ in parts if "," not in name)
    links = f"<nav>{names}</nav>\n" if len(parts) > 1 else ""
    sections = "\n".join(_section(name, found) for name, found in parts)
    text = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{CSS}</style>\n</head>\n<body>\n'
        f'<header><h1>{escape(title)}</h1>\n<p class="faint">{escape(source)}</p></header>\n{links}'
        f"<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )
    files.write(path, shown(text).encode())


def _together(views: list[tuple[str, dict | str]]) -> list[tuple[str, dict | str]]:
    """Views after each other that are missing for one reason are one part of the page, with all their names."""
    parts: list[tuple[str, dict | str]] = []
    for name, found in views:
        if isinstance(found, str) and parts and parts[-1][1] == found:
            parts[-1] = (f"{parts[-1][0]}, {name}", found)
        else:
            parts.append((name, found))
    return parts


def _section(name: str, found: dict | str) -> str:
    """What the view says, its chart, how to read it, and the picture of the terminal; a view without a chart has that
    picture alone.
    """
    if isinstance(found, str):
        body = f'<p class="faint">Not here: {escape(found)}.</p>'
    else:
        chart, caption = chart_of(found), f'<p class="faint">{escape(how_to_read(found))}</p>'
        if chart is None:
            sizes = ((name, _terminal(found, width)) for name, width in (("desk", WIDTH), ("phone", NARROW)))
            body = "\n".join([caption, *(f'<div class="{name}">{text}</div>' for name, text in sizes)])
        else:
            text = _terminal(found, WIDTH)
            more = f"<details><summary>{DETAILS}</summary>{text}</details>"
            body = f"{_words(chart)}\n{_pictures(chart)}\n{caption}\n{more}"
    return f'<section id="{name.partition(",")[0]}"><h2>{name}</h2>\n{body}</section>'


def _terminal(found: dict, width: int) -> str:
    """The picture of the terminal in so many columns."""
    return f'<pre tabindex="0">{markup(drawn(found, width), width)}</pre>'


def _words(chart: Chart) -> str:
    """The sentences of a chart, and its facts."""
    kind = "said warns" if chart.warns else "said"
    said = [
        f'<p class="{kind}">{"Warning: " * (chart.warns and not i)}{_unbroken(s)}</p>' for i, s in enumerate(chart.said)
    ]
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in chart.facts)
    return "\n".join([*said, f"<dl>{facts}</dl>" if facts else ""])


def _unbroken(text: str) -> str:
    """A text whose options stay in one line."""
    return OPTION.sub(r'<span class="option">\g<0></span>', escape(text))


def _pictures(chart: Chart) -> str:
    """The chart in two widths, of which a page shows the one that fits; nothing of one of words alone."""
    if not chart.panels:
        return ""
    sizes = (("desk", DESK), ("phone", PHONE))
    return "\n".join(
        f'<div class="{name}">{svg(chart.scene(width, "", words=False), alone=False)}</div>' for name, width in sizes
    )


def markup(picture: RenderableType, width: int = WIDTH) -> str:
    """What Rich would draw in so many columns, with colours by name, so that the page chooses their shade."""
    console = Screen(width=width, force_terminal=True, color_system="truecolor", highlight=False, no_color=False)
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
    """A named colour as a variable of the page."""
    name = style.color.name.removeprefix("bright_") if style.color else None
    return f"color:var(--{name})" if name in NAMED else ""
