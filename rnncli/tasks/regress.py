"""Regress: numbers for each sequence. Loss: squared error of the scaled targets, (value - mean) / std."""

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns
from rnncli.data.digits import FINE, places
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.data.usual_change import SLACK
from rnncli.errors import RnncliError
from rnncli.network.losses import SquaredError
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding
from rnncli.tasks.column_task import ColumnTask
from rnncli.tasks.columns_in import roles_of
from rnncli.tasks.rows_out import Rows, Wanted, with_input

TASK = {
    "rank": 3,
    "help": "numbers for each sequence",
    "learns": "numbers",
    "asked_by": {"table": "--task regress --target COLUMN", "wide": "--task regress", "jsonl": "--task regress"},
    "train": "target learn pool bidirectional text min_count missing decimal inputs group time time_format noise "
    "fold_by",
    "predict": {
        "numbers": "to header json",
        "--evaluate": "json",
        "--states": "to",
    },
    "no_stream": "its numbers are those of a whole sequence",
    "loss": "{nats:.4f} of the variance",
    "start": "the mean",
}


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

    def answers(self, targets: np.ndarray) -> np.ndarray:
        return targets

    def mean_loss(self, outputs: np.ndarray, examples: Examples) -> float:
        return float(np.nanmean((outputs.astype(np.float64) - examples.targets) ** 2))

    def predictions(self, u: Unfolding, examples: Examples) -> np.ndarray:
        """Values (sequences, K), unscaled."""
        return u.pooled(examples) * np.array(self.schema.target_std) + np.array(self.schema.target_mean)

    def rows(self, values: np.ndarray, columns: Columns, examples: Examples, wanted: Wanted) -> Rows:
        """The values of each sequence."""
        names, keys = self.schema.targets, columns.keys or range(1, len(examples) + 1)
        kept = [places(FINE * std) for std in self.schema.target_std]
        rows = ((*map(round, row, kept), key) for row, key in zip(values.tolist(), keys, strict=True))
        return with_input(names), rows

    def metrics(self, values: np.ndarray, examples: Examples) -> dict:
        """n, the sequences with an answer, and rmse, mae, r2; of several targets their means, and each `per_target`."""
        true = examples.targets * np.array(self.schema.target_std) + np.array(self.schema.target_mean)
        each = [_figures(values[:, k], true[:, k]) for k in range(len(self.schema.targets))]
        figures = {name: _mean([one[name] for one in each]) for name in ("rmse", "mae", "r2")}
        per_target = {"per_target": dict(zip(self.schema.targets, each, strict=True))} if len(each) > 1 else {}
        return {"n": int(np.isfinite(true).any(axis=1).sum()), **figures, **per_target}


def _figures(values: np.ndarray, true: np.ndarray) -> dict:
    """Of one target, where it is there; None where they have no meaning."""
    there = np.isfinite(true)
    if not there.any():
        return {"n": 0, "rmse": None, "mae": None, "r2": None}
    error, spread = (values - true)[there], true[there] - true[there].mean()
    flat = np.ptp(true[there]) <= SLACK * np.spacing(np.abs(true[there]).max())
    return {
        "n": len(error),
        "rmse": float(np.sqrt((error**2).mean())),
        "mae": float(np.abs(error).mean()),
        "r2": None if flat else 1 - float((error**2).sum()) / float((spread**2).sum()),
    }


def _mean(figures: list[float | None]) -> float | None:
    return None if None in figures else float(np.mean(figures))
