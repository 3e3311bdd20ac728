"""Quantiles of Student's t."""

import math

import numpy as np

#: the 97.5 % ones with 0 to 18 degrees of freedom: beyond them a mean or a slope lies in 5 of 100 cases by chance
STUDENT = (
    *(math.inf, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262),
    *(2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101),
)
CLEAR = 2.0  # with more degrees of freedom, to 5 %


def student(free: int) -> float:
    """The 97.5 % quantile with so many degrees of freedom."""
    return STUDENT[free] if free < len(STUDENT) else CLEAR


def student_quantiles(free: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Those at the levels of which the `normal` ones (..) are given, with so many degrees of freedom (..), 2 at least:

        z + (z³ + z) / 4ν + (5z⁵ + 16z³ + 3z) / 96ν² + (3z⁷ + 19z⁵ + 17z³ - 15z) / 384ν³

    The expansion of Hill 1970 (Abramowitz & Stegun 26.7.5).
    """
    z = normal
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / free + second / free**2 + third / free**3
