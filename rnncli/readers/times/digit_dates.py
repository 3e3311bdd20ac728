"""Whole numbers that are dates: 20240131, 2024031 (day of the year), 202405 (month), 202453 (week), 240131, 31012024.

That a number begins with a year is taken for a date where all are one. Two digits of a year, or days in front, say
less: these are dates only if they are even as such and as nothing else, the numbers themselves among it. Seconds since
1970, or smaller units, are dates where their steps are months, or closed on some days or hours: as numbers these are
not equally far apart.
"""

import math
import re
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.pace import pace_of
from rnncli.data.times.stamps import DECIMAL, form, parse
from rnncli.errors import RnncliError

#: digits -> forms that begin with a year, the first that fits is taken
YEAR_FIRST = {
    **{6: ("%Y%m", "%G%V"), 7: ("%Y%j",), 8: ("%Y%m%d",), 10: ("%Y%m%d%H",), 12: ("%Y%m%d%H%M",)},
    **{14: ("%Y%m%d%H%M%S",), 17: ("%Y%m%d%H%M%S%3f",)},
}
#: the same -> forms that need to be even
OTHERS = {
    **{4: ("%y%m", "%m%y"), 5: ("%Y%q", "%q%Y", "%y%j"), 6: ("%y%m%d", "%d%m%y", "%m%d%y"), 8: ("%d%m%Y", "%m%d%Y")},
    **{10: ("%y%m%d%H%M",), 12: ("%y%m%d%H%M%S",)},
}
#: form of times that look like decimals -> how they are written, the digits behind the point, all digits
MONTHS = {
    "%Y.%m": (DECIMAL, 2, 6),
    "%Y.%q": (re.compile(r"\d{4}\.\d", re.ASCII), 1, 5),
    "%m.%Y": (re.compile(r"\d\d?\.\d{4}", re.ASCII), 4, 6),
    "%V.%G": (re.compile(r"\d\d?\.\d{4}", re.ASCII), 4, 6),
    "%q.%Y": (re.compile(r"\d\.\d{4}", re.ASCII), 4, 5),
    "%y.%m": (re.compile(r"\d\d\.\d\d", re.ASCII), 2, 4),
    "%m.%y": (re.compile(r"\d\d?\.\d\d", re.ASCII), 2, 4),
}
#: seconds since 1970 that are dates from 1989 to 2128; and the same in smaller units
EPOCH = (600_000_000, 5_000_000_000)
UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
SINCE_1970 = ("%s", "%3s", "%6s", "%9s")  # in these units
#: how whole days are counted -> the day 0, and between what they are looked for
DAYS_FROM = {"as Excel counts them": "1899-12-30", "since 1970": "1970-01-01", "as MATLAB counts them": "-0001-12-31"}
FEWEST_DAYS, MOST_DAYS = 10_000, 1_000_000
YEARS = (1800, 2200)  # in which dates are
HUNDREDTHS = re.compile(r"\d\d?\.\d\d", re.ASCII)
MANY = 0.9  # of the steps are alike
LEAST = 8  # rows that show how they go on
#: which of the years 2000 to 2099 have 53 weeks
LONG_YEARS = np.array([date(year, 12, 28).isocalendar().week == 53 for year in range(2000, 2100)], np.int64)
SHOWN = 10_000  # rows in which numbers go on as times do
HEAD = 1000  # that are looked at first
DOUBTFUL = ("%y%m", "%m%y", "%q%Y", "%Y%q", "%y%j")  # of four and five digits, which are numbers if in doubt


@dataclass(frozen=True)
class DigitDates:
    """Dates (rows,) and their form."""

    times: np.ndarray
    text: str


def dates_of(whole: np.ndarray, given: str, sample: str, where: str) -> DigitDates | None:
    """The dates that these whole numbers are, None if they are none. `given` is the form of training, `sample` a number
    as it is written, `where` names the column in the message on what can be read in more than one way.
    """
    digits = max(len(str(int(whole.max(initial=0)))), len(sample.partition(".")[0]))  # that of 01022024 has a zero
    end = "." + "0" * len(sample.partition(".")[2]) if "." in sample else ""
    if given:
        if form(given).kind == "number":
            return None
        return _read(whole, given.partition(".")[0], digits, end)
    if whole.min(initial=0) < 0:
        return None
    for text in YEAR_FIRST.get(digits, ()):
        if found := _read(whole, text, digits, end):
            weaker = [other for other in OTHERS.get(digits, ()) if text == "%G%V"]
            return _even(whole, (text, *weaker), digits, end, where) if weaker else found
    return _even(whole, OTHERS.get(digits, ()), digits, end, where) or _since_1970(whole, digits, end)


