"""Which form a file of sequences has: from its name, its first lines, and what the user said."""

import os
import re
from dataclasses import replace

from rnncli.data import polars as pl
from rnncli.data.columns import Roles
from rnncli.data.words import MARKED, PLAIN
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import binaries, fasttext, quoting, record_table, slashed, sniff, tag_guess, tagged_sample
from rnncli.readers.casting import open_points
from rnncli.readers.documents import is_json, refuse_documents
from rnncli.readers.encodings import refuse_unmarked
from rnncli.readers.form import CONLLU, NAMELESS, Form
from rnncli.readers.gluonts import is_gluonts, is_gluonts_parquet
from rnncli.readers.layout import Layout, without_comments
from rnncli.readers.naming import by_name, names_in
from rnncli.readers.numerals import Writing, style_of
from rnncli.readers.objects import is_array
from rnncli.readers.reader import by_extension
from rnncli.readers.separators import find_separator, refuse_odd_lines
from rnncli.readers.source import display, reopenable
from rnncli.readers.table_guess import is_table
from rnncli.readers.tagged_header import has_data
from rnncli.readers.told_separator import below_it, told_separator
from rnncli.readers.unpacking import name_inside
from rnncli.registry import learns

MAGIC = {b"PAR1": "parquet", b"\x93NUMPY": "npy", b"PK\x03\x04": "npz"}
WHOLE = "--format text reads the file as plain text"
LABELS = ("label", "labels")  # are learnt
CUT = ("table", "wide", "labelled")  # forms of lines that a separator cuts into columns
TABLES = ("csv", "tsv", "parquet")
COMMENT_ALONE = re.compile(r"#[^,;\t|]*$")  # a line without columns
TEXTS = ("labelled", "jsonl")  # forms whose texts are cut into words


def word_columns(path: str, form: Form, encoding: str) -> list[str]:
    """Columns of a table whose first rows hold words."""
    if form.records:
        return record_table.word_columns(path, form, encoding)
    if form.separator is None:
        return []
    numbers = sniff.numeric_columns(sample_rows(path, form, encoding), form.decimal_comma, form.writing)
    return [name for name, number in zip(form.columns, numbers, strict=False) if not number]


def sample_rows(path: str, form: Form, encoding: str, size: int = sniff.SAMPLE) -> sniff.Rows:
    """The first ones of a table, of so many bytes, without the names."""
    lines = _lines(path, sniff.read_sample(reopenable(path), size), encoding)
    return _cut(lines, extension_of(path), Roles(), separator=form.separator)[1][form.header :]


def recognise(path: str, asked: str, roles: Roles, encoding: str, task: str, writing: Writing | None = None) -> Form:
    """The form of the file; `asked` is --format, `task` --task. A column that there is not raises UsageError."""
    writing = writing or Writing()
    form = _recognised(path, asked, roles, encoding, task, writing)
    _refuse_writing(form, writing, task)
    words = MARKED if form.name in TEXTS else PLAIN
    return replace(form, missing=writing.missing, decimal=writing.decimal, words=words)


def _refuse_writing(form: Form, writing: Writing, task: str) -> None:
    """Options that have no effect there: numbers of arrays and JSON have one form, and tokens are numbers."""
    if form.name in ("table", "wide"):
        return
    if writing.decimal and not (form.name == "labelled" and learns(task) == "numbers"):
        raise UsageError(f"--decimal and {form.describe()} cannot be combined: --decimal is for numbers of tables")
    numeric = form.name in ("arrays", "jsonl", "ts", "arff", "tsf", "gluonts")
    if writing.missing and len(writing.sentinels) < len(writing.missing) * numeric or writing.missing and not numeric:
        what = "only numbers can be named there" if numeric else "it is for tables, arrays and JSON lines"
        raise UsageError(f"--missing {','.join(writing.missing)} and {form.describe()} cannot be combined: {what}")


