"""What `predict` does with models of text and of whole sequences: rows, one object of metrics, states, on stdout."""

import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from rnncli.commands.source import Source, carried
from rnncli.data.sequences import Sequences
from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.language import Choice, Predictor, until
from rnncli.readers.encodings import Reading, postponed
from rnncli.readers.source import display
from rnncli.readers.text import language_sequences
from rnncli.render.notes import note_gaps, note_unheard
from rnncli.render.row_writer import RowWriter, print_json
from rnncli.tasks.rows_out import Wanted


def open_predictor(model: Model, threads: int | None, carry: bool | None) -> Predictor:
    """A language model, ready."""
    return Predictor(model, threads or usable_cpus(), carry)


def open_state(path: str, predictor: Predictor) -> StateFile:
    """The state of a language model's stream."""
    if not predictor.carry:
        raise UsageError("--state and --no-carry cannot be combined (a model of lines or records needs --carry for it)")
    return StateFile(path, predictor.model, predictor.stream)


def refuse_follow(model: Model) -> None:
    """UsageError where a growing input cannot be read record by record."""
    if model.form and model.form.name == "labelled":
        raise UsageError(f"--follow is for lines, blocks and JSON lines; this model reads {model.form.describe()}")


def _counted(predictor: Predictor) -> str:
    """What is numbered in the first field of a row."""
    return "record" if predictor.model.form else "line"


def score(predictor: Predictor, source: Source, to: str | None, header: bool, state: StateFile | None) -> None:
    """`--score`: a row a line, or a record, whose text is no line of the input."""
    names = (_counted(predictor), "tokens", "nats", "bits_per_token", "percentile", "text")
    rows = RowWriter(names, to, header, line_last=not predictor.model.form)
    with carried(state and state.holder, source.follow, state) as rows_are_written:
        for s in predictor.score(source.lines(predictor), source.follow):
            bits = s.bits_per_token
            percentile = predictor.percentile(bits)
            rows.write(s.line, len(s.nats), round(s.total, 4), round(bits, 4), round(percentile, 1), s.text)
            rows_are_written()


def per_token(predictor: Predictor, source: Source, to: str | None, header: bool, state: StateFile | None) -> None:
    """`--per-token`: a row a token."""
    rows = RowWriter((_counted(predictor), "step", "token", "nats"), to, header)
    symbol = predictor.vocabulary.symbol
    with carried(state and state.holder, source.follow, state) as rows_are_written:
        for s in predictor.score(source.lines(predictor), source.follow):
            for step, (token, nats) in enumerate(zip(s.ids.tolist(), s.nats.tolist(), strict=True)):
                rows.write(s.line, step, symbol(token), round(nats, 5))
            rows_are_written()


def next_tokens(predictor: Predictor, source: Source, count: int, to: str | None, header: bool) -> None:
    """`--next`: the likeliest tokens after each line."""
    rows = RowWriter((_counted(predictor), "rank", "token", "probability"), to, header)
    symbol = predictor.vocabulary.symbol
    for line, best in predictor.next_tokens(source.lines(predictor), count):
        for rank, (token, probability) in enumerate(best, start=1):
            rows.write(line, rank, symbol(token), round(probability, 6))


def evaluate(predictor: Predictor, source: Source, state: StateFile | None) -> None:
    """`--evaluate`: one JSON object."""
    config = predictor.model.config
    form = predictor.model.form or ("text" if predictor.carry else "lines")
    arguments = (form, config.tokens, source.encoding or config.encoding, predictor.vocabulary)
    with carried(state and state.holder, source.follow, state):
        sequences, _ = language_sequences(source.paths, *arguments)
        if predictor.carry and predictor.model.form:  # one stream, as rows of `--score` are
            sequences = Sequences(sequences.tokens, [0])
        print_json(predictor.evaluate(sequences))


def states(predictor: Predictor, source: Source, which: str, to: str | None) -> None:
    """`--states`: hidden states as npy or npz."""
    if which not in ("last", "all"):
        raise UsageError(f"--states {which}: expected last or all")
    write_states(predictor.states(source.lines(predictor)), which, to)


