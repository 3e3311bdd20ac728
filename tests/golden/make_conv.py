"""Write conv.npz, golden values of a convolution: `python tests/golden/make_conv.py`, with PyTorch 2.13 (CPU).

Three blocks of `conv1d` with weight normalisation: weights under the names of the model file, token ids, h, mean loss,
and the gradients of all weights by autograd, in float64, from weights that float32 holds exactly.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

T, N, V, D, H, K, BLOCKS = 19, 3, 7, 4, 5, 3, 3


def drawn(*shape):
    """In multiples of 1/4096."""
    return (torch.randn(shape, dtype=torch.float64) * 2048).round().div(4096).requires_grad_()


def weights():
    """By name; the first block alone has a matrix beside its convolutions, since the widths differ there."""
    out = {"embedding.weight": drawn(V, D), "output.weight": drawn(V, H), "output.bias": drawn(V)}
    for block in range(BLOCKS):
        inputs = H if block else D
        for number, width in enumerate((inputs, H)):
            name = f"conv.{block}.{number}"
            out |= {f"{name}.weight_v": drawn(H, width, K), f"{name}.weight_g": drawn(H, 1, 1)}
            out[f"{name}.bias"] = drawn(H)
    return out | {"conv.0.skip.weight": drawn(H, D, 1), "conv.0.skip.bias": drawn(H)}


def hidden(w, x):
    """h of the last block (T, N, H)."""
    h = w["embedding.weight"][x].permute(1, 2, 0)
    for block in range(BLOCKS):
        out, dilation = h, 2**block
        for number in range(2):
            name = f"conv.{block}.{number}"
            weight = torch._weight_norm(w[f"{name}.weight_v"], w[f"{name}.weight_g"], 0)
            padded = functional.pad(out, ((K - 1) * dilation, 0))
            out = torch.relu(functional.conv1d(padded, weight, w[f"{name}.bias"], dilation=dilation))
        skip = f"conv.{block}.skip"
        beside = functional.conv1d(h, w[f"{skip}.weight"], w[f"{skip}.bias"]) if f"{skip}.weight" in w else h
        h = torch.relu(out + beside)
    return h.permute(2, 0, 1)


def main():
    torch.manual_seed(0)
    w, x, y = weights(), torch.randint(V, (T, N)), torch.randint(V, (T, N))
    h = hidden(w, x)
    logits = functional.linear(h, w["output.weight"], w["output.bias"])
    loss = functional.cross_entropy(logits.reshape(-1, V), y.reshape(-1))
    loss.backward()
    arrays = {"x": x.int(), "y": y.int(), "h": h, "loss": loss}
    arrays |= {f"weight.{name}": value for name, value in w.items()}
    arrays |= {f"gradient.{name}": value.grad for name, value in w.items()}
    np.savez(Path(__file__).with_name("conv.npz"), **{name: value.detach().numpy() for name, value in arrays.items()})


if __name__ == "__main__":
    main()
