"""Times that repeat or wrap: several series in one file, and clocks that pass midnight."""

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.stamp_forms import form_of, parse_times
from rnncli.data.times.stamp_writing import write_time
from rnncli.data.times.stamps import DAY, form
from rnncli.errors import RnncliError, note
from rnncli.process.spool import take
from rnncli.readers.sniff import is_any_number

MOST = 12  # columns that are tried
SELDOM = 0.05  # times fall, per time that they grow, where that is no other order
MANY = 0.1  # of the rows repeat a time, where another column tells series apart
CLOSED = "--time none in training leaves rows in the order of the file"


def over_midnight(table: Any, times: np.ndarray, sample: str, groups: np.ndarray | None) -> np.ndarray:
    """Times of the day (rows,) go on over midnight, in the order of the file and of each group: where the clock goes
    back by more than half a day it is the next day. Anything else is refused.
    """
    if form(sample).kind != "clock":
        return times
    order = np.arange(len(times)) if groups is None else np.argsort(groups, kind="stable")
    inside = np.ones(max(0, len(times) - 1), bool) if groups is None else np.diff(groups[order]) == 0
    change = np.diff(times[order])
    back = inside & (change < 0)
    if not back.any():
        return times
    slow = back & (change > -DAY / 2)
    if slow.sum() == back.sum() and not _repeat(times, groups):
        return times  # all of one day: rows are sorted
    name, others = table.roles.time, dates_beside(table)
    if others or slow.any():
        row, after = order[int(np.argmax(back if others else slow)) :][:2].tolist()
        wrong = f"{write_time(times[after], sample)} after {write_time(times[row], sample)}"
        expected = f"which has no date: --time {others},{name} joins it with column {others}"
        if not others:
            clock = "a clock that goes on, at most half a day at once"
            expected = f"expected {clock}: --time DATE,{name} joins it with a column of dates; {CLOSED}"
        raise RnncliError(f"{table.place_of(after)}: {wrong} in the time column {name}, {expected}")
    days = np.concatenate([[0], np.cumsum(back)])
    starts = np.flatnonzero(np.concatenate([[True], ~inside]))
    days -= np.repeat(days[starts], np.diff(np.append(starts, len(days))))
    count = int(back.sum())
    note(f"{name}: times of the day pass midnight ({count:,} time{'s' * (count > 1)}): the next day begins there")
    found = np.empty_like(times)
    found[order] = times[order] + days * float(DAY)
    return found


def say_odd_times(table: Any, times: np.ndarray, sample: str, offsets: np.ndarray, groups: np.ndarray | None) -> None:
    """What of the times (rows,) is not as expected: they repeat, or fall in the file; refused or said."""
    if table.learns == "series":
        refuse_repeats(table, times, sample, offsets)
        if table.order is not None:
            _say_falls(table, times, sample, groups)
    elif table.trains and table.group_names:
        _say_repeats(table, times, sample, offsets)


def _say_falls(table: Any, times: np.ndarray, sample: str, groups: np.ndarray | None) -> None:
    """Numbers that grow and seldom fall may be a counter that wraps, or starts anew; their rows are sorted."""
    if times.dtype.kind == "M" or sample and form(sample).kind != "number":
        return
    order = np.arange(len(times)) if groups is None else np.argsort(groups, kind="stable")
    change = np.diff(times[order])
    change[np.zeros(len(change), bool) if groups is None else np.diff(groups[order]) != 0] = 0
    falls, count = change < 0, int((change < 0).sum())
    if 0 < count <= SELDOM * (change > 0).sum():
        row, after = order[int(np.argmax(falls)) :][:2].tolist()
        found = f"{write_time(times[after], sample)} after {write_time(times[row], sample)}"
        note(
            f"{table.place_of(after)}: {found} in the time column {table.roles.time}: rows are sorted by it; "
            "--time none in training leaves them in the order of the file"
        )


def _repeat(times: np.ndarray, groups: np.ndarray | None) -> bool:
    order = np.argsort(times, kind="stable") if groups is None else np.lexsort((times, groups))
    same = times[order][1:] == times[order][:-1]
    return bool((same if groups is None else same & (np.diff(groups[order]) == 0)).any())


