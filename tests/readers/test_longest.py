"""What would fill the memory is refused at a limit, or by what its header claims: what, where, how to lift it."""

import csv
import gzip
import io
import zipfile

import numpy as np
import pytest

from rnncli.errors import RnncliError
from rnncli.process import spool
from rnncli.readers import npy, parquet, source
from rnncli.readers.form import Form
from rnncli.readers.longest import Longest, unclosed
from rnncli.readers.records import byte_texts, texts
from rnncli.readers.source import byte_lines, end_of_record, text_lines
from rnncli.readers.text import language_sequences
from tests.readers.helpers import error_of, message, read

FILE = "data.csv"
LIMIT = 200


@pytest.fixture
def limit(blocks_of):
    before = Longest.line
    Longest.begin(1)
    assert Longest.named() == "1 million characters"
    Longest.begin(LIMIT / 1_000_000)
    blocks_of(32)
    yield
    Longest.begin(before // 1_000_000)


@pytest.mark.parametrize(
    ("name", "content", "roles", "line", "found"),
    [
        ("a.csv", "a,b\n1,2\n" + "1" * 1000, {}, 3, "a line"),
        ("a.csv", 'a,b\n1,2\n3,"' + "x,y\n" * 250, {"asked": "table"}, 3, "a quote opens a field"),
        (
            "a.csv",
            'text,label\n"a b",x\n"' + "x,y\n" * 250,
            {"text": "text", "label": "label"},
            3,
            "a quote opens a field",
        ),
        ("a.tsv", "text\tlabel\na b\tx\n" + "b" * 1000, {"text": "text", "label": "label"}, 3, "a line"),
        (
            "a.jsonl",
            '{"text": "a b", "label": "x"}\n{"text": "' + "b" * 1000,
            {"text": "text", "label": "label"},
            2,
            "a line",
        ),
        ("a.txt", "__label__a b\n__label__b c\n" + "x" * 1000, {}, 3, "a line"),
        ("a.conll", "a\tN\nb\tV\n\n" + "x" * 1000, {"tag": "2"}, 4, "a line"),
    ],
)
def test_a_line_or_a_quote_without_end(file, limit, name, content, roles, line, found):
    for path in (file(content, name), file(gzip.compress(content.encode()), name + ".gz")):
        text = message(path, **roles)
        assert text.startswith(f"{path}:{line}: {found} of more than {LIMIT} characters: ")
        assert text.endswith(", or raise --longest-line")
    Longest.begin(1)
    said = ""
    try:
        read(path, **roles)
    except RnncliError as error:  # a quote that is never closed, a row without its fields
        said = str(error)
    assert "--longest-line" not in said


@pytest.mark.parametrize(("lines", "one"), [(lambda path: text_lines(path, "utf-8"), "x"), (byte_lines, b"x")])
def test_lines_up_to_the_limit_are_read_and_the_first_beyond_it_is_named(file, limit, lines, one):
    kept = [one * LIMIT, one[:0], one * 3]
    text = (one[:0] + b"\n" if isinstance(one, bytes) else "\n").join(kept)
    assert list(lines(file(text))) == kept
    found = lines(file(text + (b"\n" if isinstance(one, bytes) else "\n") + one * (LIMIT + 40)))
    assert [next(found) for _ in kept] == kept
    assert ":4: a line of more than" in error_of(next, found)


def test_a_field_beyond_what_csv_takes_is_named_with_the_option():
    before = csv.field_size_limit(100)
    with pytest.raises(csv.Error) as caught:
        list(csv.reader(['"' + "x" * 200]))
    csv.field_size_limit(before)
    assert str(unclosed("a.csv", 7, caught.value)).startswith("a.csv:7: a quote opens a field of more than 64 million ")


def test_a_word_without_end(file, limit):
    path = file("one two\n" + "x" * 1000)
    arguments = [path], "text", "word", "utf-8", None
    assert f"{path}:2: a word of more than {LIMIT} characters: use --tokens char" in error_of(
        language_sequences, *arguments
    )
    assert language_sequences([path], "text", "char", "utf-8", None)[0].total == 1008


def test_where_the_last_whole_record_ends_is_found_as_by_a_look_at_every_line():
    def slow(text):
        ends = [i + 1 for i, byte in enumerate(text) if byte == 10]
        return max((end for end in ends if text[:end].count(b'"') % 2 == 0), default=0)

    rng = np.random.default_rng(0)
    for _ in range(300):
        text = bytes(rng.choice(np.frombuffer(b'aa\n\n"', np.uint8), rng.integers(0, 30)).tolist())
        odd = text[: text.rfind(b"\n") + 1].count(b'"') % 2
        assert end_of_record(text, True) == (slow(text) if odd else text.rfind(b"\n") + 1)


def claiming(shape):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return header.getvalue() + bytes(80)


@pytest.mark.parametrize("shape", [(10**9, 4), (10**14, 4), (11,)])
def test_a_shape_that_the_file_is_too_short_for_is_refused_before_it_is_read(file, tmp_path, shape):
    archive = tmp_path / "x.npz"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x.npy", claiming(shape))
    for path in (file(claiming(shape), "x.npy"), str(archive)):
        assert f"x is float64 of shape {shape} by its header, {np.prod(shape) * 8:,} bytes, but 80 bytes" in message(
            path
        )


def test_an_array_that_there_is_no_room_for_is_refused_by_its_header(file, monkeypatch):
    monkeypatch.setattr(spool, "IN_MEMORY", 16)
    path = file(gzip.compress(claiming((11,))), "x.npy.gz")
    assert "by its header, 88 bytes, but 80 bytes follow" in message(path)
    monkeypatch.setattr(npy, "disk_usage", lambda folder: type("Usage", (), {"free": 50}))
    found = message(path)
    assert found.startswith(f"{path}: x is float64 of shape (11,) by its header, 88 bytes, but there are 50 for tempor")
    assert found.endswith("set TMPDIR to a writable folder with free space")


@pytest.mark.parametrize("most", [8, 1 << 20])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<i2", "?", "|u1"])
def test_arrays_are_those_of_numpy_in_memory_or_mapped(file, monkeypatch, dtype, most):
    monkeypatch.setattr(spool, "IN_MEMORY", most)
    rng, path = np.random.default_rng(1), file("", "x.npz")
    arrays = {
        "plain": rng.integers(0, 2, (5, 3)).astype(dtype),
        "by_columns": np.asfortranarray(rng.integers(0, 2, (4, 3, 2)).astype(dtype)),
        "empty": np.zeros((0, 3), dtype),
        "one": np.array(1, dtype),
    }
    for save in (np.savez, np.savez_compressed):
        save(path, **arrays)
        with source.open_bytes(path) as stream:
            found = npy.arrays_of(stream, path)
        assert list(found) == list(arrays)
        for name, array in arrays.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            np.testing.assert_array_equal(found[name], array)


def test_a_packed_parquet_that_is_too_large_for_memory_is_refused(file, monkeypatch):
    monkeypatch.setattr(parquet, "MOST", 100)
    path = file(gzip.compress(b"PAR1" + bytes(200)), "x.parquet.gz")
    assert "Parquet, packed or from a pipe, of more than 0 MB: save it to a file, unpacked" in message(path)


@pytest.mark.parametrize("read_texts", [lambda *words: list(texts(*words)), lambda *words: list(byte_texts(*words))])
def test_a_record_without_an_empty_line_after_it(file, limit, read_texts):
    path, form = file("a\nb\n\n" + "x\n" * (LIMIT // 2) + "\nc\n"), Form("blocks")
    assert [len(text) for text in read_texts(path, form, "utf-8", True)] == [3, LIMIT - 1, 1]
    path = file("a\nb\n\n" + "x\n" * (LIMIT // 2 + 1))
    with pytest.raises(RnncliError) as caught:
        read_texts(path, form, "utf-8", True)
    expected = (
        f"{path}:104: a record of more than {LIMIT} characters: end records by empty lines, or raise --longest-line"
    )
    assert str(caught.value) == expected
