"""The sequences, or lines of a text, of the highest and of the lowest loss in an input."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.data import label_sets
from rnncli.data.columns import Columns
from rnncli.models.model_file import Model
from rnncli.predictors.columns import ColumnPredictor
from rnncli.predictors.language import Predictor, texts_of
from rnncli.readers.form import Form
from rnncli.readers.sniff import split_line
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.rows_out import Wanted

MOST = 5  # of each end
LEAST_TOKENS = 8  # of a line: the mean of fewer says little
MOST_TOKENS = 1_000_000  # of a text that are looked at
LETTERS = 200  # of a line that are kept

Row = dict[str, Any]


def ends_of(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """`worst` and `best` of rows with a `loss`, the farthest out first; none is in both."""
    worst, best = list[Row](), list[Row]()
    for row in rows:
        worst, best = sorted([*worst, row], key=_loss)[-2 * MOST :], sorted([*best, row], key=_loss)[: 2 * MOST]
    whole = {id(row): row for row in (*best, *worst)}
    each = min(MOST, len(whole) // 2)
    return {"worst": worst[len(worst) - each :][::-1], "best": best[:each]}


def _loss(row: Row) -> float:
    return row["loss"]


def of_sequences(model: Model, input: str) -> dict[str, Any]:
    """Those of the input, with what is true of them and what was predicted; {} where there is nothing to compare."""
    predictor = ColumnPredictor(model)
    pieces = predictor.pieces([input], None, True, False)
    found = ends_of(row for columns in pieces for row in _rows(predictor, columns))
    measure = "mean squared error, scaled" if model.schema.targets else "nats"
    return {"measure": measure, **found} if found["worst"] else {}


def _rows(predictor: ColumnPredictor, columns: Columns) -> Iterator[Row]:
    task: ColumnTask = predictor.task
    true = _answers(columns)
    examples = predictor.model.schema.encode(columns)
    predictions = predictor.predictions(examples)
    losses = task.losses(predictions, examples)
    if true is None or losses is None:
        return
    kept = replace(columns, keys=[str(mark) for mark in columns.marks])
    _, rows = task.rows(predictions, kept, examples, Wanted(None, together=True))
    values = len(predictor.model.schema.targets) or 1
    form, text = predictor.model.form, predictor.model.config.text
    for loss, answer, row in zip(losses.tolist(), true, rows, strict=True):
        if np.isfinite(loss):
            found = " ".join(map(str, row[:values]))
            line = _text_in(str(row[-1]), form, text)
            yield {"loss": loss, "true": answer, "predicted": found, "input": line[:LETTERS]}


def _text_in(line: str, form: Form, text: str | None) -> str:
    """What stands in the column of texts of a row of a table; of anything else all of the line."""
    if form.name not in ("table", "labelled") or text not in form.columns or not form.separator:
        return line
    fields = split_line(line, form.separator, form.quoted)
    return fields[form.columns.index(text)] if len(fields) == len(form.columns) else line


def _answers(columns: Columns) -> list[str] | None:
    """What is true of each sequence, as text."""
    if columns.targets is not None:
        return [" ".join(f"{value:.6g}" for value in row) for row in columns.targets.tolist()]
    if columns.labels is None:
        return None
    texts, ends = columns.labels.texts(), np.cumsum(label_sets.counts(columns)).tolist()
    return [",".join(text or "" for text in texts[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def of_text(model: Model, input: str) -> dict[str, Any]:
    """Those lines, or records, of the input that have enough tokens, by their bits a token."""
    found = ends_of(_lines(Predictor(model), texts_of(model, input)))
    return {"measure": "bits a token", **found} if found["worst"] else {}


def _lines(predictor: Predictor, lines: Iterable[str | bytes]) -> Iterator[Row]:
    tokens = 0
    for score in predictor.score(lines):
        tokens += len(score.nats)
        if len(score.nats) >= LEAST_TOKENS:
            text = score.text if isinstance(score.text, str) else score.text.decode("utf-8", "replace")
            yield {"loss": score.bits_per_token, "line": score.line, "input": text[:LETTERS]}
        if tokens >= MOST_TOKENS:
            return
