"""The time of the rows: how far apart they are, what comes next, and where in the day, the week and the year a row is.

Times are numbers, dates (datetime64[us]), or, without a time column, the numbers of the rows. Months and years are
steps of their own, since they are not equally long.
"""

import re
from dataclasses import dataclass

import numpy as np

from rnncli.errors import RnncliError

DAY = np.timedelta64(1, "D").astype("timedelta64[us]").astype(np.int64)
#: period -> its length in microseconds, and the longest step that it has a meaning for
PERIODS = {"day": (DAY, DAY // 3), "week": (7 * DAY, DAY), "year": (int(365.2425 * DAY), 100 * DAY)}


#: 2024-01-31 12:00:00.5+02:00 as ISO 8601 and its usual variants have it, and less of it
ISO = (
    r"^\d{4}(?:[-/.]\d\d(?:[-/.]\d\d(?:[T ]\d\d(?::?\d\d(?::?\d\d(?P<fraction>[.,]\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?|Z)?)?)?$"
)
REST = {4: "-01-01", 7: "-01", 13: ":00"}  # what a time of so many characters lacks to be parsed: 2024, 2024-01, hours
MIDNIGHT = "1970-01-01 "


def parse_times(texts, sample: str = ""):
    """Microseconds (rows,) since 1970, null where a text is no time; of one with an offset, by UTC.

    With a sample, null too at the first text that has an offset where the sample has none, or the other way round.
    All of the form of the first are parsed at once, then those of the form of the first that is left.
    """
    import polars as pl

    left = texts.set(~texts.str.contains(ISO).fill_null(False), None)
    when = pl.repeat(None, len(left), dtype=pl.Int64, eager=True)
    while left.null_count() < len(left):
        first = left.is_not_null().arg_max()
        found = _parse_form(left, left[first])
        other = sample and has_offset(left[first]) != has_offset(sample)
        if other or found[first] is None:  # the 30th of February
            return when
        when = when.zip_with(when.is_not_null(), found)
        left = left.set(found.is_not_null(), None)
    return when


def _parse_form(texts, sample: str):
    """Microseconds of those that are written as the sample is, else null."""
    import polars as pl

    found, rest = re.match(ISO, sample), REST.get(len(sample), "").replace("-", sample[4:5] or "-")
    fraction, zone = found["fraction"] or "", found["zone"] or ""
    parts = iter(("%Y", "%m", "%d", "%H", "%M", "%S"))
    form = re.sub(r"^\d{4}|\d\d", lambda _: next(parts), sample.removesuffix(fraction + zone) + rest)
    form += "%.f" * bool(fraction) + (zone if zone in ("", "Z") else "%#z")
    if fraction.startswith(","):
        texts = texts.str.replace(",", ".", literal=True)
    return (texts + rest if rest else texts).str.to_datetime(form, time_unit="us", strict=False).cast(pl.Int64)


def is_clock(sample: str) -> bool:
    """Whether times are of the day alone: they stay numbers, microseconds from midnight on."""
    return sample[2:3] == ":"


def offset_of(text: str) -> np.timedelta64 | None:
    """How far the clock of a time is before UTC, if it says so."""
    found = re.match(ISO, text)
    zone = found and found["zone"]
    if not zone:
        return None
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:]) if zone != "Z" else 0
    return np.timedelta64(-minutes if zone[0] == "-" else minutes, "m")


def has_offset(text: str) -> bool:
    """Whether a time is an instant, and not what a clock somewhere shows."""
    return offset_of(text) is not None


def kind_of(dated: bool, sample: str) -> str:
    """What a column of times holds; those of different kinds cannot be compared."""
    if not dated:
        return "numbers"
    return f"dates and times {'with' if has_offset(sample) else 'without'} an offset"


