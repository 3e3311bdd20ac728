"""Forecast: at every step the next H values of the targets at once, as quantiles, a distribution or a point.

Every position of a window is trained (forking sequences; Wen et al. 2017, arXiv 1711.11053). See
data/forecast_targets.py for what inputs and targets are, network/likelihoods.py for the losses.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.config import TrainConfig, parse_levels, refuse_quantiles
from rnncli.data.batches import Batch
from rnncli.data.calendar import Calendar, periods_of, usual_of
from rnncli.data.clock import clocks_to_learn, clocks_to_predict, put_on_clocks, say_clocks, taken_once
from rnncli.data.columns import Columns, Known, upto
from rnncli.data.extent import Extent
from rnncli.data.forecast_targets import Outlook
from rnncli.data.limits import stops_of
from rnncli.data.more_series import with_series
from rnncli.data.outlook_fit import fit_outlook
from rnncli.data.own_season import season_in
from rnncli.data.schema import Schema
from rnncli.data.series import encode, melt, target_values, without
from rnncli.data.series_windows import SeriesEpochs, read
from rnncli.data.zones import to_instants
from rnncli.errors import RnncliError, UsageError, note
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture, category_width
from rnncli.network.conformal import needed, rounded, shifts
from rnncli.network.likelihoods import LIKELIHOODS, Likelihood
from rnncli.network.network import Network, Unfolded
from rnncli.readers.form import Form
from rnncli.readers.forms import recognise
from rnncli.readers.source import display, reopenable
from rnncli.tasks.column_task import ColumnTask, named, roles_of, time_form, writing_of
from rnncli.tasks.target_names import meant, refuse_missing, target_names
from rnncli.tasks.target_values import refuse_options, refuse_values
from rnncli.tasks.task import Material
from rnncli.tasks.validation import SeriesValidator

TASK = {
    "rank": 5,
    "help": "the next values of series",
    "learns": "series",
    "train": (
        "target known horizon season until loss quantiles transform level univariate shift regular zone steps "
        "missing decimal inputs group time time_format noise"
    ),
    "predict": {
        "forecasts": "to header json follow state begin until horizon stride free_run hold_known plot save",
        "--score": "to header json follow state begin until",
        "--evaluate": "json state begin until horizon stride free_run starts answers hold_known",
    },
    "beside": {
        "": [("plot save", "to header json")],
        "--evaluate": [("answers", "begin stride free_run starts state"), ("free_run", "horizon stride")],
    },
    "needs": {"--evaluate": {"starts": "free_run", "hold_known": "answers"}},
    "loss": "loss {nats:.4f} a target",
    "start": "the forecast without the network",
}

WARM = 256  # rows that are read before the first with a target, to warm the state
LEAST_ROWS = 8  # to learn from
LEAST_VALID = 16  # rows of a series that say something
UNSEEN = 0.05  # of the rows of a batch are read as series never seen
HOW = {  # a forecast stands to its anchor
    "zero": "as they are",
    "last": "from the last value",
    "mean": "from the moving mean",
    "season": "from the last season of {}",
    "linear": "from a linear forecast of seasons of {}",
}


class Forecast(ColumnTask):
    """The next values of each series."""

    name, sizes, by_step, carries = "forecast", "series", True, True
    early = ()
    floor = 5e-4  # Adam's steps stay as large as the rate, and a series without noise can be fitted ever more closely

    def __init__(self, schema: Schema, form: Form, config: TrainConfig):
        super().__init__(schema, form, config)
        o = schema.outlook
        self.loss: Likelihood = LIKELIHOODS[o.loss](tuple(o.levels if o.scaled or o.ranges else ()))
        self.loss_unit = "nats" if o.loss not in ("quantile", "mse", "mae") else "loss"

    # -- training -----------------------------------------------------------------------------------------------

    @classmethod
    def prepare(cls, paths: list[str], config: TrainConfig, valid_path: str | None, base: Any = None) -> Material:
        """Read the files, cut each series in time, fit scales and anchor on the first part, encode. Of a model `base`
        all that is fitted is kept, and series that it has not seen are added.
        """
        paths, start = [reopenable(path) for path in paths], base and base.schema
        form = recognise(paths[0], config.format, roles_of(config), config.encoding, cls.name, writing_of(config))
        form = replace(form, time_form=time_form(config.time_format)).like(base and base.form)
        config = named(replace(config, tokens="word"), form)
        roles = roles_of(config)
        columns = cls.read(paths, form, roles, config, like=base and numbers_of(start))
        form = form.timed(columns.time_sample)
        known = Known(tuple(columns.number_names))
        if start is not None:
            start.refuse_others(columns, display(paths[0]))
        names = target_names(columns, config, form, display(paths[0]), start)
        columns = _on_clocks(columns, config, display(paths[0]), start)
        _refuse_empty(columns, names, None if valid_path else config.valid_fraction, display(paths[0]))
        columns = melt(columns, names) if config.univariate else columns
        others = None
        if valid_path:
            others = cls.read([reopenable(valid_path)], form, roles, config, known)
            refuse_missing(others, names, display(valid_path))
        begin, end = columns.offsets[:-1], columns.offsets[1:]
        cuts = end if valid_path else _cuts(columns.offsets, config.valid_fraction)
        if start is None:
            schema = cls._fit(columns, names, meant(config.known, form, "--known"), cuts, config)
        else:
            schema = cls._go_on(start, columns, cuts, config)
        if others is not None:
            refuse_values(schema.outlook, others, names)
            schema.outlook.clock.refuse_others(others.times, others.time_sample)
            others = to_instants(others, schema.outlook.clock.zone, display(valid_path), {})
            others = taken_once(others, display(valid_path))
            clocks = clocks_to_predict(others, schema.outlook, display(valid_path))
            others = put_on_clocks(others, clocks, display(valid_path))
            others = melt(others, names) if config.univariate else others
            if start is None and not _goes_on(columns, others):
                schema = replace(schema, outlook=replace(schema.outlook, by_series=False))
        series = encode(schema, columns, cuts)
        train = Extent(series, begin, begin, cuts)
        if train.total < LEAST_ROWS:
            raise RnncliError(f"{display(paths[0])}: {train.total} rows to learn from, expected at least {LEAST_ROWS}")
        if others is not None:
            valid, origin = Extent.of_all(encode(schema, others, others.offsets[1:])), f"from {display(valid_path)}"
        else:
            valid, origin = Extent(series, np.maximum(begin, cuts - 1 - WARM), cuts, end), "held out"
        config = replace(config, task=cls.name, format=form.name, horizon=schema.outlook.horizon)
        task = cls(schema, form, config)
        held = f"{valid.count:,} for validation {origin}" if valid.count else "no validation part (too few rows)"
        digests = [train.digest(), valid.digest(), json.dumps(schema.to_json())]
        return Material(task, config, train, valid if valid.count else None, task.describe(train), held, digests)

    @classmethod
    def _fit(cls, columns: Columns, names, known, cuts, config: TrainConfig) -> Schema:
        """Everything that is learnt of the rows before the cuts."""
        calendar = usual_of(columns.clocks, columns.times, columns.time_sample, columns.zone)
        offsets, targets = columns.offsets, ["value"] if config.univariate else names
        values = target_values(columns, targets)
        loss = config.loss or ("bernoulli" if _are_bits(values) else "quantile")
        o = Outlook(
            targets=targets,
            horizon=config.horizon or 1,
            loss=loss,
            levels=list(parse_levels(config.quantiles)),
            scaled=LIKELIHOODS[loss].scaled,
            ranges=True,
            transform=config.transform,
            season=config.season or _season(calendar, columns, values, cuts),
            columns=names if config.univariate else [],
            known=known,
            calendar=calendar.to_json(),
            periods=periods_of(columns.clocks, cuts - offsets[:-1]),
        )
        if config.quantiles:
            refuse_quantiles(o.loss)
        refuse_options(o, config)
        refuse_values(o, columns, targets)
        o = fit_outlook(o, columns, cuts, config.level)
        before = np.arange(columns.rows) < np.repeat(cuts, columns.lengths)
        schema = Schema.fit(without(columns, targets), before, None, 0, config.min_count)
        missing = [name for name in o.known if name not in schema.numbers]
        if missing:
            raise UsageError(f"--known {missing[0]}: no such column of numbers beside the targets")
        if o.season > max(1, calendar.season) and not config.season:
            note(f"values repeat every {o.season} rows, taken as the season: --season says it otherwise, 1 for none")
        return replace(schema, outlook=o)

    @classmethod
    def _go_on(cls, start: Schema, columns: Columns, cuts, config: TrainConfig) -> Schema:
        """That of a model to start from, with series and values of categories that are new."""
        o, before = start.outlook, np.arange(columns.rows) < np.repeat(cuts, columns.lengths)
        refuse_values(o, columns, o.targets)
        rest = without(columns, o.targets)
        schema = Schema.fit(rest, before, None, 0, config.min_count, start, config.new_vocabulary)
        return replace(schema, outlook=with_series(o, columns, target_values(columns, o.targets), cuts))

    @classmethod
    def check(cls, columns: Columns, name: str) -> None:
        if not columns.number_names:
            raise RnncliError(f"{name}: no columns of numbers to forecast")

    def describe(self, train: Extent) -> str:
        o = self.schema.outlook
        names = o.columns or o.targets
        several = f"{len(o.keys):,} series, " if len(o.keys) > 1 else ""
        what = ", ".join(names[:6]) + (", .." if len(names) > 6 else "")
        ahead = f"{o.horizon} step{'s' * (o.horizon > 1)} ahead"
        how = HOW[o.anchor].format(o.season) if o.scaled else HOW["zero"]
        return f"{self.form.describe()}; {several}{train.total:,} rows; {what} {ahead}, {how}, {o.loss}"

    def outputs(self) -> int:
        o = self.schema.outlook
        return o.horizon * len(o.targets) * self.loss.width

    def architecture(self, config: TrainConfig) -> Architecture:
        base, o = super().architecture(config), self.schema.outlook
        K, categories = len(o.targets), list(base.categories)
        if o.by_series:
            categories.append(["series", len(o.keys) + 1, category_width(len(o.keys))])
        width = o.own_width + K * o.flagged + base.numbers
        width += len(o.known) * len(o.looks_ahead) + 2 * len(o.periods)
        return replace(base, categories=categories, numbers=width)

    def initialise(self, network: Network, train: Extent) -> None:
        """Forecasts start at the anchor with the spread of the training part, or at the mean of counts and bits."""
        o, s = self.schema.outlook, train.series
        rows = train.rows()
        mean = np.nanmean(s.values[rows], axis=0) if len(rows) else np.zeros(len(o.targets))
        start = self.loss.start(np.tile(np.nan_to_num(mean), o.horizon))
        network.theta["output.W"] *= 0.1
        network.theta["output.b"][...] = start.ravel()

    def feed(self, train: Extent, config: TrainConfig) -> Any:
        return SeriesEpochs(train, config.batch, config.steps, config.seed, config.shift)

    def perturb(self, batch: Batch, seed: int, update: int) -> None:
        by_series, noise = self.schema.outlook.by_series, self.config.noise
        if not (by_series or noise):
            return
        rng = np.random.default_rng([seed, 3, update])
        if by_series:
            unseen = rng.random(batch.starts.shape[1]) < UNSEEN
            batch.x.ids[-1][:, unseen] = np.minimum(batch.x.ids[-1][:, unseen], 0)
        if noise:
            own = batch.x.numbers[:, :, : self.schema.outlook.own_width]
            own += np.float32(noise) * rng.standard_normal(own.shape, np.float32)

    def chance(self) -> float:
        """Far above a sound forecast: an explosion is what gets there."""
        return 5.0

    def validator(self, network: Network, valid: Extent, team: Team, config: TrainConfig, quick: int) -> Any:
        return SeriesValidator(network, valid, team, self.loss, self.measure)

    def measure(self, u: Unfolded, valid: Extent) -> dict:
        """How far each quantile is moved, see network/conformal.py, and the levels that the validation part is too
        small for.
        """
        o = self.schema.outlook
        if not o.scaled:  # counts have the quantiles of their distribution
            return {}
        found = [(rows, self.loss.quantiles(params)) for rows, params in outputs(u, self.loss, valid, valid.last)]
        if not found or found[0][1] is None:
            return {}
        rows, q = map(np.concatenate, zip(*found, strict=True))
        y = valid.series.residuals(rows, valid.row_stops).reshape(q.shape[:-1])
        least = int((~np.isnan(y)).sum(axis=0).min())
        y = np.where(valid.series.still[rows][:, None], np.nan, y)  # these are forecast without it
        few = [level for level in o.levels if needed(level) > least]
        return {"shifts": rounded(shifts(q, y, self.loss.levels)), **({"few": [least, few]} if few else {})}


def outputs(u: Unfolded, loss: Likelihood, extent: Extent, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows (n,), parameters (n, H, K, W)) of the forecasts made at the rows first <= r < end of each series; `u` is
    packed.
    """
    s, o = extent.series, extent.series.outlook
    shape = (o.horizon, len(o.targets), loss.width)
    for rows, inside, _, count in read(u, s, extent.reads, end, extent.initial):
        wanted = inside & (rows >= extent.row_first[rows])
        for t in range(0, count, u.block):
            steps = min(u.block, count - t)
            chosen = wanted[t : t + steps]
            if chosen.any():
                yield rows[t : t + steps][chosen], u.outputs(t, steps)[chosen].reshape(-1, *shape)


