"""Arrays of NumPy: .npy with (steps, D) or (sequences, steps, D); .npz with `x`, `lengths` or `offsets`, `y`.

Sequences of unequal length may also be an array each, `arr_0`, `arr_1`, .. as `numpy.savez(file, *arrays)` names them.
"""

import math
import re
import warnings
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.errors import RnncliError, UsageError, describe_os_error, note
from rnncli.process.spool import RowSpool, take
from rnncli.readers.answer_files import answers_in, as_answers
from rnncli.readers.naming import NoColumn, Widths, answer_names, listed, refuse, refuse_unknown_answer
from rnncli.readers.npy import arrays_of
from rnncli.readers.reader import Reader, Request
from rnncli.readers.related import folds_of
from rnncli.readers.source import display, open_bytes
from rnncli.registry import learns

READER = {"rank": 5, "forms": {"arrays": "NumPy"}, "extensions": {"npy": "arrays", "npz": "arrays"}}

BLOCK = 1 << 18  # rows at a time
MOST_LABELS, ROWS_A_LABEL = 100, 4  # of whole numbers kept as floats: different ones; sequences for each, on average
WIDE = 2  # times as many columns as steps may be steps and channels the other way round
SHAPES = "(steps, columns) or (sequences, steps, columns)"
SIZED = ("x", "lengths")  # as long as there are sequences, or steps
NUMBERED = re.compile(r"arr_(\d+)")
ADVICE = "x of all steps with lengths (or offsets) beside it, or an array for each sequence: numpy.savez(file, *arrays)"


def has_fractions(y: np.ndarray) -> bool:
    """Whether there are some among the numbers, which labels have not."""
    return y.dtype.kind == "f" and bool((np.isfinite(y) & (y != np.floor(y))).any())


def few_whole(y: Any) -> int:
    """How many different ones there are among whole numbers kept as floats, one for each sequence, if these are so few
    that they are labels; else 0.
    """
    y = np.asarray(y)
    if y.dtype.kind != "f" or y.ndim != 1 or not np.isfinite(y).all() or has_fractions(y):
        return 0
    count = len(np.unique(y))
    return count if 2 <= count <= min(MOST_LABELS, len(y) / ROWS_A_LABEL) else 0


def few_said(path: str, count: int, holds: str = "holds") -> str:
    """The line about it; what y `holds` may be known of its first lines alone."""
    what = f"{count} different whole numbers kept as floats, which are learnt as labels"
    return f"{display(path)}: y {holds} {what}: --task says otherwise"


