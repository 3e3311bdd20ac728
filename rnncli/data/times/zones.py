"""Places: the clock there against UTC, with its changes of summer time, by the database of time zones."""

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.times.stamps import has_offset
from rnncli.errors import RnncliError, UsageError

FIRST, LAST = 1900, 2100  # years that changes are looked for in
APART = timedelta(days=7)  # of two changes, at least
SECOND = timedelta(seconds=1)
DAY = np.timedelta64(1, "D")


@lru_cache
def changes_of(place: str) -> tuple[np.ndarray, np.ndarray]:
    """The instants (n,) from which an offset holds, the first of them for ever before, and the offsets (n,)."""
    try:
        zone = ZoneInfo(place)
    except (OSError, ValueError, LookupError):
        raise UsageError(f"--zone {place}: unknown place, expected a name such as Europe/Paris") from None

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset()

    at = datetime(FIRST, 1, 1, tzinfo=UTC)
    found = [(at, offset(at))]
    while at.year < LAST:
        after = at + APART
        if offset(after) != found[-1][1]:
            seconds, old = range(APART // SECOND), found[-1][1]
            change = at + bisect_left(seconds, True, key=lambda after: offset(at + after * SECOND) != old) * SECOND
            found.append((change, offset(change)))
        at = after
    when = np.array([at.replace(tzinfo=None) for at, _ in found], "datetime64[us]")
    return when, np.array([by for _, by in found], "timedelta64[us]")


def offset_at(place: str, times: np.ndarray) -> np.ndarray:
    """How far the clock of the place is before UTC at these instants."""
    when, by = changes_of(place)
    return by[np.maximum(np.searchsorted(when, times, "right") - 1, 0)]


def to_local(place: str, times: np.ndarray) -> np.ndarray:
    """What the clock of the place shows at these instants."""
    return times + offset_at(place, times)


def to_utc(place: str, local: np.ndarray, later: np.ndarray | bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The instants at which the clock of the place shows this, and whether it ever does; where it shows it twice, the
    first, or where `later`, the second; where never, as before the change.
    """
    before, after = (offset_at(place, local + by) for by in (-DAY, DAY))
    one, other = local - before, local - after
    first, second = offset_at(place, one) == before, offset_at(place, other) == after
    late = second & (~first | later)
    return np.where(late, other, one), first | second


def to_instants(columns: Columns, place: str, name: str, last: dict, in_order: bool = True) -> Columns:
    """Local times as instants. In an hour that comes twice, a row is of the second if it repeats the time before it, or
    if the `last` instant of its series so far, by key, says so; rows of a stream are not `in_order` of time.
    """
    place = place or columns.zone
    naive = not has_offset(columns.time_sample)
    if not place or columns.times is None or (columns.zone and naive):
        return columns
    if columns.times.dtype.kind != "M":
        raise UsageError(f"--zone {place} and a time column of numbers cannot be combined: it is for dates and times")
    if not naive:
        return replace(columns, zone=place)
    local = columns.times
    times, there = to_utc(place, local)
    if not there.all():
        at = str(local[np.argmin(there)]).replace("T", " ")[:19]
        raise RnncliError(f"{name}: {at} in the time column does not exist in {place}: clocks go forward then")
    twice = to_utc(place, local, True)[0]
    for i in np.unique(np.searchsorted(columns.offsets, np.flatnonzero(twice > times), "right") - 1).tolist():
        begin, end = columns.offsets[i : i + 2].tolist()
        before = last.get(columns.names[i])
        for row in range(begin, end):
            again = local[row] == local[row - 1] if in_order and row > begin else before is not None
            if again and (in_order and row > begin or times[row] <= before):
                times[row] = twice[row]
            before = times[row]
    if not in_order:
        return replace(columns, times=times, zone=place)
    order = np.lexsort((times, np.repeat(np.arange(len(columns)), columns.lengths)))
    numbering = columns.numbering
    return columns.taken(order, columns.lengths, times=times[order], numbering=numbering, zone=place)
