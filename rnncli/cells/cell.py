"""The cell contract: one layer h[t] = f(h[t-1], x[t]; θ), and what all recurrent cells share around their time loop.

Sizes: N batch, T time, D input, H hidden, G gates, V rows of the token table. Parameters are held for row vectors,
W (D, G·H), R (H, G·H), b (G·H,). A cell's file adds its equations as two kernels, `forward` and `backward`.

`w` is the layer at work (`Layer`, network/layer.py): parameters, panels and buffers by name.

A thread owns the batch rows first <= n < last for all steps of `inputs`, `forward`, `backward`; it owns the part-th
of `parts` shares of output columns in `pack` and `gradients`. So no two threads write the same number, and no sum
depends on how many threads there are.
"""

from types import SimpleNamespace

import numpy as np

from rnncli.kernels.product import outer
from rnncli.kernels.threads import share


class Cell:
    """Base of the cells. `inputs` is D; a layer on token ids gets the embedding's width and a table (see `Layer`)."""

    name: str
    gates: int
    state_names: tuple[str, ...]
    #: gate -> which of the G parts of Z holds it after `forward`; those with values from 0 to 1
    gate_parts: dict[str, int] = {}
    #: option -> allowed values, the first one the default
    options: dict[str, tuple[str, ...]] = {}

    def __init__(self, inputs: int, hidden: int, chosen: dict[str, str] | None = None):
        self.inputs, self.hidden = inputs, hidden
        self.chosen = {name: values[0] for name, values in self.options.items()} | (chosen or {})

    @property
    def width(self) -> int:
        """G·H, the columns of Z."""
        return self.gates * self.hidden

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter -> shape."""
        return {"W": (self.inputs, self.width), "R": (self.hidden, self.width), "b": (self.width,)}

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """W uniform in ±sqrt(3/D) (unit variance of z from unit inputs), R orthogonal by gate, b zero."""
        bound = np.sqrt(3.0 / self.inputs)
        blocks = [_orthogonal(rng, self.hidden) for _ in range(self.gates)]
        return {
            "W": rng.uniform(-bound, bound, (self.inputs, self.width)).astype(np.float32),
            "R": np.concatenate(blocks, axis=1).astype(np.float32),
            "b": np.zeros(self.width, np.float32),
        }

    def state_shape(self, N: int) -> tuple[int, int, int]:
        """What is carried from step to step; opaque outside of the cell."""
        return len(self.state_names), N, self.hidden

    def extra_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        """What the kernels of this cell need beside Z, H and Y."""
        return {}

    def forward(self, w, s: SimpleNamespace, first: int, last: int) -> None:
        """s.Z holds x·W + b for a stretch of steps (see `Layer.stretch`); fill its states and Y."""
        raise NotImplementedError

    def backward(self, w, steps: int, first: int, last: int) -> None:
        """dY and the end states' gradients are given; leave dZ of all steps in Z, and the whole dL/dh[t] in dY."""
        raise NotImplementedError

    def recurrent_gradients(self, w, steps: int, part: int, parts: int) -> None:
        """dR += Σ_{t,n} h[t-1]ᵀ dz[t], the columns of this part."""
        columns = share(len(w.R_panels), part, parts)
        outer(w.rows("H", steps), w.rows("Z", steps), w.dR, *columns, *w.scratch(part))


def _orthogonal(rng: np.random.Generator, size: int) -> np.ndarray:
    """A random orthogonal matrix (Saxe et al. 2013, arXiv 1312.6120)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))
