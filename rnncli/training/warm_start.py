"""`--init`: a network that starts from a trained one, maybe with other tokens, labels or series besides.

What rows of weights stand for is matched by name: tokens, values of categories, labels and series that the model knows
have its weights, new ones start fresh. The schema itself is kept when the data is read, see Schema.fit.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.config import NO_COLUMN, TrainConfig, fixed_by, inherited, option_name
from rnncli.data.equal_names import plain_name
from rnncli.data.examples import Examples
from rnncli.data.far import far_ones
from rnncli.data.schema import Schema
from rnncli.errors import RnncliError, UsageError, note
from rnncli.models.model_file import damage_in
from rnncli.network.architecture import Architecture, Parameters
from rnncli.network.network import Network
from rnncli.readers.forms import extension_of, has_other_form, is_fasttext
from rnncli.readers.naming import NoColumn, listed
from rnncli.readers.source import display
from rnncli.readers.text_forms import HOLD_TEXTS
from rnncli.registry import learns, meant_for, naming_answers
from rnncli.stored import expect
from rnncli.tasks import task_class
from rnncli.tasks.task import Material, Task
from rnncli.tasks.trained import load_model
from rnncli.training import text_reader
from rnncli.values import parse_levels

CALIBRATION = ("temperature", "shifts", "few", "spread")  # entries of the summary
MOST_NAMED = 3  # labels


class WarmStart:
    """The trained network that a new one starts from; `config` has its options, where the user gave no others."""

    def __init__(self, path: str, config: TrainConfig, given: set[str], data: str):
        """`given` are the options that the user wrote; the name of the first file, `data`, may say its form."""
        self.path, self.given, self.trained = path, given, load_model(path)
        if self.trained.network.architecture.frozen:
            raise UsageError(
                f"--init {path}: its read-out was fitted in closed form: train with --learn all to start from"
            )
        task = self.trained.config.task
        #: what is in the file, once for each of its networks; others, if their layers alone are taken
        self.models = [replace(self.trained, network=one) for one in self.trained.network.members]
        self.model, self.anew = self.models[0], False  # anew: the outputs, since the layers alone are taken
        self.start = "task"
        if learns(task) == "text":
            self.start = "reader" if config.task not in ("auto", task) or given & naming_answers() else "text"
        self.chosen = vars(self.trained.config) | task_class(task).chosen(self.trained)
        self._refuse_others(config)
        self.config = self._inherited(config, data)
        if len(self.models) not in (1, self.config.members) and self.start != "reader":
            members = f"--members {self.config.members}"
            raise UsageError(f"--init {path} and {members} cannot be combined: the model has {len(self.models)}")

    def _refuse_others(self, config: TrainConfig) -> None:
        """UsageError for options that have no meaning for the model, or say something else than it does."""
        task, reads = self.trained.config.task, self.start == "reader"  # then outputs are fresh
        fixed = fixed_by(task) & inherited("reader") if reads else fixed_by(task)
        for name, ours in vars(config).items():
            if name not in self.given or ours is None:
                continue
            option, tasks, their = option_name(name), meant_for().get(name, [task]), self.chosen[name]
            if not reads and "task" not in self.given and task not in tasks:
                raise UsageError(
                    f"--init {self.path}, a model of task {task}, and {option} cannot be combined: "
                    f"{option} is for {', '.join(tasks)}"
                )
            same = ours == their or (name == "quantiles" and parse_levels(ours) == parse_levels(their))
            if name in fixed and not same:
                has = "none" if their is None else their
                raise UsageError(f"--init {self.path} and {option} {ours} cannot be combined: the model has {has}")
        if config.new_vocabulary and self.model.vocabulary is None and not self.model.schema.categories:
            raise UsageError(
                f"--init {self.path} and --new-vocabulary cannot be combined: the model reads only numbers"
            )

    def _inherited(self, config: TrainConfig, data: str) -> TrainConfig:
        """With everything that was not given taken from the model, as far as it is inherited."""
        task, names = self.trained.config.task, inherited(self.start)
        if self.start != "reader":
            names = {name for name in names if task in meant_for().get(name, [task])}
            if "label" in names and is_fasttext(data, "auto", config.encoding):
                names -= {"text", "label", "label_separator", "fold_by"}
        left = [name for name in names if name not in self.given or getattr(config, name) is None]
        theirs = vars(self.trained.config)
        config = config.having(**{n: self.chosen[n] if theirs[n] is None else theirs[n] for n in left})
        # tables of texts to go on with may be of many forms: as the file is
        if self.start == "text":
            other = "text" in self.given or config.format in ("jsonl", "labelled")
        else:
            other = self.start == "task" and has_other_form(data, config.format)
        return config.having(format="auto") if other and "format" not in self.given else config

    def calibration(self) -> dict:
        """What the model's validation part said of its probabilities and quantiles, for want of such a part now."""
        summary = {} if self.anew else self.trained.summary
        return {name: summary[name] for name in CALIBRATION if name in summary}

    def fingerprint(self) -> str:
        """A hash of the model."""
        return self.trained.fingerprint()

    def seen(self) -> dict[str, Any] | None:
        """What the model was trained on, see data/seen.py."""
        return self.trained.summary.get("seen")

    def explained(self, error: NoColumn, data: str) -> RnncliError:
        """The same, where it is the model that names the column."""
        if error.option.removeprefix("--").replace("-", "_") in self.given:
            return error
        advice = f"name the column here with {error.option}"
        if error.option == "--fold-by":
            advice += f", or {error.option} {NO_COLUMN}"
        if error.option in ("--inputs", "--known"):
            advice = f"add {error.name}"
        return RnncliError(
            f"{data}: columns {listed(error.columns)}, expected {error.name}, which is {error.option} of "
            f"--init {self.path}: {advice}, or train without --init"
        )

    def check(self, task: str, path: str) -> None:
        """UsageError if it is no start for a model of the task. It is said where texts are in a file that is read as it
        stands, as that of the model was.
        """
        theirs = self.trained.config.task
        as_it_stands = self.config.format in ("text", "lines") and self.config.format == self.trained.config.format
        if theirs == task and learns(task) == "text" and as_it_stands and extension_of(path) in HOLD_TEXTS:
            how = f"--format {self.config.format}, as for {self.path}"
            note(f"{display(path)}: read as plain text, by {how}: --format auto reads the texts in its columns or keys")
        if learns(theirs) == "text" and task != theirs:
            self.models = [text_reader.reader_of(self.path, one, task) for one in self.models]
            self.model, self.anew = self.models[0], True
        elif task != theirs:
            raise UsageError(
                f"--init {self.path}, a model of task {theirs}, and task {task} cannot be combined: use a model of "
                f"task {task}, or leave out --init"
            )

    # -- what it says -------------------------------------------------------------------------------------------

    def note(self, m: Material) -> str:
        """`old.safetensors, 65 tokens kept, 4 of them not in the training part; 3 new. 2 labels kept, ..`."""
        task, train = m.task, m.train
        if (v := task.vocabulary) is None:
            return f"{self.path}, {'. '.join(self._columns(task.schema, train))}"
        said = _kept("tokens", self.model.vocabulary.keys(), v.keys(), np.unique(train.tokens), v.unknown)
        return f"{self.path}, {said}"

    def _columns(self, schema: Schema, train) -> list[str]:
        """What was kept and what is new of each kind of thing."""
        old, parts = self.model.schema, []
        rows = slice(None) if isinstance(train, Examples) else train.rows.every(1)
        ids = train.ids if isinstance(train, Examples) else train.series.ids
        for (name, values), column in zip(schema.categories.items(), ids, strict=False):
            what = "tokens" if name in ("text", "token") else f"values of {name}"
            parts.append(_kept(what, old.categories[name], values, np.unique(column[rows]) - 1))
        if schema.outlook is not None and len(schema.outlook.keys) > 1:
            keys, series = schema.outlook.keys, train.series
            there = {plain_name(key) for key, rows in zip(series.keys, train.lengths, strict=True) if rows}
            seen = [i for i, key in enumerate(keys) if plain_name(key) in there]
            parts.append(_kept("series", old.outlook.keys, keys, seen))
        if schema.labels and old.labels:
            answers = np.flatnonzero(train.targets.any(axis=0)) if train.are_sets else np.unique(train.targets)
            what = "tags" if train.by_step else "labels"
            parts.append(_kept(what, old.labels, schema.labels, answers, named=MOST_NAMED))
        elif schema.labels:
            parts.append("no labels: those of the data are all new")
        return parts + _scales(schema, train)

    # -- weights ------------------------------------------------------------------------------------------------

    def architecture(self, fresh: Architecture) -> Architecture:
        """That of the new network: embeddings are as wide as they were, however many values there are now."""
        old = self.model.network.architecture
        widths = {name: width for name, _, width in old.categories}
        return replace(
            fresh, categories=[(name, size, widths[name]) for name, size, _ in fresh.categories], grams=old.grams
        )

    def copy(self, network: Network, task: Task, member: int = 0) -> None:
        """The trained weights, those of the member of this number; rows of what it does not know stay fresh."""
        with damage_in(self.path):
            self._copy(self.models[member % len(self.models)].network.theta, network.theta, task)

    def _copy(self, old: Parameters, new: Parameters, task: Task) -> None:
        before = _stand_for(self.model.vocabulary, self.model.schema)
        now = _stand_for(task.vocabulary, task.schema)
        places = {name: _matches(before[name], keys) for name, keys in now.items() if name in before}
        outputs = places.get("output")
        for name, array in new.items():
            if name in places:
                here, there = places[name]
                array[here] = _trained(old, name, array, slice(1, None))[there]
            elif not name.startswith(("output.", "task.")) or ("output" not in now and not self.anew):
                array[...] = _trained(old, name, array, slice(None))
            elif outputs is not None and name.startswith("output."):
                array[..., outputs[0]] = _trained(old, name, array, slice(-1))[..., outputs[1]]
            elif outputs is not None:  # scores of tags, and of pairs of them
                trained = _trained(old, name, array, slice(0))
                array[np.ix_(*[outputs[0]] * array.ndim)] = trained[np.ix_(*[outputs[1]] * array.ndim)]