class Arrays(Reader):
    """Arrays of NumPy."""

    numbered = True
    only_numbers = True

    @classmethod
    def learnt(cls, path: str, encoding: str) -> tuple[str, ...]:
        """From the array y, if there is one."""
        y = _load(path, ("y",)).get("y")
        if y is None:
            return ()
        y = as_answers(y, f"{display(path)}: y")
        if y.dtype.kind in "biuU" and y.ndim == 1:
            return ("label",)
        if not has_fractions(y):
            if few := few_whole(y):
                note(few_said(path, few))
                return ("label",)
            return ("label", "numbers", "tags")
        note(f"{display(path)}: y holds numbers with fractions, which are learnt as such: --task says otherwise")
        return ("numbers",)

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All sequences of one file."""
        return next(cls.pieces(path, request))

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """One file. `y` are labels for classify and tag, numbers for regress; for auto by their type.

        To predict, the sequences must fit the columns of training, and some may be without an answer.
        """
        roles, task, numbers, kind = request.roles, request.task, request.numbers, learns(request.task)
        refuse(roles, ("text", "group", "time"), "arrays", "columns are called by their numbers, steps are in order")
        arrays = _load(path)
        names = answer_names(roles, task)
        if len(names) > 1:
            raise UsageError(
                f"--target {','.join(names)}: expected one array of answers, which may have several columns"
            )
        if numbers is None and kind != "series" and not request.beside:
            refuse_unknown_answer(roles, names, tuple(arrays), "array")
        y, folds = arrays.pop(names[0], None), _folds(path, arrays, request)
        if request.beside and request.answers:
            counts = {len(arrays[name]) for name in SIZED if name in arrays and arrays[name].ndim} or {len(arrays)}
            y = answers_in(request.beside, request.encoding, kind == "numbers", counts)
        if y is not None:
            y = as_answers(y, display(request.beside or f"{path}: y"))
        if y is not None and kind == "series":
            note(f"{display(path)}: {names[0]} is not used: a forecast reads only x; --task classify or regress")
        arrays = _apart(path, arrays, y, task, numbers)
        rows, offsets, there = _sequences(path, arrays)
        if y is not None and kind == "tags" and there is not None and y.shape == there.shape:
            y = y[there]
        if rows.shape[1] not in (widths := Widths.of(roles, numbers)):
            raise RnncliError(f"{display(path)}: {rows.shape[1]} columns, expected {widths} as in training")
        count = len(offsets) - 1
        if folds is not None and (folds.ndim != 1 or len(folds) != count):
            raise RnncliError(f"{display(path)}: {roles.fold_by} is {_shape(folds)}, expected {count} folds")
        y = y if request.answers and kind != "series" else None
        if y is not None:
            name = display(request.beside or f"{path}: y")
            _refuse_answers(name, y, task, len(rows) if kind == "tags" else count, arrays.get("x"))
        for first, end in _cuts(offsets * rows.shape[1], request):
            begin, stop = offsets[[first, end]].tolist()
            columns = Columns(offsets[first : end + 1] - begin, _numbered(0, rows.shape[1]))
            columns.numbers, columns.keys = _float_rows(path, rows, begin, stop), _numbered(first, end)
            if folds is not None:
                columns.folds = folds_of((_text(fold),) for fold in folds[first:end].tolist())
            if y is not None:
                answers = y[begin:stop] if kind == "tags" else y[first:end]
                _answer(path, columns, answers, task, numbers is not None, first)
            yield columns


def _numbered(first: int, end: int) -> list[str]:
    return [str(i) for i in range(first + 1, end + 1)]


def _cuts(values: np.ndarray, request: Request) -> Iterator[tuple[int, int]]:
    """(first, end) of the sequences of each piece; `values` (sequences + 1,) is how many there are before each."""
    first, count = 0, len(values) - 1
    while first < count:
        end = count
        if request.piece:
            full = int(np.searchsorted(values, values[first] + request.piece.size))
            end = min(count, first + request.piece.sequences, max(first + 1, full))
        yield first, end
        first = end


def _load(path: str, wanted: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays of the file by name, or those wanted; objects that would have to be run to be read are refused."""
    try:
        with open_bytes(path) as stream, warnings.catch_warnings(action="ignore"):
            return arrays_of(stream, display(path), wanted)
    except RnncliError:
        raise
    except OSError as error:
        raise describe_os_error(display(path), error) from None
    except Exception as error:  # whatever a damaged file does to the libraries that read it
        reason = str(error).partition("\n")[0] or type(error).__name__
        advice = "write them with numpy.save or numpy.savez"
        if "Object arrays" in reason:
            reason, advice = "it holds Python objects", f"write {ADVICE}"
        raise RnncliError(f"{display(path)}: not arrays of numbers ({reason}): {advice}") from None


def _folds(path: str, arrays: dict[str, np.ndarray], request: Request) -> np.ndarray | None:
    """The array of folds, which is left out of the others."""
    name = request.roles.fold_by
    if request.folded and request.known is None and name not in arrays:
        raise NoColumn("--fold-by", name, tuple(arrays))
    found = arrays.pop(name, None) if name else None
    return found if request.folded else None


def _apart(path: str, arrays: dict, y, task: str, numbers: tuple[str, ...] | None) -> dict[str, np.ndarray]:
    """With x of two dimensions as sequences of one number a step, where y has one answer for each of its rows.

    What is not read is named.
    """
    x = arrays.get("x")
    used = ("x", "lengths", "offsets", "mask")
    if x is not None and (others := tuple(name for name in arrays if name not in used)):
        note(f"{display(path)}: {listed(others)} not read; --label, --tag or --target names an array of answers")
    if numbers is None and x is not None and x.ndim == 3 and x.shape[2] > WIDE * x.shape[1]:
        N, T, D = x.shape
        note(
            f"{display(path)}: x holds {N:,} sequences of {T} steps, each of {D} columns: if the channels come first, "
            "save x.swapaxes(1, 2)"
        )
    if x is None or x.ndim != 2 or "lengths" in arrays or "offsets" in arrays or learns(task) in ("tags", "series"):
        return arrays
    one = y is not None and y.ndim >= 1 and len(y) == len(x) > 1 and numbers in (None, ("1",))
    if not one and (numbers != ("1",) or x.shape[1] == 1):
        return arrays
    N, T = x.shape
    note(f"{display(path)}: x of shape ({N}, {T}) is read as {N} sequences of {T} steps, as ({N}, {T}, 1) is")
    return arrays | {"x": x[:, :, None]}