@dataclass
class Calendar:
    """`kind` is row, number, time or month; `step` rows are apart: a number, microseconds, or months."""

    kind: str = "row"
    step: float = 1.0
    sample: str = ""  # how a time is written

    @classmethod
    def of(cls, times: np.ndarray | None, offsets: np.ndarray, sample: str = "") -> "Calendar":
        """From the times of the rows: their usual distance."""
        if times is None or len(times) < 2:
            return cls()
        inner = np.ones(len(times) - 1, bool)
        inner[offsets[1:-1] - 1] = False
        if times.dtype.kind != "M":
            apart = np.diff(times)[inner]
            return cls("number", float(f"{np.median(apart):.9g}") if len(apart) else 1.0, sample)
        apart = np.diff(times).astype(np.int64)[inner]
        usual = float(np.median(apart)) if len(apart) else float(DAY)
        if usual >= 28 * DAY:
            return cls("month", max(1.0, round(usual / DAY / 30.44)), sample)
        return cls("time", max(usual, 1.0), sample)

    def refuse_others(self, times: np.ndarray | None, sample: str) -> None:
        """Times of another kind than those of training; `sample` is one as it is written."""
        if times is None or self.kind == "row":
            return
        found, expected = kind_of(times.dtype.kind == "M", sample), kind_of(self.kind in ("time", "month"), self.sample)
        if found != expected:
            raise RnncliError(f"{found} in the time column, expected {expected} as in training")

    @property
    def season(self) -> int:
        """Rows to the same place of the next larger period: 24 for hours, 7 for days, 12 for months; 1 if unknown."""
        if self.kind == "month":
            return max(1, round(12 / self.step))
        if self.kind != "time":
            return 1
        if self.step >= 6 * DAY:
            return max(1, round(365.25 * DAY / self.step))
        return max(1, round(7 * DAY / self.step if self.step >= DAY else DAY / self.step))

    def ahead(self, time, count: int) -> np.ndarray:
        """The `count` times after this one."""
        k = np.arange(1, count + 1)
        if self.kind == "month":
            month = time.astype("datetime64[M]")
            return (month + k * int(self.step)).astype("datetime64[us]") + (time - month)
        if self.kind == "time":
            return time + (k * int(self.step)).astype("timedelta64[us]")
        return time + k * self.step

    def features(self, times: np.ndarray, periods: list[str]) -> np.ndarray:
        """Sine and cosine (rows, 2 x periods) of the place in the day, week and year of the step after each row."""
        if self.kind == "month":
            angles = [2 * np.pi * ((times.astype("datetime64[M]").astype(np.int64) + self.step) % 12) / 12]
        else:
            after = times.astype(np.int64) + int(self.step) + 3 * DAY  # 1970-01-01 was a Thursday
            angles = [2 * np.pi * (after % PERIODS[name][0]) / PERIODS[name][0] for name in periods]
        return np.stack([f(a) for a in angles for f in (np.sin, np.cos)], axis=1).astype(np.float32)

    def periods(self, rows: int) -> list[str]:
        """Those that a step is a small part of, and of which the rows of the training part see two."""
        if self.kind == "month":
            return ["year"] if self.step < 12 and rows * self.step >= 24 else []
        if self.kind != "time":
            return []
        return [
            name
            for name, (length, longest) in PERIODS.items()
            if self.step <= longest and rows * self.step >= 2 * length
        ]

    def text(self, time) -> str:
        """As in the file."""
        if self.kind == "row":
            return str(int(time))
        clock = is_clock(self.sample)
        if self.kind == "number" and not clock:
            return f"{float(time):.10g}"
        zone, offset = "", offset_of(self.sample)
        if offset is not None:
            zone, time = re.match(ISO, self.sample)["zone"], time + offset
        written = np.datetime_as_string(np.datetime64(int(time), "us") if clock else time, "us")
        digits = iter(written.translate(str.maketrans("", "", "-T:."))[8 * clock :])
        body = self.sample.removesuffix(zone)
        return "".join(next(digits, "0") if c.isdigit() else c for c in body) + zone or written

    def parse(self, text: str):
        """A time or number as the user writes it, with the offset of the file if it has none; None if it is neither."""
        clock = is_clock(self.sample)
        if self.kind not in ("time", "month") and not clock:
            return _number(text) if self.kind == "number" else None
        import polars as pl

        when = parse_times(pl.Series([MIDNIGHT * clock + text]))[0]
        if when is None or clock:
            return when
        offset = offset_of(self.sample) if offset_of(text) is None else None
        return np.datetime64(when, "us") - (np.timedelta64(0, "m") if offset is None else offset)


def _number(text: str) -> float | None:
    try:
        return float(text) if np.isfinite(float(text)) else None
    except ValueError:
        return None
