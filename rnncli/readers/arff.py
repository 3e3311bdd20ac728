"""ARFF whose rows are sequences, as in the archives of UEA and UCR: a relational attribute of a row a channel, or
numeric attributes that are counted (att0, att1, ..), a step each; beside them one attribute is the answer. Numeric
attributes of other names are steps where `--format arff` says so.
"""

import re

from rnncli.errors import note
from rnncli.readers.answered_lines import AnsweredLines, AnswersHeader
from rnncli.readers.arff_header import MISSING, ArffHeader, Attribute
from rnncli.readers.naming import listed
from rnncli.readers.numerals import Writing
from rnncli.readers.source import display

READER = {"rank": 6, "forms": {"arff": "UEA and UCR archives, Weka"}, "extensions": {"arff": "arff"}}

COUNTED = re.compile(r"(.*?)(\d{1,9})(\D*)", re.DOTALL)  # att0, t_1, x[2]
LEAST = 2  # steps
USUAL = Writing()


class Header(ArffHeader, AnswersHeader):
    """Its attributes, and what they make of a row."""

    lists = "the header"

    def __init__(self, path: str):
        super().__init__(path)
        self.place = -1  # of the answer
        self.padded = 0  # rows that end in steps without a value

    def settle(self, row: str, at: int) -> None:
        """Which attributes are steps, and which is the answer."""
        super().settle(row, at)
        bags = [one for one in self.attributes if one.kind == "relational"]
        self.steps = bags or counted(self.attributes) or [one for one in self.attributes if one.kind == "numeric"]
        others = [one for one in self.attributes if one not in self.steps]
        if len(bags) > 1 or len(others) > 1 or not self.steps or others and others[0].kind == "date":
            found = f"attributes {listed(one.name for one in (*bags[1:], *others))}"
            expected = "one relational attribute, or numeric ones, the steps, and one other at most, the answer"
            raise self.error(at, found, expected)
        if bags and not (bags[0].inner and all(one.kind == "numeric" for one in bags[0].inner)):
            raise self.error(at, f"a relational attribute of other values, {bags[0].name}", "one of numeric attributes")
        for one in others:
            self.place, self.labels = self.attributes.index(one), one.values
            self.answer = "numbers" if one.kind == "numeric" else "label"

    def parted(self, row: str, at: int) -> tuple[list[list[str]], str | None]:
        """A step that is missing in all channels, and so are all after it, is none."""
        values = self.values(row, at)
        answer = values.pop(self.place) if self.answer else None
        answer = None if self.answer == "numbers" and answer and USUAL.is_missing(answer) else answer
        if self.steps[0].kind == "relational":
            channels = [self._channel(line, at) for line in (values[0] or "").split("\n")]
        else:
            channels = [[MISSING if value is None else value for value in values]]
        steps = len(channels[0])
        while steps and all(USUAL.is_missing(channel[steps - 1]) for channel in channels):
            steps -= 1
        if not steps:
            raise self.error(at, "a sequence without a number", "at least one step")
        self.padded += steps < len(channels[0])
        return [channel[:steps] for channel in channels], answer

    def _channel(self, line: str, at: int) -> list[str]:
        fields, most = [text for text, _ in self.fields(line, at)], len(self.steps[0].inner)
        if len(fields) != most:
            raise self.error(at, f"a channel of {len(fields)} values", f"{most}, as many as {self.steps[0].name} has")
        return fields

    def say(self, labels: list[str]) -> None:
        """How many rows are shorter than the header says."""
        if self.padded:
            rows = f"{self.padded:,} row{'s end' if self.padded > 1 else ' ends'}"
            note(f"{display(self.path)}: {rows} in missing values of all channels, which are no steps")
        super().say(labels)


def counted(attributes: list[Attribute]) -> list[Attribute]:
    """Those that are numbers and numbered from one to the next, if there are several."""
    stems: dict[tuple[str, str], list[tuple[int, Attribute]]] = {}  # by what is around the number
    for one in attributes:
        if one.kind == "numeric" and (found := COUNTED.fullmatch(one.name)):
            stems.setdefault((found[1], found[3]), []).append((int(found[2]), one))
    longest = max(stems.values(), key=len, default=[])
    numbers = [number for number, _ in longest]
    several = len(numbers) >= LEAST and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return [one for _, one in longest] if several else []


class Arff(AnsweredLines):
    """Rows that are sequences."""

    form = "arff"
    header = Header