def _since_1970(whole: np.ndarray, digits: int, end: str) -> DigitDates | None:
    """Those whose steps are of a calendar, and not equally long."""
    sizes = zip(SINCE_1970, UNITS.values(), strict=True)
    text = next((t for t, n in sizes if EPOCH[0] * n <= whole.min() and whole.max() < EPOCH[1] * n), None)
    apart = np.unique(np.diff(np.unique(whole))) if text else np.empty(0)
    dates = _read(whole, text, digits, end) if text and len(apart) > 1 else None
    steps, regular = pace_of(np.unique(dates.times)) if dates else (None, False)
    return dates if steps and regular and (steps.kind == "month" or steps.open) else None


def months_of(values: np.ndarray, given: str, sample: str, where: str) -> DigitDates | None:
    """The months that numbers as 2020.01, 01.2020, 20.01 or 01.20 are, where none has other digits: 2020.1 is then
    October, as what is left of 2020.10. None if they are numbers.
    """
    if not len(values) or given and not are_decimals(given):
        return None
    texts = (
        [given.replace("%-", "%")]
        if given
        else [text for text, (written, *_) in MONTHS.items() if written.fullmatch(sample)]
    )
    found = [dates for text in texts if (dates := _read_decimals(values, text))]
    if not given:
        found = [dates for dates in found if _absent(dates.times) < math.inf]
    if not found:
        return None
    if given:
        return replace(found[0], text=given)
    whole = np.unique(np.rint(10_000 * values))
    apart = np.diff(whole)
    equal = bool(len(apart)) and (apart == apart[0]).all()
    if equal and found[0].text not in ("%Y.%m", "%m.%Y"):
        return None
    if equal or len(found) > 1:
        ways = [*(f"'{dates.text}'" for dates in found), *["number"] * bool(equal)]
        raise _ambiguous(where, f"{values[0]:.{MONTHS[found[0].text][1]}f}", ways)
    return replace(found[0], text=found[0].text.replace("%m.", "%-m.")) if sample[1] == "." else found[0]


def are_decimals(text: str) -> bool:
    """Whether times of this form look like numbers with decimals, and may have lost a 0 at their ends."""
    return text.replace("%-", "%") in MONTHS


def refuse_clocks(values: np.ndarray, sample: str, place: str) -> None:
    """RnncliError if numbers as 31.01 and 1.02, or 850 and 900, go on as days without a year do, or times of the day,
    or weeks, and less so as numbers: they would be sorted, and go on, as numbers.
    """
    values = values[:SHOWN]
    whole = np.rint(100 * values).astype(np.int64) if HUNDREDTHS.fullmatch(sample) else values
    if whole.dtype != np.int64 or len(whole) < LEAST or not 0 <= whole.min() <= whole.max() < 240_000:
        return
    front, behind = np.divmod(whole, 100)
    hours, minutes = np.divmod(front, 100)
    readings = [("times of the day: write 8:50:00", hours < 24, 3600 * hours + 60 * minutes + behind, 86_400)]
    if whole.max() < 10_000:
        readings = [("times of the day: write 8:50", (front < 24) & (behind < 60), 60 * front + behind, 1440)]
        for text in ("%d%m%Y", "%m%d%Y"):
            days = parse(pl.Series(whole).cast(pl.String).str.zfill(4) + "2000", text)[0]
            at = days.cast(pl.Datetime("us")).dt.epoch("d").fill_null(0).to_numpy()
            readings.append(("days without a year: write the year", days.is_not_null().to_numpy(), at, 366))
        week = (behind >= 1) & (behind <= 52 + (LONG_YEARS[front] if front.max() < 100 else 0))
        at = behind + 52 * front + np.append(0, np.cumsum(LONG_YEARS))[front] if week.all() else behind
        readings.append(("weeks of years of two digits: write 2024-W05", week, at, 1 << 40))
    elif (minutes >= 60).any() or (behind >= 60).any():
        return
    usual = _usual(np.diff(whole))
    for what, possible, at, cycle in readings:
        if possible.all() and _usual(np.diff(at) % cycle) > max(usual, MANY * (len(whole) - 1)):
            raise RnncliError(
                f"{place}: {sample!r} and the others may be {what}, or --time-format number if they are numbers"
            )


