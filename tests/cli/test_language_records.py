"""Language models of records of several lines, from JSON lines, tables and blocks."""

import json
import math

import numpy as np
import pytest
from safetensors.numpy import load_file

from rnncli.predictors.language import Predictor
from rnncli.tasks.trained import load_model
from tests.readers.test_records import TOKENS, WRITERS
from tests.views.helpers import brief_dynamics

TEXTS = ["X:1\nK:D\nA2 B|]", "X:2\n\tK:G\nBAB", "no more of it", "Öl\nund Salz"]
QUICK = ("--task", "language", "--hidden", "6", "--epochs", "2", "--min-count", "1", "--quiet")


def write(here, name, texts):
    content = WRITERS[name](texts)
    (here.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return [name, "--format", "blocks"] if name.endswith("blocks") else [name]


def nats_of(folder, text, tokens):
    """-log p of each token of a record and of its end, from the probabilities of all tokens after each beginning."""
    predictor = Predictor(load_model(str(folder / "m")))
    v = predictor.vocabulary
    ids = [*v.encode(text.encode() if tokens == "byte" else text).tolist(), v.end]
    beginnings = [v.decode(ids[:i]) for i in range(len(ids))]
    beginnings = beginnings if tokens == "byte" else [beginning.decode() for beginning in beginnings]
    following = [dict(best) for _, best in predictor.next_tokens(beginnings, len(v))]
    return [-math.log(p[i]) for p, i in zip(following, ids, strict=True)]


@pytest.mark.parametrize("tokens", TOKENS)
@pytest.mark.parametrize("name", WRITERS)
def test_a_record_has_a_row_with_the_nats_of_its_tokens_and_its_end(here, name, tokens):
    data = write(here, name, TEXTS * 10)
    assert here("train", *data, *QUICK, "--tokens", tokens, "-o", "m").code == 0
    few = [*TEXTS, *[""] * ("blocks" not in name)]
    write(here, name, few)
    rows, as_json, measured = here.each(
        ["predict", "m", name, "--score"],
        ["predict", "m", name, "--score", "--to", "jsonl"],
        ["predict", "m", name, "--evaluate"],
    )
    rows = [[field.decode() for field in line.split(b"\t")] for line in rows.out.splitlines()]
    assert [row[0] for row in rows] == [str(i) for i in range(1, len(few) + 1)]
    assert [row[5] for row in rows] == [text.replace("\n", "\\n").replace("\t", "\\t") for text in few]
    objects = [json.loads(line) for line in as_json.out.splitlines()]
    assert [(o["record"], o["text"]) for o in objects] == list(enumerate(few, 1))
    total, count = 0.0, 0
    for row, text in zip(rows, few, strict=True):
        nats = nats_of(here.folder, text, tokens)
        assert int(row[1]) == len(nats)
        assert float(row[2]) == pytest.approx(sum(nats), abs=2e-4)
        assert float(row[3]) == pytest.approx(sum(nats) / len(nats) / math.log(2), abs=2e-4)
        total, count = total + sum(nats), count + len(nats)
    measured = measured.json()
    assert (measured["tokens"], measured["unknown"]) == (count, 0)
    assert measured["nats_per_token"] == pytest.approx(total / count, abs=1e-4)


@pytest.mark.parametrize("tokens", TOKENS)
def test_the_same_records_give_the_same_tensors_whatever_holds_them(here, tokens):
    for name in WRITERS:
        assert here("train", *write(here, name, TEXTS * 10), *QUICK, "--tokens", tokens, "-o", f"{name}.m").code == 0
    first, *others = [load_file(here.folder / f"{name}.m") for name in WRITERS]
    for other in others:
        assert other.keys() == first.keys()
        for name, tensor in first.items():
            np.testing.assert_array_equal(other[name], tensor)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.blocks"])
def test_generation_ends_at_the_end_of_a_record(here, name):
    known = ["X:1\nK:D\nab|]", "Z\n\nY"] if "blocks" not in name else ["X:1\nK:D\nab|]", "Z\nY"]
    data = write(here, name, known * 40)
    options = ("--task", "language", "--hidden", "24", "--epochs", "60", "--dropout", "0", "--quiet", "-o", "m")
    assert here("train", *data, *options, "--valid-fraction", "0").code == 0
    cold = ("--temperature", "0", "--length", "100")
    ask = [("--prompt", "X"), ("--prompt", "Z"), ("--prompt", "X", "--prompt", "Z\n", "--to", "jsonl")]
    one, other, both = here.each(*[["predict", "m", *prompts, *cold] for prompts in ask])
    assert [one.out.decode(), other.out.decode()] == [f"{text}\n" for text in known]
    found = [json.loads(line) for line in both.out.splitlines()]
    assert [o["prompt"] + o["text"] for o in found] == known
    short, twice = here.each(
        ["predict", "m", "--prompt", "X", "--temperature", "0", "--length", "3"],
        ["predict", "m", "--prompt", "X", "--prompt", "Z", *cold],
    )
    assert short.out == b"X:1\n\n"  # three tokens, and the line end of the row
    assert twice.out.decode() == ("\n\n" if "blocks" in name else "\n").join(known) + "\n"


def test_prompts_are_records_of_the_form_trained_on(here):
    for name, content in (
        ("a.jsonl", '{"body": "X:1\\nK"}\n'),
        ("a.blocks", "X:1\nK\n\n"),
        ("a.csv", 'body\n"X:1\nK"\n'),
    ):
        assert here("train", *write(here, name, TEXTS * 10), *QUICK, "-o", "m").code == 0
        given, named = here.each(
            ["predict", "m", "--prompt", "X:1\nK", "--length", "9"], ["predict", "m", "--length", "9"]
        )
        assert named.out == b""
        assert here("predict", "m", "--length", "9", input=content.encode()).out == given.out


def test_bare_texts_are_read_by_a_model_of_a_column(here):
    assert here("train", *write(here, "a.csv", TEXTS * 10), *QUICK, "-o", "m").code == 0
    rows = here("predict", "m", "--score", input=b'X:1, a "b"\n\nBAB\n').rows(6)
    assert [row[5] for row in rows] == [b'X:1, a "b"', b"", b"BAB"]
    assert "expected a text" not in here("predict", "m", "--score", input=b"X").err


def test_a_growing_input_has_a_row_at_the_end_of_each_record(here, run):
    for name, pieces in (
        ("a.blocks", [b"X:1\nK\n", b"\n", b"Z\n\n", b"last"]),
        ("a.jsonl", [b'{"body": "X:1\\nK"}\n', b'{"body": "Z"}\n', b'{"body": "last"}\n']),
    ):
        assert here("train", *write(here, name, TEXTS * 10), *QUICK, "-o", "m").code == 0
        growing = here.start("predict", "m", "--score", "--follow")
        texts = []
        for piece in pieces[: 2 + (name == "a.blocks")]:
            growing.stdin.write(piece)
            growing.stdin.flush()
            if piece.endswith(b"\n\n") or piece == b"\n" or name == "a.jsonl":
                texts.append(growing.stdout.readline().rsplit(b"\t", 1)[1])
        assert texts == [b"X:1\\nK\n", b"Z\n"]
        out, _ = growing.communicate(pieces[-1])
        assert out.rsplit(b"\t", 1)[1] == b"last\n"


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_of_texts_is_not_followed(here, name):
    assert here("train", *write(here, name, TEXTS * 10), *QUICK, "-o", "m").code == 0
    done = here("predict", "m", "--score", "--follow")
    assert done.code == 2 and "--follow is for lines, blocks and JSON lines" in done.message()


def test_state_is_carried_from_record_to_record_where_that_is_asked(here):
    assert here("train", *write(here, "a.blocks", TEXTS * 10), *QUICK, "-o", "m").code == 0
    parts = ["\n\n".join(TEXTS[:2]), "\n\n".join(TEXTS[2:])]
    whole = here("predict", "m", "--score", "--carry", input="\n\n".join(TEXTS).encode()).rows(6)
    assert here("predict", "m", "--score", "--state-file", "s").code == 2
    rows = [
        row
        for part in parts
        for row in here("predict", "m", "--score", "--carry", "--state-file", "s", input=part.encode()).rows(6)
    ]
    assert [row[1:] for row in rows] == [row[1:] for row in whole]
    measured = here("predict", "m", "--evaluate", "--carry", input="\n\n".join(TEXTS).encode()).json()
    nats, tokens = sum(float(row[2]) for row in whole), sum(int(row[1]) for row in whole)
    assert measured["nats_per_token"] == pytest.approx(nats / tokens, abs=1e-4)
    afresh = here("predict", "m", "--score", input="\n\n".join(TEXTS).encode()).rows(6)
    assert afresh[0] == whole[0] and afresh[1] != whole[1]


def test_validation_is_by_records_of_the_same_form(here):
    data = write(here, "a.jsonl", TEXTS * 10)
    options = ("--task", "language", "--hidden", "6", "--epochs", "1", "--valid-fraction", "0.2", "-o", "m")
    done = here("train", *data, *options)
    assert "32 records, " in done.err and "the texts are in key body of id, body: --text NAME" in done.err
    write(here, "a.csv", TEXTS)
    (here.folder / "b.jsonl").write_text(WRITERS["a.jsonl"](TEXTS * 2))
    length = sum(len(text) + 1 for text in TEXTS)
    done = here("train", *data, "b.jsonl", "--valid", "b.jsonl", "--text", "body", *options)
    assert f"48 records, {12 * length:,} characters" in done.err
    assert f"{2 * length:,} for validation from b.jsonl" in done.err
    for other in (["a.jsonl", "a.csv"], ["a.jsonl", "--valid", "a.csv"]):
        done = here("train", *other, *options)
        assert done.code == 1 and "a.csv: CSV with header, columns id, body, expected JSON lines" in done.err
    done = here("train", "-", *options, input=WRITERS["a.jsonl"](TEXTS * 10).encode())
    assert "32 records, " in done.err and "<stdin>: the texts are in key body" in done.err


def test_what_a_file_is_read_as_is_said(here):
    (here.folder / "t.log").write_text(WRITERS["a.jsonl"](TEXTS * 10))
    quick = ("--hidden", "4", "--epochs", "0.1", "--quiet", "-o", "m")
    assert "t.log: JSON lines are read as text, braces and quotes too: --text KEY" in here("train", "t.log", *quick).err
    write(here, "a.csv", TEXTS * 10)
    for form in ("text", "lines"):
        assert here("train", "a.csv", "--format", form, *quick).err == ""
    write(here, "a.jsonl", [*TEXTS * 10, "", ""])
    said = here("train", "a.jsonl", "--task", "language", "--text", "body", *quick).err
    assert said == "a.jsonl: 2 of 42 records are empty: only their end is learnt\n"


def test_a_warm_start_learns_what_the_end_of_a_record_is(here):
    lines = "\n".join(TEXTS * 10)
    (here.folder / "l.txt").write_text(lines)
    write(here, "a.jsonl", TEXTS * 10)
    quick = ("--hidden", "6", "--epochs", "1", "--min-count", "1", "-o")
    assert here("train", "l.txt", "--format", "lines", *quick, "l").code == 0
    done = here("train", "a.jsonl", "--text", "body", "--format", "auto", "--init", "l", *quick, "r")
    assert done.code == 0 and "tokens kept, 0 of them not in the training part; 1 new" in done.err
    small = ("--init", "l", "--vocabulary", str(len(load_model(str(here.folder / "r")).vocabulary) - 1))
    done = here("train", "a.jsonl", "--text", "body", "--format", "auto", *small, *quick, "x")
    assert done.code == 2 and "tokens of the model are kept" in done.err
    done = here("train", "a.jsonl", "--init", "l", *quick, "x")
    assert "a.jsonl: read as plain text, by --format lines, as for l: --format auto reads the texts" in done.err
    done = here("train", "l.txt", "--format", "lines", "--init", "r", *quick, "back")
    assert done.code == 0 and "1 of its" in done.err
    assert len(here("predict", "back", "l.txt", "--score").rows(6)) == lines.count("\n") + 1


def test_a_finished_and_a_stopped_run_go_on(here):
    data = write(here, "a.csv", TEXTS * 10)
    assert here("train", *data, *QUICK, "-o", "m").code == 0
    before = (here.folder / "m").read_bytes()
    done = here("train", *data, *[option for option in QUICK if option != "--quiet"], "-o", "m", "--resume")
    assert "m is finished: nothing to do" in done.err and (here.folder / "m").read_bytes() == before
    done = here("train", *data, *QUICK, "-o", "m", "--resume", "--text", "id")
    assert done.code == 2 and "made with --text body, found id now" in done.err


VIEWS = {"states": [], "gradients": [], "graph": ["--unfold", "9"], "memory": [], "dynamics": [], "attribution": []}


@pytest.mark.parametrize("name", ["a.csv", "a.blocks"])
def test_views_show_a_record_as_a_sequence(here, name):
    assert here("train", *write(here, name, TEXTS * 10), *QUICK, "-o", "m").code == 0
    with brief_dynamics():
        done = here.each(*[["inspect", "m", name, "--view", view, *more, "--json"] for view, more in VIEWS.items()])
    states = dict(zip(VIEWS, (one.json() for one in done), strict=True))["states"]
    lengths = [len(text) + 1 for text in TEXTS * 10]
    begins = (np.cumsum(lengths)[:-1] - 1).tolist()  # the end before the first one is no step of the input
    assert states["starts"] == [0, *begins]
    assert [i for i, token in enumerate(states["steps"]) if token == "<end>"] == begins
    assert here("inspect", "m", name, "--view", "states").out.count("¶".encode()) > 1
    write(here, name, TEXTS[1:2])
    h = np.array(here("inspect", "m", name, "--view", "states", "--json").json()["h"])
    second = slice(begins[0] + 1, begins[0] + 1 + len(h))
    np.testing.assert_allclose(h, np.array(states["h"])[second], atol=2e-5)
