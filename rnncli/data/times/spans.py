"""Times that are intervals, `31.01.2024 10:00 - 11:00`, of which the beginning is read.

What follows the beginning may be written as an offset from UTC is: 10:00-11:00 is an hour, 10:00-05:00 a time in New
York. All texts of a column tell which: the ends of intervals differ where their lengths do not, offsets are the same
where the distance from the time before them is not.
"""

import re

from rnncli.data import polars as pl
from rnncli.data.times.stamps import has_offset

SPAN = r"^(.*\d:\d\d(?: ?[AaPp][Mm]|Z)?) ?[-–/] ?(?:[\d./-]+[ T])?\d\d?:\d\d(?::\d\d)?(?: ?[AaPp][Mm]|Z)?$", "$1"
#: an end that may be an offset, and the clock before it
UNCLEAR = r"(?<h>\d{1,2}):(?<m>\d\d)(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])? ?-(?<H>\d\d):(?<M>\d\d)$"
NOON = 720  # minutes, after which a clock with AM and PM begins again


def are_spans(texts: "pl.Series", given: str = "") -> bool:
    """Whether these times, the first of which tells their form, are intervals. `given` is the form of training, which
    tells where one row, or one time of the day, does not.
    """
    first = texts.drop_nulls().head(1)
    if not len(first) or not re.match(SPAN[0], first[0]):
        return False
    if not first.str.contains(UNCLEAR)[0]:
        return True
    clocks = texts.drop_nulls().str.extract_groups(UNCLEAR).struct.unnest().cast(pl.Int32)
    if clocks["h"].null_count():
        return False
    ends, begins = 60 * clocks["H"] + clocks["M"], 60 * clocks["h"] + clocks["m"]
    count, lengths = ends.n_unique(), ((ends - begins) % NOON).n_unique()
    return lengths < count or (count == lengths == 1 and bool(given) and not has_offset(given))


def beginnings(texts: "pl.Series") -> "pl.Series":
    """Where intervals begin; other texts stay."""
    return texts.str.replace(*SPAN)
