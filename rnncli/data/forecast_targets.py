"""Outlook: how a series becomes inputs and targets of forecasts, and how outputs become values again.

    z[t]      (value - mean) / std of its own series' training part, of log(value) if so transformed
    target    (z[t+k] - a[t,k] - bias_k) / width_k for k = 1 .. H, with the anchor a[t,k]:
                  zero    0
                  last    z[t]
                  mean    the mean of the last W values
                  season  z[t + k - m ⌈k/m⌉], the same place in the last season of m rows
                  linear  a weighted sum of the last seasons, see linear_forecast.py
              and bias_k, width_k the mean and deviation of z[t+k] - a[t,k] over the training part
    inputs    z[t], or z[t] less the mean of the last W values where a series drifts; z[t] - z[t-1]; the last season, or
              the last L values, see look_back.py; what followed one longer season ago

All of it looks back from position t only, so nothing of the future leaks. Counts and bits are targets as they are. What
is learnt of the training part is fitted once, see outlook_fit.py.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from rnncli import stored
from rnncli.data.columns import Columns, series_names
from rnncli.data.equal_names import ByName
from rnncli.data.known_words import flag_names
from rnncli.data.lagged_values import Past
from rnncli.data.linear_forecast import Linear
from rnncli.data.scale import Scale, scale_of
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.public_holidays import column_name
from rnncli.process.temporary import in_blocks
from rnncli.registry import declared
from rnncli.stored import Count, OneOf, Positive, Range, Size, expect, expect_distinct, expect_table

LOCAL = 16  # W without a season
SEASON_INPUTS = 64  # a season of up to so many rows is read whole, with
MOST_INPUTS = 512  # inputs of all targets at most
Table = list[list[float]]


@dataclass(frozen=True)
class Outlook:
    """Lists over series have one entry more, for series never seen. K targets, H steps ahead."""

    targets: list[str]
    horizon: Annotated[int, Range(1, 65536)]
    loss: str
    levels: list[float]
    scaled: bool
    ranges: bool = False  # whether counts have quantiles; those of older files have none
    transform: Annotated[str, OneOf("none", "log")] = "none"
    season: Size = 1
    longer: Size = 1  # a multiple of the season at which values repeat too, such as a week of days, see own_season.py
    look_back: Annotated[int, Range(1, 4096)] = 1  # values of each target that a step reads, see look_back.py
    anchor: Annotated[str, OneOf("zero", "last", "mean", "season", "linear")] = "zero"
    weights: Table = field(default_factory=list)  # of the linear anchor
    drift: bool = False
    flagged: bool = False  # whether values are missing in the training part
    columns: list[str] = field(default_factory=list)  # the targets in the file, if each is a series of its own
    known: list[str] = field(default_factory=list)
    known_words: dict[str, list[str]] = field(default_factory=dict)  # columns of them and their values: known_words.py
    holidays: str = ""  # the country of those that are known, see public_holidays.py
    keys: list[str] = field(default_factory=list)
    by_series: bool = True  # whether an embedding of the series is an input
    mean: Table = field(default_factory=list)  # (series + 1, K)
    std: list[list[Positive]] = field(default_factory=list)
    flat: list[list[bool]] = field(default_factory=list)  # (series + 1, K) whether it did not move; none in older files
    floor: list[list[bool]] = field(default_factory=list)  # (series + 1, K) floor.py; none where all may fall below 0
    ceiling: list[list[bool]] = field(default_factory=list)  # the same of those never above 1
    jump: list[Positive] = field(default_factory=list)  # (K,) deviation of z[t] - z[t-1]
    usual: list[list[Positive | None]] = field(default_factory=list)  # (series, K) change in a season, usual_change.py
    bias: Table = field(default_factory=list)  # (H, K)
    width: list[list[Positive]] = field(default_factory=list)
    calendar: dict[str, Any] = field(default_factory=dict)
    periods: list[Annotated[str, OneOf("day", "week", "year")]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)  # calendars, where not all series have the same
    paces: list[Count] = field(default_factory=list)  # which of these each series has, by `keys`

    def refuse_damage(self, where: str) -> None:
        """Damaged for lists of other lengths than there are targets, series and steps ahead, and for clocks that are
        none.
        """
        K, S, H = len(self.targets), len(self.keys), self.horizon
        losses = declared("tasks")["forecast"]["train_options"]["loss"]["values"]
        expect(self.loss in losses, f"{where}.loss", self.loss, f"one of {', '.join(losses)}")
        expect(K == 1 or (K and not self.columns), f"{where}.targets", self.targets, "one, or without columns more")
        for name in ("targets", "columns", "known", "periods", "levels"):
            expect_distinct(getattr(self, name), f"{where}.{name}")
        ascending = sorted(level for level in self.levels if 0 < level < 1)
        expect(self.levels and self.levels == ascending, f"{where}.levels", self.levels, "ascending ones from 0 to 1")
        tables = {"mean": (S + 1, K), "std": (S + 1, K), "jump": (K,), "bias": (H, K)}
        tables |= {"width": (H, K)} if self.scaled else {"width": (0,)}
        tables |= {"flat": (S + 1, K)} if self.flat else {}
        tables |= {name: (S + 1, K) for name in ("floor", "ceiling") if getattr(self, name)}
        tables |= {"usual": (S, K)} if self.usual else {}
        if self.anchor == "linear":  # they become an array, whose rows are equally long
            expect_table(self.weights, (len(self.weights), H), f"{where}.weights")
        tables |= {"weights": (self.linear.width, H) if self.anchor == "linear" else (0,)}
        tables |= {"paces": (S if self.clocks else 0,)}
        for name, shape in tables.items():
            expect_table(getattr(self, name), shape, f"{where}.{name}")
        expect(all(pace < len(self.clocks) for pace in self.paces), f"{where}.paces", self.paces, "numbers of clocks")
        for i, clock in enumerate([self.calendar, *self.clocks]):
            stored.read(Calendar, clock, f"{where}.clocks[{i - 1}]" if i else f"{where}.calendar")

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

    def clock_of(self, columns: Columns) -> Calendar:
        """The calendar, with times written as those of these rows are."""
        return replace(self.clock, sample=columns.time_sample)

    @property
    def local(self) -> int:
        """W: rows of the moving mean."""
        return self.season if self.season > 1 else max(LOCAL, self.look_back)

    def seasons_of(self, past: Past) -> np.ndarray | None:
        """How many rows before each row (rows,) the value lies that fills a gap; None where it is the last one."""
        if self.season < 2 or self.anchor not in ("season", "linear"):
            return None
        if past.pace is None:
            return np.broadcast_to(np.int64(self.season), past.first.shape)
        return in_blocks(len(past.first), lambda a, b: np.asarray(past.stretched(np.arange(a, b), self.season)))

    @property
    def memory(self) -> int:
        """Rows that the inputs of one step look back on, itself included."""
        linear = self.linear.memory if self.anchor == "linear" else 0
        rows = max(self.local, self.season, self.longer, self.look_back, linear)
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
        """The linear anchor."""
        return Linear(max(2, self.season), np.array(self.weights))

    @property
    def lags(self) -> list[int]:
        """How far back the values lie that are inputs: those of the last season, of the look-back, and those that
        followed one longer season ago.
        """
        if not self.scaled:
            return []
        short = self.season <= SEASON_INPUTS and self.season * len(self.targets) <= MOST_INPUTS
        season = range(1, self.season) if short or self.season < 2 else [self.season - 1]
        return sorted({*season, *range(1, self.look_back), *self._lags_of_longer()})

    def _lags_of_longer(self) -> list[int]:
        """Of the place one longer season before each step ahead, or evenly so many of them."""
        if self.longer < 2:
            return []
        last = min(self.horizon, self.longer - 1)
        return [self.longer - k for k in _evenly(last, min(SEASON_INPUTS, MOST_INPUTS // len(self.targets)))]

    @property
    def own_width(self) -> int:
        """Inputs that are made of the targets' own values, see `inputs`."""
        return len(self.targets) * (1 + self.scaled + len(self.lags))

    @property
    def column_of(self) -> dict[str, str]:
        """Known input -> its column in the file; of holidays there is none."""
        flags = {flag: column for column, flags in flag_names(self.known_words).items() for flag in flags}
        made = {column_name(self.holidays)} if self.holidays else set()
        return {name: flags.get(name, name) for name in self.known if name not in made}

    @property
    def looks_ahead(self) -> list[int]:
        """How many steps ahead known inputs are read: all, or evenly so many that there are at most MOST_INPUTS."""
        if not self.known:
            return []
        return _evenly(self.horizon, MOST_INPUTS // len(self.known))

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

    def scales(self, values: np.ndarray, columns: Columns, before: np.ndarray, found: dict | None = None) -> Scale:
        """The scales, (series, K) each, of the series of these columns, whose targets are `values`. One never seen, and
        a target that did not move in training, has that which was `found` before, by key, or that of its rows up to
        `before`.
        """
        found, scales = found or {}, []
        for i, key in enumerate(columns.names):
            there = self.scale_in_training(self.number_of.get(key, -1))
            if self.finds_scale(key):
                own = found[key] if key in found else scale_of(values[columns.offsets[i] : before[i]], there)
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
        parts = [(past.z[rows] - base).astype(np.float32)]
        if self.scaled:
            parts.append((past.change(rows) / np.array(self.jump)).astype(np.float32))
        for lag in self.lags:
            parts.append((past.lag(rows, past.stretched(rows, lag)) - base).astype(np.float32))
        return np.concatenate(parts, axis=1)

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

    def to_come(self, z: np.ndarray, gaps: np.ndarray, rows: np.ndarray, limit: np.ndarray) -> np.ndarray:
        """z (.., H, K) of the steps after each row (..), NaN from its limit (..) on and where there is a gap."""
        at = rows[..., None] + np.arange(1, self.horizon + 1)
        there = at < limit[..., None]
        at = np.where(there, at, rows[..., None])
        return np.where(there[..., None] & ~gaps[at], z[at], np.nan)


def _evenly(last: int, most: int) -> list[int]:
    """The numbers from 1 to `last`, or so many of them at most, evenly far apart."""
    count = max(1, min(last, most))
    return sorted({round(1 + i * (last - 1) / max(1, count - 1)) for i in range(count)})
