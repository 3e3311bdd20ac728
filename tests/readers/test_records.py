"""Texts of language models that are records: the sequences read are those of json, csv, polars and str.split."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnncli.data.vocabulary import END_BYTE, from_json
from rnncli.errors import RnncliError, UsageError
from rnncli.readers.form import Form
from rnncli.readers.records import blocks
from rnncli.readers.text import language_sequences
from rnncli.readers.text_forms import recognise_texts
from tests.readers.helpers import error_of

TEXTS = [
    'X:1\nK:D\nA2 "B"|\td',
    "a single line",
    "Brot, Öl;\n  Salz\n😀 \\n",
    "one\ntwo, three | four",
    "{[not JSON]}",
] * 3
FILE = "a.jsonl"
TOKENS = ("char", "byte", "word")


def as_jsonl(texts):
    return "".join(json.dumps({"id": i, "body": text}) + "\n" for i, text in enumerate(texts))


def as_csv(texts, delimiter=","):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([("id", "body"), *enumerate(texts)])
    return out.getvalue()


def as_parquet(texts):
    out = io.BytesIO()
    pl.DataFrame({"id": range(len(texts)), "body": texts}).write_parquet(out)
    return out.getvalue()


WRITERS = {
    "a.jsonl": as_jsonl,
    "a.csv": as_csv,
    "a.tsv": lambda texts: as_csv(texts, "\t"),
    "a.parquet": as_parquet,
    "a.blocks": "\n\n".join,
}
READERS = {
    "a.jsonl": lambda data: [json.loads(line)["body"] for line in data.decode().splitlines()],
    "a.csv": lambda data: [row["body"] for row in csv.DictReader(io.StringIO(data.decode(), newline=""))],
    "a.tsv": lambda data: [
        row["body"] for row in csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter="\t")
    ],
    "a.parquet": lambda data: pl.read_parquet(io.BytesIO(data))["body"].to_list(),
    "a.blocks": lambda data: data.decode().split("\n\n"),
}


def sequences_of(path, tokens="char", asked=None, named=None):
    """The sequences as lists of what their tokens stand for."""
    form = recognise_texts(path, asked or ("blocks" if path.endswith("blocks") else "auto"), named, "utf-8")
    sequences, vocabulary = language_sequences([path], form, tokens, "utf-8", None, 1)
    again, same = from_json(json.loads(json.dumps(vocabulary.to_json()))), vocabulary.keys()
    assert again.keys() == same and again.end == vocabulary.end and again.of_records
    pieces = np.split(sequences.tokens, sequences.offsets[1:-1])
    assert all(piece[-1] == vocabulary.end for piece in pieces)
    assert sum((piece == vocabulary.end).sum() for piece in pieces) == len(pieces)
    return [[vocabulary.keys()[i] for i in piece[:-1].tolist()] for piece in pieces]


def expected_of(text, tokens):
    """Code points, bytes, or words and line ends, with Python alone."""
    if tokens == "char":
        return list(map(ord, text))
    if tokens == "byte":
        return list(text.encode())
    lines = [line.split() for line in text.split("\n")]
    return [word for i, line in enumerate(lines) for word in (["\n"] if i else []) + line]


@pytest.mark.parametrize("tokens", TOKENS)
@pytest.mark.parametrize("name", WRITERS)
def test_the_sequences_are_those_of_an_independent_parse(file, name, tokens):
    path = file(WRITERS[name](TEXTS), name)
    texts = READERS[name](Path(path).read_bytes())
    assert texts == TEXTS
    assert sequences_of(path, tokens) == [expected_of(text, tokens) for text in texts]


def test_records_are_coded_alike_however_many_at_once(file, monkeypatch):
    path = file(as_jsonl([*TEXTS, "", " "]), "a.jsonl")
    whole = {tokens: sequences_of(path, tokens) for tokens in TOKENS}
    for size in (1, 30):
        monkeypatch.setattr("rnncli.readers.text.TOGETHER", size)
        assert {tokens: sequences_of(path, tokens) for tokens in TOKENS} == whole


LINE = st.sampled_from(["", " ", "\t ", "a", " b", "c  ", "\u3000"])


@given(st.lists(LINE, max_size=12), st.booleans())
@example(["", " ", "a", "", "", "b", "c", " "], True)
def test_blocks_are_what_blank_lines_leave(lines, ends):
    text = "\n".join(lines) + "\n" * ends
    expected = [piece.strip("\n") for piece in re.split(r"(?m)^\s*$", text) if piece.strip()]
    assert list(blocks("-", iter(text.split("\n")), "\n")) == expected


@pytest.mark.parametrize(
    "content",
    [
        "a\nb\n\nc\n",
        "a\nb\n\nc",
        "\n\n \n\na\nb\n\t\n \n\n\nc\n\n\n",
        "a\r\nb\r\n\r\nc\r\n",
        "a\r\nb\r\n \r\n\r\nc",
        "\ufeffa\nb\n\nc\n",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_blocks_end_at_empty_lines_of_all_kinds(file, blocks_of, content, size):
    blocks_of(size)
    path = file(content, "a.blocks")
    assert sequences_of(path) == [expected_of("a\nb", "char"), expected_of("c", "char")]
    assert sequences_of(path, "word") == [["a", "\n", "b"], ["c"]]
    if "\ufeff" not in content:  # bytes are as they stand
        end = "\r\n" if "\r" in content else "\n"
        assert sequences_of(path, "byte") == [list(f"a{end}b".encode()), list(b"c")]


@pytest.mark.parametrize(
    ("name", "content", "named", "found"),
    [
        ("a.jsonl", '{"x": "a b", "title": "t"}\n', None, "a b"),
        ("a.ndjson", '{"n": 1, "text": "a b", "tags": ["u"], "none": null}\n', None, "a b"),
        ("a.txt", '{"n": 1, "text": "a b"}\n', "text", "a b"),
        ("a.jsonl", '{"title": "t", "text": "a b"}\n', "text", "a b"),
        ("a.json", '{"text": "a b"}\n', None, "a b"),
        ("a.csv", "poem\na b\n", None, "a b"),
        ("a.csv", 'poem\n"a b"\n', None, "a b"),
        ("a.csv", "text\na\n", None, "a"),
        ("a.csv", "poem\na b\nc\nd e\n", None, "a b"),
        ("a.csv", "Anna\nBob\nEve\n", None, "Anna"),
        ("a.csv", "rose\na b\nc d\nrose\n", None, "rose"),
        ("a.csv", "poem,poet\na b,c\n", "poem", "a b"),
        ("a.csv", "poem;n\na b;7\n", None, "a b"),
        ("a.csv", "n,poem,empty\n7,a b,\n", None, "a b"),
        ("a.csv", "7,a b\n8,c\n", None, "a b"),
        ("a.txt", "n\tpoem\n7\ta b\n", "poem", "a b"),
        ("a.tsv", "n\tpoem\n7\ta b\n", "2", "a b"),
        ("a.csv", "a b\n\nc d\n", None, "a b"),
        ("a.csv", "name\n" + "a b\n" * 30, None, "a b"),
        ("a.csv", "name\n" + "a b\n" * 30, "name", "a b"),
        ("a.csv", 'poem\n"a|b\nc, d|"\n"e|\n|f"\n', "poem", "a|b\nc, d|"),
        ("a.csv", 'poem\n"a, b\nc, d"\n"e, f\ng, h"\n', "poem", "a, b\nc, d"),
        ("a.csv", '"a|b\nc, d|"\n"e|\n|f"\n', None, "a|b\nc, d|"),
    ],
)
def test_the_key_or_column_of_texts_is_found_or_named(file, name, content, named, found):
    path = file(content, name)
    assert sequences_of(path, named=named)[0] == expected_of(found, "char")


def test_empty_lines_between_rows_of_one_column_are_no_records(file):
    assert len(sequences_of(file("poem\na b\n\nc d\n\n", "a.csv"))) == 2
    assert len(sequences_of(file('poem\n"a b"\n""\n"c d"\n', "b.csv"))) == 3  # an empty text is one


REFUSED = {
    "a.jsonl": [
        ('{"a": "t", "b": "u"}\n', None, UsageError, ": keys of texts: a, b: --text NAME selects one"),
        ('{"a": 1, "b": [2]}\n', None, UsageError, "no key of texts among a, b: --format text reads"),
        ('{"a": "t"}\n{"a": 7}\n', "a", RnncliError, ':2: a is 7, expected {"a": a text}'),
        ('{"a": "t"}\n\n{"b": 7}\n', "a", RnncliError, ":3: no a among the keys b, expected"),
        ('{"a": "t"}\n{"a": null}\n', None, RnncliError, ":2: a is null, expected"),
        ('{"a": "t"}\n{"a"\n', None, RnncliError, ":2: not JSON"),
        ('{"a": "t"}\n[1]\n', None, RnncliError, ":2: no a, expected"),
        ("\n \n", None, RnncliError, ": empty, expected texts"),
        ('[{"a": "t"},\n{"a": "u"}]\n', "a", RnncliError, ":1: a JSON array, expected an object on each line"),
        ('{\n"a": "t"\n}\n', None, RnncliError, ":1: a JSON object over several lines, expected one on each line"),
    ],
    "a.csv": [
        ("poem,poet,n\na b,c d,1\n", None, UsageError, ": columns of texts: poem, poet: --text NAME"),
        ("a b,c d\ne f,g h\n", None, UsageError, ": columns of texts (no names are on top): 1, 2: --text"),
        ("n,m\n1,2\n", None, UsageError, "no column of texts among n, m: --format text reads"),
        ("n,m\n1,a b\n", "k", UsageError, "--text k: no such column, found n, m"),
        ('n,m\n1,"a\nb\n', None, RnncliError, ":2: a quote is never closed"),
    ],
    "a.parquet": [(b"PAR1 and no more", "a", RnncliError, "not a complete Parquet file")],
}


@pytest.mark.parametrize(
    ("name", "content", "named", "kind", "said"), [(name, *case) for name, cases in REFUSED.items() for case in cases]
)
def test_what_is_ambiguous_or_no_text_is_refused(file, name, content, named, kind, said):
    path = file(content, name)
    assert said in error_of(sequences_of, path, named=named, kind=kind)


@pytest.mark.parametrize("asked", ["text", "lines", "blocks"])
def test_a_name_is_refused_where_there_are_no_names(file, asked):
    said = error_of(recognise_texts, file("a b\n", "a.txt"), asked, "x", "utf-8", kind=UsageError)
    assert said.startswith(f"--text and --format {asked} cannot be combined")


@pytest.mark.parametrize("form", ["text", "lines"])
def test_a_file_is_read_as_it_stands_where_that_is_asked(file, form):
    content = as_csv(TEXTS)
    path = file(content, "a.csv")
    assert recognise_texts(path, form, None, "utf-8") == Form(form)
    sequences, vocabulary = language_sequences([path], form, "char", "utf-8", None, 1)
    assert vocabulary.decode(sequences.tokens).decode() == content and not vocabulary.of_records


def test_the_end_of_a_record_is_beyond_all_bytes(file):
    form = Form("jsonl", text="body")
    sequences, vocabulary = language_sequences([file(as_jsonl(TEXTS), "a.jsonl")], form, "byte", "utf-8", None)
    assert (vocabulary.end, len(vocabulary), sequences.tokens.dtype) == (END_BYTE, 257, np.uint16)
    assert vocabulary.decode([97, END_BYTE]) == b"a" and vocabulary.symbol(END_BYTE) == "<end>"
