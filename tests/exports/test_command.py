"""`rnncli inspect MODEL --export onnx`: a file that another program runs, saying what `predict` says."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from rnncli.commands import inspection

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

KEPT = Path(__file__).parents[1] / "models" / "kept" / "format1"


def kept(name):
    return str(KEPT / f"{name}.safetensors")


def session_of(here, name):
    """The file of a kept model at work, and its metadata."""
    done = here("inspect", kept(name), "--export", "onnx")
    assert done.code == 0, done.err
    session = onnxruntime.InferenceSession(done.out)
    found = session.get_modelmeta().custom_metadata_map
    return session, {key.removeprefix("rnncli."): text for key, text in found.items()}


def characters(meta, texts):
    """What the file reads of texts: `categories`, padded, and `lengths`."""
    ((_, values),) = json.loads(meta["categories"]).items()
    ids = {value: i for i, value in enumerate(values, start=1)}
    lengths = np.array([len(text) for text in texts])
    feed = {"categories": np.full((len(texts), lengths.max(), 1), -1), "lengths": lengths}
    for n, text in enumerate(texts):
        feed["categories"][n, : len(text), 0] = [ids.get(c, 0) for c in text]
    return feed


@pytest.mark.parametrize("name", ["classify", "multilabel"])
def test_probabilities_of_texts_are_those_of_predict(here, name):
    session, meta = session_of(here, name)
    done = here("predict", kept(name), str(KEPT / f"{name}.tsv"), "--proba", "--to", "jsonl")
    rows = [json.loads(line) for line in done.out.decode().splitlines()]
    lines = (KEPT / f"{name}.tsv").read_text().splitlines()
    at = lines[0].split("\t").index("message")
    (p,) = session.run(None, characters(meta, [line.split("\t")[at] for line in lines[1:]]))
    labels = json.loads(meta["labels"])
    assert len(rows) == len(p) == len(lines) - 1 > 1
    np.testing.assert_allclose(p, [[row[label] for label in labels] for row in rows], atol=6e-5)  # of four digits


def test_numbers_of_series_are_those_of_predict(here):
    session, meta = session_of(here, "regress")
    done = here("predict", kept("regress"), str(KEPT / "regress.csv"), "--to", "jsonl")
    found = {row["input"]: row["peak"] for row in map(json.loads, done.out.decode().splitlines())}
    names, *lines = [line.split(",") for line in (KEPT / "regress.csv").read_text().splitlines()]
    groups = {}
    for line in lines:
        row = dict(zip(names, line, strict=True))
        groups.setdefault(row["gauge"], []).append([float(row[name] or "nan") for name in json.loads(meta["numbers"])])
    assert groups.keys() == found.keys()
    for group, numbers in groups.items():
        feed = {"numbers": np.array([numbers]), "lengths": np.array([len(numbers)])}
        np.testing.assert_allclose(session.run(None, feed)[0][0], found[group], rtol=1e-4)


def test_the_nats_of_a_text_are_those_of_predict(here):
    session, meta = session_of(here, "lines")
    ids = {code: i for i, code in enumerate(json.loads(meta["vocabulary"])["codes"], start=1)}
    for line in here("predict", kept("lines"), str(KEPT / "lines.txt"), "--score").rows(6):
        text = [ids.get(code, 0) for code in map(ord, f"\n{line[5].decode()}\n")]
        feed = {"tokens": np.array([text[:-1]])}
        feed |= {given.name: np.zeros((1, *given.shape[1:]), np.float32) for given in session.get_inputs()[1:]}
        logits = session.run(["logits"], feed)[0][0]
        nats = -(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))[np.arange(len(text) - 1), text[1:]]
        assert float(line[2]) == pytest.approx(nats.sum(), rel=1e-4)


def test_a_file_is_what_stdout_gets(here):
    done = here("inspect", kept("language"), "--export", "onnx", "--save", "m.onnx")
    assert (done.code, done.out, done.err) == (0, b"", "m.onnx is written\n")
    piped = here("inspect", kept("language"), "--export", "onnx")
    assert (piped.code, piped.err) == (0, "")
    assert piped.out == here.read("m.onnx")
    made = onnx.load(here.folder / "m.onnx")
    assert (made.producer_name, made.ir_version, [one.version for one in made.opset_import]) == ("rnncli", 8, [17])


@pytest.mark.parametrize(
    ("name", "said"), [("tag", "scores of tags (emissions)"), ("tag", "ngrams"), ("forecast", "the network alone")]
)
def test_what_is_left_outside_is_said_in_a_line(here, name, said):
    done = here("inspect", kept(name), "--export", "onnx")
    assert done.code == 0
    assert [line for line in done.err.splitlines() if said in line]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--export", "onnx", "--save", "m.svg"], 2, "expected a file name that ends in .onnx"),
        (["--export", "onnx", "--json"], 2, "--export and --json cannot be combined"),
        (["--export", "onnx", "--view", "states"], 2, "--export and --view cannot be combined"),
        (["input.txt", "--export", "onnx"], 2, "--export and INPUT cannot be combined"),
        (["--export", "onnx", "--compare", "b"], 2, "--compare and --export cannot be combined"),
        (["--export", "onnx", "--member", "1"], 2, "has 1 network(s)"),
        (["--export", "onxx"], 2, "onnx"),
    ],
)
def test_what_does_not_go_together_is_refused(here, options, code, said):
    done = here("inspect", kept("language"), *options)
    assert done.code == code
    assert said in done.message()
    assert here.files() == []


def test_frozen_features_are_refused_by_name(here):
    rng = np.random.default_rng(0)
    rows = [f"{i},{'ab'[i % 2]},{rng.normal() + i % 2:.3f}\n" for i in range(24) for _ in range(12)]
    here.write("t.csv", "id,label,x\n" + "".join(rows))
    options = ("--label", "label", "--group", "id", "--learn", "readout", "-q", "-o", "m.safetensors")
    assert here("train", "t.csv", *options).code == 0
    done = here("inspect", "m.safetensors", "--export", "onnx", "--save", "m.onnx")
    assert done.code == 1
    assert "frozen features (--learn readout) have no ONNX nodes" in done.message()
    assert "m.onnx" not in here.files()


def test_without_the_library_it_is_said_how_to_get_it(here, monkeypatch):
    monkeypatch.setattr(inspection, "find_spec", lambda name: None)
    done = here("inspect", kept("language"), "--export", "onnx")
    assert done.code == 2
    assert "pip install 'rnncli[onnx]'" in done.message()


def test_a_terminal_gets_no_binary_data(run):
    ours, theirs = os.openpty()
    process = run.start("inspect", kept("language"), "--export", "onnx", stdout=theirs)
    os.close(theirs)
    err = process.communicate(timeout=60)[1]
    os.close(ours)
    assert process.returncode == 2
    assert b"binary data: redirect it to a file" in err
