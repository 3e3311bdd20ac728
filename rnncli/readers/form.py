"""How a file is to be read: what training found, and the model keeps."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from rnncli.data.times.stamps import form as stamp_form
from rnncli.data.words import MARKED, PLAIN
from rnncli.readers import sniff
from rnncli.readers.naming import listed
from rnncli.readers.numerals import Writing
from rnncli.registry import formats
from rnncli.stored import expect, expect_distinct, read

SEPARATORS = {",": "CSV", "\t": "TSV", ";": "CSV by semicolons", "|": "table by bars", " ": "table by blanks"}
RECORDS = {"json": "JSON", "arff": "ARFF"}
NAMELESS = ("text", "lines", "blocks", "fasta")  # texts without columns or keys
SPOKEN = {
    "fasta": "FASTA",
    "jsonl": "JSON lines",
    "ts": ".ts of aeon and sktime",
    "arff": "ARFF",
    "tsf": ".tsf of Monash",
    "gluonts": "JSON lines of gluonts",
}
CONLLU = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")


@dataclass(frozen=True)
class Form:
    """How a file is to be read; it is stored with the model, whose inputs take the same form."""

    name: str  # table, wide, arrays, ts, arff, tsf, gluonts, jsonl, labelled, tagged, or one of NAMELESS
    separator: str | None = None  # None for a Parquet file
    header: bool = False
    decimal_comma: bool = False
    quoted: bool = False
    label_first: bool | None = None  # of two columns; None if no label was found or columns are named
    fasttext: bool = False
    columns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # tokens that the user names
    decimal: str | None = None  # mark that the user names
    label_separator: str | None = None  # between the labels of a field, which are a set then
    time_form: str = ""  # how the times of training are written, or --time-format
    words: str = PLAIN  # the rule that cuts texts into words
    index: bool = False  # of tagged text: the first column numbers the tokens of a sentence
    frequency: str = ""  # of series whose file does not say how far apart their steps are
    records: str = ""  # json or arff: of a table without separators; parquet: of gluonts
    text: str = ""  # of a language model: the key or column of its texts

    def refuse_damage(self, where: str) -> None:
        """Damaged for what separates nothing, and for rules and forms of times that are none."""
        expect(self.name in formats(), f"{where}.name", self.name, f"one of {', '.join(formats())}")
        expect(self.separator is None or len(self.separator) == 1, f"{where}.separator", self.separator, "a character")
        expect(self.label_separator != "", f"{where}.label_separator", "", "at least a character")
        expect(self.words in (PLAIN, MARKED), f"{where}.words", self.words, f"{PLAIN!r} or {MARKED!r}")
        expect_distinct(self.columns, f"{where}.columns")
        try:
            if self.time_form not in ("", "%n"):
                stamp_form(self.time_form)
        except ValueError:
            expect(False, f"{where}.time_form", self.time_form, "directives of strptime")

    @property
    def writing(self) -> Writing:
        """What the user says of how values are written."""
        return Writing(self.missing, self.decimal)

    def to_json(self) -> dict:
        """Plain data."""
        since = ("missing", "decimal", "time_form", "words", "index", "text", "label_separator", "frequency", "records")
        values = asdict(self) | {"columns": list(self.columns), "missing": list(self.missing)}
        return {name: value for name, value in values.items() if value or name not in since}  # models of before: none

    @classmethod
    def from_json(cls, values: Any, where: str = "form") -> "Form":
        """The way back; Damaged if it is none."""
        return read(cls, values, where)

    def timed(self, sample: str) -> "Form":
        """With the form of the times that were found: files that could be read in two ways are read by it."""
        if not sample:
            return self
        plain = "%" not in sample and stamp_form(sample).kind == "number"
        return replace(self, time_form="%n" if plain else sample if "%" in sample else self.time_form)

    def like(self, other: "Form | None") -> "Form":
        """As that of a model to start from, wherever it is a matter of choice: how texts are cut, dates are read, and
        what columns without names are.
        """
        if other is None:
            return self
        form = replace(self, words=other.words, time_form=self.time_form or other.time_form)
        if (self.name, self.columns, self.fasttext) != (other.name, other.columns, other.fasttext):
            return form
        return replace(form, label_first=other.label_first, index=other.index)

    @property
    def slashed(self) -> bool:
        """Whether a sentence is a line, and tags stand behind slashes, underscores or bars of its words."""
        return self.name == "tagged" and self.columns == ("1", "2") and self.separator in ("/", "_", "|")

    @property
    def conllu(self) -> bool:
        """Whether these are the ten columns of Universal Dependencies."""
        return self.name == "tagged" and self.columns == CONLLU

    def describe(self) -> str:
        """A few words for the user."""
        if self.name == "gluonts" and self.records:
            return "Parquet of gluonts"
        if self.name in SPOKEN:
            return SPOKEN[self.name]
        if self.name not in ("table", "wide", "labelled", "tagged"):
            return self.name
        if self.fasttext:
            return "fastText labels"
        if self.slashed:
            return f"tagged text WORD{self.separator}TAG, a sentence a line"
        if self.name == "tagged":
            by = sniff.by(self.separator)
            named = f" by {by} with header, columns {listed(self.columns)}"
            columns = named if self.header else f", {sniff.columns_counted(len(self.columns))} by {by}"
            first = ", numbered by the first" if self.index else ", tags in the first" if self.label_first else ""
            return "CoNLL-U" if self.conllu else f"tagged text{columns}{first}"
        what = RECORDS.get(self.records) or SEPARATORS.get(self.separator, "Parquet")
        comma = ", decimal commas" if self.decimal_comma else ""
        if not self.header:
            return f"{what} without header, {sniff.columns_counted(len(self.columns))}{comma}"
        rows = f"a sequence a row, {sniff.columns_counted(len(self.columns))}" if self.name == "wide" else None
        return f"{what} with header, {rows or 'columns ' + listed(self.columns)}{comma}"
