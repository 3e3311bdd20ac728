"""The form of a file of texts for a language model: a stream, lines, blocks, FASTA, JSON lines, a column of a table."""

import json
import re
from dataclasses import replace

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers import fasta, sniff
from rnncli.readers.documents import is_json, refuse_documents
from rnncli.readers.form import NAMELESS, Form
from rnncli.readers.forms import TABLES, WHOLE, extension_of, recognise
from rnncli.readers.line_guess import are_entries
from rnncli.readers.log_guess import message_key
from rnncli.readers.naming import by_name, listed
from rnncli.readers.parquet import MAGIC, text_columns
from rnncli.readers.source import display, reopenable
from rnncli.readers.text_guess import TEXTS

NAMED = ("auto", "jsonl", "table", "labelled")
OBJECTS = ("jsonl", "ndjson")
HOLD_TEXTS = (*OBJECTS, "csv", "tsv", "parquet")  # extensions of files of which the texts are a part
USUAL = re.compile(f"{TEXTS}|msg|log", re.IGNORECASE)
KEY = "x"  # of the sequence, where none is named


def recognise_texts(path: str, asked: str, named: str | None, encoding: str) -> Form:
    """The form of a file of texts; `asked` is --format, `named` --text. What is guessed is said."""
    if asked in NAMELESS:
        if named:
            raise UsageError(f"--text and --format {asked} cannot be combined: it is for JSON lines and tables")
        return Form(asked)
    if asked not in NAMED:
        raise UsageError(f"--task language and --format {asked} cannot be combined: a language model reads texts")
    sample = sniff.read_sample(reopenable(path))
    lines = sniff.sample_lines(sample, encoding)
    kind = _kind(path, asked, named, sample, lines)
    if kind == "jsonl" or asked == "auto" and extension_of(path) not in TABLES:
        refuse_documents(path, lines, kind == "jsonl", WHOLE)
    if kind == "text":
        return _plain(path, lines)
    if not any(line.strip() for line in lines):
        raise RnncliError(f"{display(path)}: empty, expected texts")
    if kind == "jsonl":
        return Form("jsonl", text=named or _key(path, lines))
    if sample.startswith(MAGIC):
        form = recognise(path, "table", Roles(text=named), encoding, "language")
        found = [*text_columns(path)]
    else:
        form = recognise(path, "labelled", Roles(text=named), encoding, "language")
        form, found = (form, []) if named else _columns(form, lines)
    form = replace(form, name="labelled")
    aside = "" if form.header else " (no names are on top)"
    text = by_name(Roles(text=named), form.columns).text
    return replace(form, text=text or _chosen(path, found, form.columns, "column", aside))


def _plain(path: str, lines: list[str]) -> Form:
    """FASTA, lines or a stream, as the first lines look."""
    if fasta.is_fasta(lines):
        note(
            f"{display(path)}: FASTA, sequences without their names and line ends: --format text reads it as it stands"
        )
        return Form("fasta")
    if are_entries(lines):
        note(f"{display(path)}: each line is a text of its own, as in a log or a list: --format text reads one stream")
        return Form("lines")
    return Form("text")


def _kind(path: str, asked: str, named: str | None, sample: sniff.Sample, lines: list[str]) -> str:
    """jsonl, table or text: as the file is called; of stdin, and where a text is named, also as it begins."""
    if asked != "auto":
        return "jsonl" if asked == "jsonl" else "table"
    extension = extension_of(path)
    if extension in OBJECTS or is_json(extension, sample):
        return "jsonl"
    if sample.startswith(MAGIC) or extension in HOLD_TEXTS:
        return "table"
    filled = [line for line in lines if line.strip()]
    objects = bool(filled) and all(sniff.is_jsonl([line]) for line in filled)
    if objects and (named or path.startswith(("-", "/dev/", "/proc/")) or message_key(lines)):
        return "jsonl"
    if objects:
        note(f"{display(path)}: JSON lines are read as text, braces and quotes too: --text KEY reads what is in them")
    return "table" if named else "text"


def _key(path: str, lines: list[str]) -> str:
    """The key of the texts: `x`, the message of a log, or the only one."""
    kinds: dict[str, set] = {}
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue  # for the reader to complain of
        for key, item in value.items() if isinstance(value, dict) else ():
            kinds.setdefault(key, set()).add(type(item))
    texts = [key for key, found in kinds.items() if str in found and found <= {str, type(None)}]
    message = None if KEY in texts else message_key(lines)
    return _chosen(path, [key for key in texts if key in (KEY, message)] or texts, tuple(kinds), "key")


def _columns(form: Form, lines: list[str]) -> tuple[Form, list[str]]:
    """The form with the names on top, and the columns that hold texts: neither numbers nor nothing."""
    rows = sniff.split_lines(lines, form.separator, form.quoted)
    if not form.header and len(form.columns) == 1 and _is_named_alone([row[0] for row in rows if len(row) == 1]):
        form = replace(form, header=True, columns=sniff.column_names(rows[0]))
    rows = rows[form.header :]
    filled = [any(len(row) > i and row[i].strip() for row in rows) for i in range(len(form.columns))]
    numbers = sniff.numeric_columns(rows, form.decimal_comma)
    pairs = zip(form.columns, filled, numbers, strict=False)
    return form, [name for name, there, number in pairs if there and not number]


def _is_named_alone(fields: list[str]) -> bool:
    """Whether the first of the fields of one column is its name: a usual one, or a single word that is nowhere else
    where most others are several.
    """
    first, *others = [field.strip() for field in fields]
    if sniff.USUAL_NAMES.fullmatch(first):
        return True
    single = sum(len(field.split()) < 2 for field in others if field)
    return bool(sniff.NAME.fullmatch(first)) and " " not in first and first not in others and 2 * single < len(others)


def _chosen(path: str, texts: list[str], there: tuple[str, ...], what: str, aside: str = "") -> str:
    """The only one of `texts`, or the only one with the usual name of a text, which is said."""
    name = display(path)
    if not texts:
        raise UsageError(f"{name}: no {what} of texts among {listed(there)}{aside}: {WHOLE}, --text NAME selects one")
    usual = [text for text in texts if USUAL.fullmatch(text)]
    texts = usual if len(usual) == 1 else texts
    if len(texts) > 1:
        several = listed(tuple(texts))
        raise UsageError(f"{name}: {what}s of texts{aside}: {several}: --text NAME selects one; {WHOLE}")
    others = f" of {listed(there)}" if len(there) > 1 else ""
    note(f"{name}: the texts are in {what} {texts[0]}{others}{aside}: --text NAME selects another, {WHOLE}")
    return texts[0]
