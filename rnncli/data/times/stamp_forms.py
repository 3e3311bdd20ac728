"""Which form a time has that somebody else wrote: one by one, and for a column of them.

A date of three numbers without a year of four digits in front can be read in more than one order (dmy, mdy, ymd): the
reader tries all that are possible, until one is left.
"""

import re
from typing import Any

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.times import day_names, month_names
from rnncli.data.times.script_digits import with_usual_signs
from rnncli.data.times.spans import are_spans, beginnings
from rnncli.data.times.stamps import (
    DAYS,
    ISO,
    MONTHS,
    NAMED,
    NAMED_ZONE,
    Instant,
    form,
    has_offset,
    of_iso,
    offset_of,
    parse,
    zone_name,
)

ORDERS = ("dmy", "mdy", "ymd")
CLOCK = re.compile(
    r"(?:(?<![\d:])|(?<=/\d{4}:))(?P<h>\d{1,6}):(?P<m>\d\d)(?::(?P<s>\d\d)(?:(?P<dot>[.,])(?P<f>\d+))?)?(?![\d:])"
    r"(?P<p> ?[AaPp](?:\. ?)?[Mm]\.?(?![A-Za-z]))?"
    rf"(?P<zone>(?: ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)|{NAMED_ZONE})(?![\w:]))?"
)
DOTTED = re.compile(r"(?<=\d{4}[ T])(?P<h>\d\d)\.(?P<m>\d\d)(?:\.(?P<s>\d\d))?$")  # 18.00.00 behind a date
BASIC = re.compile(
    r"(?<=\d{8})(?P<sep>[T ]?)(?P<h>\d\d)(?:(?P<m>\d\d)(?:(?P<s>\d\d)(?:(?P<dot>[.,])(?P<f>\d+))?)?)?"
    r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?$"
)
ELAPSED = re.compile(r"^(?P<d>-?\d+)(?P<unit> ?[Dd]ays?| ?d(?!e))(?P<sep>,? (?=\d))?")
SMALL_YEAR = re.compile(r"[1-9]\d?-(?:0[1-9]|1[0-2])"), "%E-%m"  # 1-01, a month of the first year
#: letters and words beside numbers: of weeks, quarters (T is a trimester), months, halves of a year, fiscal years
BESIDE = {**dict.fromkeys(("w", "week", "wk", "kw"), "w"), **dict.fromkeys(("q", "quarter", "qtr", "t"), "q"), "m": "m"}
BESIDE |= {**dict.fromkeys(("h", "s"), "h"), "fy": "f", "qfy": "qf"}
FILLING = ("de", "del", "of", *"年月日년월일")  # 1 de enero de 2024, 2024年1月31日
ORDINAL = r"(\d)(?i:st|nd|rd|th|er)\b", "$1"  # 1st January, 1er janvier
SOME = 1000  # texts that show whether times repeat
#: 1950/51, 2008/9, 1950-1951: a season, which begins in the first year
SEASON = re.compile(r"(\d{4})[-/–](\d{1,2}|\d{4})")
#: 2012:01 and 2012:1, as gretl and EViews write months and quarters; may be hours and minutes
COLON = re.compile(r"(?:1[5-9]|2[0-3])\d\d:(?:0?[1-9]|1[0-2])"), ("%Y:%m", "%Y:%-m", "%Y:%q")
SHORT = re.compile(r"\d\d?/\d\d")  # 01/12, a month of a year
REST = {4: "-01-01", 7: "-01", 13: ":00"}  # what a time of so many characters lacks to be parsed: 2024, 2024-01, hours
#: in lower case, the name of a month or a day of the week -> its directive
NAMES = {name.lower(): letter for names, letter in ((MONTHS, "B"), (DAYS, "A")) for name in names}
NAMES |= {name[:3].lower(): letter for names, letter in ((MONTHS, "b"), (DAYS, "a")) for name in names}
NAMES |= {"sept": "b"}
#: what is beside the numbers of a date (b: a month by name; q, w, m, h: what stands beside a quarter, a week, ..), the
#: order where it matters, and how long the numbers are -> their directives
DATES = {
    **{"q 1 4": "q Y", "q 4 1": "Y q", "q 1 2": "q y", "h 1 4": "h Y", "h 4 1": "Y h", "m 4 [12]": "Y m"},
    **{"f 4": "Y", "f 2": "y", "f 4 2": "Y N", "qf 1 4": "q Y", "qf 1 2": "q y", "fq 4 1": "Y q", "fq 2 1": "y q"},
    **{"w [12] 4": "V G", "w 4 [12]": "G V", "w 4 [12] 1": "G V u"},
    **{"b 4": "Y", "b 2": "y", "b 4 [12]": "Y d", "b [12] 4": "d Y", "b(dmy|mdy) [12] 2": "d y", "bymd 2 [12]": "y d"},
    **{" 8": "Ymd", " 14": "YmdHMS", " 4 3": "Y j", " 4 [12]": "Y m", " [12] 4": "m Y", " 4 [12] [12]": "Y m d"},
    **{"dmy [12] [12] 2": "d m y", "dmy [12] [12] 4": "d m Y", "mdy [12] [12] 2": "m d y", "mdy [12] [12] 4": "m d Y"},
    **{"ymd 2 [12] [12]": "y m d"},
}


