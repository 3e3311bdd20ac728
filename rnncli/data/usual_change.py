"""How series change: what MASE divides by, and whether they only grow."""

import numpy as np

SLACK = 64  # units in the last place of the largest value: what is no more than rounding is no change


def usual_changes(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray, season: int) -> np.ndarray:
    """Of each series the mean of |y[t] - y[t - season]| over its rows before its stop, where both are there.

    values (rows, K), NaN where one is missing; out (series, K), NaN where there is no such pair, or no change. The
    denominator of MASE (Hyndman & Koehler 2006, doi 10.1016/j.ijforecast.2006.03.001).
    """
    out = np.full((len(offsets) - 1, values.shape[1]), np.nan)
    for i, (begin, stop) in enumerate(zip(offsets[:-1].tolist(), np.asarray(stops).tolist(), strict=True)):
        part = values[begin:stop]
        changes = np.abs(part[season:] - part[:-season])
        there = ~np.isnan(changes)
        count = there.sum(axis=0)
        mean = np.where(there, changes, 0).sum(axis=0) / np.maximum(1, count)
        largest = np.where(np.isnan(part), 0, np.abs(part)).max(axis=0, initial=0.0)
        out[i] = np.where((count > 0) & (mean > SLACK * np.spacing(largest)), mean, np.nan)
    return out


def only_grew(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray) -> bool:
    """Whether in the rows of each series before its stop no value (rows, K) is below the one before it, and the last of
    each column is above the first, as in a meter's readings; missing ones are passed over.
    """
    for begin, stop in zip(offsets[:-1].tolist(), np.asarray(stops).tolist(), strict=True):
        for column in values[begin:stop].T:
            there = column[~np.isnan(column)]
            if len(there) < 2 or (np.diff(there) < 0).any() or there[-1] <= there[0]:
                return False
    return len(offsets) > 1
