"""Tables as Markdown, psql and MySQL draw them: bars between and around the fields, rules of dashes, a count of rows at
the end. What is drawn around the rows is left out; lines keep their numbers.
"""

import re
from dataclasses import dataclass

BAR = "|"
RULE = re.compile(r"[|+]?[ \t]*:?-+:?[ \t]*(?:[|+][ \t]*:?-+:?[ \t]*)*[|+]?")
BORDER = re.compile(r"\+(?:[-=]+\+)+")  # a rule that nothing else looks like, wherever it is
CUT = re.compile(r"[|+]")
LEAST = 3  # dashes of a rule between bars alone
COUNT = re.compile(r"\(\d+ rows?\)|\d+ rows? in set.*")
PADDING = re.compile(r"[ \t]*\|[ \t]*")


@dataclass(frozen=True)
class Drawn:
    """How it is drawn."""

    rule: str  # the line below the names
    left: bool  # each line begins with a bar
    right: bool  # or ends with one

    @classmethod
    def of(cls, lines: list[str]) -> "Drawn | None":
        """By the first lines: names, and below them a rule for each; None if there is no such rule."""
        there = [line.strip() for line in lines if line.strip()][:3]
        there = there[1:] if there and BORDER.fullmatch(there[0]) else there[:2]
        if len(there) < 2:
            return None
        names, rule = there
        drawn = cls(rule, names.startswith(BAR), names.endswith(BAR))
        ruled = CUT.split(rule.strip("|+"))
        if not RULE.fullmatch(rule) or BAR not in names or not 1 < len(ruled) == len(drawn._row(names).split(BAR)):
            return None  # of one column, where an empty line is a row
        plain = not (drawn.left or drawn.right or "+" in rule)  # else a row of what is missing has dashes, too
        return None if plain and any(part.count("-") < LEAST for part in ruled) else drawn

    def plain(self, line: str) -> str:
        """A line with its fields alone; of rules and the count nothing is left."""
        return self._row(line.strip(" \t\r"))

    def body(self, block: bytes) -> bytes:
        """The same of a block of lines."""
        lines = block.decode("utf-8", "surrogatepass").split("\n")
        return "\n".join(map(self.plain, lines)).encode("utf-8", "surrogatepass")

    def _row(self, line: str) -> str:
        if line == self.rule or BORDER.fullmatch(line) or COUNT.fullmatch(line):
            return ""
        if self.left:
            line = line.removeprefix(BAR).lstrip()
        if self.right:
            line = line.removesuffix(BAR).rstrip()
        return PADDING.sub(BAR, line)
