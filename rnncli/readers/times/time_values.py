"""The column of times of a table, or several that are joined: block by block to numbers or dates, and their form."""

import re
from collections.abc import Callable

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times.script_digits import with_usual_signs
from rnncli.data.times.spans import are_spans
from rnncli.data.times.stamp_forms import (
    ORDERS,
    SMALL_YEAR,
    go_by_months,
    may_be_days,
    nanoseconds,
    order_of,
    parse_times,
)
from rnncli.data.times.stamps import ZONE, form, has_offset, of_iso, offset_of, parse, zone_name
from rnncli.errors import RnncliError, note
from rnncli.process.spool import RowSpool
from rnncli.readers import sniff
from rnncli.readers.times import typed_times
from rnncli.readers.times.digit_dates import EPOCH, UNITS, are_decimals, dates_of, months_of, refuse_clocks, refuse_days

FINEST = 9  # decimals of a number
OFFSET = rf"({ZONE})(?: \d{{4}}| \d\d?\.\d\d?\.\d{{4}})?$"  # at the end, or before a year or a date
LARGEST = (1 << 63) - 1
TOO_LARGE = r"^[-+]?\d{19,}$"  # of those that are not within the 64 bits of a whole number
LIKELY = (1583, 2399)  # years of the Gregorian calendar, but for those of other ones
EXACT = 1 << 53  # below which float64 holds all whole numbers


