"""Times as texts again: written by the form that their file had, with more digits where they need them."""

import re
from functools import lru_cache

import numpy as np

from rnncli.data.times.stamps import DAY, DAYS, HOUR, MONTHS, NAMES, SECOND, WIDTHS, Form, Instant, form, offset_of

FLOAT = 16  # digits of a number of which the last may be rounding
PLAIN = set(WIDTHS) - {"N"}  # directives that are a number of so many digits
MORNING = ("AM", "A.M.", "A. M.")  # %p, %1p, and %2p or more
CALCULATED = 6  # decimals, from the first that is not 0, of a step that nobody wrote


def write_time(time: Instant, sample: str, step: float = 0) -> str:
    """A time by the form; where it has too few digits for times a step apart, by one that has enough."""
    f = form(sample) if sample else None
    if f is None or f.kind == "number":
        return _number_text(time, sample, f, step)
    offset = np.timedelta64(0, "m") if f.kind != "dated" else offset_of(sample) or np.timedelta64(0, "m")
    if isinstance(time, np.datetime64):
        whole = int((time + offset).astype("datetime64[us]").astype(np.int64)) * 1000
    elif f.kind == "dated":
        whole, step = int(time) + int(offset / np.timedelta64(1, "ns")), step / 1000
    else:
        whole = round(float(time)) * 1000
    if f.unit:
        return "".join(part if isinstance(part, str) else str(whole // f.unit) for part in f.parts)
    day, rest = divmod(whole, DAY * 1000)
    f = _enough(f.text, _needed(rest), _needed(round(float(step) * 1000) if f.kind == "dated" else 0))
    values, (template, others) = _parts_of(f, day, rest // 1000, rest % 10**9), _template(f.text)
    for name, part in others:
        values[name] = _written(part, values, f.zone)
    return template.format_map(values)


def _number_text(time, sample: str, f: Form | None, step: float) -> str:
    """With the decimals of the sample or the step; whole ones whole, of any size."""
    number = re.search(r"-?\d+(?:\.(\d+))?", sample) if "%" not in sample else None
    digits = len(number[1] or "") if number else next((p[1] for p in f.parts if p[2:] == ("n",)), 0) if f else 0
    _, _, more = f"{float(step):.9f}".rstrip("0").partition(".")
    if len(more.lstrip("0")) > CALCULATED and step >= 10.0**-digits:  # between numbers that were rounded
        more = ""
    if not sample or re.fullmatch(r"[-+.\d]+[eE][-+]?\d+", sample):
        text = repr(float(time)) if not float(time).is_integer() else str(int(time))
    else:
        digits = max(digits, len(more))
        whole = isinstance(time, np.integer) or not digits
        known = digits <= FLOAT - len(str(abs(int(time))))
        text = str(round(time)) if whole else f"{float(time):.{digits}f}" if known else f"{float(time):.{FLOAT}g}"
    if f is None or "%" not in sample:
        return text
    return "".join(part if isinstance(part, str) else text for part in f.parts)


def _needed(nanoseconds: int) -> tuple[bool, bool, int]:
    """Whether a time of the day, or a step, is more than whole days, more than whole minutes; digits of a fraction."""
    digits = next(d for d in range(10) if not nanoseconds % 10 ** (9 - d))
    return bool(nanoseconds % (DAY * 1000)), bool(nanoseconds % (60 * 10**9)), digits


@lru_cache(256)
def _enough(text: str, time: tuple[bool, bool, int], step: tuple[bool, bool, int]) -> Form:
    """A form with hours, seconds or a fraction where the time, or the step, has them."""
    f = form(text)
    if f.letters & set("Gqhj") or not f.letters & set("dHIDK"):
        return f
    text, behind = f.text[: f.at], f.text[f.at :]
    hours, seconds, digits = map(max, time, step)
    if not f.letters & set("HIK") and hours:
        text += " %H:%M:%S"
    elif seconds and not f.letters & set("Sp"):
        text += ":%S"
    if digits > f.digits:
        text = re.sub(r"(%-?S)([.,]%\d?f)?", rf"\1.%{-(-digits // 3) * 3}f", text)
    return form(text + behind)


@lru_cache(256)
def _template(text: str) -> tuple[str, list[tuple[str, tuple]]]:
    """What str.format takes to write a time of a form; parts that are more than a number, with their names there."""
    texts, others = [], []
    for number, part in enumerate(form(text).parts):
        if isinstance(part, str):
            texts.append(part.replace("{", "{{").replace("}", "}}"))
        elif len(part) == 3 and part[0] != "-" and part[2] in PLAIN:
            texts.append(f"{{{part[2]}:0{WIDTHS[part[2]]}d}}")
        else:
            others.append((f"part{number}", part))
            texts.append(f"{{part{number}}}")
    return "".join(texts), others


def _parts_of(f: Form, day: int, rest: int, fraction: int) -> dict:
    """What stands for each directive, of a day since 1970, the microseconds of it and the nanoseconds of its second."""
    hour, minute, second = rest // HOUR, rest // (60 * SECOND) % 60, rest // SECOND % 60
    found = {"H": hour, "I": (hour + 11) % 12 + 1, "M": minute, "S": second, "f": fraction, "p": hour // 12}
    if f.kind == "clock":
        return found
    if f.kind == "elapsed":
        return found | {"D": day, "K": day * 24 + hour}
    return found | _parts_of_day(day)


@lru_cache(1024)
def _parts_of_day(day: int) -> dict:
    weekday = (day + 3) % 7
    (year, month, date), day_of_year = _day_in_year(day)
    (week_year, _, _), thursday = _day_in_year(day - weekday + 3)
    name, day_name = MONTHS[month - 1], DAYS[weekday]
    words = {"b": name[:3], "B": name, "a": day_name[:3], "A": day_name}
    dated = {
        "Y": year,
        "E": year,
        "y": year % 100,
        "N": year + 1,
        "q": (month + 2) // 3,
        "h": (month + 5) // 6,
        "m": month,
        "d": date,
    }
    weekly = {"j": day_of_year, "G": week_year, "V": (thursday + 6) // 7, "u": weekday + 1}
    return words | dated | weekly


def _day_in_year(day: int) -> tuple[list[int], int]:
    """Year, month and day of the month of a day since 1970, and its number in the year, from 1 on."""
    date = np.datetime64(day, "D")
    number = int((date - date.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)) + 1
    return list(map(int, str(date).rsplit("-", 2))), number


def _written(part: tuple, values: dict, zone: str) -> str:
    flag, digits, letter, *tag = part
    if letter == "z":  # where none is kept: by UTC
        return zone or "+0000"
    value = values[letter]
    if letter == "f":
        return f"{value:09d}"[:digits]
    if letter == "N" and digits != 4:
        value %= 100
    if letter == "p":
        value = MORNING[min(digits, 2)].replace("A", "AP"[value])
        return value.lower() if flag == "#" else value
    if tag:
        value = NAMES[letter].name_of(values["m" if letter == "B" else "u"], tag[0])
        value = value[0].upper() + value[1:]
    if isinstance(value, str):
        return value.upper() if flag == "^" else value.lower() if flag == "#" else value
    return str(value) if flag == "-" else f"{value:0{WIDTHS.get(letter, 4 if letter == 'G' else 1)}d}"
