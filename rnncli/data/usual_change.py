"""How series change: what MASE divides by, and whether they only grow."""

from collections.abc import Callable

import numpy as np

from rnncli.process.temporary import blocks

SLACK = 64  # units in the last place of the largest value: what is no more than rounding is no change


def usual_changes(
    values: np.ndarray, offsets: np.ndarray, stops: np.ndarray, season: int, back: Callable = lambda values: values
) -> np.ndarray:
    """Of each series the mean of |y[t] - y[t - season]| over its rows before its stop, where both are there.

    `back` makes y of the values (rows, K), NaN where one is missing; out (series, K), NaN where there is no such pair,
    or no change. The denominator of MASE (Hyndman & Koehler 2006, doi 10.1016/j.ijforecast.2006.03.001).
    """
    out = np.full((len(offsets) - 1, values.shape[1]), np.nan)
    for i in np.flatnonzero(stops > offsets[:-1]).tolist():
        begin, stop = int(offsets[i]), int(stops[i])
        count = total = largest = np.zeros(values.shape[1])
        for first, end in blocks(stop - begin):
            part, before = back(values[begin + max(0, first - season) : begin + end]), min(first, season)
            changes = np.abs(part[season:] - part[:-season])
            there = ~np.isnan(changes)
            count, total = count + there.sum(axis=0), total + np.where(there, changes, 0).sum(axis=0)
            largest = np.fmax(largest, np.fmax.reduce(np.abs(part[before:]), axis=0))
        mean = total / np.maximum(1, count)
        out[i] = np.where((count > 0) & (mean > SLACK * np.spacing(largest)), mean, np.nan)
    return out


def only_grew(values: np.ndarray, offsets: np.ndarray, stops: np.ndarray) -> bool:
    """Whether in the rows of each series before its stop no value (rows, K) is below the one before it, and the last of
    each column is above the first, as in a meter's readings; missing ones are passed over.
    """
    for begin, stop in zip(offsets[:-1].tolist(), np.asarray(stops).tolist(), strict=True):
        if not all(_grew(column) for column in values[begin:stop].T):
            return False
    return len(offsets) > 1


def _grew(column: np.ndarray) -> bool:
    first = last = np.empty(0)
    for begin, end in blocks(len(column)):
        there = column[begin:end]
        there = there[~np.isnan(there)]
        if (np.diff(np.append(last, there)) < 0).any():
            return False
        first, last = np.append(first, there[:1])[:1], np.append(last, there[-1:])[-1:]
    return bool(len(first) and last > first)
