"""The cells, a file each: h[t] = f(h[t-1], x[t]; θ). A new cell is a new file."""

from typing import TYPE_CHECKING

from rnncli.registry import load

if TYPE_CHECKING:
    from rnncli.cells.cell import Cell


def cell_class(name: str) -> "type[Cell]":
    """The class of the cell `name`, imported only when it is needed; KeyError for an unknown name."""
    from rnncli.cells.cell import Cell

    return load("cells", name, Cell)
