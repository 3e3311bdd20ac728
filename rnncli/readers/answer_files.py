"""Answers of arrays in a file of their own, `--label labels.npy`: .npy, .npz with one array, or a line each."""

import os
from collections.abc import Collection

import numpy as np

from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import sniff
from rnncli.readers.npy import arrays_of
from rnncli.readers.source import display, open_bytes, text_lines
from rnncli.readers.unpacking import name_inside

ARRAYS, LINES = (".npy", ".npz"), (".csv", ".txt", ".tsv")


def names_file(name: str | None) -> bool:
    """Whether what an option names looks like a file of answers."""
    return bool(name) and os.path.splitext(name_inside(name))[1] in (*ARRAYS, *LINES)


def is_answer_file(name: str | None) -> bool:
    """Whether an option that names answers names a file that is there."""
    return names_file(name) and os.path.isfile(name)


def refuse_several(answers: str, paths: list[str]) -> None:
    """UsageError for several files whose answers one file is to hold."""
    if answers and len(paths) > 1:
        raise UsageError(
            f"{answers} and {len(paths):,} files of sequences cannot be combined: it holds the answers of one file"
        )


def as_answers(y: np.ndarray, name: str) -> np.ndarray:
    """An array as answers: one column (N, 1) is (N,), bytes are texts; RnncliError, of what is called `name`, for bytes
    that are none.
    """
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if y.dtype.kind != "S":
        return y
    try:
        return np.char.decode(y, "utf-8")
    except UnicodeDecodeError as error:
        raise RnncliError(f"{name}: bytes that are no UTF-8 ({error}), expected labels as texts: decode them") from None


def answers_in(path: str, encoding: str, numeric: bool, counts: Collection[int]) -> np.ndarray:
    """Those of the file; of lines as texts, or as numbers if they are to be `numeric`. A name on top is left out; any
    word that comes once, if it makes one more than one of these `counts` of sequences or steps.
    """
    if os.path.splitext(name_inside(path))[1] in LINES:
        found = _lines(path, encoding, numeric)
        if numeric or len(found) in counts or len(found) - 1 not in counts or found[0] in found[1:]:
            return found
        note(f"{display(path)}: the first line, {found[0]!r}, is read as a name on top of {len(found) - 1:,} answers")
        return found[1:]
    try:
        with open_bytes(path) as stream:
            arrays = arrays_of(stream, display(path))
    except RnncliError:
        raise
    except Exception as error:  # whatever a damaged file does to the libraries that read it
        raise RnncliError(f"{display(path)}: no array of answers ({error}): write it with numpy.save") from None
    if len(arrays) != 1:
        raise RnncliError(f"{display(path)}: {len(arrays)} arrays, expected one, of answers")
    return next(iter(arrays.values()))


def _lines(path: str, encoding: str, numeric: bool) -> np.ndarray:
    lines = [line.strip().strip('"') for line in text_lines(path, encoding)]
    while lines and not lines[-1]:
        lines.pop()
    named = bool(lines and (sniff.LABEL_NAMES.fullmatch(lines[0]) or _is_name(lines)))
    lines = lines[named:]
    if not numeric:
        if "" in lines:
            gap = f"{display(path)}:{lines.index('') + 1 + named}"
            raise RnncliError(f"{gap}: an empty line among the labels, expected a label a line")
        return np.array(lines)
    try:
        return np.array(lines, np.float64)
    except ValueError as error:
        raise RnncliError(f"{display(path)}: {error}, expected a number a line") from None


def _is_name(lines: list[str]) -> bool:
    """Whether a word stands on top of numbers."""
    return len(lines) > 1 and not _is_number(lines[0]) and all(map(_is_number, lines[1:]))


def _is_number(line: str) -> bool:
    return sniff.is_number(line, False)