def numbers_of(schema: Schema) -> tuple[str, ...]:
    """The columns of numbers, those that are forecast last."""
    return (*schema.numbers, *(schema.outlook.columns or schema.outlook.targets))


def _on_clocks(columns: Columns, config, name: str, start: Schema | None = None) -> Columns:
    """Each series on its clock, which is that of the rows before --until; nothing is learnt of any other. With a model
    to start from it is that of the model, as in predictions.
    """
    if start is not None:
        start.outlook.clock.refuse_others(columns.times, columns.time_sample)
    columns = to_instants(columns, start.outlook.clock.zone if start else config.zone or "", name, {})
    columns = taken_once(columns, name) if config.regular else columns
    calendar = Calendar.of(columns.times, columns.offsets, columns.time_sample, columns.zone)
    stops = stops_of(columns, calendar, config.until, "--until")
    if not (stops > columns.offsets[:-1]).any():
        raise UsageError(f"--until {config.until}: no rows to learn from before it")
    if start is None:
        clocks = clocks_to_learn(columns, stops, config.regular)
        say_clocks(columns, clocks, name, stops, config.regular)
    else:
        clocks = clocks_to_predict(columns, start.outlook, name)
    columns = put_on_clocks(columns, clocks, name)
    return columns if config.until is None else upto(columns, stops_of(columns, calendar, config.until, "--until"))