def form_of(text: str, order: str = "") -> str | None:
    """The form of a time that is not of ISO; None if it has none, or one that is read in another order."""
    found = ELAPSED.match(text)
    if found:
        return _elapsed(text, found)
    if SMALL_YEAR[0].fullmatch(text):
        return SMALL_YEAR[1]
    clock = BASIC.search(text) or CLOCK.search(text) or DOTTED.search(text)
    if not clock:
        return _date(text, order)
    before, after = text[: clock.start()], text[clock.end() :]
    beside = (before + after).strip()
    time = _clock(clock, bool(beside))
    if not beside:
        return time
    between = re.search(r"((?<=[\d.a-z])(T| at |:)|)$", before)[0]
    date = _date(before.removesuffix(between) + "\0" + after, order)
    return date and date.replace("\0", between + time)


def _clock(found: re.Match, dated: bool) -> str:
    g = found.groupdict()
    hour = "%I" if g.get("p") else "%H" if dated or int(g["h"]) < 24 and len(g["h"]) < 3 else "%K"
    hour = hour.replace("%", "%-") if len(g["h"]) == 1 and hour != "%K" else hour
    colon = "" if "sep" in g else next((mark for mark in ":." if mark in found[0]), "")
    text = g.get("sep", "") + colon.join([hour, *(f"%{name.upper()}" for name in "ms" if g[name])])
    if g.get("f"):
        text += f"{g['dot']}%{min(len(g['f']), 9)}f"
    if g.get("p"):
        points = "" if "." not in g["p"] else "2" if ". " in g["p"] else "1"
        text += " " * g["p"].startswith(" ") + "%" + "#" * ("m" in g["p"]) + points + "p"
    return text + (g.get("zone") or "")


def _elapsed(text: str, found: re.Match) -> str | None:
    start, rest = "%D" + found["unit"] + (found["sep"] or ""), text[found.end() :]
    if not rest:
        return start
    clock = CLOCK.fullmatch(rest)
    return start + _clock(clock, True) if clock and found["sep"] and not clock["p"] and not clock["zone"] else None


def _date(text: str, order: str) -> str | None:
    """The form of a date; with \\0 where the time of the day stands in it."""
    if SHORT.fullmatch(text) and order:
        return "%y/%m" if order == "ymd" else "%-m/%y" if text[1] == "/" else "%m/%y"
    if text.startswith("-"):  # a year before the first one, which calendars count in different ways
        return None
    parts = re.findall(r"\d+|[^\W\d_]+|[\W_]+", text)
    day = _day_at(parts)
    digits = [i for i, part in enumerate(parts) if part.isdecimal()]
    beside = ""
    for i, part in enumerate(parts):
        low = part.lower()
        if i == day:
            parts[i] = _tagged(parts, i, str(day_names.NAMES.tag_of((low,))), "A")
        elif low in NAMES:
            parts[i] = "%" + ("^" if part.isupper() else "#" if part.islower() else "") + NAMES[low]
            beside += NAMES[low].lower().replace("a", "")
        elif low in BESIDE:
            beside += BESIDE[low]
        elif tag := month_names.NAMES.tag_of((low,)):
            parts[i] = _tagged(parts, i, tag, "B")
            beside += "b"
        elif part == ":" and parts[i + 1 : i + 2] in (["Q"], ["q"]):
            continue
        elif not part.isdecimal() and low not in FILLING and not re.fullmatch(r"[-/., ()'\u2019\0]*", part):
            return None
    lengths = [len(parts[i]) for i in digits]
    shapes = [" ".join((beside + by, *map(str, lengths))) for by in {"", order}]
    names = next((names for shape, names in DATES.items() if any(re.fullmatch(shape, s) for s in shapes)), None)
    if names is None:
        return None
    for i, length, letters in zip(digits, lengths, names.split(), strict=True):
        parts[i] = "".join(f"%-{name}" if length == 1 and name in "mdV" else f"%{name}" for name in letters)
    return "".join(parts)


