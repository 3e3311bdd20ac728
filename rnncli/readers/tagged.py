"""Tagged text: a token a line with its tag, an empty line after each sentence: CoNLL columns, CoNLL-U, TSV; or a
sentence a line, each token with its tag behind a slash.

`asides` of its columns are the other lines that a row out stands for, as (the row they are before, their token): empty
lines, without a token, and -DOCSTART-. Names on top, comments, and in CoNLL-U ranges of words and empty nodes, are not.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from rnncli.data.columns import Coded, Columns, Known, Roles, offsets_of
from rnncli.data.schemes import kinds_of
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import slashed, sniff
from rnncli.readers.form import CONLLU, Form
from rnncli.readers.names_again import NamesAgain
from rnncli.readers.naming import by_name, listed, refuse
from rnncli.readers.reader import Reader, Request
from rnncli.readers.source import display, reopenable, row_lines
from rnncli.readers.tagged_sample import DOCSTART, Comments, is_blank, split_commas, tagged_separator
from rnncli.readers.text_codes import merge

READER = {
    "rank": 4,
    "forms": {"tagged": "a token and its tag a line"},
    "extensions": {"conllu": "tagged", "conll": "tagged"},
}

TOKEN = "token"
SLASHED = "; or each line is a sentence, each word with its tag behind a slash: The/DT dog/NN"
EARLY = 3  # a line up to which a file is no list of words, rather than one with an error
UPOS, UNSPECIFIED = 3, "_"  # in CoNLL-U: no answer; in columns of features it says that there are none
HALF = 0.5  # of the first lines, to be most of them
NUMBERS = 200  # different ones in a column, for it to be no feature of a word
FEW_TAGS = 20  # that may well be more than the different tokens
LONGEST_SHOWN = 60  # of a comment in a note


@dataclass(frozen=True)
class Layout:
    """Which column is what."""

    columns: tuple[str, ...]
    token: int
    tag: int | None
    inputs: tuple[int, ...]


def layout_of(form: Form, roles: Roles) -> Layout:
    """By default the first column is the token (or the second, behind an index or tags), the last the tag, and those
    between are inputs.
    """
    named = by_name(roles, form.columns)
    tag = form.columns.index(named.tag or named.label) if named.tag or named.label else None
    if form.conllu:
        token, tag = 1, UPOS if tag is None else tag
        between = range(0)
    else:
        token = int(form.index)
        if form.label_first and tag is None and not named.text:
            token, tag = 1, 0
        tag = len(form.columns) - 1 if tag is None and len(form.columns) > 1 else tag
        between = range(token + 1, tag or 1)
    if named.text:
        token = form.columns.index(named.text)
    elif tag == token and len(form.columns) == 2:
        token = 1 - tag  # the other one
    if tag == token and len(form.columns) > 1:
        raise UsageError(f"--tag {form.columns[tag]}: this is the column of tokens: --text names another")
    inputs = [form.columns.index(name) for name in named.inputs] if named.inputs else between
    return Layout(form.columns, token, tag, tuple(i for i in inputs if i not in (token, tag)))


class Tagged(Reader):
    """Tokens with tags."""

    together, no_rows = True, "empty, expected lines with a token and its tag"

    @classmethod
    def read_all(cls, paths: list[str], request: Request) -> Columns:
        """All files, with what stands between their sentences."""
        why = "an empty line ends a sentence, and no column says whose it is: write a table and name --group"
        refuse(request.roles, ("fold_by",), "tagged text", why)
        if request.form.slashed:
            mark = request.form.separator
            why = f"the tag of a word is behind its last {mark}, and nothing else is there"
            refuse(request.roles, ("tag", "label", "text", "inputs"), f"tagged text WORD{mark}TAG", why)
        layout = layout_of(request.form, request.roles)
        files = [next(_File(path, request.form, layout, request.known).pieces(request)) for path in paths]
        if not any(len(file.offsets) > 1 for file in files):
            raise RnncliError(f"{display(paths[0])}: {cls.no_rows}")
        return cls._columns(files, request, layout)

    @classmethod
    def pieces(cls, path: str, request: Request) -> Iterator[Columns]:
        """The same of one file to predict, which may have no sentences but asides."""
        layout = layout_of(request.form, request.roles)
        for file in _File(path, request.form, layout, request.known).pieces(request):
            yield cls._columns([file], request, layout)

    @staticmethod
    def _columns(files: list["_File"], request: Request, layout: Layout) -> Columns:
        """`labels` is None where no file has a column of tags, or answers are not looked at."""
        form, known = request.form, request.known
        untagged = [file.path for file in files if layout.tag not in file.kept]
        if known is None and 0 < len(untagged) < len(files):
            raise RnncliError(f"{display(untagged[0])}: no tags, but another file has them: leave this one out")
        wanted = {TOKEN: layout.token} | {form.columns[i]: i for i in layout.inputs}
        coded, labels = {name: merge([file.coded(i) for file in files]) for name, i in wanted.items()}, None
        if request.answers and len(untagged) < len(files):
            labels = merge([file.coded(layout.tag) for file in files])
        if known is None and labels is not None:
            inputs = {form.columns[i]: coded[form.columns[i]] for i in layout.inputs}
            _note_alike(layout, inputs, labels)
            _note_numbers(layout, inputs)
            _note_order(layout, form, len(coded[TOKEN].symbols), len(labels.symbols))
        lengths = np.concatenate([np.diff(file.offsets) for file in files])
        before = offsets_of([file.offsets[-1] for file in files]).tolist()
        asides = [(rows + row, token) for rows, file in zip(before, files, strict=False) for row, token in file.asides]
        return Columns(offsets_of(lengths), coded=coded, labels=labels, asides=asides)


def _note_alike(layout: Layout, inputs: dict[str, Coded], labels: Coded) -> None:
    """Nested chunks may stand in a column each: the tags of one are hardly meant to be an input of another's."""
    kinds = kinds_of(labels.symbols)
    alike = [name for name, column in inputs.items() if kinds & kinds_of(column.symbols)]
    if not alike:
        return
    which, used, learnt, out = f"column {alike[0]} has", "is an input", "it", "it"
    if len(alike) > 1:
        which, used, learnt, out = f"columns {listed(tuple(alike))} have", "are inputs", "the first of them", "them"
    rest = [name for name in inputs if name not in alike] or [layout.columns[layout.token]]
    note(
        f"{which} tags of the same kinds as column {layout.columns[layout.tag]}, the tag, and {used}: --tag {alike[0]} "
        f"learns {learnt} instead, --inputs {','.join(rest)} leaves {out} out"
    )


