"""The cells by name. A new cell is a file here and a line in `CELLS`."""

from importlib import import_module

CELLS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


def cell_class(name: str):
    """The class of the cell `name`, imported only when it is needed; KeyError for an unknown name."""
    class_name = CELLS[name]
    return getattr(import_module(f"rnncli.cells.{name}"), class_name)
