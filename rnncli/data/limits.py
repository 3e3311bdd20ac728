"""What --from and --until name: a row of the file, the last rows of each series, or a time."""

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.times.calendar import Calendar
from rnncli.errors import UsageError, note
from rnncli.process.temporary import places, sums_before

TIME = "time:"  # before a value of the time column that might be the number of a row


def stops_of(columns: Columns, calendar: Calendar, text: str | None, option: str) -> np.ndarray:
    """Where the rows before `text` end in each series.

    It is the number of a row in its series, counted from 0, steps put in not counted; -N for the first of its last N
    rows; or a time, as a whole number is that no series has a row for, if it lies among the times.
    """
    begin, end = columns.offsets[:-1], columns.offsets[1:]
    if text is None:
        return end.copy()
    rows = int(columns.row_numbers.max(initial=-1)) + 1
    whole, negative = text.isascii() and text.isdecimal(), text[:1] == "-" and text[1:].isdecimal() and text.isascii()
    if negative and int(text):
        return _before_last(columns, -int(text))
    time = calendar.parse(text.removeprefix(TIME)) if columns.times is not None else None
    if whole and int(text) <= rows:
        stops = _before_row(columns, int(text))
        if time is not None and _among(columns, time) and (stops != _before_time(columns, time)).any():
            note(
                f"{option} {text}: read as the number of a row, counted from 0, but it is a time too: "
                f"{option} {TIME}{text} means the time"
            )
        return stops
    if time is None or (whole and not _among(columns, time)):
        what = "number of a row" if not whole else f"number of one of the {rows:,} rows, counted from 0"
        raise UsageError(f"{option} {text}: expected the {what}, or a value of the --time column")
    if option == "--from":
        _refuse_beyond(columns, calendar, time, text)
    return np.clip(_before_time(columns, time), begin, end)


def _counted(there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of these rows are before each row and the end (rows + 1,), and the place of each of them and the end."""
    return sums_before(len(there), lambda a, b: there[a:b].astype(np.int64)), places(np.append(there, True))


def _before_row(columns: Columns, number: int) -> np.ndarray:
    """Of each series, the place of the first row that has this number or a greater one."""
    counted, places_of = _counted(columns.row_numbers >= number)
    return np.minimum(places_of[counted[columns.offsets[:-1]]], columns.offsets[1:])


def _before_last(columns: Columns, count: int) -> np.ndarray:
    """Of each series, the place of the first of its last `count` rows."""
    counted, places_of = _counted(columns.row_numbers >= 0)
    first, end = counted[columns.offsets[:-1]], counted[columns.offsets[1:]]
    return places_of[np.maximum(first, end - count)]


def _before_time(columns: Columns, time) -> np.ndarray:
    begin, end = columns.offsets[:-1], columns.offsets[1:]
    before, _ = _counted(columns.times < time)
    return begin + before[end] - before[begin]


def _among(columns: Columns, time) -> bool:
    return bool(columns.times.min() <= time <= columns.times.max())


def _refuse_beyond(columns: Columns, calendar: Calendar, time, text: str) -> None:
    """Behind the step after the last row of all series nothing is known."""
    last = columns.times[columns.offsets[1:] - 1]
    clocks = columns.clocks or [calendar] * len(columns)
    if all(time > clock.ahead(at, 1)[0] for clock, at in zip(clocks, last, strict=True)):
        raise UsageError(
            f"--from {text}: the last row is at {calendar.text(last.max())}, expected at most one step after it"
        )