def write_states(states: Iterator[np.ndarray], which: str, to: str | None, both: bool = False) -> None:
    """h (steps, layers, width) of each sequence, whole or the last of it, as one binary file on stdout.

    `both`: the second half of the units reads backwards, see `last_state`.
    """
    to = to or ("npy" if which == "last" else "npz")
    if to not in ("npy", "npz") or (to == "npy" and which == "all"):
        raise UsageError(f"--states {which} and --to {to} cannot be combined: use npz, or npy for last")
    if sys.stdout.isatty():
        raise UsageError("--states writes binary data: send it to a file or a pipe")
    kept, lengths = [], []
    for h in states:
        kept.append(last_state(h, both)[None] if which == "last" else h)
        lengths.append(len(h))
    if not kept:
        raise RnncliError("no input lines, so no states")
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


@dataclass
class Generation:
    """How prompts are continued."""

    length: int
    choice: Choice
    seed: int
    samples: int
    stop: str | None
    echo: bool


def generate(predictor: Predictor, source: Source, how: Generation, to: str | None) -> None:
    """The default: continue each prompt, streaming, or as rows."""
    rows = RowWriter(("prompt", "sample", "text"), to, False) if to else None
    in_blocks, out = predictor.model.config.format == "blocks", sys.stdout.buffer
    for number, (prompt, sample, pieces) in enumerate(_continuations(predictor, source, how)):
        if rows:
            rows.write(prompt, sample, b"".join(pieces))
            continue
        first = next(pieces, b"")  # before the prompt is written: notes may come while the prompt is read
        if number and in_blocks:
            out.write(b"\n")
        if how.echo:
            out.write(prompt)
        for count, piece in enumerate(chain([first], pieces)):
            out.write(piece)
            if count % 16 == 0:
                out.flush()
        out.write(b"\n")
        out.flush()


def _continuations(predictor, source, how: Generation) -> Iterator[tuple[bytes, int, Iterator[bytes]]]:
    """(prompt, number of the sample, pieces of its continuation)."""
    for number, line in enumerate(source.lines(predictor)):
        prompt = line if isinstance(line, bytes) else line.encode("utf-8", "replace")
        for sample in range(how.samples):
            pieces = predictor.generate(line, how.length, how.choice, how.seed, number, sample)
            yield prompt, sample, until(pieces, os.fsencode(how.stop)) if how.stop else pieces


def whole(
    model: Model,
    source: Source,
    threads: int | None,
    evaluate: bool,
    which: str | None,
    wanted: Wanted,
    quiet: bool,
    to: str | None,
    header: bool,
) -> None:
    """Predictions of models of whole sequences; of nothing there are none."""
    if not evaluate and not which and source.is_empty():
        return
    from rnncli.predictors.columns import ColumnPredictor

    predictor = ColumnPredictor(model, threads or usable_cpus())
    with postponed(not evaluate and not which):
        columns = predictor.columns(source.paths, source.encoding, evaluate)
    if model.form.name == "table":
        model.schema.note_strange(columns)
    if not quiet:
        note_gaps(model.schema.unflagged(columns))
        note_unheard(model.schema.unheard(columns) if evaluate else [])
    examples = model.schema.encode(columns)
    if evaluate:
        print_json(predictor.evaluate(examples, display(source.paths[0]), wanted.top, wanted.threshold))
    elif which:
        if which not in ("last", "all"):
            raise UsageError(f"--states {which}: expected last or all")
        write_states(predictor.states(examples), which, to, model.network.architecture.bidirectional)
    else:
        wanted.together, wanted.lines = to != "jsonl", to in (None, "tsv")
        names, rows = predictor.rows(columns, examples, wanted)
        lines = model.form.name in ("labelled", "jsonl") and not predictor.task.by_step
        writer = RowWriter(names, to, header, line_last=lines)
        for row in rows:
            writer.write(*row)
        if Reading.failure:
            raise Reading.failure
