"""Columns that are read as one: date and time of day, the parts of a date, the parts of a key."""

import re

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.columns import Coded

DAY_OF_YEAR = r"doy|yday|day[\W_]*of[\W_]*(the[\W_]*)?year|j(ulian[\W_]*)?day"
#: the beginning of the name of a column -> what stands before its numbers, after a year
AFTER_YEAR = {
    "q|trim": ("-Q", 1),
    "w|kw|semai|seman|sett": ("-W", 2),
    "sem|half|halb|hj|hy": ("-S", 1),
    f"do|yd|{DAY_OF_YEAR}": ("-", 3),
}
HOURS = 2  # where they stand behind a day of the year
MONTH = re.compile(r"\W*(m|mo|mm|mes|mês|mese|mois|mnth|mon.*)\W*", re.IGNORECASE)
SHORT = 4  # numbers up to it may be quarters: without a 0 before them they are refused, see `Times`
DATE, CLOCK = [("-", 2), ("-", 2)], [(" ", 2), (":", 2), (":", 2)]  # before months and days; hours, minutes and seconds


def is_day_of_year(name: str) -> bool:
    """Whether a column is called so."""
    return bool(re.match(DAY_OF_YEAR, name.strip(), re.IGNORECASE))


def joined_times(columns: list, names: tuple[str, ...]) -> "pl.Series":
    """One column of a date and a time of day, or of year, month, day, hour, minute, second as numbers."""
    if len(columns) == 1:
        return columns[0]
    texts = [_text(column) for column in columns]
    if all(text.str.contains(r"^\d+$").all() for text in texts) and (texts[0].str.len_chars() == 4).all():
        return _of_numbers(texts, names)
    joined = texts[0]
    for text in texts[1:]:
        width = text.str.len_chars().max() or 0
        if text.str.contains(r"^\d+$").all() and width <= 6:  # 7, 730 or 73000: a time of day
            text = text.str.zfill(width + width % 2)
        joined = joined + " " + text
    return joined


def _of_numbers(texts: list, names: tuple[str, ...]):
    special = [mark for start, mark in AFTER_YEAR.items() if re.match(start, names[1].strip(), re.IGNORECASE)][:1]
    marks, joined = [*(special or DATE), *CLOCK], texts[0]
    if len(texts) == 2 and not special and not MONTH.fullmatch(names[1]) and texts[1].cast(pl.Int64).max() <= SHORT:
        marks = [("-", 1)]
    for (separator, width), text in zip(marks, texts[1:], strict=False):
        joined = joined + separator + text.str.zfill(width)
    if special == [("-", 3)] and len(texts) == 1 + HOURS:  # 2024-031 10 is no time
        joined = joined + ":00"
    left = texts[1 + len(marks) :]
    return joined + " " + left[-1] if left else joined


def _text(column):
    """As text; a whole number without a point, a date and time at midnight without a time."""
    if column.dtype.is_float():
        whole = (column == column.floor()).all()
        return (column.cast(pl.Int64, strict=False) if whole else column).cast(pl.String)
    plain = column.dtype in (pl.Datetime("ms"), pl.Datetime("us"), pl.Datetime("ns"))
    if plain and (column.dt.time() == pl.time(0)).all():
        return column.dt.date().cast(pl.String)
    text = column.cast(pl.String).str.strip_chars()
    return text.str.replace(r"^(\d+)\.0+$", "${1}")


def escaped(part: str) -> str:
    """A part of a key of several columns, which have slashes between them."""
    return re.sub(r"([\\/])", r"\\\1", part)


def joined_keys(parts: list[Coded]) -> Coded:
    """The keys of several columns as one, a slash between them, by first appearance."""
    if len(parts) == 1:
        return parts[0]
    rows = np.stack([part.codes for part in parts], axis=1)
    found, first, at = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    symbols = [list(map(escaped, part.symbols)) for part in parts]
    keys = ["/".join(texts[code] for texts, code in zip(symbols, found[i].tolist(), strict=True)) for i in order]
    return Coded(rank[at.ravel()].astype(np.int32), keys)
