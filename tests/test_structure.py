"""The rules of the house: who imports whom, where print may stand, no pickle, docstrings, short files."""

import ast
import os
import subprocess
import sys
from functools import cache

import pytest

from tests.sources import FILES, ROOT, every_file, faults_of, nodes_of, source_of, tree_of

#: From the bottom to the top, the way of the data from right to left: a room imports from itself and from rooms before
#: it, so no import runs back and there is no circle. A new room needs a place here.
ROOMS = (
    *("errors", "registry", "stored", "values", "config", "kernels", "cells", "process", "data", "readers"),
    *("network", "frozen", "models"),
    *("tasks", "training", "predictors", "exports", "views", "render", "commands", "cli", "__main__"),
)
MOST_ROOMS = 22
SCREEN = ("cli", "commands", "render")


def room_of(file):
    """rnncli/cells/lstm.py -> cells; rnncli/config.py -> config; rnncli/__init__.py -> __init__."""
    return file.split("/")[1].removesuffix(".py")


@cache
def imports_of(file):
    """Dotted names of all modules that a file imports, inside functions too."""
    names = set()
    for node in nodes_of(file):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written in full"
            if node.module == "rnncli":
                names |= {f"rnncli.{alias.name}" for alias in node.names}
            else:
                names.add(node.module)
    return names


def rooms_imported(file):
    """Rooms of rnncli that a file imports; `__version__` and such are the package's own."""
    rooms = {name.split(".")[1] for name in imports_of(file) if name.startswith("rnncli.")}
    return {room for room in rooms if not room.startswith("__")}


def test_there_is_something_to_look_at():
    assert len(FILES) > 20
    assert "rnncli/cells/lstm.py" in FILES
    assert rooms_imported("rnncli/cells/lstm.py") == {"cells", "kernels"}
    assert "rich.table" in imports_of("rnncli/render/summary.py")


def test_every_file_that_fails_is_named():
    def check(file):
        assert file != FILES[1], f"{file}: wrong"

    assert [*faults_of(check, FILES)] == [FILES[1]]
    with pytest.raises(AssertionError, match=FILES[1]):
        every_file(check)()


def test_the_rooms_are_those_that_are_there():
    assert {room_of(file) for file in FILES} - {"__init__"} == set(ROOMS)
    assert len(ROOMS) <= MOST_ROOMS


@every_file
def test_every_folder_is_a_package(file):
    assert (ROOT / file).with_name("__init__.py").exists()


@every_file
def test_data_goes_down_the_list_and_never_back_up(file):
    room = room_of(file)
    if room == "__init__":  # the door for Python, when it is called: tests/cli/test_door.py
        assert rooms_imported(file) <= {"cli"}
        return
    assert room in ROOMS, f"give {room} its place in ROOMS"
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    assert not rooms_imported(file) & above


def files_imported(file):
    """The files of the package that a file imports; of `from package import file` that file."""
    found, known = set(), set(FILES)
    for node in nodes_of(file):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names = (f"{node.module}.{alias.name}", node.module)
                paths = [f"{name.replace('.', '/')}{end}" for name in names for end in (".py", "/__init__.py")]
                found |= {*[path for path in paths if path in known][:1]}
    return found


def test_no_files_import_each_other_in_a_circle():
    left = {file: files_imported(file) for file in FILES}
    while free := [file for file, imported in left.items() if not imported & left.keys()]:
        for file in free:
            del left[file]
    assert not left, "each of these imports another one of them"


@every_file
def test_kernels_know_kernels_only_and_cells_kernels_and_the_registry(file):
    allowed = {"kernels": {"kernels"}, "cells": {"cells", "kernels", "registry"}}.get(room_of(file))
    if allowed:
        assert rooms_imported(file) <= allowed


@every_file
def test_only_the_entry_point_imports_the_command_line(file):
    if room_of(file) not in ("__main__", "__init__", "cli"):
        assert "cli" not in rooms_imported(file)
    if room_of(file) not in SCREEN:
        assert not rooms_imported(file) & set(SCREEN) or room_of(file) in ("__main__", "__init__")


@every_file
def test_only_what_draws_imports_rich(file):
    heads = {name.split(".")[0] for name in imports_of(file)}
    if room_of(file) not in SCREEN:
        assert "rich" not in heads
    assert "click" not in heads  # typer carries its own


@every_file
def test_only_what_faces_the_user_prints(file):
    if room_of(file) in SCREEN:
        return
    for node in nodes_of(file):
        assert not (isinstance(node, ast.Name) and node.id == "print"), f"{file}:{node.lineno}"


@every_file
def test_nothing_is_pickled(file):
    if file == "rnncli/kernels/cache.py":  # machine code, in the only form that Numba has for it
        return
    for node in nodes_of(file):
        words = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "module")]
        assert not any("pickle" in word for word in words if isinstance(word, str)), f"{file}:{node.lineno}"


@every_file
def test_every_module_and_what_is_public_in_it_has_a_docstring(file):
    tree = tree_of(file)
    assert ast.get_docstring(tree) or not tree.body
    missing = [
        f"{file}:{node.lineno} {node.name}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not missing


@every_file
def test_no_file_is_longer_than_400_lines(file):
    assert len(source_of(file).splitlines()) <= 400


@pytest.mark.parametrize(
    "code",
    [
        "import rnncli.cli",
        "from typer.testing import CliRunner as C; from rnncli.cli import app; C().invoke(app(), ['train', '--help'])",
    ],
)
def test_the_command_line_starts_without_the_heavy_modules(code):
    heavy = "{'numpy', 'numba', 'llvmlite', 'rich', 'safetensors'}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(sorted({heavy} & set(sys.modules)))"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