def _recognised(path: str, asked: str, roles: Roles, encoding: str, task: str, writing: Writing) -> Form:
    extension = extension_of(path)
    if is_json(extension, sniff.read_sample(path) if extension == "json" else b""):
        extension = "jsonl"
    if extension == "ts" and not has_data(sniff.read_sample(reopenable(path))):
        extension = ""
    silent = asked == "auto" and not names_in(roles) and learns(task) in ("", "text")
    if asked in NAMELESS:
        return Form(asked)
    if silent and (path == "-" or extension not in (*by_extension(), "csv", "tsv")):
        marked = _marked(path, encoding) if task == "auto" else Form("text")
        if marked:
            return marked
    sample = sniff.read_sample(reopenable(path))
    extension = next((known for magic, known in MAGIC.items() if sample.startswith(magic)), extension)
    if silent and learns(task) == "text" and extension not in ("npy", "npz", "parquet"):
        return Form("text")
    if extension == "parquet":
        return _parquet(path, asked, roles, task)
    may_be_records = extension not in TABLES and by_extension().get(extension) in (None, "jsonl", "arff")
    if may_be_records and (form := record_table.recognised(path, asked, roles, encoding, sample)):
        return form
    arrays = asked == "arrays" or (asked == "auto" and extension in ("npy", "npz"))
    lines = [] if arrays else _lines(path, sample, encoding)
    if not arrays and _is_fasttext(path, extension, asked, roles, task, lines):
        return Form("labelled", fasttext=True)
    if asked in ("auto", "jsonl") and extension not in TABLES and not is_array("\n".join(lines)):
        refuse_documents(path, lines, "jsonl" in (asked, by_extension().get(extension)), WHOLE)
    has_texts = asked in ("auto", "table", "labelled") and (roles.text or roles.label or learns(task) in LABELS)
    if has_texts and extension not in by_extension():
        refuse_odd_lines(path, [*below_it(lines)], extension)
    kind = _kind(extension, asked, roles, task, lines)
    if kind in ("table", "wide"):
        form = _table(path, kind, extension, lines, roles, writing)
    else:
        form = _form(path, kind, extension, lines, roles, task, writing)
    if form.name == "labelled":
        form = replace(form, quoted=quoting.is_quoted(path, encoding, form.separator))
    if form.name in ("table", "wide", "labelled", "tagged"):
        label = by_name(roles, form.columns).label
        if label and form.columns == (label,):
            raise RnncliError(f"{display(path)}: {label} is the only column, expected a text or inputs beside it")
    return form


def extension_of(path: str) -> str:
    """`data.CSV.gz` -> csv."""
    return os.path.splitext(name_inside(path).lower())[1].lstrip(".")


def has_other_form(path: str, name: str) -> bool:
    """Whether the name of a file says that it does not have the form of this name."""
    extension = extension_of(path)
    if extension == "parquet":
        return name not in ("table", "labelled")
    own = by_extension().get(extension)
    return own != name if own else extension in TABLES and name in ("arrays", "jsonl")


def _lines(path: str, sample: bytes, encoding: str) -> list[str]:
    refuse_unmarked(display(path), sample, encoding)
    if b"\0" in sample and (known := binaries.told(sample)):
        raise RnncliError(f"{display(path)}: {known}")
    lines = sniff.sample_lines(sample, encoding)
    if not any(line.strip() for line in below_it(lines)):
        raise RnncliError(f"{display(path)}: empty, expected rows")
    if extension_of(path) in TABLES and all(not line.strip() or COMMENT_ALONE.match(line) for line in lines):
        raise RnncliError(f"{display(path)}: only comments (lines that begin with #), expected rows")
    return lines


