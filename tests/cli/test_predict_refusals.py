"""`rnncli predict` refuses in one line: options without sense, input that cannot be read, what is no model."""

import json
from pathlib import Path

import numpy as np
import pytest
import safetensors
from safetensors.numpy import save_file

from rnncli.errors import RnncliError
from rnncli.tasks.trained import load_model


def test_options_that_do_not_go_together_exit_2_and_both_are_named(here, char_model):
    here.write("input.txt", "text\n")
    cases = {
        ("--score", "--evaluate"): ("--score", "--evaluate"),
        ("--score", "--next", "3"): ("--score", "--next"),
        ("--states", "last", "--per-token"): ("--states", "--per-token"),
        ("--prompt", "a", "--score"): ("--prompt", "--score"),
        ("--prompt", "a", "--evaluate"): ("--prompt", "--evaluate"),
        ("--prompt", "a", "input.txt"): ("--prompt", "INPUT"),
        ("--score", "--to", "npz"): ("--to npz",),
        ("--score", "--length", "5"): ("--score", "--length", "generation"),
        ("--evaluate", "--to", "csv"): ("--evaluate", "--to"),
        ("--prompt", "a", "--header"): ("--header", "generation", "--score"),
        ("--next", "3", "--no-echo"): ("--next", "--echo"),
        ("--states", "last", "--json"): ("--states", "--json"),
        ("--carry",): ("--carry", "generation"),
        ("--follow",): ("--follow", "generation", "--score"),
        ("--prompt", "a", "--state-file", "s"): ("--state-file", "generation", "--score"),
        ("--evaluate", "--follow"): ("--follow", "--evaluate"),
        ("--score", "--header", "--json"): ("--header", "jsonl"),
        ("--states", "all", "--to", "npy"): ("--states all", "--to npy"),
        ("--states", "last", "--to", "csv"): ("--states last", "--to csv"),
        ("-", "-"): ("stdin",),
        ("--length", "-1"): ("--length",),
        ("--next", "0"): ("--next 0", "at least 1"),
        ("--temperature", "-1"): ("--temperature",),
        ("--top-p", "1.5"): ("--top-p",),
    }
    for (options, words), done in zip(
        cases.items(), here.each(*(["predict", char_model, *o] for o in cases)), strict=True
    ):
        assert done.code == 2, options
        assert all(word in done.message() for word in words), options


def test_a_temperature_without_sense_is_refused_and_the_coldest_is_like_zero(here, char_model):
    common = ("predict", char_model, "--prompt", "the ", "--length", "20", "--temperature")
    no_number, endless, tiny, zero = here.each([*common, "nan"], [*common, "inf"], [*common, "1e-50"], [*common, "0"])
    assert (no_number.code, endless.code) == (2, 2)
    assert tiny.out == zero.out


def test_input_that_cannot_be_read_exits_1_in_one_line(here, char_model):
    (here.folder / "none").mkdir()
    cases = {
        ("--score", "missing.txt"): "missing.txt: no such file",
        ("--evaluate", "none"): "none: a folder without files",
        ("--score", here.write("invalid.txt", b"one\ntwo\n\xff\n")): "invalid.txt:3: not utf-8",
        ("--score", here.write("zero.txt", b"one\n\0\n")): "zero.txt:2: a zero byte",
    }
    for (options, words), done in zip(
        cases.items(), here.each(*(["predict", char_model, *o] for o in cases)), strict=True
    ):
        assert done.code == 1, options
        assert done.err.count("\n") == 1
        assert words in done.err


def test_rows_before_an_error_are_there_and_whole(run, char_model, text):
    run.write("good.txt", "".join(text.splitlines(keepends=True)[:100]))
    whole = run("predict", char_model, "--score", "good.txt")
    broken = run("predict", char_model, "--score", "good.txt", "missing.txt")
    assert broken.code == 1
    assert "missing.txt: no such file" in broken.err
    assert broken.out.endswith(b"\n")
    assert whole.out.count(b"\n") == 100
    assert broken.out == whole.out