def _there(path: str, x: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """(sequences, steps) which steps are no padding, by the mask or by NaN behind the end."""
    if mask is None:
        padding = np.isnan(x).all(axis=2) if x.dtype.kind == "f" else np.zeros(x.shape[:2], bool)
        there = ~np.logical_and.accumulate(padding[:, ::-1], axis=1)[:, ::-1]
        if count := int((~there[:, -1]).sum()):
            note(f"{display(path)}: rows of NaN at the end of {count:,} sequences are read as padding")
        if 2 * (count := int(padding[:, 0].sum())) > len(x):
            what = "are read as missing values: padding is read behind the end"
            note(f"{display(path)}: rows of NaN at the beginning of {count:,} sequences {what}")
    else:
        if mask.ndim == 3 and mask.shape[2] == 1:
            mask = mask[:, :, 0]
        if mask.shape != x.shape[:2] or mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
            raise RnncliError(
                f"{display(path)}: mask is {_shape(mask)}, expected {x.shape[:2]}, true where a step exists: "
                "correct it, or add lengths"
            )
        there = mask.astype(bool)
        if not there[:, 0].any() and not there[:, -1].all():  # else all may be padded in front: refused below
            there = ~there  # true where there is padding, as some have it
    wrong = ~there[:, 0] | (there[:, 1:] & ~there[:, :-1]).any(axis=1)
    if wrong.any():
        raise RnncliError(
            f"{display(path)}: sequence {int(np.argmax(wrong)) + 1} has no steps, or padding before its end, expected "
            "padding only after the end"
        )
    return there


def _sequences(path: str, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """All steps of all sequences, where each starts, and which of those of an array with padding are there."""
    numbered = sorted((int(match[1]), name) for name in arrays if (match := NUMBERED.fullmatch(name)))
    if "x" in arrays or len(arrays) == 1:
        return _rows(path, arrays["x"] if "x" in arrays else next(iter(arrays.values())), arrays)
    if len(numbered) < len(arrays) or not arrays:
        found = f"found {listed(tuple(arrays))}" if arrays else "found none"
        raise RnncliError(f"{display(path)}: no array x, expected one with the sequences: {found}")
    pieces = [arrays[name] for _, name in numbered]
    for piece, (_, name) in zip(pieces, numbered, strict=True):
        if piece.ndim not in (1, 2) or piece.shape[1:] != pieces[0].shape[1:] or not _are_numbers(piece):
            raise RnncliError(
                f"{display(path)}: {name} is {_shape(piece)}, expected numbers, (steps, columns) as in the first of "
                f"{len(pieces)} arrays, each a sequence: write {ADVICE}"
            )
    spool = RowSpool(np.result_type(*pieces), pieces[0].shape[1:])
    for piece in pieces:
        spool.append(piece)
    rows = spool.array()
    return rows.reshape(len(rows), -1), offsets_of([len(piece) for piece in pieces]), None


def _are_numbers(x: np.ndarray) -> bool:
    return 0 not in x.shape and x.dtype.kind in "biuf"


def _rows(path: str, x: np.ndarray, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """As `_sequences`."""
    if x.ndim not in (1, 2, 3) or not _are_numbers(x):
        raise RnncliError(f"{display(path)}: x is {_shape(x)}, expected numbers, {SHAPES}, none of them 0")
    ragged = "lengths" in arrays or "offsets" in arrays
    if x.ndim < 3 and "mask" in arrays and not ragged:
        raise RnncliError(f"{display(path)}: mask with x of shape {x.shape}, expected x (sequences, steps, columns)")
    offsets = _ragged(path, x, arrays) if ragged else np.array([0, len(x)], np.int64)
    if x.ndim < 3:
        return x.reshape(len(x), -1), offsets, None
    there = np.arange(x.shape[1]) < np.diff(offsets)[:, None] if ragged else _there(path, x, arrays.get("mask"))
    rows = x.reshape(-1, x.shape[2])
    rows = rows if there.all() else take(rows, np.flatnonzero(there))
    return rows, offsets_of(there.sum(axis=1)), there


def _ragged(path: str, x: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Offsets from `offsets` or `lengths`, which must fit x."""
    name = "lengths" if "lengths" in arrays else "offsets"
    given = arrays[name]
    if given.ndim != 1 or given.dtype.kind not in "iu" or not len(given):
        raise RnncliError(f"{display(path)}: {name} is {_shape(given)}, expected integers in one dimension")
    offsets = offsets_of(given) if name == "lengths" else given.astype(np.int64)
    if name == "offsets" and offsets[-1] != len(x):  # starts only
        offsets = np.append(offsets, len(x))
    lengths = np.diff(offsets)
    fits = len(lengths) == len(x) if x.ndim == 3 else offsets[-1] == len(x)
    most = x.shape[1] if x.ndim == 3 else len(x)
    if offsets[0] != 0 or not fits or not len(lengths) or lengths.min() < 1 or lengths.max() > most:
        raise RnncliError(
            f"{display(path)}: {name} does not fit x, which is {_shape(x)}: "
            f"expected sequences of at least 1 step, {len(x)} {'sequences' if x.ndim == 3 else 'steps'} in all"
        )
    return offsets


def _float_rows(path: str, rows: np.ndarray, begin: int, end: int) -> np.ndarray:
    spool = RowSpool(np.float64, rows.shape[1:])
    with np.errstate(over="ignore", invalid="ignore"):  # of NaN that signal
        for start in range(begin, end, BLOCK):
            block = rows[start : min(end, start + BLOCK)].astype(np.float64)
            if np.isinf(block).any():
                at = start + int(np.argmax(np.isinf(block).any(axis=1)))
                raise RnncliError(f"{display(path)}: an infinite number in step {at + 1} of x, expected finite ones")
            spool.append(block)
    return spool.array()


def _are_numeric(y: np.ndarray, task: str) -> bool:
    return learns(task) == "numbers" or not learns(task) and y.dtype.kind == "f"


def _refuse_answers(name: str, y: np.ndarray, task: str, rows: int, x: np.ndarray | None) -> None:
    """RnncliError if y is not so many answers to what is in x."""
    numeric = _are_numeric(y, task)
    width = y.ndim == 1 or (y.ndim == 2 and numeric and y.shape[1])
    if not width or len(y) != rows or y.dtype.kind not in ("biuf" if numeric else "biufU"):
        kind = "numbers" if numeric else "labels"
        one = "one a step" if learns(task) == "tags" else "one a sequence"
        if rows == 1 and x is not None and x.ndim == 2:
            many = f"{len(x):,} {kind} would make it {len(x):,} sequences"
            one += f": x of shape {x.shape} is a sequence of {len(x):,} steps, {many}"
        raise RnncliError(f"{name}: {_shape(y)}, expected {rows:,} {kind if rows != 1 else kind[:-1]}, {one}")


def _answer(path: str, columns: Columns, y: np.ndarray, task: str, may_lack: bool, before: int) -> None:
    """Put y where it belongs; NaN is no answer, and `may_lack` allows it. `before`: sequences of pieces before."""
    there = ~np.isnan(y) if y.dtype.kind == "f" else np.ones(y.shape, bool)
    if not there.any():
        return
    if not _are_numeric(y, task):
        columns.labels = Coded.of([_text(label) for label in y.tolist()])
        return
    with np.errstate(over="ignore", invalid="ignore"):  # of NaN that signal
        columns.targets = y.reshape(len(y), -1).astype(np.float64)
    bad = np.isinf(columns.targets) if may_lack else ~np.isfinite(columns.targets)
    if bad.any():
        at = before + int(np.argmax(bad.any(axis=1)))
        raise RnncliError(f"{display(path)}: y of sequence {at + 1} is not a finite number, expected one")


def _text(label) -> str | None:
    """A label as text: 1 and 1.0 are `1`, True is `true`, NaN is none."""
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, float):
        return None if math.isnan(label) else str(int(label)) if label.is_integer() else str(label)
    return str(label)


def _shape(array: np.ndarray) -> str:
    return f"{array.dtype} of shape {array.shape}"
