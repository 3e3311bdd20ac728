"""`--init`: a network that starts from a trained one, maybe with other tokens, labels or series besides.

What rows of weights stand for is matched by name: tokens, values of categories, labels and series that the model knows
have its weights, new ones start fresh. The schema itself is kept when the data is read, see Schema.fit.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.config import TrainConfig, inherited, learns, meant_for, option_name, parse_levels
from rnncli.data.equal_names import plain_name
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.errors import RnncliError, UsageError, note
from rnncli.models.model_file import Model, load_model
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.readers.forms import extension_of, has_other_form, is_fasttext
from rnncli.readers.naming import NoColumn, listed
from rnncli.readers.records import HOLD_TEXTS
from rnncli.readers.source import display
from rnncli.tasks.task import Task
from rnncli.training import text_reader

OF_TEXT = {"batch", "steps"}  # options that only a language model brings along
#: options that say what the network is, and what its outputs mean
FIXED = ("tokens", "cell", "hidden", "layers", "embed", "tied", "bidirectional", "pool", "crf")
CALIBRATION = ("temperature", "shifts", "few", "spread")  # entries of the summary
FAR = 3.0  # deviations: what is so far from where it was on average, is said
MOST_NAMED = 3  # labels, columns


def inherit(path: str, config: TrainConfig, given: set[str], data: str) -> TrainConfig:
    """The config with everything that was not given taken from the model, as far as it is inherited; `data` is the
    first file, whose name may say which form it has.
    """
    model = load_model(path)
    theirs, task = _settled(model), model.config.task
    if learns(task) == "text" and (config.task not in ("auto", task) or given & text_reader.OPTIONS):
        return _with(config, theirs, given, text_reader.INHERITED)
    if "task" not in given:
        _refuse_of_other_tasks(path, config, task, given)
    names = (inherited() - {"text"}) | OF_TEXT if learns(task) == "text" else inherited()
    names = [name for name in names if task in meant_for().get(name, [task])]
    if "label" in names and is_fasttext(data, "auto", config.encoding):
        names = [name for name in names if name not in ("text", "label", "label_separator")]
    config = _with(config, theirs, given, names)
    # tables of texts to go on with may be of many forms: as the file is
    other = "text" in given or config.format in ("jsonl", "labelled")
    other = other if learns(task) == "text" else has_other_form(data, config.format)
    return replace(config, format="auto") if other and "format" not in given else config


def _with(config: TrainConfig, theirs: TrainConfig, given: set[str], names) -> TrainConfig:
    left = [name for name in names if name not in given or getattr(config, name) is None]
    return replace(config, **{name: getattr(theirs, name) for name in left})


def _settled(model: Model) -> TrainConfig:
    """The options of a model, with what its architecture shows where they leave it to be chosen."""
    a = model.network.architecture
    found = {"bidirectional": a.bidirectional, "pool": ",".join(a.pool) or None}
    if learns(model.config.task) == "tags":
        found["crf"] = "task.transitions" in model.network.theta
    return replace(model.config, **found)


def _refuse_of_other_tasks(path: str, config: TrainConfig, task: str, given: set[str]) -> None:
    for name, tasks in meant_for().items():
        if name in given and getattr(config, name) is not None and task not in tasks:
            raise UsageError(
                f"--init {path}, a model of task {task}, and {option_name(name)} cannot be combined: "
                f"{option_name(name)} is for {', '.join(tasks)}"
            )


class WarmStart:
    """The trained network that a new one starts from."""

    def __init__(self, path: str, config: TrainConfig):
        self.path, self.model = path, load_model(path)
        self.trained, self.format = self.model, config.format  # what is in the file
        settled, o = _settled(self.model), self.model.schema and self.model.schema.outlook
        theirs = {name: getattr(settled, name) for name in FIXED}
        if learns(self.model.config.task) == "text" != learns(config.task):  # outputs are fresh
            theirs |= {"pool": config.pool, "tied": config.tied}
        if o is not None:
            theirs |= {name: getattr(o, name) for name in ("horizon", "season", "loss", "transform")}
            theirs |= {"quantiles": ",".join(map(str, o.levels)), "level": o.anchor}
            theirs |= {"univariate": bool(o.columns), "known": ",".join(o.known) or None}
        for name, their in theirs.items():
            ours = getattr(config, name)
            if ours is None or ours == their or (name == "quantiles" and parse_levels(ours) == parse_levels(their)):
                continue
            has = "none" if their is None else their
            raise UsageError(f"--init {path} and {option_name(name)} {ours} cannot be combined: the model has {has}")
        if config.new_vocabulary and self.model.vocabulary is None and not self.model.schema.categories:
            raise UsageError(f"--init {path} and --new-vocabulary cannot be combined: the model reads numbers alone")

    @property
    def has_outputs(self) -> bool:
        """Whether the model is of the same task, not one whose layers alone are taken."""
        return self.model is self.trained

    def calibration(self) -> dict:
        """What the model's validation part said of its probabilities and quantiles, for want of such a part now."""
        summary = self.trained.summary if self.has_outputs else {}
        return {name: summary[name] for name in CALIBRATION if name in summary}

    def explained(self, error: NoColumn, data: str, given: set[str]) -> RnncliError:
        """The same, where it is the model that names the column."""
        if error.option.removeprefix("--") in given:
            return error
        advice = f"give {error.option} the name that it has here"
        if error.option in ("--inputs", "--known"):
            advice = f"add {error.name}"
        return RnncliError(
            f"{data}: columns {listed(error.columns)}, expected {error.name} among them, which is {error.option} of "
            f"--init {self.path}: {advice}, or train without --init"
        )

    def check(self, task: str, path: str) -> None:
        """UsageError if it is no start for a model of the task. It is said where texts are in a file that is read as it
        stands, as that of the model was.
        """
        theirs = self.trained.config.task
        as_it_stands = self.format in ("text", "lines") and self.format == self.trained.config.format
        if theirs == task and learns(task) == "text" and as_it_stands and extension_of(path) in HOLD_TEXTS:
            how = f"--format {self.format}, as for {self.path}"
            note(f"{display(path)}: read as it stands, by {how}: --format auto reads the texts that are in it")
        if learns(theirs) == "text" and task != theirs:
            self.model = text_reader.reader_of(self.path, self.trained, task)
        elif task != theirs:
            raise UsageError(
                f"--init {self.path}, a model of task {theirs}, and task {task} cannot be combined: give a model of "
                f"task {task}, or leave out --init"
            )

    # -- what it says -------------------------------------------------------------------------------------------

    def note(self, task: Task, train: Any) -> str:
        """`old.safetensors, 65 tokens kept, 4 of them not in the training part; 3 new. 2 labels kept, ..`."""
        vocabulary = getattr(task, "vocabulary", None)
        if vocabulary is not None:
            ids = np.unique(train.tokens)
            return f"{self.path}, {_tokens(self.model.vocabulary.keys(), vocabulary.keys(), ids, vocabulary.unknown)}"
        return f"{self.path}, {'. '.join(self._columns(task.schema, train))}"

    def _columns(self, schema: Schema, train) -> list[str]:
        """What was kept and what is new of each kind of thing."""
        old, parts = self.model.schema, []
        rows = slice(None) if isinstance(train, Examples) else train.rows()
        ids = train.ids if isinstance(train, Examples) else train.series.ids
        for (name, values), column in zip(schema.categories.items(), ids, strict=False):
            what = "tokens" if name in ("text", "token") else f"values of {name}"
            parts.append(_tokens(old.categories[name], values, np.unique(column[rows]) - 1, None, what))
        if schema.outlook is not None and len(schema.outlook.keys) > 1:
            keys, series = schema.outlook.keys, train.series
            there = {plain_name(key) for key, rows in zip(series.keys, train.lengths, strict=True) if rows}
            seen = [i for i, key in enumerate(keys) if plain_name(key) in there]
            parts.append(_tokens(old.outlook.keys, keys, seen, None, "series"))
        if schema.labels and old.labels:
            seen = np.flatnonzero(train.targets.any(axis=0)) if train.are_sets else np.unique(train.targets)
            parts.append(_labels(old.labels, schema.labels, seen, "tags" if train.by_step else "labels"))
        elif schema.labels:
            parts.append("no labels: those of the data are all new")
        return parts + _scales(schema, train)

    # -- weights ------------------------------------------------------------------------------------------------

    def architecture(self, fresh: Architecture) -> Architecture:
        """That of the new network: embeddings are as wide as they were, however many values there are now."""
        old = self.model.network.architecture
        widths = {name: width for name, _, width in old.categories}
        return replace(
            fresh, categories=[[name, size, widths[name]] for name, size, _ in fresh.categories], grams=old.grams
        )

    def copy(self, network: Network, task: Task) -> None:
        """The trained weights; rows of what it does not know stay fresh."""
        old, new = self.model.network.theta, network.theta
        before = _stand_for(self.model.vocabulary, self.model.schema)
        now = _stand_for(getattr(task, "vocabulary", None), getattr(task, "schema", None))
        places = {name: _matches(before[name], keys) for name, keys in now.items() if name in before}
        outputs = places.get("output")
        for name, array in new.items():
            if name in places:
                here, there = places[name]
                array[here] = old[name][there]
            elif not name.startswith(("output.", "task.")) or ("output" not in now and self.has_outputs):
                array[...] = old[name]
            elif outputs is not None and name.startswith("output."):
                array[..., outputs[0]] = old[name][..., outputs[1]]
            elif outputs is not None:  # scores of tags, and of pairs of them
                array[np.ix_(*[outputs[0]] * array.ndim)] = old[name][np.ix_(*[outputs[1]] * array.ndim)]


