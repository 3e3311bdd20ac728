"""Regress: numbers for each sequence. Loss: squared error of the scaled targets, (value - mean) / std."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns
from rnncli.data.digits import FINE, places
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.data.usual_change import SLACK
from rnncli.errors import RnncliError
from rnncli.frozen.ridge import Answers
from rnncli.network.losses import SquaredError
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.process.spool import RowSpool
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.columns_in import roles_of
from rnncli.tasks.rows_out import Rows, Wanted, with_input
from rnncli.tasks.tally import BLOCK, IN_MEMORY, Tally

TASK = {
    "rank": 3,
    "help": "numbers for each sequence",
    "learns": "numbers",
    "asked_by": {"table": "--task regress --target COLUMN", "wide": "--task regress", "jsonl": "--task regress"},
    "train": "target learn pool bidirectional text min_count missing decimal inputs group time time_format noise "
    "fold_by",
    "predict": {
        "numbers": "to header json save shard",
        "--evaluate": "json answers save folds",
        "--states": "to",
    },
    "beside": {"--evaluate": [("folds", "answers")]},
    "no_stream": "its numbers are those of a whole sequence",
    "loss": "{nats:.4f} of the variance",
    "start": "the mean",
}

Pair = tuple[np.ndarray, np.ndarray]
FIGURES = ("rmse", "mae", "r2", "r2_se", "r2_chance")


class Regress(ColumnTask):
    """The targets of the schema for each sequence."""

    name, loss, features = "regress", SquaredError(), ("filters", "contests", "intervals")

    @classmethod
    def check(cls, columns: Columns, name: str) -> None:
        if columns.targets is None or not np.isfinite(columns.targets).any():
            raise RnncliError(f"{name}: no numbers to predict, expected a column of them: --target names it")
        cls.refuse_unanswered(np.isnan(columns.targets).any(axis=1), name, "number")

    @classmethod
    def fit(cls, columns: Columns, chosen: np.ndarray, config: TrainConfig, start: Schema | None = None) -> Schema:
        schema = super().fit(columns, chosen, config, start)
        names, width = list(roles_of(config).targets or ("y",)), columns.targets.shape[1]
        if len(names) < width:  # a list of numbers under one name
            names = [f"{names[0]}{i}" for i in range(1, width + 1)]
        schema.fit_targets(names, columns.targets[chosen])
        return schema

    def chance(self) -> float:
        """The mean as the prediction has an error of 1; the loss takes a while to be near it."""
        return 3.0

    def initialise(self, network: Network, train: Examples) -> None:
        """Predictions start at the mean of the targets."""
        network.theta["output.W"] *= 0.1

    def answers(self, targets: np.ndarray) -> Answers:
        return Answers(targets.astype(np.float64), np.ones(len(targets)))

    def mean_loss(self, outputs: np.ndarray, examples: Examples) -> float:
        return float(np.nanmean((outputs.astype(np.float64) - examples.targets) ** 2))

    def losses(self, predictions: np.ndarray, examples: Examples) -> np.ndarray:
        """Mean over the targets that are there of (e / d)², d the deviation of the target in training."""
        scaled = (predictions - np.array(self.schema.target_mean)) / np.array(self.schema.target_std)
        squares, there = (scaled - examples.targets) ** 2, np.isfinite(examples.targets)
        with np.errstate(invalid="ignore"):  # 0 / 0 of a sequence without an answer
            return np.where(there, squares, 0).sum(axis=1) / there.sum(axis=1)

    def predictions(self, u: Unfolding, examples: Examples) -> np.ndarray:
        """Values (sequences, K), unscaled."""
        return u.pooled(examples) * np.array(self.schema.target_std) + np.array(self.schema.target_mean)

    def rows(self, values: np.ndarray, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """The values of each sequence."""
        names, keys = self.schema.targets, columns.marks
        kept = [places(FINE * std) for std in self.schema.target_std]
        rows = ((*map(round, row, kept), key) for row, key in zip(values.tolist(), keys, strict=True))
        return with_input(names), rows

    def tally(self, k: int | None = None, threshold: float | None = None) -> "Errors":
        return Errors(self.schema)


class Errors(Tally):
    """Values and what is true, kept: r2 needs the mean of all before the first error is summed up."""

    def __init__(self, schema: Schema):
        self.schema, K = schema, len(schema.targets)
        self.values, self.targets = (RowSpool(kind, (K,), IN_MEMORY) for kind in (np.float64, np.float32))

    def add(self, values: np.ndarray, examples: Examples) -> None:
        self.values.append(values)
        self.targets.append(examples.targets)

    def figures(self) -> dict:
        """n, the sequences with an answer, and the FIGURES; of several targets their means, and each `per_target`.

        r2_se is the standard error of r2, a ratio of means (delta method); r2_chance that of a forecast whose true r2
        is 0, as good as the mean of y, by paired differences. At r2 = 0 they are the same.

            r2 = 1 - mean e² / v    e = y - f    v = mean (y - ȳ)²
            r2_se = s((1 - r2) (y - ȳ)² - e²) / √n / v    r2_chance = s((y - ȳ)² - e²) / √n / v
        """
        values, targets, names = self.values.array(), self.targets.array(), self.schema.targets
        blocks = [slice(at, at + BLOCK) for at in range(0, len(values), BLOCK)]
        each = [_figures(partial(self._there, values[:, k], targets[:, k], k, blocks)) for k in range(len(names))]
        figures = {name: _mean([one[name] for one in each]) for name in FIGURES}
        per_target = {"per_target": dict(zip(names, each, strict=True))} if len(each) > 1 else {}
        n = sum(int(np.isfinite(targets[block]).any(axis=1).sum()) for block in blocks)
        return {"n": n, **figures, **per_target}

    def _there(self, values: np.ndarray, targets: np.ndarray, k: int, blocks: list[slice]) -> Iterator[Pair]:
        """What was found and what is true of target k in each block, where it is there."""
        for block in blocks:
            true = targets[block].astype(np.float64) * self.schema.target_std[k] + self.schema.target_mean[k]
            there = np.isfinite(true)
            yield values[block][there], true[there]


def _figures(pairs: Callable[[], Iterator[Pair]]) -> dict:
    """Of one target; None where they have no meaning."""
    n, low, high = 0, np.inf, -np.inf
    for _, true in pairs():
        n += len(true)
        low, high = float(true.min(initial=low)), float(true.max(initial=high))
    if not n:
        return {"n": 0} | dict.fromkeys(FIGURES)
    mean = _total(true for _, true in pairs()) / n
    squares = _total((values - true) ** 2 for values, true in pairs())
    spread = _total((true - mean) ** 2 for _, true in pairs())
    told = high - low > SLACK * np.spacing(max(abs(low), abs(high)))
    r2 = 1 - squares / spread if told else None

    def error(part: float) -> float:
        """The standard error of the mean of part (y - ȳ)² - e², over v."""
        offset = (part * spread - squares) / n
        off = ((part * (true - mean) ** 2 - (values - true) ** 2 - offset) ** 2 for values, true in pairs())
        return float(np.sqrt(_total(off) / (n - 1) * n)) / spread

    return {
        "n": n,
        "rmse": float(np.sqrt(squares / n)),
        "mae": _total(np.abs(values - true) for values, true in pairs()) / n,
        "r2": r2,
        "r2_se": error(squares / spread) if told else None,
        "r2_chance": error(1.0) if told else None,
    }


def _total(blocks: Iterable[np.ndarray]) -> float:
    """Of all values, as NumPy adds up one array: the same to the bit, wherever blocks end."""
    spool = RowSpool(np.float64, (), IN_MEMORY)
    for block in blocks:
        spool.append(block)
    return float(spool.array().sum())


def _mean(figures: list[float | None]) -> float | None:
    return None if None in figures else float(np.mean(figures))
