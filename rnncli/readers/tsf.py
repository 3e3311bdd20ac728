"""`.tsf` of the Monash archive: tags, then `@data`, then a series a line: its attributes with `:` between them, its
values, with commas, behind the last one.
"""

import re

import numpy as np

from rnncli.data.columns import Columns
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers.answered_lines import floats_of
from rnncli.readers.joining import escaped
from rnncli.readers.naming import listed, parts_of, position, refuse
from rnncli.readers.reader import Reader, Request
from rnncli.readers.source import display
from rnncli.readers.tagged_header import DATA, TaggedHeader
from rnncli.readers.times.dated_series import DatedSeries
from rnncli.readers.times.frequencies import EXPECTED, steps_of
from rnncli.registry import learns

READER = {"rank": 6, "forms": {"tsf": "Monash archive"}, "extensions": {"tsf": "tsf"}}

VALUE = "value"
NAME, DATE = "series_name", r"\d{4}-\d\d?-\d\d?(?:[ T]\d\d?[-:]\d\d(?:[-:]\d\d(?:\.\d+)?)?)?"
KINDS = ("numeric", "string", "date")
EPOCH = np.zeros((), "datetime64[us]")


class Header(TaggedHeader):
    """Its tags."""

    example = "@attribute series_name string"

    def __init__(self, path: str):
        super().__init__(path)
        self.attributes: dict[str, str] = {}  # name -> kind
        self.frequency, self.horizon = "", 0

    def tag(self, line: str, at: int) -> None:
        """An attribute, the frequency or the horizon; other tags change nothing."""
        tag, *words = line.split()
        tag = tag.lower()
        if tag == "@attribute":
            if len(words) != 2 or words[1].lower() not in KINDS or words[0] in self.attributes:
                raise self.error(at, repr(line[:80]), f"@attribute, another name, and one of {listed(KINDS)}")
            self.attributes[words[0]] = words[1].lower()
        elif tag == "@frequency" and words:
            self.frequency = "_".join(words)
            if steps_of(self.frequency, EPOCH) is None:
                raise self.error(at, f"@frequency {self.frequency}", EXPECTED)
        elif tag == "@horizon" and words:
            if not words[0].isdecimal() or len(words[0]) > 6 or not int(words[0]):
                raise self.error(at, repr(line[:80]), "a number of steps")
            self.horizon = int(words[0])

    def settle(self, row: str, at: int) -> None:
        """How rows are cut: a date may have colons inside."""
        shapes = [DATE if kind == "date" else "[^:]*" for kind in self.attributes.values()]
        self.row = re.compile("".join(rf"\s*({shape})\s*:" for shape in shapes) + "([^:]*)")
        dates = [name for name, kind in self.attributes.items() if kind == "date"]
        if len(dates) > 1:
            raise self.error(at, f"dates {listed(dates)}", "one, the start of each series")
        self.start = dates[0] if dates else ""

    def parted(self, row: str, at: int) -> tuple[dict[str, str], list[str]]:
        """The attributes and the values of a row."""
        found = self.row.fullmatch(row)
        if not found:
            shape = ":".join((*self.attributes, "values"))
            raise self.error(at, repr(row[:60]), f"{shape}, with a start such as 2024-01-31 00-00-00")
        *texts, values = found.groups()
        return dict(zip(self.attributes, map(str.strip, texts), strict=True)), values.split(",")

    def say(self, keys: tuple[str, ...]) -> None:
        """What is not known of the steps, and which attributes are not read."""
        name = display(self.path)
        if not self.frequency or not self.start:
            lacking = "@frequency" if not self.frequency else "attribute of dates"
            note(f"{name}: no {lacking}, so steps are counted and have no dates")
        if idle := [one for one in self.attributes if one not in (*keys, self.start)]:
            note(f"{name}: attributes {listed(idle)} are not read: a forecast reads the values")


class Monash(Reader):
    """A series a line."""

    numbered = named = only_numbers = dated = True

    @classmethod
    def horizon(cls, path: str, encoding: str) -> tuple[int, str] | None:
        """That of `@horizon`."""
        header = Header(path)
        header.read(encoding)
        return (header.horizon, "@horizon") if header.horizon else None

    @classmethod
    def read(cls, path: str, request: Request) -> Columns:
        """All series of one file; `--group` names the attributes that tell them apart."""
        roles = request.roles
        named = ("text", "label", "tag", "time", "fold_by")
        refuse(roles, named, "--format tsf", "a line is a series, which has a start and values")
        if learns(request.task) not in ("series", ""):
            raise UsageError(f"--task {request.task} and --format tsf cannot be combined: series are forecast")
        header, series, keys = Header(path), DatedSeries(path, [VALUE]), tuple[str, ...]()
        for at, row in header.rows(request.encoding):
            keys = keys or _keys(header, roles.group)
            attributes, fields = header.parted(row, at)
            values = floats_of(fields, at, header)[:, None]
            parts = [attributes[name] for name in keys]
            key = "/".join(map(escaped, parts)) if len(parts) > 1 else "".join(parts) if parts else None
            series.append(key, attributes.get(header.start), values, at)
        if not series.lines:
            raise RnncliError(f"{display(path)}: no rows after {DATA}, expected a series a line")
        header.frequency = request.form.frequency or header.frequency
        header.say(keys)
        return series.columns(header.frequency)


def _keys(header: Header, group: str | None) -> tuple[str, ...]:
    """The attributes that tell series apart: those that are named, else series_name or the first that is no date."""
    names = tuple(header.attributes)
    if group:
        return tuple(names[position(names, "--group", name)] for name in parts_of(group, names))
    free = [name for name in names if name != header.start]
    return tuple([NAME] if NAME in free else free[:1])
