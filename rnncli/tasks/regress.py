"""Regress: numbers for each sequence. Loss: squared error of the scaled targets, (value - mean) / std."""

import numpy as np

from rnncli.errors import RnncliError
from rnncli.losses import SquaredError
from rnncli.tasks.column_task import ColumnTask, pooled_logits


class Regress(ColumnTask):
    """The targets of the schema for each sequence."""

    name, loss_unit, loss = "regress", "mse", SquaredError()

    @classmethod
    def check(cls, columns, name):
        if columns.targets is None or not np.isfinite(columns.targets).any():
            raise RnncliError(f"{name}: no numbers to predict: --target names their column")

    @classmethod
    def fit(cls, columns, chosen, config):
        schema = super().fit(columns, chosen, config)
        names = (config.target or "y").split(",")
        schema.fit_targets(names, columns.targets[chosen])
        return schema

    def outputs(self):
        return len(self.schema.targets)

    def chance(self):
        """The mean as the prediction has an error of 1; the loss takes a while to be near it."""
        return 3.0

    def initialise(self, network, train):
        """Predictions start at the mean of the targets."""
        network.theta["output.W"] *= 0.1

    def predictions(self, u, examples):
        """Values (sequences, K), unscaled."""
        return pooled_logits(u, examples) * np.array(self.schema.target_std) + np.array(self.schema.target_mean)

    def metrics(self, values, examples):
        """n, rmse, mae, r2, over all targets that are there."""
        true = examples.targets * np.array(self.schema.target_std) + np.array(self.schema.target_mean)
        there = np.isfinite(true)
        error, spread = (values - true)[there], (true - np.nanmean(true, axis=0))[there]
        squares = float((spread**2).sum())
        return {
            "n": len(error),
            "rmse": float(np.sqrt((error**2).mean())),
            "mae": float(np.abs(error).mean()),
            "r2": 1 - float((error**2).sum()) / squares if squares else None,
        }