class Times:
    """Collects times. `given` is a form to try first: of training, or, then `strict`, of --time-format."""

    def __init__(self, name: str, given: str, strict: bool, decimal_comma: bool, place: Callable[[int], str]):
        self.name, self.given, self.strict, self.decimal_comma = name, given, strict, decimal_comma
        self.place = place  # of a row: file:line
        self.numeric: bool | None = None
        self.sample, self.first, self.rows = "", "", 0
        self.zone = ""  # place of a column with a type
        self.spans = False  # whether they are intervals
        self.nanos = RowSpool(np.int16)
        self.readings = {"": RowSpool(np.int64)}  # by the order of day, month and year, once that matters
        self.forms: dict[str, str] = {"": ""}
        self.first_offset = self.other_offset = ""  # that of the first row, and file:line: the first other one
        self.unclear = ""  # the first that is another time in another order
        self.ways: dict[str, str] = {}  # its forms by order

    def append(self, series: "pl.Series") -> None:
        """A block."""
        if series.dtype.is_temporal():
            self._typed(series)
        elif series.dtype != pl.String:
            self._numbers(series)
        else:
            texts = with_usual_signs(series.str.strip_chars())
            missing = texts.fill_null("") == ""
            if missing.any():
                raise self._no_time(missing.arg_max(), None)
            if not self.first and are_spans(texts, self.given):
                self.spans = True
                note(f"{self.name}: of intervals such as {texts[0]!r} the beginning is read")
            if not (self.first or self.given) and (zone := zone_name(texts[0])):
                note(f"{self.name}: {zone} is read as a part of the times, not as an offset from UTC")
            self.first = self.first or texts[0]
            if self.numeric is None:
                self.numeric = self._are_numbers(texts)
            (self._number_texts if self.numeric else self._stamps)(texts)
        self.rows += len(series)

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _are_numbers(self, texts) -> bool:
        dated = bool(self.given) and form(self.given).kind != "number"
        if (
            dated
            and (self.strict or not are_decimals(self.given))
            and parse(texts.head(1), self.given)[0][0] is not None
        ):
            return False
        return self._as_numbers(texts).null_count() <= (1 - sniff.MANY) * len(texts)

    def _as_numbers(self, texts):
        whole = texts.cast(pl.Int64, strict=False)
        if not whole.null_count():
            return whole
        if (large := texts.str.contains(TOO_LARGE)).any():
            raise self._too_large(large.arg_max(), texts[large.arg_max()])
        texts = texts.str.replace(",", ".", literal=True) if self.decimal_comma else texts
        return texts.cast(pl.Float64, strict=False).fill_nan(None)

    def _number_texts(self, texts) -> None:
        numbers = self._as_numbers(texts)
        if numbers.null_count():
            row = numbers.is_null().arg_max()
            raise self._no_time(row, texts[row])
        finest = texts[0]
        if numbers.dtype == pl.Float64:
            finest = texts[texts.str.extract(r"[.,](\d+)", 1).str.len_chars().fill_null(0).arg_max()]
        if not self.sample or _decimals(finest) > _decimals(self.sample):
            self.sample = finest.replace(",", ".") if self.decimal_comma else finest
        self._numbers(numbers)

    def _numbers(self, series) -> None:
        """Of one block."""
        if series.dtype.is_integer():
            whole = series.cast(pl.Int64, strict=False)
            if (large := whole.is_null() & series.is_not_null()).any():
                raise self._too_large(large.arg_max(), series[large.arg_max()])
            series = whole
        else:
            series = series.cast(pl.Float64).fill_nan(None)
        if series.null_count():
            raise self._no_time(series.is_null().arg_max(), None)
        values = series.to_numpy()
        if series.dtype == pl.Float64 or not self.sample:
            digits = 0 if series.dtype == pl.Int64 else _digits(values)
            if not self.sample or digits > _decimals(self.sample):
                self.sample = f"{values[0]:.{digits}f}"
        self.numeric, whole = True, self.readings[""]
        if values.dtype != whole.dtype == np.int64:  # kept as float64 from the first that is not whole
            self.readings[""] = RowSpool(np.float64)
            self.readings[""].append(whole.array())
        self.readings[""].append(values)

    def _too_large(self, row: int, found: object) -> RnncliError:
        return RnncliError(
            f"{self.place(self.rows + int(row))}: {found} in the time column {self.name}, expected at most {LARGEST}, "
            "beyond which times are no longer told apart"
        )

    def _finished_numbers(self) -> tuple[np.ndarray, str]:
        values = self.readings[""].array()
        whole = values if values.dtype == np.int64 else _whole(values)
        if whole is not None:
            self._refuse_units(whole)
        read, numbers = (months_of, values) if whole is None else (dates_of, whole)
        dates = read(numbers, self.given, self.sample, f"the time column {self.name}")
        if dates is not None:
            such = f"numbers such as {self.sample}" if whole is None else f"whole numbers such as {numbers[0]}"
            note(f"{self.name}: {such} are read as dates ({dates.text}); --time-format number reads them as numbers")
            return dates.times, dates.text
        if self.strict and self.given and form(self.given).kind != "number":
            raise self._no_time(-self.rows, f"{values[0]:.15g}")
        if not self.given:
            place = f"{self.place(0)}: the time column {self.name}"
            refuse_clocks(values, self.sample, place)
            if whole is not None:
                refuse_days(whole, place)
        if values.dtype != np.int64:
            return values, self.sample
        exact = max(-int(whole.min(initial=0)), int(whole.max(initial=0))) < EXACT
        return (whole.astype(np.float64) if exact else whole), self.sample

    def _refuse_units(self, whole: np.ndarray) -> None:
        """RnncliError if all are seconds since 1970 or the like, some of them in another unit."""
        low, high = EPOCH
        within = {name: (whole >= low * size) & (whole < high * size) for name, size in UNITS.items()}
        used = {name: there for name, there in within.items() if there.any()}
        if len(used) < 2 or not np.any(list(used.values()), axis=0).all():
            return
        first = next(name for name, there in used.items() if there[0])
        row = int(np.argmin(used[first]))
        other = next(name for name, there in used.items() if there[row])
        raise RnncliError(
            f"{self.place(row)}: {whole[row]} in the time column {self.name} is a time in {other}, expected {first} as "
            f"{whole[0]} in the first row: write all times in one unit"
        )

    # -- dates and times --------------------------------------------------------------------------------------------

    def _stamps(self, texts) -> None:
        found = {order: self._read(texts, order) for order in self.readings}
        if "" in found and found[""][0].null_count() and not (self.strict and self.given):
            found = {order: self._read(texts, order) for order in ORDERS}
        alive = {order: reading for order, reading in found.items() if not reading[0].null_count()}
        if not alive:
            row = max(int(when.is_null().arg_max()) for when, _ in found.values())
            raise self._no_time(row, texts[row])
        if not alive.keys() & self.readings.keys():
            self._fork(alive)
        self.readings = {order: self.readings[order] for order in alive}
        self.forms = {order: self.forms[order] for order in alive}
        for order, (when, forms) in alive.items():
            for text in forms:
                self.forms[order] = _richer(self.forms[order], text)
            self.readings[order].append(when.to_numpy())
        if not self.other_offset and any(form(text).zone or "z" in form(text).letters for text in self.forms.values()):
            self._offsets(texts)
        fine = any(form(text).digits > 6 for _, forms in alive.values() for text in forms)
        self.nanos.append(nanoseconds(texts) if fine else np.zeros(len(texts), np.int16))
        if not self.unclear and len(alive) > 1:
            first, *others = (when for when, _ in alive.values())
            differ = np.any([(first != other).to_numpy() for other in others], axis=0)
            self.unclear = f"{self.place(self.rows + int(differ.argmax()))}: {texts[int(differ.argmax())]!r}"
            self.ways = {order: forms[0] for order, (_, forms) in alive.items()}

    def _offsets(self, texts) -> None:
        """Find the first offset that is not as in the rows before."""
        self.first_offset = self.first_offset or _written_offset(texts[0])
        row = first_other_offset(texts, self.first_offset)
        if row is not None:
            self.other_offset = f"{self.place(self.rows + row)}: {texts[row]!r} in the time column {self.name}"

    def _read(self, texts, order: str):
        when, forms = parse_times(texts, self.forms.get(order, self.forms.get("", "")), order, self.given)
        if self.strict and self.given and when.null_count() == 0 and not all(_alike(f, self.given) for f in forms):
            when = when.set(parse(texts, self.given)[0].is_null(), None)
        return when, forms

    def _fork(self, orders: dict) -> None:
        """From now on one reading an order, which all begin with what was read so far."""
        before = self.readings[""].array().copy()
        self.readings, self.forms = {o: RowSpool(np.int64) for o in orders}, dict.fromkeys(orders, self.forms[""])
        for spool in self.readings.values():
            spool.append(before)

    def _finished_stamps(self) -> tuple[np.ndarray, str]:
        values = {order: spool.array() for order, spool in self.readings.items()}
        order = self._order(values)
        times, text = values[order], self.forms[order]
        if self.spans:  # a form tells a row alone from a time with an offset
            text = _directives(text)
        if text == SMALL_YEAR[1] and not self.given:
            note(f"{self.name}: {self.first!r} and the others are read as year and month, with years counted from 1")
        if form(text).kind != "dated":
            return times.astype(np.float64), text
        if not self.given and may_be_days(text) and not go_by_months(times):
            raise RnncliError(
                f"{self.place(0)}: {self.first!r} in the time column {self.name} may be a month of a year, or a day of "
                f"a month without its year: --time-format '{text}' reads months"
            )
        if not self.given and form(text).letters == {"Y", "m"}:
            months = np.unique(times.view("datetime64[us]").astype("datetime64[M]"))
            if _are_seasons(months, _directives(text)):
                note(f"{self.name}: {self.first!r} and the others are read as years from one to the next")
                times = times.view("datetime64[us]").astype("datetime64[Y]").astype("datetime64[us]").view(np.int64)
                text = _directives(text).replace("%m", "%N").replace("%-m", "%-N")
            else:
                self._refuse_quarters(months, text)
        years = times[:1].view("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
        if "d" in form(text).letters and not all(LIKELY[0] <= year <= LIKELY[1] for year in years):
            note(f"{self.name}: {self.first!r} is read as a date of the Gregorian calendar")
        nanos = self.nanos.array()
        if nanos.any():
            return times * 1000 + nanos, text
        return times.view("datetime64[us]"), text

    def _refuse_quarters(self, months: np.ndarray, text: str) -> None:
        """RnncliError if these may be quarters (2019-4), thirds or halves of years."""
        years, month = np.divmod(months.astype(np.int64), 12)
        form_ = self.given or _directives(text)
        for count, letter, what in ((4, "%q", "quarters"), (3, "", "thirds of years"), (2, "%h", "halves of years")):
            goes_on = len(months) >= 3 and month.max() == count - 1 and (np.diff(count * years + month) == 1).all()
            if "%-m" in form_ and goes_on:
                other = f"'{form_.replace('%-m', letter)}' {what}" if letter else "thirds are written as 1, 5 and 9"
                raise RnncliError(
                    f"{self.place(0)}: {self.first!r} in the time column {self.name}: all times may be {what}, or "
                    f"months: --time-format '{form_}' reads months, {other}"
                )

    def _order(self, values: dict[str, np.ndarray]) -> str:
        """The one order that is possible; of several that of training, or that in which the rows are sorted."""
        if len(values) == 1:
            return next(iter(values))
        wanted = order_of(self.given) if self.given else ""
        if wanted in values:
            return wanted
        values = _distinct(values)
        if len(values) == 1:
            return next(iter(values))
        even = [o for o, times in values.items() if len(times) > 2 and len(np.unique(np.diff(times))) == 1]
        if even == ["mdy"] and "p" in form(self.forms["mdy"]).letters:  # as in the United States
            return self._guessed("mdy")
        if "ymd" in values:  # the year goes on last
            values = {order: times for order, times in values.items() if _sorted(times)} or values
            if len(values) == 1:
                return self._guessed(next(iter(values)))
        ways = " or ".join(repr(self.ways[order].replace("%-", "%")) for order in values)
        raise RnncliError(
            f"{self.unclear} in the time column {self.name} can be read in more than one way: "
            f"choose one with --time-format {ways}"
        )

    def _guessed(self, order: str) -> str:
        found = self.unclear.split(": ", 1)[-1]
        note(f"{self.name}: {found} is read as {self.forms[order]}; --time-format sets another form")
        return order

    def _typed(self, series) -> None:
        """A block of a column with a type."""
        if series.null_count():
            raise self._no_time(series.is_null().arg_max(), None)
        whole, nanos, sample, self.zone = typed_times.read(series, self.name)
        self.nanos.append(nanos)
        self.forms[""] = _richer(self.forms[""], sample)
        self.readings[""].append(whole)

    def finished(self) -> tuple[np.ndarray, str]:
        """The times (rows,) of all blocks, and how they are written."""
        return self._finished_numbers() if self.numeric else self._finished_stamps()

    def _no_time(self, row: int, found) -> RnncliError:
        """What stands there is no time, or has an offset where the first has none, or the other way round."""
        if self.strict and self.given:
            expected = f"--time-format {self.given}"
        elif self.numeric:
            expected = "a number as in the first rows"
        elif found is not None and self.first and has_offset(str(found)) != has_offset(self.first):
            with_it = "with" if has_offset(self.first) else "without"
            expected = f"a time {with_it} an offset as {self.first} in the first row"
        else:
            expected = "a number or a time as 2024-01-31 12:00:00, or a form that --time-format gives"
        if found is not None and zone_name(str(found)) != zone_name(self.first):
            expected = (
                f"the zone as in {self.first!r}: write offsets from UTC such as +01:00 in place of the names of zones"
            )
        found = "nothing" if found is None else repr(str(found))
        return RnncliError(
            f"{self.place(self.rows + int(row))}: {found} in the time column {self.name}, expected {expected}; "
            "--time none in training leaves rows in the order of the file"
        )


def _directives(text: str) -> str:
    """A form, or that of the sample."""
    return text if "%" in text else of_iso(text)


def _are_seasons(months: np.ndarray, form_: str) -> bool:
    """Whether months of years are years from one to the next (2001/02, 2002/03), which lie 13 months apart."""
    years, month = np.divmod(months.astype(np.int64), 12)
    alike = (month + 1 == (years + 1971) % 100).all() and (np.diff(years) > 0).all()
    return len(months) >= 3 and bool(alike) and re.fullmatch("%Y[-/]%-?m", form_) is not None


def _written_offset(text: str) -> str:
    found = re.search(OFFSET, text)
    return found[1] if found else ""


def first_other_offset(texts: "pl.Series", first: str) -> int | None:
    """The row of the first of these times whose offset from UTC is not the `first`, however it is written."""
    found = texts.str.extract(OFFSET).fill_null("")
    ours = offset_of(f"%H{first}")
    others = [zone for zone in found.unique().to_list() if offset_of(f"%H{zone}") != ours]
    return int(found.is_in(others).arg_max()) if others else None


def _whole(values: np.ndarray) -> np.ndarray | None:
    """Whole numbers that were written with decimals."""
    whole = len(values) and (np.rint(values) == values).all() and np.abs(values).max() < EXACT
    return values.astype(np.int64) if whole else None


def _digits(values: np.ndarray) -> int:
    """Decimals that write all of them."""
    return next((d for d in range(FINEST + 1) if np.array_equal(np.round(values, d), values)), FINEST)


def _decimals(text: str) -> int:
    found = re.search(r"\.(\d+)", text)
    return len(found[1]) if found else 0


def _sorted(times: np.ndarray) -> bool:
    return bool((times[1:] >= times[:-1]).all() or (times[1:] <= times[:-1]).all())


def _alike(one: str, other: str) -> bool:
    return one.replace("%-", "%") == other.replace("%-", "%")


def _richer(one: str, other: str) -> str:
    """Of two forms that with more in it; with `-` for what either of them writes without a zero in front."""
    if not one:
        return other
    a, b = form(one), form(other)
    if _alike(a.text, b.text):
        short = set(re.findall("%-(.)", a.text + b.text))
        full = a.text.replace("%-", "%")
        return re.sub("%([a-zA-Z])", lambda d: f"%-{d[1]}" if d[1] in short else d[0], full) if short else one
    more = (len(b.letters - {"f"}), b.digits), (len(a.letters - {"f"}), a.digits)
    return other if more[0] > more[1] or (more[0] == more[1] and a.zone == b.zone) else one


def _distinct(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Orders that read the same times are one: beside the name of a month there is no second number of one."""
    kept: dict[str, np.ndarray] = {}
    for order, times in values.items():
        if not any(np.array_equal(times, other) for other in kept.values()):
            kept[order] = times
    return kept
