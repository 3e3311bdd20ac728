"""What `predict` does with models of text: rows, one object of metrics, states, on stdout."""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any

from rnncli.commands.figures import show_figures, show_folds
from rnncli.commands.hidden_states import write_states
from rnncli.commands.source import Source, carried
from rnncli.data.digits import probability
from rnncli.data.sequences import Sequences
from rnncli.errors import UsageError
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.models.state_file import StateFile
from rnncli.predictors.alarm import Alarms, WithAlarms
from rnncli.predictors.language import Predictor, Score, until
from rnncli.predictors.learnt import with_learnt
from rnncli.predictors.stream import Choice
from rnncli.predictors.text_figures import evaluate
from rnncli.process.phases import told
from rnncli.readers.form import Form
from rnncli.readers.source import display
from rnncli.readers.text_pieces import language_pieces
from rnncli.render.escapes import data_out
from rnncli.render.row_writer import RowWriter
from rnncli.tasks.rows_out import EVERY


def predict(model: Model, source: Source, o: Any) -> None:
    """Continuations of prompts, or what else is asked of a language model; `o` are the options of the command."""
    if o.follow and model.form and model.form.name == "labelled":
        raise UsageError(f"--follow is for lines, blocks and JSON lines; this model reads {model.form.describe()}")
    if o.folds:
        from rnncli.predictors.cross_texts import of_texts

        show_folds(of_texts, model, source, o)
        return
    predictor = Predictor(model, o.threads or usable_cpus(), o.carry, o.adapt)
    if o.state_file and not predictor.carry and not predictor.adaptation:
        raise UsageError(
            "--state-file and --no-carry cannot be combined: a model of lines or records needs --carry for it"
        )
    if o.alarm is not None and o.per_token:
        raise UsageError("--alarm and --per-token cannot be combined: an alarm is of a line or record")
    if not o.shard.is_whole and predictor.carry and (o.score or o.per_token or o.next):
        raise UsageError(
            "--shard and a model that carries its state from line to line cannot be combined: a line depends on all "
            "lines before it; --no-carry starts each line from a state of zero"
        )
    alarms = Alarms(o.alarm, predictor.ranks if o.alarm is not None else None)
    holder = with_learnt(predictor.stream, predictor.adaptation) if o.state_file else None
    state = StateFile(o.state_file, model, WithAlarms(holder, alarms)) if o.state_file else None
    if o.states:
        write_states(predictor.states(source.lines(predictor)[1]), o.states, o.to)
    elif o.evaluate or o.per_token or o.score or o.next:
        with carried(source.follow, state) as rows_are_written:
            if o.evaluate:
                show_figures(evaluate(predictor, _files(predictor, source), source.name), source.name, o)
            else:
                _write_rows(predictor, source, alarms, o, rows_are_written)
    else:
        generate(predictor, source, o)


def _files(predictor: Predictor, source: Source) -> Iterator[Iterator[Sequences]]:
    """The pieces of each file, for `--evaluate`; how far it is, is said."""
    config = predictor.model.config
    form = predictor.model.form or Form("text" if predictor.carry else "lines")
    encoding = source.encoding or config.encoding
    for path in source.paths:
        pieces = language_pieces(path, form, config.tokens, encoding, predictor.vocabulary)
        yield told(f"evaluating {display(path)}", predictor.vocabulary.unit, pieces, attrgetter("total"))


def _write_rows(
    predictor: Predictor, source: Source, alarms: Alarms, o: Any, rows_are_written: Callable[[], None]
) -> None:
    """Those of each line, or of each record, whose text is no line of the input."""
    by_record = predictor.model.form is not None
    names: tuple[str, ...] = ("rank", "token", "probability")
    found: Iterator[Iterable[tuple]]
    if o.next:
        found = _next_tokens(predictor, source, o.next)
    else:
        before, lines = source.lines(predictor)
        scores = predictor.score(lines, source.follow, before)
        own = ("tokens", "nats", "bits_per_token", "percentile", *["alarm"] * (o.alarm is not None), "text")
        names = ("step", "token", "nats") if o.per_token else own
        found = (_tokens(predictor, s) if o.per_token else [_scored(predictor, alarms, s)] for s in scores)
    line_last = not (o.next or o.per_token or by_record)
    writer = RowWriter(("record" if by_record else "line", *names), o.to, o.header, line_last, o.shard.continues)
    for rows in found:
        for row in rows:
            writer.write(*row)
        rows_are_written()


def _scored(predictor: Predictor, alarms: Alarms, s: Score) -> tuple:
    """`--score`: a row a line. What is an alarm goes by the bits as they are written."""
    bits = s.bits_per_token
    written = round(bits, 4)
    alarm = [alarms.of("", written)] if alarms.threshold else []
    return s.line, len(s.nats), round(s.total, 4), written, round(predictor.percentile(bits), 1), *alarm, s.text


def _tokens(predictor: Predictor, s: Score) -> Iterator[tuple]:
    """`--per-token`: a row a token."""
    for step, (token, nats) in enumerate(zip(s.ids.tolist(), s.nats.tolist(), strict=True)):
        yield s.line, step, predictor.vocabulary.symbol(token), round(nats, 5)


def _next_tokens(predictor: Predictor, source: Source, count: int) -> Iterator[list[tuple]]:
    """`--next`: the likeliest tokens after each line."""
    symbol = predictor.vocabulary.symbol
    before, lines = source.lines(predictor)
    for line, best in predictor.next_tokens(lines, count, before):
        yield [(line, rank, symbol(token), probability(p, EVERY)) for rank, (token, p) in enumerate(best, start=1)]


def generate(predictor: Predictor, source: Source, o: Any) -> None:
    """The default: continue each prompt, streaming, or as rows."""
    found = _continuations(predictor, source, o)
    if o.to:
        rows = RowWriter(("prompt", "sample", "text"), o.to, False, continues=o.shard.continues)
        for prompt, sample, pieces in found:
            rows.write(prompt, sample, b"".join(pieces))
        return
    in_blocks, out = predictor.model.config.format == "blocks", data_out()
    for number, (prompt, _, pieces) in enumerate(found):
        first = next(pieces, b"")  # before the prompt is written: notes may come while the prompt is read
        if in_blocks and (number or o.shard.continues):
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
    before, lines = source.lines(predictor)
    for number, line in enumerate(lines, start=before):
        prompt = line if isinstance(line, bytes) else line.encode("utf-8", "replace")
        for sample in range(o.samples):
            pieces = predictor.generate(line, o.length, choice, o.seed, number, sample)
            yield prompt, sample, until(pieces, os.fsencode(o.stop)) if o.stop else pieces
