"""What came after the end of each series, of a second file: the truth that forecasts are compared with."""

from collections import Counter
from dataclasses import replace

import numpy as np

from rnncli.data.columns import Columns, Known
from rnncli.data.equal_names import ByName, plain_name
from rnncli.data.extent import Extent
from rnncli.data.target_columns import target_values
from rnncli.data.times.clock import as_trained
from rnncli.errors import RnncliError, note
from rnncli.predictors.series_reader import SeriesReader
from rnncli.readers.columns import read_columns
from rnncli.readers.naming import listed
from rnncli.readers.source import display, reopenable
from rnncli.tasks.target_values import refuse_values


def read_answers(reader: SeriesReader, path: str, encoding: str | None, extent: Extent, horizon: int) -> np.ndarray:
    """(series, horizon, K), NaN where there is none: series by name, rows by time, without times in their order.

    The file has the form of training; of its columns only the targets, group and time are needed.
    """
    o, name, request = reader.outlook, display(path), reader.request(encoding)
    names = list(o.columns or o.targets)
    known = Known(tuple(names)) if not o.columns or request.form.name == "table" else request.known
    request = replace(request, roles=replace(request.roles, inputs=()), known=known)
    new = read_columns([reopenable(path)], request)
    new = as_trained(new, o.clock, name, {})
    o.clock.refuse_others(new.times, new.time_sample)
    refuse_values(o, new, names)
    values, beside = target_values(new, names), max(1, len(o.columns))
    found = np.full((len(extent.series), horizon, len(o.targets)), np.nan)
    beyond = 0
    for i, place in enumerate(_matched(new, extent.table, name)):
        begin, end = new.offsets[place : place + 2].tolist()
        steps = _steps(new, begin, end, extent, i * beside, horizon)
        beyond += int((steps >= horizon).sum())
        there = np.flatnonzero(steps < horizon)
        mine = values[begin + there].reshape(len(there), beside, -1).transpose(1, 0, 2)
        found[i * beside : (i + 1) * beside, steps[there]] = mine
    if beyond:
        note(f"{name}: {beyond:,} rows after the {horizon} forecast steps are left out: --horizon includes them")
    if np.isnan(found).all():
        raise RnncliError(f"{name}: no answers, expected the values after the end of each series")
    return found


def _matched(new: Columns, series: Columns, name: str) -> list[int]:
    """For each series the number of its answers."""
    if len(new) == len(series) == 1 and not (new.keys and series.keys):
        return [0]
    places, wanted = ByName({key: i for i, key in enumerate(new.names)}), ByName(dict.fromkeys(series.names))
    for what, all_names, there in (("answers", new.names, places), ("series of the input", series.names, wanted)):
        if len(there) < len(all_names):
            times = Counter(map(plain_name, all_names))
            twice = next(key for key in all_names if times[plain_name(key)] > 1)
            raise RnncliError(f"{name}: {times[plain_name(twice)]} {what} are named {twice}, expected one of each name")
    lacking = [key for key in series.names if key not in places]
    others = [key for key in new.names if key not in wanted]
    if lacking or others:
        what = f"no answers for {listed(tuple(lacking), 4)}" if lacking else f"answers for {listed(tuple(others), 4)}"
        raise RnncliError(f"{name}: {what}, expected the series of the input: {listed(tuple(series.names), 4)}")
    return [places[key] for key in series.names]


def _steps(new: Columns, begin: int, end: int, extent: Extent, series: int, horizon: int) -> np.ndarray:
    """How many steps ahead, from 0 on, each row is; `horizon` and more are beyond what is forecast."""
    s, last = extent.series, int(extent.stops[series]) - 1
    if new.times is None or s.times is None:
        return np.arange(end - begin)
    ahead, times = s.times[last + 1 : last + 1 + horizon], new.times[begin:end]
    steps = np.searchsorted(ahead, times)
    wrong = (steps < horizon) & (ahead[np.minimum(steps, horizon - 1)] != times)
    if wrong.any():
        row, text = int(np.argmax(wrong)), s.outlook.clock_of(new).text
        raise RnncliError(
            f"{new.place_of(begin + row)}: an answer at {text(times[row])}, expected one from "
            f"{text(ahead[0])} to {text(ahead[-1])}, the {horizon} steps after the end of the series"
        )
    return steps
