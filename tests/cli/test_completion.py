"""What a shell completes: verbs, options, values that are fixed, names of files."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import COMMAND

OFFERED = {
    ("",): ["train", "predict", "inspect"],
    ("tr",): ["train"],
    ("train", "x", "--sche"): ["--schedule"],
    ("train", "x", "--cell", ""): ["lstm", "gru", "rnn", "mingru", "conv"],
    ("train", "x", "--cells", "lstm,m"): ["lstm,mingru"],
    ("train", "x", "--pool", "last,m"): ["last,mean", "last,max"],
    ("train", "x", "--task", "c"): ["classify"],
    ("train", "x", "--steps", ""): ["full", "auto"],
    ("train", "x", "--config", "none.toml", "--opt"): ["--optimizer"],
    ("predict", "m", "--to", "c"): ["csv", "csv-guarded"],
    ("inspect", "m", "--view", "gr"): ["graph", "gradients", "gradcheck"],
    ("inspect", "m", "--notation", "m"): ["mermaid"],
}


@pytest.fixture
def in_bash(run):
    """The answer of the installed function for a line of words, of which the last is not whole."""
    if not shutil.which("bash"):
        pytest.skip("no bash here")
    command = Path(sys.executable).parent / "rnncli"
    run.write("bin/rnncli", f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n' if not command.exists() else "")
    path = command.parent if command.exists() else run.folder / "bin"

    def complete(*words: str) -> list[str]:
        script = f"""
            export PATH={shlex.quote(str(path))}:$PATH
            source <(rnncli --show-completion) || exit
            complete -p rnncli >&2
            COMP_WORDS=(rnncli {shlex.join(words)}); COMP_CWORD={len(words)}
            _rnncli_completion rnncli; printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(
            ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, env=run.environment()
        )
        assert done.stderr == "complete -o default -F _rnncli_completion rnncli\n"  # else names of files
        return done.stdout.split()

    return complete


@pytest.mark.parametrize("words", [("train", "x", "--cell", ""), ("train", ""), ("train", "x", "--valid", "")])
def test_bash_completes(in_bash, words):
    assert in_bash(*words) == OFFERED.get(words, [])


@pytest.mark.parametrize("words", OFFERED, ids=" ".join)
def test_what_is_offered(here, words, monkeypatch):
    monkeypatch.setenv("_RNNCLI_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "\n".join(["rnncli", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    monkeypatch.setattr("typer._click.utils._detect_program_name", lambda: "rnncli")
    done = here()
    assert (done.code, done.err) == (0, "")
    assert done.out.decode().split() == OFFERED[words]


def test_zsh_gets_a_script_and_help_beside_options(run):
    asked = {"_RNNCLI_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "rnncli train x --sche"}
    command = Path(sys.executable).parent / "rnncli"
    environment = run.environment(**asked)
    done = subprocess.run([command], capture_output=True, text=True, check=True, env=environment, cwd=run.folder)
    assert '"--schedule":"Learning rate after the warm-up.' in done.stdout