def dates_beside(table: Any) -> str | None:
    """A column of dates beside the time of the day."""
    texts = _texts(table)
    for name in () if texts is None else texts.columns:
        first = texts[name].drop_nulls().head(1)
        if name in (*table.time_names, *table.roles.targets) or not len(first):
            continue
        text = first[0].strip()
        if is_any_number(text) and not (text.isdecimal() and len(text) == 8):
            continue
        found = text if not text.isdecimal() and parse_times(first.str.strip_chars())[1] else ""
        found = found or next(filter(None, (form_of(text, order) for order in ("", "dmy", "mdy"))), "")
        if found and form(found).kind == "dated":
            return name
    return None


def refuse_repeats(table: Any, times: np.ndarray, sample: str, offsets: np.ndarray) -> None:
    """Where many rows of a series are of one time, a column that tells series apart is missing. Few may be the hour
    that comes twice, and those that are alike are one: that is for data/times/clock.py.
    """
    ordered = take(times, table.order)
    same = _same(ordered, offsets)
    if same.sum() < MANY * len(times) or (found := telling_apart(table)) is None:
        return
    at = int(np.argmax(same))
    first, second = (at, at + 1) if table.order is None else sorted(table.order[at : at + 2].tolist())
    group = f" of group {table.keys[int(np.searchsorted(offsets, at, 'right')) - 1]}" if table.keys else ""
    before = f"{'row' if table.source.typed else 'line'} {table.source.line_of(first)}"
    advice = f"--group {','.join((*table.group_names, *found))} tells the series apart"
    nothing = f"no other column tells them apart: remove the repeated rows; {CLOSED}"
    raise RnncliError(
        f"{table.place_of(second)}: time {write_time(ordered[at], sample)}{group} again, as in {before}; "
        f"{_counted(int(same.sum()))} a time: {advice if found else nothing}"
    )


def _say_repeats(table: Any, times: np.ndarray, sample: str, offsets: np.ndarray) -> None:
    """Where many rows of a sequence with an answer are of one time, several of them may be in one group."""
    ordered = take(times, table.order)
    same = _same(ordered, offsets)
    if same.sum() < MANY * len(times):
        return
    at = int(np.argmax(same))
    group = table.keys[int(np.searchsorted(offsets, at, "right")) - 1]
    note(
        f"{table.place_of(at + 1 if table.order is None else int(table.order[at + 1]))}: time "
        f"{write_time(ordered[at], sample)} of group {group} again, {_counted(int(same.sum()))} a time: if these are "
        f"several sequences, --group {','.join(table.group_names)},COLUMN tells them apart"
    )


def _same(ordered: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(rows - 1,) where two rows of a sequence are of one time."""
    same = ordered[1:] == ordered[:-1]
    same[offsets[1:-1] - 1] = False
    return same


def _counted(rows: int) -> str:
    return f"{rows:,} rows repeat" if rows > 1 else "1 row repeats"


def telling_apart(table: Any) -> tuple[str, ...] | None:
    """The columns with which no time repeats in the first rows; () if there are none, None if rows are only alike."""
    texts = _texts(table)
    taken = (*table.time_names, *table.group_names)
    texts = None if texts is None else texts.unique(maintain_order=True)
    if texts is None or not texts.select(taken).is_duplicated().any():
        return None
    return next(columns_apart(texts, taken, [name for name in texts.columns if name not in table.roles.targets], 2), ())


def columns_apart(
    rows: "pl.DataFrame", taken: tuple[str, ...], free: Collection[str], most: int
) -> Iterator[tuple[str, ...]]:
    """Of the `free` columns, those with which what is `taken` stands once in these distinct rows: one of few values, or
    `most` together; that of the fewest values first.
    """
    kinds = {name: rows[name].n_unique() for name in free if name not in taken and rows[name].null_count() == 0}
    few = [name for name, count in sorted(kinds.items(), key=lambda kind: kind[1]) if 1 < count <= len(rows) // 2]
    for size in range(1, most + 1):
        for names in combinations(few[:MOST], size):
            if not rows.select((*taken, *names)).is_duplicated().any():
                yield names


def _texts(table):
    """All columns of the first rows as texts; None of a stream."""
    if table.reopened is None:
        return None
    source = table.reopened()
    frame = next(iter(source.frames(lambda _, columns: dict.fromkeys(range(len(columns)), pl.String))))
    return frame.rename(dict(zip(frame.columns, source.columns, strict=True)))
