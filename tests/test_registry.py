"""What lives in a folder is what its files declare."""

import subprocess
import sys
from types import ModuleType

import pytest

from rnncli import registry
from rnncli.cells.cell import Cell
from rnncli.readers.reader import reader_of
from rnncli.registry import formats
from rnncli.tasks.task import Task


def test_declarations_are_those_of_the_files():
    for name, said in registry.declared("cells").items():
        cell = registry.load("cells", name, Cell)
        assert (cell.name, cell.__name__.lower()) == (name, name)
        assert said == sys.modules[cell.__module__].CELL
        assert cell.options == said["options"]


def test_the_order_is_that_of_ranks():
    assert registry.names("cells") == ("lstm", "gru", "rnn", "mingru", "conv")
    assert registry.names("tasks") == ("language", "classify", "multilabel", "regress", "tag", "forecast")
    assert registry.names("views")[:3] == ("summary", "graph", "states")


@pytest.mark.parametrize("name", registry.names("tasks"))
def test_a_task_has_the_name_of_its_file(name):
    assert registry.load("tasks", name, Task).name == name


def test_every_form_has_a_reader():
    assert list(formats())[:5] == ["text", "lines", "blocks", "fasta", "table"]
    assert len({reader_of(form) for form in formats()}) == len(registry.names("readers"))


def test_of_a_name_that_nobody_declares_there_is_no_class():
    with pytest.raises(KeyError):
        registry.load("cells", "cell", Cell)


def test_declarations_are_read_without_importing():
    code = "import sys; from rnncli import registry; registry.names('cells'); print('rnncli.cells.lstm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_declaration_of_several_lines_and_a_folder_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "PACKAGE", tmp_path)
    (tmp_path / "toys" / "b").mkdir(parents=True)
    (tmp_path / "toys" / "a.py").write_text('"""A."""\n\nTOY = {\n    "help": "a }",\n}\n\nOTHER = {\n}\n')
    (tmp_path / "toys" / "b" / "__init__.py").write_text('TOY = {"rank": 0}\n')
    (tmp_path / "toys" / "none.py").write_text("X = 1\n")
    (tmp_path / "toys" / "__init__.py").write_text("")
    assert registry.declared("toys") == {"b": {"rank": 0}, "a": {"help": "a }"}}
    registry.declared.cache_clear()


def test_the_base_is_none_of_a_file_whose_name_its_own_begins_with(monkeypatch):
    module = ModuleType("rnncli.cells.cel")
    module.Cell, module.Cel = Cell, type("Cel", (Cell,), {"__module__": module.__name__})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "declared", lambda folder: {"cel": {}})
    assert registry.load("cells", "cel", Cell) is module.Cel
