"""Columns of numbers that are forecast: their values, the table without them, each as a series of its own."""

from dataclasses import replace

import numpy as np

from rnncli.data.columns import Columns, refuse_lacking, series_names
from rnncli.data.ranges import Ranges
from rnncli.process import temporary
from rnncli.process.temporary import in_blocks


def target_values(columns: Columns, names: list[str]) -> np.ndarray:
    """(rows, K) float64, NaN where one is missing; of a large table whose numbers are all targets, these themselves. (A
    copy of one block is in the order of columns, in which sums are rounded otherwise.)
    """
    refuse_lacking(names, columns.number_names, "forecasts")
    if names == columns.number_names and len(columns.numbers) > temporary.BLOCK:
        return columns.numbers.astype(np.float64, copy=False)
    return _columns(columns.numbers, [columns.number_names.index(name) for name in names]).astype(
        np.float64, copy=False
    )


def _columns(numbers: np.ndarray, kept: list[int]) -> np.ndarray:
    """Some of the columns, as a copy."""
    return in_blocks(len(numbers), lambda begin, end: numbers[begin:end][:, kept])


def without(columns: Columns, names: list[str]) -> Columns:
    """The other numbers, as a copy."""
    kept = [i for i, name in enumerate(columns.number_names) if name not in names]
    numbers = _columns(columns.numbers, kept)
    return replace(columns, numbers=numbers, number_names=[columns.number_names[i] for i in kept])


def melt(columns: Columns, names: list[str]) -> Columns:
    """Each target a series of its own, `value`, beside the other columns. Series i·K + j is target j of series i."""
    K, values, rest = len(names), target_values(columns, names), without(columns, names)
    every = Ranges(np.repeat(columns.offsets[:-1], K), np.repeat(columns.offsets[1:], K))

    def numbers(begin: int, end: int) -> np.ndarray:
        series, place = every.places(np.arange(begin, end))
        rows = every.begin[series] + place
        return np.concatenate([values[rows, series % K][:, None], rest.numbers[rows]], axis=1)

    return rest.taken(
        every.every(1),
        every.lengths,
        number_names=["value", *rest.number_names],
        numbers=in_blocks(len(every), numbers),
        keys=series_names(columns.names, names),
        clocks=[clock for clock in columns.clocks for _ in names] if columns.clocks else None,
    )