def _scales(schema: Schema, train: Any) -> list[str]:
    """That they are kept, and what is far from where it was."""
    o = schema.outlook
    season = f"season of {o.season}, " if o is not None and o.season > 1 else ""
    kept = f"Scales, {season}level {o.anchor} and pace are" if o is not None else "Scales of numbers are"
    means = _series_means(train) if o is not None else _means(schema, train)
    if o is None and not means:
        return []
    far = [f"{name} is {mean:+.1f} deviations off" for name, mean in means.items() if abs(mean) > FAR]
    there = "" if not far else f"; on average {', '.join(far[:MOST_NAMED])}{', ..' * (len(far) > MOST_NAMED)}"
    return [f"{kept} those of the model{there}"]


def _means(schema: Schema, train: Examples) -> dict[str, float]:
    """Of the scaled numbers of each column, and of the targets."""
    columns = train.numbers[:, : len(schema.numbers)].mean(axis=0, dtype=np.float64).tolist()
    targets = train.targets.mean(axis=0, dtype=np.float64).tolist() if schema.targets else []
    return dict(zip([*schema.numbers, *schema.targets], [*columns, *targets], strict=True))


def _series_means(train: Any) -> dict[str, float]:
    """Of the scaled targets of each series."""
    s, means = train.series, {}
    for key, begin, end in zip(s.keys, train.reads.tolist(), train.last.tolist(), strict=True):
        for k, target in enumerate(s.outlook.targets if end > begin else []):
            name = key if s.outlook.columns else f"{key} {target}".strip()
            means[name] = float(s.z[begin:end, k].mean())
    return means


