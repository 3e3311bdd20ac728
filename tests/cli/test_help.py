"""`--help`, `--version`, and options that do not exist."""

import platform
import re
import shlex
import subprocess
import sys
from pathlib import Path

import llvmlite.binding
import numpy as np
import pytest
import typer

from rnncli import __version__, registry
from rnncli.cli import VERBS, app
from rnncli.kernels.cpus import usable_cpus
from tests.views.helpers import brief_dynamics

SAMPLES = Path(__file__).parents[2] / "sample_data"
COMMANDS = typer.main.get_command(app()).commands


@pytest.mark.parametrize("columns", [40, 59])
@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_on_a_narrow_terminal(here, monkeypatch, verb, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    text = here(*filter(None, (verb, "--help"))).out.decode()
    options, _, _ = text.partition("Examples:")  # which are commands, and as long as these are
    long = [line for line in options.splitlines() if len(line) > columns and len(line.split()) > 1]
    assert not [line for line in long if not line.lstrip().startswith("-")]  # names of options are not cut
    monkeypatch.setenv("COLUMNS", "80")
    wide = here(*filter(None, (verb, "--help"))).out.decode()
    assert "".join(text.split()) == "".join(wide.split())


def test_there_are_three_verbs_and_no_more(run):
    assert sorted(COMMANDS) == ["inspect", "predict", "train"]
    done = run("--help")
    assert (done.code, done.err) == (0, "")
    assert all(f"\n  {name} " in done.out.decode() for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_has_a_help_text_and_is_shown(run, name):
    done = run(name, "--help")
    assert (done.code, done.err) == (0, "")
    shown = done.out.decode()
    assert COMMANDS[name].help.split(":")[0] in shown
    for parameter in COMMANDS[name].params:
        assert parameter.help, f"{name} {parameter.name} has no help text"
        assert parameter.help[:12] in shown
        assert all(option in shown for option in parameter.opts if option.startswith("-"))


def test_help_fits_eighty_columns(run):
    helps = run.each(["--help"], *([name, "-h"] for name in COMMANDS))
    lines = [line for done in helps for line in done.out.decode().splitlines()]
    assert len(lines) > 50
    assert max(map(len, lines)) <= 80


def test_options_stand_in_groups_with_those_of_each_task_behind(run):
    shown = run("train", "--help").out.decode()
    groups = re.findall(r"^(\S[^:\n]*):$", shown, re.M)
    tasks = [f"Task {name}" for name, said in registry.declared("tasks").items() if "train_options" in said]
    assert groups == ["Arguments", "Data", "Columns", "Model", "Training", "Running", *tasks, "Examples"]
    assert "--crf" in shown.partition("Task tag:")[2].partition("Task forecast:")[0]
    assert "Number of layers. [from 1 to 64; default: 1;" in shown


def test_the_examples_run_one_verb_after_the_other(here, tmp_path):
    for name in ("tales.txt", "messages.tsv", "tides.csv"):
        lines = (SAMPLES / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / name).write_text("".join(lines[: 500 if name == "tales.txt" else None]), encoding="utf-8")
    for verb in ("train", "predict", "inspect"):
        helped = here(verb, "--help").out.decode().partition("\nExamples:\n")[2].split("\n\n")
        assert len(helped) == 3
        for example in helped:
            words, command = map(str.strip, example.strip().splitlines())
            assert words.startswith("# ")
            program, *arguments = shlex.split(command.replace("--minutes 10", ""))
            assert (program, arguments[0]) == ("rnncli", verb)
            quick = ["--epochs", "0.2", "--hidden", "8"] if verb == "train" else []
            with brief_dynamics():
                done = here(*arguments, *quick)
            assert done.code == 0, f"{command}: {done.err}"
            assert done.out or verb == "train" or "--report" in command


def test_the_version_is_the_package_s(run):
    done = run("--version")
    assert (done.code, done.err, done.out.count(b"\n")) == (0, "", 1)
    said = done.out.decode()
    assert said.startswith(f"rnncli {__version__} (Python {platform.python_version()}, NumPy {np.__version__}, Numba ")
    assert (" AVX2" in said) == bool(llvmlite.binding.get_host_cpu_features().get("avx2"))
    assert said.endswith(f" core{'s' * (usable_cpus() > 1)})\n") and f", {usable_cpus()} core" in said


HEAVY = {"numpy", "numba", "rich.console", "safetensors"}


@pytest.fixture
def loaded(char_model):
    """The modules that a start of the program loads."""

    def modules(*arguments: str, code: int = 0, fed: str = "") -> set[str]:
        command = [sys.executable, "-X", "importtime", "-m", "rnncli", *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=60, input=fed, cwd=Path(char_model).parent
        )
        assert done.returncode == code
        return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}

    return modules


def test_help_and_wrong_options_load_nothing_heavy(loaded):
    for arguments, code in ((["train", "--help"], 0), (["train", "text.txt", "--cell", "elman"], 2)):
        found = loaded(*arguments, code=code)
        assert "rnncli.config" in found
        assert not found & HEAVY


def test_the_list_of_verbs_needs_the_options_of_none_and_a_verb_its_own(loaded):
    for arguments, code in (["--help"], 0), ([], 0), (["trian"], 2):
        found = loaded(*arguments, code=code)
        assert "typer" in found
        assert not found & (HEAVY | {"rnncli.config", "rnncli.registry", "rnncli.cli.declared", "tomllib"})
    assert not loaded("predict", "--help") & {"rnncli.cli.train", "rnncli.cli.inspection"}


def test_a_line_is_scored_without_what_compiles_draws_and_masks_arrays(loaded, char_model):
    found = loaded("predict", char_model, "--score", fed="a line\n")
    assert "llvmlite" in found
    assert not found & {"numba", "rich", "rich.console", "numpy.ma", "statistics", "polars"}


def test_wrong_words_on_the_command_line_exit_2_and_point_to_the_help(run):
    cases = {
        ("train", "text.txt", "--sparkle"): ("--sparkle", "train --help"),
        ("predict", "model", "--sparkle"): ("--sparkle", "predict --help"),
        ("inspect", "model", "--sparkle"): ("--sparkle", "inspect --help"),
        ("train", "text.txt", "--hidden", "many"): ("--hidden", "many"),
        ("train", "text.txt", "--hidden"): ("--hidden",),
        ("train",): ("DATA", "train --help"),
        ("predict",): ("MODEL", "predict --help"),
        ("dance",): ("dance", "--help"),
    }
    for (arguments, words), done in zip(cases.items(), run.each(*cases), strict=True):
        assert done.code == 2, arguments
        assert all(word in done.message() for word in words), arguments


def test_no_arguments_show_a_guide(run):
    done = run()
    assert (done.code, done.err) == (0, "")
    lines = done.out.decode().splitlines()
    assert len(lines) == 10 and max(map(len, lines)) <= 110
    assert all(len(line) <= 80 for line in lines if line.startswith("  "))
    assert all(f"rnncli {name} " in done.out.decode() for name in COMMANDS)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["train", "--help"]], ids=" ".join)
def test_a_stdout_that_is_closed_or_full_is_no_traceback(run, arguments):
    with open("/dev/full", "wb") as full, run.start(*arguments, stdout=full) as process:
        err = process.stderr.read().decode()
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert "no space left" in err
    with run.start(*arguments, stdout=None, close=1) as process:
        err = process.stderr.read().decode()
    assert process.returncode in (0, 1)
    assert err.count("\n") <= 1