def _season(calendar: Calendar, columns: Columns, values: np.ndarray, cuts: np.ndarray) -> int:
    """By the times; else the one that the values themselves show."""
    if calendar.season > 1 or len({clock.steps for clock in columns.clocks or ()}) > 1:
        return calendar.season
    return season_in(values, columns.offsets, cuts)


def _cuts(offsets, fraction: float) -> np.ndarray:
    """Where the training part of each series ends; all of it if the rest would say nothing."""
    held = (np.diff(offsets) * fraction).astype(np.int64)
    held[held < (LEAST_VALID if len(held) < 10 else 1)] = 0
    return offsets[1:] - held


def _refuse_empty(columns: Columns, names: list[str], held: float | None, name: str) -> None:
    """A target without a value in the training part, which is all but the part that is held."""
    cuts = columns.offsets[1:] if held is None else _cuts(columns.offsets, held)
    values = target_values(columns, names)[np.arange(columns.rows) < np.repeat(cuts, columns.lengths)]
    empty = [n for n, there in zip(names, np.isfinite(values).any(axis=0), strict=True) if not there]
    if empty:
        raise RnncliError(f"{name}: no values in column {empty[0]} to learn from")


def _goes_on(columns: Columns, others: Columns) -> bool:
    """Whether the series of a validation file are those of training, later on: else names mean nothing there."""
    if columns.times is None or others.times is None:
        return False
    last = dict(zip(columns.names, columns.times[columns.offsets[1:] - 1], strict=True))
    return all(
        key in last and last[key] < at for key, at in zip(others.names, others.times[others.offsets[:-1]], strict=True)
    )


def _are_bits(values: np.ndarray) -> bool:
    return values.shape[1] > 1 and bool(np.isin(values, (0.0, 1.0)).all())
