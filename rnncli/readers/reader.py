"""The reader contract: a form of sequence file that holds columns. A new form is a new file with a `READER` literal:

    READER = {"forms": {"arrays": "NumPy"}, "extensions": {"npy": "arrays", "npz": "arrays"}}

`forms` are the names that `--format` takes, each with a few words of help; `extensions` those of files that have the
form whatever else is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rnncli import registry
from rnncli.data.columns import Columns, Known, Roles
from rnncli.errors import UsageError
from rnncli.readers.form import Form


@dataclass(frozen=True)
class Piece:
    """How much of a file to predict is read at a time: so many sequences, or so many characters or values of them, if
    that is less; but whole sequences.
    """

    sequences: int
    size: int

    def is_full(self, sequences: int, size: int) -> bool:
        """Whether no more of them belong to it."""
        return sequences >= self.sequences or size >= self.size


@dataclass(frozen=True)
class Request:
    """What is to be read of a file, and what training, or the files before it, found.

    To predict, `form` is that of training too, and `known` what it found; else the first rows tell what the columns
    hold, or `like`, the columns of numbers of a model to start from.
    """

    form: Form
    roles: Roles
    encoding: str
    tokens: str
    task: str
    known: Known | None = None
    numbers: tuple[str, ...] | None = None  # the columns of numbers, once they are found
    like: tuple[str, ...] | None = None
    only_folds: bool = False  # whether inputs are left unread
    timed: bool = True  # whether times that the form of a file holds are read: not with --time none
    first: str = ""  # the file before, by whose columns this one is read in training
    beside: str = ""  # the file of the answers, where they are not in that of the sequences
    label_from: str = ""  # name or folder: what tells the label of all sequences of a file
    piece: Piece | None = None  # None: all of a file at once

    @property
    def folded(self) -> bool:
        """Whether folds are looked at: as answers are."""
        return bool(self.roles.fold_by) and self.answers

    @property
    def answers(self) -> bool:
        """Whether answers are looked at."""
        return self.known is None or self.known.answers

    def is_full(self, sequences: int, size: int) -> bool:
        """Whether they are a piece."""
        return self.piece is not None and self.piece.is_full(sequences, size)


class Reader:
    """Base of the readers."""

    together = False  # whether all files are read at once, by `read_all`
    numbered = False  # whether the columns are called by their numbers
    named = False  # whether sequences may have names of their own, which no option names
    dated = False  # whether series have a start, to which --frequency may be needed
    only_numbers = False  # whether all that is read beside the answer is numbers, in any file of the form
    no_rows = "no rows, expected one per step"  # what is said of files to predict without sequences

    @classmethod
    def inputs(cls, roles: Roles) -> tuple[str, ...]:
        """Of the columns that `--inputs` names, those that are numbers of columns."""
        return roles.inputs

    @classmethod
    def learnt(cls, path: str, encoding: str) -> tuple[str, ...]:
        """What can be learnt from the answers that a file shows beside its sequences, as tasks declare it."""
        return ()

    @classmethod
    def horizon(cls, path: str, encoding: str) -> tuple[int, str] | None:
        """How many steps a file says are to be forecast, and where it says so."""
        return None

    @classmethod
    def frequency(cls, path: str) -> str:
        """How far apart steps are, if something beside a file says so, as --frequency has it."""
        return ""

    @classmethod
    def meanings(cls, names: tuple[str, ...]) -> dict[str, str]:
        """Option -> its value, of those that say what columns of these names are in any file of the form."""
        return {}

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """The sequences of one file."""
        task, form = request.task, request.form.name
        raise UsageError(f"--task {task} and --format {form} cannot be combined: that is for --task language")

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """Those of one file to predict, a piece at a time where each can be told before the rest is read; else all."""
        yield cls.read(path, request)

    @classmethod
    def read_all(cls, paths: list[str], request: Request) -> Columns:
        """Those of all files."""
        raise NotImplementedError


def reader_of(form: str) -> type[Reader]:
    """The reader of a form by its name."""
    file = next(name for name, said in registry.declared("readers").items() if form in said["forms"])
    return registry.load("readers", file, Reader)


def by_extension() -> dict[str, str]:
    """Extension -> the form that files of that name have, whatever else is said."""
    return {
        end: form for said in registry.declared("readers").values() for end, form in said.get("extensions", {}).items()
    }
