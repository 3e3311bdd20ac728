"""polars, imported when something of it is first used: that takes a tenth of a second, and texts need none of it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polars import *  # noqa: F403


def __getattr__(name: str) -> Any:
    globals()[name] = found = getattr(import_module("polars"), name)
    return found