def _stand_for(vocabulary, schema: Schema | None) -> dict[str, list]:
    """What the rows of each embedding stand for, None for unknown ones, and the outputs, where they have names."""
    if vocabulary is not None:
        return {"embedding.E": vocabulary.keys(), "output": vocabulary.keys()}
    found = {f"embedding.{name}.E": [None, *values] for name, values in schema.categories.items()}
    if schema.outlook is not None and schema.outlook.by_series:
        found["embedding.series.E"] = [None, *schema.outlook.keys]
    return found | ({"output": schema.labels} if schema.labels else {})


def _matches(old: list, new: list) -> tuple[np.ndarray, np.ndarray]:
    """Places in the new list and in the old one of what is in both."""
    known = {key: i for i, key in enumerate(old)}
    pairs = [(i, known[key]) for i, key in enumerate(new) if key in known]
    return np.array([i for i, _ in pairs], np.int64), np.array([j for _, j in pairs], np.int64)


def _tokens(old: list, new: list, seen, unknown: int | None, what: str = "tokens") -> str:
    """`65 tokens kept, 4 of them not in the training part; 3 new`; `seen` are the places in the new list that occur."""
    here, there = _matches(old, new)
    if len(there) < len(old):
        dropped = f"{len(old) - len(there):,} of its {len(old):,} {what} dropped"
        return f"{len(here):,} of {len(new):,} {what} known to it, {dropped}"
    unused = len(set(here.tolist()) - set(np.asarray(seen).tolist()) - {unknown})
    return f"{len(old):,} {what} kept, {unused:,} of them not in the training part; {len(new) - len(old):,} new"


def _labels(old: list[str], new: list[str], seen, what: str) -> str:
    """The same of labels, by their names."""
    unused = [label for i, label in enumerate(old) if i not in set(np.asarray(seen).tolist())]
    added = new[len(old) :]
    return (
        f"{len(old):,} {what} kept, {len(unused):,} of them not in the training part{_named(unused)}; "
        f"{len(added):,} new{_named(added)}"
    )


def _named(labels: list[str]) -> str:
    some = ", ".join(labels[:MOST_NAMED]) + ", .." * (len(labels) > MOST_NAMED)
    return f" ({some})" if labels else ""
