"""`--fold-by`: the folds of what was read, or a guess which column tells them."""

import json
from dataclasses import replace

import numpy as np

from rnncli.config import NO_COLUMN, TrainConfig
from rnncli.data import folds, label_sets
from rnncli.data.columns import Coded, Columns
from rnncli.data.fold_guess import candidates, shows_folds
from rnncli.data.schema import Schema
from rnncli.errors import RnncliError, note
from rnncli.readers import sniff
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.labelled import Meaning
from rnncli.readers.naming import by_name, listed, parts_of
from rnncli.readers.source import display
from rnncli.tasks.columns_in import request_of, roles_of

UNDO = f"--fold-by {NO_COLUMN}"
GUESSED = ("table", "labelled", "jsonl")  # forms in which the column is looked for


def guessed(paths: list[str], form: Form, config: TrainConfig, start: Schema | None) -> str | None:
    """The column of folds: as the user says, else one that shows itself in a table or in JSON lines, unless a model to
    `start` from reads it.
    """
    if config.fold_by is not None or form.fasttext or form.name not in GUESSED:
        return config.fold_by
    fields = _fields(paths[0], form, config.encoding)
    named = _named(form, config, fields) | ({*start.numbers, *start.categories} if start else set())
    for name in candidates(fields, named):
        alone = config.having(inputs=None, time=None, time_format=None, tag=None, fold_by=name)
        try:
            columns = read_columns(paths, replace(request_of(form, alone), only_folds=True))
        except RnncliError:  # it is none, or what is wrong is said when all is read
            continue
        if shows_folds(columns.folds, columns.labels):
            count = int(folds.numbered(columns.folds).max()) + 1
            note(
                f"{display(paths[0])}: column {name} tells {count:,} folds of {len(columns):,} sequences, so it is no "
                f"input, and none of its values is held out in part: {UNDO} undoes it"
            )
            return name
    return None


def _named(form: Form, config: TrainConfig, fields: tuple[str, ...]) -> set[str]:
    """The columns that have another meaning; those that together are the group may tell folds too."""
    roles = by_name(roles_of(config), form.columns) if form.columns else roles_of(config)
    group = parts_of(roles.group, fields)
    named = {roles.text, roles.label, roles.tag, *roles.targets, *roles.inputs, *parts_of(roles.time, fields)}
    named |= set(group) if len(group) == 1 else set()
    if form.name == "labelled":
        meaning = Meaning.of(form, roles, config.task, None)
        named |= {form.columns[i] for i in (meaning.text, *meaning.answers)}
    return {name for name in named if name is not None}


def _fields(path: str, form: Form, encoding: str) -> tuple[str, ...]:
    """The names of the columns, of JSON lines the keys of the first object."""
    if form.name != "jsonl":
        return form.columns if form.header else ()
    line = next(filter(str.strip, sniff.sample_lines(sniff.read_sample(path), encoding)), "")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    return tuple(first) if isinstance(first, dict) else ()


def numbers_of(columns: Columns, config: TrainConfig, name: str) -> np.ndarray | None:
    """The fold of each sequence of a file of this name (sequences,); RnncliError where nothing could be held out."""
    if columns.folds is None:
        return None
    by, found = config.fold_by, folds.numbered(columns.folds)
    if found.max() == 0:
        only = columns.folds.symbols[0] if columns.folds.symbols else "nothing"
        raise RnncliError(
            f"{name}: {only} in column {by} for all sequences, expected at least two folds: name another, or {UNDO}"
        )
    if missing := int((columns.folds.codes < 0).sum()):
        note(f"{name}: {missing:,} sequences have nothing in column {by}: each is a fold of its own")
    if columns.labels is not None and label_sets.are_single(columns) and len(columns.labels.codes) == len(columns):
        _check_labels(columns.labels, found, by, name)
    return found


def _check_labels(labels: Coded, found: np.ndarray, by: str, name: str) -> None:
    """A label of one fold alone cannot be learnt where that is held out: a note, an error if all are such."""
    alone = folds.of_one_fold(labels.codes, found)
    if len(alone) == len(np.unique(labels.codes)):
        raise RnncliError(
            f"{name}: each label is of one fold by {by} alone, so that it is never in training where it is held out, "
            f"expected labels of several: name another column, or {UNDO}"
        )
    if len(alone):
        these = listed(labels.symbols[code] for code in alone.tolist())
        note(f"{name}: labels of one fold by {by} alone: {these}: where it is held out, training has none of them")


def note_shared(ours: Columns, others: Columns, by: str, name: str) -> None:
    """Say that a file to validate on has folds of training."""
    if ours.folds is not None and others.folds is not None and (both := folds.shared(ours.folds, others.folds)):
        note(f"{name}: folds by {by} that are in training too: {listed(both)}")


def how_held(found: np.ndarray | None, held: np.ndarray, by: str) -> str:
    """`, 2 of 20 folds by subject`: the folds of the sequences that are held out."""
    if found is None:
        return ""
    return f", {len(np.unique(found[held])):,} of {len(np.unique(found)):,} folds by {by}"


def left_out(found: np.ndarray | None, by: str) -> str:
    """How a read-out is validated."""
    if found is None:
        return "each left out once for validation"
    return f"each left out once for validation, with its fold by {by}, of {len(np.unique(found)):,}"
