"""How far apart steps are, in the words of Monash (`half_hourly`, `4_seconds`) and of pandas and gluonts (`30min`,
`W-SUN`, `ME`).
"""

import re

import numpy as np

from rnncli.data.times.stamps import DAY, HOUR, SECOND
from rnncli.data.times.steps import MICRO, Steps, days_of

MINUTE = 60 * SECOND
#: unit -> kind of Steps, and its length in microseconds or months
UNITS = {
    **{"millisecond": ("time", SECOND // 1000), "second": ("time", SECOND), "minute": ("time", MINUTE)},
    **{"hour": ("time", HOUR), "day": ("time", DAY), "week": ("time", 7 * DAY)},
    **{"month": ("month", 1), "quarter": ("month", 3), "year": ("month", 12)},
}
#: aliases of pandas, of which case matters: m could be minutes or months
ALIASES = {
    **{"ms": "millisecond", "L": "millisecond", "S": "second", "s": "second", "T": "minute", "min": "minute"},
    **{"H": "hour", "h": "hour", "D": "day", "B": "business", "W": "week", "M": "month", "ME": "month", "MS": "month"},
    **{"Q": "quarter", "QE": "quarter", "QS": "quarter", "A": "year", "AS": "year", "Y": "year", "YE": "year"},
    **{"YS": "year"},
}
ENDS = ("M", "ME", "Q", "QE", "A", "Y", "YE")  # are of the last day of a month where they start on one
WORDS = {"daily": "day", "half_hourly": "half_hour", "annually": "year", "business_daily": "business"}
ANCHORED = "WQAY"  # first letters of units with a day or month behind them: W-SUN, QE-DEC
COUNTED = re.compile(r"(?:(\d{1,6})[ _]?)?([A-Za-z_]+?)(-[A-Za-z]{3})?")
EXPECTED = "4_seconds, 10_minutes, half_hourly, hourly, daily, weekly, monthly, quarterly, yearly, or 5min, W, ME"


def steps_of(word: str, start: np.ndarray) -> Steps | None:
    """The steps of a series that starts at this time, datetime64[us]; None if the word is none."""
    found = COUNTED.fullmatch(word.strip())
    if not found or found[1] and not int(found[1]) or found[3] and found[2][0] not in ANCHORED:
        return None
    count, unit = int(found[1] or 1), ALIASES.get(found[2]) or _unit(found[2].lower())
    if unit == "business" and count == 1:
        return Steps("time", float(DAY), open=((0, 5),))
    if unit == "half_hour" and count == 1:
        return Steps("time", float(HOUR // 2))
    if unit not in UNITS:
        return None
    kind, size = UNITS[unit]
    return Steps(kind, float(count * size), _rule(start, found[2] in ENDS) if kind == "month" else "")


def _unit(word: str) -> str:
    """day of day, days and daily."""
    return WORDS.get(word) or next((unit for unit in UNITS if word in (unit, f"{unit}s", f"{unit}ly")), "")


def _rule(start: np.ndarray, ends: bool) -> str:
    """The day of the month: that of the start, the last one in a shorter month."""
    day, tomorrow = int(days_of(start)), start + np.array(DAY, "timedelta64[us]")
    if ends and int(days_of(tomorrow.astype(MICRO))) == 1:
        return "day:31"
    return f"day:{day}" if day > 28 else ""