def refuse_days(whole: np.ndarray, place: str) -> None:
    """RnncliError if these are days as Excel counts them, or since 1970, that leave out weekends or are months apart:
    as numbers they would go on through weekends, or by a month of 30 days.
    """
    apart = np.diff(days := np.unique(whole))
    if len(days) < LEAST or (apart == apart[0]).all() or not FEWEST_DAYS < days[0] <= days[-1] < MOST_DAYS:
        return
    for what, first in DAYS_FROM.items():
        dates = np.datetime64(first, "D") + days
        if dates[0] < np.datetime64("1900") or dates[-1] >= np.datetime64("2100"):
            continue
        steps, regular = pace_of(dates.astype("datetime64[us]"))
        if regular and steps and (steps.kind == "month" or np.is_busday(dates).all()):
            raise RnncliError(
                f"{place}: {days[0]} and the others may be days {what}, the first of them {dates[0]}: write dates, "
                "or --time-format number if they are numbers"
            )


def _usual(apart: np.ndarray) -> int:
    """How many of these steps are the most frequent one, but for none at all."""
    counts = np.unique(apart[apart != 0], return_counts=True)[1]
    return int(counts.max(initial=0))


def _read_decimals(values: np.ndarray, text: str) -> DigitDates | None:
    """By a form of `MONTHS`, if all are such months."""
    _, behind, digits = MONTHS[text]
    scaled = 10**behind * values
    whole = np.rint(scaled)
    if np.abs(scaled - whole).max() > 1e-6:
        return None
    found = _read(whole.astype(np.int64), text.replace(".", ""), digits, "")
    return found and DigitDates(found.times, text)


def _ambiguous(where: str, number: object, ways: list[str]) -> RnncliError:
    return RnncliError(
        f"{where}: numbers such as {number} can be read in more than one way: choose one with --time-format "
        f"{' or '.join(ways)}"
    )


def _even(whole: np.ndarray, texts: tuple[str, ...], digits: int, end: str, where: str) -> DigitDates | None:
    """Dates by the one of these forms by which they are even; RnncliError if there are several, or as numbers too."""
    found = [dates for text in texts if (dates := _read(whole, text, digits, end)) and _surely(dates, whole)]
    if not found:
        return None
    absent = [_absent(dates.times) for dates in found]
    even = [dates for dates, some in zip(found, absent, strict=True) if some <= 2 * min(absent) < math.inf]
    apart = np.diff(np.unique(whole))
    counted = len(apart) > 1 and bool((apart == apart[0]).all()) and (apart[0] == 1 or whole[0] % apart[0] == 0)
    if len(even) == 1 and (even[0].text.startswith("%G") or not counted):
        return even[0]
    if not even or any(dates.text.partition(".")[0] in DOUBTFUL for dates in even):
        return None
    in_order = [dates for dates in even if _in_order(dates.times)]
    if len(in_order) == 1 and not counted:  # 231231, 240101: the year goes on last
        return in_order[0]
    ways = [*(f"'{dates.text}'" for dates in even), *["number"] * bool(counted)]
    raise _ambiguous(where, whole[0], ways)


def _in_order(times: np.ndarray) -> bool:
    """Whether the rows go on, or back, in time."""
    apart = np.diff(times.astype(np.int64))
    return bool((apart >= 0).all() or (apart <= 0).all())


def _surely(dates: DigitDates, whole: np.ndarray) -> bool:
    """Whether they say enough, or as dates go on more evenly than as numbers: 2001, 2002, 2004 are years, and 45292 to
    45365 as Excel counts days, of which 45366 is the next.
    """
    if dates.text.partition(".")[0] not in (*DOUBTFUL[:3], "%y%j"):
        return True
    unit = "D" if dates.text.startswith("%y%j") else "M"
    steps = np.unique(dates.times.astype(f"datetime64[{unit}]").astype(np.int64))
    return _usual(np.diff(steps)) > _usual(np.diff(np.unique(whole)))


def _absent(times: np.ndarray) -> float:
    """The part of the steps that is absent, infinite if they are uneven."""
    times = np.unique(times)
    steps, regular = pace_of(times)
    return float(steps.between(times).mean()) if steps and regular and len(times) > 2 else math.inf


def _read(whole: np.ndarray, text: str, digits: int, end: str) -> DigitDates | None:
    """By this form, if all are such dates."""
    times = np.empty(0, np.int64)
    for part in (whole[:HEAD], whole):
        found = parse(pl.Series(part).cast(pl.String).str.zfill(digits), text)[0]
        if found.null_count():
            return None
        times = found.to_numpy()
    years = times.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    if len(years) and not YEARS[0] <= years.min() <= years.max() <= YEARS[1]:
        return None
    return DigitDates(times.astype("datetime64[us]"), text + end)
