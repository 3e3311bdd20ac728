"""The options of `train`: defaults, help, values. Imports nothing heavy, since `--help` reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from rnncli import registry, stored
from rnncli.errors import UsageError
from rnncli.registry import learns, meant_for
from rnncli.values import (
    bytes_of,
    check,
    check_time_format,
    parse_cell,
    parse_levels,
    parse_weights,
    refuse_quantiles,
)

RECORDS = ("lines", "blocks", "fasta", "jsonl", "labelled")  # a language model has many sequences of, not a stream
ERRORS = ("strict", "replace")  # of bytes that are no text
DECIMALS = {"point": ".", "comma": ","}
TYPES: dict[Any, Any] = {"numbers": str, "flag": bool}  # words of declarations -> types of the values
NO_COLUMN = "none"  # the value of --fold-by and --time that undoes a guess
ALWAYS = "task text reader"  # a model to start from brings such an option along, whatever it is the start of

OF_READOUTS = "cell", "hidden", "layers", "embed"  # what a network has whose read-out is fitted
NOT_OF_TRAINING = ("learn", "seed", "minutes", "tune")  # options that a network with a fitted read-out has too
MINUTES = "Time to train, in place of --epochs; validation included: minutes such as 0.5, or 30s, 2h, 1h30m"
CELL, ALL_CELLS = "lstm", registry.names("cells")  # where none is given
FULL = "full"  # the value of --steps that is as many as a row of the batch has
MEMORY = "1GB"  # for a window of --steps full, where --memory is not given
MOST_UNITS, MOST_LAYERS, MOST_MEMBERS = 16384, 64, 64
OTHERS, SIZES, DEEPER = {"values": ("gru", "mingru")}, {"times": (0.5, 2)}, {"plus": (1,)}  # what --tune tries
RATES = {"adamw": 4e-3, "sgd": 0.5, "rmsprop": 2e-3}  # optimiser -> default rate


def _options_of_tasks(cls: type) -> type:
    """The class with a field for each option of `train` that a task's file declares."""
    for said in registry.declared("tasks").values():
        for name, option in said.get("train_options", {}).items():
            cls.__annotations__[name] = type_of(option)
            setattr(cls, name, field(default=option.get("default"), metadata=option))
    return cls


def type_of(said: Mapping[str, Any]) -> Any:
    """The type of an option's value: that of its default; else the declared one, that of its bound or text, or None."""
    if said.get("default") is not None:
        return type(said["default"])
    named = said.get("type") or type(said.get("min", said.get("above", "")))
    return TYPES.get(named, named) | None


def _option(group: str, help: str, default: Any = None, **said: Any) -> Any:
    """A field that declares its option, in the words of `rnncli/registry.py`."""
    return field(default=default, metadata={"group": group, "help": help, **said})


_data, _columns, _model = (partial(_option, group) for group in ("Data", "Columns", "Model"))
_training = partial(_option, "Training", taken="")
_shape = partial(_model, taken=ALWAYS, fixed=True)