def test_a_closed_stdin_is_refused_in_one_line(run, char_model):
    for arguments in (["predict", char_model, "--score", "--quiet"], ["train", "-", "--quiet"]):
        with run.start(*arguments, stdin=None, close=0) as process:
            out, err = process.stdout.read(), process.stderr.read().decode()
        assert (process.returncode, out) == (1, b"")
        assert err.count("\n") == 1
        assert "<stdin>" in err


def rewrite(model, path, tensors=dict, **changes):
    """A copy of a model with other metadata or tensors."""
    with safetensors.safe_open(model, "numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        meta = json.loads(file.metadata()["rnncli"])
    save_file(tensors(arrays), path, {"rnncli": json.dumps(meta | changes)})
    return str(path)


def test_what_is_not_a_model_exits_1_in_one_line(here, char_model):
    save_file({"weight": np.zeros(3)}, here.folder / "foreign.st", {"format": "pt"})
    cases = {
        "missing.st": "no such file",
        here.write("cut.st", Path(char_model).read_bytes()[:5000]): "not a model file",
        "foreign.st": "without the entry 'rnncli'",
        rewrite(char_model, here.folder / "newer.st", format=99): "upgrade",
    }
    for (name, words), done in zip(cases.items(), here.each(*(["predict", n, "--score"] for n in cases)), strict=True):
        assert done.code == 1, name
        assert name.rpartition("/")[2] in done.message()
        assert words in done.message(), name
    assert "not a model file" in here("inspect", "cut.st").message()


@pytest.mark.parametrize("content", [b"", b"text, and more than eight bytes of it", b"\xff" * 100])
def test_other_files_are_no_models(tmp_path, content):
    (tmp_path / "other.st").write_bytes(content)
    with pytest.raises(RnncliError, match=r"other\.st: not a model file"):
        load_model(str(tmp_path / "other.st"))
    with pytest.raises(RnncliError, match="is a directory"):
        load_model(str(tmp_path))


DAMAGE = {
    "format": {"format": "x"},
    "tensors missing": {"tensors": lambda tensors: {k: v for k, v in tensors.items() if "hh" not in k}},
    "tensors too small": {"tensors": lambda tensors: {k: v[:7].copy() for k, v in tensors.items()}},
    "no history": {"history": None},
    "vocabulary larger than the weights": {"vocabulary": {"kind": "char", "codes": list(range(10, 5000))}},
    "vocabulary of another kind": {"vocabulary": {"kind": "word", "codes": [10, 11]}},
    "no summary": {"summary": None},
    "unknown cell": {
        "architecture": dict.fromkeys(("hidden", "layers", "embed", "tokens", "outputs"), 3) | {"cell": "x"}
    },
    "unknown optimizer": {"config": {"optimizer": "magic"}},
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_metadata_and_tensors_that_do_not_fit_are_found_when_a_model_is_read(tmp_path, char_model, damage):
    path = rewrite(char_model, tmp_path / "model.st", **DAMAGE[damage])
    with pytest.raises(RnncliError, match=r"model\.st: a damaged model") as caught:
        load_model(path)
    assert caught.value.exit_code == 1


def test_a_rewritten_model_is_otherwise_whole(tmp_path, char_model):
    path = rewrite(char_model, tmp_path / "model.st")
    assert load_model(path).config == load_model(char_model).config


def test_a_full_disk_ends_in_one_line(run, char_model):
    run.write("input.txt", "text\n" * 20_000)
    for options in (["--score", "input.txt"], ["--evaluate", "input.txt"]):
        with open("/dev/full", "wb") as full:
            process = run.start("predict", char_model, *options, "--quiet", stdout=full)
            _, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert err.decode().count("\n") == 1
        assert "no space left" in err.decode().lower()


def test_a_state_is_not_ahead_of_rows_that_a_full_disk_has_lost(run, char_model):
    """Few rows are buffered, and were found to be lost only after the state had been written."""
    run.write("input.txt", "text\n" * 3)
    with open("/dev/full", "wb") as full:
        process = run.start(
            "predict", char_model, "--score", "--carry", "input.txt", "--state-file", "s", "-q", stdout=full
        )
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and b"no space left" in err.lower()
    assert run.files() == ["input.txt"]
