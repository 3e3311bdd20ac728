"""A convolution against PyTorch's `conv1d` with weight normalisation; golden/make_conv.py makes golden/conv.npz."""

from pathlib import Path

import numpy as np

from rnncli.data.batches import Batch
from rnncli.models.model_file import from_torch, to_torch
from tests.helpers import architecture, assert_close, gradients, unfold

GOLDEN = Path(__file__).parents[1] / "golden" / "conv.npz"


def test_states_loss_and_gradients_are_those_of_pytorch():
    with np.load(GOLDEN) as file:
        arrays = dict(file)
    weights = {name.removeprefix("weight."): a for name, a in arrays.items() if name.startswith("weight.")}
    (tokens, embed), hidden = weights["embedding.weight"].shape, weights["output.weight"].shape[1]
    network = from_torch(architecture("conv", 3, tokens=tokens, embed=embed, hidden=hidden), weights)
    network = network.astype(np.float64)
    x, y = arrays["x"], arrays["y"]
    batch = Batch(x, y, np.zeros(x.shape, np.uint8), y.size, len(x))
    u = unfold(network, batch)
    found = gradients(u, batch)
    assert_close(u.layers[-1].Y, arrays["h"], 1e-12)
    assert abs(u.losses.sum() / y.size - arrays["loss"]) < 1e-12
    for name, gradient in found.items():
        network.theta[name][...] = gradient
    for name, gradient in to_torch(network).items():
        assert_close(gradient, arrays[f"gradient.{name}"], 1e-12)
