"""What tasks on columns share: tables, labelled and tagged text are read, split, encoded, batched as sequences."""

import json
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli import registry
from rnncli.config import TrainConfig, refuse_trained
from rnncli.data import label_sets
from rnncli.data.batches import Batch, WholeEpochs
from rnncli.data.columns import Columns
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema, rows_of
from rnncli.data.words import parted
from rnncli.errors import RnncliError, UsageError, note
from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.network import unfit
from rnncli.frozen.ridge import Answers
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture, gram_buckets
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.process.phases import under_way
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.labelled import Meaning
from rnncli.readers.naming import listed
from rnncli.readers.source import display, reopenable
from rnncli.readers.text_codes import code_texts
from rnncli.stored import expect
from rnncli.tasks.columns_in import (
    architecture,
    recognised,
    refuse_answers,
    request_of,
    roles_of,
    text_like,
    with_names,
    without_folders,
)
from rnncli.tasks.folds_in import guessed, how_held, left_out, numbers_of
from rnncli.tasks.label_in import lone_answer, with_label
from rnncli.tasks.row_numbers import without_row_numbers
from rnncli.tasks.rows_out import Rows, Wanted
from rnncli.tasks.sequences_in import Sequences, ValidFile
from rnncli.tasks.tally import Tally
from rnncli.tasks.task import Material, Task, split, split_folds
from rnncli.tasks.time_in import timed
from rnncli.tasks.validation import QUICK_PART, WholeValidator, whole_tokens
from rnncli.values import parse_cell

LEAST_TRAIN = 4  # sequences
LEAST_VALID = 10  # sequences; fewer say nothing
LEAST_SAMPLE = 500  # sequences of a longer validation part
NO_VALID = "no validation part (too few sequences)"
FILTERS = "conv"  # the cell whose filters a frozen network has too
WORDS_A_TEXT = 3  # texts of so many words and more are read by word


