"""The command line: options to config, one library call, render.

Heavy modules (numpy, numba, rich) are imported inside the commands, so that `--help` and mistakes in options are quick.
"""

import math
import signal
from pathlib import Path
from typing import Annotated

import typer

from rnncli import __version__, exits
from rnncli.config import GRAPHS, LAGS, VIEWS, TrainConfig, one_of
from rnncli.errors import UsageError
from rnncli.options import CONFIG, check_one_stdin, refuse_idle, size

app = typer.Typer(
    name="rnncli",
    help="Train a recurrent network on a sequence file, pipe its predictions onward, look inside it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

MODEL = typer.Argument(metavar="MODEL", help="A model file, or the checkpoint of one in training.")
THREADS = typer.Option("--threads", min=1, help="Threads; default: the CPUs that this process may use.")
QUIET = typer.Option("--quiet", "-q", help="No progress on stderr.")
GENERATION = "generation"  # what predict does by default
#: option of predict -> the kinds of prediction that it has a meaning for; an option that is not here is for all
MEANT_FOR = {
    "prompt": (GENERATION, "--next"),
    **dict.fromkeys(("length", "temperature", "top_k", "top_p", "echo", "seed", "samples", "stop"), (GENERATION,)),
    "follow": (GENERATION, "--score", "--per-token"),
    "state": (GENERATION, "--score", "--per-token", "--evaluate"),
    "carry": ("--score", "--per-token", "--next", "--evaluate", "--states"),
    "to": (GENERATION, "--score", "--per-token", "--next", "--states"),
    "header": (GENERATION, "--score", "--per-token", "--next"),
    "json": (GENERATION, "--score", "--per-token", "--next", "--evaluate"),
    "top": (GENERATION,),
    "proba": (GENERATION,),
    **dict.fromkeys(("begin", "until"), (GENERATION, "--score", "--evaluate")),
    **dict.fromkeys(("horizon", "stride", "free_run"), (GENERATION, "--evaluate")),
    "starts": ("--evaluate",),
    **dict.fromkeys(("plot", "save"), (GENERATION,)),
}
#: option of inspect -> the views that it has a meaning for
VIEWED_IN = {
    "input": tuple(f"--view {view}" for view in VIEWS if view not in ("summary", "gradcheck")),
    **dict.fromkeys(("unit", "layer"), ("--view states",)),
    "lags": ("--view gradients", "--view memory"),
    **dict.fromkeys(("unfold", "to"), ("--view graph",)),
    "at": ("--view attribution",),
    **dict.fromkeys(("hold", "dt"), ("--view dynamics",)),
}
NONE = TrainConfig()


def main() -> None:
    """The program."""
    exits.run(app)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        print(f"rnncli {__version__}")
        raise typer.Exit


@app.command(help="Train a network on files (or - for stdin) and write one model file.")
def train(
    context: typer.Context,
    data: Annotated[list[str], typer.Argument(metavar="DATA...", help="Text files, gzip too; - is stdin.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="MODEL",
            help="The model file; default: the first file's stem + .safetensors in this folder.",
        ),
    ] = None,
    task: Annotated[str, typer.Option(help="auto, language, classify, tag, regress or forecast.")] = NONE.task,
    format: Annotated[
        str,
        typer.Option(
            help="auto, text (a stream), lines (a sequence a line), table, wide (a sequence a row), labelled, tagged, "
            "arrays or jsonl."
        ),
    ] = NONE.format,
    encoding: Annotated[str, typer.Option(help="Of the text.")] = NONE.encoding,
    tokens: Annotated[
        str | None, typer.Option(help="char, byte or word; default char, of longer labelled texts word.")
    ] = None,
    vocabulary: Annotated[
        int | None, typer.Option(help="At most so many tokens, the most frequent; the rest is <unk>.")
    ] = None,
    min_count: Annotated[int, typer.Option(help="Characters or words seen less often train <unk>.")] = NONE.min_count,
    text: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column of texts, by name or number.")] = None,
    label: Annotated[str | None, typer.Option(metavar="COLUMN", help="classify: the column of labels.")] = None,
    tag: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="tag: the column of tags; default the last.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="regress, forecast: the columns of numbers to predict.")
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="Columns to read; default all that are left.")
    ] = None,
    group: Annotated[str | None, typer.Option(metavar="COLUMN", help="A sequence for each of its values.")] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="Sorts the rows of a sequence.")] = None,
    horizon: Annotated[int | None, size("forecast: steps ahead; 1.")] = None,
    season: Annotated[int | None, size("forecast: rows of a season; by the time column.")] = None,
    known: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="forecast: inputs that are known ahead.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="ROW|TIME", help="forecast: train on the rows before it.")
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(help="forecast: quantile, gaussian, student, poisson, negbin, bernoulli, mse or mae."),
    ] = None,
    quantiles: Annotated[
        str | None, typer.Option(metavar="LEVEL,..", help="forecast: levels; default 0.1,0.5,0.9.")
    ] = None,
    transform: Annotated[str, typer.Option(help="forecast: none, or log of values above 0.")] = NONE.transform,
    level: Annotated[
        str | None,
        typer.Option(help="forecast: targets are relative to zero, last, mean, season or linear; default the nearest."),
    ] = None,
    univariate: Annotated[
        bool, typer.Option("--univariate", help="forecast: each target a series of its own, one network for all.")
    ] = False,
    shift: Annotated[int, typer.Option(help="forecast: bits are trained moved by up to so many columns.")] = NONE.shift,
    valid: Annotated[str | None, typer.Option(metavar="FILE", help="Validate on this file.")] = None,
    valid_fraction: Annotated[
        float, typer.Option(help="Else on this part of DATA: the end of a stream, lines by seed.")
    ] = NONE.valid_fraction,
    cell: Annotated[str, typer.Option(help="lstm, gru or rnn; rnn:activation=tanh|relu|linear.")] = NONE.cell,
    hidden: Annotated[int | None, size("Units a layer; by the size of the data.")] = None,
    layers: Annotated[int | None, size("Layers; 1.")] = None,
    embed: Annotated[int | None, size("Width of the embedding; up to 128, as hidden if tied.")] = None,
    dropout: Annotated[float | None, size("Between layers and before the output; by the passes.", float)] = None,
    batch: Annotated[int | None, size("Rows side by side; up to 32.")] = None,
    steps: Annotated[int | None, size("Window of truncated back-propagation; up to 96, of words 35.")] = None,
    variational: Annotated[
        bool | None,
        typer.Option(
            "--variational/--no-variational",
            help="Drop the same units at all steps; default but for streams of characters.",
        ),
    ] = None,
    tied: Annotated[
        bool | None, typer.Option("--tied/--no-tied", help="Output weights are the embedding; default for words.")
    ] = None,
    bidirectional: Annotated[
        bool | None,
        typer.Option("--bidirectional/--no-bidirectional", help="Read both ways; default but for language."),
    ] = None,
    pool: Annotated[
        str | None, typer.Option(metavar="last,mean,max", help="What is read from whole sequences; default all three.")
    ] = None,
    crf: Annotated[
        bool | None, typer.Option("--crf/--no-crf", help="tag: score whole paths of tags; default for IOB tags.")
    ] = None,
    class_weights: Annotated[
        str | None, typer.Option(metavar="balanced|LABEL=W,..", help="classify: the weight of a label's sequences.")
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the data; default by its size.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Train so long, validation and writing included.")] = None,
    optimizer: Annotated[str, typer.Option(help="adamw, sgd or rmsprop.")] = NONE.optimizer,
    lr: Annotated[
        float | None, typer.Option(help="Highest rate; default 0.004 for adamw, 0.5 sgd, 0.002 rmsprop.")
    ] = None,
    schedule: Annotated[str, typer.Option(help="cosine, linear or constant, after a warm-up.")] = NONE.schedule,
    weight_decay: Annotated[
        float | None, size("Of matrices, times the rate, an update; 0.01, of few sequences of numbers 1.", float)
    ] = None,
    noise: Annotated[
        float | None, size("Deviation of noise on numbers; 0.3 of few whole sequences, else 0.", float)
    ] = None,
    clip: Annotated[float, typer.Option(help="Largest global norm of the gradients; 0: no clipping.")] = NONE.clip,
    patience: Annotated[
        int, typer.Option(help="Stop after so many validations without gain; 0: never.")
    ] = NONE.patience,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = NONE.seed,
    init: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Start from a trained model, also with another vocabulary.")
    ] = None,
    threads: Annotated[int | None, THREADS] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from MODEL.checkpoint.")] = False,
    log: Annotated[str | None, typer.Option(metavar="FILE", help="Append a JSON line a report.")] = None,
    config: Annotated[str | None, CONFIG] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    arguments = locals()
    sources = {name: context.get_parameter_source(name).name for name in arguments if name != "context"}
    for one, other in (("epochs", "minutes"), ("minutes", "epochs")):  # the command line goes before --config
        if sources[one] == "COMMANDLINE" and sources[other] == "DEFAULT_MAP":
            arguments[other] = None
    options = TrainConfig(**{name: arguments[name] for name in TrainConfig.__dataclass_fields__})
    check_one_stdin([*data, *([valid] if valid else [])])
    output = output or _default_output(data[0])

    from rnncli.experiment import Experiment
    from rnncli.kernels.team import available_cpus
    from rnncli.render.progress import show_training
    from rnncli.warm_start import inherit

    if init:
        options = inherit(init, options, {name for name, source in sources.items() if source != "DEFAULT"})
    experiment = Experiment(data, options, output, threads or available_cpus(), valid, resume, init)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: experiment.stop(number))
    result = show_training(experiment.reports(), quiet, log)
    if json:
        from rnncli.render.plain import print_json

        with exits.results():
            print_json(result)