def _marked(path: str, encoding: str) -> Form | None:
    """Text, but for labels and tags that are not to be mistaken for it, whatever the file is called; None: a table."""
    lines = sniff.sample_lines(sniff.read_sample(reopenable(path)), encoding)
    if fasttext.is_most(path, lines):
        return Form("labelled", fasttext=True)
    if mark := slashed.found_mark(lines):
        word, what = slashed.words_of(next(filter(str.strip, lines)))[0], slashed.MARKS[mark]
        note(f"{display(path)}: each word has its tag behind {what}, as in {word}: tags are learnt; {WHOLE}")
        return Form("tagged", mark, columns=("1", "2"))
    tagged = tagged_sample.has_chunks(lines) or sniff.is_conllu(lines)
    if tagged:
        return _tagged(path, "", lines, Roles())
    if is_table(lines):
        return None
    if pair := tag_guess.word_and_tag(lines):
        note(f"{display(path)}: each line has a word and its tag, as in {pair}: tags are learnt; {WHOLE}")
        return _tagged(path, "", lines, Roles())
    tag_guess.note_tags(display(path), lines)
    return Form("text")


def is_fasttext(path: str, asked: str, encoding: str) -> bool:
    """Whether a file whose tokens are named has labels all the same."""
    extension = extension_of(path)
    if asked not in ("auto", "labelled") or extension in by_extension():
        return False
    lines = sniff.sample_lines(sniff.read_sample(reopenable(path)), encoding)
    return _is_fasttext(path, extension, asked, Roles(), "auto", lines)


def _is_fasttext(path: str, extension: str, asked: str, roles: Roles, task: str, lines: list[str]) -> bool:
    """Whether labels of fastText are what is to be learnt. Where the name of the file says that there are columns, all
    lines must have labels; where columns are named they are read, if there are any.
    """
    if asked not in ("auto", "labelled") or extension in by_extension() or learns(task) not in ("", *LABELS):
        return False
    if roles.group or roles.inputs or roles.targets or roles.time or roles.tag:
        return False
    separator = find_separator(lines, "")
    width, part = sniff.usual_width(sniff.split_lines(lines, separator, False))
    columns = width > 1 and part >= sniff.MANY
    if names_in(roles):
        if fasttext.is_every(lines) and not (columns and separator != " "):
            option = "--text" if roles.text else "--label" if roles.label else "--fold-by"
            raise UsageError(
                f"{option} and {display(path)}, lines of fastText, cannot be combined: "
                f"{fasttext.PREFIX} says which words are labels, the others are the text"
            )
        return False
    if extension in TABLES:
        return fasttext.is_every(lines)
    if fasttext.is_most(path, lines, columns or asked == "labelled"):
        return True
    return asked == "labelled" and not columns and any(fasttext.cut(line)[0] for line in lines)


def _kind(extension: str, asked: str, roles: Roles, task: str, lines: list[str]) -> str:
    """The name of the form."""
    if asked not in ("auto", "table"):
        return asked
    if asked == "table":
        return "labelled" if roles.text and not roles.group else "table"
    if extension in by_extension():
        form = by_extension()[extension]
        answers = roles.text or roles.label or roles.tag or learns(task) not in ("", "series")
        return "gluonts" if form == "jsonl" and not answers and is_gluonts(lines) else form
    if sniff.is_jsonl(lines) and (names_in(roles) or task != "auto"):
        return "jsonl"
    if roles.tag or learns(task) == "tags":
        return "table" if roles.group or _is_numeric(lines, extension, roles) else "tagged"
    if roles.text or _is_labelled(lines, extension, roles, task):
        return "labelled"
    if extension in TABLES and not names_in(roles) and task == "auto":
        return "tagged" if tagged_sample.has_sentences(lines) or sniff.is_conllu(lines) else "table"
    return "table"


def _is_numeric(lines: list[str], extension: str, roles: Roles) -> bool:
    """Whether it is a table with numbers, not words with tags."""
    if tagged_sample.has_sentences(lines) or sniff.is_conllu(lines):
        return False
    form, rows = _cut(lines, extension, roles)
    return extension in TABLES and any(sniff.numeric_columns(rows[form.header :], form.decimal_comma))


