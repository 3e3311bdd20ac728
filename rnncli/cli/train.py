"""`train`: its options."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from rnncli.cli import exits
from rnncli.cli.options import CONFIG, check_one_stdin, choices, one_or_other, size
from rnncli.cli.shared import QUIET, THREADS
from rnncli.config import TrainConfig, formats
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs, is_null
from rnncli.readers.encodings import Policy, Reading, codec_name
from rnncli.readers.unpacking import EXTENSIONS

NONE = TrainConfig()


def train(
    context: typer.Context,
    data: Annotated[list[str], typer.Argument(metavar="DATA...", help="Text files, packed ones too; - is stdin.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="MODEL",
            help="The model file; default: the first file's stem + .safetensors in this folder.",
        ),
    ] = None,
    task: Annotated[str, typer.Option(help=f"auto, {choices('tasks')}")] = NONE.task,
    format: Annotated[
        str,
        typer.Option(help=f"auto, {one_or_other(formats())}."),
    ] = NONE.format,
    encoding: Annotated[str, typer.Option(help="Of the text.")] = NONE.encoding,
    errors: Annotated[
        str, typer.Option(help="Bytes that are no text: strict ends there, replace reads each as U+FFFD.")
    ] = NONE.errors,
    missing: Annotated[
        str | None,
        typer.Option(metavar="TOKEN,..", help="Stand for a missing value, beside nothing, NA, NaN, null and the like."),
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(metavar="point|comma", help="The decimal mark; default as the numbers show.")
    ] = None,
    tokens: Annotated[
        str | None, typer.Option(help="char, byte or word; default char, of longer labelled texts word.")
    ] = None,
    vocabulary: Annotated[
        int | None, typer.Option(help="At most so many tokens, the most frequent; the rest is <unk>.")
    ] = None,
    min_count: Annotated[int, typer.Option(help="Characters or words seen less often train <unk>.")] = NONE.min_count,
    text: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column of texts, by name or number; the key of JSON lines."),
    ] = None,
    label: Annotated[str | None, typer.Option(metavar="COLUMN", help="classify: the column of labels.")] = None,
    label_separator: Annotated[
        str | None, typer.Option(metavar="TEXT", help="multilabel: what is between the labels of a field, such as '|'.")
    ] = None,
    tag: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="tag: the column of tags; default the last.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="regress, forecast: the columns of numbers to predict.")
    ] = None,
    inputs: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="Columns to read; default all that are left.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="A sequence for each of its values, in all files.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="COLUMN,..", help="Sorts the rows of a sequence; date,time or year,month,day are joined."),
    ] = None,
    time_format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="How times are written, as strptime has it: %d/%m/%Y; number: they are no dates.",
        ),
    ] = None,
    horizon: Annotated[int | None, size("forecast: steps ahead; 1.")] = None,
    season: Annotated[
        int | None, size("forecast: rows of a season; default by the times, else what the values show.")
    ] = None,
    known: Annotated[
        str | None, typer.Option(metavar="COLUMN,..", help="forecast: inputs that are known ahead.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="ROW|TIME|-N", help="forecast: train on the rows before it.")
    ] = None,
    regular: Annotated[
        bool,
        typer.Option(
            "--regular/--no-regular",
            help="forecast: steps that are absent on a regular clock are rows without values; --no-regular: rows as "
            "they are.",
        ),
    ] = NONE.regular,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="forecast: times are of the clock there, as Europe/Paris, with its summer time; a Parquet column may "
            "bring it.",
        ),
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
    cell: Annotated[str, typer.Option(help=choices("cells"))] = NONE.cell,
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
        bool | None, typer.Option("--crf/--no-crf", help="tag: score whole paths of tags; default for tags of chunks.")
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
        str | None, typer.Option(metavar="MODEL", help="Start from a trained model; its tokens, labels, scales stay.")
    ] = None,
    new_vocabulary: Annotated[
        bool,
        typer.Option(
            "--new-vocabulary",
            help="--init: only the tokens and categories of DATA; default: those of MODEL, and new ones.",
        ),
    ] = False,
    threads: Annotated[int | None, THREADS] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from MODEL.checkpoint.")] = False,
    log: Annotated[str | None, typer.Option(metavar="FILE", help="Append a JSON line a report.")] = None,
    config: Annotated[str | None, CONFIG] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Train a network on files (or - for stdin) and write one model file."""
    arguments = locals()
    sources = {name: context.get_parameter_source(name).name for name in arguments if name != "context"}
    for one, other in (("epochs", "minutes"), ("minutes", "epochs")):  # the command line goes before --config
        if sources[one] == "COMMANDLINE" and sources[other] == "DEFAULT_MAP":
            arguments[other] = None
    options = TrainConfig(**{name: arguments[name] for name in TrainConfig.__dataclass_fields__})
    if new_vocabulary and not init:
        raise UsageError("--new-vocabulary has no effect without --init MODEL: a new model has the tokens of its data")
    codec_name(options.encoding)
    Reading.begin(Policy(options.errors))
    check_one_stdin([*data, *([valid] if valid else [])])
    output = output or _default_output(data[0])
    outputs = [
        Output("-o", output),
        Output("-o", None if is_null(output) else f"{output}.checkpoint"),
        Output("--log", log, replaces=False),
    ]
    check_outputs(
        outputs,
        [
            *(("the input", path) for path in data),
            *(("--valid", valid), ("--init", init), ("--config", config)),
        ],
    )

    from rnncli.commands.training import follow
    from rnncli.kernels.cpus import usable_cpus
    from rnncli.training.experiment import Experiment
    from rnncli.training.warm_start import inherit

    given = {name for name, source in sources.items() if source != "DEFAULT"}
    options = inherit(init, options, given, data[0]) if init else options
    experiment = Experiment(data, options, output, threads or usable_cpus(), valid, resume, init, given)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: experiment.stop(number))
    result = follow(experiment, quiet, log)
    if json:
        from rnncli.render.plain import print_json

        with exits.results():
            print_json(result)


def _default_output(first: str) -> str:
    """The first file's stem in the current folder: data/tales.txt.gz -> tales.safetensors; a pipe has none."""
    if first == "-" or first.startswith(("/dev/fd/", "/dev/stdin", "/proc/self/fd/")):
        return "model.safetensors"
    name = Path(first).name
    name = name.rpartition(".")[0] if name.rpartition(".")[2].lower() in EXTENSIONS else name
    return (Path(name).stem or name) + ".safetensors"