@app.command(help="Predict with a model: by default continue each prompt; score, evaluate, list next tokens, states.")
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
        bool, typer.Option("--score", help="A row a line: line, tokens, nats, bits_per_token, percentile, text.")
    ] = False,
    per_token: Annotated[bool, typer.Option("--per-token", help="A row a token: line, step, token, nats.")] = False,
    next: Annotated[int, typer.Option(min=0, metavar="K", help="The K likeliest tokens after each line.")] = 0,
    evaluate: Annotated[bool, typer.Option("--evaluate", help="One JSON object of metrics.")] = False,
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
    top: Annotated[int, typer.Option(min=1, metavar="K", help="classify: the K likeliest labels.")] = 1,
    proba: Annotated[bool, typer.Option("--proba", help="classify: the probability of every label.")] = False,
    begin: Annotated[
        str | None,
        typer.Option("--from", metavar="ROW|TIME", help="forecast: rows before it only feed the state."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="ROW|TIME", help="forecast: rows from it on are left out.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(min=1, help="forecast: steps ahead; default as trained.")] = None,
    stride: Annotated[
        int | None, typer.Option(min=1, help="forecast: rows from one forecast to the next; 1 to evaluate.")
    ] = None,
    free_run: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="forecast: run N steps on its own output.")
    ] = None,
    starts: Annotated[int, typer.Option(min=1, help="forecast: free runs to evaluate.")] = 20,
    plot: Annotated[bool, typer.Option("--plot", help="forecast: a picture of each series.")] = False,
    save: Annotated[str | None, typer.Option(metavar="FILE.svg", help="forecast: the picture as a file.")] = None,
    to: Annotated[str | None, typer.Option(help="tsv, csv, jsonl; npy, npz for states.")] = None,
    header: Annotated[bool, typer.Option("--header", help="Names first, also in tsv.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The same as --to jsonl.")] = False,
    encoding: Annotated[str | None, typer.Option(help="Of the input; default as trained.")] = None,
    threads: Annotated[int | None, THREADS] = None,
    config: Annotated[str | None, CONFIG] = None,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    modes = {"--score": score, "--per-token": per_token, "--next": next, "--evaluate": evaluate, "--states": states}
    chosen = [name for name, value in modes.items() if value]
    if len(chosen) > 1 and chosen != ["--score", "--per-token"]:
        raise UsageError(f"{chosen[0]} and {chosen[1]} do not go together: give one of them")
    refuse_idle(context, MEANT_FOR, (chosen or [GENERATION])[0])
    if not math.isfinite(temperature):
        raise UsageError(f"--temperature {temperature:g}: expected a number of at least 0")
    if follow and inputs not in (None, [], ["-"]):
        raise UsageError("--follow and INPUT do not go together: tail -F INPUT | rnncli predict .. --follow")
    if stop == "":
        raise UsageError("--stop: expected a text, found an empty one")
    if prompt and inputs:
        raise UsageError("--prompt and INPUT do not go together: give one of them")
    check_one_stdin(inputs or [])
    from rnncli import commands

    to = "jsonl" if json else to
    source = commands.Source(inputs or ["-"], prompt, encoding, follow)
    trained = commands.open_model(model, quiet)
    given = {name for name in MEANT_FOR if context.get_parameter_source(name).name == "COMMANDLINE"}
    if trained.config.task == "forecast":
        from rnncli import forecasts

        forecasts.refuse(trained, follow, bool(state), given, chosen)
        ahead = forecasts.Ahead(begin, until, horizon, stride, free_run, starts, plot, save)
        with exits.results():
            forecasts.predict(trained, source, threads, ahead, state, chosen, to, header)
        return
    commands.refuse_forecast_options(trained, given)
    if trained.vocabulary is None:
        commands.refuse_language_options(trained, given, chosen)
        with exits.results():
            commands.whole(trained, source, threads, evaluate, states, commands.Labels(top, proba), to, header)
        return
    for option, value in (("header", header), ("follow", follow), ("state", state)):
        if value and not chosen:
            kinds = ", ".join(kind for kind in MEANT_FOR[option] if kind != GENERATION)
            raise UsageError(f"--{option} and generation do not go together: --{option} is for {kinds}")
    predictor = commands.open_predictor(trained, threads, carry)
    state_file = commands.open_state(state, predictor) if state else None
    with exits.results():
        if evaluate:
            commands.evaluate(predictor, source, state_file)
        elif per_token:
            commands.per_token(predictor, source, to, header, state_file)
        elif score:
            commands.score(predictor, source, to, header, state_file)
        elif next:
            commands.next_tokens(predictor, source, next, to, header)
        elif states:
            commands.states(predictor, source, states, to)
        else:
            choice = commands.Choice(temperature, top_k, top_p)
            how = commands.Generation(length, choice, seed, samples, stop, echo)
            commands.generate(predictor, source, how, to)


