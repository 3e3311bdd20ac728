"""polars, imported when something of it is first used: that takes a tenth of a second, and texts need none of it."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polars import *  # noqa: F403


#: An offset of half an hour, as +05:30, is no place to polars: it ends over a column with one, unless this is set.
os.environ.setdefault("POLARS_IGNORE_TIMEZONE_PARSE_ERROR", "1")


def __getattr__(name: str) -> Any:
    globals()[name] = found = getattr(import_module("polars"), name)
    return found