def _is_labelled(lines: list[str], extension: str, roles: Roles, task: str) -> bool:
    """Whether each line is a text with a label: two columns, and what is not the label is words."""
    if roles.group or roles.inputs or roles.targets or roles.time or not (learns(task) in LABELS or roles.label):
        return False
    form, rows = _cut(lines, extension, roles)
    numeric = sniff.numeric_columns(rows[form.header :], form.decimal_comma)
    if len(form.columns) != 2:
        return False
    if not numeric:
        return True  # nothing but names
    if roles.label:
        return not numeric[1 - form.columns.index(by_name(roles, form.columns).label)]
    return not all(numeric)


def _cut(
    lines: list[str],
    extension: str,
    roles: Roles,
    kind: str = "table",
    writing: Writing | None = None,
    separator: str | None = None,
) -> tuple[Form, sniff.Rows]:
    """The form by which a sample is cut into fields, and all its rows."""
    writing, layout, unequal = writing or Writing(), Layout(), kind == "wide"
    if kind == "table":
        lines, layout = _table_lines(lines, extension)
    elif kind == "wide":
        lines = lines[Layout.of(lines, extension).above :]
    elif kind == "labelled" and (told := told_separator(lines)):
        separator, lines = separator or told, [*below_it(lines)]
    separator = separator or layout.separator or find_separator(lines, extension, unequal)
    quoted = sniff.has_quoting(lines, separator)
    rows = sniff.split_lines(lines, separator, quoted)
    rows = rows[:1] + [row for row in rows[1 + layout.units :] if row != rows[0]]  # names may stand again
    while len(rows) > 1 and len(rows[-1]) > 1 and not any(map(str.strip, rows[-1])):
        rows.pop()
    comma = writing.decimal == "," if writing.decimal else sniff.has_decimal_comma(rows)
    header = sniff.has_header(rows, roles, comma, writing)
    width = len(rows[0]) if header else sniff.usual_width(rows)[0]
    columns = sniff.column_names(rows[0] if header else [""] * width)
    return Form(kind, separator, header, comma, quoted, columns=columns), rows


def _table_lines(lines: list[str], extension: str) -> tuple[list[str], Layout]:
    """The lines that hold names and rows."""
    layout = Layout.of(lines, extension)
    lines = layout.lines(lines)
    return without_comments(lines, layout.separator or find_separator(lines, extension)), layout


def lines_above(path: str, encoding: str) -> int:
    """How many lines of titles and comments are above a wide table, which are said."""
    lines, extension = sniff.sample_lines(sniff.read_sample(path), encoding), extension_of(path)
    return Layout.of(lines, extension, path).above if Layout.of(lines, extension).above else 0


def _table(path: str, kind: str, extension: str, lines: list[str], roles: Roles, writing: Writing) -> Form:
    """A row is a step, or a sequence."""
    form, rows = _cut(lines, extension, roles, kind, writing)
    sniff.refuse_single_quotes(path, rows)
    if kind == "table":
        return form
    values = [field for row in rows[form.header :] for field in row if not writing.is_missing(field)]
    style = style_of(values, "," if form.decimal_comma else ".", writing.decimal, form.separator == ",")
    told = form.decimal_comma or writing.decimal or form.separator == ","
    opened = {} if told or style.open else open_points(pl.DataFrame({"": values}), form.separator == ";")
    if style.open or opened:
        raise open_number(display(path), style.open or opened[""], "")
    width = max(map(len, rows))
    return form if form.header else replace(form, columns=sniff.column_names([""] * width))


def open_number(place: str, value: str, column: str) -> RnncliError:
    """A number that may be read in two ways."""
    where, mark = f" in column {column}" if column else "", "comma" if "," in value else "point"
    return RnncliError(
        f"{place}: {value.strip()!r}{where} may have a {mark} as decimal mark or between thousands: use "
        "--decimal comma or --decimal point"
    )