@dataclass(frozen=True)
@_options_of_tasks
class TrainConfig:
    """The options of `train` that decide what comes out. None stands for `auto` until training/search.py has chosen.

    Options of one task alone are declared in its file, and are fields behind these.
    """

    task: str = _data(
        f"What to learn: {registry.words_of('tasks')}",
        "auto",
        values=("auto", *registry.names("tasks")),
        metavar="TASK",
        unset="by the named columns and the form of the files",
    )
    format: str = _data(
        f"Form of the files: {registry.one_or_other(registry.formats())}",
        "auto",
        values=("auto", *registry.formats()),
        metavar="FORM",
        unset="by the name and the first lines",
    )
    encoding: str = _data("Encoding of the text", "utf-8", metavar="NAME", taken=ALWAYS)
    errors: str = _data(
        "Bytes that are not text: stop there, or replace each by U+FFFD", "strict", values=ERRORS, taken=""
    )
    missing: str | None = _data("Missing values, besides empty fields, NA, NaN and null", metavar="TOKEN,..")
    decimal: str | None = _data("Decimal mark", values=tuple(DECIMALS), unset="as the numbers show")
    tokens: str | None = _data(
        "Unit of text",
        values=("char", "byte", "word"),
        unset="char; word for labelled texts of several words",
        taken=ALWAYS,
        fixed=True,
    )
    min_count: int = _data("Read characters and words seen less often as <unk>", 2, min=1, max=1 << 31, taken="")
    valid_fraction: float = _data(
        "Fraction for validation: the end of a stream, or sequences drawn by --seed", 0.1, min=0, below=0.9, taken=""
    )
    text: str | None = _columns(
        "Column of the texts, by name or number; a key of JSON lines", metavar="COLUMN", taken="task"
    )
    label: str | None = _columns("Column of the labels", metavar="COLUMN")
    target: str | None = _columns("Columns of the numbers to predict", metavar="COLUMN,..")
    inputs: str | None = _columns("Columns to read", metavar="COLUMN,..", unset="all others")
    group: str | None = _columns("Columns that name the sequence of each row, in all files", metavar="COLUMN,..")
    time: str | None = _columns(
        "Columns that order the rows of a sequence; date,time and year,month,day are joined; none: no times",
        metavar="COLUMN,..",
        unset="in a table of series the column that holds dates or a growing clock; else none",
    )
    time_format: str | None = _columns(
        "Format of the times for strptime, such as %d/%m/%Y; or number",
        metavar="FORMAT",
        unset="by the times",
        taken="",
    )
    fold_by: str | None = _columns(
        "Columns of related sequences, such as a person: each value is held out whole, and is no input; none: no folds",
        metavar="COLUMN,..",
        unset="a column of ids, by its name and values",
    )
    learn: str | None = _model(
        "Train all parameters, or leave them as drawn and fit the read-out in closed form",
        values=("all", "readout"),
        unset="readout for whole sequences of numbers where no option of training is given",
        taken="",
    )
    cell: str | None = _shape(
        f"Cell: {registry.choices('cells')}", metavar="CELL", unset=CELL, tune=OTHERS, offers=ALL_CELLS
    )
    hidden: int | None = _shape(
        "Hidden units per layer", min=1, max=MOST_UNITS, unset="32 to 1024, by data size and budget", tune=SIZES
    )
    layers: int | None = _shape(
        "Number of layers",
        min=1,
        max=MOST_LAYERS,
        unset="1; of mingru 2; of conv as many as cover the window",
        tune=DEEPER,
    )
    embed: int | None = _shape(
        "Width of the embedding",
        min=1,
        max=MOST_UNITS,
        unset="as hidden; if not tied at most 128, other tasks 64",
    )
    dropout: float | None = _model(
        "Dropout rate between layers and before the output; of conv within its blocks",
        min=0,
        below=1,
        unset="for language by the tokens and passes; for series 0.2 up to 30,000 rows, falling to 0 at 300,000 "
        "(counts: 0; bits read by conv: 0.6); else 0.4, or down to 0.2 for few sequences of numbers",
        tune={"plus": (-0.2, -0.1, 0.1, 0.2)},
    )
    variational: bool | None = _model(
        "Drop the same units at all steps; conv does not", unset="on, except for streams of characters", taken=ALWAYS
    )
    bidirectional: bool | None = _shape("Read each sequence in both directions", unset="on")
    pool: str | None = _model(
        "States from which the output is computed: the last, the mean, the maximum over the steps",
        values=("last", "mean", "max"),
        joined=True,
        metavar="last,mean,max",
        unset="all three",
        fixed=True,
    )
    members: int = _model(
        "Number of networks, by seeds from --seed on, whose probabilities are averaged; --minutes is for all of them",
        1,
        min=1,
        max=MOST_MEMBERS,
    )
    epochs: float | None = _training(
        "Number of passes over the data", above=0, max=10**6, unset="by the amount of data"
    )
    minutes: float | None = _training(MINUTES, above=0, max=10**6, duration=True, metavar="TIME")
    tune: bool = _training(
        "Vary the options left to auto in short trainings, then train the best; --minutes is for all", False
    )
    batch: int | None = _training("Sequences per batch", min=1, max=65536, unset="at most 32", taken="text", tune=SIZES)
    steps: int | Annotated[str, stored.OneOf(FULL)] | None = _training(
        "Steps per window of truncated back-propagation; full: all of the sequence",
        min=1,
        max=1 << 20,
        words=(FULL,),
        unset="at most 48 for characters read up to 6 times, 35 for words, else 96; corrected once by the reach",
        taken="text",
        tune=SIZES,
    )
    memory: str | None = _training(
        "Memory for a window, such as 500MB: a longer one is computed in segments, and its states again between them",
        metavar="SIZE",
        unset=f"{MEMORY} with --steps full, else no limit",
        kept=False,
    )
    optimizer: str = _training("Optimiser", "adamw", values=tuple(RATES), taken=ALWAYS)
    lr: float | None = _training(
        "Highest learning rate",
        above=0,
        max=10**6,
        unset=f"{', '.join(f'{rate} for {name}' for name, rate in RATES.items())}; half more for lines of characters",
        tune={"times": (0.3, 0.5, 2, 3)},
    )
    local_steps: int | None = _training(
        "Under mpirun: each process trains N updates by its own rows, then the weights are averaged; MODEL depends on "
        "the number of processes then",
        min=1,
        max=1 << 20,
        unset="the gradients are summed up in every update, and MODEL is that of one process",
    )
    scale_rate: str | None = _training(
        "For a batch k times the one that auto chooses: sqrt multiplies --lr by the root of k, and the warm-up by k",
        values=("sqrt",),
        unset="the rate is --lr, whatever the batch",
    )
    schedule: str = _training("Learning rate after the warm-up", "cosine", values=("cosine", "linear", "constant"))
    weight_decay: float | None = _training(
        "Decoupled weight decay of matrices",
        min=0,
        unset="0.01; up to 1 for few sequences of numbers",
        tune={"times": (0.2, 5)},
    )
    noise: float | None = _training(
        "Standard deviation of noise added to the scaled numbers",
        min=0,
        unset="0; up to 0.3 for few sequences",
        tune={"times": (0.3, 2)},
    )
    clip: float = _training("Largest global norm of the gradient; 0: no clipping", 1.0, min=0)
    patience: int | None = _training(
        "Stop after N validations without improvement; 0: never", min=0, max=1 << 31, unset="0 for language, else 4"
    )
    seed: int = _training("Seed for all random numbers", 0, min=0, max=(1 << 64) - 1)
    new_vocabulary: bool = _training("With --init: drop tokens and categories that do not occur in DATA", False)

    if TYPE_CHECKING:  # the options of tasks

        def __getattr__(self, name: str) -> Any: ...

    def __post_init__(self) -> None:
        for one in fields(self):
            check(option_name(one.name), getattr(self, one.name), one.metadata)
        if self.cell is not None:
            parse_cell(self.cell)
        parse_levels(self.quantiles)
        if self.quantiles and self.loss:
            refuse_quantiles(self.loss)
        check_time_format(self.time_format)
        if self.memory is not None:
            bytes_of("--memory", self.memory)
        parse_weights(self.class_weights)
        if self.label_separator is not None and not self.label_separator.strip("\n\r"):
            raise UsageError("--label-separator: found an empty text, expected at least one character")
        if self.epochs is not None and self.minutes is not None:
            raise UsageError("--epochs and --minutes cannot be combined: give one of them")
        if self.scale_rate and self.batch is None:
            raise UsageError(
                "--scale-rate has no effect without --batch: the batch that auto chooses has the usual rate"
            )
        if self.vocabulary is not None and self.tokens == "byte":
            raise UsageError("--vocabulary and --tokens byte cannot be combined: bytes always have 256 tokens")
        if self.tied and self.embed and self.hidden and self.embed != self.hidden:
            raise UsageError(f"--tied needs --embed equal to --hidden, found {self.embed} and {self.hidden}")

    @property
    def of_records(self) -> bool:
        """Whether a language model reads a sequence a line or record, each from a state of zero; else streams."""
        return self.format in RECORDS and learns(self.task) == "text"

    @property
    def window(self) -> int | None:
        """Steps per window; None if they are still to be chosen, or as many as there are."""
        return None if self.steps == FULL else self.steps  # type: ignore[return-value]

    @property
    def room(self) -> int | None:
        """Bytes for a window; None: no limit."""
        memory = self.memory or (MEMORY if self.steps == FULL else None)
        return bytes_of("--memory", memory) if memory else None

    def of_training(self, besides: Iterable[str] = ()) -> list[str]:
        """The options that were given, and that only a network has whose parameters are all trained; not those that a
        frozen network of its kind has `besides`.
        """
        return [
            one.name
            for one in fields(self)
            if (one.metadata.get("group") in ("Model", "Training") or one.metadata.get("trained"))
            and one.name not in (*NOT_OF_TRAINING, *besides)
            and getattr(self, one.name) != one.default
        ]

    def having(self, **values: Any) -> "TrainConfig":
        """The same options, but for these."""
        return replace(self, **values)

    def to_json(self) -> dict:
        """What a model file keeps."""
        kept = {one.name for one in fields(self) if one.metadata.get("kept", True)}
        return {name: value for name, value in asdict(self).items() if name in kept}

    @classmethod
    def from_json(cls, values: Any, where: str = "config") -> "TrainConfig":
        """Of a model file, which may be of a version with other options; Damaged for values that no option takes."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in stored.read(dict[str, Any], values, where).items() if name in known}
        try:
            return stored.read(cls, values, where)
        except UsageError as error:
            raise stored.Damaged(f"{where}: {error}") from None


def inherited(start: str) -> set[str]:
    """The options that `--init` takes from the model where they are not given, by what the model is the start of."""
    return {one.name for one in fields(TrainConfig) if start in one.metadata.get("taken", "task text").split()}


def fixed_by(task: str) -> set[str]:
    """The options that say what a network of the task is, and what its outputs mean."""
    own = registry.declared("tasks")[task].get("fixed", "").split()
    return {one.name for one in fields(TrainConfig) if one.metadata.get("fixed")}.union(own)


def refuse_for_others(config: TrainConfig, task: str) -> None:
    """Options that were given, and that the task has no use for."""
    for name, tasks in meant_for().items():
        given, default = getattr(config, name), getattr(TrainConfig, name)
        if (given or default) and given != default and task not in tasks:
            raise without_effect(name, f"with --task {task}", [f"--task {other}" for other in tasks])
    if config.time == NO_COLUMN or (config.time is None and config.time_format):
        refuse_without_times(config)


def refuse_without_times(config: TrainConfig) -> None:
    """UsageError for options that say something of times, where no column holds any."""
    given = {"--time-format": config.time_format, "--zone": config.zone, "--no-regular": not config.regular}
    for option in filter(given.get, given):
        raise UsageError(f"{option} has no effect without --time: name the time column with --time")


def refuse_trained(config: TrainConfig, besides: Iterable[str] = ()) -> None:
    """UsageError for options that say how a network is trained, where only its read-out is fitted."""
    if trained := config.of_training(besides):
        option = option_name(trained[0])
        raise UsageError(f"--learn readout and {option} cannot be combined: {option} is of a network that is trained")


def without_effect(name: str, beside: str, others: Iterable[str]) -> UsageError:
    """An option that was given and does nothing there is a mistake."""
    option = option_name(name)
    return UsageError(f"{option} has no effect {beside}: it is for {', '.join(others)}")


def option_name(parameter: str) -> str:
    """`top_k` -> `--top-k`."""
    return {"input": "INPUT", "begin": "--from"}.get(parameter, f"--{parameter.replace('_', '-')}")
