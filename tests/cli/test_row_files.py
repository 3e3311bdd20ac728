"""`predict --save rows.csv`: the rows in a file in place of stdout, whole or not at all."""

import io
import json

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="module")
def models(tmp_path_factory, text):
    """A forecast, labels, tags and a text: (folder, arguments of predict of each)."""
    from tests.conftest import Here

    shell, quick = Here(tmp_path_factory.mktemp("rows")), ("--hidden", "3", "--epochs", "1", "-q")
    rows = [f"2031-01-01T{i // 60:02}:{i % 60:02}:00,{np.sin(i / 5):.4f}\n" for i in range(120)]
    shell.write("s.csv", "time,x\n" + "".join(rows))
    shell.write("m.tsv", "label\ttext\n" + "".join(f"{'ab'[i % 2]}\tword{i % 7} =one {i}\n" for i in range(40)))
    shell.write("tags.txt", "".join(f"the D\nbell N\nrings {'VN'[i % 2]}\n\n" for i in range(30)))
    shell.write("t.txt", text[:3000])
    for name, options in {
        "s": ("s.csv", "--target", "x"),
        "m": ("m.tsv", "--label", "label"),
        "tags": ("tags.txt", "--task", "tag"),
        "t": ("t.txt",),
    }.items():
        done = shell("train", *options, *quick, "-o", f"{name}.safetensors")
        assert done.code == 0, done.err
    return shell


EACH = {
    "forecast": ("s.safetensors", "s.csv", "--from", "100"),
    "surprise": ("s.safetensors", "s.csv", "--score"),
    "labels": ("m.safetensors", "m.tsv", "--top", "2"),
    "tags": ("tags.safetensors", "tags.txt"),
    "lines": ("t.safetensors", "t.txt", "--score"),
    "next": ("t.safetensors", "--prompt", "the ", "--next", "3"),
    "generation": ("t.safetensors", "--prompt", "the ", "--length", "5"),
}


@pytest.mark.parametrize("kind", EACH)
def test_the_file_has_what_stdout_would_have(models, kind):
    for ending in ("csv", "tsv", "jsonl"):
        wanted = models("predict", *EACH[kind], "--to", ending)
        saved = models("predict", *EACH[kind], "--save", f"r.{ending}")
        assert (saved.code, saved.out) == (0, b"")
        assert f"r.{ending} is written" in saved.err
        assert models.read(f"r.{ending}") == wanted.out


@pytest.mark.parametrize("kind", ["forecast", "labels", "lines"])
def test_parquet_has_the_types(models, kind):
    assert models("predict", *EACH[kind], "--save", "r.parquet").code == 0
    frame = pl.read_parquet(io.BytesIO(models.read("r.parquet")))
    rows = [json.loads(line) for line in models("predict", *EACH[kind], "--json").out.splitlines()]
    assert frame.height == len(rows)
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    shared = [name for name in numbers if name in rows[0]]
    assert shared
    for name in shared:
        assert frame[name].to_list() == [row[name] for row in rows]


def test_many_rows_come_in_blocks(models, monkeypatch):
    from rnncli.render import row_file

    monkeypatch.setattr(row_file, "BLOCK", 7)
    assert models("predict", *EACH["surprise"], "--save", "r.parquet").code == 0
    frame = pl.read_parquet(io.BytesIO(models.read("r.parquet")))
    table = models("predict", *EACH["surprise"], "--to", "csv").out
    assert frame.height == table.count(b"\n") - 1 == 119


def test_an_error_leaves_what_was_there(models):
    models.write("kept.csv", "old\n")
    models.write("broken.csv", "time,x\n2031-01-01T00:00:00,1\n2031-01-01T00:01:00,one\n")
    before = models.files()
    done = models("predict", "s.safetensors", "broken.csv", "--save", "kept.csv")
    assert done.code == 1
    assert (models.read("kept.csv"), models.files()) == (b"old\n", before)
    assert models("predict", "s.safetensors", "nope.csv", "--save", "new.csv").code == 1
    assert models.files() == before
    assert models("predict", *EACH["forecast"]).out.count(b"\n") > 0  # stdout has rows again


def test_the_rows_are_there_before_the_state(models, monkeypatch):
    from rnncli.models.state_file import StateFile

    there = []
    save = StateFile.save
    monkeypatch.setattr(StateFile, "save", lambda *a: (there.append((models.folder / "day.csv").exists()), save(*a)))
    done = models("predict", "s.safetensors", "s.csv", "--state-file", "day.state", "--save", "day.csv")
    assert (done.code, there) == (0, [True])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("m.safetensors", "m.tsv", "--save", "r.svg"),
            "a file name that ends in .csv, .tsv, .jsonl, .parquet",
        ),
        (("s.safetensors", "s.csv", "--save", "r.xls"), ".parquet, .svg, .html, .png"),
        (("s.safetensors", "s.csv", "--save", "r.csv", "--json"), "--save and --json cannot be combined"),
        (("s.safetensors", "s.csv", "--save", "r.csv", "--to", "csv"), "--save and --to cannot be combined"),
        (("s.safetensors", "--follow", "--save", "r.csv"), "--save and --follow cannot be combined"),
        (("s.safetensors", "s.csv", "--plot", "--save", "r.csv"), "--plot and --save r.csv cannot be combined"),
        (("s.safetensors", "s.csv", "--score", "--save", "r.svg"), "a picture shows forecasts"),
        (("s.safetensors", "s.csv", "--evaluate", "--save", "r.csv"), "--save r.csv: expected a file name"),
        (("s.safetensors", "s.csv", "--save", "s.csv"), "are the same file"),
    ],
)
def test_what_does_not_go_together_is_refused(models, arguments, message):
    before = models.files()
    done = models("predict", *arguments)
    assert done.code == 2 and message in done.message()
    assert models.files() == before
