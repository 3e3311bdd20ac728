"""Digits: how many decimal places a forecast is printed with, so that rounding says nothing else than the number does.

As many as keep its error below a tenth of the last place that the series itself is written with, and below a part of
EXACT of the interval; of numbers that are written with all digits that a float has, below a part of FINE of their
deviation. The shortest form of the rounded number is printed, so that 7.5 stays 7.5.
"""

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from rnncli.process.temporary import blocks

EXACT = 1e-5
NEAR = 1e-2  # of the distance of a probability from 0 or 1, whichever is less
PROBABLE, MOST_PROBABLE = 4, 15  # decimal places of a probability
FINE = 1e-7
MOST = 1e-11  # of the deviation: an interval without width asks for nothing below it
LEAST = 1e-100  # a step: a share of a deviation may be 0
WHOLE = 15  # digits of a decimal number that a float holds; one with more was calculated
LOOKED_AT = 256  # of the last values
SECONDS = 86400  # of a day


def places(step: float) -> int:
    """Decimal places of which the last is not above this step, less than 0 for tens: 0.02 -> 2, 300 -> -2."""
    return math.ceil(-math.log10(max(step, LEAST)) - 1e-9)


def written_with(values: np.ndarray, most: int = LOOKED_AT, back: Callable = lambda values: values) -> int | None:
    """Decimal places of what `back` makes of the last values (rows,), NaN where one is missing; None if they were
    calculated.
    """
    there = values[:0]
    for begin, end in reversed([*blocks(len(values))]):
        part = values[begin:end]
        there = np.concatenate([part[~np.isnan(part)], there])
        if len(there) >= most:
            break
    there = back(there[-most:])
    found = []
    for value in np.unique(there[there != 0]).tolist():
        _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
        if len(digits) > WHOLE:
            return None
        found.append(-int(exponent))
    return max(found, default=0)


def places_of(
    values: np.ndarray, std: float, most: int = LOOKED_AT, back: Callable = lambda values: values
) -> tuple[int, int]:
    """(least, most) places for forecasts of what `back` makes of such values (rows,), whose deviation is known."""
    written, size = written_with(values, most, back), std if std > 0 and math.isfinite(std) else 1.0
    least = places(FINE * size) if written is None else written + 1
    return least, max(least, places(MOST * size))


def rounded(value: float, least: int, most: int, width: float = math.nan) -> float:
    """To so many places, and to more if the interval of this width asks for them."""
    if width > 0 and math.isfinite(width):
        least = min(most, max(least, places(EXACT * width)))
    return round(float(value), least)


def probability(p: float, least: int = PROBABLE) -> float:
    """To so many decimal places, and near 0 and 1 to as many as leave an error below a hundredth of the smaller one of
    p and 1 - p: 0.25, 1.23e-05, 0.9999877. So what is possible is not written as 0 (from 1e-100 on), nor what is not
    sure as 1 (up to 1 - 1e-15).
    """
    distance = min(p, 1 - p)
    if distance >= NEAR:
        return round(p, least)
    found = places(NEAR * distance)
    return round(p, max(least, found if p < 0.5 else min(found, MOST_PROBABLE)))


def parts_of_unit(step: float) -> int:
    """How many such steps a unit has, if that is a number that divides a day into whole seconds: 12 of 0.0833, months
    in a year, or 24, 96, 1440 in a day; else 0.
    """
    parts = round(1 / step) if 0 < step < 1 else 0
    return parts if parts > 1 and SECONDS % parts == 0 and abs(step * parts - 1) < 1e-3 else 0


def unrounded(times: np.ndarray, step: float, decimals: int) -> np.ndarray:
    """Times that are multiples of a part of a unit, but for rounding to so many decimals, without it: 2000.083 is
    2000 + 1 / 12. Others as they are.
    """
    parts = parts_of_unit(step)
    for count in (parts, 2 * parts) if parts and times.dtype.kind == "f" else ():
        exact = np.rint(times * count) / count
        if 4 * count <= 10.0**decimals and (np.round(exact, decimals) == times).all():
            return exact
    return times
