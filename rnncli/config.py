"""Every default, range and check of an option, once. Imports nothing heavy: `--help` reads this file."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from rnncli import registry
from rnncli.errors import UsageError

RECORDS = ("lines", "blocks", "jsonl", "labelled")  # forms of which a language model has many sequences, not a stream
TOKENS = ("char", "byte", "word")
ERRORS = ("strict", "replace")  # of bytes that are no text
OPTIMIZERS = ("adamw", "sgd", "rmsprop")
LOSSES = ("quantile", "gaussian", "student", "poisson", "negbin", "bernoulli", "mse", "mae")
POINTS = ("bernoulli", "mse", "mae")  # of these, losses without quantiles
QUANTILES = "0.1,0.5,0.9"
DECIMALS = {"point": ".", "comma": ","}
TRANSFORMS = ("none", "log")
LEVELS = ("zero", "last", "mean", "season", "linear")
POOLS = ("last", "mean", "max")
SCHEDULES = ("cosine", "linear", "constant")

#: size -> the largest that is no slip of the finger
MOST = {"hidden": 16384, "layers": 64, "embed": 16384, "batch": 65536, "steps": 1 << 20}

#: optimiser -> default rate
RATES = {"adamw": 4e-3, "sgd": 0.5, "rmsprop": 2e-3}


@dataclass(frozen=True)
class TrainConfig:
    """The options of `train` that decide what comes out. None stands for `auto` until training/search.py has chosen."""

    task: str = "auto"
    format: str = "auto"
    encoding: str = "utf-8"
    errors: str = "strict"
    missing: str | None = None
    decimal: str | None = None
    tokens: str | None = None
    vocabulary: int | None = None
    new_vocabulary: bool = False
    min_count: int = 2
    text: str | None = None
    label: str | None = None
    label_separator: str | None = None
    tag: str | None = None
    target: str | None = None
    inputs: str | None = None
    group: str | None = None
    time: str | None = None
    time_format: str | None = None
    known: str | None = None
    horizon: int | None = None
    season: int | None = None
    until: str | None = None
    regular: bool = True
    zone: str | None = None
    loss: str | None = None
    quantiles: str | None = None
    transform: str = "none"
    level: str | None = None
    univariate: bool = False
    shift: int = 0
    valid_fraction: float = 0.1
    cell: str = "lstm"
    hidden: int | None = None
    layers: int | None = None
    embed: int | None = None
    dropout: float | None = None
    batch: int | None = None
    steps: int | None = None
    variational: bool | None = None
    tied: bool | None = None
    bidirectional: bool | None = None
    pool: str | None = None
    class_weights: str | None = None
    crf: bool | None = None
    epochs: float | None = None
    minutes: float | None = None
    optimizer: str = "adamw"
    lr: float | None = None
    schedule: str = "cosine"
    weight_decay: float | None = None
    noise: float | None = None
    clip: float = 1.0
    patience: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        one_of("--task", self.task, ("auto", *registry.names("tasks")))
        one_of("--format", self.format, ("auto", *formats()))
        one_of("--decimal", self.decimal or "point", tuple(DECIMALS))
        one_of("--tokens", self.tokens or TOKENS[0], TOKENS)
        one_of("--errors", self.errors, ERRORS)
        one_of("--optimizer", self.optimizer, OPTIMIZERS)
        one_of("--schedule", self.schedule, SCHEDULES)
        one_of("--loss", self.loss or LOSSES[0], LOSSES)
        one_of("--transform", self.transform, TRANSFORMS)
        one_of("--level", self.level or LEVELS[0], LEVELS)
        whole("--horizon", self.horizon, 1, 1 << 16)
        whole("--season", self.season, 1, 1 << 20)
        whole("--shift", self.shift, 0, 1 << 16)
        parse_levels(self.quantiles)
        if self.quantiles and self.loss:
            refuse_quantiles(self.loss)
        check_time_format(self.time_format)
        parse_weights(self.class_weights)
        if self.label_separator is not None and not self.label_separator.strip("\n\r"):
            raise UsageError("--label-separator: expected a text, found an empty one")
        for kind in (POOLS[0] if self.pool is None else self.pool).split(","):
            one_of("--pool", kind, POOLS)
        parse_cell(self.cell)
        for name, most in MOST.items():
            whole(f"--{name}", getattr(self, name), 1, most)
        whole("--vocabulary", self.vocabulary, 3, 1 << 24)
        whole("--min-count", self.min_count, 1, 1 << 62)
        whole("--patience", self.patience, 0, 1 << 62)
        whole("--seed", self.seed, 0, (1 << 64) - 1)
        between("--dropout", self.dropout, 0.0, 1.0)
        between("--valid-fraction", self.valid_fraction, 0.0, 0.9)
        for name in ("epochs", "minutes", "lr"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1e6:
                raise UsageError(f"--{name} {value:g}: expected a number above 0, up to a million")
        for name in ("weight_decay", "noise", "clip"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise UsageError(f"{option_name(name)} {value:g}: expected a number of at least 0")
        if self.epochs is not None and self.minutes is not None:
            raise UsageError("--epochs and --minutes do not go together: give one of them")
        if self.vocabulary is not None and self.tokens == "byte":
            raise UsageError("--vocabulary and --tokens byte do not go together: there are 256 bytes")
        if self.tied and self.embed and self.hidden and self.embed != self.hidden:
            raise UsageError(f"--tied needs --embed equal to --hidden, found {self.embed} and {self.hidden}")

    @property
    def of_records(self) -> bool:
        """Whether a language model reads a sequence a line or record, each from a state of zero; else streams."""
        return self.format in RECORDS

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict) -> "TrainConfig":
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def formats() -> dict[str, str]:
    """The forms of files that `--format` names -> a few words on each."""
    return {form: words for said in registry.declared("readers").values() for form, words in said["forms"].items()}


def learns(task: str) -> str:
    """What the task learns from: `text`, `label`, `labels`, `numbers`, `tags` or `series`; of `auto` nothing yet."""
    return registry.declared("tasks").get(task, {}).get("learns", "")


def tasks_told_by(kind: str) -> dict[str, str]:
    """Option of `train`, or form of a file, that alone tells the task -> the task; the most special ones first."""
    said = reversed(registry.declared("tasks").items())
    return {one["told_by"][kind]: task for task, one in said if kind in one.get("told_by", {})}


def meant_for() -> dict[str, list[str]]:
    """Option of `train` -> the tasks that it has a meaning for, of those that not all tasks have."""
    tasks = {task: said["train"].split() for task, said in registry.declared("tasks").items()}
    options = dict.fromkeys(option for those in tasks.values() for option in those)
    return {option: [task for task, those in tasks.items() if option in those] for option in options}


def refuse_for_others(config: TrainConfig, task: str) -> None:
    """Options that were given, and that the task has no use for."""
    for name, tasks in meant_for().items():
        given = getattr(config, name)
        default = getattr(TrainConfig, name)
        if (given or default) and given != default and task not in tasks:
            raise without_effect(name, f"--task {task}", tasks)
    if not config.time:
        for option, given in (
            ("--time-format", config.time_format),
            ("--zone", config.zone),
            ("--no-regular", not config.regular),
        ):
            if given:
                raise UsageError(f"{option} has no effect without --time: name the column of the times by --time")


def without_effect(name: str, beside: str, others: Iterable[str]) -> UsageError:
    """An option that was given and does nothing there is a mistake."""
    option = option_name(name)
    return UsageError(f"{option} and {beside} do not go together: {option} is for {', '.join(others)}")


def option_name(parameter: str) -> str:
    """`top_k` -> `--top-k`."""
    return {"input": "INPUT", "begin": "--from"}.get(parameter, f"--{parameter.replace('_', '-')}")


def parse_cell(text: str) -> tuple[str, dict[str, str]]:
    """`rnn:activation=relu` -> ("rnn", {"activation": "relu"}); options are checked by the cell's own file."""
    name, _, rest = text.partition(":")
    one_of("--cell", name, registry.names("cells"))
    options = {}
    for item in filter(None, rest.split(",")):
        key, equals, value = item.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"--cell {text}: expected NAME:key=value,key=value, found {item!r}")
        options[key] = value
    return name, options


