"""`train` on a log of JSON lines, and `predict` with its model."""

import json

import pytest

QUICK = ("--hidden", "4", "--epochs", "1", "-o")
LOG = "".join(
    json.dumps({"time": f"2024-01-01T00:{i:02}:00Z", "level": "info", "msg": f"user {i % 3} in"}) + "\n"
    for i in range(40)
)
SAID = "the texts are in key msg of time, level, msg: --text NAME selects another, --format text reads"


@pytest.mark.parametrize("name", ["app.log", "app.jsonl"])
def test_the_messages_are_learnt(here, name):
    here.write(name, LOG)
    plain = here("train", name, "--task", "language", "--format", "jsonl", "--text", "msg", *QUICK, "n")
    done = here("train", name, *QUICK, "m")
    assert [done.code, plain.code] == [0, 0], done.err
    assert SAID in done.err and SAID not in plain.err and "40 records" in done.err
    assert (here.folder / "m").read_bytes() == (here.folder / "n").read_bytes()
    rows = here("predict", "m", name, "--score", "--json").out.splitlines()
    assert [json.loads(row)["text"] for row in rows] == [json.loads(line)["msg"] for line in LOG.splitlines()]


def test_what_is_asked_for_is_done(here):
    here.write("app.jsonl", LOG)
    here.write("app.log", LOG)
    assert b"records" in here("train", "app.jsonl", "--text", "msg", "--dry-run").out
    assert b"text, " in here("train", "app.log", "--format", "text", "--dry-run").out
    done = here("train", "app.jsonl", "--text", "msg", "--label", "level", "--dry-run")
    assert "found one label, info" in done.message()


def test_a_model_reads_and_refuses(here):
    here.write("app.jsonl", LOG)
    assert here("train", "app.jsonl", *QUICK, "m").code == 0
    bad = here("predict", "m", "--score", input=b'{"level": "info"}\n')
    assert "<stdin>:1: no msg among the keys level" in bad.message()
