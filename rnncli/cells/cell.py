"""The cell contract: one layer h[t] = f(h[t-1], x[t]; θ), and what all recurrent cells share around their time loop.

Sizes: N batch, T time, D input, H hidden, G gates, V rows of the token table. Parameters are held for row vectors,
W (D, G·H), R (H, G·H), b (G·H,). A cell's file adds its equations as two kernels, `forward` and `backward`.

`layer` is the layer at work (network/layer.py): its parameters `theta`, their gradients `grads`, the packed `panels` of
its matrices and `panels_T` of their transposes, each by the parameter's name; and its buffers.

A thread has a part (kernels/parts.py) of the batch's rows for all steps of `forward` and `backward`, where rows are few
also of the hidden units; then it meets the others of its group after every step. The gradients of parameters
are sums over the batch, which `sums` (network/sums.py) shares among the threads. So no two threads write the same
number, and no sum depends on how many threads there are.
"""

from typing import Any, Self

import numpy as np

from rnncli.kernels.parts import Part

#: parameter -> its name in PyTorch's layers, where a matrix is (G·H, .)
TORCH = {"W": "weight_ih", "R": "weight_hh", "b": "bias_ih"}


class Cell:
    """Base of the cells. `inputs` is D; a layer on token ids gets the embedding's width and a table (see `Layer`)."""

    name: str
    gates: int
    state_names: tuple[str, ...]
    #: the parameters (H, .) that every step multiplies by: packed into panels once an update
    recurrent: tuple[str, ...] = ("R",)
    #: those of them, (H, H), that start orthogonal and are so after every update (training/rotations.py) -> their rate
    #: beside that of all else
    orthogonal: dict[str, float] = {}
    #: matrix -> the parameter (H,) that is the length of its units' weights, see kernels/weight_norm.py
    gains: dict[str, str] = {}
    #: how many blocks of H columns of these matrices are normalised
    taps = 1
    #: whether Z has H more columns than W, in which x[t] passes by: a residual connection
    passes = False
    #: gate -> which of the G parts of Z holds it after `forward`; those with values from 0 to 1
    gate_parts: dict[str, int] = {}
    #: the same of factors and states with values from -1 to 1
    signed_parts: dict[str, int] = {}
    #: how many activations within a layer have dropout; then its outputs have none
    masks = 0
    most_layers = 64
    #: whether h[t] depends on h[t-1]
    recursive = True
    #: matrices that are convolved in one sum of their taps, see kernels/taps.py: in training, where there are any, of
    #: the states only the first ones and those at the end of the window are kept
    convolved: tuple[str, ...] = ()
    #: how many steps such a sum reaches back
    before = 0
    #: whether threads can share the units, see kernels/parts.py
    by_units = False
    #: option -> allowed values, the first one the default; or the bounds and the default of a number, as text
    options: dict[str, tuple[str, ...] | dict[str, Any]] = {}

    def __init__(self, inputs: int, hidden: int, chosen: dict[str, str] | None = None):
        self.inputs, self.hidden = inputs, hidden
        self.chosen: dict[str, Any] = {name: default_of(said) for name, said in self.options.items()} | (chosen or {})

    @classmethod
    def conflict(cls, chosen: dict[str, str]) -> str:
        """What is wrong with options, each of them allowed, that cannot be combined; nothing, as usual."""
        return ""

    @classmethod
    def stack(cls, widths: list[int], hidden: int, chosen: dict[str, str] | None = None) -> list[Self]:
        """The cells of a network, one for each layer, which reads so many columns."""
        return [cls(width, hidden, chosen) for width in widths]

    @classmethod
    def usual_layers(cls, steps: int, chosen: dict[str, str] | None = None) -> int:
        """How many there are by default for sequences, or windows, of so many steps."""
        return 1

    @property
    def reads(self) -> range:
        """How many steps back from a step stands what it reads of the layer below, besides its state."""
        return range(1)

    @property
    def width(self) -> int:
        """G·H, the columns of Z."""
        return self.gates * self.hidden

    @property
    def past(self) -> int:
        """P: a step starts from what the P steps before it have left, in a buffer (P + T, N, .) for each state."""
        return 1

    @property
    def state_widths(self) -> tuple[int, ...]:
        """How many numbers a step leaves of each state."""
        return (self.hidden,) * len(self.state_names)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter -> shape. What is here is trained, saved, checked and drawn."""
        recurrent = {name: (self.hidden, self.width) for name in self.recurrent}
        return {"W": (self.inputs, self.width)} | recurrent | {"b": (self.width,)}

    def init(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """W uniform in ±sqrt(3/D) (unit variance of z from unit inputs), R orthogonal by gate, b zero."""
        bound = np.sqrt(3.0 / self.inputs)
        recurrent = {
            name: np.concatenate([_orthogonal(rng, self.hidden) for _ in range(self.gates)], axis=1)
            for name in self.recurrent
        }
        W = rng.uniform(-bound, bound, (self.inputs, self.width))
        theta = {"W": W} | recurrent | {"b": np.zeros(self.width)}
        return {name: array.astype(np.float32) for name, array in theta.items()}

    @staticmethod
    def tensor_name(layer: str, own: str) -> str:
        """Of a parameter in the model file, by its layer (`0`, `0_reverse`, ..) and its name in PyTorch."""
        return f"rnn.{own}_l{layer}"

    def to_torch(self, theta: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """θ by PyTorch's names: b holds bias_ih + bias_hh, so bias_hh is zero. Parameters that PyTorch's layers do not
        have keep their names and shapes.
        """
        out = {TORCH.get(name, name): array.T if name in TORCH else array for name, array in theta.items()}
        return out | ({"bias_hh": np.zeros_like(theta["b"])} if "R" in theta else {})

    def from_torch(self, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The way back."""
        theta = {name: tensors[TORCH.get(name, name)].T if name in TORCH else tensors[name] for name in self.shapes()}
        return theta | ({"b": tensors["bias_ih"] + tensors["bias_hh"]} if "R" in theta else {})

    def extra_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        """What the kernels of this cell need beside Z, Y and the states: name -> shape (T, N, .)."""
        return {}

    def direct_buffers(self, T: int, N: int) -> dict[str, tuple[int, ...]]:
        """The same of a layer with `convolved` matrices, in training: name -> shape (T or more, N, .)."""
        return {}

    @staticmethod
    def pack_taps(matrix: Any, panels: Any, first: int, last: int) -> None:
        """The panels first <= j < last of a convolved matrix, see kernels/taps.py."""
        raise NotImplementedError

    def forward_direct(self, layer: Any, x: Any, steps: int, part: Part) -> None:
        """In place of `forward` there: all steps from x (T, N, D), or what `Layer.project` makes of it."""
        raise NotImplementedError

    def backward_direct(self, layer: Any, dX: Any, steps: int, part: Part) -> None:
        """In place of `backward` there, down to dX (T, N, D) if W is convolved."""
        raise NotImplementedError

    def forward(self, layer: Any, steps: Any, part: Part) -> None:
        """`steps.Z` holds x·W + b for a stretch of steps (see `Stretch`); fill its states and Y: the rows and
        units of a thread's part.
        """
        raise NotImplementedError

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        """dY and the end states' gradients are given; leave dZ of all steps in Z, and the whole dL/dh[t] in dY."""
        raise NotImplementedError

    def shared(self, part: Part) -> tuple:
        """What the kernels of cells `by_units` are told of a part: its rows, its units, and with whom it meets."""
        return *part.rows, *part.units(self.hidden), part.sync, part.members

    def products(self, layer: Any, steps: int, sums: Any) -> list:
        """The products that are gradients of matrices beside W: dR = Σ_{t,n} h[t-1]ᵀ dz[t]."""
        if "R" not in self.recurrent:
            return []
        h, dZ = layer.matrix(layer.states[0], steps), layer.matrix(layer.Z, steps)
        return [sums.product(h, dZ, layer.grads.R, steps)]

    def product_of_taps(self, layer: Any, name: str, A: Any, steps: int, sums: Any) -> Any:
        """The product that is the gradient of a convolved matrix, which has read A (steps·N, .)."""
        raise NotImplementedError

    def bias_gradients(self, layer: Any, steps: int, sums: Any, thread: int, threads: int) -> None:
        """This thread's share of the gradients of vectors that the cell has beside b."""


def memory_biases(rng: np.random.Generator, steps: float, units: int) -> np.ndarray:
    """Biases b of a gate that keeps what a unit holds: σ(b) lets it fade over 1 / (1 - σ(b)) = 1 + e^b steps, drawn
    evenly from 2 to `steps` (Tallec & Ollivier 2018, arXiv 1804.11188, equation 16).
    """
    return np.log(rng.uniform(1, steps - 1, units))


def default_of(said: tuple[str, ...] | dict[str, Any]) -> Any:
    """The value of an option that is not given; None if there is none."""
    return said[0] if isinstance(said, tuple) else said.get("default")


def _orthogonal(rng: np.random.Generator, size: int) -> np.ndarray:
    """A random orthogonal matrix (Saxe et al. 2013, arXiv 1312.6120)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))
