"""Reading with few words, and the data sets, where they are."""

from pathlib import Path

import pytest

from rnncli.data.columns import Known, Roles
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.forms import recognise
from rnncli.readers.reader import Request

DATA = Path(__file__).parents[3] / "shared" / "data"
PLAIN = "time,x,y,kind\n1,1.5,-2,a\n2,2.5,,b\n3,.5,1e2,a\n"
NAN = float("nan")


def form_of(path, task="auto", asked="auto", encoding="utf-8", **roles):
    return recognise(path, asked, Roles(**roles), encoding, task)


def read(path, task="auto", asked="auto", encoding="utf-8", form=None, numbers=None, **roles):
    """The columns of a file by its own form, or by that of training."""
    paths = [path] if isinstance(path, str) else path
    form = form or form_of(paths[0], task, asked, encoding, **roles)
    known = None if numbers is None else Known(numbers)
    return read_columns(paths, Request(form, Roles(**roles), encoding, "char", task, known))


def error_of(read, *arguments, kind=RnncliError, **options):
    """The one line of the error of reading."""
    with pytest.raises(kind) as caught:
        read(*arguments, **options)
    assert caught.value.exit_code == kind.exit_code
    assert "\n" not in str(caught.value)
    return str(caught.value)


def message(path, *arguments, **options):
    """The same of `read`."""
    return error_of(read, path, *arguments, **options)


def data(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {name}")
    return str(path)


def pieces(columns, values):
    """The values of each sequence, as lists."""
    cuts = columns.offsets.tolist()
    return [values[begin:end].tolist() for begin, end in zip(cuts, cuts[1:], strict=False)]
