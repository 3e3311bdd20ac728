"""Golden values from PyTorch: weights by its names and gate order, states, loss, gradients; ten losses of a training.

golden/torch.npz is made by golden/make_golden.py.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.models.model_file import from_torch, to_torch
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.training.optimisers import Optimiser
from tests.helpers import CELLS, architecture, assert_close, gradients, random_network, unfold

GOLDEN = Path(__file__).parents[1] / "golden" / "torch.npz"

every_layer = pytest.mark.parametrize(
    "case", [f"{cell}-{n}" for cell in ("lstm", "gru", "rnn-tanh", "rnn-relu", "mingru") for n in (1, 2)]
)


@cache
def everything():
    with np.load(GOLDEN) as file:
        return dict(file)


def golden(prefix):
    """The arrays of a case, by the rest of their names."""
    prefix += "."
    return {name.removeprefix(prefix): array for name, array in everything().items() if name.startswith(prefix)}


def loaded(case, weights):
    """The network of PyTorch's weights, in float32."""
    cell, layers = case.rsplit("-", 1)
    (tokens, embed), hidden = weights["embedding.weight"].shape, weights["output.weight"].shape[1]
    return from_torch(architecture(cell, int(layers), tokens=tokens, embed=embed, hidden=hidden), weights)


def batch_of(arrays):
    x, y = arrays["x"], arrays["y"]
    return Batch(x, y, np.zeros(x.shape, np.uint8), int((y >= 0).sum()), len(x))


def in_our_names(tensors, cell, layers, hidden):
    """PyTorch's gradients under our names: W = weight_ih.T, R = weight_hh.T, b is bias_ih, b_n the end of bias_hh."""
    out = {
        "embedding.E": tensors["embedding.weight"],
        "output.W": tensors["output.weight"].T,
        "output.b": tensors["output.bias"],
    }
    for index in range(layers):
        out[f"{index}.W"] = tensors[f"rnn.weight_ih_l{index}"].T
        if cell != "mingru":
            out[f"{index}.R"] = tensors[f"rnn.weight_hh_l{index}"].T
        out[f"{index}.b"] = tensors[f"rnn.bias_ih_l{index}"]
        if cell == "gru":
            out[f"{index}.b_n"] = tensors[f"rnn.bias_hh_l{index}"][2 * hidden :]
    return out


@every_layer
def test_states_loss_and_gradients_are_those_of_pytorch(case):
    arrays, batch = golden(case), batch_of(golden(case))
    network = loaded(case, golden(f"{case}.weight")).astype(np.float64)
    unfolded = unfold(network, batch)
    actual = gradients(unfolded, batch)
    a = network.architecture
    expected = in_our_names(golden(f"{case}.gradient"), a.cell, a.layers, a.hidden)
    assert_close(unfolded.layers[-1].Y, arrays["h"], 1e-6)
    assert_close(unfolded.losses.sum() / batch.count, arrays["loss"], 1e-6)
    assert actual.keys() == expected.keys()
    for name, gradient in expected.items():
        assert_close(actual[name], gradient, 1e-6)


@every_layer
def test_states_loss_and_gradients_in_float32_are_those_of_pytorch(case):
    arrays, batch = golden(case), batch_of(golden(case))
    unfolded = unfold(loaded(case, golden(f"{case}.weight")), batch)
    actual = gradients(unfolded, batch)
    a = unfolded.network.architecture
    assert_close(unfolded.layers[-1].Y, arrays["h"], 1e-5)
    assert_close(unfolded.losses.sum(dtype=np.float64) / batch.count, arrays["loss"], 1e-5)
    for name, gradient in in_our_names(golden(f"{case}.gradient"), a.cell, a.layers, a.hidden).items():
        assert_close(actual[name], gradient, 1e-5)


@every_layer
def test_weights_of_pytorch_come_back_with_their_biases_summed(case):
    weights = golden(f"{case}.weight")
    again, hidden = to_torch(loaded(case, weights)), weights["output.weight"].shape[1]
    assert again.keys() == weights.keys()
    for name, tensor in weights.items():
        assert again[name].shape == tensor.shape
        if "bias_ih" in name:
            other = tensor.copy(), weights.get(name.replace("_ih_", "_hh_"), np.zeros_like(tensor)).copy()
            if case.startswith("gru"):  # n's bias_hh is inside the reset gate and stays apart
                other[1][2 * hidden :] = 0
            np.testing.assert_array_equal(again[name], sum(other))
        elif "bias_hh" in name:
            kept = tensor.copy()
            kept[: 2 * hidden if case.startswith("gru") else None] = 0
            np.testing.assert_array_equal(again[name], kept)
        else:
            np.testing.assert_array_equal(again[name], tensor)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("tied", [False, True])
def test_a_network_goes_to_pytorchs_names_and_back(cell, tied):
    network = random_network(architecture(cell, 2, tied), np.float32)
    again = from_torch(network.architecture, to_torch(network))
    assert again.architecture == network.architecture
    np.testing.assert_array_equal(again.theta.flat, network.theta.flat)


def test_tensors_that_do_not_fit_are_refused():
    network = random_network(architecture("lstm"), np.float32)
    tensors = to_torch(network)
    with pytest.raises(ValueError, match="shape"):
        from_torch(architecture("lstm", hidden=6), tensors)
    del tensors["rnn.weight_hh_l0"]
    with pytest.raises(KeyError, match="weight_hh_l0"):
        from_torch(network.architecture, tensors)


def test_ten_losses_of_a_training_are_those_of_pytorch():
    arrays = golden("training")
    weights, data = golden("training.weight"), arrays["data"]
    rate, clip, decay = arrays["options"].tolist()
    assert arrays["norms"].min() < clip < arrays["norms"].max()
    (tokens, embed), hidden = weights["embedding.weight"].shape, weights["rnn.weight_hh_l0"].shape[1]
    network, team = from_torch(Architecture("lstm", hidden, 1, embed, tokens, tokens), weights), Team(1)
    steps, rows = (len(data) - 1) // len(arrays["losses"]), data.shape[1]
    unfolded = network.unfold(steps, rows, team, training=True)
    optimiser = Optimiser("adamw", network.theta, unfolded.grads, team)
    losses, norms = [], []
    for window in range(len(arrays["losses"])):
        part = data[window * steps : (window + 1) * steps + 1]
        starts = np.zeros((steps, rows), np.uint8)
        batch = Batch(np.ascontiguousarray(part[:-1]), np.ascontiguousarray(part[1:]), starts, steps * rows, steps)
        unfolded.pack()
        unfolded.gradients(batch, CROSS_ENTROPY.gradient)
        losses.append(unfolded.losses.mean(dtype=np.float64))
        norms.append(optimiser.update(window + 1, rate, clip, decay))
        unfolded.carry(steps)
    np.testing.assert_allclose(losses, arrays["losses"], rtol=2e-5)
    np.testing.assert_allclose(norms, arrays["norms"], rtol=1e-4)


def test_the_golden_file_is_small():
    assert GOLDEN.stat().st_size < 100_000