def _form(path: str, kind: str, extension: str, lines: list[str], roles: Roles, task: str, writing: Writing) -> Form:
    if kind == "tagged":
        return _tagged(path, extension, lines, roles)
    if kind not in CUT:
        return Form(kind)
    form, rows = _cut(lines, extension, roles, kind, Writing(decimal=writing.decimal))
    if learns(task) == "text" and form.separator == " ":  # it parts the words of texts, which may be as many in each
        form, rows = _cut(lines, extension, roles, kind, separator=",")
    sniff.refuse_single_quotes(path, rows)
    if not form.header and _has_names(form, rows, roles, task):
        form = replace(form, header=True, columns=sniff.column_names(rows[0]))
    if len(form.columns) != 2:
        return form
    first, tied = _label_first(form, rows, roles, task)
    if tied:
        name = form.columns[0 if first else 1]
        note(
            f"{display(path)}: both columns have the same number of different values, and column {name} "
            "is used as the label: --label names another"
        )
    return replace(form, label_first=first)


def _has_names(form: Form, rows: sniff.Rows, roles: Roles, task: str) -> bool:
    """Whether words stand on top of labelled text that look like the names of its columns."""
    if len(rows[0]) != len(form.columns):
        return False
    label = by_name(roles, form.columns).label
    place = form.columns.index(label) if label else None
    if place is None and len(form.columns) == 2:
        place = {True: 0, False: 1, None: None}[_label_first(form, rows, roles, task)[0]]
    return sniff.has_usual_names(rows[0]) or (place is not None and sniff.is_named_label(rows, place))


def _label_first(form: Form, rows: sniff.Rows, roles: Roles, task: str) -> tuple[bool | None, bool]:
    """Which of two columns is the label: as the user says, else by the values. None if there is to be no label;
    and whether neither names on top nor the number of values tell it.
    """
    named = by_name(roles, form.columns)
    if named.label:
        return named.label == form.columns[0], False
    if learns(task) not in LABELS:
        return None, False
    if named.text:
        return named.text == form.columns[1], False
    called = [bool(form.header and sniff.LABEL_NAMES.fullmatch(name)) for name in form.columns]
    return (called[0], False) if called[0] != called[1] else sniff.label_is_first(rows[form.header :])


def _tagged(path: str, extension: str, lines: list[str], roles: Roles) -> Form:
    if extension == "conllu" or sniff.is_conllu(lines):
        return Form("tagged", "\t", columns=CONLLU)
    if extension not in TABLES and (mark := slashed.said_mark(lines)):
        return Form("tagged", mark, columns=("1", "2"))
    tag_guess.refuse_tags_behind_tab(path, lines)
    separator = tagged_sample.tagged_separator(lines)
    rows = tagged_sample.tagged_rows(lines) or [[""]]
    if extension == "csv" and separator == " " and "," in "".join(rows[0]):
        separator = ","
        lines = [line for line in lines if line.strip() and not line.startswith(tagged_sample.DOCSTART)]
        rows = [tagged_sample.split_commas(line) for line in lines]
    first = rows[0]
    named = any(name in first and not name.isdecimal() for name in names_in(roles))
    header = named or sniff.has_usual_names(first) or tagged_sample.is_above_chunks(rows)
    columns = sniff.column_names(first if header else [""] * len(first))
    index = separator != "," and len(columns) > 2 and tagged_sample.has_index(rows[header:])
    tag_first = (len(columns) == 2 and tagged_sample.has_tags_first(rows[header:])) or None
    return Form("tagged", separator, header, label_first=tag_first, columns=columns, index=index)


def _parquet(path: str, asked: str, roles: Roles, task: str) -> Form:
    from rnncli.readers.parquet import parquet_columns

    answers = roles.text or roles.label or roles.tag or learns(task) not in ("", "series")
    if asked == "gluonts" or asked == "auto" and not answers and is_gluonts_parquet(path):
        return Form("gluonts", records="parquet")
    labelled = bool(roles.text and not roles.group)
    columns = parquet_columns(path, roles.label if labelled else None)
    if asked not in ("auto", "table"):
        raise UsageError(f"--format {asked} and {display(path)}, a Parquet file, cannot be combined")
    label = by_name(roles, columns).label
    first = label == columns[0] if labelled and label and len(columns) == 2 else None
    return Form("labelled" if labelled else "table", header=True, columns=columns, label_first=first)
