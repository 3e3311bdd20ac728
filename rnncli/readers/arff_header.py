"""The header of an ARFF file: its attributes, and how the values of a row are quoted (Weka's ARFF 1.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rnncli.readers.tagged_header import TaggedHeader

QUOTED = r"'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\""
VALUE = re.compile(rf"\s*(?:({QUOTED})\s*|([^,]*))(,|$)", re.DOTALL)
ATTRIBUTE = re.compile(rf"@attribute\s+({QUOTED}|[^\s{{]+)\s*(.*)", re.IGNORECASE | re.DOTALL)
END = re.compile(r"@end\b", re.IGNORECASE)
ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
NUMERIC = ("numeric", "real", "integer")
KINDS = (*NUMERIC, "string", "date", "relational")
MISSING = "?"


@dataclass
class Attribute:
    """A column of the rows."""

    name: str
    kind: str  # numeric, nominal, string, date or relational
    values: tuple[str, ...] = ()  # of a nominal one
    pattern: str = ""  # of a date, as Java has it; "" for ISO 8601
    inner: list["Attribute"] = field(default_factory=list)  # of a relational one


class ArffHeader(TaggedHeader):
    """The attributes."""

    comments = "%"
    example = "@attribute NAME numeric"

    def __init__(self, path: str):
        super().__init__(path)
        self.attributes: list[Attribute] = []
        self.within: Attribute | None = None  # the relational attribute whose own attributes are being read

    def tag(self, line: str, at: int) -> None:
        """An attribute, or the end of those of a relational one."""
        if END.match(line):
            self.within = None
        elif line[:10].lower() == "@attribute":
            found = ATTRIBUTE.match(line)
            attribute = self._attribute(unquoted(found[1]), found[2].strip(), at) if found else None
            if not attribute:
                kinds = "numeric, {a,b}, string, date or relational"
                raise self.error(at, repr(line[:80]), f"@attribute NAME and a type: {kinds}")
            beside = self.within.inner if self.within else self.attributes
            if attribute.name in (one.name for one in beside):
                raise self.error(at, f"another attribute {attribute.name}", "a name for each of them")
            beside.append(attribute)
            self.within = attribute if attribute.kind == "relational" else self.within

    def _attribute(self, name: str, said: str, at: int) -> Attribute | None:
        if said.startswith("{") and said.endswith("}"):
            return Attribute(name, "nominal", tuple(text or "" for text, _ in self.fields(said[1:-1].strip(), at)))
        word, _, rest = said.partition(" ")
        if word.lower() not in KINDS or (self.within and word.lower() == "relational"):
            return None
        kind = "numeric" if word.lower() in NUMERIC else word.lower()
        return Attribute(name, kind, pattern=unquoted(rest.strip()) if kind == "date" else "")

    def settle(self, row: str, at: int) -> None:
        """Rows have an attribute at least."""
        if not self.attributes:
            raise self.error(at, "no @attribute above @data", "one for each value of a row")

    def fields(self, row: str, at: int) -> Iterator[tuple[str, bool]]:
        """The values of a row, and whether each was in quotes: "?" is missing where it was not."""
        if "'" not in row and '"' not in row:
            yield from ((text.strip(), False) for text in row.split(","))
            return
        place, comma = 0, ","
        while comma:
            found = VALUE.match(row, place)
            if not found or (found[2] or "").startswith(("'", '"')):
                raise self.error(
                    at, repr(row[place : place + 40]), "a value that ends in the quote that it begins with"
                )
            place, comma = found.end(), found[3]
            yield (unquoted(found[1]), True) if found[1] else (found[2].strip(), False)

    def values(self, row: str, at: int) -> list[str | None]:
        """The values of a row, None where one is missing."""
        if row.startswith("{"):
            raise self.error(at, "a sparse row, in braces", "all values of a row with commas between them")
        found = [None if text == MISSING and not quoted else text for text, quoted in self.fields(row, at)]
        if len(found) != len(self.attributes):
            raise self.error(at, f"{len(found)} values", f"{len(self.attributes)}, as many as attributes")
        return found


def unquoted(text: str) -> str:
    """Without quotes around it, and with what its escapes stand for."""
    if text[:1] not in ("'", '"'):
        return text
    return ESCAPED.sub(_control, text[1:-1]) if "\\" in text else text[1:-1]


def _control(found: re.Match) -> str:
    said = found[1]
    return chr(int(said[1:], 16)) if len(said) == 5 else CONTROLS.get(said, said)
