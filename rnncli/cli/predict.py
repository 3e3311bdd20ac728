"""`predict`: its options are those of all models, and those that tasks declare."""

from types import SimpleNamespace
from typing import Annotated, Any

import typer

from rnncli.cli import exits, together
from rnncli.cli.allowed import options, refuse_beside, refuse_without_effect, tasks_of
from rnncli.cli.declared import meant, options_of, with_options
from rnncli.cli.options import MODEL, RUNNING, check_one_stdin, given
from rnncli.config import ERRORS, option_name
from rnncli.data.shards import Shard
from rnncli.errors import UsageError
from rnncli.models.output import Output, check_outputs
from rnncli.readers.encodings import Policy, Reading, codec_name
from rnncli.readers.folders import files_of
from rnncli.registry import learns

PREDICTING = Policy(advice="set the --encoding of the input (latin-1 reads any bytes), or use --errors replace")
KINDS = ("score", "per_token", "next", "evaluate", "states")

EXAMPLES = """\
# Continue a text
rnncli predict tales.safetensors --prompt "Once upon a time" --length 200

# Write the two likeliest labels of each message
rnncli predict topics.safetensors messages.tsv --top 2

# Measure the forecasts from row 2400 on
rnncli predict tides.safetensors tides.csv --from 2400 --evaluate
"""

INPUTS = typer.Argument(metavar="[INPUT]...", help="Files, or folders of them; none or - is stdin.")
GROUPS: dict[str, dict[str, dict[str, Any]]] = {
    "What to write": {
        "score": {"default": False, "help": "Write the surprise of each line, record or row: -log p in nats"},
        "alarm": {
            "above": 0.0,
            "max": 0.5,
            "metavar": "RATE",
            "help": "With --score: mark the most unusual rows, this part of calm ones",
        },
        "adapt": {
            "min": 0.0,
            "max": 1.0,
            "metavar": "RATE",
            "help": "With --score: learn from each piece once it is scored, at this rate, such as 0.001; 0: do not",
        },
        "evaluate": {"default": False, "help": "Write the metrics: a table on a terminal, else one JSON object"},
        "folds": {
            "min": 2,
            "max": 1000,
            "metavar": "K",
            "help": "With --evaluate: cross-validate K models, each trained without a part of INPUT",
        },
        "states": {"values": ("last", "all"), "help": "Write the hidden states of these steps of each sequence"},
        "top": {"default": 1, "min": 1, "metavar": "K", "help": "Write the K likeliest labels of each sequence"},
        "proba": {"default": False, "help": "Write the probability of every label"},
    },
    "Input": {
        "encoding": {"metavar": "NAME", "help": "Encoding of the input", "unset": "as trained"},
        "errors": {
            "values": ERRORS,
            "help": "Bytes that are not text: stop there, or replace each by U+FFFD",
            "unset": "as trained; replace with --follow",
        },
        "follow": {"default": False, "help": "Read stdin as it grows: write each row at once, in constant memory"},
        "shard": {
            "metavar": "I/N",
            "help": "Predict part I of N of the lines, sequences or series alone; cat of all N outputs, of which the "
            "first has the names on top, is the output of the whole",
        },
        "state_file": {
            "former": "state",
            "metavar": "FILE",
            "help": "Start from the state in FILE, if there is one, and write the last state to it",
        },
    },
    "Output": {
        "to": {
            "metavar": "FORM",
            "offers": ("tsv", "csv", "csv-guarded", "jsonl", "npy", "npz"),
            "help": "tsv, csv, csv-guarded or jsonl; npy or npz for states",
            "unset": "tsv; npy or npz",
        },
        "header": {"default": False, "help": "Write the names of the fields on the first line"},
        "json": {"default": False, "help": "The same as --to jsonl"},
        "save": {
            "metavar": "FILE.csv|tsv|..",
            "help": "Write the rows to this file: .csv, .tsv, .jsonl or .parquet; of forecasts, or with --evaluate, a "
            "picture: .svg, .html or .png",
        },
    },
}
OF_MODELS = {
    name: meant(said | {"group": group}, tasks_of(name)) for group, its in GROUPS.items() for name, said in its.items()
}
OF_TASKS = options_of("tasks", "predict_options")


@with_options(OF_MODELS | RUNNING | OF_TASKS)
def predict(
    context: typer.Context,
    model: Annotated[str, MODEL],
    inputs: Annotated[list[str] | None, INPUTS] = None,
    **chosen: Any,
) -> None:
    """Predict with a model: text, labels, tags, numbers or forecasts, as its task is."""
    kinds = [option_name(name) for name in KINDS if chosen[name]]
    chosen["shard"] = Shard.parsed(chosen["shard"])
    _check(model, inputs, kinds, chosen)
    asked = given(context, options())
    with together.parted(inputs, chosen):
        if not chosen["shard"].is_whole and "shard" not in asked:  # several processes have one each
            asked.append("shard")
        _predict(model, inputs, kinds, asked, chosen)


