"""Pictures of the terminal as files: SVG or HTML."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from rnncli.errors import UsageError, describe_os_error

WIDTH = 100


@contextmanager
def canvas(path: str, title: str, width: int = WIDTH) -> Iterator[Console]:
    """A console that is drawn on; at the end the picture is written. Ends in .svg or .html, else a UsageError."""
    if not path.endswith((".svg", ".html")):
        raise UsageError(f"--save {path}: expected a name that ends in .svg or .html")
    console = Console(record=True, width=width, file=io.StringIO(), highlight=False, force_terminal=True)
    yield console
    try:
        console.save_svg(path, title=title) if path.endswith(".svg") else console.save_html(path)
    except OSError as error:
        raise describe_os_error(path, error) from None
    print(f"{path} is written", file=sys.stderr)
