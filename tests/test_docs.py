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
RECIPES = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
]


@pytest.fixture(scope="module")
def kitchens(tmp_path_factory):
    """A folder a page, with the sample data, in which its recipes run one after the other."""
    folders = {page: tmp_path_factory.mktemp("kitchen") for page in PAGES}
    for folder in folders.values():
        (folder / "sample_data").symlink_to(ROOT / "sample_data")
    return folders


def test_every_page_has_recipes():
    assert all(sum(page == name for page, _ in RECIPES) >= 5 for name in PAGES)


@pytest.mark.parametrize(("page", "block"), RECIPES, ids=[block.split("\n")[0][:50] for _, block in RECIPES])
def test_every_recipe_runs(page, block, kitchens):
    if "jq" in block and not shutil.which("jq"):
        pytest.skip("no jq here")
    done = _shell(block, kitchens[page])
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or "--resume" in block


def test_the_log_recipe_finds_the_odd_lines(kitchens):
    kitchen = kitchens["README.md"]
    odd = {int(line) for line in (ROOT / "sample_data" / "server.odd.txt").read_text().split()}
    score = "tail -600 sample_data/server.log | rnncli predict log.safetensors --score"
    rows = _shell(f"{score} | sort -t$'\\t' -k4,4gr | head -8", kitchen).stdout.splitlines()
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
