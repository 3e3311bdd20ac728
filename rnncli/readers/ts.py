"""`.ts` of aeon and sktime: tags (`@classLabel true a b`), then `@data`, then a sequence a line: its channels and its
answer with `:` between them, the values of a channel with commas.

Labels keep their case and text, and (stamp, value) pairs their signs: docs/files.md says where the libraries differ.
"""

from rnncli.errors import note
from rnncli.readers.answered_lines import AnsweredLines, AnswersHeader
from rnncli.readers.pairs import pairs_of
from rnncli.readers.source import display

READER = {"rank": 6, "forms": {"ts": "aeon, sktime"}, "extensions": {"ts": "ts"}}

ANSWERS = {"@classlabel": "label", "@targetlabel": "numbers"}  # tag -> what is learnt from the last part of a line
TRUTH = {"true": True, "false": False}
UNANSWERED = ("", "?", "nan")


class Header(AnswersHeader):
    """Its tags."""

    comments = "#%"
    example = "@classLabel true a b"
    hint = "; (time, value) pairs need @timestamps true"
    lists = "@classLabel"

    def __init__(self, path: str):
        super().__init__(path)
        self.stamped = self.told = False  # told: whether a tag says what the answer is

    def tag(self, line: str, at: int) -> None:
        """What else stands there is not relied on."""
        tag, *words = line.split()
        tag = tag.lower()
        if tag not in (*ANSWERS, "@timestamps"):
            return
        true = TRUTH.get(words[0].lower()) if words else None
        if true is None:
            raise self.error(at, f"{line!r}", "true or false behind the tag")
        if tag == "@timestamps":
            self.stamped = true
            return
        self.told = True
        if not true:
            return
        if self.answer:
            raise self.error(at, "@classLabel and @targetLabel are both true", "one of them")
        self.answer, self.labels = ANSWERS[tag], tuple(words[1:])

    def settle(self, row: str, at: int) -> None:
        """Without a tag for the answer, a value behind the last colon of the first row is a label, as aeon has it."""
        colon, last = row.rpartition(":")[1:]
        if not self.told and colon and not set(",)") & set(last):
            self.answer = "label"
            note(f"{display(self.path)}: no tag @classLabel or @targetLabel: what follows the last colon is a label")

    def parted(self, row: str, at: int) -> tuple[list[list[str]], str | None]:
        """An answer with a colon is known by the list of the header."""
        text, answer = self._without_answer(row)
        if self.stamped:
            return pairs_of(text, lambda found, expected: self.error(at, found, expected)), answer
        return [channel.split(",") for channel in text.split(":")], answer

    def _without_answer(self, row: str) -> tuple[str, str | None]:
        if not self.answer or ":" not in row:
            return row, None
        answer = row.rpartition(":")[2].strip()
        if answer not in self.labels:
            longer = [label for label in self.labels if ":" in label and row.endswith(f":{label}")]
            answer = max((answer, *longer), key=len)
        text = row[: row.rindex(f":{answer}")] if row.endswith(f":{answer}") else row.rpartition(":")[0]
        return text, None if answer.lower() in UNANSWERED else answer

    def say(self, labels: list[str]) -> None:
        """Which labels aeon and sktime take for one, and that stamps are no input."""
        if self.stamped:
            note(f"{display(self.path)}: the stamps give the order of the steps, not how far they are apart")
        super().say(labels)


class SeriesFile(AnsweredLines):
    """`.ts` of aeon and sktime."""

    form = "ts"
    header = Header
