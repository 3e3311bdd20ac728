"""What a network does, as plain data: a view is a file or a folder. `render` draws it. A new view is a new file."""

from typing import Any

from rnncli.registry import load


def view_class(name: str) -> type[Any]:
    """The class of the view `name`, imported only when it is needed; KeyError for an unknown name."""
    from rnncli.views.view import View

    return load("views", name, View)
