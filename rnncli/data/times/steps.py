"""Steps: how the times of a series go on, and how many steps lie between two of them.

`kind` is number (any unit), time (microseconds) or month. Months have a rule, since they are not equally long:

    ""          the day of the row before, the last one in a shorter month
    day:D       the D-th, the last one in a shorter month; day:31 is the end of the month
    work:first  the first day from Monday to Friday; work:last the last one
    nth:W       the W-th of a weekday, which is that of the row before; nth:5 is the last of the month
    half:A:B    twice a month, on day A and day B; the step is then half a month
    part:A:B:.. as often in each month as there are days; the step is then that part of a month

A clock of microseconds may be closed at certain steps of the week: `open` has the runs [begin, end) of steps that are
open, counted from Monday at midnight on. Business days are days with Monday to Friday open.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncli.data.digits import parts_of_unit
from rnncli.stored import expect

MICRO = "datetime64[us]"
DAY = 86_400_000_000  # microseconds
WEEK = 7 * DAY
MONDAY = 3 * DAY  # 1970-01-01 was a Thursday
MOST_SLOTS = 7 * 24 * 60  # steps of a week that may be closed: of a minute at least
MOST_STEP = 1000 * 366 * DAY
DAY_OF_MONTH = r"([1-9]|[12]\d|3[01])"
RULE = re.compile(
    rf"(day:{DAY_OF_MONTH}|work:(first|last)|nth:[1-5]|half:{DAY_OF_MONTH}:{DAY_OF_MONTH}|part(:{DAY_OF_MONTH}){{3,10}})?",
    re.ASCII,
)


@dataclass(frozen=True)
class Steps:
    """One clock."""

    kind: str
    step: float
    rule: str = ""
    open: tuple = ()

    def refuse_damage(self, where: str) -> None:
        """Damaged for a step that times can't have, a rule that is none, and stretches that are not of the week."""
        least, most = (1, MOST_STEP) if self.kind in ("time", "month") else (0, math.inf)
        whole = least == 0 or float(self.step).is_integer()
        expect(whole and least <= self.step <= most, f"{where}.step", self.step, f"one of a clock of kind {self.kind}")
        months = self.kind == "month"
        expect(RULE.fullmatch(self.rule) if months else not self.rule, f"{where}.rule", self.rule, "one of months")
        expect(not self.open or self.kind == "time", f"{where}.open", self.open, "none but of times")
        slots = WEEK // int(self.step) if self.open else 0
        expect(
            slots <= MOST_SLOTS and (not slots or WEEK % self.step == 0), f"{where}.open", self.open, "steps of a week"
        )
        end = 0
        for begin_end in self.open:
            sound = len(begin_end) == 2 and end <= begin_end[0] < begin_end[1] <= slots
            expect(sound, f"{where}.open", begin_end, f"ascending numbers up to {slots}")
            end = begin_end[1]

    def after(self, times: np.ndarray, count: np.ndarray | int) -> np.ndarray:
        """The times so many open steps after these, element by element."""
        count = np.asarray(count, np.int64)
        if self.kind == "month":
            return self._months_after(times, count)
        if self.kind == "row" or times.dtype.kind != "M":
            return times + count * (int(self.step) if times.dtype.kind == "i" and self.step.is_integer() else self.step)
        step = int(self.step)
        if not self.open:
            return times + (count * step).astype("timedelta64[us]")
        at = times.astype(np.int64) + MONDAY
        slot = self._nth(self._opened(at // step + 1) + count - 1)
        slot = np.where(count > 0, slot, at // step)
        return (slot * step + at % step - MONDAY).astype(MICRO)

    def between(self, times: np.ndarray) -> np.ndarray:
        """How many open steps lie between each of these times and the next."""
        if self.kind == "month":
            apart = np.diff(self._slots(times))
            return np.maximum(np.rint(apart / self.step).astype(np.int64) - 1, 0)
        if self.open:
            slot = (times.astype(np.int64) + MONDAY) // int(self.step)
            return np.maximum(self._opened(slot[1:]) - self._opened(slot[:-1] + 1), 0)
        apart = np.diff(times.astype(np.int64) if times.dtype.kind == "M" else times)
        return np.maximum(np.rint(apart / self.step).astype(np.int64) - 1, 0)

    @property
    def season(self) -> int:
        """Open steps to the same place of the next larger period: 24 for hours, 7 for days, 5 for business days, 12
        for months; 1 if unknown.
        """
        if self.kind == "month":
            return max(1, round(12 * self.parts / self.step))
        if self.kind != "time":
            return 1
        if self.step >= 6 * DAY:
            return max(1, round(365.25 * DAY / self.step))
        if self.step >= DAY:
            return max(1, int(self._mask.sum()) if self.open else round(WEEK / self.step))
        if not self.open:
            return max(1, round(DAY / self.step))
        a_day = self._mask.reshape(7, -1).sum(axis=1)
        return max(1, int(np.median(a_day[a_day > 0])))

    # -- closed steps -------------------------------------------------------------------------------------------

    @cached_property
    def _mask(self) -> np.ndarray:
        """Whether each step of the week is open."""
        mask = np.zeros(WEEK // int(self.step), bool)
        for begin, end in self.open:
            mask[begin:end] = True
        return mask

    @cached_property
    def _before(self) -> np.ndarray:
        """How many steps of the week are open before each."""
        return np.concatenate([[0], np.cumsum(self._mask)])

    def _opened(self, slot: np.ndarray) -> np.ndarray:
        """How many steps were open before these, since the beginning."""
        week, place = np.divmod(slot, len(self._mask))
        return week * self._before[-1] + self._before[place]

    def _nth(self, number: np.ndarray) -> np.ndarray:
        """The open steps of these numbers."""
        places = np.flatnonzero(self._mask)
        week, place = np.divmod(number, len(places))
        return week * len(self._mask) + places[place]

    # -- months -------------------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> np.ndarray:
        """The days of each month, where there are several."""
        name, *days = self.rule.split(":")
        return np.array(days if name in ("half", "part") else [], np.int64)

    @property
    def parts(self) -> int:
        """How many steps of 1 a month has."""
        return len(self.days) or 1

    def _slots(self, times: np.ndarray) -> np.ndarray:
        """The numbers of the months, or of the parts of months."""
        month = times.astype("datetime64[M]").astype(np.int64)
        if not len(self.days):
            return month
        days = np.minimum(self.days, _last_day(times)[:, None])
        return self.parts * month + np.abs(days - days_of(times)[:, None]).argmin(axis=1)

    def _months_after(self, times: np.ndarray, count: np.ndarray) -> np.ndarray:
        slot = self._slots(times) + count * int(self.step)
        clock = times - times.astype("datetime64[D]")
        if len(self.days):
            slot, part = np.divmod(slot, self.parts)
            day = self.days[part]
        else:
            day = days_of(times)
        month = slot.astype("datetime64[M]")
        first = month.astype("datetime64[D]")
        what, _, which = self.rule.partition(":")
        if what == "work" and which == "first":
            date = np.busday_offset(first, 0, roll="forward")
        elif what == "work":
            date = np.busday_offset((month + 1).astype("datetime64[D]") - 1, 0, roll="backward")
        elif what == "nth":
            ahead = (_weekday(times.astype("datetime64[D]")) - _weekday(first)) % 7
            date = first + ahead + 7 * (int(which) - 1)
            date = np.where(date.astype("datetime64[M]") > month, date - 7, date)
        else:
            date = np.minimum(
                first + ((int(which) if what == "day" else day) - 1), (month + 1).astype("datetime64[D]") - 1
            )
        return date.astype(MICRO) + clock


def days_of(times: np.ndarray) -> np.ndarray:
    """The day of the month of each, from 1 on."""
    first = times.astype("datetime64[M]").astype("datetime64[D]")
    return (times.astype("datetime64[D]") - first).astype(np.int64) + 1


def _last_day(times: np.ndarray) -> np.ndarray:
    month = times.astype("datetime64[M]")
    return ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)


def _weekday(dates: np.ndarray) -> np.ndarray:
    """0 for Monday; dates are days."""
    return (dates.astype(np.int64) + 3) % 7


def stretches_of(mask: np.ndarray) -> tuple:
    """[begin, end) of each stretch in which the mask is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return tuple((int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True))


def number_step(usual: float, largest: float, sample: str) -> float:
    """The usual distance of numbers, with no more decimals than they have, where it differs by their rounding only."""
    if (parts := parts_of_unit(usual)) and abs(usual * parts - 1) <= 1e-8:
        return 1 / parts
    found = re.search(r"\.(\d+)", sample)
    rounded = round(usual, len(found[1]) if found else 0)
    return rounded if abs(rounded - usual) <= max(4 * np.spacing(largest), 1e-9 * abs(usual)) else float(f"{usual:.9g}")
