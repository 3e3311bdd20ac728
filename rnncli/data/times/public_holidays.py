"""Public holidays of a country, by the library `holidays`: 1 in the steps of such a day, where the clock of the series
shows it, 0 in all others. What the steps after the end of a series are follows from its clock.
"""

from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.times.calendar import Calendar
from rnncli.data.times.stamps import offset_of
from rnncli.data.times.steps import DAY
from rnncli.data.times.zones import to_local
from rnncli.errors import RnncliError, UsageError, note
from rnncli.process.temporary import in_blocks

CLOSE = 5  # names in a message


def column_name(country: str) -> str:
    """That of the column of 0 and 1."""
    return f"holiday {country}"


def refuse_unknown(country: str) -> None:
    """UsageError for a country, or a region of one, that the library has not, and where there is no library."""
    library = _library(country)
    countries, (code, _, region) = library.list_supported_countries(), country.partition("-")
    if code not in countries:
        names = {name.replace("_", " "): codes[1] for name, codes in library.registry.COUNTRIES.items()}
        close = [names[name] for name in get_close_matches(country.lower(), names, CLOSE)]
        close += get_close_matches(country.upper(), countries, CLOSE)
        said = f": did you mean {', '.join(dict.fromkeys(close))}?" if close else ""
        raise UsageError(f"--holidays {country}: no such country, expected a code such as FR or US-CA{said}")
    regions = countries[code]
    if region and region not in regions:
        there = f"expected one of {', '.join(regions)}" if regions else f"expected {code} alone"
        raise UsageError(f"--holidays {country}: no region {region} of {code}, {there}")


def refuse_times(columns: Columns, country: str) -> None:
    """UsageError for series without dates, and for steps that are longer than a day."""
    if columns.times is None or columns.times.dtype.kind != "M":
        raise UsageError(f"--holidays {country} needs a column of dates: --time names it")
    for clock in columns.clocks or ():
        if clock.kind == "month" or clock.kind == "time" and clock.step > DAY:
            raise UsageError(f"--holidays {country} and steps of {clock.distance} cannot be combined: a step has many")


def with_holidays(columns: Columns, country: str) -> Columns:
    """The same columns, with that of the holidays behind the numbers, unless it is there."""
    name = column_name(country)
    if name in columns.number_names:
        return columns
    if columns.times is None or columns.times.dtype.kind != "M":
        raise RnncliError("no column of dates, expected one as in training: the model uses holidays")
    if columns.other_offset and not columns.zone:
        raise RnncliError(
            f"{columns.other_offset}: another offset from UTC than in the rows before, expected one: "
            f"{of_a_place(country)}"
        )
    at, years = columns.times, set[int]()

    def flagged(begin: int, end: int) -> np.ndarray:
        local = local_times(columns, at[begin:end])
        years.update(_years(local))
        return are_holidays(country, local)

    flags = in_blocks(len(at), flagged)
    _say_empty(country, years)
    numbers = in_blocks(len(flags), lambda a, b: np.concatenate([columns.numbers[a:b], flags[a:b, None]], axis=1))
    return replace(columns, numbers=numbers, number_names=[*columns.number_names, name])


def of_a_place(country: str) -> str:
    """Why the offset matters, and what helps."""
    return (
        f"the days of holidays ({country}) are those of a place: name it in training with --zone, such as Europe/Berlin"
    )


def after_the_end(columns: Columns, country: str, clocks: list[Calendar], count: int) -> np.ndarray:
    """(series, count) whether the steps after each series are on holidays."""
    ends = zip(clocks, columns.offsets[1:].tolist(), strict=True)
    times = np.concatenate([clock.ahead(columns.times[end - 1], count) for clock, end in ends])
    local = local_times(columns, times)
    _say_empty(country, set(_years(local)) - set(_years(local_times(columns, columns.times[columns.offsets[1:] - 1]))))
    return are_holidays(country, local).reshape(len(columns), count)


def refuse_none(columns: Columns, country: str, training: np.ndarray) -> None:
    """UsageError where no row (rows,) of training is on a holiday, from which nothing can be learnt."""
    if not columns.numbers[training, columns.number_names.index(column_name(country))].any():
        raise UsageError(
            f"--holidays {country}: no row of the training part is on a holiday, expected some to learn from: "
            "leave it out, or train on more rows"
        )


def local_times(columns: Columns, times: np.ndarray) -> np.ndarray:
    """What the clock of the series shows at these times of it."""
    if columns.zone:
        return to_local(columns.zone, times)
    by = offset_of(columns.time_sample)
    return times if by is None else times + by


def are_holidays(country: str, times: np.ndarray) -> np.ndarray:
    """1 where a local time is on a holiday, else 0."""
    days = times.astype("datetime64[D]")
    return np.isin(days, np.concatenate([_of_year(country, year) for year in _years(days)])).astype(np.float64)


def _years(times: np.ndarray) -> list[int]:
    return (np.unique(times.astype("datetime64[Y]")).astype(np.int64) + 1970).tolist()


def _say_empty(country: str, years: set[int]) -> None:
    """A note of the years that have no day in the library, which are those that it does not know."""
    empty = sorted(year for year in years if not len(_of_year(country, year)))
    if empty:
        spans = f"{empty[0]}" if len(empty) == 1 else f"{empty[0]} to {empty[-1]}"
        spans = spans if len(empty) == empty[-1] - empty[0] + 1 else ", ".join(map(str, empty))
        note(f"--holidays {country}: the library has no holidays in {spans}: their days are read as none")


@cache
def _of_year(country: str, year: int) -> np.ndarray:
    """The days (n,) of a year."""
    code, _, region = country.partition("-")
    found = _library(country).country_holidays(code, subdiv=region or None, years=year)
    return np.array(sorted(day for day in found if day.year == year), "datetime64[D]")


def _library(country: str) -> Any:
    try:
        import holidays
    except ImportError:
        raise UsageError(
            f"--holidays {country} needs the library holidays: run pip install 'rnncli[holidays]'"
        ) from None
    return holidays
