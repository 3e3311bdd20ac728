"""How a time is written: a form, by which texts are read and times are written again.

A form is text with directives, those of strptime (%Y %y %m %b %B %d %j %a %A %H %I %p %M %S %f %G %V %u) and

    %q quarter   %h half of a year   %D whole days of a duration   %K hours of a duration   %n a number
    %E a year that is counted from 1   %N the year after %Y, of a season (1950/51), %4N in four digits
    %s seconds since 1970, %3s, %6s and %9s milli-, micro- and nanoseconds (whole microseconds)

`%-d` has no zero in front, `%^b` is JAN and `%#b` jan, `%1p` A.M. and `%#2p` a. m., `%[fr]B` is Janvier and `%[fr]A`
Lundi (`month_names.py`, `day_names.py`), `%3f` has three digits, an offset from UTC stands in the form as it is
(`+01:00`, `Z`, `UTC`). In place of a form, old models and ISO 8601 have one time as it is written.

Dates are datetime64[us]; with nanoseconds these are whole numbers (int64). Times of the day and durations are
microseconds, numbers are themselves, as float64 or int64.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times import day_names, month_names
from rnncli.data.times.short_years import whole_years

Instant = Any  # datetime64, or a number of the unit of the file
#: 2024-01-31 12:00:00.5+02:00 as ISO 8601 and its usual variants have it, and less of it
ISO = (
    r"^\d{4}(?:[-/.]\d\d(?:[-/.]\d\d(?:[T ]\d\d(?::?\d\d(?::?\d\d(?P<fraction>[.,]\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?|Z)?)?)?$"
)
DECIMAL = re.compile(r"\d{4}\.\d\d", re.ASCII)  # 2020.25 is a number, though 2020.12 may be a month
ZONE = r" ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)"
#: names of zones, of which some have several meanings (CST, IST): a part of the text, no offset
NAMED_ZONE = (
    " (?:CES?T|MES?Z|EES?T|WES?T|MSK|BST|IST|[ECMPAN][SD]T|AK[SD]T|HST|A[CEW][SD]T|NZ[SD]T|JST|KST|HKT|SGT|SAST|BRT|ART"
    "|PKT|WIB|PHT|ICT)"
)
#: an offset behind the time of the day
OFFSET = re.compile(rf"(?:(?<=%[HIMSfpP])|(?<=%[-\d#][HIMSfp])|(?<=%#\dp)){ZONE}(?![\w:])")
DIRECTIVE = re.compile(r"%([-^#]?)(\d?)(?:\[(\w+\.?)\])?([A-Za-z%])")
NAMED = re.compile(r"\[(\w+\.?)\]([AB])")  # the tag of the names of days of the week and months
NAMES = {"A": day_names.NAMES, "B": month_names.NAMES}
NAME = r"[^\W\d_]{2,10}\.?"
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SECOND = 1_000_000
HOUR, DAY = 3600 * SECOND, 86400 * SECOND
TWO = dict.fromkeys("mdHIMSVN", r"\d{1,2}")
PATTERNS = {
    **{"Y": r"\d{4,5}", "y": r"\d\d", "G": r"\d{4}", "j": r"\d{1,3}", "u": "[1-7]", "q": "[1-4]", "h": "[12]"},
    "f": r"\d{1,9}",
    "E": r"[1-9]\d?",
    **{"b": r"[A-Za-z]{3,4}\.?", "B": "[A-Za-z]{3,9}", "a": r"[A-Za-z]{3,4}\.?", "A": "[A-Za-z]{6,9}"},
    **{"p": r"[AaPp](?:\. ?)?[Mm]\.?", "D": r"-?\d+", "K": r"-?\d+", "n": r"[-+]?\d+(?:\.\d+)?", "s": r"-?\d{1,19}"},
    **TWO,
}
WIDTHS = {"Y": 4, "y": 2, "N": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2, "j": 3, "V": 2}
FIXED = {name: rf"\d{{{width}}}" for name, width in WIDTHS.items()}
DATED = set("YyEGmbBdjqhVs")
COUNTED = set("DKn")


@dataclass(frozen=True)
class Form:
    """A form cut into its parts: literal texts, and (flag, digits, letter) or, of names of months in another language,
    (flag, digits, letter, tag).
    """

    text: str
    parts: tuple
    pattern: str  # regular expression of the texts that have it
    letters: frozenset[str]
    zone: str  # the offset as it is written; "" if there is none
    at: int  # where that stands in the text

    @cached_property
    def kind(self) -> str:
        """What it is a form of: dated, clock, elapsed or number."""
        if self.letters & DATED:
            return "dated"
        if "n" in self.letters or not self.letters:
            return "number"
        return "elapsed" if self.letters & COUNTED else "clock"

    @cached_property
    def unit(self) -> int:
        """Nanoseconds of what %s counts."""
        return next((10 ** (9 - part[1]) for part in self.parts if part[2:] == ("s",)), 0)

    @cached_property
    def digits(self) -> int:
        """Of the fraction of a second."""
        return max((part[1] for part in self.parts if part[2:] == ("f",)), default=0)


@lru_cache(256)
def form(text: str) -> Form:
    """The form, or that of the sample. ValueError if it says no date, no time and no number."""
    if "%" not in text:
        text = of_iso(text)
    zone = OFFSET.search(text)
    body = f"{text[: zone.start()]}%z{text[zone.end() :]}" if zone else text
    parts: list[str | tuple] = []
    at = 0
    for found in DIRECTIVE.finditer(body):
        parts.append(body[at : found.start()])
        flag, digits, tag, letter = found.groups()
        if letter == "P":
            flag, letter = "#", "p"
        if tag and (letter not in NAMES or not NAMES[letter].name_of(1, tag)):
            raise ValueError(text)
        part = (flag, int(digits or (6 if letter == "f" else 0)), letter, *filter(None, (tag,)))
        parts.append("%" if letter == "%" else part)
        at = found.end()
    parts = [part for part in (*parts, body[at:]) if part]
    letters = [part[2] for part in parts if not isinstance(part, str)]
    unknown = [letter for letter in letters if letter not in PATTERNS and letter != "z"]
    if unknown or len(set(letters)) < len(letters) or not set(letters) - {"z"}:
        raise ValueError(text)
    pattern = "".join(_pattern(parts, i) for i in range(len(parts)))
    written, at = (zone[0], zone.start()) if zone else ("", len(text))
    return Form(text, tuple(parts), f"^{pattern}$", frozenset(letters) - {"z" * bool(zone)}, written, at)


def _pattern(parts: list, i: int) -> str:
    part = parts[i]
    if isinstance(part, str):
        return re.sub(r"(\\ )+", " +", re.escape(part))
    letter = part[2]
    if letter == "z":
        return f"(?P<zone>{ZONE})"
    if len(part) > 3:
        return f"(?P<{letter}>{NAME})"
    if letter == "N" and part[1] == 4:
        return r"(?P<N>\d{4})"
    beside = [p for p in (*parts[max(0, i - 1) : i], *parts[i + 1 : i + 2]) if not isinstance(p, str) and p[2] in FIXED]
    return f"(?P<{letter}>{FIXED[letter] if beside and letter in FIXED else PATTERNS[letter]})"


def of_iso(sample: str) -> str:
    """The form of a time as ISO 8601 writes it, of a time of the day, or of a number."""
    if re.fullmatch(r"\d\d?:\d\d(:\d\d([.,]\d+)?)?", sample):
        names = iter(("%H", "%M", "%S"))
        body, dot, fraction = re.match(r"([^.,]*)([.,]?)(\d*)", sample).groups()
        return re.sub(r"\d+", lambda _: next(names), body) + (f"{dot}%{min(len(fraction), 9)}f" if dot else "")
    found = re.match(ISO, sample)
    if not found or len(sample) == 4 or DECIMAL.fullmatch(sample):
        return "%n"
    fraction, zone = (found[1] or ""), (found[2] or "")
    names = iter(("%Y", "%m", "%d", "%H", "%M", "%S"))
    body = sample.removesuffix("Z" if sample.endswith("Z") else zone)
    body = re.sub(r"^\d{4}|\d\d", lambda _: next(names), body.removesuffix(fraction))
    digits = f"{fraction[0]}%{min(len(fraction) - 1, 9)}f" if fraction else ""
    return body + digits + ("Z" if sample[-1:] == "Z" else zone)


@lru_cache(256)
def offset_of(text: str) -> np.timedelta64 | None:
    """How far the clock of a time, or of times of a form, is before UTC, if it says so."""
    try:
        zone = (form(text).zone if "%" in text else _zone_of(text)).strip()
    except ValueError:  # a text that is no time, and happens to have the sign of a form
        return None
    if not zone:
        return None
    if zone in ("Z", "UTC", "GMT"):
        return np.timedelta64(0, "m")
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return np.timedelta64(-minutes if zone[0] == "-" else minutes, "m")


def _zone_of(text: str) -> str:
    found = re.match(ISO, text)
    if found:
        return found["zone"] or ""
    found = re.search(rf":\d\d(?:[.,]\d+)?(?: ?[AaPp](?:\. ?)?[Mm]\.?)?({ZONE})$|T\d{{4,6}}(?:[.,]\d+)?({ZONE})$", text)
    return (found[1] or found[2]) if found else ""


def zone_name(text: str) -> str:
    """The name of a zone behind the time of the day, such as CET, in a time or a form; "" if there is none."""
    found = re.search(rf"(?<=[\dA-Za-z.])({NAMED_ZONE})(?![\w:])", text)
    return found[1].strip() if found else ""


def has_offset(text: str) -> bool:
    """Whether a time is an instant, and not what a clock somewhere shows."""
    return offset_of(text) is not None


def kind_of(dated: bool, sample: str, named: bool = True) -> str:
    """What a column of times holds, and, if it is to be `named`, of which zone; those of different kinds cannot be
    compared.
    """
    if not dated:
        kind = form(sample).kind if sample else "number"
        names = {"clock": "times of the day", "elapsed": "durations", "dated": "dates and times in nanoseconds"}
        return names.get(kind, "numbers")
    offset, zone = "with" if has_offset(sample) else "without", zone_name(sample) if named else ""
    return "dates and times" + f" of the zone {zone}" * bool(zone) + f" {offset} an offset"


def parse(texts: "pl.Series", text: str) -> tuple["pl.Series", str]:
    """Microseconds (rows,) of those that are written by the form, of dates since 1970 and by UTC; else null. Numbers
    are themselves. And the form with `-` for what some of them write without a zero in front, and with the offset of
    the first one in place of a %z behind the time of the day, in which times are written again.
    """
    f = form(text)
    groups = texts.str.extract_groups(f.pattern).struct.unnest()
    there = groups[groups.columns[0]].is_not_null()
    if "n" in f.letters:
        return groups["n"].cast(pl.Float64, strict=False), text
    if "s" in f.letters:
        return _since_1970(groups["s"].cast(pl.Int64, strict=False), f.unit), text
    for tag, letter in NAMED.findall(text):
        words = groups[letter].drop_nulls().unique()
        small = "%#[" if len(words) and words.str.to_lowercase().equals(words) else "%["
        text = text.replace(f"%[{tag}]{letter}", f"{small}{tag}]{letter}")
        text = text.replace(f"[{tag}]{letter}", f"[{NAMES[letter].tag_of(words, tag) or tag}]{letter}")
    names = [name for name in groups.columns if name in WIDTHS]
    short = {name for name in names if name in TWO and (groups[name].str.len_chars() == 1).any()}
    values, right = _values(groups, f.letters - {letter for letter in "aA" if f"]{letter}" not in text})
    when, valid = _combined(values, f.letters)
    if "zone" in groups.columns:
        when = when - _offsets(groups["zone"])
        zones = groups["zone"].drop_nulls()
        own = text.replace("%z", zones[0]) if len(zones) else text
        text = own if form(own).zone else text
    found = pl.Series(when).set(pl.Series(~(valid & right)) | ~there, None)
    return found, DIRECTIVE.sub(lambda d: f"%-{d[4]}" if d[4] in short else d[0], text)


def _since_1970(whole: "pl.Series", unit: int) -> "pl.Series":
    """Microseconds of so many times the unit of nanoseconds; null where they are too many, or not whole."""
    if unit < 1000:
        return (whole // (1000 // unit)).set((whole % (1000 // unit) != 0).fill_null(False), None)
    most = ((1 << 62) - 1) // (unit // 1000)
    return whole.set((whole.abs() > most).fill_null(False), None) * (unit // 1000)


def _values(groups, letters) -> tuple[dict, np.ndarray]:
    """The parts as whole numbers (rows,), and where words are names of months, days and halves of the day."""
    values, right = {}, np.ones(len(groups), bool)
    for name in letters & set(groups.columns):
        texts = groups[name]
        if name in "bB":
            months = [month[: 3 if name == "b" else 9].lower() for month in MONTHS]
            short = texts.str.to_lowercase().str.strip_chars(".")
            short = short.str.slice(0, 3) if name == "b" else short
            words = {word: i for i, word in enumerate(months, 1)}
            known = {
                word: words.get(word) or month_names.NAMES.number_of(word) * (name == "B")
                for word in short.drop_nulls().unique()
            }
            number = short.replace_strict(known, default=0, return_dtype=pl.Int64) if known else texts.cast(pl.Int64)
        elif name == "A":
            days = {word: NAMES["A"].number_of(word) for word in texts.drop_nulls().unique()}
            number = texts.replace_strict(days, default=None, return_dtype=pl.Int64)
        elif name == "p":
            number = texts.str.to_lowercase().str.starts_with("p").cast(pl.Int64)
        elif name == "f":
            number = texts.str.pad_end(9, "0").cast(pl.Int64, strict=False) // 1000
        else:
            number = texts.cast(pl.Int64, strict=False)
        right &= number.is_not_null().to_numpy()
        values[name] = number.fill_null(0).to_numpy()
    return values, right


def _combined(v: dict, letters) -> tuple[np.ndarray, np.ndarray]:
    """Microseconds, and where there is such a time."""
    n = len(next(iter(v.values())))
    zero = np.zeros(n, np.int64)
    hour, minute, second = v.get("H", zero), v.get("M", zero), v.get("S", zero)
    valid = (minute < 60) & (second < 60)
    if "I" in v:
        valid &= (v["I"] >= 1) & (v["I"] <= 12)
        hour = v["I"] % 12 + 12 * v.get("p", zero)
    midnight = (hour == 24) & (minute == 0) & (second == 0)  # 24:00 is the end of the day
    valid &= (hour < 24) | (midnight & bool(letters & DATED))
    clock = hour * HOUR + minute * 60 * SECOND + second * SECOND + v.get("f", zero)
    if "D" in v or "K" in v:
        return v.get("D", zero) * DAY + v.get("K", zero) * HOUR + clock, valid
    if not letters & DATED:
        return clock, valid
    days, real = _days(v, zero)
    if "A" in v:  # SO-2024-001 is no Sunday, but a number of an order
        real &= v["A"] == (days + 3) % 7 + 1
    return days * DAY + clock, valid & real


def _days(v: dict, zero: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970, and where there is such a day."""
    if "G" in v:  # ISO 8601: week 1 is that of 4 January
        fourth = _day_of(v["G"], zero + 1, zero + 4)
        day = fourth - (fourth + 3) % 7 + 7 * (v["V"] - 1) + v.get("u", zero + 1) - 1
        thursday = (day - (day + 3) % 7 + 3).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        return day, (thursday == v["G"]) & (v["V"] >= 1)
    year = next((v[name] for name in "YE" if name in v), None)
    year = year if year is not None else whole_years(v["y"])
    if "N" in v:  # one year from one to the next
        return _day_of(year, zero + 1, zero + 1), (v["N"] == year + 1) | (v["N"] == (year + 1) % 100)
    if "j" in v:
        day = _day_of(year, zero + 1, zero + 1) + v["j"] - 1
        return day, (v["j"] >= 1) & (day < _day_of(year + 1, zero + 1, zero + 1))
    month = next((v[name] for name in "mbB" if name in v), zero + 1)
    month = 3 * v["q"] - 2 if "q" in v else 6 * v["h"] - 5 if "h" in v else month
    date = v.get("d", zero + 1)
    day = _day_of(year, month, date)
    next_month = _day_of(year + month // 12, month % 12 + 1, zero + 1)
    return day, (month >= 1) & (month <= 12) & (date >= 1) & (day < next_month)


def _day_of(year, month, date) -> np.ndarray:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64) + date - 1


def _offsets(zones) -> np.ndarray:
    """Microseconds before UTC."""
    known = zones.unique().drop_nulls()
    offsets = [int(offset_of(f"%H{zone}") / np.timedelta64(1, "us")) for zone in known]
    if not len(known):
        return np.zeros(len(zones), np.int64)
    return zones.replace_strict(known, pl.Series(offsets), default=0, return_dtype=pl.Int64).to_numpy()
