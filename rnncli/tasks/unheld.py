"""Quantiles where no validation part is held out: moved by what the forecasts of the training part are off.

A short series is trained in few updates, so its network hardly knows these rows by heart; what it does know, and the
anchor and the scales that are fitted to them, few_residuals.py allows for. Left out are rows without the past that the
anchor looks back on, a season: there a stand-in is further off than any forecast after the end will be. A residual a
whole series back counts OLD times as much as one at its end, as the spread of a series changes with its level.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.series import Series
from rnncli.network.conformal import rounded
from rnncli.network.few_residuals import shifts_of_few
from rnncli.network.likelihoods import Likelihood

OLD = 0.25
LEAST = 4  # rows with such a past; else all are taken


def shifts_of_training(loss: Likelihood, train: Extent, outputs: Iterator[tuple[np.ndarray, np.ndarray]]) -> dict:
    """`shifts` (H, K, Q), as plain data, from the outputs (rows (n,), parameters (n, H, K, W)) of the training part;
    nothing of a loss without quantiles. Points stay where they are.
    """
    s, found = train.series, list[tuple[Any, ...]]()
    for rows, params in outputs:
        q, y = loss.quantiles(params), s.residuals(rows, train.limits(rows)).reshape(params.shape[:-1])
        if q is None:
            return {}
        found.append((rows, q, np.where(s.still[rows][:, None], np.nan, y)))
    rows, q, y = map(np.concatenate, zip(*found, strict=True))
    full = has_past(s, rows) & ~np.isnan(y).all(axis=(1, 2))
    if full.sum() >= LEAST:
        rows, q, y = rows[full], q[full], y[full]
    number = s.series_of(rows)
    weights = OLD ** ((s.offsets[number + 1] - 1 - rows) / np.diff(s.offsets)[number])
    return {"shifts": rounded(shifts_of_few(q, y, loss, np.zeros(y.shape[1:]), weights, f=2))}


def has_past(s: Series, rows: np.ndarray) -> np.ndarray:
    """Whether all that the anchor looks back on lies before these rows (n,)."""
    o = s.outlook
    back: np.ndarray | int = 0
    if o.anchor == "linear":
        back = o.linear.memory
    if o.anchor == "season":
        back = s.past.stretched(rows, o.season) - 1
    return rows - s.first[rows] >= back
