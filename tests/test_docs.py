"""The documentation is true: its commands run, its option reference is the help texts."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/cookbook-text.md", "docs/cookbook-series.md")


def recipes_of(page: str) -> list[str]:
    """The blocks of commands, in order."""
    return re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("page", PAGES)
def test_every_recipe_of_a_page_runs(page, tmp_path):
    """One after the other, in a folder with the sample data: later ones use what earlier ones made."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    recipes = recipes_of(page)
    assert len(recipes) >= 5
    for block in recipes:
        if "jq" in block and not shutil.which("jq"):
            continue
        done = _shell(block, tmp_path)
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        assert "Traceback" not in done.stderr, block
        assert done.stdout or "--resume" in block, block
    if page == "README.md":
        _check_the_odd_lines(tmp_path)


def _check_the_odd_lines(folder):
    """The recipe for logs finds the lines that are known to be odd."""
    odd = {int(line) for line in (ROOT / "sample_data" / "server.odd.txt").read_text().split()}
    score = "tail -600 sample_data/server.log | rnncli predict log.safetensors --score"
    rows = _shell(f"{score} | sort -t$'\\t' -k4,4gr | head -8", folder).stdout.splitlines()
    assert len(odd & {2400 + int(row.split("\t")[0]) for row in rows}) >= 5


def _shell(commands, folder):
    """Run as a user would; without pipefail, since `yes | head` ends by a signal."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    shell = ["bash", "-eu", "-c", commands]
    return subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_option_reference_is_fresh():
    specification = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert module.reference() == (ROOT / "docs" / "reference.md").read_text(), "run `make reference`"
