"""Forecast: at every step the next H values of the targets at once, as quantiles, a distribution or a point.

Every position of a window is trained (forking sequences; Wen et al. 2017, arXiv 1711.11053). See
data/forecast_targets.py for what inputs and targets are, network/likelihoods.py for the losses.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnncli.config import OF_READOUTS, TrainConfig, refuse_trained
from rnncli.data.batches import Batch
from rnncli.data.extent import Extent
from rnncli.data.floor import bounds_in_words
from rnncli.data.known_words import only_seen, with_flags
from rnncli.data.ranks import Ranks
from rnncli.data.schema import Schema
from rnncli.data.seen_series import step_hashes
from rnncli.data.series_windows import SeriesEpochs
from rnncli.data.target_columns import melt
from rnncli.errors import UsageError
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture, category_width
from rnncli.network.likelihoods import LIKELIHOODS, Likelihood
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.process.phases import under_way
from rnncli.process.temporary import blocks
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.source import display, reopenable
from rnncli.stored import expect, expect_table
from rnncli.tasks import series_in, series_parts
from rnncli.tasks.columns_in import architecture, recognised, request_of, with_names
from rnncli.tasks.forecast_figures import measured
from rnncli.tasks.forecast_outputs import outputs
from rnncli.tasks.forecast_rivals import rivals
from rnncli.tasks.row_numbers import without_row_numbers
from rnncli.tasks.rows_in import with_rows
from rnncli.tasks.task import Material, Rivals, Task
from rnncli.tasks.time_in import timed
from rnncli.tasks.unheld import shifts_of_training
from rnncli.tasks.validation import SeriesValidator, quick_tokens
from rnncli.values import POINTS

TASK = {
    "rank": 5,
    "help": "the next values of series",
    "learns": "series",
    "asked_by": {"table": "--target COLUMN", "wide": "--task forecast", "jsonl": "--task forecast"},
    "train": "target learn steps memory missing decimal inputs group time time_format noise",
    "fixed": "horizon known holidays season loss quantiles transform level look_back univariate",
    "train_options": {
        "horizon": {"min": 1, "max": 65536, "help": "Number of steps to forecast", "unset": "1"},
        "known": {"metavar": "COLUMN,..", "help": "Inputs whose later values are known in advance"},
        "holidays": {"metavar": "COUNTRY", "help": "Public holidays as an input known ahead: FR, US-CA"},
        "until": {"taken": "", "metavar": "ROW|TIME|-N", "help": "Read the rows before this one alone; -N: all but N"},
        "season": {
            "min": 1,
            "max": 1048576,
            "help": "Number of steps per season; 1: no season",
            "unset": "by the times, else by the values",
        },
        "regular": {"default": True, "help": "Insert steps that are absent from a regular clock, as missing values"},
        "zone": {"metavar": "PLACE", "help": "Time zone of the times, such as Europe/Paris", "unset": "as in the file"},
        "frequency": {
            "taken": "",
            "metavar": "WORD",
            "help": "Distance of steps, where series have a start alone: daily, 5min, ME",
            "unset": "as the file, or a metadata.json beside it, says",
        },
        "loss": {
            "values": ("quantile", "gaussian", "student", "poisson", "negbin", "bernoulli", "mse", "mae"),
            "help": "Loss",
            "unset": "quantile; bernoulli for columns of 0 and 1",
        },
        "quantiles": {"metavar": "LEVEL,..", "help": "Levels of the quantiles", "unset": "0.1,0.5,0.9"},
        "transform": {
            "values": ("none", "log"),
            "help": "Transform of the targets, log of positive ones",
            "unset": "log for quantiles of values far above 0 whose changes grow with their level; else none",
        },
        "level": {
            "values": ("zero", "last", "mean", "season", "linear"),
            "help": "Simple forecast that the network corrects",
            "unset": "the most accurate one",
        },
        "look_back": {
            "min": 1,
            "max": 4096,
            "help": "Number of past values of each target that a step reads, with the present one",
            "unset": "those of a season; else as many as a ridge regression gains by",
            "tune": {"values": (1, 8, 16, 32)},
        },
        "univariate": {
            "type": "flag",
            "help": "Make each target a series of its own, with one network for all",
            "unset": "off; up to 16 million values: tried too where no option of training is given",
        },
        "shift": {
            "trained": True,
            "default": 0,
            "min": 0,
            "max": 65536,
            "help": "Largest shift of bit columns in training, at random",
        },
    },
    "predict": {
        "forecasts": "to header json follow state_file begin until horizon stride free_run hold_known plot save shard",
        "--score": "to header json follow state_file begin until alarm adapt save shard",
        "--evaluate": "json state_file begin until horizon stride origins free_run starts answers hold_known save "
        "folds",
    },
    "predict_options": {
        "horizon": {"min": 1, "help": "Number of steps to forecast", "unset": "as trained"},
        "begin": {"metavar": "ROW|TIME|-N", "help": "First origin of a back-test; earlier rows only set the state"},
        "until": {"metavar": "ROW|TIME|-N", "help": "Read the rows before this one alone; -N: all but N"},
        "stride": {"min": 1, "help": "Rows between origins", "unset": "the horizon; 1 with --evaluate"},
        "origins": {
            "default": "first",
            "values": ("first", "last"),
            "help": "With --evaluate --stride: count origins from the first row, or from the last possible one",
        },
        "answers": {"metavar": "FILE", "help": "With --evaluate: what came after each series; answers of arrays"},
        "free_run": {"min": 1, "help": "Forecast N steps, feeding the network its own output"},
        "starts": {"default": 20, "min": 1, "help": "With --evaluate --free-run: number of free runs over all series"},
        "hold_known": {"default": False, "help": "Known inputs that end before the horizon keep their last value"},
        "plot": {"default": False, "help": "Draw the forecasts, and what came"},
    },
    "beside": {
        "": [("plot", "to header json"), ("shard", "follow state_file plot begin")],
        "--score": [("shard", "follow state_file")],
        "--evaluate": [
            ("answers", "begin stride origins free_run starts state_file"),
            ("free_run", "horizon stride origins"),
            ("folds", "answers begin until stride origins free_run starts hold_known state_file"),
        ],
    },
    "needs": {"--evaluate": {"starts": "free_run", "hold_known": "answers", "origins": "stride"}},
    "loss": "loss {nats:.4f} a target",
    "start": "the forecast without the network",
}

MOST_VALUES = 1 << 20  # forecast in the final validation; fewer in the parts of a minute
MOST_OUTPUTS = 4096  # of a read-out that is tried beside a training
UNSEEN = 0.05  # of the rows of a batch are read as series never seen
HELD = "held out for validation"
PIECES = f"{HELD} as whole series, since each begins anew"
HOW = {  # a forecast stands to its anchor
    "zero": "as they are",
    "last": "from the last value",
    "mean": "from the moving mean",
    "season": "from the last season of {}",
    "linear": "from a linear forecast of seasons of {}",
}


class Forecast(Task):
    """The next values of each series."""

    name, sizes, carries = "forecast", "series", True
    floor = 5e-4  # Adam's steps stay as large as the rate, and a series without noise can be fitted ever more closely

    def __init__(self, schema: Schema, form: Form, config: TrainConfig):
        super().__init__(schema, form, config)
        o = schema.outlook
        self.loss: Likelihood = LIKELIHOODS[o.loss](tuple(o.levels if o.scaled or o.ranges else ()))

    # -- training -----------------------------------------------------------------------------------------------

    @classmethod
    def chosen(cls, model: Model) -> dict[str, Any]:
        o = model.schema.outlook
        found = {name: getattr(o, name) for name in ("horizon", "season", "loss", "transform")}
        found |= {
            "level": o.anchor,
            "look_back": o.look_back if o.scaled else None,  # counts and bits have no such option
            "univariate": bool(o.columns),
            "known": ",".join(dict.fromkeys(o.column_of.values())) or None,
            "holidays": o.holidays or None,
        }
        found["quantiles"] = None if o.loss in POINTS else ",".join(map(str, o.levels))
        return super().chosen(model) | found

    @classmethod
    def prepare(cls, paths: list[str], config: TrainConfig, valid_path: str | None, base: Model | None) -> Material:
        """Read the files, cut each series in time, fit scales and anchor on the first part, encode. Of a model `base`
        all that is fitted is kept, and series that it has not seen are added.
        """
        paths, start = [reopenable(path) for path in paths], base.schema if base else None
        config = config if base else with_rows(paths[0], config)
        name, form = display(paths[0]), recognised(paths[0], config, cls.name, base)
        config = with_names(config.having(task=cls.name, format=form.name, tokens="word"), form)
        config = without_row_numbers(paths[0], form, timed(paths[0], form, config, start), start)
        config = config.having(horizon=series_in.horizon_of(paths[0], form, config, start))
        like = series_in.file_numbers(start) if start else None
        if config.learn == "readout":
            refuse_trained(config, OF_READOUTS)
        columns = read_columns(paths, request_of(form, config, like=like))
        series_in.refuse_no_numbers(columns, name)
        form, numbers = form.timed(columns.time_sample), tuple(columns.number_names)
        columns = series_in.fitting(columns, start, name)
        config = series_in.with_meanings(config, columns, form, start)
        names = series_in.target_names(columns, config, form, name, start)
        known = [] if start else series_in.meant(config.known, form, "--known")
        under_way("putting the series on their clocks")
        columns, words = series_in.with_known(columns, known, config, name, start)
        series_in.refuse_empty(columns, names, 0.0 if valid_path else config.valid_fraction, name)
        others = series_parts.of_file(valid_path, form, config, numbers, names) if valid_path else None
        config = series_in.together(series_in.transformable(config, names, columns, others), columns, names, name)
        columns = melt(columns, names) if config.univariate else columns
        parts = series_parts.pieces(columns, names, config) if others is None and start is None else None
        columns, others = parts or (columns, others)
        cuts = series_in.cuts_of(columns.offsets, config.valid_fraction) if others is None else columns.offsets[1:]
        columns, words = (columns, words) if start else only_seen(columns, words, cuts)
        under_way("fitting scales and what else is known of the series")
        schema, targets = series_in.learn(columns, names, known, words, cuts, config, start)
        if valid_path:
            others = series_in.on_known_clocks(with_flags(others, words), names, schema.outlook, display(valid_path))
        if others is not None and start is None and not series_in.go_on(columns, others):
            schema = replace(schema, outlook=replace(schema.outlook, by_series=False))
        train, valid = series_parts.extents(schema, columns, targets, cuts, others, name)
        config = config.having(horizon=schema.outlook.horizon)
        task = cls(schema, form, config)
        task.refuse_unfitted()
        how = f"for validation from {display(valid_path)}" if valid_path else PIECES if parts else HELD
        sample, held = task.held(valid, how)
        digests = [train.digest(), valid.digest(), json.dumps(schema.to_json())]
        return Material(task, config, train, sample if valid.count else None, task.describe(train), held, digests)

    def refuse_unfitted(self) -> None:
        """UsageError for a loss that no read-out in closed form is fitted to."""
        if self.config.learn == "readout" and not self.loss.fitted:
            raise UsageError(
                f"--learn readout and --loss {self.loss.name} cannot be combined: its read-out is fitted to squared "
                "errors: use --loss quantile, gaussian or mse, or --learn all"
            )

    def held(self, valid: Extent, how: str) -> tuple[Extent, str]:
        """The rows that are validated on, a sample of many, and words about them, `how` they were chosen among them."""
        o, most = self.schema.outlook, MOST_VALUES * min(1.0, self.config.minutes or 1.0)
        sample = valid.sampled(int(most / (o.horizon * len(o.targets))))
        held = f"{valid.count:,} {how}" if valid.count else "no validation part (too few rows)"
        return sample, held + f", of which {sample.count:,} are used, in stretches evenly far apart" * (
            sample is not valid
        )

    def describe(self, train: Extent) -> str:
        o = self.schema.outlook
        names = o.columns or o.targets
        each = max(1, len(o.columns))  # targets that are series of their own share their rows
        count, rows = len(train.series) // each, int(train.series.offsets[-1]) // each
        several = f"{count:,} series, " if count > 1 else ""
        what = ", ".join(names[:6]) + (", .." if len(names) > 6 else "")
        ahead = f"{o.horizon} step{'s' * (o.horizon > 1)} ahead"
        log = ", in logarithms" if o.transform == "log" else ""
        log += bounds_in_words(o.floor, o.ceiling)
        how = HOW[o.anchor].format(o.season) if o.scaled else HOW["zero"]
        read = f", {o.look_back} values read at each step" if o.look_back > 1 else ""
        read += f", what followed {o.longer} rows ago read too" if o.longer > 1 else ""
        return f"{self.form.describe()}; {several}{rows:,} rows; {what} {ahead}{log}, {how}{read}, {o.loss}"

    def architecture(self, config: TrainConfig) -> Architecture:
        o, K = self.schema.outlook, len(self.schema.outlook.targets)
        base = architecture(self.schema, config, self.loss, o.horizon * K * self.loss.width, [])
        categories = list(base.categories)
        if o.by_series:
            categories.append((self.schema.series_category, len(o.keys) + 1, category_width(len(o.keys))))
        width = o.own_width + K * o.flagged + base.numbers
        width += len(o.known) * len(o.looks_ahead) + 2 * len(o.periods)
        return replace(base, categories=categories, numbers=width)

    def refuse_misfit(self, model: Model) -> None:
        o, levels = self.schema.outlook, len(self.loss.levels)
        expect(o.scaled == self.loss.scaled, "schema.outlook.scaled", o.scaled, f"{self.loss.scaled} by the loss")
        for name, shape in (("shifts", (o.horizon, len(o.targets), levels)), ("spread", (o.horizon, levels))):
            if found := model.summary.get(name):
                expect_table(found, shape, f"summary.{name}")
        if found := model.summary.get("row_ranks"):
            Ranks.from_json(found, "summary.row_ranks")
        super().refuse_misfit(model)

    def initialise(self, network: Network, train: Extent) -> None:
        """Forecasts start at the anchor with the spread of the training part, or at the mean of counts and bits."""
        o, s = self.schema.outlook, train.series
        rows, count = train.rows, np.zeros(len(o.targets))
        total = count.copy()
        for begin, end in blocks(len(rows)):
            part = s.values[rows.at(np.arange(begin, end))]
            count, total = count + (~np.isnan(part)).sum(axis=0), total + np.nansum(part, axis=0)
        start = self.loss.start(np.tile(total / np.maximum(1, count), o.horizon))
        network.theta["output.W"] *= 0.1
        network.theta["output.b"][...] = start.ravel()

    def feed(self, train: Extent, config: TrainConfig) -> Any:
        return SeriesEpochs(train, config.batch, config.window, config.seed, config.shift)

    def hashes(self, part: Extent) -> Iterator[np.ndarray]:
        return step_hashes(part)

    def columns(self) -> dict[str, Any]:
        o, names = self.schema.outlook, self.form.columns
        targets = o.columns or o.targets
        if not names or not set(targets) <= set(names):
            return {}
        return {"target": ",".join(str(names.index(name) + 1) if "," in name else name for name in targets)}

    def ways(self) -> dict[str, dict[str, Any]]:
        """All targets together, or each by itself, if that was left open."""
        if self.config.univariate is not None or len(self.schema.outlook.targets) < 2:
            return {}
        return {"all targets together": {"univariate": False}, "each target by itself": {"univariate": True}}

    def fits_read_out(self) -> bool:
        o = self.schema.outlook
        return self.loss.fitted and o.horizon * len(o.targets) <= MOST_OUTPUTS

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

    def random_targets(self, rng: np.random.Generator, steps: int, rows: int, outputs: int) -> np.ndarray:
        """0 and 1 are values that all likelihoods can have."""
        return rng.integers(2, size=(steps, rows, outputs // self.loss.width)).astype(np.float64)

    def validator(self, network: Network | Members, valid: Extent, team: Team, expected: float) -> SeriesValidator:
        part = valid.sampled(quick_tokens(expected))
        return SeriesValidator(network, valid, team, self.loss, self.measure, part)

    def rivals(self, train: Extent, valid: Extent) -> Rivals:
        """None of bits, of which a point says little."""
        return Rivals({}) if self.loss.name == "bernoulli" else rivals(train, valid)

    def measure(self, u: Unfolding, valid: Extent) -> dict:
        return measured(u, self.loss, valid)

    def unheld(self, network: Network | Members, train: Extent, team: Team) -> dict:
        o = self.schema.outlook
        if not o.scaled or not self.loss.levels:
            return {}
        part = train.sampled(max(1, MOST_VALUES // (o.horizon * len(o.targets))))
        u = self.validator(network, part, team, 0).unfolded
        u.pack()
        return shifts_of_training(self.loss, part, outputs(u, self.loss, part, part.last))