def _day_at(parts: list[str]) -> int:
    """Where the day of the week is named in another language; -1 for nowhere. It may be the name of a month too, as
    that of another part, or three numbers, show.
    """
    lows = [part.lower() for part in parts]
    months = [i for i, low in enumerate(lows) if NAMES.get(low, "a") in "bB" or month_names.NAMES.tag_of((low,))]
    full = sum(map(str.isdecimal, parts)) > 2
    found = (i for i, low in enumerate(lows) if low.isalpha() and day_names.NAMES.tag_of((low,)))
    return next((i for i in found if i not in months or full or len(months) > 1), -1)


def _tagged(parts: list[str], i: int, tag: str, letter: str) -> str:
    """The directive for a name; the point of what is shortened is a part of it, and is left out behind it."""
    if parts[i + 1 : i + 2] and re.match(r"\.(\W|$)", parts[i + 1]):
        parts[i + 1] = parts[i + 1][1:]
    return "%" + ("^" if parts[i].isupper() else "#" if parts[i].islower() else "") + f"[{tag}]{letter}"


def parse_times(
    texts: "pl.Series", sample: str = "", order: str = "", given: str = ""
) -> tuple["pl.Series", list[str]]:
    """Microseconds (rows,), null from the first that is no time on; and the forms that were found.

    Dates are since 1970, by UTC if they have an offset. With a sample, null too at the first text of another kind: that
    has an offset where the sample has none, a date where the sample has none. `given` is a form to try first. All of
    the form of the first are parsed at once, then those of the form of the first that is left.
    """
    texts = with_usual_signs(texts)
    left = texts = beginnings(texts) if are_spans(texts, given or sample) else texts
    forms: list[str] = []
    when = pl.repeat(None, len(left), dtype=pl.Int64, eager=True)
    kind = _kind(sample) if sample else None
    given = given or sample * (sample in COLON[1] or "%N" in sample)
    while left.null_count() < len(left):
        first = left.is_not_null().arg_max()
        found, text = _parsed(left, left[first], order, "" if forms else given)
        if found is None or found[first] is None:
            bare = beginnings(texts).str.replace_all(*ORDINAL)
            return (when, forms) if bare.equals(texts) else parse_times(bare, sample, order, given)
        if NAMED.search(text) and any(re.search("%[#^]?[bB]", before) for before in forms):
            return parse_times(texts, sample, order, text)  # what looked English is of this language
        if forms and "N" in form(text).letters and text != given:  # what looked like months are seasons
            return parse_times(texts, sample, order, text)
        kind = kind or _kind(text)
        if _kind(text) != kind:
            break
        forms.append(text)
        when = when.zip_with(when.is_not_null(), found)
        left = left.set(found.is_not_null(), None)
    return when, forms


def all_dated(texts: "pl.Series", order: str = "") -> bool:
    """Whether all have a date, read in this order of day, month and year."""
    when, forms = parse_times(texts, order=order)
    if not forms or when.null_count() or any(form(text).kind != "dated" for text in forms):
        return False
    return not any(map(may_be_days, forms)) or go_by_months(when.to_numpy())


def may_be_days(text: str) -> bool:
    """Whether a form is that of Jan-20 or 01/20, which is a month of 2020, or a day of January."""
    return form(text).letters in ({"y", "b"}, {"y", "B"}, {"y", "m"})


def go_by_months(times: np.ndarray) -> bool:
    """Whether microseconds mostly go on by a month or a quarter from one to the next other one, as those of years do
    not that are days in truth.
    """
    steps = np.abs(np.diff(times.view("datetime64[us]").astype("datetime64[M]").astype(np.int64)))
    counts = np.bincount(steps[steps > 0]) if steps.any() else np.zeros(2, np.int64)
    return not steps.any() or int(counts.argmax()) in (1, 3)


def dated_in_some_order(texts: "pl.Series") -> bool:
    """Whether all have a date, read in one order of day, month and year."""
    return any(all_dated(texts, order) for order in ("", *ORDERS))


def _kind(text: str) -> tuple:
    return (form(text).kind, has_offset(text), zone_name(text), "N" in form(text).letters)


