"""The time of the rows: how far apart they are, what comes next, and where in the day, the week and the year a row is.

Times are numbers, dates (datetime64[us]), or, without a time column, the numbers of the rows. Months and years are
steps of their own, since they are not equally long.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.data.stamps import kind_of, read_time, write_time
from rnncli.errors import RnncliError

DAY = np.timedelta64(1, "D").astype("timedelta64[us]").astype(np.int64)
#: period -> its length in microseconds, and the longest step that it has a meaning for
PERIODS = {"day": (DAY, DAY // 3), "week": (7 * DAY, DAY), "year": (int(365.2425 * DAY), 100 * DAY)}


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
        return str(int(time)) if self.kind == "row" else write_time(time, self.sample)

    def parse(self, text: str):
        """A time or number as the user writes it, with the offset of the file if it has none; None if it is neither."""
        return None if self.kind == "row" else read_time(text, self.sample, self.kind in ("time", "month"))
