"""`train`: its options are the fields of TrainConfig, those that tasks declare, and those of one call."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnncli.cli import exits, together
from rnncli.cli.declared import meant, options_of, with_options
from rnncli.cli.options import RUNNING, check_one_stdin
from rnncli.config import ALL_CELLS, TrainConfig
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs, is_null, kept_as
from rnncli.process import signals
from rnncli.process.launched import launched
from rnncli.readers.encodings import Policy, Reading, codec_name
from rnncli.readers.folders import files_of
from rnncli.readers.unpacking import EXTENSIONS
from rnncli.registry import meant_for
from rnncli.values import parse_cells

if TYPE_CHECKING:
    from rnncli.training.experiment import Experiment

EXAMPLES = """\
# Learn a text, for ten minutes
rnncli train tales.txt --minutes 10

# Learn the topic of each message
rnncli train messages.tsv --text message --label topic -o topics.safetensors

# Learn to forecast six steps of a series
rnncli train tides.csv --time time --target level --horizon 6
"""

DATA = typer.Argument(metavar="DATA...", help="Files, compressed or not, or folders of them; - is stdin.")
#: options of one call: the model does not depend on them, but for the data and weights that they name
OF_THE_CALL: dict[str, dict[str, Any]] = {
    "output": {
        "short": ["-o"],
        "metavar": "MODEL",
        "help": "Model file",
        "unset": "the first file's stem + .safetensors",
    },
    "valid": {"group": "Data", "metavar": "FILE", "help": "Validate on this file, in place of --valid-fraction"},
    "init": {
        "group": "Training",
        "metavar": "MODEL",
        "help": "Start from a trained model, whose tokens and scales are kept; or from a state dict of PyTorch as "
        "safetensors",
    },
    "cells": {
        "group": "Training",
        "metavar": "CELL,..",
        "offers": ALL_CELLS,
        "joined": True,
        "help": "Train a network of each of these cells, at the same number of parameters, order of data and budget "
        "(--minutes is for all); keep them as MODEL-CELL, and the best as MODEL",
    },
    "resume": {"default": False, "help": "Continue from MODEL.checkpoint"},
    "restart": {"default": False, "help": "Begin again though there is a MODEL.checkpoint, which is replaced"},
    "ignore_lock": {"default": False, "help": "Train though another host has left a MODEL.lock"},
    "explain": {
        "default": False,
        "help": "Do not train: print the same command with what was found in DATA as options",
    },
    "dry_run": {
        "default": False,
        "help": "Do not train: say what was found in DATA, what was chosen, and how long the training takes",
    },
    "log": {"metavar": "FILE", "help": "Append each report to a file, as a line of JSON"},
    "progress": {
        "values": ("json",),
        "help": "Show progress and notes on stderr as lines of JSON",
        "unset": "a picture on a terminal, else lines of text",
    },
    "json": {"default": False, "help": "Print the result as a JSON object"},
}

OF_TASKS = options_of("tasks", "train_options")
OF_MODELS = {
    one.name: meant(one.metadata | {"default": one.default, "type": one.type}, meant_for().get(one.name, ()))
    for one in fields(TrainConfig)
    if one.name not in OF_TASKS
}


@with_options(OF_MODELS | OF_THE_CALL | RUNNING | OF_TASKS)
def train(context: typer.Context, data: Annotated[list[str], DATA], **chosen: Any) -> None:
    """Train a network on files and write one model file."""
    given = _given(context, chosen)
    options = TrainConfig(**{one.name: chosen[one.name] for one in fields(TrainConfig)})
    output = _default_output(data[0]) if chosen["output"] is None else chosen["output"]
    _check(data, options, output, chosen)
    together.join(data, options, chosen)

    from rnncli.training.experiment import Experiment

    experiment = Experiment(
        data, options, output, chosen["threads"], chosen["valid"], chosen["resume"], chosen["init"], given
    )
    if chosen["explain"]:
        _explain(data, experiment, chosen, given - {"data", "explain", "config"})
    elif chosen["dry_run"]:
        _try_out(experiment, chosen)
    else:
        _run(experiment, output, chosen)


def _run(experiment: "Experiment", output: str, chosen: Mapping[str, Any]) -> None:
    """Train, and write what comes of it; of several processes one shows and writes."""
    from rnncli.commands.training import follow
    from rnncli.models.lock import locked, refuse_checkpoints
    from rnncli.training.comparison import Comparison
    from rnncli.training.ranks import Ranks

    leads, cells = Ranks.here.leads, chosen["cells"]
    training = Comparison(experiment, parse_cells(cells)) if cells else experiment
    work = training if leads else together.Follower(training)
    files = _models(output, cells) if leads else []
    with signals.handed_to(work, work.pause), locked(files, chosen["ignore_lock"]):
        if not (chosen["resume"] or chosen["restart"]):
            refuse_checkpoints(files)
        log = chosen["log"] if leads else None
        result = follow(training, chosen["quiet"] or not leads, log, chosen["progress"] == "json")
    if chosen["json"] and leads:
        from rnncli.render.row_writer import print_json

        with exits.results():
            print_json(result)


def _try_out(experiment: "Experiment", chosen: Mapping[str, Any]) -> None:
    """Say what would be trained."""
    from rnncli.commands.training import try_out

    with exits.results():
        try_out(experiment, chosen["json"], chosen["quiet"])


def _explain(data: list[str], experiment: "Experiment", chosen: Mapping[str, Any], given: set[str]) -> None:
    """Print the command that asks for what this one finds."""
    from rnncli.cli.explained import command_line
    from rnncli.render.notes import hear_notes
    from rnncli.training.explained import found_options

    hear_notes()
    found = {name: chosen[name] for name in given} | found_options(experiment.asked, experiment.material)
    with exits.results():
        print(command_line(data, {name: found[name] for name in chosen if name in found}))


def _given(context: typer.Context, chosen: dict[str, Any]) -> set[str]:
    """The options that were given; of two budgets that of the command line goes before that of --config."""
    sources = {name: context.get_parameter_source(name).name for name in chosen}
    for one, other in (("epochs", "minutes"), ("minutes", "epochs")):
        if sources[one] == "COMMANDLINE" and sources[other] == "DEFAULT_MAP":
            chosen[other] = None
    return {name for name, source in sources.items() if source != "DEFAULT"}


def _check(data: list[str], options: TrainConfig, output: str, chosen: Mapping[str, Any]) -> None:
    """UsageError for what can be seen to be wrong before anything is read."""
    valid, init = chosen["valid"], chosen["init"]
    if options.new_vocabulary and not init:
        raise UsageError("--new-vocabulary has no effect without --init MODEL: a new model has the tokens of its data")
    codec_name(options.encoding)
    Reading.begin(Policy(options.errors))
    check_one_stdin([*data, *([valid] if valid else [])])
    if chosen["resume"] and chosen["restart"]:
        raise UsageError("--resume and --restart cannot be combined: give one of them")
    if chosen["quiet"] and chosen["progress"]:
        raise UsageError("--quiet and --progress cannot be combined: give one of them")
    if chosen["dry_run"]:
        for other in ("explain", "cells", "resume", "tune"):
            if chosen[other]:
                raise UsageError(f"--dry-run and --{other} cannot be combined: give one of them")
    if options.local_steps:
        _refuse_local_steps(options, chosen["cells"])
    if options.tune:
        _refuse_beside_tune(options, init, chosen["cells"])
    if chosen["cells"]:
        _refuse_beside_cells(options, init)
    models = _models(output, chosen["cells"])
    files = models if is_null(output) else [*models, *(f"{path}.checkpoint" for path in models)]
    outputs = [*(Output("-o", path) for path in files), Output("--log", chosen["log"], replaces=False)]
    inputs = [("the input", path) for path in files_of(data)]
    check_outputs(outputs, [*inputs, ("--valid", valid), ("--init", init), ("--config", chosen["config"])])


def _models(output: str, cells: str | None) -> list[str]:
    """The model files that are written."""
    return [output, *(kept_as(output, cell) for cell in (parse_cells(cells) if cells else ()))]


def _refuse_local_steps(options: TrainConfig, cells: str | None) -> None:
    """UsageError for what leaves --local-steps nothing to average."""
    if launched() is None:
        raise UsageError("--local-steps has no effect in one process: it is for several, which mpirun or srun starts")
    if options.tune:
        raise UsageError("--local-steps and --tune cannot be combined: --tune compares networks on equal terms")
    for option, given in (("--cells", cells), ("--members", (options.members or 1) > 1)):
        if given:
            raise UsageError(f"--local-steps and {option} cannot be combined: each process trains whole networks then")


def _refuse_beside_cells(options: TrainConfig, init: str | None) -> None:
    """UsageError for what a comparison of cells leaves without effect."""
    for option, given in (("--cell", options.cell), ("--init", init), ("--learn readout", options.learn == "readout")):
        if given:
            raise UsageError(f"--cells and {option} cannot be combined: --cells trains networks of its own")


def _refuse_beside_tune(options: TrainConfig, init: str | None, cells: str | None) -> None:
    """UsageError for what leaves --tune nothing to vary, or asks for something else."""
    if init:
        raise UsageError("--tune and --init cannot be combined: --init goes on with the sizes and options of its model")
    if cells:
        raise UsageError("--tune and --cells cannot be combined: --cells compares networks on equal terms")
    if options.learn == "readout":
        raise UsageError("--tune and --learn readout cannot be combined: --tune varies how networks are trained")


def _default_output(first: str) -> str:
    """The first file's stem in the current folder: data/tales.txt.gz -> tales.safetensors; a pipe has none."""
    if first == "-" or first.startswith(("/dev/fd/", "/dev/stdin", "/proc/self/fd/")):
        return "model.safetensors"
    if Path(first).is_dir():
        return Path(first).resolve().name + ".safetensors"
    name = Path(first).name
    name = name.rpartition(".")[0] if name.rpartition(".")[2].lower() in EXTENSIONS else name
    return (Path(name).stem or name) + ".safetensors"
