"""The clock of each series: steps that are absent are put in, as if their rows were there and empty.

Rows that are put in are marked by -1 in `Columns.numbering`, which else has the number of the row in its series. They
are never printed, scored or evaluated.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.ranges import Ranges
from rnncli.data.times.calendar import Calendar, usual_of
from rnncli.data.times.pace import ABSENT
from rnncli.data.times.zones import to_instants
from rnncli.errors import RnncliError, note
from rnncli.process.temporary import blocks, in_blocks, places, sums_before, zeros

LEAST = 3  # rows of a series that show another pace than that of training
MOST = 1 << 24  # rows that are put in


def as_trained(columns: Columns, clock: Calendar, name: str, last: dict) -> Columns:
    """With times as those of training, whose clock is given: no dates where it had none, instants where they are of a
    place; see `to_instants` for `last`.
    """
    if clock.kind == "row" and columns.times is not None and columns.times.dtype.kind == "M":
        note(f"{name}: the dates are not used: the model was trained without")
        columns = replace(columns, times=None, clocks=None, time_sample="")
    return to_instants(columns, clock.zone, name, last)


def clocks_to_learn(columns: Columns, stops: np.ndarray, regular: bool) -> list[Calendar]:
    """Of each series, as its file says, else from its rows before its stop; of one without two of them, the usual
    one.
    """
    found = columns.clocks or Calendar.of_each(columns.times, columns.offsets, stops, columns.time_sample, columns.zone)
    usual = usual_of(found, columns.times, columns.time_sample, columns.zone)
    return _each_once(
        [clock or usual for clock in found], lambda clock: replace(clock, regular=regular and clock.regular)
    )


def _each_once(clocks: list[Calendar], made: Callable[[Calendar], Calendar]) -> list[Calendar]:
    """What is `made` of each, once of the same."""
    known = {id(clock): clock for clock in clocks}
    known = {key: made(clock) for key, clock in known.items()}
    return [known[id(clock)] for clock in clocks]


def clocks_to_predict(columns: Columns, o: Outlook, name: str) -> list[Calendar]:
    """Those that the file says; else those of training, where the rows keep to them; else their own. Others than in
    training are said.
    """
    clocks, own = [], None
    for i, key in enumerate(columns.names):
        trained = o.clock_of_series(key)
        if columns.times is None or trained.kind == "row":
            clocks.append(trained)
            continue
        if columns.clocks:
            _say_other(trained, columns.clocks[i], o, name, key)
            clocks.append(replace(columns.clocks[i], regular=o.regular))
            continue
        times = columns.times[columns.offsets[i] : columns.offsets[i + 1]]
        later = [int((times[a + 1 : b + 1] > times[a:b]).sum()) for a, b in blocks(len(times) - 1)]
        distinct = sum(later) + 1 if len(times) else 0
        if distinct < LEAST or (trained.rule or trained.kind != "month") and trained.fits(times):
            clocks.append(trained)
            continue
        ends = np.array([0, len(times)])
        [own] = Calendar.of_each(times, ends, ends[1:], columns.time_sample, trained.zone)
        clocks.append(_chosen(trained, own, o, name, key))
    return clocks


def _chosen(trained: Calendar, own: Calendar, o, name: str, key: str) -> Calendar:
    """The clock of rows that do not keep to that of training."""
    if not own.regular:
        return trained
    if own.kind == trained.kind and own.step == trained.step:
        same = not own.rule or own.rule == trained.rule
        return trained if same else replace(own, regular=trained.regular)
    _say_other(trained, own, o, name, key)
    return replace(own, regular=o.regular)


def _say_other(trained: Calendar, own: Calendar, o, name: str, key: str) -> None:
    """Say that a series has steps of another length than any of training."""
    if not any((own.kind, own.step) == (clock.kind, clock.step) for clock in o.all_clocks()):
        of = f" of {key}" if key else ""
        note(
            f"{name}: rows{of} are {own.distance} apart, expected {trained.distance} as in training: "
            "each row is read as one step"
        )


def put_on_clocks(columns: Columns, clocks: list[Calendar], name: str, kept: np.ndarray | None = None) -> Columns:
    """The steps that are absent put in, where a clock is regular, and how many is said. Of each series, so many first
    rows were `kept` of an earlier part: these are on their clock. Rows of a stream have no `name`, and nothing is said.
    """
    columns, kept = replace(columns, clocks=clocks), np.zeros(len(columns), np.int64) if kept is None else kept
    if columns.times is None or not any(clock.regular for clock in clocks):
        return columns
    absent = _absent(columns, clocks)
    for i in np.flatnonzero(kept > 1).tolist():
        absent[columns.offsets[i] :][: kept[i]] = 0
    counts = _in_each(absent, columns)
    for i in np.flatnonzero((kept == 0) & (counts > ABSENT * (counts + columns.lengths))).tolist():
        absent[columns.offsets[i] : columns.offsets[i + 1]] = 0
        clocks[i] = replace(clocks[i], regular=False)
        if name:
            _say_uneven(clocks[i], name)
    if not absent.any():
        return columns
    if absent.sum() > MOST:
        raise RnncliError(
            f"{name or 'the input'}: {absent.sum():,} steps are absent, expected at most {MOST:,}: --no-regular leaves "
            "the rows as they are"
        )
    if name:
        _say_absent(columns, clocks, absent, name)
    return _with_rows(columns, clocks, absent)


def taken_once(columns: Columns, name: str) -> Columns:
    """Rows that stand twice, alike in all columns, are taken once; other times that repeat in a series are refused."""
    if columns.times is None or columns.total < 2:
        return columns
    again = in_blocks(columns.total, lambda begin, end: _is_again(columns.times, begin, end))
    again[columns.offsets[:-1]] = False
    if not again.any():
        return columns
    at = np.flatnonzero(again)
    alike = (
        (columns.numbers[at] == columns.numbers[at - 1]) | np.isnan(columns.numbers[at] + columns.numbers[at - 1])
    ).all(axis=1)
    for coded in columns.coded.values():
        alike &= coded.codes[at] == coded.codes[at - 1]
    count = len(at)
    if not alike.all():
        row = int(at[~alike][0])
        i = int(np.searchsorted(columns.offsets, row, "right")) - 1
        of = f" of {columns.names[i]}" if columns.names[i] else ""
        dated = columns.times.dtype.kind == "M"
        text = Calendar("time" if dated else "number", 0.0, sample=columns.time_sample, zone=columns.zone).text
        way = "; --zone PLACE where clocks were put back" if dated and not columns.zone else ""
        raise RnncliError(
            f"{name}: {count:,} time{'s' * (count > 1)} more than once in a series, first "
            f"{text(columns.times[row])}{of}, expected one row per time: --group names the column that tells series "
            f"apart{way}; --no-regular reads each row as one step"
        )
    note(f"{name}: {count:,} duplicate row{'s' * (count > 1)}, equal in all columns: read once")
    kept, lengths = np.flatnonzero(~again), np.add.reduceat((~again).astype(np.int64), columns.offsets[:-1])
    return columns.taken(kept, lengths, numbering=columns.row_numbers[kept])


def _is_again(times: np.ndarray, begin: int, end: int) -> np.ndarray:
    """Whether these are the times before them."""
    same = times[begin:end] == times[np.maximum(np.arange(begin, end) - 1, 0)]
    same[: begin == 0] = False
    return same


def _absent(columns: Columns, clocks: list[Calendar]) -> np.ndarray:
    """How many steps are absent before each row (rows,), by the regular clocks; none before the first of a series."""
    absent, offsets = zeros(columns.total, np.int64), columns.offsets
    for first, last in _alike(clocks):
        begin, end = offsets[[first, last]].tolist()
        if clocks[first].regular:
            for a, b in blocks(end - begin - 1):
                times = columns.times[begin + a : begin + b + 1]
                absent[begin + a + 1 : begin + b + 1] = clocks[first].between(times)
    absent[offsets[:-1][columns.lengths > 0]] = 0
    return absent


def _alike(clocks: list[Calendar]) -> list[tuple[int, int]]:
    """(first, end) of series, one after the other, whose steps are the same."""
    keys = [(clock.steps, clock.regular, clock.zone, clock.sample) for clock in clocks]
    ends = [i for i in range(1, len(keys)) if keys[i] != keys[i - 1]]
    return list(zip([0, *ends], [*ends, len(keys)], strict=True))


def _in_each(counts: np.ndarray, columns: Columns) -> np.ndarray:
    """The sums of counts (rows,) of each series."""
    found, there = np.zeros(len(columns), np.int64), columns.lengths > 0
    found[there] = np.add.reduceat(counts, columns.offsets[:-1][there])
    return found


def _with_rows(columns: Columns, clocks: list[Calendar], absent: np.ndarray) -> Columns:
    """As many rows put in before each."""
    ends = sums_before(columns.total, lambda begin, end: absent[begin:end] + 1)
    last = ends[1:] - 1  # where each row is then
    rows = in_blocks(int(ends[-1]), lambda a, b: np.searchsorted(last, np.arange(a, b)))  # that each is, or is before
    new = in_blocks(len(rows), lambda a, b: last[rows[a:b]] > np.arange(a, b))
    put_in = places(new)
    after = rows[put_in]
    before, ahead = after - 1, absent[after] + 1 - (last[after] - put_in)
    held = in_blocks(len(rows), lambda a, b: rows[a:b] - new[a:b])
    longer = replace(columns, numbering=columns.row_numbers).taken(held, np.diff(ends[columns.offsets]))
    longer.numbers[put_in] = np.nan
    longer.numbering[put_in] = longer.order[put_in] = -1
    series = np.searchsorted(columns.offsets, before, "right") - 1
    for first, end in _alike(clocks):
        mine = slice(*np.searchsorted(series, [first, end]))
        if clocks[first].regular:
            longer.times[put_in[mine]] = clocks[first].after(columns.times[before[mine]], ahead[mine])
    return longer


def extended(columns: Columns, count: int) -> Columns:
    """Each series with `count` rows more: times go on, targets are missing, anything else stays as it is at the end."""
    every = Ranges.of_lengths(columns.lengths + count)

    def row(begin: int, end: int) -> np.ndarray:
        number, place = every.places(np.arange(begin, end))
        return columns.offsets[number] + np.minimum(place, columns.lengths[number] - 1)

    rows, new = in_blocks(len(every), row), (every.ends[:, None] - np.arange(count, 0, -1)).ravel()
    longer = columns.taken(rows, columns.lengths + count, numbering=None, order=columns.order)
    longer.numbers[new] = np.nan  # inputs then take their last value
    if columns.times is not None and count:
        ends = zip(columns.clocks, columns.offsets[1:], strict=True)
        longer.times[new] = np.concatenate([clock.ahead(columns.times[e - 1], count) for clock, e in ends])
    return longer


def _say_absent(columns: Columns, clocks: list[Calendar], absent: np.ndarray, name: str) -> None:
    counts = _in_each(absent, columns)
    some = np.flatnonzero(counts)
    of = f" in {len(some):,} of {len(columns):,} series" if len(columns) > 1 else ""
    paces = {clocks[i].distance for i in some.tolist()}
    step = f" of {paces.pop()}" if len(paces) == 1 else ""
    total = int(counts.sum())
    note(
        f"{name}: {total:,} step{'s' * (total != 1)}{step} absent{of}: added as rows without values; "
        "--no-regular leaves the rows as they are"
    )


def say_clocks(columns: Columns, clocks: list[Calendar], name: str, stops: np.ndarray, regular: bool) -> None:
    """What was guessed of the clocks of training, by the rows before `stops`, where it is no matter of course."""
    if columns.times is None:
        return
    for clock, rows in zip(clocks, stops - columns.offsets[:-1], strict=True):
        if clock.open:
            note(f"{name}: steps of {clock.distance}, closed {clock.closed}: closed steps are not forecast")
        if rows > 2 and regular and not clock.regular:
            _say_uneven(clock, name)


def _say_uneven(clock: Calendar, name: str) -> None:
    note(f"{name}: times are uneven, usually {clock.distance} apart: each row is read as one step")
