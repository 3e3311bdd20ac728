"""Dates of ARFF, whose patterns are those of Java's SimpleDateFormat, as ISO 8601 has them."""

import re
from datetime import datetime
from functools import cache

from rnncli.readers.tagged_header import TaggedHeader

#: letters of Java -> directive of strptime; not yy, whose century depends on the day when it is read, nor S, a count
LETTERS = {
    **{"yyyy": "%Y", "y": "%Y", "M": "%m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "d": "%d", "dd": "%d"},
    **{"H": "%H", "HH": "%H", "h": "%I", "hh": "%I", "m": "%M", "mm": "%M", "s": "%S", "ss": "%S", "SSS": "%f"},
    **{"a": "%p", "E": "%a", "EEE": "%a", "EEEE": "%A", "Z": "%z", "X": "%z", "XX": "%z", "XXX": "%z"},
}
PART = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")


@cache
def form_of(pattern: str) -> str | None:
    """The form of strptime; None for a pattern with other letters, or one that says a thing twice."""
    parts = []
    for found in PART.finditer(pattern):
        if found[2]:
            parts.append(LETTERS.get(found[0]))
        else:
            literal = found[0] if found[1] is None else found[1].replace("''", "'") or "'"
            parts.append(literal.replace("%", "%%"))
    if "".join(found[0] for found in PART.finditer(pattern)) != pattern:
        return None  # a quote that is not closed
    said = [part for part in parts if part in LETTERS.values()]
    return None if None in parts or len(set(said)) < len(said) else "".join(parts)


def iso(text: str | None, pattern: str, at: int, header: TaggedHeader) -> str | None:
    """A date by its pattern as ISO 8601; without a pattern it is that already."""
    if text is None or not pattern:
        return text
    form = form_of(pattern)
    if form is None:
        raise header.error(at, f"the pattern {pattern} of dates", "letters yyyy MM dd HH mm ss SSS a Z")
    try:
        when = datetime.strptime(text, form)
        if "%f" in form and f"{when.microsecond // 1000:03}" not in text:  # 5 of SSS are 5 ms to Java
            raise ValueError
        return when.isoformat(" ")
    except ValueError:
        raise header.error(at, f"the date {text!r}", f"one by the pattern {pattern}") from None
