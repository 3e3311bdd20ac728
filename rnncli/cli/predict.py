"""`predict`: its options."""

import math
from typing import Annotated

import typer

from rnncli.cli import exits
from rnncli.cli.allowed import options, refuse_beside, refuse_without_effect
from rnncli.cli.options import CONFIG, check_one_stdin, given
from rnncli.cli.shared import MODEL, QUIET, THREADS
from rnncli.config import ERRORS, learns, one_of, whole
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs
from rnncli.readers.encodings import Policy, Reading, codec_name

PREDICTING = Policy(advice="name the input's --encoding (latin-1 reads anything), or give --errors replace")


def predict(
    context: typer.Context,
    model: Annotated[str, MODEL],
    inputs: Annotated[list[str] | None, typer.Argument(metavar="[INPUT]...", help="Files; none or - is stdin.")] = None,
    prompt: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Continue this; may be repeated.")] = None,
    length: Annotated[int, typer.Option(min=0, help="Tokens to generate.")] = 500,
    temperature: Annotated[float, typer.Option(min=0, help="Below 1 safer, 0 always the likeliest.")] = 1.0,
    top_k: Annotated[int, typer.Option(min=0, help="Draw among the K likeliest; 0: all.")] = 0,
    top_p: Annotated[float, typer.Option(min=0, max=1, help="Draw among the likeliest of this mass.")] = 1.0,
    samples: Annotated[int, typer.Option(min=1, metavar="N", help="Continue each prompt N times.")] = 1,
    stop: Annotated[str | None, typer.Option(metavar="TEXT", help="End before this comes.")] = None,
    echo: Annotated[bool, typer.Option("--echo/--no-echo", help="Print the prompt first.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    score: Annotated[
        bool,
        typer.Option(
            "--score", help="A row a line or record: its number, tokens, nats, bits_per_token, percentile, text."
        ),
    ] = False,
    per_token: Annotated[bool, typer.Option("--per-token", help="A row a token: line, step, token, nats.")] = False,
    next: Annotated[int, typer.Option(min=0, metavar="K", help="The K likeliest tokens after each line.")] = 0,
    evaluate: Annotated[bool, typer.Option("--evaluate", help="One JSON object of metrics.")] = False,
    answers: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="forecast: --evaluate by what came after the end of each series."),
    ] = None,
    states: Annotated[str | None, typer.Option(metavar="last|all", help="Hidden states, as npy or npz.")] = None,
    carry: Annotated[
        bool | None, typer.Option("--carry/--no-carry", help="Keep the state from line to line; default as trained.")
    ] = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Lines, rows of series: stay on a growing stdin; each at once, memory constant."),
    ] = False,
    state: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Go on from the state in FILE (of each series of a group), if it is there; write it at the end.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, metavar="K", help="classify, multilabel: the K likeliest labels.")] = 1,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="multilabel: labels of at least this probability; 0.5, with --top all."),
    ] = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="classify, multilabel: the probability of every label.")
    ] = False,
    begin: Annotated[
        str | None,
        typer.Option("--from", metavar="ROW|TIME|-N", help="forecast: rows before it only feed the state."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="ROW|TIME|-N", help="forecast: rows from it on are left out.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(min=1, help="forecast: steps ahead; default as trained.")] = None,
    stride: Annotated[
        int | None, typer.Option(min=1, help="forecast: rows from one forecast to the next; 1 to evaluate.")
    ] = None,
    free_run: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="forecast: run N steps on its own output.")
    ] = None,
    starts: Annotated[int, typer.Option(min=1, help="forecast: free runs to evaluate, over all series.")] = 20,
    hold_known: Annotated[
        bool,
        typer.Option(
            "--hold-known", help="forecast: known inputs keep their last value where they end before the horizon."
        ),
    ] = False,
    plot: Annotated[bool, typer.Option("--plot", help="forecast: a picture of each series.")] = False,
    save: Annotated[
        str | None, typer.Option(metavar="FILE.svg|html|png", help="forecast: the picture as a file.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="tsv, csv, jsonl; npy, npz for states.")] = None,
    header: Annotated[bool, typer.Option("--header", help="Names first, also in tsv.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The same as --to jsonl.")] = False,
    encoding: Annotated[str | None, typer.Option(help="Of the input; default as trained.")] = None,
    errors: Annotated[
        str | None,
        typer.Option(
            metavar="strict|replace",
            help="Bytes that are no text: strict ends there, replace reads each as U+FFFD; default as trained, with "
            "--follow replace.",
        ),
    ] = None,
    threads: Annotated[int | None, THREADS] = None,
    config: Annotated[str | None, CONFIG] = None,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Predict with a model: by default continue each prompt; score, evaluate, list next tokens, states."""
    modes = {"--score": score, "--per-token": per_token, "--next": next, "--evaluate": evaluate, "--states": states}
    chosen = [name for name, value in modes.items() if value]
    if len(chosen) > 1 and chosen != ["--score", "--per-token"]:
        raise UsageError(f"{chosen[0]} and {chosen[1]} do not go together: give one of them")
    if not math.isfinite(temperature):
        raise UsageError(f"--temperature {temperature:g}: expected a number of at least 0")
    if math.isnan(top_p):
        raise UsageError("--top-p nan: expected a number from 0 to 1")
    one_of("--errors", errors or ERRORS[0], ERRORS)
    whole("--seed", seed, 0, (1 << 64) - 1)
    if follow and inputs not in (None, [], ["-"]):
        raise UsageError("--follow and INPUT do not go together: tail -F INPUT | rnncli predict .. --follow")
    if stop == "":
        raise UsageError("--stop: expected a text, found an empty one")
    if prompt and inputs:
        raise UsageError("--prompt and INPUT do not go together: give one of them")
    check_one_stdin([*(inputs or (["-"] if answers else [])), *([answers] if answers else [])])
    read = inputs or ([] if prompt else ["-"])
    check_outputs(
        [Output("--state", state), Output("--save", save)],
        [("MODEL", model), *(("the input", path) for path in read), ("--answers", answers), ("--config", config)],
    )
    from rnncli.commands import predict_text
    from rnncli.commands.source import Source, open_model
    from rnncli.tasks.rows_out import Wanted

    if encoding is not None:
        codec_name(encoding)
    to = "jsonl" if json else to
    source = Source(inputs or ["-"], prompt, encoding, follow)
    trained = open_model(model, quiet)
    task = trained.config.task
    Reading.begin(PREDICTING, errors or ("replace" if follow else trained.config.errors))
    asked = given(context, options())
    refuse_without_effect(task, chosen, asked)
    refuse_beside(task, chosen, asked)
    if learns(task) == "series":
        from rnncli.commands import predict_series

        predict_series.refuse(trained, follow, bool(state), hold_known, given(context, predict_series.IDLE_ON_STREAMS))
        ahead = predict_series.Ahead(begin, until, horizon, stride, free_run, starts, plot, save, hold_known, answers)
        with exits.results():
            predict_series.predict(trained, source, threads, ahead, state, chosen, to, header)
        return
    if learns(task) != "text":
        with exits.results():
            wanted = Wanted(top if "top" in asked else None, proba, threshold)
            predict_text.whole(trained, source, threads, evaluate, states, wanted, quiet, to, header)
        return
    if follow:
        predict_text.refuse_follow(trained)
    predictor = predict_text.open_predictor(trained, threads, carry)
    state_file = predict_text.open_state(state, predictor) if state else None
    with exits.results():
        if evaluate:
            predict_text.evaluate(predictor, source, state_file)
        elif per_token:
            predict_text.per_token(predictor, source, to, header, state_file)
        elif score:
            predict_text.score(predictor, source, to, header, state_file)
        elif next:
            predict_text.next_tokens(predictor, source, next, to, header)
        elif states:
            predict_text.states(predictor, source, states, to)
        else:
            choice = predict_text.Choice(temperature, top_k, top_p)
            how = predict_text.Generation(length, choice, seed, samples, stop, echo)
            predict_text.generate(predictor, source, how, to)
