"""The time of the rows: how far apart they are, what comes next, and where in the day, the week and the year a row is.

Times are numbers, dates (datetime64[us]), or, without a time column, the numbers of the rows. Months and years are
steps of their own, since they are not equally long.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Annotated

import numpy as np

from rnncli.data.digits import unrounded
from rnncli.data.times.pace import fits, pace_of
from rnncli.data.times.stamp_forms import read_time
from rnncli.data.times.stamp_writing import write_time
from rnncli.data.times.stamps import Instant, kind_of, zone_name
from rnncli.data.times.stamps import form as sample_form
from rnncli.data.times.steps import DAY, MONDAY, Steps, number_step, stretches_of
from rnncli.data.times.zones import changes_of, offset_at, to_local, to_utc
from rnncli.errors import RnncliError, UsageError
from rnncli.stored import Count, Damaged, OneOf, Positive, fields_of

#: period -> its length in microseconds, and the longest step that it has a meaning for
PERIODS = {"day": (DAY, DAY // 3), "week": (7 * DAY, DAY), "year": (int(365.2425 * DAY), 100 * DAY)}
#: at the end of a time: how far its clock is before UTC
OFFSET = re.compile(r"^(.*[T:].*?)(\s?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))$")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass
class Calendar:
    """`kind` is row, number, time or month; `step` rows are apart: a number, microseconds, or months. See steps.py for
    `rule` and `open`; `regular` says whether steps that are absent are put in.
    """

    kind: Annotated[str, OneOf("row", "number", "time", "month")] = "row"
    step: Positive = 1.0
    sample: str = ""  # how a time is written
    rule: str = ""
    open: list[list[Count]] = field(default_factory=list)
    regular: bool = False
    zone: str = ""  # the place whose clock is meant

    def refuse_damage(self, where: str) -> None:
        """Damaged for steps that are none, an unknown place, and a time that is no sample of how times are written."""
        self.steps.refuse_damage(where)
        try:
            if self.zone:
                changes_of(self.zone)
            if self.sample and self.kind != "row":
                sample_form(self.sample)
        except (ValueError, UsageError) as error:
            raise Damaged(f"{where}: {error}") from None

    @classmethod
    def of(cls, times: np.ndarray | None, offsets: np.ndarray, sample: str = "", zone: str = "") -> "Calendar":
        """Of the series of these times, that of most of them."""
        return usual_of(cls.of_each(times, offsets, offsets[1:], sample, zone), times, sample, zone)

    @classmethod
    def of_each(
        cls, times: np.ndarray | None, offsets: np.ndarray, stops: np.ndarray, sample: str = "", zone: str = ""
    ) -> list["Calendar | None"]:
        """Of each series, from its rows before its stop; None of those that have fewer than two. Series of the same
        times have one calendar.
        """
        if times is None:
            return [None] * (len(offsets) - 1)
        found, known = [], dict[bytes, Calendar | None]()
        for begin, stop in zip(offsets[:-1].tolist(), stops.tolist(), strict=True):
            part = times[begin:stop]
            key = blake2b(np.ascontiguousarray(part).view(np.uint8).data, digest_size=16).digest()
            if key not in known:
                known[key] = cls._of_one(part, sample, zone)
            found.append(known[key])
        return found

    @classmethod
    def _of_one(cls, times: np.ndarray, sample: str, zone: str) -> "Calendar | None":
        """By the clock of the place, and of steps that are a part of the day by instants."""
        steps, regular = pace_of(to_local(zone, times) if zone else times)
        if zone and steps is not None and steps.kind == "time" and steps.step < DAY and not steps.open:
            steps, regular = pace_of(times)
        if steps is None:
            return None
        if steps.kind == "number":
            steps = replace(steps, step=number_step(steps.step, float(np.abs(times).max()), sample))
        return cls(steps.kind, steps.step, sample, steps.rule, list(map(list, steps.open)), regular, zone)

    @cached_property
    def steps(self) -> Steps:
        """The arithmetic of it; there is none of the numbers of rows."""
        return Steps(self.kind, self.step, self.rule, tuple(map(tuple, self.open)))

    @property
    def local(self) -> bool:
        """Whether steps are of the clock of the place, and not of instants: days, which may have 23 hours, and what is
        closed at some of its hours.
        """
        return bool(self.zone) and (self.kind == "month" or self.step >= DAY or bool(self.open))

    def after(self, times: np.ndarray, count: np.ndarray | int) -> np.ndarray:
        """The times so many open steps after these, element by element."""
        if self.kind == "number" and self.step < 1 and "%" not in self.sample:
            times = unrounded(times, self.step, len(self.sample.partition(".")[2]))
        if not self.local:
            return self.steps.after(times, count)
        return to_utc(self.zone, self.steps.after(to_local(self.zone, times), count))[0]

    def between(self, times: np.ndarray) -> np.ndarray:
        """How many open steps lie between each of these times and the next."""
        if not self.local:
            return self.steps.between(times)
        absent = self.steps.between(to_local(self.zone, times))
        if self.kind == "time" and self.step < DAY:  # where the clock is put forward steps are not absent
            absent = np.minimum(absent, np.rint(np.diff(times.astype(np.int64)) / self.step).astype(np.int64) - 1)
        return np.maximum(absent, 0)

    def fits(self, times: np.ndarray) -> bool:
        """Whether these times keep to the steps."""
        return fits(self.steps, to_local(self.zone, times) if self.local else times)

    def to_json(self) -> dict:
        """What makes it again."""
        return fields_of(self)

    @property
    def distance(self) -> str:
        """How far apart the rows are, in words: `1 hour`, `1 month at its end`."""
        if self.kind == "month":
            words = {
                "day:31": " at its end",
                "work:first": " on its first work day",
                "work:last": " on its last work day",
            }
            if self.steps.parts > 1:
                return "half a month" if self.steps.parts == 2 else f"1/{self.steps.parts} month"
            return _counted(self.step, "month") + words.get(self.rule, "")
        if self.kind != "time":
            return f"{self.step:.9g}"
        units = {"day": DAY, "hour": DAY // 24, "minute": DAY // 1440}
        fitting = [name for name, size in units.items() if self.step >= size and self.step % (size // 4) == 0]
        return _counted(self.step / units[fitting[0]], fitting[0]) if fitting else _counted(self.step / 10**6, "second")

    @property
    def closed(self) -> str:
        """When it is, in words: `Saturday, Sunday`, `00:00 to 06:00`."""
        mask = np.zeros(round(7 * DAY / self.step), bool)
        for begin, end in self.open:
            mask[begin:end] = True
        a_day = mask.reshape(7, -1) if len(mask) % 7 == 0 else mask[None]
        rest = [day for day, some in zip(WEEKDAYS, np.any(a_day, axis=1).tolist(), strict=False) if not some]
        days = a_day[a_day.any(axis=1)]
        closed = stretches_of(np.logical_not(days.any(axis=0)))
        hours = [f"{_hour(b * self.step)} to {_hour(e * self.step)}" for b, e in closed]
        some = ["some steps of the week"] if (days != days[0]).any() else []
        return ", ".join([*hours, *rest, *some])

    def refuse_others(self, times: np.ndarray | None, sample: str) -> None:
        """Times of another kind than those of training; `sample` is one as it is written."""
        if times is None or self.kind == "row" or (self.zone and times.dtype.kind == "M"):
            return
        named = all(map(zone_name, (sample, self.sample)))  # else times are taken for those of the same clock
        found = kind_of(times.dtype.kind == "M", sample, named)
        expected = kind_of(self.kind in ("time", "month"), self.sample, named)
        if found != expected:
            raise RnncliError(f"{found} in the time column, expected {expected} as in training")

    @property
    def season(self) -> int:
        """Open steps to the same place of the next larger period, see Steps.season."""
        return self.steps.season

    def ahead(self, time: Instant, count: int) -> np.ndarray:
        """The `count` times after this one."""
        return self.after(np.repeat(np.asarray(time), count), np.arange(1, count + 1))

    def features(self, times: np.ndarray, periods: list[str]) -> np.ndarray:
        """Sine and cosine (rows, 2 x periods) of the place in the day, week and year of the step after each row."""
        after, angles = self.after(times, np.ones(len(times), np.int64)), []
        after = to_local(self.zone, after) if self.zone else after
        for name in periods:
            if self.kind == "month":
                place = (
                    after.astype("datetime64[M]").astype(np.int64) % 12 / 12 if name == "year" else np.zeros(len(times))
                )
            else:
                place = (after.astype(np.int64) + MONDAY) % PERIODS[name][0] / PERIODS[name][0]
            angles.append(2 * np.pi * place)
        return np.stack([f(a) for a in angles for f in (np.sin, np.cos)], axis=1).astype(np.float32)

    def periods(self, rows: int) -> list[str]:
        """Those that a step is a small part of, and of which the rows of the training part see two."""
        if self.kind == "month":
            months = self.step / self.steps.parts
            return ["year"] if months < 12 and rows * months >= 24 else []
        if self.kind != "time":
            return []
        return [
            name
            for name, (length, longest) in PERIODS.items()
            if self.step <= longest and rows * self.step >= 2 * length
        ]

    def in_iso(self) -> "Calendar":
        """The same, whose dates are written as ISO 8601 does."""
        if "%" not in self.sample or sample_form(self.sample).kind != "dated":
            return self
        return replace(self, sample=f"%Y-%m-%d %H:%M{sample_form(self.sample).zone}")

    def text(self, time: Instant) -> str:
        """As in the file."""
        if self.kind == "row":
            return str(int(time))
        if not self.zone:
            return write_time(time, self.sample, self.step if self.kind != "month" else 0)
        by = offset_at(self.zone, time)
        found = OFFSET.match(self.sample)
        if not found:
            return write_time(time + by, self.sample, self.step if self.kind != "month" else 0)
        minutes = int(by.astype(np.int64)) // 60_000_000
        colon = ":" * ("Z" in found[2] or ":" in found[2])
        offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"
        return write_time(time, found[1] + offset)

    def parse(self, text: str) -> Instant | None:
        """A time or number as the user writes it, with the offset of the file if it has none; None if it is neither."""
        dated = self.kind in ("time", "month")
        if self.kind == "row" or not (self.zone and dated):
            return None if self.kind == "row" else read_time(text, self.sample, dated)
        time = read_time(text, OFFSET.sub(r"\1", self.sample), dated)
        return time if time is None or OFFSET.match(text) else to_utc(self.zone, np.asarray(time))[0][()]


def usual_of(clocks: list, times: np.ndarray | None, sample: str = "", zone: str = "") -> Calendar:
    """That of most series; of several, the one that the first of them has."""
    found = Counter(clock.steps for clock in clocks if clock is not None)
    if found:
        steps = found.most_common(1)[0][0]
        alike = [clock for clock in clocks if clock is not None and clock.steps == steps]
        return replace(alike[0], regular=any(clock.regular for clock in alike))
    if times is None or len(times) < 2:
        return Calendar()
    if times.dtype.kind == "M":
        return Calendar("time", float(DAY), sample, zone=zone)
    return Calendar("number", 1.0, sample)


def _counted(count: float, name: str) -> str:
    return f"{count:.9g} {name}" + "s" * (count != 1)


def _hour(micro: float) -> str:
    return f"{int(micro) * 24 // DAY:02d}:{int(micro) * 1440 // DAY % 60:02d}"


def periods_of(clocks: list[Calendar], rows: np.ndarray) -> list[str]:
    """Those of any series, that has so many rows."""
    longest: dict[Steps, tuple] = {}
    for clock, count in zip(clocks, rows.tolist(), strict=True):
        if count > longest.get(clock.steps, (0, None))[0]:
            longest[clock.steps] = count, clock
    found = {name for count, clock in longest.values() for name in clock.periods(count)}
    return [name for name in PERIODS if name in found]
