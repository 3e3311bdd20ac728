"""The door: files of any form but plain text to Columns.

Several tables with groups are one long table: the rows of a group are one sequence, in the order of time, else of the
files. In any other form each file has sequences of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from rnncli.data import label_sets
from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.data.times.stamps import kind_of, offset_of
from rnncli.errors import NoInput, NoRows, RnncliError
from rnncli.process.spool import RowSpool, join, take
from rnncli.process.temporary import blocks
from rnncli.readers.answer_files import refuse_several
from rnncli.readers.encodings import Reading
from rnncli.readers.file_labels import FileLabels
from rnncli.readers.naming import listed, position
from rnncli.readers.reader import Reader, Request, reader_of
from rnncli.readers.sequencing import first_of_each, in_order
from rnncli.readers.source import display, size_of
from rnncli.readers.text_codes import merge
from rnncli.registry import learns

Names = tuple[tuple[str, ...], tuple[str, ...]]  # of the columns of numbers, and of the others


def read_columns(paths: list[str], request: Request) -> Columns:
    """All files, one after the other."""
    return _finished(_columns(paths, request), request)


def read_pieces(paths: list[str], request: Request) -> Iterator[Columns]:
    """The same of files to predict, piece by piece where the form allows it, each with what came before it."""
    if request.label_from and not request.roles.group:
        yield from _by_files(paths, request)
        return
    if request.form.name == "table" and len(paths) > 1:  # the rows of a group may stand in all files
        yield read_columns(paths, request)
        return
    before, waiting = 0, list[Columns]()  # waiting: without sequences, before the first of them
    for columns in _pieces(paths, request):
        columns.before = before
        before += len(columns)
        waiting.append(columns)
        if before:
            yield from waiting
            waiting.clear()
    if any(columns.asides for columns in waiting):  # lines of tagged text that have rows out all the same
        yield from waiting
    elif not before:
        raise NoInput(f"{display(paths[0])}: {reader_of(request.form.name).no_rows}")


def _by_files(paths: list[str], request: Request) -> Iterator[Columns]:
    """Several small files at a time, of which each has few sequences, but no more than are a piece."""
    group, size, before = list[str](), 0, 0
    for path, after in zip(paths, [*paths[1:], ""], strict=True):
        group.append(path)
        size += size_of(path)
        if not after or request.is_full(len(group), size):
            columns = read_columns(group, replace(request, piece=None))
            columns.before = before
            before += len(columns)
            yield columns
            group, size = [], 0


def _pieces(paths: list[str], request: Request) -> Iterator[Columns]:
    reader, names, empty = reader_of(request.form.name), None, ""
    refuse_several(request.beside, paths)
    request = replace(request, numbers=request.known.numbers)
    for path in paths:
        try:
            for columns in reader.pieces(path, request):
                columns = _finished(_located(columns, path, reader, request), request)
                names = names or _names(columns)
                _refuse_others(columns, names, path, paths[0])
                yield columns
        except NoRows as found:  # it has no rows out, as a text without lines has none
            empty = empty or str(found)
        except RnncliError:
            if names and Reading.postpones and Reading.failure:  # of this file there is nothing more
                break
            raise
        if names:
            request = replace(request, numbers=request.numbers or names[0])
    if empty and not names:
        raise NoInput(empty)


def _finished(columns: Columns, request: Request) -> Columns:
    """With its labels apart, and without what only the choice of tokens needs."""
    if request.known is not None:
        columns.texts = None
    separator = request.form.label_separator
    return label_sets.split(columns, separator) if separator else columns


def _columns(paths: list[str], request: Request) -> Columns:
    reader, known, roles, form = reader_of(request.form.name), request.known, request.roles, request.form
    refuse_several(request.beside, paths)
    if reader.together:
        return reader.read_all(paths, request)
    files: list[Columns] = []
    request = replace(request, numbers=known.numbers if known else None)
    if known is None and request.label_from:
        FileLabels(request.label_from).check(paths)
    for path in paths:
        try:
            files.append(_read(path, reader, request))
        except RnncliError:
            if files and Reading.postpones and Reading.failure:  # of this file there is nothing
                break
            raise
        numbers = request.numbers or tuple(files[0].number_names)
        first = display(paths[0]) if known is None else ""
        request = replace(request, numbers=numbers, form=request.form.timed(files[0].time_sample), first=first)
    if known is None:
        _refuse_unanswered(files, paths)
    paths = paths[: len(files)]
    columns = _one(files, paths, learns(request.task) == "tags")
    if known is None and request.label_from:
        FileLabels(request.label_from).refuse_own(columns, paths)
    if form.name != "table" or not roles.group:
        return columns
    return _grouped(columns, np.repeat(paths, [len(file) for file in files]), roles.tag is not None)


def _read(path: str, reader: type[Reader], request: Request) -> Columns:
    return _located(reader.read(path, request), path, reader, request)


def _located(columns: Columns, path: str, reader: type[Reader], request: Request) -> Columns:
    """What was read of a file, with its place and the columns that are wanted."""
    columns.where = columns.where or (lambda row: f"{display(path)}: row {row:,}, counted from 0")
    if request.label_from and not request.only_folds:
        FileLabels(request.label_from).put(columns, path, request.answers, reader.numbered)
    if not reader.numbered:
        return columns
    roles, sentinels = request.roles, request.form.writing.sentinels  # which stand for a missing number
    if sentinels and columns.numbers is not None:
        columns.numbers = np.where(np.isin(columns.numbers, sentinels), np.nan, columns.numbers)
    return _restricted(columns, reader.inputs(roles), roles.targets if learns(request.task) == "series" else ())


def _restricted(columns: Columns, inputs: tuple[str, ...], targets: tuple[str, ...]) -> Columns:
    """The inputs only, and what is forecast, of columns that are called by their numbers."""
    names = tuple(columns.number_names)
    chosen = {position(names, "--inputs", name) for name in inputs} or set(range(len(names)))
    kept = sorted(chosen | {position(names, "--target", name) for name in targets})
    if len(kept) < len(names):
        columns.numbers = np.ascontiguousarray(columns.numbers[:, kept])
        columns.number_names = [names[i] for i in kept]
    return columns


def _refuse_unanswered(files: list[Columns], paths: list[str]) -> None:
    """In training all files must have answers, or none."""
    for path, file in zip(paths, files, strict=True):
        for what in ("labels", "targets"):
            if (getattr(file, what) is None) != (getattr(files[0], what) is None):
                have, lack = (paths[0], path) if getattr(file, what) is None else (path, paths[0])
                raise RnncliError(f"{display(lack)}: no {what}, expected as in {display(have)}: leave it out")


def _one(files: list[Columns], paths: list[str], tagged: bool) -> Columns:
    """One after the other; all must have the same columns, but for answers."""
    first = files[0]
    if len(files) == 1:
        return first
    for path, file in zip(paths, files, strict=True):
        _refuse_others(file, _names(first), path, paths[0])
    return Columns(
        offsets_of(np.concatenate([file.lengths for file in files])),
        first.number_names,
        None if first.numbers is None else join([file.numbers for file in files]),
        {name: merge([file.coded[name] for file in files]) for name in first.coded},
        None if any(file.texts is None for file in files) else [text for file in files for text in file.texts],
        None if first.keys is None else [key for file in files for key in file.keys],
        _labels(files, tagged),
        label_bounds=label_sets.joined(files),
        targets=_targets(files, paths),
        times=None if first.times is None else _times(files, paths),
        time_sample=first.time_sample,
        clocks=[clock for file in files for clock in file.clocks] if all(file.clocks for file in files) else None,
        order=_order(files),
        where=_where(files),
        zone=first.zone,
        other_offset=_other_offset(files, paths),
        folds=None if first.folds is None else merge([file.folds for file in files], True),
    )


def _refuse_others(file: Columns, expected: Names, path: str, like: str) -> None:
    """RnncliError if a file has other columns than the first one."""
    if _names(file) != expected:
        found, wanted = (listed((*numbers, *coded)) or "none" for numbers, coded in (_names(file), expected))
        raise RnncliError(f"{display(path)}: columns {found}, expected those of {display(like)}: {wanted}")


def _grouped(columns: Columns, paths: np.ndarray, tagged: bool) -> Columns:
    """The sequences of a group as one; paths (sequences,) are the files they come from."""
    groups = Coded.named(columns.keys)
    if len(groups.symbols) == len(columns):
        return columns
    rows = np.repeat(groups.codes, columns.lengths)
    order, offsets = in_order(rows, columns.times, len(rows))
    order = np.arange(len(rows)) if order is None else order
    labels, targets, folds = columns.labels, columns.targets, columns.folds
    if folds is not None:
        codes, symbols = folds.codes, folds.symbols
        folds = Coded(_agreed(codes, codes >= 0, groups, paths, lambda code: f"fold {symbols[code]}"), symbols)
    if labels is not None:
        codes, name = labels.codes, labels.symbols.__getitem__
        labels = replace(labels, codes=codes[order] if tagged else _agreed(codes, codes >= 0, groups, paths, name))
    if targets is not None:
        there = ~np.isnan(targets)
        each = [_agreed(targets[:, k], there[:, k], groups, paths, "{:g}".format) for k in range(targets.shape[1])]
        targets = np.stack(each, axis=1)
    return replace(
        columns,
        offsets=offsets,
        numbers=None if columns.numbers is None else take(columns.numbers, order),
        coded={name: replace(coded, codes=take(coded.codes, order)) for name, coded in columns.coded.items()},
        keys=groups.symbols,
        labels=labels,
        targets=targets,
        folds=folds,
        times=None if columns.times is None else take(columns.times, order),
        order=order if columns.order is None else columns.order[order],
    )


def _agreed(answers: np.ndarray, there: np.ndarray, groups: Coded, paths: np.ndarray, name) -> np.ndarray:
    """The answer of each group, of those (sequences,) of all files; another one in a later file is an error."""
    order, offsets = np.argsort(groups.codes, kind="stable"), offsets_of(np.bincount(groups.codes))
    first, other = first_of_each(answers[order], there[order], offsets)
    if other is not None:
        at, group = order[other], groups.codes[order[other]]
        raise RnncliError(
            f"{display(paths[at])}: {name(answers[at])} for group {groups.symbols[group]}, expected "
            f"{name(first[group])} as in the files before: the rows of a group in all files are one sequence "
            "with one answer and one fold"
        )
    return first


def _times(files: list[Columns], paths: list[str]) -> np.ndarray:
    """Of all files; those of different kinds do not mix."""
    kinds = [kind_of(file.times.dtype.kind == "M", file.time_sample) for file in files]
    for path, kind in zip(paths, kinds, strict=True):
        if kind != kinds[0]:
            like = display(paths[0])
            raise RnncliError(f"{display(path)}: {kind} in the time column, expected {kinds[0]} as in {like}")
    return join([file.times for file in files])


def _other_offset(files: list[Columns], paths: list[str]) -> str:
    """Where the times have another offset from UTC than those before, in a file or between two; empty for nowhere."""
    for path, file in zip(paths, files, strict=True):
        if file.other_offset:
            return file.other_offset
        if file.times is not None and offset_of(file.time_sample) != offset_of(files[0].time_sample):
            return f"{display(path)}: times as {file.time_sample}"
    return ""


def _order(files: list[Columns]) -> np.ndarray | None:
    """The places of the rows in all files; None if they are in order."""
    if all(file.order is None for file in files):
        return None
    orders = RowSpool(np.int64)
    for file in files:
        before, places = len(orders), file.places
        for begin, end in blocks(file.total):
            orders.append(before + places[begin:end])
    return orders.array()


def _where(files: list[Columns]) -> Callable[[int], str]:
    """file:line of a row, by its place in all files."""
    before, places = offsets_of([file.total for file in files]), [file.where for file in files]

    def where(place: int) -> str:
        i = int(np.searchsorted(before, place, "right")) - 1
        return places[i](place - int(before[i]))

    return where


def _labels(files: list[Columns], tagged: bool) -> Coded | None:
    """Of all files, -1 for those without; None if no file has them."""
    if all(file.labels is None for file in files):
        return None
    counts = [file.total if tagged else int(label_sets.counts(file).sum()) for file in files]
    return merge([f.labels or Coded(np.full(n, -1, np.int32), []) for f, n in zip(files, counts, strict=True)], True)


def _targets(files: list[Columns], paths: list[str]) -> np.ndarray | None:
    """Of all files, NaN for those without; None if no file has them."""
    there = [(path, file.targets.shape[1]) for path, file in zip(paths, files, strict=True) if file.targets is not None]
    if not there:
        return None
    like, width = there[0]
    for path, found in there:
        if found != width:
            raise RnncliError(f"{display(path)}: {found} targets per sequence, expected {width} as in {display(like)}")
    return np.concatenate([np.full((len(f), width), np.nan) if f.targets is None else f.targets for f in files])


def _names(columns: Columns) -> Names:
    return tuple(columns.number_names), tuple(columns.coded)
