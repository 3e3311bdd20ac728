"""What the beginning of tagged text tells: what separates its columns, what is a comment, whether tags mark chunks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rnncli.data.schemes import OUTSIDE, Writing
from rnncli.readers.sniff import MANY, Rows, split_line, usual_width

DOCSTART = "-DOCSTART-"
HASH = re.compile(r"#(?=[ \t]|$)")
KEYED = re.compile(r"#[ \t]+[^\s=]+[ \t]+=[ \t]+\S")  # `# sent_id = 3`
CLOSE_KEYED = re.compile(r"#[^\s=]+[ \t]*=")  # `#sent_id=3`
PART = re.compile(r"#(begin|end) document\b")  # of CoNLL-2011 and 2012
LEAST_COMMENTS = 2  # with as many fields as a token and its tag, to be told from tokens


def is_blank(line: str) -> bool:
    """Whether a line ends a sentence: nothing but plain blanks and tabs. Other spaces are tokens."""
    return not line.strip(" \t")


def split_commas(line: str) -> list[str]:
    """The fields of a line of CSV. An odd number of quotes is around nothing: they are tokens, or parts of them."""
    return split_line(line, ",", line.count('"') % 2 == 0)


def cut_line(line: str, separator: str) -> list[str]:
    """The fields of a line. At tabs nothing else cuts, so tokens keep their blanks, of whatever kind."""
    if separator == " ":
        return split_line(line, separator, False)
    if separator == ",":
        return split_commas(line)
    *others, last = line.split(separator)
    return [*others, last.strip(" ")] if others else [last]


@dataclass(frozen=True)
class Comments:
    """Which lines are comments: at the beginning of a sentence those of `##` or `#key=` and another number of fields
    than the tokens have, and those that are `#`, alone or before a blank, and have

    - `key = value` or a tab behind it where blanks separate the columns, or
    - another number of fields than the tokens have, or (beside tokens alone that may hold blanks) anything at all, or
    - where the tags mark chunks, a last word that marks none, or
    - a last word that is no tag of a token, if in the first lines there are several and never the same (`# sent1`,
      `# sent2` in a file of two columns);

    inside of a sentence, where the reader refuses them, those of `#`, a blank and words that are another number of
    fields than the tokens have.
    """

    separator: str
    width: int  # fields of a token, 0 if there are none
    tags: frozenset[str] = frozenset()  # of tokens, if a comment of as many fields is told by them
    chunks: bool = False  # whether they mark chunks
    usual: float = 0.0  # the part of the lines that have that width

    @classmethod
    def of(cls, lines: list[str], separator: str | None = None) -> "Comments":
        """By the first lines of a file."""
        separator = separator or tagged_separator(lines)
        plain = [cut_line(line, separator) for line in lines if not is_blank(line) and not line.startswith("#")]
        plain = [row for row in plain if not row[0].startswith(DOCSTART)]
        width, usual = usual_width(plain)
        tags = frozenset(row[-1] for row in plain if len(row) == width)
        if width < 2 or tags == {OUTSIDE} or Writing.of(tags):
            return cls(separator, width, tags if width > 1 else frozenset(), width > 1, usual)
        comments = cls(separator, width)
        first = [line for line, begins in beginnings(lines, comments) if begins and is_hash(line)]
        words = [word for line in first if (word := cut_line(line, separator)[-1]) not in tags]
        unlike = len(set(words)) == len(words) >= LEAST_COMMENTS
        return cls(separator, width, tags if unlike else frozenset(), usual=usual)

    def has(self, line: str, begins: bool = True) -> bool:
        """Whether this line is one, at the beginning of a sentence or inside, where only what can be no token is."""
        if not line.startswith("#"):
            return False
        if not begins:
            wordy = is_hash(line) and line.strip(" \t") != "#"
            return wordy and self.width > 1 and len(cut_line(line, self.separator)) != self.width
        if PART.match(line):
            return True
        if self.width > 1 and (line.startswith("##") or CLOSE_KEYED.match(line)):
            return len(cut_line(line, self.separator)) != self.width
        if not (self.width and is_hash(line)):
            return False
        if self.separator == " " and (KEYED.match(line) or "\t" in line):
            return True
        fields = cut_line(line, self.separator)
        if len(fields) != self.width:
            return True
        if self.tags:
            like = self.chunks and Writing.of({OUTSIDE, fields[-1], *self.tags}) is not None
            return not like and fields[-1] not in self.tags
        return self.width == 1 and self.separator != " " and len(line.split()) > 1


def is_hash(line: str) -> bool:
    """Whether a line is `#` and blanks, or nothing, behind it: hashtags are not."""
    return HASH.match(line) is not None


def beginnings(lines: Iterable[str], comments: Comments) -> Iterator[tuple[str, bool]]:
    """The lines without comments, and whether a sentence may begin with each."""
    begins = True
    for line in lines:
        if comments.has(line, begins):
            continue
        yield line, begins
        begins = is_blank(line) or line.startswith(DOCSTART)


def without_comments(lines: list[str]) -> list[str]:
    """The lines that are none; CoNLL-U is known by its own."""
    return [line for line, _ in beginnings(lines, Comments.of(lines))]


def tagged_separator(lines: list[str]) -> str:
    """Tabs where there are any, as words may hold blanks then; else blanks."""
    rows = [line for line in lines if not line.startswith("#")] or [line for line in lines if not is_hash(line)]
    return "\t" if any("\t" in line.strip(" \t") for line in rows) else " "


def tagged_rows(lines: list[str]) -> Rows:
    """The fields of all lines that hold a token, without a last column in which nothing stands."""
    separator = tagged_separator(lines)
    lines = without_comments(lines)
    rows = [cut_line(line, separator) for line in lines if not is_blank(line) and not line.startswith(DOCSTART)]
    padded = all(len(row) > 1 and not row[-1] for row in rows)
    return [row[:-1] for row in rows] if padded else rows


def has_sentences(lines: list[str], part: float = 1) -> bool:
    """Whether empty lines divide rows of which this part has one number of columns, at least two."""
    inside = "\n".join(line.strip() for line in lines).strip("\n")
    width, alike = usual_width(tagged_rows(lines))
    return "\n\n" in inside and width > 1 and alike >= part


def has_tags_first(rows: Rows) -> bool:
    """Whether the first of two columns holds tags of chunks and kinds (B-PER), and the other none."""
    if len(rows) < 2 or any(len(row) != 2 for row in rows):
        return False
    first, second = ({row[i] for row in rows} for i in (0, 1))
    kinds = any(len(tag) > 1 for tag in first) and len(first) <= len(second)
    return kinds and Writing.of(first) is not None and Writing.of(second) is None and second != {"O"}


def has_chunk_tags(rows: Rows) -> bool:
    """Whether the last column holds tags of chunks (B-NP, I-NP, O, or B, I, O), but perhaps on top; O alone will do."""
    tags = _last(rows)
    return tags == {"O"} and len(rows) > 2 or any(map(Writing.of, (tags, tags | {row[-1] for row in rows[:1]})))


def has_chunks(lines: list[str]) -> bool:
    """Whether they are sentences with such tags in the last column, or the first of two; a few lines may have more or
    fewer columns, and so may a line above each sentence, which the reader will refuse.
    """
    if not has_sentences(lines, MANY) and not has_sentences(lines := _without_tops(lines), MANY):
        return False
    rows = tagged_rows(lines)
    width = usual_width(rows)[0]
    rows = [row for row in rows if len(row) == width]
    return has_chunk_tags(rows) or has_tags_first(rows)


def is_above_chunks(rows: Rows) -> bool:
    """Whether the first row has none of them, so that names are there."""
    return has_chunk_tags(rows) and rows[0][-1] != "O" and Writing.of({rows[0][-1], "O", *_last(rows)}) is None


def _without_tops(lines: list[str]) -> list[str]:
    """The lines without those that begin a sentence with one sign, the same for all, and have not the width of the
    others: what may be meant as comments.
    """
    separator, width, begins = tagged_separator(lines), usual_width(tagged_rows(lines))[0], True
    kept, signs = [], set()
    for line in without_comments(lines):
        blank = is_blank(line)
        if blank or not begins or len(cut_line(line, separator)) == width:
            kept.append(line)
        else:
            signs.add(line.lstrip()[0])
        begins = blank
    return kept if len(signs) == 1 and not signs.pop().isalnum() else lines


def _last(rows: Rows) -> set[str]:
    return {row[-1] for row in rows[1:]}


def has_index(rows: Rows) -> bool:
    """Whether the first of three or more columns numbers the tokens of each sentence, from 1 or 0 on."""
    if len(rows) < 2 or min(map(len, rows)) < 3 or rows[0][0] not in ("0", "1"):
        return False
    numbers = [row[0] for row in rows]
    first = numbers[0]
    if not all(after in (first, str(int(before) + 1)) for before, after in pairwise(numbers)):
        return False
    return any(number != first for number in numbers)
