"""The door: files of any form but plain text to Columns."""

import numpy as np

from rnncli.columns import Coded, Columns, Known, Roles
from rnncli.errors import RnncliError
from rnncli.readers.arrays import read_arrays
from rnncli.readers.coding import merge, offsets_of
from rnncli.readers.forms import Form
from rnncli.readers.jsonl import read_jsonl
from rnncli.readers.labelled import read_labelled
from rnncli.readers.naming import listed, position
from rnncli.readers.source import display
from rnncli.readers.spool import join
from rnncli.readers.tables import read_table
from rnncli.readers.tagged import read_tagged
from rnncli.readers.wide import read_wide


def read_columns(
    paths: list[str],
    form: Form,
    roles: Roles,
    encoding: str,
    tokens: str,
    task: str,
    known: Known | None = None,
) -> Columns:
    """All files, one after the other.

    To predict, `form` is that of training too, and `known` what it found; else the first rows tell what the columns
    hold.
    """
    if form.name == "labelled":
        return read_labelled(paths, form, roles, encoding, tokens, task, known)
    if form.name == "tagged":
        return read_tagged(paths, form, roles, encoding)
    files, numbers = [], known and known.numbers
    for path in paths:
        files.append(_read(path, form, roles, encoding, tokens, task, known, numbers))
        numbers = numbers or tuple(files[0].number_names)
    return _one(files, paths)


def _read(path: str, form: Form, roles: Roles, encoding: str, tokens: str, task: str, known, numbers) -> Columns:
    answers = known is None or known.answers
    if form.name == "table":
        return read_table(path, form, roles, encoding, task, numbers, answers)
    if form.name == "wide":
        return read_wide(path, form, roles, encoding, task, known)
    targets = roles.targets if task == "forecast" else ()
    if form.name == "arrays":
        return _restricted(read_arrays(path, roles, task, numbers, answers), roles.inputs, targets)
    if form.name == "jsonl":
        inputs = tuple(filter(str.isdecimal, roles.inputs))  # the others are keys
        return _restricted(read_jsonl(path, roles, encoding, tokens, task, numbers, answers), inputs, targets)
    raise ValueError(f"{form.name} has no columns")


def _restricted(columns: Columns, inputs: tuple[str, ...], targets: tuple[str, ...]) -> Columns:
    """The inputs only, and what is forecast, of columns that are called by their numbers."""
    names = tuple(columns.number_names)
    chosen = {position(names, "--inputs", name) for name in inputs} or set(range(len(names)))
    kept = sorted(chosen | {position(names, "--target", name) for name in targets})
    if len(kept) < len(names):
        columns.numbers = np.ascontiguousarray(columns.numbers[:, kept])
        columns.number_names = [names[i] for i in kept]
    return columns


def _one(files: list[Columns], paths: list[str]) -> Columns:
    """One after the other; all must have the same columns."""
    first = files[0]
    if len(files) == 1:
        return first
    for path, file in zip(paths, files, strict=True):
        if (file.number_names, list(file.coded)) != (first.number_names, list(first.coded)):
            raise RnncliError(
                f"{display(path)}: columns {_names(file)}, expected those of {display(paths[0])}: {_names(first)}"
            )
        for what in ("labels", "targets"):
            if (getattr(file, what) is None) != (getattr(first, what) is None):
                have, lack = (paths[0], path) if getattr(file, what) is None else (path, paths[0])
                raise RnncliError(f"{display(lack)}: no {what}, but {display(have)} has them: read it by itself")
    return Columns(
        offsets_of(np.concatenate([file.lengths for file in files])),
        first.number_names,
        None if first.numbers is None else join([file.numbers for file in files]),
        {name: merge([file.coded[name] for file in files]) for name in first.coded},
        None if first.keys is None else [key for file in files for key in file.keys],
        _merged([file.labels for file in files]),
        None if first.targets is None else np.concatenate([file.targets for file in files]),
        None if first.times is None else _times([file.times for file in files], paths),
        first.time_sample,
        _order(files),
    )


def _times(times: list[np.ndarray], paths: list[str]) -> np.ndarray:
    """Of all files; numbers and dates do not mix."""
    for path, some in zip(paths, times, strict=True):
        if some.dtype != times[0].dtype:
            kinds = [("dates" if t.dtype.kind == "M" else "numbers") for t in (some, times[0])]
            raise RnncliError(f"{display(path)}: {kinds[0]} in the time column, {display(paths[0])} has {kinds[1]}")
    return np.concatenate(times)


def _order(files: list[Columns]) -> np.ndarray | None:
    """The places of the rows in all files; None if they are in order."""
    if all(file.order is None for file in files):
        return None
    before = offsets_of([file.rows for file in files])[:-1].tolist()
    orders = [np.arange(file.rows) if file.order is None else file.order for file in files]
    return np.concatenate([order + count for order, count in zip(orders, before, strict=True)])


def _merged(labels: list[Coded | None]) -> Coded | None:
    return None if labels[0] is None else merge(labels)


def _names(columns: Columns) -> str:
    return listed((*columns.number_names, *columns.coded)) or "none"
