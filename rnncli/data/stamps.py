"""Times as they are written: parsed to numbers or dates, and written in the same form again."""

import re

import numpy as np

#: 2024-01-31 12:00:00.5+02:00 as ISO 8601 and its usual variants have it, and less of it
ISO = (
    r"^\d{4}(?:[-/.]\d\d(?:[-/.]\d\d(?:[T ]\d\d(?::?\d\d(?::?\d\d(?P<fraction>[.,]\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?|Z)?)?)?$"
)
REST = {4: "-01-01", 7: "-01", 13: ":00"}  # what a time of so many characters lacks to be parsed: 2024, 2024-01, hours
MIDNIGHT = "1970-01-01 "


def parse_times(texts, sample: str = ""):
    """Microseconds (rows,) since 1970, null where a text is no time; of one with an offset, by UTC.

    With a sample, null too at the first text that has an offset where the sample has none, or the other way round.
    All of the form of the first are parsed at once, then those of the form of the first that is left.
    """
    import polars as pl

    left = texts.set(~texts.str.contains(ISO).fill_null(False), None)
    when = pl.repeat(None, len(left), dtype=pl.Int64, eager=True)
    while left.null_count() < len(left):
        first = left.is_not_null().arg_max()
        found = _parse_form(left, left[first])
        other = sample and has_offset(left[first]) != has_offset(sample)
        if other or found[first] is None:  # the 30th of February
            return when
        when = when.zip_with(when.is_not_null(), found)
        left = left.set(found.is_not_null(), None)
    return when


def _parse_form(texts, sample: str):
    """Microseconds of those that are written as the sample is, else null."""
    import polars as pl

    found, rest = re.match(ISO, sample), REST.get(len(sample), "").replace("-", sample[4:5] or "-")
    fraction, zone = found["fraction"] or "", found["zone"] or ""
    parts = iter(("%Y", "%m", "%d", "%H", "%M", "%S"))
    form = re.sub(r"^\d{4}|\d\d", lambda _: next(parts), sample.removesuffix(fraction + zone) + rest)
    form += "%.f" * bool(fraction) + (zone if zone in ("", "Z") else "%#z")
    if fraction.startswith(","):
        texts = texts.str.replace(",", ".", literal=True)
    return (texts + rest if rest else texts).str.to_datetime(form, time_unit="us", strict=False).cast(pl.Int64)


def is_clock(sample: str) -> bool:
    """Whether times are of the day alone: they stay numbers, microseconds from midnight on."""
    return sample[2:3] == ":"


def offset_of(text: str) -> np.timedelta64 | None:
    """How far the clock of a time is before UTC, if it says so."""
    found = re.match(ISO, text)
    zone = found and found["zone"]
    if not zone:
        return None
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:]) if zone != "Z" else 0
    return np.timedelta64(-minutes if zone[0] == "-" else minutes, "m")


def has_offset(text: str) -> bool:
    """Whether a time is an instant, and not what a clock somewhere shows."""
    return offset_of(text) is not None


def kind_of(dated: bool, sample: str) -> str:
    """What a column of times holds; those of different kinds cannot be compared."""
    if not dated:
        return "numbers"
    return f"dates and times {'with' if has_offset(sample) else 'without'} an offset"


def write_time(time, sample: str) -> str:
    """A time as the sample is written."""
    clock = is_clock(sample)
    if not isinstance(time, np.datetime64) and not clock:
        return f"{float(time):.10g}"
    zone, offset = "", offset_of(sample)
    if offset is not None:
        zone, time = re.match(ISO, sample)["zone"], time + offset
    written = np.datetime_as_string(np.datetime64(int(time), "us") if clock else time, "us")
    digits = iter(written.translate(str.maketrans("", "", "-T:."))[8 * clock :])
    body = sample.removesuffix(zone)
    return "".join(next(digits, "0") if c.isdigit() else c for c in body) + zone or written


def read_time(text: str, sample: str, dated: bool):
    """A time or number as the user writes it, with the offset of the sample if it has none; None if it is neither."""
    clock = is_clock(sample)
    if not dated and not clock:
        return _number(text)
    import polars as pl

    when = parse_times(pl.Series([MIDNIGHT * clock + text]))[0]
    if when is None or clock:
        return when
    offset = offset_of(sample) if offset_of(text) is None else None
    return np.datetime64(when, "us") - (np.timedelta64(0, "m") if offset is None else offset)


def _number(text: str) -> float | None:
    try:
        return float(text) if np.isfinite(float(text)) else None
    except ValueError:
        return None
