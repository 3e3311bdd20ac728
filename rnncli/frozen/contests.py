"""Contests among filters: in groups of eight, the one with the largest and the one with the least value of each step.

The features count how often, and by how much, each of them won (Dempster, Schmidt and Webb 2023, arXiv 2203.13652).
"""

import numpy as np

from rnncli.frozen.group import DilatedGroup
from rnncli.frozen.signals import Rows, draw_mixes
from rnncli.kernels.filters import MIDDLE, SIZE, TAPS, contests

GROUPS = 32


class Contests(DilatedGroup):
    """How much each filter won by, and how often it was the least."""

    kind, most, size = "contests", 8, GROUPS * SIZE

    def shapes(self) -> dict[str, tuple[int, ...]]:
        groups = len(self.dilations), GROUPS
        return {"mixes": (self.signals, self.columns), "signals": groups, "weights": (*groups, SIZE, TAPS)}

    def draw(self, theta: dict[str, np.ndarray], rng: np.random.Generator, rows: Rows) -> None:
        """Weights are normal, with a sum of 0 and absolute values that add up to 1."""
        theta["mixes"][...] = draw_mixes(rng, self.columns)
        theta["signals"][...] = rng.integers(self.signals, size=theta["signals"].shape)
        w = rng.standard_normal(theta["weights"].shape)
        w -= w.mean(axis=-1, keepdims=True)
        theta["weights"][...] = w / np.abs(w).sum(axis=-1, keepdims=True)

    def compute(
        self, theta: dict[str, np.ndarray], rows: Rows, out: np.ndarray, at: int, first: int, last: int
    ) -> None:
        margin = MIDDLE * max(self.dilations)
        room = rows.room(self.signals, margin)
        contests(
            rows.x, rows.offsets, theta["mixes"], np.array(self.dilations), theta["signals"].astype(np.int64),
            theta["weights"], room, margin, np.zeros((2, room.shape[1]), np.int32), out, at, first, last,
        )  # fmt: skip
