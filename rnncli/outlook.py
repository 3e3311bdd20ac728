"""Outlook: how a series becomes inputs and targets of forecasts, and how outputs become values again.

    z[t]      (value - mean) / std of its own series' training part, of log(value) if so transformed
    target    (z[t+k] - a[t,k] - bias_k) / width_k for k = 1 .. H, with the anchor a[t,k]:
                  zero    0
                  last    z[t]
                  mean    the mean of the last W values
                  season  z[t + k - m ⌈k/m⌉], the same place in the last season of m rows
              and bias_k, width_k the mean and deviation of z[t+k] - a[t,k] over the training part
    inputs    z[t], or z[t] less the mean of the last W values where a series drifts; z[t] - z[t-1]; the last season

The anchor is the one that comes nearest by itself in the training part. All of it looks back from position t only, so
nothing of the future leaks. Counts and bits are targets as they are.
"""

from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np

from rnncli.calendars import Calendar

ANCHORS = ("zero", "last", "mean", "season")
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
    transform: str = "none"
    season: int = 1
    anchor: str = "zero"
    drift: bool = False
    flagged: bool = False  # whether values are missing in the training part
    columns: list[str] = field(default_factory=list)  # the targets in the file, if each is a series of its own
    known: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    mean: list = field(default_factory=list)  # (series + 1, K)
    std: list = field(default_factory=list)
    jump: list = field(default_factory=list)  # (K,) deviation of z[t] - z[t-1]
    bias: list = field(default_factory=list)  # (H, K)
    width: list = field(default_factory=list)
    calendar: dict = field(default_factory=dict)
    periods: list[str] = field(default_factory=list)

    def to_json(self) -> dict:
        return asdict(self)

    @property
    def clock(self) -> Calendar:
        """The calendar as an object."""
        return Calendar(**self.calendar)

    @property
    def local(self) -> int:
        """W: rows of the moving mean."""
        return self.season if self.season > 1 else LOCAL

    @property
    def memory(self) -> int:
        """Rows that the inputs of one step look back on, itself included."""
        return max(self.local, self.season) + 1

    @property
    def lags(self) -> list[int]:
        """How far back the values of the last season lie that are inputs."""
        if self.season < 2 or not self.scaled:
            return []
        whole = self.season <= SEASON_INPUTS and self.season * len(self.targets) <= MOST_INPUTS
        return list(range(1, self.season)) if whole else [self.season - 1]

    @property
    def looks_ahead(self) -> list[int]:
        """How many steps ahead known inputs are read: all, or evenly so many that there are at most MOST_INPUTS."""
        if not self.known:
            return []
        count = max(1, min(self.horizon, MOST_INPUTS // len(self.known)))
        return sorted({round(1 + i * (self.horizon - 1) / max(1, count - 1)) for i in range(count)})

    # -- scale --------------------------------------------------------------------------------------------------

    def straighten(self, values: np.ndarray) -> np.ndarray:
        """The transform of the values, in float64."""
        return np.log(values) if self.transform == "log" else values

    def unstraighten(self, straight: np.ndarray) -> np.ndarray:
        """The way back."""
        return np.exp(straight) if self.transform == "log" else straight

    def unscale(self, residuals: np.ndarray, anchor: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
        """Outputs (.., H, K) or (.., H, K, Q) as values; anchor (.., H, K), mean and std (.., 1, K)."""
        parts = np.array(self.width), np.array(self.bias), anchor, std, mean
        if residuals.ndim > anchor.ndim:
            parts = (part[..., None] for part in parts)
        width, bias, anchor, std, mean = parts
        return self.unstraighten((residuals * width + bias + anchor) * std + mean)

    def fit_scale(self, values: np.ndarray, offsets: np.ndarray, cuts: np.ndarray, keys: list[str]) -> None:
        """Mean and deviation of each series before its cut; values (rows, K) are straightened."""
        self.keys = keys
        K = values.shape[1]
        if not self.scaled and self.loss == "bernoulli":
            self.mean, self.std = [[0.0] * K] * (len(keys) + 1), [[1.0] * K] * (len(keys) + 1)
        else:
            parts = [values[begin:cut] for begin, cut in zip(offsets[:-1], cuts, strict=True)]
            whole = _scale(np.concatenate(parts))
            scales = [_scale(part, whole) for part in parts] + [whole]
            self.mean, self.std = ([list(map(float, scale[i])) for scale in scales] for i in (0, 1))

    @cached_property
    def number_of(self) -> dict[str, int]:
        """Of each series that was trained on."""
        return {key: i for i, key in enumerate(self.keys)}

    def finds_scale(self, key: str) -> bool:
        """Whether the scale of a series is that of its own rows, as it was not seen in training."""
        alike = self.loss == "bernoulli" or self.mean[-1] == self.mean[0] and len(self.keys) == 1
        return not alike and key not in self.number_of

    def scales(self, values: np.ndarray, offsets: np.ndarray, keys: list[str], before: np.ndarray, found=None):
        """(mean, std) (series, K) of these series; one never seen has those that were `found` before, by key, or those
        of its rows up to `before`.
        """
        known, found = self.number_of, found or {}
        whole = np.array(self.mean[-1]), np.array(self.std[-1])
        rows = []
        for i, key in enumerate(keys):
            if key in known:
                rows.append((self.mean[known[key]], self.std[known[key]]))
            elif not self.finds_scale(key):
                rows.append(whole)
            else:
                rows.append(found[key] if key in found else _scale(values[offsets[i] : before[i]], whole))
        return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    # -- inputs -------------------------------------------------------------------------------------------------

    def moving_mean(self, z: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Of the last W rows of each row's series, itself included; `first` (rows,) is where the series begins."""
        sums = np.concatenate([np.zeros((1, z.shape[1])), np.cumsum(z, axis=0, dtype=np.float64)])
        rows = np.arange(len(z))
        begin = np.maximum(first, rows - self.local + 1)
        return (sums[rows + 1] - sums[begin]) / (rows + 1 - begin)[:, None]

    def inputs(self, z: np.ndarray, first: np.ndarray) -> np.ndarray:
        """What is read of the targets themselves (rows, D) float32; z (rows, K) float64 without gaps."""
        rows = np.arange(len(z))
        base = self.moving_mean(z, first) if self.drift else 0.0
        parts = [z - base]
        if self.scaled:
            parts.append((z - z[np.maximum(rows - 1, first)]) / np.array(self.jump))
        parts += [z[np.maximum(rows - lag, first)] - base for lag in self.lags]
        return np.concatenate(parts, axis=1).astype(np.float32)

    # -- targets ------------------------------------------------------------------------------------------------

    def anchors(self, z: np.ndarray, first: np.ndarray, rows: np.ndarray, kind=None, local=None) -> np.ndarray:
        """a (.., H, K) for forecasts made at these rows (..); z without gaps, `local()` its moving mean if known."""
        kind = kind or self.anchor
        shape = (*rows.shape, self.horizon, z.shape[1])
        if kind == "zero":
            return np.zeros(shape)
        if kind == "last":
            return np.broadcast_to(z[rows][..., None, :], shape)
        if kind == "mean":
            mean = local() if local else self.moving_mean(z, first)
            return np.broadcast_to(mean[rows][..., None, :], shape)
        k = np.arange(1, self.horizon + 1)
        back = k - self.season * -(-k // self.season)
        at = rows[..., None] + back
        begin = first[rows][..., None]
        return z[np.where(at >= begin, at, rows[..., None])]

    def fit_anchor(self, z, gaps, first, rows: np.ndarray, limit: np.ndarray, asked: str | None) -> None:
        """Anchor, bias and width from some of the training rows; `limit` (rows,) is where each one's targets end."""
        rng = np.random.default_rng(0)
        if len(rows) > SAMPLE:
            rows = np.sort(rng.choice(rows, SAMPLE, replace=False))
        change = z[rows] - z[np.maximum(rows - 1, first[rows])]
        self.jump = [float(s) if s > FLAT else 1.0 for s in change.std(axis=0)]
        if not self.scaled:
            self.bias, self.width = np.zeros((self.horizon, z.shape[1])).tolist(), []
            return
        to_come = self._to_come(z, gaps, rows, limit)
        kinds = [asked] if asked else [k for k in ANCHORS if not (k == "zero" and self.drift)]
        if self.season < 2 and not asked:
            kinds.remove("season")
        best = None
        for kind in kinds:
            rest = to_come - self.anchors(z, first, rows, kind)
            bias = _mean(rest)
            error = float(_mean(np.abs(rest - bias).reshape(-1, 1))[0])
            if best is None or error < best[0]:
                best = error, kind, bias, np.sqrt(_mean((rest - bias) ** 2))
        _, self.anchor, bias, width = best
        self.bias, self.width = bias.tolist(), np.where(width > FLAT, width, 1.0).tolist()

    def _to_come(self, z, gaps, rows, limit) -> np.ndarray:
        """z (.., H, K) of the steps after each row, NaN beyond its limit and where there is a gap."""
        at = rows[..., None] + np.arange(1, self.horizon + 1)
        there = at < limit[rows][..., None]
        at = np.where(there, at, rows[..., None])
        return np.where(there[..., None] & ~gaps[at], z[at], np.nan)

    def residuals(self, values, gaps, rows, limit, anchors) -> np.ndarray:
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


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the first axis, of what is no NaN; 0 where all are."""
    there = ~np.isnan(values)
    return np.where(there, values, 0).sum(axis=0) / np.maximum(1, there.sum(axis=0))


def _scale(values: np.ndarray, whole=None) -> tuple[np.ndarray, np.ndarray]:
    """(mean, deviation) (K,); where too little is there, those of all series."""
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    mean = _mean(values) if len(values) else np.zeros(values.shape[1])
    std = np.sqrt(_mean((values - mean) ** 2)) if len(values) else mean
    if whole is not None:
        mean = np.where(count > 1, mean, whole[0])
        std = np.where((count > 1) & (std > FLAT), std, whole[1])
    return mean, np.where(std > FLAT, std, 1.0)
