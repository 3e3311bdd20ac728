"""What `predict` does with models of whole sequences: rows, one object of metrics, states, on stdout.

The input is read, encoded and predicted piece by piece (readers/reader.py), so that memory does not grow with it.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from rnncli.commands.figures import show_figures, show_folds
from rnncli.commands.hidden_states import write_states
from rnncli.commands.source import Source
from rnncli.data.columns import Columns
from rnncli.data.examples import Examples
from rnncli.data.seen import encoded
from rnncli.errors import NoInput, UsageError, note
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.predictors.columns import ColumnPredictor
from rnncli.predictors.unknown import Unknown, note_gaps, note_values
from rnncli.readers.encodings import Reading
from rnncli.render.notes import note_unheard
from rnncli.render.row_writer import RowWriter
from rnncli.tasks.rows_out import Wanted


def predict(model: Model, source: Source, o: Any) -> None:
    """Predictions of models of whole sequences, or what else is asked of them; of nothing there are none."""
    if not o.evaluate and not o.states and source.is_empty():
        return
    if o.states:
        write_states(hidden_states(model, source, o), o.states, o.to, model.network.architecture.bidirectional)
        return
    predictor = ColumnPredictor(model, o.threads or usable_cpus())
    if o.folds:
        from rnncli.predictors.cross_validation import of_sequences

        show_folds(partial(of_sequences, k=o.top, threshold=o.threshold), model, source, o)
        return
    unknown = Unknown(model.schema)
    if o.answers and model.form.name != "arrays":
        raise UsageError(f"--answers and {model.form.describe()} cannot be combined: it is for arrays of NumPy")
    pieces = _encoded(pieces_of(predictor, source, o, not o.evaluate), unknown, o.evaluate)
    if o.evaluate:
        examples = (examples for _, examples in pieces)
        figures = predictor.evaluate(examples, source.name, o.top, o.threshold)
        _note_unknown(unknown, model, o)
        show_figures(figures, source.name, o)
    else:
        try:
            _write_predictions(predictor, pieces, o)
        except NoInput:
            note(f"{source.name}: no rows, so none are written")
        _note_unknown(unknown, model, o)
        if Reading.failure:
            raise Reading.failure


def hidden_states(model: Model, source: Source, o: Any) -> Iterator[np.ndarray]:
    """h (steps, layers, width) of each sequence."""
    if model.network.architecture.frozen:
        raise UsageError(
            "--states: the network is frozen, it has no hidden states: train with --learn all to have some"
        )
    predictor, unknown = ColumnPredictor(model, o.threads or usable_cpus()), Unknown(model.schema)
    for _, examples in _encoded(pieces_of(predictor, source, o, False), unknown, False):
        yield from predictor.states(examples)
    _note_unknown(unknown, model, o)


def pieces_of(predictor: ColumnPredictor, source: Source, o: Any, postpones: bool) -> Iterator[Columns]:
    """The input, piece by piece, see `ColumnPredictor.pieces`."""
    if source.columns is not None:
        return iter([source.columns])
    if not source.shard.is_whole:
        return predictor.shard_of(source.paths, source.encoding, source.shard)
    return predictor.pieces(source.paths, source.encoding, o.evaluate, postpones, o.answers or "")


def _encoded(pieces: Iterator[Columns], unknown: Unknown, hashes: bool) -> Iterator[tuple[Columns, Examples]]:
    """Each piece of the input, and its encoding, with `hashes` if they are asked for."""
    for columns in pieces:
        unknown.look_at(columns)
        yield columns, encoded(unknown.schema, columns) if hashes else unknown.schema.encode(columns)


def _note_unknown(unknown: Unknown, model: Model, o: Any) -> None:
    if model.form.name == "table":
        note_values(unknown.values)
    unknown.distances.say()
    if not o.quiet:
        note_gaps(unknown.gaps)
        note_unheard(unknown.unheard.names if o.evaluate else [])


def _write_predictions(predictor: ColumnPredictor, pieces: Iterator[tuple[Columns, Examples]], o: Any) -> None:
    """A row a sequence, or a step of it, as the task has them."""
    form, task, writer = predictor.model.form, predictor.task, None
    wanted = Wanted(o.top, o.proba, o.threshold, together=o.to != "jsonl", lines=o.to in (None, "tsv"))
    for columns, examples in pieces:
        names, rows = task.rows(predictor.predictions(examples), columns, examples, wanted)
        if writer is None:
            lines = form.name in ("labelled", "jsonl") and not task.by_step
            writer = RowWriter(names, o.to, o.header, line_last=lines, continues=o.shard.continues)
        for row in rows:
            writer.write(*row)