def _note_numbers(layout: Layout, inputs: dict[str, Coded]) -> None:
    """Places in a text may stand between a token and its tag: as inputs they tell nothing of another text."""
    many = {name: len(column.symbols) for name, column in inputs.items() if len(column.symbols) > NUMBERS}
    found = [name for name in many if all(map(str.isdecimal, inputs[name].symbols))]
    if found:
        which = f"column {found[0]} has" if len(found) == 1 else f"columns {listed(tuple(found))} have"
        rest = [name for name in inputs if name not in found] or [layout.columns[layout.token]]
        note(
            f"{which} {many[found[0]]:,} different numbers, read as inputs: if they are places in the text, --inputs "
            f"{','.join(rest)} leaves them out"
        )


def _note_order(layout: Layout, form: Form, tokens: int, tags: int) -> None:
    """Tags that are no chunks may stand before their tokens."""
    if len(layout.columns) == 2 and not form.slashed and tags > max(tokens, FEW_TAGS):
        first, last = layout.columns[layout.token], layout.columns[layout.tag or 0]
        note(
            f"column {last}, the tag, has {tags:,} different values, and column {first}, the token, {tokens:,}: "
            f"--tag {first} if the tags are there"
        )


@dataclass
class _File:
    """The columns of one file, which may lack some of those of training."""

    path: str
    form: Form
    layout: Layout
    known: Known | None
    kept: list[int | None] = field(default_factory=list)  # the columns of training that this file has, in its order
    width: int = 0  # of most of the first rows; 0 where it is not looked at
    padded: bool = False  # by a separator at the end of each line
    codes: dict[int, array] = field(default_factory=dict)  # by the column of training
    ids: dict[int, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """No rows."""
        self.rows, self.offsets, self.asides = 0, [0], list[tuple[int, str]]()
        for i in self.codes:
            self.codes[i], self.ids[i] = array("i"), {}
        self._find_columns()

    def pieces(self, request: Request) -> Iterator["_File"]:
        """The file with the rows of each piece, whole sentences and what stands behind them."""
        again = NamesAgain(self.path, ())
        for at, fields in self._lines(request.encoding):
            if not isinstance(fields, list):
                self.asides += [] if fields is None else [(self.rows, fields)]
                self._end_sentence()
                continue
            if not self.kept:
                if self.width and len(fields) != self.width and fields[-1].strip(" "):
                    raise self._odd_first(fields, at)
                self._place(fields, at)
                names = sniff.spelt_as(tuple(self.columns), [name.strip() for name in fields])
                if self.form.header and names == self.columns or self._are_names(names):
                    again = NamesAgain(self.path, fields)
                    continue
            if again.leaves_out(fields, at):
                self._end_sentence()  # another file begins there
                continue
            if (self.padded or len(fields) == len(self.kept) + 1) and not fields[-1].strip(" "):
                fields.pop()  # nothing stands behind a separator at the end
            if len(fields) != len(self.kept):
                raise self._error(at, len(fields))
            if self.rows == self.offsets[-1] and request.is_full(len(self.offsets) - 1, self.rows):
                yield self
                self.clear()
            self._append(fields, at)
            self.rows += 1
        self._end_sentence()
        self.kept = self.kept or [*range(len(self.layout.columns))]
        again.say()
        yield self

    def _are_names(self, fields: list[str]) -> bool:
        """Whether the first line of a file to predict is usual names of columns, with a tag that no one knows."""
        if self.known is None or self.form.conllu or self.form.slashed or not sniff.has_usual_names(fields):
            return False
        found = dict(zip(self.kept, fields, strict=False)).get(self.layout.tag) not in self.known.labels
        if found:
            note(f"{display(self.path)}: {listed(fields)} on top are read as names of columns")
        return found

    def _end_sentence(self) -> None:
        if self.rows > self.offsets[-1]:
            self.offsets.append(self.rows)

    @property
    def columns(self) -> list[str]:
        """Those of this file, before it is placed those of training."""
        return [self.layout.columns[i] for i in self.kept] or [*self.layout.columns]

    def coded(self, column: int) -> Coded:
        """A column of training; -1 everywhere if this file has none."""
        if column not in self.codes:
            return Coded(np.full(self.offsets[-1], -1, np.int32), [])
        return Coded(np.array(self.codes[column], np.int32), list(self.ids[column]))

    def _lines(self, encoding: str) -> Iterator[tuple[int, slashed.Fields]]:
        """The number of each line, and its fields; between sentences the token of an aside, or None for nothing."""
        lines = enumerate(row_lines(self.path, encoding), 1)
        if self.form.slashed:
            return slashed.fields(self.path, lines, self.form.separator, self._has_tags(encoding))
        return self._conllu_lines(lines) if self.form.conllu else self._token_lines(lines, encoding)

    def _has_tags(self, encoding: str) -> bool:
        """Whether words have tags behind their marks; to train they must."""
        if self.known is None:
            return True
        sample = sniff.sample_lines(sniff.read_sample(reopenable(self.path)), encoding)
        return slashed.is_answered(self.path, sample, self.form.separator, self.known.labels)

    def _token_lines(self, lines: Iterator, encoding: str) -> Iterator[tuple[int, list[str] | str]]:
        sample = sniff.sample_lines(sniff.read_sample(reopenable(self.path)), encoding)
        self.separator = self._separates(sample)
        comments = Comments.of(sample, self.separator)
        self.width = comments.width if comments.usual > HALF else 0
        begins, left_out, first = True, 0, ""
        for at, line in lines:
            if begins and comments.has(line):
                left_out += 1
                first = first or f"{at}: {line}"
                continue
            if comments.has(line, begins):
                raise RnncliError(
                    f"{display(self.path)}:{at}: a comment inside a sentence, expected a token and its tag: remove "
                    "it, or move it above the sentence"
                )
            begins = is_blank(line) or line.startswith(DOCSTART)
            yield at, (DOCSTART if line.startswith(DOCSTART) else "") if begins else self._split(line)
        if left_out:
            shown = first if len(first) <= LONGEST_SHOWN else first[: LONGEST_SHOWN - 3] + "..."
            what = f"{left_out:,} comment{'s' * (left_out > 1)} at the beginning of sentences"
            note(f"{display(self.path)}: {what} left out, as in line {shown}")

    def _separates(self, sample: list[str]) -> str:
        """Tabs where the file at hand has them, as its words may hold blanks; else what separated in training, but for
        blanks before a tag that the model knows, on most lines.
        """
        if (found := tagged_separator(sample)) == "\t" or self.form.separator != "\t" or not self.known:
            return "\t" if found == "\t" else self.form.separator
        rows = [sniff.BLANKS.split(line.strip(" ")) for line in sample if not is_blank(line)]
        width = len(self.layout.columns)
        tagged = sum(len(row) == width > 1 and row[self.layout.tag or 0] in self.known.labels for row in rows)
        return " " if tagged > HALF * len(rows) else "\t"

    @staticmethod
    def _conllu_lines(lines: Iterator) -> Iterator[tuple[int, list[str] | str]]:
        for at, line in lines:
            if is_blank(line):
                yield at, ""
            elif line.startswith(DOCSTART):
                yield at, DOCSTART
            elif not line.startswith("#"):
                fields = line.split("\t")
                if len(fields) > len(CONLLU) and not fields[-1]:
                    fields.pop()
                if len(fields) == len(CONLLU) and not fields[0].isdecimal():
                    continue  # a range of words or an empty node
                yield at, fields

    def _split(self, line: str) -> list[str]:
        if self.separator == ",":
            return split_commas(line)
        if self.separator != " ":
            return line.split(self.separator)
        fields = line.split(" ")
        return sniff.BLANKS.split(line.strip(" \t")) if "" in fields or "\t" in line else fields

    def _place(self, fields: list[str], at: int) -> None:
        """Where the columns of training are in this file, by how many it has."""
        trained = self.layout
        missing = len(trained.columns) - len(fields)
        if missing == -1 and len(fields) > 1 and not fields[-1].strip(" "):
            self.padded, missing = True, 0
        if missing == 0:
            kept = list(range(len(trained.columns)))
        elif len(fields) == 1:
            kept = [trained.token]
        elif self.form.conllu and len(fields) == 2:
            kept = [trained.token, trained.tag]
        elif self.form.index and trained.token and len(fields) == 2 and fields[0] in ("0", "1"):
            kept = [0, trained.token]
        elif missing == 1 and trained.tag is not None:
            no_index = self.form.index and trained.token and trained.tag and fields[0] not in ("0", "1")
            kept = [i for i in range(len(trained.columns)) if i != (0 if no_index else trained.tag)]
        else:
            raise self._error(at, len(fields))
        self.kept = kept
        unseen = trained.tag if self.known and not self.known.answers else None
        for i in (trained.token, *trained.inputs, trained.tag):
            if i in kept and i != unseen:
                self.codes[i], self.ids[i] = array("i"), {}
        self._find_columns()

    def _find_columns(self) -> None:
        """The place of each column in the file, its number, and where it is read to."""
        self.read_of = [(self.kept.index(i), i, codes, self.ids[i]) for i, codes in self.codes.items()]

    def _append(self, fields: list[str], at: int) -> None:
        for place, i, codes, ids in self.read_of:
            text = fields[place] if i == self.layout.token else fields[place].strip(" ")
            if self.form.conllu and i == UPOS == self.layout.tag and text == UNSPECIFIED:
                codes.append(-1)
            elif text or i == self.layout.token:
                codes.append(ids.setdefault(text, len(ids)))
            elif self.known and i == self.layout.tag:
                codes.append(-1)
            else:
                raise RnncliError(
                    f"{display(self.path)}:{at}: column {self.layout.columns[i]} is empty, expected a tag"
                )

    def _odd_first(self, fields: list[str], at: int) -> RnncliError:
        """For a first line that is not as wide as most: a title, a comment of another kind."""
        line, mend = sniff.shortened(self.separator.join(fields)), "an empty line ends a sentence"
        if len(fields) < self.width:
            mend = "remove it, or make it a comment, which begins with # and a blank"
        slashed_too = SLASHED if self.separator == " " else ""
        more = f" as on most lines: {mend}{slashed_too}: {line}"
        return sniff.wrong_width(self.path, at, len(fields), self.width, self.separator, more)

    def _error(self, at: int, found: int) -> RnncliError:
        expected = self.columns
        what, more = "CoNLL-U", ""
        if not self.form.conllu:
            what = f"column{'s' if len(expected) > 1 else ''} by {sniff.by(self.separator)}"
            more = SLASHED if self.separator == " " and at <= EARLY else ""
        return RnncliError(
            f"{display(self.path)}:{at}: {sniff.columns_counted(found)}, expected {len(expected)} {what}: "
            f"an empty line ends a sentence{more}"
        )
