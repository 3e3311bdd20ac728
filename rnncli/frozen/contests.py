"""Contests among filters: in groups of eight, the one with the largest and the one with the least value of each step.

The features count how often, and by how much, each of them won (Dempster, Schmidt and Webb 2023, arXiv 2203.13652).
"""

from typing import Any

import numpy as np

from rnncli.frozen.signals import Rows, dilations_for, draw_mixes
from rnncli.kernels.filters import MIDDLE, TAPS, contests

DILATIONS, GROUPS, SIZE = 8, 32, 8


class Contests:
    """Of one source: the series, or their differences."""

    kind = "contests"

    def __init__(self, source: str, dilations: list[int], columns: int, signals: int):
        self.source, self.dilations, self.columns, self.signals = source, dilations, columns, signals
        self.count = len(dilations) * GROUPS * SIZE
        self.parts = [self.count, self.count]

    @classmethod
    def sized(cls, source: str, steps: int, columns: int, signals: int) -> "Contests":
        return cls(source, dilations_for(steps, DILATIONS, columns), columns, signals)

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "dilations": self.dilations, "columns": self.columns, "signals": self.signals}

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """What is drawn."""
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
        """Features of the sequences first <= s < last into out (sequences, .), from column `at` on."""
        margin = MIDDLE * max(self.dilations)
        room = rows.room(self.signals, margin)
        contests(
            rows.x, rows.offsets, theta["mixes"], np.array(self.dilations), theta["signals"].astype(np.int64),
            theta["weights"], room, margin, np.zeros((2, room.shape[1]), np.int32), out, at, first, last,
        )  # fmt: skip
