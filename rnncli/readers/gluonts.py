"""JSON lines of gluonts: a series a line, `{"target": [..], "start": "2024-01-01", "item_id": ..}`, and its features.
The distance of steps stands beside the file, in a metadata.json, if anywhere. Parquet has the same keys as columns.
"""

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from rnncli.data.columns import Coded, Columns
from rnncli.data.equal_names import plain_name
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import gluonts_parquet, sniff
from rnncli.readers.documents import STRICT
from rnncli.readers.naming import listed, refuse
from rnncli.readers.objects import first_object, object_lines
from rnncli.readers.parquet import is_parquet
from rnncli.readers.reader import Reader, Request
from rnncli.readers.source import display
from rnncli.readers.times.dated_series import DatedSeries
from rnncli.registry import learns

READER = {"rank": 7, "forms": {"gluonts": "JSON lines or Parquet of gluonts"}}

TARGET, START, NAME = "target", "start", "item_id"
KNOWN, PAST, STATIC = "feat_dynamic_real", "past_feat_dynamic_real", "feat_static_real"
CATEGORIES = "feat_static_cat"
READ = (KNOWN, PAST, STATIC, CATEGORIES)
DAY = r"\d{4}-\d\d-\d\d"
#: how a start is written that is a period -> the distance of steps
PERIODS = {f"{DAY}/{DAY}": "weekly", r"\d{4}Q[1-4]": "quarterly", r"\d{4}-\d\d": "monthly", r"\d{4}": "yearly"}
MOST_AHEAD = 10**6  # steps that are forecast
BESIDE = ("metadata.json", "../metadata.json", "../metadata/metadata.json")  # a file, to a file of series


def is_gluonts(lines: list[str]) -> bool:
    """Whether the first object is a series of gluonts."""
    first = first_object("\n".join(lines))
    return first is not None and isinstance(first.get(TARGET), list) and START in first


def is_gluonts_parquet(path: str) -> bool:
    """Whether a Parquet file has series in its rows."""
    return gluonts_parquet.has_series(path, TARGET, START)


def metadata(path: str) -> tuple[dict, str]:
    """What a Parquet file says of itself, or what stands in a metadata.json beside a file, and its name; nothing if
    there is none.
    """
    if is_parquet(path):
        found = gluonts_parquet.said_beside(path)
        if "freq" in found or "prediction_length" in found:
            return found, "its metadata"
    for name in BESIDE if path != "-" else ():
        beside = os.path.join(os.path.dirname(path), *name.split("/"))
        try:
            with open(beside, encoding="utf-8-sig") as stream:
                found = json.load(stream)
        except OSError:
            continue
        except (ValueError, RecursionError):
            note(f"{os.path.normpath(beside)}: not JSON, so it is left unread")
            break
        if isinstance(found, dict) and ("freq" in found or "prediction_length" in found):
            return found, os.path.normpath(beside)
    return {}, ""


def _is_week(period: str) -> bool:
    """Whether these are a day and the sixth after it."""
    try:
        begin, end = map(date.fromisoformat, period.split("/"))
    except ValueError:
        return False
    return (end - begin).days == 6


