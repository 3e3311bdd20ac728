"""Dates in several columns of a table: a year beside months, weeks or days, a date beside a time of the day."""

import re
from collections.abc import Sequence

from rnncli.data.times.stamp_forms import all_dated, dated_in_some_order
from rnncli.errors import UsageError
from rnncli.readers.joining import DAY_OF_YEAR, is_day_of_year, joined_times
from rnncli.readers.times.table_head import Head, TimeColumn
from rnncli.readers.times.time_signs import (
    LEAST,
    as_numbers,
    is_of_year,
)

#: what is told beside a date in columns of their own, and beside a year that has no month
PART = re.compile(
    r"time|month|mnth|day|hour|minute|second|quarter|week|(mo|hr|min|sec)s?[\W\d_]*((of|utc|gmt|local|num|no|nr)\b.*)?$"
    rf"|({DAY_OF_YEAR})\W*$",
    re.IGNORECASE,
)
#: parts of a date and a time of day in columns of their own, the largest first: year, month and day at least
PARTS = (
    "year|yr|yyyy|yy|jahr|année|annee|año|ano|anno",
    "month|mnth|mon|mo|mm|monat|mois|mes|mês|mese",
    "day|dd|dy|mday|tag|jour|día|dia|giorno",
    "hour|hr|hh|stunde|heure|hora|ora",
    "minute|min|mn|mm|minuto",
    "second|sec|sekunde|seconde|segundo",
)


def columns_of_date(head: Head) -> tuple[str, ...]:
    """The columns of a year that does not fall, and of what there is of month, day, hour, minute and second, or of a
    week, a quarter or the like; () if there is no such year, or nothing beside it.
    """
    names = _parts(head.free)
    if not names or len(head.rows) < LEAST:
        return ()
    years = as_numbers(head[names[0]])
    if years.null_count() or not years.is_between(0, 2999).all() or (years.diff().drop_nulls() < 0).any():
        return ()
    if len(names) == 1:
        again = head.repeats(*names)  # else the year says it all
        parts = [n for n in head.free if _is_part(head, names[0], n, again) or (again and is_of_year(head[n]))]
        names += [name for name in parts if name not in names][:1]
        if is_day_of_year(names[-1]) and head.repeats(*names):
            names = _parts(head.free, names, PARTS[3:])
    return tuple(names) if len(names) > 1 else ()


def _parts(free: list[str], names: Sequence[str] = (), parts: Sequence[str] = PARTS) -> list[str]:
    """`names`, and the columns called as a year and the `parts` of a date, one each; of several that behind the one
    before, as in YY MM DD hh mm. Without MM for months mm are millimetres.
    """
    names = [*names]
    for part in parts:
        found = [one for one in free if re.fullmatch(part, one.strip(" #"), re.IGNORECASE) and one not in names]
        if len(names) > 1 and names[1].strip() != "MM":
            found = [one for one in found if one.strip() != "mm"]
        if len(found) > 1 and names:
            found = [one for one in found if free.index(one) == free.index(names[-1]) + 1]
        if len(found) != 1:
            break
        names += found
    return names


def _is_part(head: Head, year: str, name: str, again: bool) -> bool:
    """Whether a column is called a part of a date; with more behind that (minutes_played) only if dates show it, and
    the year comes `again`.
    """
    found = PART.match(name.strip())
    if not found or re.fullmatch(r"s?[\W\d_]*", name.strip()[found.end() :]):
        return bool(found)
    if not again:
        return False
    times = joined_times([head[year], head[name]], (year, name))
    return not times.null_count() and all_dated(times)


def of_date(head: Head, names: tuple[str, ...], path: str) -> TimeColumn:
    """These columns as the times; UsageError if they are no dates, or come again for no reason."""
    name, times = ",".join(names), joined_times([head[one] for one in names], names)
    others = "--time none takes them for numbers, and rows in the order of the file"
    if times.null_count() or not all_dated(times):
        wrong = next((i for i, time in enumerate(times) if time is None or not all_dated(times[i : i + 1])), 0)
        found = f"row {wrong + 1} has {times[wrong]!r}, which is none"
        raise UsageError(
            f"{path}: columns {name} have the names of a date, but {found}: --time COLUMN names the times, {others}"
        )
    if not head.repeats(*names):
        return TimeColumn(name, str(times[0]))
    beside = head.beside(*names)
    if not beside:
        again = times.filter(head.rows.select(*head.keys, *names).is_duplicated())[0]
        zone = f"where clocks were set back, --time {name} --zone PLACE tells them apart"
        advice = zone if len(names) > 3 else "--group COLUMN tells series apart"
        raise UsageError(f"{path}: times of columns {name} come again, as {again}: {advice}; {others}")
    return TimeColumn(name, str(times[0]), True, beside)


def with_time_of_day(head: Head, name: str, parts: list[str]) -> TimeColumn | None:
    """A date, or a clock of numbers, with its time of day: as many columns as tell the rows of a series apart."""
    for count in range(1, len(parts) + 1):
        names = [name, *parts[:count]]
        if not head.repeats(*names):
            times = joined_times([head[one] for one in names], tuple(names))
            dated = dated_in_some_order(times) and not any("," in one for one in names)
            return TimeColumn(",".join(names), times[0]) if dated else None
    return None
