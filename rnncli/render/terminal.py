"""Pictures on the terminal, of views and of predictions, by Rich: 80 columns are enough, more are used. Each is drawn
by the file of its name here, by `picture(data, width)`; one that has no such file is drawn as an outline. `chart(data)`
there is its chart for files, `how_to_read(data)` the sentence below it, where it is not the caption of the view,
`left_out(data)` what its tables have no room for in less than 60 columns.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from rich.console import Group
from rich.text import Text

from rnncli import registry
from rnncli.render import outline
from rnncli.render.chart.chart import Chart
from rnncli.render.escapes import shown
from rnncli.render.screen import Screen
from rnncli.render.text import NARROW


def drawn(data: dict, width: int) -> Group:
    """The picture of a view, for Rich to print."""
    return getattr(_file(data["view"]), "picture", outline.picture)(data, width)


def chart_of(data: dict) -> Chart | None:
    """The chart of a view, if it has one."""
    made = getattr(_file(data["view"]), "chart", None)
    return made and made(data)


def how_to_read(data: dict) -> str:
    """The sentence of the view; of an input that was not read to its end one more says so."""
    own = getattr(_file(data["view"]), "how_to_read", None)
    if own and (sentence := own(data)):
        return sentence
    caption, read = registry.declared("views")[data["view"]]["caption"], data.get("read")
    if read is None or read["steps"] == read["of"]:
        return caption
    steps = f"{read['steps']:,} of {read['of']:,}" if read["of"] else f"the first {read['steps']:,}"
    return f"{caption} It read {steps} steps of the input."


def left_out(data: dict, width: int) -> str:
    """What the tables of the picture leave out in so few columns, as a sentence; nothing if there is room."""
    what = getattr(_file(data["view"]), "left_out", None)
    words = what(data) if what and width < NARROW else ""
    return f" In {NARROW} columns it has {words} too." if words else ""


def _file(view: str) -> ModuleType | None:
    """That of the view's name, if there is one."""
    name = f"rnncli.render.{view}"
    return import_module(name) if find_spec(name) else None


def draw(data: dict, console: Screen | None = None) -> None:
    """Draw a view on stdout, or on another console, and say how to read it."""
    console = console or Screen(highlight=False)
    said = how_to_read(data) + left_out(data, console.width)
    console.print(Group(drawn(data, console.width), Text(), Text(said, "dim")))


def form(name: str, data: dict) -> str:
    """A view in another form than its picture: one of those that it declares."""
    return shown(_file(data["view"]).FORMS[name](data))
