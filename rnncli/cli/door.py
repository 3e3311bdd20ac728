"""The door for Python: `rnncli.load(path)` gives a model whose methods do what `rnncli predict` does, on what is in
memory; the same functions make the rows.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np

from rnncli.cli.allowed import options as of_some_kinds
from rnncli.cli.allowed import refuse_beside, refuse_without_effect
from rnncli.cli.in_memory import source_of
from rnncli.cli.options import RUNNING
from rnncli.cli.predict import GROUPS, OF_MODELS, OF_TASKS, PREDICTING, predict_rows
from rnncli.commands.predict_sequences import hidden_states
from rnncli.commands.source import Source, open_model
from rnncli.config import option_name, type_of
from rnncli.data.shards import Shard
from rnncli.errors import UsageError
from rnncli.kernels.cpus import usable_cpus
from rnncli.predictors.language import Predictor
from rnncli.readers.encodings import Reading
from rnncli.registry import learns
from rnncli.render.row_file import RowFile
from rnncli.values import check

DECLARED = OF_MODELS | OF_TASKS | {"threads": RUNNING["threads"], "quiet": RUNNING["quiet"]}
#: options of the shell that have no meaning in Python: methods and values of its own stand in their place
SHELL = {
    *GROUPS["Output"],
    "score",
    "evaluate",
    "states",
    "folds",
    "follow",
    "state_file",
    "prompt",
    "answers",
    "plot",
    "shard",
}


class LoadedModel:
    """A model file at work, as `rnncli.load` gives it. `task` is what it was trained for.

    `inputs` of all methods is one of these:

    - a text or a list of texts: lines for a language model, texts to label for `classify`, `multilabel` and `regress`
    - a list of lists of tokens, for `tag`
    - an array (sequences, steps, columns), or a list of arrays (steps, columns), of the numbers that the model reads
    - a dict of columns or a data frame, as the table of training had them
    - a `pathlib.Path` or a list of them: files, as in the shell. A text is never the name of a file

    `options` are those of `rnncli predict`, with _ for -: `length=80`, `top_k=5`; `from` is called `begin`. Errors are
    `RnncliError`, a line each; notes go to stderr.
    """

    def __init__(self, path: str):
        self.path = path
        self._model = open_model(path, quiet=False)

    @property
    def task(self) -> str:
        """What it was trained for: language, classify, .."""
        return self._model.config.task

    def __repr__(self) -> str:
        a = self._model.network.architecture
        what = "frozen features" if a.frozen else f"{a.cell} {a.layers} x {a.hidden}"
        return f"<rnncli model {self.path}: {self.task}, {what}>"

    def predict(self, inputs: Any, **options: Any) -> dict[str, np.ndarray]:
        """What `rnncli predict` writes, as columns: name -> array, a row for each of the shell's.

        Of a language model the columns prompt, sample and text, the continuation; with `next=K` the likeliest
        next tokens. Else labels with their probabilities, numbers, tags or forecasts.
        """
        return self._rows(inputs, options, [])

    def score(self, inputs: Any, **options: Any) -> dict[str, np.ndarray]:
        """What `rnncli predict --score` writes, as columns: the surprise of each line or row, -log p in nats.

        With `per_token=True` a row for each token of a text.
        """
        return self._rows(inputs, {"score": True, **options}, ["--score"])

    def states(self, inputs: Any, **options: Any) -> list[np.ndarray]:
        """The hidden states of each text or sequence, (steps, layers, units), as `rnncli predict --states all` writes
        them; the end of a line is a step.
        """
        o = self._options({"states": "all", **options}, ["--states"], ["states"])
        with source_of(self._model, inputs, lines=True) as source:
            return list(self._states(source, o))

    def _states(self, source: Source, o: SimpleNamespace) -> Iterator[np.ndarray]:
        if learns(self.task) != "text":
            return hidden_states(self._model, source, o)
        predictor = Predictor(self._model, o.threads or usable_cpus(), o.carry)
        return predictor.states(source.lines(predictor)[1])

    def _rows(self, inputs: Any, options: Mapping[str, Any], kinds: list[str]) -> dict[str, np.ndarray]:
        o = self._options(options, kinds, ["score"] if kinds else [])
        lines = bool(kinds or o.next)
        with source_of(self._model, inputs, lines) as source, _kept() as kept:
            predict_rows(self._model, source, o)
        return kept.arrays()

    def _options(self, options: Mapping[str, Any], kinds: list[str], own: list[str]) -> SimpleNamespace:
        """All options of `predict`, those that were not given at their defaults. UsageError for wrong ones."""
        chosen = {name: said.get("default") for name, said in DECLARED.items()}
        for name, value in options.items():
            if name not in DECLARED or (name in SHELL and name not in own):
                raise UsageError(
                    f"{name}: no option here, expected one of {', '.join(sorted(DECLARED.keys() - SHELL))}"
                )
            _check_type(name, value)
            check(option_name(name), value, DECLARED[name])
            chosen[name] = value
        given = [name for name in options if name not in own]
        more = [option_name(name) for name in ("per_token", "next") if chosen.get(name)]
        own += [name for name in ("per_token", "next") if chosen.get(name)]
        refuse_without_effect(self.task, [*kinds, *more], [n for n in of_some_kinds() if n in given and n not in own])
        refuse_beside(self.task, [*kinds, *more], given)
        Reading.begin(PREDICTING, chosen["errors"] or self._model.config.errors)
        chosen["top"] = chosen["top"] if "top" in options else None
        return SimpleNamespace(**chosen | {"to": "csv", "evaluate": False, "shard": Shard()})


def _check_type(name: str, value: Any) -> None:
    """UsageError for a value of another type than the shell makes of its text."""
    kind = type_of(DECLARED[name])
    plain = next(one for one in (*get_args(kind), kind) if isinstance(one, type))
    sound = isinstance(value, (int, float) if plain is float else plain) and isinstance(value, bool) == (plain is bool)
    if value is not None and not sound and DECLARED[name].get("repeated") is None:
        raise UsageError(f"{option_name(name)}: found {value!r}, expected a value of type {plain.__name__}")


class _Kept(RowFile):
    """Rows that are kept in memory."""

    def __init__(self) -> None:
        self.typed, self.columns, self.rows = True, (), []

    def add(self, columns: tuple[str, ...], row: tuple) -> None:
        """A row."""
        self.columns = columns
        self.rows.append(row)

    def finish(self) -> None:
        """All rows are there."""

    def arrays(self) -> dict[str, np.ndarray]:
        """The columns; a text that is missing makes one of objects."""
        fields = zip(self.columns, zip(*self.rows, strict=True), strict=True) if self.rows else ()
        return {name: _array(values) for name, values in fields}


def _array(values: tuple) -> np.ndarray:
    """Of texts or of numbers."""
    kinds = {type(value) for value in values}
    if type(None) in kinds or (str in kinds and len(kinds) > 1):
        return np.array(values, object)
    return np.array(values)


@contextmanager
def _kept() -> Iterator[_Kept]:
    """Rows that are written in here are kept."""
    RowFile.here = found = _Kept()
    try:
        yield found
    finally:
        RowFile.here = None


def load(path: str | os.PathLike) -> LoadedModel:
    """The model in a file. RnncliError if there is none, or it is damaged."""
    return LoadedModel(os.fspath(path))
