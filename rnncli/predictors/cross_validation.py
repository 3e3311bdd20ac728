"""`--evaluate --folds K`: K models, each trained on all but a part of the input, and measured on that part.

Whole sequences are parted by seed: labels evenly, related ones (`--fold-by`) together. Of series the parts are the last
K of K + 1 equal ones in time, each forecast by a model of the rows before it. The options are those that MODEL was
trained with, and what it chose for itself, but for a level of forecasts that nobody asked for. Nothing is written. Of
several ranks each trains every so many-th model.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from rnncli.config import NO_COLUMN, OF_READOUTS, TrainConfig
from rnncli.data import folds as related
from rnncli.data import label_sets
from rnncli.data.columns import Columns, Known
from rnncli.data.ranges import Ranges
from rnncli.errors import RnncliError, UsageError, note
from rnncli.models.model_file import Model
from rnncli.models.tensors import packed, unpacked
from rnncli.predictors.columns import ColumnPredictor
from rnncli.predictors.evaluation import NothingCame, evaluate
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.series_reader import SeriesReader
from rnncli.readers.columns import read_columns
from rnncli.readers.source import display, reopenable
from rnncli.tasks import task_class
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.columns_in import request_of
from rnncli.tasks.folds_in import numbers_of
from rnncli.tasks.task import Material
from rnncli.training import search
from rnncli.training.experiment import Experiment
from rnncli.training.ranks import Ranks
from rnncli.training.reports import Saved

Say = Callable[[str], None]
WEIGHED = {"mape": "mape_n", "nats_per_step": "scored"}  # what a mean of forecasts is over, if not all n


def of_sequences(
    model: Model,
    paths: list[str],
    encoding: str | None,
    K: int,
    threads: int,
    say: Say,
    k: int | None = None,
    threshold: float | None = None,
) -> dict[str, Any]:
    """The figures of all sequences, each predicted by the model that was not trained on it; and those of each part. Of
    sets of labels at `k` of them, and from a threshold on.
    """
    config, form, task = options_of(model), model.form, cast(type[ColumnTask], task_class(model.config.task))
    name, known = display(paths[0]), Known(tuple(model.schema.numbers), tuple(model.schema.labels), teaches=True)
    paths = [reopenable(path) for path in paths]
    columns = read_columns(paths, request_of(form, config, encoding, known=known))
    if config.fold_by not in (None, NO_COLUMN) and columns.folds is None:
        note(f"{name}: no column {config.fold_by}: related sequences may be in several parts")
        config = config.having(fold_by=None)
    columns = columns if task.by_step else _answered(columns, name)
    task.check(columns, name)
    part_of = _parts(columns, config, K, task, name)
    first: Any = None  # predictor of the first part
    mine, ranks = [], Ranks.here
    for part in ranks.dealt(K):
        test = np.flatnonzero(part_of == part)
        material = task.learn(name, form, _copy(columns), config, None, None, np.flatnonzero(part_of != part))
        trained = trained_on(paths, config, search.sized(material), threads)
        predictor = ColumnPredictor(trained, threads)
        first = first or predictor
        examples = trained.schema.encode(_copy(columns)).select(test)
        found, tally = predictor.predictions(examples), predictor.task.tally(k, threshold)
        tally.temperature = predictor.task.temperature
        tally.add(found, examples)
        figures = tally.figures() | {"trained": len(columns) - len(test)}
        mine.append((found, predictor.task.temperature, figures))
        say(part_in_words(part, K, figures, "sequences"))
    each = _of_all_ranks(mine)
    if not ranks.leads:
        return {}
    pooled = first.task.tally(k, threshold)
    for part, (found, pooled.temperature, _) in enumerate(each):
        test = np.flatnonzero(part_of == part)
        pooled.add(found, first.model.schema.encode(_copy(columns)).select(test))  # answers in one scale
    return pooled.figures() | pooled.details() | by_part([figures for *_, figures in each])


def _of_all_ranks(mine: list[tuple[np.ndarray, float, dict]]) -> list[tuple[np.ndarray, float, dict]]:
    """What came of each part: predictions, temperature, figures."""
    if Ranks.here.of == 1:
        return mine
    said = Ranks.here.collect([(temperature, figures) for _, temperature, figures in mine])
    own = packed({str(i): one[0] for i, one in enumerate(mine)}, {})
    arrays = [unpacked(data) if data else {} for data in Ranks.here.to_first(own)]
    found = [arrays[part % len(arrays)].get(str(part // len(arrays))) for part in range(len(said))]
    return [(one, *rest) for one, rest in zip(found, said, strict=True)]


def options_of(model: Model, besides: Sequence[str] = ()) -> TrainConfig:
    """Those that the model was trained with, and what it chose for itself; of a read-out that is fitted, none of
    networks that are trained, but for those `besides`.
    """
    config = model.config.having(tune=False)
    if config.learn == "readout":
        plain = TrainConfig()
        return config.having(**{name: getattr(plain, name) for name in config.of_training(besides)})
    return config.having(**task_class(config.task).chosen(model))


def _parts(columns: Columns, config: TrainConfig, K: int, task: type[ColumnTask], name: str) -> np.ndarray:
    """Which part each sequence is in."""
    groups = numbers_of(columns, config, name)
    count = len(columns) if groups is None else int(groups.max()) + 1
    if count < K:
        what = "sequences" if groups is None else f"different values of {config.fold_by}"
        raise RnncliError(f"{name}: {count:,} {what}, expected at least {K}, one for each part: use a smaller --folds")
    return related.cross_parts(len(columns), K, config.seed, task.strata(columns), groups)


def _answered(columns: Columns, name: str) -> Columns:
    """The sequences that have all of their answer, since a part is trained on too; the others are left out."""
    if columns.targets is not None:
        lacking = np.isnan(columns.targets).any(axis=1)
    elif columns.labels is not None:
        lacking = label_sets.unanswered(columns)
    else:
        return columns
    if not lacking.any() or lacking.all():  # of which the task says what it expects
        return columns
    chosen = np.flatnonzero(~lacking)
    note(f"{name}: {int(lacking.sum()):,} of {len(columns):,} sequences have no answer and are left out")
    own: dict[str, Any] = {} if columns.labels is None else label_sets.of_sequences(columns, chosen)
    if columns.targets is not None:
        own["targets"] = columns.targets[chosen]
    if columns.folds is not None:
        own["folds"] = replace(columns.folds, codes=columns.folds.codes[chosen])
    rows = Ranges(columns.offsets[:-1][chosen], columns.offsets[1:][chosen]).every(1)
    return columns.taken(rows, columns.lengths[chosen], chosen, **own)


def _copy(columns: Columns) -> Columns:
    """Encoding scales numbers where they stand."""
    return replace(columns, numbers=None if columns.numbers is None else columns.numbers.copy())


def trained_on(paths: list[str], config: TrainConfig, material: Material | None, threads: int) -> Model:
    """A model that is written nowhere, of this material, or of what the files hold."""
    experiment = Experiment(paths, config, os.devnull, threads)
    experiment.ranks = Ranks()  # each has models of its own
    if material:
        experiment.train_on(material)
    *_, saved = experiment.reports()
    return cast(Saved, saved).model


# -- series ---------------------------------------------------------------------------------------------------------


def of_series(
    model: Model, paths: list[str], encoding: str | None, K: int, threads: int, say: Say, horizon: int | None = None
) -> dict[str, Any]:
    """The figures of the forecasts of each part, made by a model of the rows before it, and those of all."""
    paths, each, name = [reopenable(path) for path in paths], [], display(paths[0])
    config = options_of(model, OF_READOUTS).having(encoding=encoding or model.config.encoding, level=model.config.level)
    rows, H = SeriesReader(model).columns(paths, encoding).lengths, horizon or model.schema.outlook.horizon
    size = int(rows.min()) // (K + 1)
    if size <= H:
        raise RnncliError(
            f"{name}: the shortest series has {int(rows.min()):,} rows, {K + 1} parts of {size:,}, expected more than "
            f"the {H:,} steps of a forecast in each: use a smaller --folds, or a smaller --horizon"
        )
    for part in Ranks.here.dealt(K):
        begin, end = -size * (K - part), -size * (K - part - 1)
        try:
            trained = trained_on(paths, config.having(until=str(begin)), None, threads)
        except UsageError as error:  # of an option of training, which suits all rows but not these
            raise RnncliError(
                f"{name}: part {part + 1} of {K}, with the options of the model and the rows before it: {error}; "
                "a smaller --folds leaves more rows"
            ) from None
        reader = SeriesReader(trained)
        new = reader.columns(paths, encoding)
        extent = reader.extent(new, "evaluate", 0, str(begin), str(end) if end else None, name)
        try:
            found = evaluate(Forecaster(trained, threads), extent, 1, horizon)
        except NothingCame:
            raise RnncliError(
                f"{name}: part {part + 1} of {K} has no values to compare forecasts with: use a smaller --folds"
            ) from None
        each.append(found | {"trained": int((rows + begin).sum())})
        say(part_in_words(part, K, found | {"trained": each[-1]["trained"]}, "rows"))
    each = Ranks.here.collect(each)
    return _pooled(each) | by_part(each)


def _pooled(each: list[dict]) -> dict[str, Any]:
    """Sums are added, means are weighed by how many values they are of; also those of the rivals."""
    counts = ("n", "missing", "zeros", "mape_n", "forecasts")
    found: dict[str, Any] = {name: sum(one[name] for one in each) for name in counts}
    found |= _means(each, each, ("mse", "mae", "smape", "mape", "mse_scaled", "mae_scaled", "coverage"))
    if any("scored" in one for one in each):
        found |= {"scored": sum(one["scored"] for one in each)} | _means(each, each, ("nats_per_step",))
    found["rmse"] = math.sqrt(found["mse"])
    rivals = {name for one in each for name, value in one.items() if isinstance(value, dict) and "mae" in value}
    shared = sorted(name for name in rivals if all(name in one for one in each))
    for name in shared:
        found[name] = _means([one[name] for one in each], each, ("mse", "mae", "smape", "mape"))
    found["best_rival"] = min(shared, key=lambda name: found[name]["mae"], default=None)
    return found


def _means(values: Sequence[dict], each: Sequence[dict], names: Sequence[str]) -> dict[str, float | None]:
    """Over the values of all parts; a part without any value counts nothing, and None is left where all have none."""
    found: dict[str, float | None] = {}
    for name in names:
        counts = [one[WEIGHED.get(name, "n")] for one in each]
        there = [(one.get(name), count) for one, count in zip(values, counts, strict=True) if count]
        if not there:
            found[name] = None
        elif all(value is not None for value, _ in there):
            found[name] = math.fsum(value * count for value, count in there) / sum(count for _, count in there)
    return found


# -- all ------------------------------------------------------------------------------------------------------------


def by_part(each: list[dict]) -> dict[str, Any]:
    """`folds`: the plain figures of each part; `mean` and `deviation` of these, as a sample of their like."""
    plain = [dict(_plain(one)) for one in each]
    names = [name for name in plain[0] if isinstance(plain[0][name], float) and all(name in one for one in plain)]
    columns = {name: np.array([one[name] for one in plain]) for name in names}
    return {
        "folds": plain,
        "mean": {name: float(column.mean()) for name, column in columns.items()},
        "deviation": {name: float(column.std(ddof=1)) for name, column in columns.items()},
    }


def _plain(figures: dict) -> Iterator[tuple[str, float]]:
    """Those that are numbers."""
    for name, value in figures.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, value


def part_in_words(part: int, K: int, figures: dict, unit: str) -> str:
    """What came of a part."""
    name = next((name for name in ("accuracy", "micro_f1", "mae", "nats_per_token") if name in figures), "n")
    return f"part {part + 1} of {K}: trained on {figures['trained']:,} {unit}, {name} {figures[name]:.4g}"
