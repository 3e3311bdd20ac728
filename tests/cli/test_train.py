"""`rnncli train`: what it writes where, what it accepts, and what it refuses."""

import gzip
import json
import os
import re
import sys

import pytest

from rnncli.cli import exits
from rnncli.tasks.trained import load_model
from rnncli.tasks.validation import FINAL_WARM_STEPS
from tests.conftest import command_line

SMALL = ("--hidden", "16", "--batch", "8", "--steps", "24")
QUICK = (*SMALL, "--epochs", "1", "--quiet")


def ran_well(done):
    """Nothing to say."""
    assert (done.code, done.out, done.err) == (0, b"", "")


def test_a_bare_run_writes_one_model_and_talks_on_stderr_in_plain_lines(run, text):
    run.write("text.txt", text)
    done = run("train", "text.txt", *SMALL, "--epochs", "2")
    assert (done.code, done.out) == (0, b"")
    assert run.files() == ["text.safetensors", "text.txt"]
    lines = done.err.splitlines()
    assert lines[0].startswith("text.txt  text, ")
    assert lines[1].startswith("lstm 1 x 16")
    assert sum(bool(re.match(r"update [\d,]+  valid [\d.]+ nats", line)) for line in lines) == 10
    assert re.match(r"text\.safetensors  [\d.]+ nats a character \([\d.]+ bits\)", lines[-2])
    assert lines[-1].startswith("verdict  not better than 5-gram: nats ")
    assert "\r" not in done.err
    assert "\033" not in done.err


def test_on_a_terminal_progress_is_drawn_on_stderr_only(run, text):
    run.write("text.txt", text)
    terminal, theirs = os.openpty()
    process = run.start("train", "text.txt", *SMALL, "--epochs", "1", stderr=theirs)
    os.close(theirs)
    seen = b""
    while chunk := read_terminal(terminal):
        seen += chunk
    out, _ = process.communicate(timeout=60)
    os.close(terminal)
    assert (process.returncode, out) == (0, b"")
    assert b"Traceback" not in seen
    lines = re.sub(r"\033\[[\d;?]*[A-Za-z]", "", seen.decode()).splitlines()
    assert lines[0].startswith("text.txt")
    result = next(i for i, line in enumerate(lines) if line.startswith("text.safetensors  "))
    assert any(line.startswith("verdict  ") for line in lines[result:])
    assert max(map(len, lines[result:])) <= 80  # of a terminal that does not tell its size; they end between words
    assert b"\033" in seen


def read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # so Linux says that the other side is closed
        return b""


