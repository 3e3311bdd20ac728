"""The cache of machine code: a warm run compiles nothing, and an upgrade does not run stale code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnncli.kernels import compiler

ROOT = Path(__file__).parents[2]

TRAINING = """
from rnncli.kernels.compiler import notify_compilation

said = []
notice = notify_compilation(lambda: said.append("compiling"))

import numpy as np

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.training.optimisers import Optimiser
from rnncli.network.losses import CROSS_ENTROPY

network, team = Network.initialised(Architecture("lstm", 4, 1, 3, 5, 5), 0), Team(1)
x = np.arange(6, dtype=np.int32).reshape(3, 2) % 5
batch = Batch(x, x, np.zeros((3, 2), np.uint8), 6, 3)
unfolded = network.unfold(3, 2, team, training=True)
unfolded.pack()
unfolded.gradients(batch.x, batch.starts, 3, CROSS_ENTROPY.gradient(batch))
norm = Optimiser("adamw", network.theta.flat.size).update(network.theta, unfolded.grads, team, 1, 0.1, 1.0, 0.1)
print(notice.compiled, len(said), norm)
"""


def train_in_a_new_process(cache):
    """(kernels compiled, how often it was said, norm of the gradients)."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", TRAINING], env=environment, cwd=cache, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    compiled, said, norm = done.stdout.split()
    return int(compiled), int(said), float(norm)


def files_in(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_compiles_nothing(tmp_path_factory):
    cache = tmp_path_factory.mktemp("kernels")
    compiled, said, norm = train_in_a_new_process(cache)
    assert compiled > 5
    assert said == 1
    assert norm > 0
    written = files_in(cache)
    assert len({path.suffix for path in written}) == 2  # an index and machine code for each kernel
    assert train_in_a_new_process(cache) == (0, 0, norm)
    assert files_in(cache) == written


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A copy of the kernels' sources, which the cache folder's name is then made of."""
    for folder in ("kernels", "cells"):
        (tmp_path / folder).mkdir()
        for source in (ROOT / "rnncli" / folder).glob("*.py"):
            (tmp_path / folder / source.name).write_bytes(source.read_bytes())
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    here = compiler.cache_folder()
    monkeypatch.setattr(compiler, "__file__", str(tmp_path / "kernels" / "compiler.py"))
    assert compiler.cache_folder() == here  # the same sources elsewhere
    return tmp_path


@pytest.mark.parametrize("file", ["kernels/activations.py", "cells/lstm.py"])
def test_another_source_has_another_cache_folder(file, sources):
    before = compiler.cache_folder()
    with (sources / file).open("a") as stream:
        stream.write("# changed\n")
    assert compiler.cache_folder() != before


def test_another_numba_has_another_cache_folder(monkeypatch):
    before = compiler.cache_folder()
    monkeypatch.setattr(compiler.numba, "__version__", "99")
    assert compiler.cache_folder() != before


def test_the_cache_is_the_users_unless_numba_is_told_another(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiler.cache_folder().parent == tmp_path
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert compiler.cache_folder().parent.name == "rnncli"