@app.command("inspect", help="Look inside a model.")
def look_inside(
    context: typer.Context,
    model: Annotated[str, MODEL],
    input: Annotated[
        str | None, typer.Argument(metavar="[INPUT]", help="A file for views of the running network.")
    ] = None,
    view: Annotated[str, typer.Option(help=f"{', '.join(VIEWS[:-1])} or {VIEWS[-1]}.")] = VIEWS[0],
    unit: Annotated[
        int | None, typer.Option(min=0, help="states: the unit to look at; default the most varied.")
    ] = None,
    layer: Annotated[int | None, typer.Option(min=0, help="states: the layer, from 0; default the last.")] = None,
    lags: Annotated[int, typer.Option(min=1, help="gradients, memory: how many steps back.")] = LAGS,
    unfold: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="graph: unfolded over the first N steps of INPUT.")
    ] = None,
    at: Annotated[
        int | None, typer.Option(min=0, metavar="STEP", help="attribution: of the prediction there; default the last.")
    ] = None,
    hold: Annotated[
        str | None,
        typer.Option(metavar="TOKEN|VALUE,..", help="dynamics: the input at the fixed points; default the usual one."),
    ] = None,
    dt: Annotated[
        float | None, typer.Option(metavar="TIME", help="dynamics: of a step; default by the time column.")
    ] = None,
    to: Annotated[str, typer.Option(help="graph: text, dot, mermaid or svg.")] = "text",
    save: Annotated[
        str | None, typer.Option(metavar="FILE.svg|html", help="The picture as a file, instead of on the terminal.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Plain data as one JSON object.")] = False,
) -> None:
    one_of("--view", view, VIEWS)
    one_of("--to", to, GRAPHS)
    refuse_idle(context, VIEWED_IN, f"--view {view}")
    asked = [name for name, given in (("--to", to != "text"), ("--save", save), ("--json", json)) if given]
    if len(asked) > 1:
        raise UsageError(f"{asked[0]} and {asked[1]} do not go together: give one of them")
    if view == "graph" and input and unfold is None:
        raise UsageError("INPUT and a folded graph do not go together: --unfold N says how many steps of it to show")
    if dt is not None and not 0 < dt < math.inf:
        raise UsageError(f"--dt {dt:g}: expected the time of a step, a number above 0")
    from rnncli.inspection import Look, inspect

    with exits.results():
        inspect(model, input, view, Look(layer, unit, lags, unfold, at, hold, dt, to, save, json))


def _default_output(first: str) -> str:
    """The first file's stem in the current folder: data/tales.txt.gz -> tales.safetensors."""
    if first == "-":
        return "model.safetensors"
    name = Path(first).name.removesuffix(".gz")
    return (Path(name).stem or name) + ".safetensors"
