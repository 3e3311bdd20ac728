"""Times of columns with a type, as Parquet has them: dates, times, times of the day and durations."""

import re

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.stamps import DAY, SECOND
from rnncli.errors import RnncliError


def read(series: "pl.Series", name: str) -> tuple[np.ndarray, np.ndarray, str, str]:
    """Whole microseconds (rows,) and what nanoseconds there are beyond them, how they are written, and the place whose
    clock they show, if that is no offset; `name` is the column's.
    """
    dates = series.dtype == pl.Date
    series = series.cast(pl.Datetime("us")) if dates else series
    more, fewer = {"ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}[getattr(series.dtype, "time_unit", "ns")]
    whole, nanos = np.divmod(series.to_physical().cast(pl.Int64).to_numpy() * more, fewer)
    zone = getattr(series.dtype, "time_zone", None) or ""
    offset = zone if re.fullmatch(r"[+-]\d\d:\d\d", zone) else ""
    if zone and not offset:
        try:
            offset = series[0].isoformat()[-6:]
        except Exception:  # of any kind, from the library
            expected = "a place as Europe/Berlin or an offset as +05:30"
            raise RnncliError(f"{name}: times of the zone {zone}, expected {expected}") from None
    else:
        zone = ""
    sample = "2024-01-01" if dates else _form(series, whole, nanos) + offset
    return whole, nanos.astype(np.int16), sample, zone


def _form(series, whole: np.ndarray, nanos: np.ndarray) -> str:
    """How times of the type are written: with as many digits as they have."""
    digits = 0 if (whole % SECOND == 0).all() else 3 if (whole % 1000 == 0).all() else 6
    digits = 9 if nanos.any() else digits
    fraction = f".%{digits}f" if digits else ""
    if series.dtype == pl.Duration:
        return "%D days" if not (digits or (whole % DAY != 0).any()) else "%D days %H:%M:%S" + fraction
    if series.dtype == pl.Time:
        return "%H:%M:%S" + fraction
    return "%Y-%m-%d %H:%M:%S" + fraction