def parse_missing(text: str | None) -> tuple[str, ...]:
    """`-,n.a.,-999` -> the tokens, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, (text or "").split(",")))))


def parse_levels(text: str | None) -> tuple[float, ...]:
    """`0.1,0.5,0.9` -> ascending levels between 0 and 1."""
    try:
        levels = tuple(sorted({float(item) for item in (text or QUANTILES).split(",")}))
    except ValueError:
        levels = ()
    if not levels or not 0 < levels[0] <= levels[-1] < 1:
        raise UsageError(f"--quantiles {text}: expected levels between 0 and 1 such as {QUANTILES}")
    return levels


def refuse_quantiles(loss: str) -> None:
    """Where a loss has none."""
    if loss in POINTS:
        raise UsageError(f"--quantiles and --loss {loss} do not go together: it gives one number for each step ahead")


def parse_weights(text: str | None) -> dict[str, float]:
    """`spam=3,ham=1` -> {"spam": 3.0, "ham": 1.0}; of `balanced`, and of None, nothing."""
    weights = {}
    for item in [] if text in (None, "balanced") else text.split(","):
        label, _, value = item.rpartition("=")
        try:
            weights[label] = float(value)
        except ValueError:
            weights[label] = -1.0
        if not 0 < weights[label] < float("inf"):
            raise UsageError(f"--class-weights {item}: expected balanced, or LABEL=WEIGHT,.. with numbers above 0")
    return weights


def check_time_format(text: str | None) -> None:
    """Whether these are directives of strptime that say a date, a time or both."""
    if text in (None, "number"):
        return
    letters = re.findall(r"%[-^#]?\d?(.)", text)
    if not letters or set(letters) - set("aAbBdDfGHIjKmMnpqSuVyYz%") or len(set(letters)) < len(letters):
        raise UsageError(f"--time-format {text}: expected a form as strptime has it, such as %d/%m/%Y %H:%M, or number")


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """value is among the allowed ones, else a UsageError; so the two below."""
    if value not in allowed:
        raise UsageError(f"{option} {value}: expected one of {', '.join(allowed)}")


def whole(option: str, value: int | None, least: int, most: int) -> None:
    """least <= value <= most."""
    if value is not None and not least <= value <= most:
        raise UsageError(f"{option} {value}: expected a whole number from {least} to {most}")


def between(option: str, value: float | None, low: float, high: float) -> None:
    """low <= value < high."""
    if value is not None and not low <= value < high:
        raise UsageError(f"{option} {value:g}: expected a number from {low:g} to below {high:g}")
