"""Views on the terminal, by Rich: 80 columns are enough, more are used. Each is drawn by the file of its name here, by
`picture(data, width)`; one that has no such file is drawn as an outline.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from rich.console import Group
from rich.text import Text

from rnncli.render import outline
from rnncli.render.escapes import shown
from rnncli.render.files import canvas
from rnncli.render.screen import Screen


def drawn(data: dict, width: int) -> Group:
    """The picture of a view, for Rich to print; of an input that was not read to its end with a line that says so."""
    picture = getattr(_file(data["view"]), "picture", outline.picture)(data, width)
    read = data.get("read")
    if read is None or read["steps"] == read["of"]:
        return picture
    steps = f"{read['steps']:,} of {read['of']:,}" if read["of"] else f"the first {read['steps']:,}"
    return Group(picture, Text(f"read {steps} steps of the input", "dim"))


def _file(view: str) -> ModuleType | None:
    """That of the view's name, if there is one."""
    name = f"rnncli.render.{view}"
    return import_module(name) if find_spec(name) else None


def draw(data: dict, console: Screen | None = None) -> None:
    """Draw a view on stdout, or on another console."""
    console = console or Screen(highlight=False)
    console.print(drawn(data, console.width))


def save(data: dict, path: str) -> None:
    """Draw a view into a file."""
    with canvas(path, f"rnncli inspect --view {data['view']}") as console:
        draw(data, console)


def form(name: str, data: dict) -> str:
    """A view in another form than its picture: one of those that it declares."""
    return shown(_file(data["view"]).FORMS[name](data))