def _predict(model: str, inputs: list[str] | None, kinds: list[str], asked: list[str], chosen: dict[str, Any]) -> None:
    from rnncli.commands.source import Source, open_model
    from rnncli.render.row_file import rows_saved, table_form

    table, shard = table_form(chosen["save"]), chosen["shard"]
    source = Source(files_of(inputs or ["-"]), chosen["prompt"], chosen["encoding"], chosen["follow"], shard=shard)
    trained = open_model(model, chosen["quiet"])
    task = trained.config.task
    Reading.begin(PREDICTING, chosen["errors"] or ("replace" if chosen["follow"] else trained.config.errors))
    refuse_without_effect(task, kinds, asked)
    refuse_beside(task, kinds, asked)
    if chosen["save"]:
        _check_ending(chosen["save"], chosen["evaluate"], learns(task), shard)
    if chosen["plot"] and table:
        raise UsageError(f"--plot and --save {chosen['save']} cannot be combined: give one of them")
    chosen["to"] = "jsonl" if chosen["json"] else table or chosen["to"]
    chosen["top"] = chosen["top"] if "top" in asked else None
    with exits.results(), rows_saved(chosen["save"] if table and together.leads() else None), together.in_order():
        predict_rows(trained, source, SimpleNamespace(**chosen))


def predict_rows(trained: Any, source: Any, o: Any) -> None:
    """What is asked of a model, by the kind of its task."""
    kind = learns(trained.config.task)
    if kind == "series":
        from rnncli.commands.predict_series import predict as work
    elif kind == "text":
        from rnncli.commands.predict_text import predict as work
    else:
        from rnncli.commands.predict_sequences import predict as work
    if (o.evaluate or (kind == "series" and not o.follow)) and not o.quiet:  # all else writes rows as it goes
        from rnncli.render.notes import told_of

        with told_of("evaluating" if o.evaluate else "reading"):
            work(trained, source, o)
    else:
        work(trained, source, o)


def _check(model: str, inputs: list[str] | None, kinds: list[str], chosen: dict[str, Any]) -> None:
    """UsageError for what can be seen to be wrong before the model is read."""
    prompt, answers = chosen["prompt"], chosen["answers"]
    if len(kinds) > 1 and kinds != ["--score", "--per-token"]:
        raise UsageError(f"{kinds[0]} and {kinds[1]} cannot be combined: give one of them")
    if chosen["encoding"] is not None:
        codec_name(chosen["encoding"])
    if chosen["follow"] and inputs not in (None, [], ["-"]):
        raise UsageError("--follow and INPUT cannot be combined: use tail -F INPUT | rnncli predict MODEL --follow")
    if chosen["stop"] == "":
        raise UsageError("--stop: found an empty text, expected at least one character")
    if chosen["save"]:
        _check_save(chosen)
    if prompt and inputs:
        raise UsageError("--prompt and INPUT cannot be combined: give one of them")
    check_one_stdin([*(inputs or (["-"] if answers else [])), *([answers] if answers else [])])
    read = [("the input", path) for path in inputs or ([] if prompt else ["-"])]
    check_outputs(
        [Output("--state-file", chosen["state_file"]), Output("--save", chosen["save"])],
        [("MODEL", model), *read, ("--answers", answers), ("--config", chosen["config"])],
    )


def _check_ending(path: str, evaluates: bool, learnt: str, shard: Shard) -> None:
    """UsageError for a file of figures that is no picture, for a picture of rows that have none, and for a part of a
    file that others cannot be put behind.
    """
    from rnncli.render.files import FORMS as PICTURES
    from rnncli.render.files import check_form
    from rnncli.render.row_file import TABLES

    endings = PICTURES if evaluates else (*TABLES, *(PICTURES if learnt == "series" else ()))
    if not path.endswith(tuple(endings)):
        raise UsageError(f"--save {path}: expected a file name that ends in {', '.join(endings)}")
    if not shard.is_whole and not path.endswith((".csv", ".tsv", ".jsonl")):
        raise UsageError(
            f"--shard and --save {path} cannot be combined: cat puts together text alone, .csv, .tsv and .jsonl"
        )
    if path.endswith(PICTURES):
        check_form(path)  # before the work, whose picture it would be


def _check_save(chosen: dict[str, Any]) -> None:
    """UsageError for what has no meaning beside a file that is written in place of standard output."""
    beside = {
        "to": "the ending of its name says the form",
        "json": "the ending of its name says the form",
        "follow": "the file is there when the input has ended",
    }
    for name, why in beside.items():
        if chosen[name]:
            raise UsageError(f"--save and {option_name(name)} cannot be combined: {why}")