def _trained(old: Parameters, name: str, array: np.ndarray, part: slice) -> np.ndarray:
    """The weights of this name; Damaged where the options make others, of which this part of the shape differs."""
    shape = old[name].shape if name in old else None
    fits = shape is not None and len(shape) == array.ndim and shape[part] == array.shape[part]
    expect(fits, "config", f"options that make {name} {array.shape}", f"those of the network, whose {name} is {shape}")
    return old[name]


def _scales(schema: Schema, train: Any) -> list[str]:
    """That they are kept, and what is far from where it was."""
    o = schema.outlook
    season = f"season of {o.season}, " if o is not None and o.season > 1 else ""
    kept = f"Scales, {season}level {o.anchor} and pace are" if o is not None else "Scales of numbers are"
    means = _series_means(train) if o is not None else _means(schema, train)
    if o is None and not means:
        return []
    far = far_ones(means)
    return [f"{kept} those of the model" + f"; on average {far}" * bool(far)]


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
        found[f"embedding.{schema.series_category}.E"] = [None, *schema.outlook.keys]
    return found | ({"output": schema.labels} if schema.labels else {})


def _matches(old: list, new: list) -> tuple[np.ndarray, np.ndarray]:
    """Places in the new list and in the old one of what is in both."""
    known = {key: i for i, key in enumerate(old)}
    pairs = [(i, known[key]) for i, key in enumerate(new) if key in known]
    return np.array([i for i, _ in pairs], np.int64), np.array([j for _, j in pairs], np.int64)


def _kept(what: str, old: list, new: list, seen: Iterable[int], unknown: int | None = None, named: int = 0) -> str:
    """`65 tokens kept, 4 of them not in the training part; 3 new`; `seen` are the places in the new list that occur. Of
    labels the first are `named`.
    """
    here, there = _matches(old, new)
    if len(there) < len(old):
        dropped = f"{len(old) - len(there):,} of its {len(old):,} {what} dropped"
        return f"{len(here):,} of {len(new):,} {what} known to it, {dropped}"
    without, known = {unknown, *map(int, seen)}, set(here.tolist())
    unused = [name for i, name in enumerate(new) if i in known - without]
    added = [name for i, name in enumerate(new) if i not in known]
    said = f"{len(old):,} {what} kept, {len(unused):,} of them not in the training part{_named(unused[:named], unused)}"
    return f"{said}; {len(added):,} new{_named(added[:named], added)}"


def _named(some: list[str], labels: list[str]) -> str:
    return f" ({', '.join(some)}{', ..' * (len(some) < len(labels))})" if some else ""
