"""Years of two digits."""

import numpy as np

FIRST = 69  # is 1969, as strptime has it; 68 is 2068


def whole_years(short: np.ndarray) -> np.ndarray:
    """The years (rows,) that end in these two digits: from 1969 to 2068, or, where that is a shorter time, as close
    together as they can be, up to 2068: 60 and 79 are 1960 and 1979.
    """
    usual = np.where(short < FIRST, 2000, 1900) + short
    there = np.unique(short)
    if not len(there):
        return usual
    gaps = np.diff(there, append=there[0] + 100)
    begin = int(there[(int(gaps.argmax()) + 1) % len(there)])
    after = (short - begin) % 100
    if after.max() >= usual.max() - usual.min():
        return usual
    last = begin + int(after.max())
    return 1900 + begin + after + (100 if last < FIRST else 0)
