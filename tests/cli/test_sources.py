"""Where data come from: a pipe and a packed file give the rows of a plain file, bytes that are no text one line."""

import bz2
import gzip
import io
import json
import lzma
import os
import signal
import threading
import zipfile

import numpy as np
import polars as pl
import pytest

from rnncli.tasks.trained import load_model

QUICK = ("--epochs", "1", "--hidden", "4", "-q", "-o")
SECONDS = 60  # a pipe that is opened twice would be waited for for ever


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def bytes_of(write, *arguments) -> bytes:
    out = io.BytesIO()
    write(out, *arguments)
    return out.getvalue()


PACK = {
    "gz": lambda content: gzip.compress(content, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda content: lzma.compress(content, lzma.FORMAT_ALONE),
    "zip": lambda content: zipped(("inside.txt", content)),
}
WALK = np.cumsum(np.random.default_rng(0).normal(size=60)).round(3)
NAMED = ("--text", "text", "--label", "label")
#: form -> content, options of train, options of predict
FORMS = {
    "text": (b"the cat sat\non the mat\n" * 20, (), ("--score",)),
    "lines": (b"GET /a 200\nGET /b 404\n" * 20, ("--format", "lines"), ("--score",)),
    "bytes": (b"the cat sat\non the mat\n" * 20, ("--tokens", "byte"), ("--score",)),
    "labelled": (b"text,label\n" + b"good one,p\nbad one,n\n" * 12, NAMED, ()),
    "fasttext": (b"__label__p good one\n__label__n bad one\n" * 12, (), ()),
    "tagged": (b"Ann B-PER\nsings O\n\n" * 12, (), ()),
    "jsonl": (
        b'{"text": "ab", "label": 0}\n{"text": "ba", "label": 1}\n' * 12,
        ("--text", "text", "--label", "label"),
        (),
    ),
    "table": (b"v\n" + "".join(f"{value}\n" for value in WALK).encode(), ("--target", "v", "--horizon", "2"), ()),
    "arrays": (bytes_of(np.save, np.stack([WALK, -WALK], 1)), ("--task", "forecast", "--horizon", "2"), ()),
    "parquet": (
        bytes_of(lambda out: pl.DataFrame({"v": WALK}).write_parquet(out)),
        ("--target", "v", "--horizon", "2"),
        (),
    ),
}


@pytest.fixture
def fifo(here):
    """`fifo(name, content)` is a pipe in the folder that gives the content once."""

    def late(*_):
        raise TimeoutError("a pipe was waited for that nobody writes to again")

    def make(name: str, content: bytes) -> str:
        os.mkfifo(here.folder / name)

        def write():
            with open(here.folder / name, "wb") as pipe:
                pipe.write(content)

        threading.Thread(target=write, daemon=True).start()
        return name

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield make
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("form", FORMS)
def test_a_pipe_gives_the_same_model_and_rows_as_a_file(here, fifo, form):
    content, options, kind = FORMS[form]
    here.write("file", content)
    assert here("train", "file", *options, *QUICK, "m").code == 0
    expected = here("predict", "m", "file", *kind)
    assert expected.code == 0, expected.err
    assert expected.out.count(b"\n") >= 2
    assert here("train", fifo("pipe", content), *options, *QUICK, "p").code == 0
    assert here.read("p") == here.read("m")
    assert here("predict", "m", fifo("again", content), *kind).out == expected.out
    assert here("predict", "m", *kind, input=content).out == expected.out


def test_a_pipe_that_validates_or_answers_is_read_once_too(here, fifo):
    content, options, _ = FORMS["labelled"]
    here.write("file", content)
    assert here("train", "file", "--valid", fifo("pipe", content), *options, *QUICK, "m").code == 0
    whole = here("predict", "m", "file", "--evaluate").json()
    assert here("predict", "m", fifo("again", content), "--evaluate").json() == whole
    assert whole["n"] == 24


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packing", PACK)
def test_packed_files_are_read_whatever_their_name(here, form, packing):
    content, options, kind = FORMS[form]
    here.write("file", content)
    here.write("packed", PACK[packing](content))
    assert here("train", "file", *options, *QUICK, "m").code == 0
    assert here("train", "packed", *options, *QUICK, "p").code == 0
    assert here.read("p") == here.read("m")
    expected = here("predict", "m", "file", *kind).out
    assert here("predict", "m", "packed", *kind).out == expected
    assert here("predict", "m", *kind, input=PACK[packing](content)).out == expected


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zip"])
def test_packed_data_that_are_cut_or_followed_by_something_else_are_one_line(here, packing):
    content = b"GET /a 200\nGET /b 404\n" * 300
    packed = PACK[packing](content)
    here.write("m.txt", content)
    here.write("cut", packed[: len(packed) * 3 // 4])
    here.write("more", packed + b"more")
    here.write("twice", packed + packed)
    assert "cut: damaged" in here("train", "cut", *QUICK, "m").message()
    if packing != "zip":  # what stands before or behind an archive is none of it
        assert "more: damaged" in here("train", "more", *QUICK, "m").message()
        assert here("train", "twice", *QUICK, "m").code == 0
    assert "m" not in here.files() or packing != "zip"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x04\x22\x4d\x18abc", "compressed by lz4, not supported: lz4 -dc d.x | rnncli"),
        (b"7z\xbc\xaf\x27\x1cabc", "7z x -so d.x | rnncli"),
        (b"\x1f\x9dabc", "gzip -dc d.x | rnncli"),
        (b"Rar!\x1a\x07abc", "compressed by rar"),
        (zipped(("a", b"x"), ("b", b"y")), "a zip archive of 2 files (a, b), expected one"),
        (zipped(("[Content_Types].xml", b"x"), ("word/document.xml", b"y")), "a document of an office program"),
    ],
    ids=["lz4", "7z", "compress", "rar", "several", "office"],
)
def test_what_is_not_unpacked_is_named_with_the_command_that_does(here, content, words):
    here.write("d.x", content)
    done = here("train", "d.x", *QUICK, "m")
    assert done.code == 1
    assert words in done.message()
    assert here.files() == ["d.x"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig"])
@pytest.mark.parametrize("form", ["lines", "labelled", "jsonl", "tagged"])
def test_encodings_give_the_same_rows(here, form, encoding):
    content, options, kind = FORMS[form]
    content = content.replace(b"oo", "é".encode()).replace(b"ings", "ingé".encode())
    here.write("utf8", content)
    here.write("other", content.decode().encode(encoding))
    assert here("train", "utf8", *options, *QUICK, "m").code == 0
    expected = here("predict", "m", "utf8", *kind)
    assert expected.code == 0
    assert here("predict", "m", "other", *kind, "--encoding", encoding).out == expected.out


@pytest.mark.parametrize(
    "encoding", ["idna", "punycode", "base64", "rot13", "unicode_escape", "nonsense", "", "undefined"]
)
def test_what_is_no_encoding_of_text_is_refused(here, encoding):
    here.write("d.txt", FORMS["text"][0])
    done = here("train", "d.txt", "--encoding", encoding, *QUICK, "m")
    assert done.code == 2
    assert f"--encoding {encoding}" in done.message()


def test_wide_text_without_a_mark_is_told_with_the_encoding_to_try(here):
    here.write("le.txt", FORMS["text"][0].decode().encode("utf-16-le"))
    here.write("utf8.txt", FORMS["text"][0])
    assert "try --encoding utf-16-le" in here("train", "le.txt", "--encoding", "utf-16", *QUICK, "m").message()
    assert "try --encoding utf-8" in here("train", "utf8.txt", "--encoding", "utf-16", *QUICK, "m").message()


BAD = b"GET /a 200\n" * 300 + b"GET /\xff 404\nGET /b 200\n"


@pytest.fixture
def log_model(here):
    here.write("log.txt", FORMS["lines"][0])
    assert here("train", "log.txt", "--format", "lines", *QUICK, "m").code == 0
    return "m"


def test_rows_before_bytes_that_are_no_text_come_out_first(here, log_model):
    here.write("bad.log", BAD)
    done = here("predict", log_model, "bad.log", "--score")
    assert done.code == 1
    assert done.out.count(b"\n") == 300
    assert "bad.log:301: not utf-8 (0xff)" in done.err
    assert "--errors replace" in done.err
    assert "--tokens" not in done.err  # predict has no such option


def test_bytes_that_are_no_text_are_replaced_where_that_is_asked(here, log_model):
    here.write("bad.log", BAD)
    done = here("predict", log_model, "bad.log", "--score", "--errors", "replace")
    assert (done.code, done.out.count(b"\n")) == (0, 302)
    assert "GET /\ufffd 404" in done.out.decode()
    assert "bad.log:301" in done.err
    assert here("train", "bad.log", *QUICK, "n").code == 1
    assert here("train", "bad.log", "--errors", "replace", *QUICK, "n").code == 0


def test_a_watch_goes_on_after_bytes_that_are_no_text(run, here, log_model):
    process = run.start("predict", log_model, "--score", "--follow")
    out, err = process.communicate(b"GET /a 200\nGET /\xff 404\nGET /b 200\n", timeout=SECONDS)
    assert process.returncode == 0
    assert out.count(b"\n") == 3
    assert b"Traceback" not in err


def test_a_lone_cr_ends_no_line(here, log_model):
    content = b"GET /a\r 200\nGET /b 404\r\nGET\r/a 200\n"
    assert here("predict", log_model, "--score", input=content).out.count(b"\n") == content.count(b"\n")


def test_training_goes_on_when_nobody_reads_its_progress(run):
    run.write("d.txt", FORMS["text"][0])
    process = run.start("train", "d.txt", "--epochs", "3", "--hidden", "4", "-o", "m")
    process.stderr.close()
    assert process.wait(SECONDS) == 0
    process.stderr = None
    assert "m" in run.files()
    assert run.start("train", "d.txt", "--epochs", "1", "--hidden", "4", "-o", "n", close=2).wait(SECONDS) == 0
    assert "n" in run.files()


def test_a_line_is_predicted_without_room_for_temporary_files(here, monkeypatch):
    content, options, _ = FORMS["labelled"]
    here.write("d.csv", content)
    assert here("train", "d.csv", *options, *QUICK, "m").code == 0

    def nowhere(*_, **__):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryFile", nowhere)
    assert here("predict", "m", input=b"good one\n").out.endswith(b"good one\n")


@pytest.mark.parametrize("temperature", ["1e39", "1e300", "1e-300"])
def test_odd_temperatures_draw_tokens_that_were_seen(here, temperature):
    here.write("d.txt", FORMS["text"][0])
    assert here("train", "d.txt", *QUICK, "m").code == 0
    done = here("predict", "m", "--prompt", "the", "--length", "50", "--temperature", temperature)
    assert (done.code, done.err) == (0, "")
    assert set(done.out.decode()) <= set(FORMS["text"][0].decode())


@pytest.mark.parametrize(
    "option", ["--top-p=nan", "--top-p=1.5", "--temperature=nan", "--temperature=-1", "--top-k=-1"]
)
def test_odd_options_of_a_draw_are_refused(here, option):
    here.write("d.txt", FORMS["text"][0])
    assert here("train", "d.txt", *QUICK, "m").code == 0
    assert here("predict", "m", "--prompt", "the", option).code == 2


@pytest.mark.parametrize("steps", ["5", "34", "35"])
def test_lengths_of_an_input_of_few_windows(here, steps):
    here.write("d.txt", FORMS["text"][0])
    here.write("short.txt", FORMS["text"][0][:80])
    assert here("train", "d.txt", "--steps", steps, *QUICK, "m").code == 0
    done = here("inspect", "m", "short.txt", "--view", "lengths", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)


@pytest.mark.parametrize("form", ["text", "lines", "labelled", "fasttext", "tagged", "jsonl"])
def test_of_nothing_nothing_is_predicted(here, form):
    content, options, kind = FORMS[form]
    here.write("file", content)
    here.write("empty", b"")
    assert here("train", "file", *options, *QUICK, "m").code == 0
    for done in here.each(("predict", "m", *kind), ("predict", "m", "empty", *kind)):
        assert (done.code, done.out, done.err) == (0, b"", "")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("good\tsun warm\nbad\train cold\n", ("--label", "1", "--text", "2")),
        ("good,sun warm\nbad,rain cold\n", ("--label", "1", "--text", "2", "--format", "labelled")),
        ("__label__good sun warm\n__label__bad rain cold\n", ()),
        ('{"x": "sun warm", "y": "good"}\n{"x": "rain cold", "y": "bad"}\n', ("--label", "y")),
        ("sun B-X\nwarm O\n\nrain B-X\ncold I-X\n\n", ()),
    ],
)
def test_a_byte_order_mark_between_joined_files_is_part_of_no_row(here, text, options):
    rows = []
    for mark in ("", "\ufeff"):
        here.write("t.txt", (mark + text * 5) * 3)
        assert here("train", "t.txt", *options, "--hidden", "4", "--epochs", "1", "-o", f"model{len(mark)}").code == 0
        rows.append(here("predict", "model0", "t.txt"))
    assert rows[0].out == rows[1].out and rows[0].out.count(b"\n") >= 30
    models = [load_model(f"model{i}") for i in (0, 1)]
    assert models[0].schema == models[1].schema
