"""The folder of the cache of machine code: its name is made of all that shapes the code."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnncli.kernels import cache, machine

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A copy of the kernels' sources, which the cache folder's name is then made of."""
    for name in ("kernels", "cells"):
        shutil.copytree(ROOT / "rnncli" / name, tmp_path / name)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    here = cache.folder()
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "kernels" / "cache.py"))
    assert cache.folder() == here  # the same sources elsewhere
    return tmp_path


@pytest.mark.parametrize("file", ["kernels/activations.py", "kernels/native/tiles.py", "cells/lstm.py"])
def test_another_source_has_another_folder(file, sources):
    before = cache.folder()
    with (sources / file).open("a") as stream:
        stream.write("# changed\n")
    assert cache.folder() != before


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        (cache, "_numba_version", lambda: "99"),
        (cache.llvmlite, "__version__", "99"),
        (cache.np, "__version__", "99"),
        (cache.sys, "version_info", (3, 99)),
        (cache.machine, "cpu", lambda: ("x86_64-unknown-linux-gnu", "another", "+sse")),
        (cache.machine, "cpu", lambda cpu=cache.machine.cpu: (*cpu()[:2], "fewer features")),
    ],
)
def test_another_version_or_cpu_has_another_folder(place, name, value, monkeypatch):
    before = cache.folder()
    monkeypatch.setattr(place, name, value)
    assert cache.folder() != before


@pytest.mark.parametrize("name", ["OPT", "BOUNDSCHECK", "CPU_NAME", "CPU_FEATURES", "ENABLE_AVX"])
def test_another_setting_of_numba_has_another_folder(name, monkeypatch):
    before = cache.folder()
    monkeypatch.setenv(f"NUMBA_{name}", "1")
    assert cache.folder() != before


def test_the_cpu_is_what_numba_takes_it_for():
    from numba.core.registry import cpu_target

    assert machine.cpu() == cpu_target.target_context.codegen().magic_tuple()


def test_a_generic_cpu_has_none_of_the_features_as_numba_has_it():
    code = "from rnncli.kernels import machine; from numba.core.registry import cpu_target as t; import numba\n"
    code += "assert machine.cpu() == t.target_context.codegen().magic_tuple() and machine.cpu()[1:] == ('generic', '')"
    setting = {"NUMBA_CPU_NAME": "generic", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=os.environ | setting, cwd=ROOT, check=True)


def test_the_cache_is_the_users_unless_numba_is_told_another(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert cache.folder().parent == tmp_path
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert cache.folder().parent.name == "rnncli"
