"""What `predict` does with models of text and of whole sequences: rows, one object of metrics, states, on stdout."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from rnncli.commands.source import Source, carried
from rnncli.data.sequences import Sequences
from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.language import Predictor, Score, until
from rnncli.predictors.stream import Choice
from rnncli.readers.encodings import Reading, postponed
from rnncli.readers.source import display
from rnncli.readers.text import language_sequences
from rnncli.render.escapes import data_out
from rnncli.render.notes import note_gaps, note_unheard
from rnncli.render.row_writer import RowWriter, print_json
from rnncli.tasks.rows_out import Wanted


def predict(model: Model, source: Source, o: Any) -> None:
    """Continuations of prompts, or what else is asked of a language model; `o` are the options of the command."""
    if o.follow and model.form and model.form.name == "labelled":
        raise UsageError(f"--follow is for lines, blocks and JSON lines; this model reads {model.form.describe()}")
    predictor = Predictor(model, o.threads or usable_cpus(), o.carry)
    if o.state and not predictor.carry:
        raise UsageError("--state and --no-carry cannot be combined: a model of lines or records needs --carry for it")
    state = StateFile(o.state, model, predictor.stream) if o.state else None
    if o.states:
        write_states(predictor.states(source.lines(predictor)), o.states, o.to)
    elif o.evaluate or o.per_token or o.score or o.next:
        with carried(source.follow, state) as rows_are_written:
            if o.evaluate:
                print_json(predictor.evaluate(_sequences(predictor, source)))
            else:
                _write_rows(predictor, source, o, rows_are_written)
    else:
        generate(predictor, source, o)


def _sequences(predictor: Predictor, source: Source) -> Sequences:
    """The input, for `--evaluate`."""
    config = predictor.model.config
    form = predictor.model.form or ("text" if predictor.carry else "lines")
    encoding = source.encoding or config.encoding
    sequences, _ = language_sequences(source.paths, form, config.tokens, encoding, predictor.vocabulary)
    if predictor.carry and predictor.model.form:  # one stream, as rows of `--score` are
        return Sequences(sequences.tokens, np.zeros(1, np.int64))
    return sequences


def _write_rows(predictor: Predictor, source: Source, o: Any, rows_are_written: Callable[[], None]) -> None:
    """Those of each line, or of each record, whose text is no line of the input."""
    by_record = predictor.model.form is not None
    names: tuple[str, ...] = ("rank", "token", "probability")
    found: Iterator[Iterable[tuple]]
    if o.next:
        found = _next_tokens(predictor, source, o.next)
    else:
        scores = predictor.score(source.lines(predictor), source.follow)
        names = ("step", "token", "nats") if o.per_token else ("tokens", "nats", "bits_per_token", "percentile", "text")
        found = (_tokens(predictor, s) if o.per_token else [_scored(predictor, s)] for s in scores)
    line_last = not (o.next or o.per_token or by_record)
    writer = RowWriter(("record" if by_record else "line", *names), o.to, o.header, line_last)
    for rows in found:
        for row in rows:
            writer.write(*row)
        rows_are_written()


def _scored(predictor: Predictor, s: Score) -> tuple:
    """`--score`: a row a line."""
    bits = s.bits_per_token
    return s.line, len(s.nats), round(s.total, 4), round(bits, 4), round(predictor.percentile(bits), 1), s.text


def _tokens(predictor: Predictor, s: Score) -> Iterator[tuple]:
    """`--per-token`: a row a token."""
    for step, (token, nats) in enumerate(zip(s.ids.tolist(), s.nats.tolist(), strict=True)):
        yield s.line, step, predictor.vocabulary.symbol(token), round(nats, 5)


def _next_tokens(predictor: Predictor, source: Source, count: int) -> Iterator[list[tuple]]:
    """`--next`: the likeliest tokens after each line."""
    symbol = predictor.vocabulary.symbol
    for line, best in predictor.next_tokens(source.lines(predictor), count):
        yield [(line, rank, symbol(token), round(p, 6)) for rank, (token, p) in enumerate(best, start=1)]


def write_states(states: Iterator[np.ndarray], which: str, to: str | None, both: bool = False) -> None:
    """h (steps, layers, width) of each sequence, whole or the last of it, as one binary file on stdout.

    `both`: the second half of the units reads backwards, see `last_state`.
    """
    to = to or ("npy" if which == "last" else "npz")
    if to not in ("npy", "npz") or (to == "npy" and which == "all"):
        raise UsageError(f"--states {which} and --to {to} cannot be combined: use npz, or npy with --states last")
    if sys.stdout.isatty():
        raise UsageError("--states writes binary data: redirect it to a file or a pipe")
    kept, lengths = [], []
    for h in states:
        kept.append(last_state(h, both)[None] if which == "last" else h)
        lengths.append(len(h))
    if not kept:
        raise RnncliError("no input lines, expected at least one to write states of")
    whole = io.BytesIO()  # NumPy writes to a pipe past Python's buffer, so not to stdout itself
    if to == "npy":
        np.save(whole, np.concatenate(kept))
    else:
        np.savez(whole, h=np.concatenate(kept), lengths=np.array(lengths))
    sys.stdout.buffer.write(whole.getbuffer())


def last_state(h: np.ndarray, both: bool) -> np.ndarray:
    """(layers, width) of h (L, layers, width): where each direction has read all, as in PyTorch's h_n.

    h[L-1] of a layer that reads onwards; `both`: and h[0] of the second half of its units, which reads backwards. Of a
    sequence without steps it is the state that the network starts from, zero.
    """
    if not len(h):
        return np.zeros(h.shape[1:], h.dtype)
    last = h[-1].copy()
    if both:
        H = h.shape[2] // 2
        last[:, H:] = h[0, :, H:]
    return last


def generate(predictor: Predictor, source: Source, o: Any) -> None:
    """The default: continue each prompt, streaming, or as rows."""
    rows = RowWriter(("prompt", "sample", "text"), o.to, False) if o.to else None
    in_blocks, out = predictor.model.config.format == "blocks", data_out()
    for number, (prompt, sample, pieces) in enumerate(_continuations(predictor, source, o)):
        if rows:
            rows.write(prompt, sample, b"".join(pieces))
            continue
        first = next(pieces, b"")  # before the prompt is written: notes may come while the prompt is read
        if number and in_blocks:
            out.write(b"\n")
        if o.echo:
            out.write(prompt)
        for count, piece in enumerate(chain([first], pieces)):
            out.write(piece)
            if count % 16 == 0:
                out.flush()
        out.write(b"\n")
        out.flush()


def _continuations(predictor: Predictor, source: Source, o: Any) -> Iterator[tuple[bytes, int, Iterator[bytes]]]:
    """(prompt, number of the sample, pieces of its continuation)."""
    choice = Choice(o.temperature, o.top_k, o.top_p)
    for number, line in enumerate(source.lines(predictor)):
        prompt = line if isinstance(line, bytes) else line.encode("utf-8", "replace")
        for sample in range(o.samples):
            pieces = predictor.generate(line, o.length, choice, o.seed, number, sample)
            yield prompt, sample, until(pieces, os.fsencode(o.stop)) if o.stop else pieces


def predict_sequences(model: Model, source: Source, o: Any) -> None:
    """Predictions of models of whole sequences, or what else is asked of them; of nothing there are none."""
    if not o.evaluate and not o.states and source.is_empty():
        return
    from rnncli.predictors.columns import ColumnPredictor

    predictor = ColumnPredictor(model, o.threads or usable_cpus())
    with postponed(not o.evaluate and not o.states):
        columns = predictor.columns(source.paths, source.encoding, o.evaluate)
    if model.form.name == "table":
        model.schema.note_strange(columns)
    if not o.quiet:
        note_gaps(model.schema.unflagged(columns))
        note_unheard(model.schema.unheard(columns) if o.evaluate else [])
    examples = model.schema.encode(columns)
    if o.evaluate:
        print_json(predictor.evaluate(examples, display(source.paths[0]), o.top, o.threshold))
    elif o.states and model.network.architecture.frozen:
        raise UsageError(
            "--states: the network is frozen, it has no hidden states: train with --learn all to have some"
        )
    elif o.states:
        write_states(predictor.states(examples), o.states, o.to, model.network.architecture.bidirectional)
    else:
        wanted = Wanted(o.top, o.proba, o.threshold, together=o.to != "jsonl", lines=o.to in (None, "tsv"))
        names, rows = predictor.task.rows(predictor.predictions(examples), columns, examples, wanted)
        lines = model.form.name in ("labelled", "jsonl") and not predictor.task.by_step
        writer = RowWriter(names, o.to, o.header, line_last=lines)
        for row in rows:
            writer.write(*row)
        if Reading.failure:
            raise Reading.failure