class ColumnTask(Task):
    """Base of the tasks on whole sequences."""

    sizes = "sequences"
    early = (0.01, 0.03)  # few or one-sided sequences may be learnt best in the first epochs
    by_step = False  # an output at every step, else one for each sequence
    word_noise = 0.02  # of the words are read as <unk>, so that it means something; their n-grams stay
    temperature = 1.0  # of the probabilities, as it was fitted on the validation part
    calibrates = False  # whether it is

    # -- training -----------------------------------------------------------------------------------------------

    @classmethod
    def prepare(cls, paths: list[str], config: TrainConfig, valid_path: str | None, base: Model | None) -> Material:
        """Read the files, split whole sequences by seed, fit the schema on the training part, encode. Of a model `base`
        to start from the schema is kept, see Schema.fit.
        """
        refuse_answers(config)
        paths, start = [reopenable(path) for path in paths], base.schema if base else None
        if base is None and (config.task == "auto" or cls.name == config.task and lone_answer(config)):
            config = with_label(paths[0], config)
        name, form = display(paths[0]), recognised(paths[0], config, cls.name, base)
        if base is not None:
            config = text_like(config, form, base, name)
        if form.fasttext and config.label_separator:
            raise UsageError("--label-separator and fastText labels cannot be combined: white space separates them")
        config = with_names(config, form)
        if config.label_from and form.name == "table":
            config = timed(paths[0], form, config, start)
        as_read = replace(config, task=cls.name, tokens=config.tokens or ("word" if cls.by_step else "char"))
        by = guessed(paths, form, as_read, start)
        config = without_row_numbers(paths[0], form, config.having(fold_by=by), start)
        as_read = as_read.having(fold_by=by, inputs=config.inputs)
        columns = read_columns(paths, request_of(form, as_read, like=tuple(start.numbers) if start else None))
        config = without_folders(config, form)
        if start is None:
            return cls.meant(columns).learn(name, form, columns, config, valid_path, None)
        if cls.meant(columns) is not cls:
            label_sets.refuse_sets(columns)
        start.refuse_others(columns, name)
        return cls.learn(name, form, columns, config, valid_path, start)

    @classmethod
    def learn(
        cls,
        name: str,
        form: Form,
        columns: Columns,
        config: TrainConfig,
        valid_path: str | None,
        start: Schema | None,
        among: np.ndarray | None = None,
    ) -> Material:
        """What was read, split and encoded; with `among` of these sequences alone, and nothing is learnt of others but
        which labels there are.
        """
        cls.check(columns, name)
        if columns.texts and not any(map(str.strip, columns.texts)):
            raise RnncliError(f"{name}: all texts are empty, expected at least one with characters")
        if start is None:
            cls.refuse_one_answer(columns, name)
        config = replace(config, task=cls.name, format=form.name, tokens=config.tokens or cls.tokens(columns))
        columns = cls.coded(columns, form, config.tokens)
        form = form.timed(columns.time_sample)
        refuse_few(columns, config, name)
        config = cls.learning(columns, config, name, start)
        under_way("dividing the sequences into their parts")
        folds = numbers_of(columns, config, name)
        chosen, held = cls.parts(columns, config, valid_path, folds, among)
        under_way("fitting scales and what else is known of the columns")
        schema = cls.fit(columns, chosen, config, start)
        if start and (gaps := schema.unflagged(columns)):
            note(
                f"{name}: missing values in {listed(tuple(gaps))}, but none in the model of --init: "
                "read as the last value before them in the sequence, else as the mean"
            )
        under_way("encoding")
        file = ValidFile(valid_path, form, config, cls.check) if valid_path else None
        read = Sequences(schema, columns, chosen, held, folds)
        plain = read.plain(file.read if file else None) if start is None else None
        train, valid = read.encoded()
        how = f"held out for validation{how_held(folds, held, config.fold_by)}"
        if file:
            valid, how = file.first(schema, columns)
        task = cls(schema, form, config)
        without = left_out(folds, config.fold_by) if config.learn == "readout" else NO_VALID
        what = f"{len(valid):,} sequences {how}" if valid else without
        digests = [train.digest(), valid.digest() if valid else "", json.dumps(schema.to_json())]
        return Material(task, config, train, valid, task.describe(train), what, digests, plain=plain)

    @classmethod
    def learning(cls, columns: Columns, config: TrainConfig, name: str, start: Schema | None) -> TrainConfig:
        """With `learn` as it was asked for, or chosen: the read-out of frozen features where that is all that is wanted
        of whole sequences of numbers.
        """
        if config.learn is None:
            fits = "learn" in registry.declared("tasks")[cls.name]["train"].split() and start is None
            fits = fits and not config.of_training() and not unfit(columns)
            return replace(config, learn="readout" if fits else "all")
        if config.learn == "readout":
            is_its_own = config.cell is not None and parse_cell(config.cell) == (FILTERS, {})
            config = replace(config, cell=None) if is_its_own else config
            refuse_trained(config)
            if why := unfit(columns):
                raise UsageError(f"{name}: {why}: use --learn all")
        return config

    def columns(self) -> dict[str, Any]:
        if self.form.name != "labelled" or self.form.fasttext:
            return {}
        meaning = Meaning.of(self.form, roles_of(self.config), self.name, None)
        names, found = self.form.columns, {"text": self.form.columns[meaning.text]}
        return found if meaning.numeric or not meaning.answers else found | {"label": names[meaning.answers[0]]}

    @classmethod
    def tokens(cls, columns: Columns) -> str:
        """How texts are read if nobody says it: longer ones by word, names and codes by character."""
        if columns.texts is None or cls.by_step:
            return "word"
        several = np.mean([len(text.split()) for text in columns.texts]) >= WORDS_A_TEXT
        return "word" if several and parted(columns.texts) else "char"

    @classmethod
    def coded(cls, columns: Columns, form: Form, tokens: str) -> Columns:
        """The texts by these tokens; what became one token is said."""
        texts, columns.texts = columns.texts, None
        if texts is None or tokens != "word" or cls.by_step:
            return columns
        coded, offsets = code_texts(texts, tokens, form.words)
        alone = sum(len(text.strip()) > 1 for text, steps in zip(texts, np.diff(offsets), strict=True) if steps == 1)
        if alone:
            note(f"{alone:,} of {len(texts):,} texts have one word, so one step: --tokens char reads characters")
        return replace(columns, offsets=offsets, coded={"text": coded})

    @classmethod
    def refuse_one_answer(cls, columns: Columns, name: str) -> None:
        """RnncliError if there is nothing to tell apart."""

    @classmethod
    def meant(cls, columns: Columns) -> type["ColumnTask"]:
        """The task that the answers are of."""
        return cls

    @classmethod
    def check(cls, columns: Columns, name: str) -> None:
        """Whether what is to be predicted is there: labels, if nothing else is said."""
        if columns.labels is None or not (columns.labels.codes >= 0).any():
            raise RnncliError(f"{name}: no labels, expected a column of them: --label names it")
        missing = columns.labels.codes < 0
        if columns.label_bounds is not None:
            gaps = np.searchsorted(columns.label_bounds, np.flatnonzero(missing), "right") - 1
            missing = np.isin(np.arange(len(columns)), gaps)
        cls.refuse_unanswered(missing, name, "label")

    @classmethod
    def refuse_unanswered(cls, missing: np.ndarray, name: str, what: str) -> None:
        """A sequence to learn from without its answer is a mistake."""
        if missing.any():
            number = int(np.argmax(missing)) + 1
            raise RnncliError(f"{name}: sequence {number:,} has no {what}: add one, or remove the sequence")

    @classmethod
    def strata(cls, columns: Columns) -> np.ndarray | None:
        """What the validation part takes its share of, each."""
        return None

    @classmethod
    def parts(
        cls,
        columns: Columns,
        config: TrainConfig,
        valid_path: str | None,
        folds: np.ndarray | None,
        among: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the sequences to train on, and of those held out, whole folds where there are some; with `among`
        of these alone.
        """
        everything = np.arange(len(columns)) if among is None else among
        if valid_path or config.learn == "readout" or int(len(everything) * config.valid_fraction) < LEAST_VALID:
            return everything, everything[:0]
        strata = cls.strata(columns)
        strata = None if strata is None else strata[everything]
        if folds is None:
            parts = split(len(everything), config.valid_fraction, config.seed, strata)
        elif (own := np.unique(folds[everything], return_inverse=True)[1]).any():
            parts = split_folds(own, config.valid_fraction, config.seed, strata)
        else:  # of a single fold nothing can be held out
            parts = np.arange(len(everything)), everything[:0]
        return everything[parts[0]], everything[parts[1]]

    @classmethod
    def fit(cls, columns: Columns, chosen: np.ndarray, config: TrainConfig, start: Schema | None = None) -> Schema:
        """The schema of the training part, which goes on from that of a model to `start` from."""
        word = next((name for name in ("token", "text") if name in columns.coded), None)
        word = word if config.tokens == "word" else None
        buckets = gram_buckets(columns.coded.get(word))
        rows, anew = rows_of(columns, chosen), config.new_vocabulary
        return Schema.fit(columns, rows, word, buckets, config.min_count, start, anew, shaped=cls.by_step)

    def describe(self, train: Examples) -> str:
        """What was found, for the first line on the screen."""
        s, longest = self.schema, int(train.lengths.max())
        inputs = [f"{len(s.numbers):,} number{'s' * (len(s.numbers) > 1)} a step"] if s.numbers else []
        inputs += [f"{name} ({len(values):,} distinct)" for name, values in s.categories.items()]
        inputs += ["missing values flagged"] if s.flagged else []
        return f"{self.form.describe()}; {len(train):,} sequences of up to {longest:,} steps, {', '.join(inputs)}"

    def outputs(self) -> int:
        """Width of the output layer."""
        return len(self.schema.labels or self.schema.targets)

    def architecture(self, config: TrainConfig) -> Architecture | FrozenArchitecture:
        if config.learn == "readout":
            return FrozenArchitecture.sized(self.features, config.window, self.schema.width, self.outputs())
        pool = [] if self.by_step else config.pool.split(",")
        return architecture(self.schema, config, self.loss, self.outputs(), pool)

    def refuse_misfit(self, model: Model) -> None:
        s, learnt, found = self.schema, registry.declared("tasks")[self.name]["learns"], model.network.architecture
        answers = (bool(s.labels), bool(s.targets), s.sets, s.outlook is None)
        wanted = (learnt != "numbers", learnt == "numbers", learnt == "labels", True)
        expect(answers == wanted, "config.task", self.name, "one for the answers of the schema")
        fitted = model.config.learn == "readout"
        expect(found.frozen == fitted, "config.learn", model.config.learn, "as the network is")
        if not found.frozen:
            super().refuse_misfit(model)
            return
        shape, ours = (found.input_width, found.outputs), (s.width, self.outputs())
        expect(shape == ours, "architecture", f"{shape} columns and outputs", f"{ours} by the schema")
        expect(not s.categories, "schema.categories", list(s.categories), "none, which frozen features do not read")

    def feed(self, train: Examples, config: TrainConfig) -> WholeEpochs:
        return WholeEpochs(train, config.batch, config.seed)

    def perturb(self, batch: Batch, seed: int, update: int) -> None:
        if not (self.schema.word or self.config.noise):
            return
        rng = np.random.default_rng([seed, 3, update])
        if self.schema.word:
            ids = batch.x.ids[list(self.schema.categories).index(self.schema.word)]
            ids[(rng.random(ids.shape) < self.word_noise) & (ids > 0)] = 0
        if self.config.noise:
            numbers = batch.x.numbers[:, :, : len(self.schema.numbers)]  # not the flags
            numbers += np.float32(self.config.noise) * rng.standard_normal(numbers.shape, np.float32)

    def sample(self, valid: Examples, expected: float) -> Examples:
        """Sequences of it, evenly far apart."""
        found = _some(valid, whole_tokens(expected))
        if found is not valid:
            note(f"validation on {len(found):,} of {len(valid):,} sequences held out, as many as the budget allows for")
        return found

    def validator(self, network: Network | Members, valid: Examples, team: Team, expected: float) -> WholeValidator:
        part, found = _some(valid, int(QUICK_PART * expected)), self.calibrated_loss if self.calibrates else None
        return WholeValidator(network, valid, team, self.loss, self.measure, part, found)

    def measure(self, u: Unfolding, valid: Examples) -> dict:
        """What the validation part says beside the loss, kept in the model."""
        return {"metrics": self.metrics(self.predictions(u, valid), valid)}

    def answers(self, targets: np.ndarray) -> Answers:
        """What a read-out in closed form is fitted to."""
        raise NotImplementedError

    def mean_loss(self, outputs: np.ndarray, examples: Examples) -> float:
        """The loss of outputs (sequences, outputs), calibrated."""
        raise NotImplementedError

    def temperature_of(self, outputs: np.ndarray, examples: Examples) -> float:
        """The one of least loss, of tasks that calibrate."""
        raise NotImplementedError

    def calibrated_loss(self, outputs: np.ndarray, examples: Examples) -> float:
        """The same at the temperature that fits them best: that of the probabilities which are told."""
        fitted = copy(self)
        fitted.temperature = self.temperature_of(outputs, examples)
        return fitted.mean_loss(outputs, examples)

    # -- predictions --------------------------------------------------------------------------------------------

    def predictions(self, u: Unfolding, examples: Examples) -> np.ndarray:
        """What is predicted of all sequences, in their order: the outputs (sequences, outputs), if nothing else is."""
        return u.pooled(examples)

    def losses(self, predictions: np.ndarray, examples: Examples) -> np.ndarray | None:
        """Of each sequence (sequences,), NaN without an answer; None of tasks that have an output at every step."""
        return None

    def rows(self, predictions: Any, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """What is written of the predictions; with the keys of the sequences as the last field, if they stand there."""
        raise NotImplementedError

    def tally(self, k: int | None = None, threshold: float | None = None) -> Tally:
        """For the figures of `--evaluate`; of sets of labels at k of them, and from a threshold on."""
        raise NotImplementedError

    def metrics(
        self, predictions: np.ndarray, examples: Examples, k: int | None = None, threshold: float | None = None
    ) -> dict:
        """The figures of `--evaluate` of these sequences alone."""
        tally = self.tally(k, threshold)
        tally.add(predictions, examples)
        return tally.figures()


def _some(valid: Examples, most: int) -> Examples:
    """Sequences, evenly far apart, that have about so many steps; the same if there are no more."""
    count = max(LEAST_SAMPLE, most * len(valid) // max(1, valid.total))
    return valid if count >= len(valid) else valid.select(np.arange(count) * len(valid) // count)


def refuse_few(columns: Columns, config: TrainConfig, name: str) -> None:
    """RnncliError where there are too few sequences to learn from."""
    if len(columns) >= LEAST_TRAIN:
        return
    advice = "--group names the column that tells sequences apart"
    if columns.coded and config.label_from:
        advice = "--format lines makes each line a text"
    raise RnncliError(f"{name}: {len(columns)} sequence(s), expected at least {LEAST_TRAIN} to learn from: {advice}")
