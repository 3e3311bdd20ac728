"""A new cell is one new file: it is trained, saved, checked and drawn without anybody naming it."""

import json

import pytest
from safetensors.numpy import load_file

from tests.toys import Toy

CELL = '''"""A leaky integrator, h[t] = a ∘ h[t-1] + x[t]·W + b: no matrix between its units."""

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.kernels.compiler import kernel
from rnncli.kernels.states import clear_starts
from rnncli.kernels.threads import share

CELL = {"help": "leaky integrator", "options": {"leak": ("slow", "fast")}}


class Leaky(Cell):
    name, gates, state_names, recurrent, options = "leaky", 1, ("h",), (), CELL["options"]

    def shapes(self):
        return super().shapes() | {"a": (self.hidden,)}

    def init(self, rng):
        return super().init(rng) | {"a": np.full(self.hidden, 0.9 if self.chosen["leak"] == "slow" else 0.5)}

    def forward(self, layer, steps, part):
        forward(steps.Z, layer.theta.a, steps.states[0], steps.Y, steps.starts, *part.rows)

    def backward(self, layer, steps, part):
        backward(layer.Z, layer.theta.a, layer.dY, layer.dstates[0], layer.starts, steps, *part.rows)

    def bias_gradients(self, layer, steps, sums, part, parts):
        units = slice(*share(self.hidden, part, parts))
        layer.grads.a[units] = (layer.Z[:steps, :, units] * layer.states[0][:steps, :, units]).sum(axis=(0, 1))


@kernel("void(real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, int64)")
def forward(Z, a, H, Y, starts, first, last):
    for t in range(Z.shape[0]):
        clear_starts(H, t, starts, t, first, last, 0, H.shape[2])
        for n in range(first, last):
            for j in range(H.shape[2]):
                Y[t, n, j] = a[j] * H[t, n, j] + Z[t, n, j]
                H[t + 1, n, j] = Y[t, n, j]


@kernel("void(real[:,:,::1], real[::1], real[:,:,::1], real[:,:,::1], uint8[:,::1], int64, int64, int64)")
def backward(Z, a, dY, dH, starts, steps, first, last):
    for t in range(steps - 1, -1, -1):
        for n in range(first, last):
            for j in range(dH.shape[2]):
                dY[t, n, j] += dH[0, n, j]
                Z[t, n, j] = dY[t, n, j]
                dH[0, n, j] = a[j] * dY[t, n, j]
        clear_starts(dH, 0, starts, t, first, last, 0, dH.shape[2])
'''


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    with Toy(tmp_path_factory.mktemp("toy"), "cells/leaky.py", CELL) as toy:
        (toy.folder / "t.txt").write_text("the cat sat on the mat\n" * 12)
        (toy.folder / "c.tsv").write_text("good day\ta\nbad night\tb\n" * 20)
        toy("train", "t.txt", "--cell", "leaky:leak=fast", "--hidden", "4", "--layers", "2", "--epochs", "1", "-q")
        toy("train", "c.tsv", "--task", "classify", "--cell", "leaky", "--hidden", "4", "--epochs", "1", "-q")
        yield toy


def test_help_names_it(toy):
    assert "leaky (leaky integrator)" in " ".join(toy("train", "--help").split())


def test_it_is_trained_and_saved(toy):
    tensors = load_file(toy.folder / "t.safetensors")
    assert {"rnn.weight_ih_l0", "rnn.bias_ih_l0", "rnn.a_l0", "rnn.a_l1"} < tensors.keys()
    assert "rnn.weight_hh_l0" not in tensors
    assert tensors["rnn.a_l0"].std() > 0  # all of them began as 0.5


def test_it_predicts(toy):
    assert len(toy("predict", "t.safetensors", "--prompt", "the", "--length", "20")) == 24
    assert toy("predict", "c.safetensors", "c.tsv").count("\n") == 40


@pytest.mark.parametrize("model", ["t.safetensors", "c.safetensors"])
def test_its_gradients_are_checked(toy, model):
    found = json.loads(toy("inspect", model, "--view", "gradcheck", "--json"))
    assert found["passed"]
    assert "0.a" in [row["name"] for row in found["parameters"]]


@pytest.mark.parametrize("view", ["summary", "graph", "gradients", "states"])
def test_it_is_drawn(toy, view):
    reads = ["t.txt"] if view in ("gradients", "states") else []
    assert toy("inspect", "t.safetensors", *reads, "--view", view)