def test_json_is_one_object_and_quiet_is_silent(here, text):
    here.write("text.txt", text)
    here.write("out/other", "")
    done = here("train", "text.txt", *QUICK, "--json", "-o", "out/../m.st", "--seed", "7")
    assert done.err == ""
    result = done.json()
    config = result.pop("config")
    assert {"seed": 7, "hidden": 16, "batch": 8, "steps": 24, "cell": "lstm", "epochs": 1.0}.items() <= config.items()
    assert result.pop("model") == "out/../m.st"
    assert result.pop("stopped") == "done"
    assert 0 < result["valid_loss"] < 5
    assert 0 < result["best_update"] <= result["updates"] == -(-result["tokens"] // (8 * 24))
    model = load_model(str(here.folder / "m.st"))
    assert result["parameters"] == model.network.theta.flat.size
    assert result["valid_loss"] == model.summary["valid_loss"]
    assert config == model.config.to_json()


def test_the_same_text_in_any_wrapping_gives_the_same_model_under_the_name_of_its_stem(here, text):
    data, crlf = text.encode(), text.replace("\n", "\r\n").encode()
    sources = {
        here.write("lf.txt", data): "lf.safetensors",
        here.write("cr.log", text.replace("\n", "\r")): "cr.safetensors",
        here.write("sub/crlf and mark.v2", b"\xef\xbb\xbf" + crlf): "crlf and mark.safetensors",
        here.write("sub/packed.txt.gz", gzip.compress(data, mtime=0)): "packed.safetensors",
    }
    for source, done in zip(sources, here.each(*(["train", source, *QUICK] for source in sources)), strict=True):
        said = "cr.log: no LF, so CR ends a line, as in files of old Macs\n" if source == "cr.log" else ""
        assert (done.code, done.out, done.err) == (0, b"", said)
    ran_well(here("train", "-", *QUICK, input=data))
    model = here.read("model.safetensors")
    for source, name in sources.items():
        assert here.read(name) == model, source
    assert set(here.files()) == {*sources, *sources.values(), "sub", "model.safetensors"}


def test_several_files_are_several_streams_and_one_model(here, text, other_text):
    here.write("a.txt", text)
    here.write("b.txt", gzip.compress(other_text.encode(), mtime=0))
    both, joined = here.each(
        ["train", "a.txt", "b.txt", *SMALL, "--epochs", "1", "--valid-fraction", "0"],
        ["train", "a.txt", "b.txt", *QUICK, "--valid-fraction", "0.5", "-o", "half.st", "--json"],
    )
    assert both.code == 0
    assert f"{len(text) + len(other_text):,} characters" in both.err
    assert "a.txt, b.txt" in both.err
    assert "valid " not in both.err
    assert "no validation part" in both.err
    assert load_model(str(here.folder / "a.safetensors")).summary["valid_loss"] is None
    held = len(text) // 2 + len(other_text) // 2  # the end of each file
    trained = len(text) + len(other_text) - held
    assert trained - 8 * 24 <= joined.json()["tokens"] <= trained


def test_the_validation_file_is_what_the_loss_is_of(here, text, other_text):
    here.write("text.txt", text)
    here.write("valid.txt", other_text)
    result = here("train", "text.txt", "--valid", "valid.txt", "--format", "lines", *QUICK, "--json").json()
    evaluated = here("predict", "text.safetensors", "valid.txt", "--evaluate").json()
    assert evaluated["nats_per_token"] == pytest.approx(result["valid_loss"], rel=1e-5)
    assert evaluated["tokens"] == len(other_text)


@pytest.mark.parametrize("network", [["lstm"], ["mingru"], ["conv", "--layers", "6"]], ids=lambda words: words[0])
def test_the_validation_part_of_a_stream_is_its_end(here, text, network):
    here.write("text.txt", text := 3 * text)
    here.write("end.txt", end := text[-(len(text) // 10) :])
    result = here("train", "text.txt", "--format", "text", "--cell", *network, *QUICK, "--json").json()
    evaluated = here("predict", "text.safetensors", "end.txt", "--evaluate").json()
    assert len(end) > 2 * FINAL_WARM_STEPS  # it is read in pieces, which do not all begin at its start
    assert evaluated["nats_per_token"] == pytest.approx(result["valid_loss"], rel=1e-5)


def test_data_too_short_is_refused_and_short_data_goes_without_validation(here):
    here.write("fifteen.txt", "x" * 15)
    here.write("sixteen.txt", "xy" * 8)
    here.write("lines.txt", "ab\nba\n" * 3)
    few, enough, lines = here.each(
        ["train", "fifteen.txt"],
        ["train", "sixteen.txt", "--hidden", "8", "--epochs", "2"],
        ["train", "lines.txt", "--hidden", "8", "--epochs", "2", "--format", "lines"],
    )
    assert few.code == 1
    assert "fifteen.txt: 15 tokens, expected at least 16" in few.message()
    for done in (enough, lines):
        assert done.code == 0
        assert "too short for a validation part" in done.err
    assert here.files() == sorted(
        [f"{n}.txt" for n in ("fifteen", "sixteen", "lines")] + ["lines.safetensors", "sixteen.safetensors"]
    )


def test_the_log_has_json_lines_and_is_appended_to(here, text):
    here.write("text.txt", text)
    here.write("log.jsonl", '{"before": true}\n')
    result = here("train", "text.txt", *QUICK, "--json", "--log", "log.jsonl").json()
    before, *entries = [json.loads(line) for line in here.read("log.jsonl").splitlines()]
    assert before == {"before": True}
    keys = {"cell", "step", "epoch", "tokens", "elapsed_s", "tokens_per_s", "lr", "loss", "valid_loss"}
    assert all(set(entry) == keys for entry in entries)
    steps = [entry["step"] for entry in entries]
    assert steps == sorted(steps)
    assert steps[-1] == result["updates"]
    assert entries[-1]["tokens"] == result["tokens"]
    for entry in entries:
        assert all(entry[name] > 0 for name in ("step", "epoch", "tokens", "lr", "loss"))
        assert entry["elapsed_s"] >= 0
        assert entry["tokens_per_s"] >= 0
    progress = [entry for entry in entries if entry["valid_loss"] is None]
    validations = [entry["valid_loss"] for entry in entries if entry["valid_loss"] is not None]
    assert progress and progress[0]["step"] == 1
    assert 0 < progress[0]["lr"] <= 0.004
    assert 0 < progress[0]["epoch"] < 1
    assert len(validations) == 10
    assert all(entry["step"] / entry["epoch"] == pytest.approx(1 / progress[0]["epoch"]) for entry in entries)
    assert len({entry["lr"] for entry in entries if entry["valid_loss"] is not None}) == 10  # each of its own update
    assert entries[-1]["tokens_per_s"] > 0
    assert validations[-1] < validations[0]


VARIETIES = {
    "--optimizer sgd --schedule linear --lr 1 --epochs 3": {"optimizer": "sgd", "schedule": "linear", "epochs": 3},
    "--optimizer rmsprop --cell gru --schedule constant": {"optimizer": "rmsprop", "cell": "gru"},
    "--cell rnn --layers 2 --dropout 0.2": {"cell": "rnn", "layers": 2, "dropout": 0.2},
    "--cell rnn:activation=relu --tied --min-count 1": {"cell": "rnn:activation=relu", "embed": 16, "min_count": 1},
    "--layers 2 --embed 9 --clip 0 --weight-decay 0": {"embed": 9, "clip": 0, "weight_decay": 0, "lr": 0.004},
    "--format lines --tied --steps 9": {"format": "lines", "tied": True, "steps": 9},
}


def test_every_optimiser_schedule_and_cell_learns(here, text):
    here.write("text.txt", text)
    common = ["train", "text.txt", *SMALL, "--quiet", "--json", "--epochs", "2"]
    answers = here.each(*([*common, "-o", f"{n}.st", *options.split()] for n, options in enumerate(VARIETIES)))
    for number, (options, done) in enumerate(zip(VARIETIES, answers, strict=True)):
        result = done.json()
        losses = [entry["valid_loss"] for entry in load_model(str(here.folder / f"{number}.st")).history]
        assert losses[-1] < losses[0] - 0.05, options
        assert result["valid_loss"] < 2.9, options  # the frequencies of the letters give 3.0
        assert VARIETIES[options].items() <= result["config"].items()


def test_patience_ends_a_run_that_gains_nothing(here, text):
    here.write("text.txt", text)
    done = here("train", "text.txt", *SMALL, "--epochs", "5", "--lr", "1e-30", "--patience", "2", "--json")
    result = done.json()
    assert result["stopped"] == "patience"
    updates = [entry["update"] for entry in load_model(str(here.folder / "text.safetensors")).history]
    assert len(updates) == 2  # none is better than the weights at the start
    assert result["updates"] == updates[-1]
    assert result["best_update"] == 0
    assert "stopped early (--patience 2)" in done.err


def test_the_encoding_is_remembered_by_the_model(here, text):
    latin = text.encode("latin-1")
    here.write("latin.txt", latin)
    ran_well(here("train", "latin.txt", "--encoding", "latin-1", *QUICK))
    evaluated = here("predict", "latin.safetensors", "latin.txt", "--evaluate").json()
    assert (evaluated["tokens"], evaluated["unknown"]) == (len(text), 0)


def test_bytes_are_taken_as_they_are(here, text):
    content = text.replace("\n", "\r\n").encode() + bytes(range(256)) * 2
    here.write("binary", content)
    result = here("train", "binary", "--tokens", "byte", "--valid-fraction", "0", *QUICK, "--json").json()
    assert len(content) - 24 <= result["tokens"] <= len(content)
    assert len(load_model(str(here.folder / "binary.safetensors")).vocabulary) == 256


WRONG_USAGE = {
    ("--task", "magic"): "--task",
    ("--format", "magic"): "--format",
    ("--tokens", "syllable"): "--tokens",
    ("--vocabulary", "2"): "--vocabulary",
    ("--tokens", "byte", "--vocabulary", "99"): "--tokens byte",
    ("--optimizer", "magic"): "--optimizer",
    ("--schedule", "never"): "--schedule",
    ("--cell", "elman"): "--cell",
    ("--cell", "rnn:activation"): "--cell",
    ("--cell", "rnn:=relu"): "--cell",
    ("--hidden", "0"): "--hidden",
    ("--layers", "0"): "--layers",
    ("--embed", "-1"): "--embed",
    ("--batch", "0"): "--batch",
    ("--steps", "0"): "--steps",
    ("--min-count", "0"): "--min-count",
    ("--patience", "-1"): "--patience",
    ("--seed", "-1"): "--seed",
    ("--threads", "0"): "--threads",
    ("--dropout", "1"): "--dropout",
    ("--valid-fraction", "0.95"): "--valid-fraction",
    ("--epochs", "0"): "--epochs",
    ("--minutes", "-1"): "--minutes",
    ("--minutes", "1:30"): "--minutes 1:30: expected minutes such as 0.5, or a time such as 30s, 2h or 1h30m",
    ("--minutes", "30m1h"): "--minutes 30m1h: expected minutes",
    ("--minutes", "0s"): "--minutes 0",
    ("--lr", "nan"): "--lr",
    ("--weight-decay", "-0.1"): "--weight-decay",
    ("--clip", "inf"): "--clip",
    ("--epochs", "1e308"): "--epochs",
    ("--hidden", "9999999999"): "--hidden",
    ("--seed", "99999999999999999999"): "--seed",
    ("--epochs", "1", "--minutes", "1"): "--epochs and --minutes",
    ("--tied", "--embed", "16", "--hidden", "24"): "--tied needs --embed equal to --hidden",
    ("-", "-"): "stdin",
    ("-", "--valid", "-"): "stdin",
}
WRONG_AFTER_READING = {
    ("--cell", "rnn:activation=sin"): "--cell rnn:activation=sin",
    ("--cell", "lstm:activation=tanh"): "--cell lstm:activation=tanh",
    ("--tied", "--embed", "16"): "--tied needs --embed equal to --hidden",
    ("--encoding", "klingon"): "--encoding klingon",
}


@pytest.mark.parametrize("options", WRONG_USAGE, ids=" ".join)
def test_wrong_options_are_named(options, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["rnncli", "train", "text.txt", *options])
    assert exits._exit_code(command_line()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert WRONG_USAGE[options] in err


def test_wrong_options_exit_2_with_one_line_and_before_anything_is_written(here, text):
    here.write("text.txt", text)
    cases = WRONG_AFTER_READING | {options: WRONG_USAGE[options] for options in list(WRONG_USAGE)[::8]}
    for (options, words), done in zip(
        cases.items(), here.each(*(["train", "text.txt", *o] for o in cases)), strict=True
    ):
        assert done.code == 2, options
        assert words in done.message(), options
    assert here.files() == ["text.txt"]


def test_bad_data_exits_1_in_one_line_that_says_what_and_where(here, text):
    here.write("good.txt", text)
    (here.folder / "none").mkdir()
    cases = {
        ("missing.txt",): "missing.txt: no such file",
        (here.write("empty.txt", ""),): "empty.txt: empty",
        ("good.txt", "--valid", "none.txt"): "none.txt: no such file",
        (here.write("invalid.txt", b"one\ntwo\nthr\xffee\n"),): "invalid.txt:3: not utf-8",
        (here.write("zero.txt", b"one\nt\0wo\n"),): "zero.txt:2: a zero byte",
        (here.write("cut.gz", gzip.compress(text.encode(), mtime=0)[:-9]),): "cut.gz: damaged gzip",
        ("none",): "none: a folder without files",
        ("-",): "<stdin>: empty",
        ("good.txt", "-o", "no/such/folder/m.st"): "no/such/folder",
        ("good.txt", "-o", "."): ".: a folder",
    }
    files = here.files()
    for (arguments, words), done in zip(cases.items(), here.each(*(["train", *a] for a in cases)), strict=True):
        assert done.code == 1, arguments
        assert words in done.message(), arguments
    assert here.files() == files


def test_bad_data_on_stdin_is_named_as_such(here):
    done = here("train", "-", input=b"one\n\xff\n")
    assert done.code == 1
    assert "<stdin>:2: not utf-8" in done.message()
    assert here.files() == []


def test_training_that_diverges_exits_3_and_the_old_model_stays(here, text):
    here.write("text.txt", text)
    here.write("text.safetensors", "the old model")
    done = here("train", "text.txt", *QUICK, "--optimizer", "sgd", "--lr", "1e6", "--clip", "0")
    assert done.code == 3
    assert "--lr" in done.message()
    assert here.read("text.safetensors") == b"the old model"
    assert here.files() == ["text.safetensors", "text.txt"]


def test_a_log_that_cannot_be_written_is_one_line_and_a_run_that_fails_leaves_no_log(here, text):
    here.write("text.txt", text)
    refused, failed = here.each(
        ["train", "text.txt", *QUICK, "--log", "no/such/log.jsonl"], ["train", "missing.txt", "--log", "log.jsonl"]
    )
    assert refused.code == 1
    assert "no/such/log.jsonl" in refused.message()
    assert failed.code == 1
    assert here.files() == ["text.txt"]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("t.txt", "__label__a\n__label__b\n", []),
        ("t.txt", "__label__a __label__b\n__label__b \t\n", []),
        ("t.tsv", "a\t\nb\t \n", ["--label", "1", "--text", "2"]),
        ("t.csv", 'text,label\n"",a\n"  ",b\n', ["--label", "label", "--text", "text"]),
        ("t.csv", 'y,text\n1.5,""\n2,""\n', ["--target", "y", "--text", "text", "--task", "regress"]),
        ("t.jsonl", '{"x": "", "y": "a"}\n{"x": "", "y": "b"}\n', ["--task", "classify"]),
    ],
    ids=["fastText", "fastText, several", "TSV", "CSV", "regress", "JSON lines"],
)
def test_texts_that_are_all_empty_are_nothing_to_learn_from(here, name, content, options):
    rows = content.splitlines(keepends=True)
    here.write(name, "".join(rows[:1] + rows[1:] * 9))
    done = here("train", name, *options, "--hidden", "4", "--epochs", "1")
    assert (done.code, done.message()) == (
        1,
        f"rnncli: {name}: all texts are empty, expected at least one with characters\n",
    )


def test_local_steps_are_for_several_processes(here, text):
    here.write("t.txt", text)
    done = here("train", "t.txt", "--local-steps", "4")
    assert done.code == 2 and "--local-steps has no effect in one process" in done.message()
    assert here.files() == ["t.txt"]


def test_the_rate_follows_the_batch_where_that_is_asked_for(here, text):
    """Of 8,000 tokens in windows of 24 auto has a batch of 8."""
    here.write("t.txt", text)
    options = ("--hidden", "8", "--steps", "24", "--epochs", "1", "--schedule", "constant", "--log", "log")
    done = here("train", "t.txt", "--scale-rate", "sqrt", *options)
    assert done.code == 2 and "--scale-rate has no effect without --batch" in done.message()
    done = here("train", "t.txt", "--scale-rate", "sqrt", "--batch", "256", *options)
    assert done.code == 0, done.err
    assert "adamw 0.0226 (0.004 x √32: batch 256 for the usual 8)" in " ".join(done.err.split())
    rates = [json.loads(line)["lr"] for line in here.read("log").splitlines()]
    assert rates[-1] == pytest.approx(0.004 * 32**0.5)
