"""Tensors are written as they are indexed, however they lie in memory: of models, checkpoints and states alike."""

import ast
import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from rnncli.models import model_file, state_file
from rnncli.models.tensors import write_tensors
from rnncli.tasks.trained import load_model
from tests.sources import FILES, nodes_of, source_of


def layouts():
    a = np.arange(24.0, dtype=np.float32).reshape(4, 6)
    return {
        "C": a,
        "transposed": a.T,
        "Fortran": np.asfortranarray(a),
        "every second": a[:, ::2],
        "permuted": a.reshape(2, 3, 4).transpose(2, 0, 1),
        "scalar": np.asarray(np.float32(3)),
        "empty": a[:0].T,
        "whole numbers": np.arange(6).reshape(2, 3).T,
    }


def test_every_layout_comes_back(tmp_path):
    write_tensors(str(tmp_path / "file"), layouts(), {"entry": "{}"})
    found = load_file(tmp_path / "file")
    assert list(layouts()) == sorted(found, key=list(layouts()).index)
    for name, array in layouts().items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array, name, strict=True)


@pytest.fixture
def model(char_model):
    return load_model(char_model)


def test_a_model_and_a_checkpoint_have_every_layout(tmp_path, model, monkeypatch):
    weights = model_file.to_torch(model.network)
    other = {name: np.asfortranarray(array) for name, array in weights.items()}
    assert any(not array.flags.c_contiguous for array in other.values())
    monkeypatch.setattr(model_file, "to_torch", lambda network: {**other})
    path = str(tmp_path / "m")
    model_file.save_model(path, model, (layouts(), {"step": 1}))
    again, extra, _ = model_file.load_checkpoint(path)
    np.testing.assert_array_equal(again.network.theta.flat, model.network.theta.flat)
    for name, array in layouts().items():
        np.testing.assert_array_equal(extra[name], array, name, strict=True)


def test_a_state_has_every_layout(tmp_path, model):
    class Holder:
        def to_tensors(self, state):
            return layouts(), {"last": 3}

        def from_tensors(self, tensors, entry):
            return tensors | entry

        def set_state(self, state):
            self.found = state

    file = state_file.StateFile(str(tmp_path / "s"), model, Holder())
    file.save(None)
    file.load()
    for name, array in layouts().items():
        np.testing.assert_array_equal(file.holder.found[name], array, name, strict=True)
    assert json.loads(json.dumps(file.holder.found["last"])) == 3


def test_no_other_file_writes_tensors():
    writers = {"save", "save_file", "serialize", "serialize_file"}
    for file in FILES:
        for node in nodes_of(file) if "safetensors" in source_of(file) else ():
            names = set()
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("safetensors"):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute) and node.attr in writers:
                names = {node.attr} if ast.unparse(node).startswith("safetensors.") else set()
            assert not names & writers or file.endswith("/tensors.py"), file
