"""rnncli: train recurrent networks on sequence files from the shell, pipe their predictions, look inside."""

TYPE_CHECKING = False  # that of typing, without its import

if TYPE_CHECKING:
    import os

    from rnncli.cli.door import LoadedModel

__version__ = "0.1.0"
__all__ = ["load"]


def load(path: "str | os.PathLike") -> "LoadedModel":
    """The model in a file; its methods predict, score and states are in docs/python.md."""
    from rnncli.cli import door  # with NumPy, which `import rnncli` and `rnncli --help` do without

    return door.load(path)
