"""The documentation is true: its commands run, its option reference is the help texts."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    """A folder with the sample data, in which the recipes run one after the other."""
    folder = tmp_path_factory.mktemp("kitchen")
    (folder / "sample_data").symlink_to(ROOT / "sample_data")
    return folder


def test_the_readme_has_recipes():
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize("block", BLOCKS, ids=[block.split("\n")[0][:50] for block in BLOCKS])
def test_every_recipe_of_the_readme_runs(block, kitchen):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = ["bash", "-eu", "-c", block]  # not pipefail: `yes | head` ends by a signal
    done = subprocess.run(script, cwd=kitchen, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or "--resume" in block or block.count("predict") + block.count("inspect") == 0


def test_the_log_recipe_finds_the_odd_lines(kitchen):
    odd = {int(line) for line in (ROOT / "sample_data" / "server.odd.txt").read_text().split()}
    command = "tail -600 sample_data/server.log | rnncli predict log.safetensors --score | sort -t$'\\t' -k4,4gr | head -8"
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", command], cwd=kitchen, env=environment, capture_output=True, text=True)
    found = {2400 + int(row.split("\t")[0]) for row in done.stdout.splitlines()}
    assert len(odd & found) >= 5


def test_the_option_reference_is_fresh():
    specification = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert module.reference() == (ROOT / "docs" / "reference.md").read_text(), "run `make reference`"
