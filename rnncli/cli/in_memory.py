"""What is in memory as an input of `predict`: texts, arrays, columns of a table; a path is a file as in the shell."""

import csv
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rnncli.commands.source import Source
from rnncli.data.columns import Columns, offsets_of
from rnncli.errors import RnncliError
from rnncli.models.model_file import Model
from rnncli.readers.folders import files_of
from rnncli.readers.text_codes import code_lists, code_texts
from rnncli.registry import learns

TEXTS = ("labelled", "jsonl")  # forms with a text a row
MEMORY = "inputs"  # what messages call it


@contextmanager
def source_of(model: Model, inputs: Any, lines: bool) -> Iterator[Source]:
    """The input, of which nothing is left afterwards. `lines`: a text is a line, and holds no line end. RnncliError for
    what the model cannot read.
    """
    none = Source([MEMORY], None, None)
    several = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    if several and all(isinstance(one, os.PathLike) for one in several):
        yield replace(none, paths=files_of([os.fspath(one) for one in several]))
        return
    if not len(several):
        raise RnncliError(f"{MEMORY}: nothing, expected at least one text, array or path")
    table, form, of_text = _table(inputs), model.form, learns(model.config.task) == "text"
    if table is not None and form is not None and form.name in TEXTS and model.config.text in table:
        several, table = list(table[model.config.text]), None
    if table is None and of_text and all(isinstance(one, str) for one in several):
        yield replace(none, prompts=_lines(model, list(several), lines))
        return
    if table is None:
        yield replace(none, columns=_columns(model, inputs, list(several)))
        return
    if form is None or form.name != "table" or form.records or form.separator is None:
        raise RnncliError(f"{MEMORY}: columns, expected {_expected(model)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MEMORY
        _write_table(path, table, form)
        yield replace(none, paths=[str(path)])


def _expected(model: Model) -> str:
    """What the model reads, in words."""
    form = model.form.describe() if model.form else "lines"
    return f"what the model reads, a pathlib.Path of {form}"


def _table(inputs: Any) -> Mapping[str, Any] | None:
    """Columns by their names, of a dict or a data frame; None for all else."""
    if isinstance(inputs, Mapping):
        return inputs
    if hasattr(inputs, "columns") and hasattr(inputs, "__getitem__") and not isinstance(inputs, np.ndarray):
        return {str(name): inputs[name] for name in inputs.columns}
    return None


def _lines(model: Model, texts: list[str], lines: bool) -> list[str]:
    for number, text in enumerate(texts, start=1):
        if lines and model.form is None and "\n" in text:
            raise RnncliError(f"{MEMORY}: text {number} has a line end, expected a line each: use text.splitlines()")
    return texts


def _columns(model: Model, inputs: Any, several: list) -> Columns:
    """Texts, tokens or numbers of whole sequences."""
    if all(isinstance(one, str) for one in several):
        return _texts(model, several)
    tokens = isinstance(inputs, list) and all(
        isinstance(one, list) and one and isinstance(one[0], str) for one in inputs
    )
    if tokens and learns(model.config.task) == "tags" and len(model.schema.categories) == 1:
        coded, offsets = code_lists([[str(token) for token in one] for one in inputs])
        return Columns(offsets, coded={next(iter(model.schema.categories)): coded})
    return _numbers(model, inputs)


def _texts(model: Model, texts: list[str]) -> Columns:
    """Texts to label."""
    if model.form.name not in TEXTS or set(model.schema.categories) != {"text"} or model.schema.numbers:
        raise RnncliError(f"{MEMORY}: texts, expected {_expected(model)}")
    text, offsets = code_texts(texts, model.config.tokens, model.form.words)
    return Columns(offsets, coded={"text": text}, texts=texts, keys=texts)


def _numbers(model: Model, inputs: Any) -> Columns:
    """Sequences of numbers, in the order of the model's columns."""
    names = model.schema.numbers if model.schema and model.schema.outlook is None else []
    if not names or model.schema.categories:
        raise RnncliError(f"{MEMORY}: {type(inputs).__name__}, expected {_expected(model)}")
    try:
        arrays = [np.asarray(one, np.float64) for one in inputs]
    except (TypeError, ValueError) as error:
        raise RnncliError(f"{MEMORY}: no arrays of numbers ({error})") from None
    for number, array in enumerate(arrays, start=1):
        if array.ndim != 2 or array.shape[1] != len(names) or not len(array):
            wanted = f"(steps, {len(names)}): {', '.join(names)}"
            raise RnncliError(f"{MEMORY}: sequence {number} of shape {array.shape}, expected {wanted}")
    return Columns(offsets_of([len(array) for array in arrays]), list(names), np.concatenate(arrays))


def _write_table(path: Path, table: Mapping[str, Any], form: Any) -> None:
    """A table in the form of training; numbers have all their digits, and what is missing is empty."""
    columns = [[_spelled(value, form.decimal_comma) for value in values] for values in map(_values, table.values())]
    if len({len(values) for values in columns}) > 1:
        lengths = ", ".join(f"{name} {len(values):,}" for name, values in zip(table, columns, strict=True))
        raise RnncliError(f"{MEMORY}: columns of {lengths} values, expected as many of each")
    quoting: dict[str, Any] = {"quoting": csv.QUOTE_MINIMAL if form.quoted else csv.QUOTE_NONE}
    quoting |= {} if form.quoted else {"quotechar": None}  # as in training, where a quote is a character
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=form.separator, lineterminator="\n", **quoting)
        try:
            writer.writerows([*([list(table)] if form.header else []), *zip(*columns, strict=True)])
        except csv.Error:
            mark = repr(form.separator)
            raise RnncliError(f"{MEMORY}: a value with {mark} or a line end, expected none, as in training") from None


def _values(column: Any) -> Any:
    """Plain values of a column, whatever holds it."""
    return column.tolist() if hasattr(column, "tolist") and np.asarray(column).dtype.kind not in "mM" else column


def _is_missing(value: Any) -> bool:
    """Whether it is the missing value of NumPy's times, or of pandas."""
    return not isinstance(value, str) and str(value) in ("NaT", "<NA>")


def _spelled(value: Any, comma: bool) -> str:
    """As a field of a file."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)) or _is_missing(value):
        return ""
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return repr(value).replace(".", ",") if comma and isinstance(value, float) else str(value)
