"""Outlook: how a series becomes inputs and targets of forecasts, and how outputs become values again.

    z[t]      (value - mean) / std of its own series' training part, of log(value) if so transformed
    target    (z[t+k] - a[t,k] - bias_k) / width_k for k = 1 .. H, with the anchor a[t,k]:
                  zero    0
                  last    z[t]
                  mean    the mean of the last W values
                  season  z[t + k - m ⌈k/m⌉], the same place in the last season of m rows
                  linear  a weighted sum of the last seasons, see linear_forecast.py
              and bias_k, width_k the mean and deviation of z[t+k] - a[t,k] over the training part
    inputs    z[t], or z[t] less the mean of the last W values where a series drifts; z[t] - z[t-1]; the last season

The anchor is the one that comes nearest by itself in the training part: linear only where there is a season, if with
weights of the first three quarters it comes nearer in the last one. All of it looks back from position t only, so
nothing of the future leaks. Counts and bits are targets as they are.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

import numpy as np

from rnncli.data.calendar import Calendar
from rnncli.data.columns import Columns, series_names
from rnncli.data.identity import ByName
from rnncli.data.linear_forecast import RIDGES, Linear
from rnncli.data.past import Past
from rnncli.data.scale import Scale, scale_of
from rnncli.errors import UsageError

ANCHORS = ("zero", "last", "mean", "season")  # that are there without weights
EARLY = 0.75  # of the training part of each series, to try the weights of the linear anchor
DRIFT = 0.5  # of the deviation, between the means of the halves of a training part
LOCAL = 16  # W without a season
SEASON_INPUTS = 64  # a season of up to so many rows is read whole, with
MOST_INPUTS = 512  # inputs of all targets at most
SAMPLE = 4096  # rows that the anchor is chosen by
FLAT = 1e-9


@dataclass
class Outlook:
    """Lists over series have one entry more, for series never seen. K targets, H steps ahead."""

    targets: list[str]
    horizon: int
    loss: str
    levels: list[float]
    scaled: bool
    ranges: bool = False  # whether counts have quantiles; those of older files have none
    transform: str = "none"
    season: int = 1
    anchor: str = "zero"
    weights: list = field(default_factory=list)  # of the linear anchor
    drift: bool = False
    flagged: bool = False  # whether values are missing in the training part
    columns: list[str] = field(default_factory=list)  # the targets in the file, if each is a series of its own
    known: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    by_series: bool = True  # whether an embedding of the series is an input
    mean: list = field(default_factory=list)  # (series + 1, K)
    std: list = field(default_factory=list)
    flat: list = field(default_factory=list)  # (series + 1, K) whether its part did not move; none in older files
    jump: list = field(default_factory=list)  # (K,) deviation of z[t] - z[t-1]
    usual: list = field(default_factory=list)  # (series, K) change in a season, see usual_change.py; None for none
    bias: list = field(default_factory=list)  # (H, K)
    width: list = field(default_factory=list)
    calendar: dict = field(default_factory=dict)
    periods: list[str] = field(default_factory=list)
    clocks: list[dict] = field(default_factory=list)  # calendars, where not all series have the same
    paces: list[int] = field(default_factory=list)  # which of these each series has, by `keys`

    def to_json(self) -> dict:
        return asdict(self)

    @property
    def clock(self) -> Calendar:
        """The calendar as an object."""
        return Calendar(**self.calendar)

    @property
    def regular(self) -> bool:
        """Whether steps that are absent are put in."""
        return any(clock.regular for clock in self.all_clocks())

    def all_clocks(self) -> list[Calendar]:
        """Those of all series."""
        return [self.clock, *(Calendar(**clock) for clock in self.clocks)]

    def clock_of_series(self, key: str) -> Calendar:
        """That of the series, or group of series, of this name; the usual one of a series never seen."""
        name = key if key in self.number_of else next(iter(series_names([key], self.columns)), key)
        if not self.paces or name not in self.number_of:
            return self.clock
        return Calendar(**self.clocks[self.paces[self.number_of[name]]])

    def learn_clocks(self, clocks: list[Calendar]) -> None:
        """Of each series, by `keys`."""
        found = {clock.steps: clock for clock in clocks}
        if len(found) > 1:
            numbers = {steps: i for i, steps in enumerate(found)}
            self.clocks = [clock.to_json() for clock in found.values()]
            self.paces = [numbers[clock.steps] for clock in clocks]

    def clock_of(self, columns: Columns) -> Calendar:
        """The calendar, with times written as those of these rows are."""
        return replace(self.clock, sample=columns.time_sample)

    @property
    def local(self) -> int:
        """W: rows of the moving mean."""
        return self.season if self.season > 1 else LOCAL

    def seasons_of(self, past: Past) -> np.ndarray | None:
        """How many rows before each row (rows,) the value lies that fills a gap; None where it is the last one."""
        if self.season < 2 or self.anchor not in ("season", "linear"):
            return None
        rows = np.arange(len(past.first))
        return np.broadcast_to(past.stretched(rows, self.season), rows.shape)

    @property
    def memory(self) -> int:
        """Rows that the inputs of one step look back on, itself included."""
        rows = max(self.local, self.season, self.linear.memory if self.anchor == "linear" else 0)
        longest = max((self._pace_of(Calendar(**clock)) for clock in self.clocks), default=1.0)
        return int(np.ceil(rows * max(1.0, longest))) + 1

    def pace_of(self, clocks: list[Calendar] | None) -> np.ndarray | None:
        """The season of each series over that of the model; None where all are the same."""
        if not clocks or not self.clocks:
            return None
        steps = {clock.steps for clock in self.all_clocks()}
        return np.array([self._pace_of(clock) if clock.steps in steps else 1.0 for clock in clocks])

    def _pace_of(self, clock: Calendar) -> float:
        """Of a clock of training, unless the season was asked for."""
        own = self.season == self.clock.season > 1
        return clock.season / self.season if own else 1.0

    @cached_property
    def linear(self) -> Linear:
        """The linear anchor, once its weights are there."""
        return replace(self._unweighted, weights=np.array(self.weights))

    @property
    def _unweighted(self) -> Linear:
        return Linear(max(2, self.season))

    @property
    def lags(self) -> list[int]:
        """How far back the values of the last season lie that are inputs."""
        if self.season < 2 or not self.scaled:
            return []
        whole = self.season <= SEASON_INPUTS and self.season * len(self.targets) <= MOST_INPUTS
        return list(range(1, self.season)) if whole else [self.season - 1]

    @property
    def own_width(self) -> int:
        """Inputs that are made of the targets' own values, see `inputs`."""
        return len(self.targets) * (1 + self.scaled + len(self.lags))

    @property
    def looks_ahead(self) -> list[int]:
        """How many steps ahead known inputs are read: all, or evenly so many that there are at most MOST_INPUTS."""
        if not self.known:
            return []
        count = max(1, min(self.horizon, MOST_INPUTS // len(self.known)))
        return sorted({round(1 + i * (self.horizon - 1) / max(1, count - 1)) for i in range(count)})

    # -- scale --------------------------------------------------------------------------------------------------

    def straighten(self, values: np.ndarray) -> np.ndarray:
        """The transform of the values, in float64; NaN where there is none."""
        return np.log(np.where(values > 0, values, np.nan)) if self.transform == "log" else values

    def unstraighten(self, straight: np.ndarray) -> np.ndarray:
        """The way back."""
        return np.exp(straight) if self.transform == "log" else straight

    def unscale(self, residuals: np.ndarray, anchor: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
        """Outputs (.., H, K) or (.., H, K, Q) as values; anchor (.., H, K), mean and std (.., 1, K)."""
        parts = [np.array(self.width), np.array(self.bias), anchor, std, mean]
        if residuals.ndim > anchor.ndim:
            parts = [part[..., None] for part in parts]
        width, bias, anchor, std, mean = parts
        return self.unstraighten((residuals * width + bias + anchor) * std + mean)

    def fit_scale(self, values: np.ndarray, offsets: np.ndarray, cuts: np.ndarray, keys: list[str]) -> None:
        """Mean and deviation of each series before its cut; values (rows, K) are straightened."""
        self.keys = keys
        self.by_series = len(keys) > 1 and bool(self.number_of)
        K = values.shape[1]
        if not self.scaled and self.loss == "bernoulli":
            self.mean, self.std = [[0.0] * K] * (len(keys) + 1), [[1.0] * K] * (len(keys) + 1)
        else:
            parts = [values[begin:cut] for begin, cut in zip(offsets[:-1], cuts, strict=True)]
            whole = scale_of(np.concatenate(parts))
            scales = [scale_of(part, whole) for part in parts] + [whole]
            self.mean, self.std, self.flat = ([part.tolist() for part in parts] for parts in zip(*scales, strict=True))

    @cached_property
    def number_of(self) -> dict[str, int]:
        """Of each series that was trained on; none if their names do not tell them apart, as those of files do not."""
        number_of = ByName({key: i for i, key in enumerate(self.keys)})
        return number_of if len(number_of) == len(self.keys) else {}

    def unseen(self, groups: list[str]) -> list[str]:
        """Those of which training had no series."""
        known = self.number_of
        return [key for key in groups if known and not any(name in known for name in series_names([key], self.columns))]

    def finds_scale(self, key: str) -> bool:
        """Whether the scale of a series is that of its own rows, as it was not seen in training, or did not move."""
        if key in self.number_of:
            return bool(self.flat) and any(self.flat[self.number_of[key]])
        return not (self.loss == "bernoulli" or self.mean[-1] == self.mean[0] and len(self.keys) == 1)

    def scale_in_training(self, number: int) -> Scale:
        """Of a series by its number; of all with -1."""
        flat = self.flat[number] if self.flat else [False] * len(self.targets)
        return Scale(np.array(self.mean[number]), np.array(self.std[number]), np.array(flat))

    def scales(
        self,
        values: np.ndarray,
        offsets: np.ndarray,
        keys: list[str],
        before: np.ndarray,
        found: dict[str, Scale] | None = None,
    ) -> Scale:
        """The scales, (series, K) each, of these series; one never seen, and a target that did not move in training,
        has that which was `found` before, by key, or that of its rows up to `before`.
        """
        found, scales = found or {}, []
        for i, key in enumerate(keys):
            there = self.scale_in_training(self.number_of.get(key, -1))
            if self.finds_scale(key):
                own = found[key] if key in found else scale_of(values[offsets[i] : before[i]], there)
                there = own.where(there.flat, there) if key in self.number_of else own
            scales.append(there)
        return Scale(*(np.array(parts) for parts in zip(*scales, strict=True)))

    # -- inputs -------------------------------------------------------------------------------------------------

    def moving_mean(self, past: Past, rows: np.ndarray) -> np.ndarray:
        """Of the last W rows (.., K), the present one included."""
        return past.mean(rows, 0, self.local)

    def inputs(self, past: Past, rows: np.ndarray) -> np.ndarray:
        """What is read of the targets themselves at these rows: (rows, D) float32."""
        base = self.moving_mean(past, rows) if self.drift else 0.0
        parts = [past.z[rows] - base]
        if self.scaled:
            parts.append(past.change(rows) / np.array(self.jump))
        parts += [past.lag(rows, past.stretched(rows, lag)) - base for lag in self.lags]
        return np.concatenate(parts, axis=1).astype(np.float32)

    # -- targets ------------------------------------------------------------------------------------------------

    def anchors(self, past: Past, rows: np.ndarray, kind: str | None = None, horizon: int | None = None) -> np.ndarray:
        """a (.., H, K) for forecasts made at these rows (..); of any kind but linear for another horizon too."""
        kind, horizon = kind or self.anchor, horizon or self.horizon
        if kind == "linear":
            return self.linear.forecasts(past, rows)
        shape = (*rows.shape, horizon, past.z.shape[1])
        if kind == "zero":
            return np.zeros(shape)
        if kind in ("last", "mean"):
            level = past.z[rows] if kind == "last" else self.moving_mean(past, rows)
            return np.broadcast_to(level[..., None, :], shape)
        k = np.arange(1, horizon + 1)
        season = np.asarray(past.stretched(rows, self.season))[..., None]
        back = k - season * -(-k // season)
        at = rows[..., None] + back
        begin = past.first[rows][..., None]
        return past.z[np.where(at >= begin, at, rows[..., None])]

    def fit_anchor(self, past: Past, gaps: np.ndarray, rows: np.ndarray, limit: np.ndarray, asked: str | None) -> None:
        """Anchor, bias and width from some of the training rows; `limit` (rows,) is where each one's targets end."""
        rng = np.random.default_rng(0)
        if len(rows) > SAMPLE:
            rows = np.sort(rng.choice(rows, SAMPLE, replace=False))
        self.jump = [float(s) if s > FLAT else 1.0 for s in past.change(rows).std(axis=0)]
        if not self.scaled:
            self.bias, self.width = np.zeros((self.horizon, past.z.shape[1])).tolist(), []
            return
        to_come = self._to_come(past.z, gaps, rows, limit)
        self.anchor = asked or self._nearest(past, rows, to_come)
        ridge = self._try_linear(past, gaps, rows, limit) if asked in (None, "linear") else None
        if ridge:
            self.anchor = "linear"
            self.weights = self._unweighted.fits(past, rows, to_come, (ridge,))[0].tolist()
            self.__dict__.pop("linear", None)  # of the weights before
        rest = to_come - self.anchors(past, rows)
        bias = _mean(rest)
        width = np.sqrt(_mean((rest - bias) ** 2))
        self.bias, self.width = bias.tolist(), np.where(width > FLAT, width, 1.0).tolist()

    def _nearest(self, past: Past, rows: np.ndarray, to_come: np.ndarray) -> str:
        """The anchor without weights that has the least mean error, less its bias."""
        kinds = [k for k in ANCHORS if not (k == "zero" and self.drift or k == "season" and self.season < 2)]

        def error(kind):
            rest = to_come - self.anchors(past, rows, kind)
            return _mean_size(rest - _mean(rest))

        return min(kinds, key=error)

    def _try_linear(self, past: Past, gaps, rows: np.ndarray, limit: np.ndarray) -> float | None:
        """The ridge of the linear anchor if it is to be taken: weights of the first rows are tried on the last."""
        asked = self.anchor == "linear"
        if self.season < 2 and not asked:
            return None
        first, linear = past.first[rows], self._unweighted
        middle = past.first + (EARLY * (limit - past.first)).astype(np.int64)
        early = rows < middle[rows] - 1
        before, after = rows[early], rows[(rows >= middle[rows]) & (rows - first >= linear.memory)]
        known, true = self._to_come(past.z, gaps, before, middle), self._to_come(past.z, gaps, after, limit)
        if not linear.enough(known) or np.isnan(true).all():
            if asked:
                raise UsageError(f"--level linear: {len(rows):,} rows to learn from are too few for its weights")
            return None
        if asked:
            least = np.inf
        else:
            bias = _mean(known - self.anchors(past, before))
            least = _mean_size(true - self.anchors(past, after) - bias)
        best = None
        for ridge, weights in zip(RIDGES, linear.fits(past, before, known, RIDGES), strict=True):
            error = _mean_size(true - replace(linear, weights=weights).forecasts(past, after))
            if error < least:
                best, least = ridge, error
        return best

    def _to_come(self, z, gaps, rows, limit) -> np.ndarray:
        """z (.., H, K) of the steps after each row, NaN beyond its limit and where there is a gap."""
        at = rows[..., None] + np.arange(1, self.horizon + 1)
        there = at < limit[rows][..., None]
        at = np.where(there, at, rows[..., None])
        return np.where(there[..., None] & ~gaps[at], z[at], np.nan)

    def residuals(
        self,
        values: np.ndarray,
        gaps: np.ndarray,
        rows: np.ndarray,
        limit: np.ndarray,
        anchors: Callable[[], np.ndarray],
    ) -> np.ndarray:
        """What the network is to put out for these rows: (.., H·K) float32, NaN where nothing is known.

        `values` are z where targets are scaled, whose `anchors()` are then taken off.
        """
        y = self._to_come(values, gaps, rows, limit)
        if self.scaled:
            y = (y - anchors() - np.array(self.bias)) / np.array(self.width)
        return y.reshape(*rows.shape, -1).astype(np.float32)


def detect_drift(z: np.ndarray, offsets: np.ndarray, cuts: np.ndarray) -> bool:
    """Whether the halves of most training parts have other means."""
    apart = []
    for begin, cut in zip(offsets[:-1], cuts, strict=True):
        middle = (begin + cut) // 2
        if cut - begin >= 8:
            apart.append(np.abs(z[begin:middle].mean(axis=0) - z[middle:cut].mean(axis=0)))
    return bool(apart) and float(np.median(np.concatenate(apart))) > DRIFT


def _mean_size(values: np.ndarray) -> float:
    """The mean absolute value of what is no NaN."""
    return float(_mean(np.abs(values).reshape(-1, 1))[0])


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the first axis, of what is no NaN; 0 where all are."""
    there = ~np.isnan(values)
    return np.where(there, values, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