def _parsed(texts, first: str, order: str, given: str):
    """Microseconds of those that are written as the first is, else null; and its form."""
    if given:
        found, text = parse(texts, given)
        if found[texts.is_not_null().arg_max()] is not None:
            return found.cast(pl.Int64), text
    for text in _of_years(texts, first):
        return parse(texts, text)[0].cast(pl.Int64), text
    if re.match(ISO, first):
        alike = texts.set(~texts.str.contains(ISO).fill_null(False), None)
        found = _parse_iso(alike, first)
        if len(first) > 10 and found[texts.is_not_null().arg_max()] is None:  # 24:00, the end of the day
            found = parse(alike, of_iso(first))[0].cast(pl.Int64)
        return found, {4: "%Y", 7: "%Y.%m"}.get(len(first), first) if first.replace(".", "").isdecimal() else first
    text = form_of(first, order)
    if text is None:
        return None, ""
    found, text = parse(texts, text)
    return found.cast(pl.Int64), text


def _of_years(texts, first: str) -> list[str]:
    """The form of a season, or of months and quarters behind a colon, as they go on from one to the next."""
    if (found := SEASON.fullmatch(first)) and int(found[2]) in ((year := int(found[1]) + 1), year % 100):
        form_ = f"%Y{first[4]}%{'4' * (len(found[2]) == 4)}N"
        return [form_] if len(found[2]) == 4 or year % 100 not in range(1, 13) else []
    if not COLON[0].fullmatch(first):
        return []
    there = texts.drop_nulls()
    if not there.str.contains(f"^{COLON[0].pattern}$").all() or there.str.slice(0, 4).n_unique() < 2:
        return []
    form_ = COLON[1][0] if (there.str.len_chars() == 7).all() else COLON[1][2]
    when = parse(there, form_)[0]
    if when.null_count():
        when = parse(there, form_ := COLON[1][1])[0]
    return [form_] * go_by_months(when.to_numpy())


def _parse_iso(texts, sample: str):
    """Microseconds of those that are written as the sample is, else null."""
    found, rest = re.match(ISO, sample), REST.get(len(sample), "").replace("-", sample[4:5] or "-")
    fraction, zone = found["fraction"] or "", found["zone"] or ""
    body = of_iso(sample.removesuffix(fraction + zone) + rest)
    body += "%.f" * bool(fraction) + (zone if zone in ("", "Z") else "%#z")
    if fraction.startswith(","):
        texts = texts.str.replace(",", ".", literal=True)
    texts = texts + rest if rest else texts
    again = 2 * texts.head(SOME).n_unique() < min(SOME, len(texts))  # else looking each up takes as long as to read it
    return texts.str.to_datetime(body, time_unit="us", strict=False, cache=again).cast(pl.Int64)


def nanoseconds(texts: "pl.Series") -> np.ndarray:
    """What times have below a microsecond."""
    digits = texts.str.extract(r"[.,]\d{6}(\d{1,3})", 1).str.pad_end(3, "0")
    return digits.cast(pl.Int16, strict=False).fill_null(0).to_numpy()


def order_of(text: str) -> str:
    """In which order a form has day, month and year, as ORDERS names it."""
    names = {"d": "d", "m": "m", "b": "m", "B": "m", "y": "y", "Y": "y"}
    return "".join(names.get(part[2], "") for part in form(text).parts if not isinstance(part, str))


def read_time(text: str, sample: str, dated: bool) -> Instant | None:
    """A time or number as the user writes it, with the offset of the sample if it has none; None if it is neither."""
    kind = "dated" if dated else form(sample).kind if sample else "number"
    if kind == "number":
        return _number(text, sample)
    given = sample if "%" in sample else ""
    if given and form(given).unit and text.lstrip("-").isdecimal():  # seconds since 1970, which the file has with .0
        text += given.partition("s")[2]
    if sample == "%Y.%m" and re.fullmatch(r"\d{4}\.\d", text):  # January, or October as a number
        return None
    when, forms = parse_times(pl.Series([text]), order=order_of(sample) if given else "", given=given)
    if not forms or form(forms[0]).kind != kind:
        return None
    if kind != "dated":
        return when[0]
    offset = offset_of(sample) if offset_of(text) is None else None
    date: Any = np.datetime64(when[0], "us") - (np.timedelta64(0, "m") if offset is None else offset)
    return date if dated else int(date.astype(np.int64)) * 1000 + int(nanoseconds(pl.Series([text]))[0])


def _number(text: str, sample: str):
    found = re.match(form(sample).pattern, text) if "%n" in sample else None
    try:
        text = found["n"] if found else text
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text) if np.isfinite(float(text)) else None
    except ValueError:
        return None
