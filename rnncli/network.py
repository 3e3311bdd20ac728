"""The network: embedding, cells, output layer; and its unfolding over the steps of a window.

e[t] = E[x[t]]                      token ids to vectors; those of a small vocabulary are folded into a table of the
                                    first layer (see cells/cell.py), of a large one only the rows of the window are read
h_l[t] = f_l(h_l[t-1], h_{l-1}[t])  layer by layer, dropout between them
logits[t] = h_L[t] · W_out + b_out  W_out = Eᵀ if tied
"""

from dataclasses import asdict, dataclass, field

import numpy as np

from rnncli.cells import cell_class
from rnncli.cells.cell import Layer, share
from rnncli.kernels.product import (
    add_transposed,
    affine,
    aligned,
    column_sums,
    outer,
    outer_scratch,
    pack,
    pack_transposed,
    panels_of,
    product,
)
from rnncli.kernels.team import Team
from rnncli.kernels.tokens import dropout, lookup, scatter
from rnncli.randomness import key32

LOGITS_BYTES = 64 << 20  # the output layer runs in blocks of steps whose logits take at most this
TABLE_TOKENS = 4096  # up to so many the first layer's products with all of them are made once per update


@dataclass(frozen=True)
class Architecture:
    """Everything that fixes the shapes of the parameters."""

    cell: str
    hidden: int
    layers: int
    embed: int
    tokens: int
    outputs: int
    tied: bool = False
    cell_options: dict[str, str] = field(default_factory=dict)

    def cells(self) -> list:
        kind = cell_class(self.cell)
        widths = [self.embed] + [self.hidden] * (self.layers - 1)
        return [kind(width, self.hidden, self.cell_options) for width in widths]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter name -> shape: matrices first, then biases (which are not decayed)."""
        shapes = {"embedding.E": (self.tokens, self.embed)}
        for index, cell in enumerate(self.cells()):
            shapes |= {f"{index}.{name}": shape for name, shape in cell.shapes().items()}
        if not self.tied:
            shapes["output.W"] = (self.hidden, self.outputs)
        shapes["output.b"] = (self.outputs,)
        return dict(sorted(shapes.items(), key=lambda item: len(item[1]) == 1))

    def to_json(self) -> dict:
        return asdict(self)


class Parameters(dict):
    """Name -> array, all of them views of one flat buffer, so that the optimiser sees a single vector.

    `matrix_count` is the length of the leading part of the vector that belongs to matrices.
    """

    def __init__(self, shapes: dict[str, tuple[int, ...]], dtype=np.float32):
        sizes = {name: int(np.prod(shape)) for name, shape in shapes.items()}
        self.flat = aligned((sum(sizes.values()),), dtype)
        self.matrix_count = sum(size for name, size in sizes.items() if len(shapes[name]) > 1)
        start = 0
        for name, shape in shapes.items():
            self[name] = self.flat[start : start + sizes[name]].reshape(shape)
            start += sizes[name]

    def layer(self, index: int) -> dict[str, np.ndarray]:
        prefix = f"{index}."
        return {name.removeprefix(prefix): array for name, array in self.items() if name.startswith(prefix)}


class Network:
    """An architecture with its parameters θ."""

    def __init__(self, architecture: Architecture, dtype=np.float32):
        self.architecture = architecture
        self.cells = architecture.cells()
        self.theta = Parameters(architecture.shapes(), dtype)

    @classmethod
    def initialised(cls, architecture: Architecture, seed: int) -> "Network":
        """Fresh parameters: E normal (scaled down when tied), cells as in their files, output uniform ±1/√H."""
        network, rng = cls(architecture), np.random.default_rng([seed, 0])
        scale = architecture.embed**-0.5 if architecture.tied else 1.0
        theta = network.theta
        theta["embedding.E"][...] = scale * rng.standard_normal(theta["embedding.E"].shape)
        for index, cell in enumerate(network.cells):
            for name, value in cell.init(rng).items():
                theta[f"{index}.{name}"][...] = value
        if not architecture.tied:
            bound = architecture.hidden**-0.5
            theta["output.W"][...] = rng.uniform(-bound, bound, theta["output.W"].shape)
        return network

    def astype(self, dtype) -> "Network":
        other = Network(self.architecture, dtype)
        other.theta.flat[...] = self.theta.flat
        return other

    def unfold(self, T: int, N: int, team: Team, training=False, dropout=None, keep=False) -> "Unfolded":
        return Unfolded(self, T, N, team, training, dropout or Dropout(), keep)


@dataclass(frozen=True)
class Dropout:
    """Of the outputs of every layer. `variational`: the same units at all steps, and of the embedding too."""

    rate: float = 0.0
    variational: bool = False


class Unfolded:
    """A network unfolded over a window of up to T steps of N rows.

    Buffers are made once; `pack` after each change of θ.

    Arrays of tokens and targets are (T, N) int32; `starts` (T, N) is 1 where a sequence starts and the states are
    zeroed. A target of -1 has no loss. `keep` leaves the gates of all steps in the layers' Z, as training does.
    """

    def __init__(self, network: Network, T: int, N: int, team: Team, training: bool, dropout: Dropout, keep: bool):
        self.network, self.T, self.N, self.team, self.dropout = network, T, N, team, dropout
        a, theta = network.architecture, network.theta
        dtype = theta.flat.dtype
        self.tabled = a.tokens <= TABLE_TOKENS
        self.grads = Parameters(a.shapes(), dtype) if training else None
        self.layers = [
            Layer(
                cell,
                theta.layer(index),
                self.grads.layer(index) if training else None,
                T,
                N,
                a.tokens if index == 0 and self.tabled else 0,
                team.parts,
                keep,
            )
            for index, cell in enumerate(network.cells)
        ]
        self.block = max(1, min(T, LOGITS_BYTES // (N * a.outputs * dtype.itemsize)))
        self.E = theta["embedding.E"]
        self.X = None if self.tabled else aligned((T, N, a.embed), dtype)
        self.dX = aligned((T, N, a.embed), dtype) if training and not self.tabled else None
        self.W_out = self.E if a.tied else theta["output.W"]
        self.out_panels = aligned(panels_of(a.hidden, a.outputs), dtype)
        self.logits = aligned((self.block, N, a.outputs), dtype)
        self.losses = aligned((T, N), dtype)
        if training:
            self.outT_panels = aligned(panels_of(a.outputs, a.hidden), dtype)
            self.dW_out = aligned((1, a.hidden, a.outputs), dtype) if a.tied else self.grads["output.W"][None]
            self.scratch = [outer_scratch(a.hidden, dtype) for _ in range(team.parts)]

    def pack(self) -> None:
        """Bring the packed panels and the token table up to date with θ."""
        self.team.run(self._pack)
        if self.tabled:
            self.team.run(lambda part, parts: self.layers[0].build_table(self.E[None], part, parts))

    def _pack(self, part, parts):
        for layer in self.layers:
            layer.pack(part, parts)
        there, back = (pack_transposed, pack) if self.network.architecture.tied else (pack, pack_transposed)
        there(self.W_out, self.out_panels, *share(len(self.out_panels), part, parts))
        if self.grads is not None:
            back(self.W_out, self.outT_panels, *share(len(self.outT_panels), part, parts))
            self.grads.flat[slice(*share(self.grads.flat.size, part, parts))] = 0
            if self.network.architecture.tied:
                self.dW_out[0, slice(*share(self.dW_out.shape[1], part, parts))] = 0

    def states(self, slot: int = 0) -> list[np.ndarray]:
        """The states (N, H) of all layers that step `slot` starts from."""
        return [state for layer in self.layers for state in layer.state(slot)]

    def carry(self, steps: int) -> None:
        """The states after `steps` steps become the initial ones."""
        for layer in self.layers:
            layer.carry(steps)

    def forward(self, x: np.ndarray, starts: np.ndarray, steps: int) -> None:
        """Run the layers; h of layer l is then in `layers[l].Y[:steps]`."""
        self.team.run(lambda part, parts: self.forward_rows(x, starts, steps, 0, *share(self.N, part, parts)))

    def forward_rows(self, x, starts, steps: int, update: int, first: int, last: int) -> None:
        """The same for some rows, on this thread; `update` is the counter of the dropout masks, 0 for none."""
        x = self._inputs(x, steps, update, first, last)
        for index, layer in enumerate(self.layers):
            layer.starts[:steps, first:last] = starts[:steps, first:last]
            layer.forward(x, steps, first, last)
            x = layer.Y
            self._drop(x, update, index, steps, first, last)

    def _inputs(self, x, steps, update, first, last):
        """What the first layer reads: the token ids, or their rows of E."""
        if self.tabled:
            return x
        lookup(self.E[None], x, self.X, steps, first, last)
        self._drop_inputs(self.X, update, steps, first, last)
        return self.X

    def _drop(self, array, update, index, steps, first, last):
        if self.dropout.rate and self.grads is not None and update:
            dropout(array, key32(update, index), self.dropout.rate, self.dropout.variational, steps, first, last)

    def _drop_inputs(self, array, update, steps, first, last):
        if self.dropout.variational:
            self._drop(array, update, len(self.layers), steps, first, last)

    def step(self, x: np.ndarray) -> None:
        """One step of all rows on this thread, states carried and logits made: the shortest way for generation."""
        x = self._inputs(x, 1, 0, 0, self.N)
        for layer in self.layers:
            layer.forward(x, 1, 0, self.N)
            x = layer.Y
            layer.carry(1)
        self.output_rows(0, 1, 0, self.N)

    def outputs(self, t0: int, steps: int) -> np.ndarray:
        """Logits (steps, N, outputs) of the steps from t0 on; at most `block` of them at a time."""
        self.team.run(lambda part, parts: self.output_rows(t0, steps, *share(self.N, part, parts)))
        return self.logits[:steps]

    def output_rows(self, t0: int, steps: int, first: int, last: int) -> None:
        """The same for some rows, on this thread, into `logits`."""
        bias = self.network.theta["output.b"]
        affine(self.layers[-1].Y[t0 : t0 + steps], self.out_panels, bias, self.logits[:steps], first, last)

    def gradients(self, x, starts, steps: int, loss, update: int = 0) -> None:
        """Forward, loss and backward of one window; fills `losses` and adds to `grads`.

        `loss(unfolded, t0, steps, first, last)` turns the logits of a block into their gradient. `update` is the
        counter of the dropout masks, 0 for none. The gradients at the end states are taken as zero: truncated
        back-propagation through time.
        """
        team, blocks = self.team, range(0, steps, self.block)

        def to_outputs(part, parts):
            self.forward_rows(x, starts, steps, update, *share(self.N, part, parts))

        def from_outputs(part, parts):
            self._backward(steps, update, *share(self.N, part, parts))

        def loss_rows(t0, part, parts):
            first, last = share(self.N, part, parts)
            length = min(self.block, steps - t0)
            self.output_rows(t0, length, first, last)
            loss(self, t0, length, first, last)
            dY = self.layers[-1].dY[t0 : t0 + length]
            product(self.logits[:length], self.outT_panels, dY, first, last, False)

        if len(blocks) == 1:  # no barrier on the way to the outputs and back

            def there_and_back(part, parts):
                to_outputs(part, parts)
                loss_rows(0, part, parts)
                from_outputs(part, parts)

            team.run(there_and_back)
        else:
            team.run(to_outputs)
            for t0 in blocks:
                team.run(lambda part, parts, t0=t0: loss_rows(t0, part, parts))
                length = min(self.block, steps - t0)
                team.run(lambda part, parts, t0=t0, n=length: self._output_gradients(t0, n, part, parts))
            team.run(from_outputs)

        def parameter_columns(part, parts):
            inputs = [x if self.tabled else self.X] + [layer.Y for layer in self.layers[:-1]]
            for source, layer in zip(inputs, self.layers, strict=True):
                layer.gradients(source, self.E, steps, part, parts)
            if len(blocks) == 1:
                self._output_gradients(0, steps, part, parts)

        team.run(parameter_columns)
        team.run(lambda part, parts: self._embedding_gradient(x, steps, part, parts))
        if self.network.architecture.tied:
            team.run(self._tied_gradient)

    def _backward(self, steps, update, first, last):
        for index in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[index]
            self._drop(layer.dY, update, index, steps, first, last)
            for name in layer.cell.state_names:
                getattr(layer, f"d{name.upper()}")[0, first:last] = 0
            layer.backward(self.layers[index - 1].dY if index else self.dX, steps, first, last)
        if not self.tabled:
            self._drop_inputs(self.dX, update, steps, first, last)

    def _output_gradients(self, t0, steps, part, parts):
        Y = self.layers[-1].Y[t0 : t0 + steps].reshape(steps * self.N, -1)
        dlogits = self.logits[:steps].reshape(steps * self.N, -1)
        outer(Y, dlogits, self.dW_out, *share(len(self.out_panels), part, parts), *self.scratch[part])
        column_sums(dlogits, 0, self.grads["output.b"], *share(dlogits.shape[1], part, parts))

    def _tied_gradient(self, part, parts):
        """dE += dW_outᵀ, the columns of this part."""
        add_transposed(self.dW_out[0], self.grads["embedding.E"], *share(self.E.shape[1], part, parts))

    def _embedding_gradient(self, x, steps, part, parts):
        """dE += dtable · Wᵀ, the rows of this part; without a table dE[x[t]] += dX[t], the columns of this part."""
        dE = self.grads["embedding.E"][None]
        if self.tabled:
            layer = self.layers[0]
            product(layer.dtable, layer.WT_panels, dE, *share(self.E.shape[0], part, parts), True)
        else:
            scatter(self.dX, x, dE, steps, *share(self.E.shape[1], part, parts))