class Gluonts(Reader):
    """A series a line."""

    numbered = named = only_numbers = dated = True

    @classmethod
    def horizon(cls, path: str, encoding: str) -> tuple[int, str] | None:
        """The prediction_length of a metadata.json."""
        found, beside = metadata(path)
        length = found.get("prediction_length")
        return (length, beside) if type(length) is int and 0 < length <= MOST_AHEAD else None

    @classmethod
    def frequency(cls, path: str) -> str:
        """That of a metadata.json."""
        found, beside = metadata(path)
        frequency = found.get("freq")
        if not isinstance(frequency, str):
            return ""
        note(f"{display(path)}: steps are {frequency}, as {beside} says: --frequency sets others")
        return frequency

    @classmethod
    def meanings(cls, names: tuple[str, ...]) -> dict[str, str]:
        """What is forecast, and which features are known ahead, as gluonts has it."""
        targets = [name for name in names if name.startswith(TARGET)]
        known = [name for name in names if name.startswith(KNOWN)]
        return {"target": ",".join(targets), **({"known": ",".join(known)} if known else {})}

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All series of one file."""
        named = ("text", "label", "tag", "group", "time", "fold_by")
        refuse(request.roles, named, "--format gluonts", f"a line is a series, which has its {NAME} and {START}")
        if learns(request.task) not in ("series", ""):
            raise UsageError(f"--task {request.task} and --format gluonts cannot be combined: series are forecast")
        return _Lines(path, request).columns()


class _Lines:
    """The lines of one file."""

    def __init__(self, path: str, request: Request):
        self.path, self.request = path, request
        self.names: list[str] = []  # of the columns of numbers
        self.series = DatedSeries(path, self.names)
        self.categories: list[list[str]] = []
        self.idle: dict[str, None] = {}  # keys that are not read
        self.period = ""

    def columns(self) -> Columns:
        """All series."""
        for at, found in self._objects():
            self._append(found, at)
        if not self.names:
            raise RnncliError(f'{display(self.path)}: empty, expected {{"{TARGET}": [..], "{START}": ..}} on each line')
        self._say()
        columns = self.series.columns(self.request.form.frequency or self.period)
        for i, column in enumerate(zip(*self.categories, strict=True), 1):
            coded = Coded.of(list(column))
            columns.coded[f"{CATEGORIES}_{i}"] = Coded(np.repeat(coded.codes, columns.lengths), coded.symbols)
        return self._as_trained(columns)

    def _objects(self) -> Iterator[tuple[int, Any]]:
        """The number of each line, and what it holds."""
        if is_parquet(self.path):
            yield from gluonts_parquet.objects(self.path, START)
            return
        for at, line in object_lines(self.path, self.request.encoding):
            try:
                yield at, STRICT.decode(line)
            except (ValueError, RecursionError) as error:
                raise self._error(at, f"not JSON ({error})") from None

    def _append(self, found: Any, at: int) -> None:
        if not isinstance(found, dict) or TARGET not in found:
            raise self._error(at, f"no {TARGET}")
        names, values = self._values(found, at)
        if not self.names:
            self.names += names
            self.series = DatedSeries(self.path, self.names)
        if names != self.names:
            raise self.series.error(at, f"columns {listed(names)}", f"{listed(self.names)} as in the lines above")
        cats = self._categories(found.get(CATEGORIES), at)
        if self.categories and len(cats) != len(self.categories[0]):
            expected = f"{len(self.categories[0])} as in the lines above"
            raise self.series.error(at, f"{len(cats)} values in {CATEGORIES}", expected)
        self.categories.append(cats)
        self.idle |= dict.fromkeys(key for key in found if key.startswith(("feat_", "past_")) and key not in READ)
        name = found.get(NAME)
        self.series.append(None if name is None else str(name), self._start(found.get(START), at), values, at)

    def _categories(self, found: Any, at: int) -> list[str]:
        """Texts or numbers of a list; 1.0 is 1."""
        values = found if isinstance(found, list) else [] if found is None else [None]
        if any(isinstance(value, bool) or not isinstance(value, str | int | float) for value in values):
            raise self._error(at, f"{CATEGORIES} is {sniff.shortened(json.dumps(found))}, no list of texts or numbers")
        return [plain_name(str(value)) for value in values]

    def _start(self, start: Any, at: int) -> str | None:
        """A start that is a period is its first day."""
        if start is not None and not isinstance(start, str):
            raise self._error(at, f"{START} is {sniff.shortened(json.dumps(start))}")
        found = next((word for form, word in PERIODS.items() if start and re.fullmatch(form, start)), "")
        if self.series.lines and found != self.period and not self.request.form.frequency:
            said = f"{START} {start}" if start else f"no {START}"
            raise self._error(at, f"{said} after others such as {self.series.starts[0]}")
        if found == "weekly" and not _is_week(start):
            raise self._error(at, f"{START} {start}, a period that is no week")
        self.period = found
        return start.partition("/")[0] if found == "weekly" else start

    def _values(self, found: dict, at: int) -> tuple[list[str], np.ndarray]:
        """The columns of a series, and its values (steps, columns), features that reach further than the target too."""
        target = self._array(found, TARGET, at)
        trains = self.request.known is None
        dynamic = {key: self._array(found, key, at) for key in (KNOWN, PAST) if found.get(key)}
        steps = target.shape[1]
        most = steps if trains else max(steps, *(array.shape[1] for array in dynamic.values()), 0)
        for key, array in dynamic.items():
            if array.shape[1] < steps:
                shape = f"{key} of {array.shape[0]} x {array.shape[1]}"
                raise self.series.error(at, shape, f"features x steps, at least {steps} steps as {TARGET} has")
        static = self._array(found, STATIC, at).ravel()[:, None] if found.get(STATIC) else np.empty((0, 1))
        parts = {TARGET: target, **dynamic, STATIC: np.repeat(static, most, axis=1)}
        values = np.full((most, sum(map(len, parts.values()))), np.nan)
        names, column = list[str](), 0
        for key, array in parts.items():
            alone = key == TARGET and len(array) == 1
            names += [key] if alone else [f"{key}_{i + 1}" for i in range(len(array))]
            length = min(most, array.shape[1])
            values[:length, column : column + len(array)] = array[:, :length].T
            column += len(array)
        return names, values

    def _array(self, found: dict, key: str, at: int) -> np.ndarray:
        """(rows, steps) float64 of a list, or lists; null, "NaN" and "Nan" are missing, "3.5" is a number."""
        if not isinstance(found[key], list):
            raise self._error(at, f"{key} is {sniff.shortened(json.dumps(found[key]))}, no list")
        try:
            array = np.atleast_2d(np.array(found[key], np.float64))
        except (ValueError, TypeError, OverflowError):
            raise self._error(at, f"{key} holds what is no number, or rows of unequal length") from None
        if array.ndim != 2 or not array.size:
            raise self._error(at, f"{key} holds no steps")
        return array

    def _as_trained(self, columns: Columns) -> Columns:
        """The columns of numbers of training."""
        wanted = self.request.numbers
        if not wanted:
            return columns
        if lacking := [name for name in wanted if name not in self.names]:
            raise RnncliError(f"{display(self.path)}: no {lacking[0]}, expected it as in training")
        kept = [i for i, name in enumerate(self.names) if name in wanted]
        columns.numbers = np.ascontiguousarray(columns.numbers[:, kept])
        columns.number_names = [self.names[i] for i in kept]
        return columns

    def _say(self) -> None:
        name, told = display(self.path), self.request.form.frequency
        if self.idle:
            note(f"{name}: {listed(self.idle)} not read")
        if not told and self.period:
            first = self.series.starts[0]
            note(f"{name}: a start such as {first} is a period: steps are {self.period}, --frequency sets others")
        elif not told or None in self.series.starts:
            lacking = START if None in self.series.starts else "frequency, in a metadata.json or by --frequency"
            starts = zip(self.series.lines.values(), self.series.starts, strict=True)
            without = [at for at, start in starts if start is None]
            some = 0 < len(without) < len(self.series.starts)  # one is enough: all have dates, or none
            where = f"{name}:{without[0]}" if some else name
            note(f"{where}: no {lacking}, so steps {'of all series ' * some}are counted and have no dates")

    def _error(self, at: int, found: str) -> RnncliError:
        expected = f'{{"{TARGET}": numbers, "{START}": "2024-01-31 12:00:00"}}, and "{NAME}"'
        return self.series.error(at, found, expected)
