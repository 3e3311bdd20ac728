"""The network: embedding, cells, output layer; and its unfolding over the steps of a window.

e[t] = E[x[t]]                      token ids to vectors; those of a small vocabulary are folded into a table of the
                                    first layer (see layer.py), of a large one only the rows of the window are read
h_l[t] = f_l(h_l[t-1], h_{l-1}[t])  layer by layer, dropout between them or within them (`Cell.masks`)
logits[t] = h_L[t] · W_out + b_out  W_out = Eᵀ if tied
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import Window, arrays_of
from rnncli.kernels.dropout import dropout, later
from rnncli.kernels.parts import Part, of_parts, parts_of
from rnncli.kernels.product import affine, aligned, pack, pack_transposed, panels_of
from rnncli.kernels.randomness import key32
from rnncli.kernels.states import step_on
from rnncli.kernels.threads import Team, Work, share
from rnncli.network.architecture import REVERSE, Architecture, Parameters
from rnncli.network.backward import there_and_back
from rnncli.network.bidirectional import Bidirectional
from rnncli.network.cost import best_members, best_team
from rnncli.network.inputs import Input, make_input
from rnncli.network.layer import Layer
from rnncli.network.pooling import Pooling
from rnncli.network.programs import Programs
from rnncli.network.sums import Sums
from rnncli.network.unfolding import Unfolding

ALONE = Team(1)
LOGITS_BYTES = 64 << 20  # the output layer runs in blocks of steps whose logits take at most this in training
SCORED_BYTES = 16 << 20  # and this elsewhere, where no order of sums hangs on it


class Network:
    """An architecture with its parameters θ."""

    def __init__(self, architecture: Architecture, dtype: np.dtype | type = np.float32, flat: np.ndarray | None = None):
        """θ is zero, or lies in `flat`."""
        self.architecture = architecture
        self.cells = architecture.cells()
        self.theta = Parameters(architecture.shapes(), dtype, flat)

    @classmethod
    def initialised(cls, architecture: Architecture, seed: int) -> "Network":
        """Fresh parameters: E normal (scaled down when tied), cells as in their files, output uniform ±1/√H.

        The task's own start at zero.
        """
        network, rng = cls(architecture), np.random.default_rng([seed, 0])
        scale = architecture.embed**-0.5 if architecture.tied else 1.0
        theta = network.theta
        for name, array in theta.items():
            if name.startswith(("embedding.", "grams.")):
                array[...] = scale * rng.standard_normal(array.shape)
        for name in architecture.layer_names():
            for parameter, value in network.cells[int(name.removesuffix(REVERSE))].init(rng).items():
                theta[f"{name}.{parameter}"][...] = value
        if not architecture.tied:
            bound = architecture.read_width**-0.5
            theta["output.W"][...] = rng.uniform(-bound, bound, theta["output.W"].shape)
        return network

    @property
    def members(self) -> list["Network"]:
        """Itself; of Members (members.py) all."""
        return [self]

    def to_json(self) -> dict:
        """What `models` keeps beside θ."""
        return self.architecture.to_json()

    def astype(self, dtype: np.dtype | type) -> "Network":
        other = Network(self.architecture, dtype)
        other.theta.flat[...] = self.theta.flat
        return other

    def multiply_adds(self) -> int:
        """Of the matrices, for one token."""
        a, embedded = self.architecture, ("embedding.", "grams.")
        products = [array for name, array in self.theta.items() if array.ndim == 2 and not name.startswith(embedded)]
        return sum(array.size for array in products) + (a.hidden * a.outputs if a.tied else 0)

    def block(self, steps: int, N: int, logits: int | None = None) -> int:
        """How many of these steps the output layer takes at a time, with at most so many bytes of logits."""
        step = N * self.architecture.outputs * self.theta.flat.itemsize
        return max(1, min(steps, (LOGITS_BYTES if logits is None else logits) // step))

    def unfold(
        self,
        T: int,
        N: int,
        team: Team,
        training: bool = False,
        dropout: "Dropout | None" = None,
        keep: bool = False,
        given: bool = False,
        logits: int | None = None,
    ) -> "Unfolded":
        return Unfolded(self, T, N, team, training, dropout or Dropout(), keep, given, logits=logits)


@dataclass(frozen=True)
class Dropout:
    """Of the outputs of every layer. `variational`: the same units at all steps, and of the embedding too. A cell with
    dropout within its layers has it there instead, each step for itself, and the inputs have none.
    """

    rate: float = 0.0
    variational: bool = False


class Unfolded(Unfolding):
    """A network unfolded over a window of up to T steps of N rows.

    Buffers are made once; `pack` after each change of θ.

    Tokens and targets are (T, N) int32, columns an `inputs.Window`; `starts` (T, N) is 1 where a sequence starts and
    the states are zeroed; `lengths` (N,) are those of whole sequences. A target of -1 has no loss. `keep` leaves the
    gates of all steps in the layers' Z, as training does but for convolutions (kernels/taps.py). `given`: the inputs
    are rows (T, N, D) of `inputs.embedded`. `place`: the first of the rows, and how many the whole batch has, where the
    others are elsewhere (shares.py). `logits`: the bytes that they take at most, where these are others than usual.
    """

    def __init__(
        self,
        network: Network,
        T: int,
        N: int,
        team: Team,
        training: bool,
        dropout: Dropout,
        keep: bool,
        given: bool,
        place: tuple[int, int] | None = None,
        logits: int | None = None,
    ):
        self.network, self.T, self.N, self.team = network, T, N, team
        self.first, self.of = place or (0, N)
        within = network.cells[0].masks > 0
        self.dropout, self.rate_within = (Dropout(), dropout.rate) if within else (dropout, 0.0)
        a, theta = network.architecture, network.theta
        dtype = theta.flat.dtype
        self.lengths = np.full(N, T, np.int32)
        self.scale = np.ones(1, dtype)  # of the gradients of the losses: 1 / targets of the batch
        self.keys = np.zeros(len(network.cells) + 1, np.uint32)  # of the dropout masks, by layer; the inputs' last
        self.programs = Programs(team)
        self._stepper: tuple[list[np.ndarray], Callable[[], None]] | None = None  # what `step` reads, and does
        self.extra: dict = {}  # what a loss keeps with this unfolding
        self.grads = Parameters(a.shapes(), dtype) if training else None
        self.input = self._input(given)
        #: what the threads have of a batch: rows alone; and rows and units, for programs
        self.by_rows = parts_of(team, N, 1)
        self.parts = parts_of(team, N, self._members(team))
        self.layers = [self._layer(index, cell, keep) for index, cell in enumerate(network.cells)]
        self.top, self.dtop = self.layers[-1].Y, self.layers[-1].dY if training else None
        self.pooling = None
        if a.pool:
            self.pooling = Pooling(a.pool, a.width, N, self.lengths, a.bidirectional, dtype, training)
            self.top, self.dtop = self.pooling.P, self.pooling.dP
        logits = SCORED_BYTES if logits is None and not training else logits
        self.block = network.block(len(self.top), self.of, logits)
        self.W_out = theta["embedding.E"] if a.tied else theta["output.W"]
        self.out_panels = aligned(panels_of(a.read_width, a.outputs), dtype)
        self.logits = aligned((self.block, N, a.outputs), dtype)
        self.losses = aligned((len(self.top), N), dtype)
        if training:
            self.outT_panels = aligned(panels_of(a.outputs, a.read_width), dtype)
            self.dW_out = aligned((1, a.read_width, a.outputs), dtype) if a.tied else self.grads["output.W"][None]
            self.sums = Sums(N, team.threads, dtype)

    def _input(self, given: bool) -> Input:
        dropped = self.dropout.variational and self.dropout.rate > 0
        return make_input(self.network.architecture, self.network.theta, self.grads, self.T, self.N, given, dropped)

    def _layer(self, index: int, cell, keep: bool):
        names = [f"{index}", f"{index}{REVERSE}"]
        thetas = [self.network.theta.layer(name) for name in names]
        grads = [self.grads.layer(name) if self.grads is not None else None for name in names]
        if self.network.architecture.bidirectional:
            return Bidirectional(cell, thetas, grads, self.T, self.N, self.team.threads, self.lengths, keep)
        make = Layer if index else self.input.layer
        return make(cell, thetas[0], grads[0], self.T, self.N, threads=self.team.threads, keep=keep)

    def _members(self, team: Team) -> int:
        """How many threads share the units of the same rows."""
        cell = self.network.cells[0]
        if not (team.compiled and cell.by_units):
            return 1
        return best_members(cell, self.N, team.threads, self.grads is not None)

    def parts_for(self, steady: bool) -> list[Part]:
        """Of works that are a program, or not: only there no thread can fail while others wait for it."""
        return self.parts if steady and self.input.steady else self.by_rows

    def pack(self) -> None:
        """The panels of the weights, and the token table."""

        def fold(thread, threads):
            for layer in self.layers:
                layer.fold(thread, threads)

        def pack_inputs(thread, threads):
            self.input.pack(self.layers[0], thread, threads)

        before = [fold] if self.network.cells[0].gains else []
        after = [pack_inputs] if self.input.table_rows else []
        self.programs.play("pack", lambda: [*before, self._pack, *after])

    def _pack(self, thread, threads):
        for layer in self.layers:
            layer.pack(thread, threads)
        there, back = (pack_transposed, pack) if self.network.architecture.tied else (pack, pack_transposed)
        there(self.W_out, self.out_panels, *share(len(self.out_panels), thread, threads))
        if self.grads is not None:
            back(self.W_out, self.outT_panels, *share(len(self.outT_panels), thread, threads))

    def states(self, slot: int = 0) -> list[np.ndarray]:
        return [state for layer in self.layers for state in layer.state(slot)]

    def set_states(self, states: list[np.ndarray] | None = None) -> None:
        mine = self.states()
        for state, given in zip(mine, [0] * len(mine) if states is None else states, strict=True):
            state[...] = given

    def carry(self, steps: int) -> None:
        for layer in self.layers:
            layer.carry(steps)

    def forward(self, batch: Batch) -> None:
        def works(batch: Batch) -> list[Work]:
            return [of_parts(self.parts_for(True), partial(self.forward_part, batch, False))]

        self.run("forward", batch, works)

    def run(self, what: Any, batch: Batch, works: Callable[[Batch], list[Work]], steady: bool = True) -> None:
        """Do the works over a batch. `steady`: they do nothing but call kernels, with arrays that stay, those of their
        batch aside; then they are a program, made once for batches of this size and `what`.
        """
        if batch.lengths is not None:
            self.lengths[...] = batch.lengths
        self.scale[0] = 1.0 / max(1, batch.count)
        self.input.prepare(batch.x, batch.steps)
        for layer in self.layers:
            layer.starts[: batch.steps] = batch.starts[: batch.steps]
        if steady and self.input.steady:
            self.programs.over(batch, (what, self.input.most), works)
        else:
            self.team.run_all(works(batch))

    def scored(self, loss: Any, batch: Batch) -> np.ndarray:
        steady = loss.is_steady(batch)

        def works(batch: Batch):
            def nats(part):  # each thread goes through with its rows
                self.forward_part(batch, False, part)
                for t0, steps in self.blocks(batch.steps):
                    self.output_part(t0, steps, part)
                    loss.rows(self, batch, True, t0, steps, *part.own)
                    part.meet()

            return [of_parts(self.parts_for(steady), nats)]

        self.run(loss, batch, works, steady)
        return self.losses[: 1 if self.pooling else batch.steps]

    def forward_part(self, batch: Batch, dropped: bool, part: Part) -> None:
        """A thread's part of the layers; `dropped`: with dropout."""
        steps, last = batch.steps, len(self.layers) - 1
        x = self.input.forward(batch.x, steps, part)
        self.drop_inputs(self.input.X, dropped, steps, part)
        for index, layer in enumerate(self.layers):
            layer.forward(x, steps, part)
            x = layer.Y
            if index < last or not self.pooling:
                self.drop(x, dropped, index, steps, part)
        if self.pooling:
            self.pooling.forward(x, *part.own)
            self.drop(self.top, dropped, last, 1, part)
            part.meet()

    def output_part(self, t0: int, steps: int, part: Part) -> None:
        """A thread's part of the logits of some steps, into `logits`."""
        bias, panels = self.network.theta["output.b"], part.panels(self.logits.shape[2])
        affine(self.top[t0 : t0 + steps], self.out_panels, bias, self.logits[:steps], *part.rows, *panels)
        part.meet()

    def drop(self, array: np.ndarray, dropped: bool, index: int, steps: int, part: Part) -> None:
        """Dropout of the outputs of a layer, or of their gradients, if it is on and not within the layers."""
        if dropped and self.dropout.rate:
            rate, variational = self.dropout.rate, self.dropout.variational
            dropout(array, self.keys, index, rate, variational, self.of, 0, steps, *part.own)
            part.meet()

    def drop_inputs(self, array: np.ndarray | None, dropped: bool, steps: int, part: Part) -> None:
        """The same of the inputs."""
        if self.dropout.variational and array is not None:
            self.drop(array, dropped, len(self.layers), steps, part)

    def step(self, x: np.ndarray | Window) -> None:
        """As of any unfolding. Few rows are for this thread alone, if threads do not share the units."""
        for layer in self.layers:
            layer.starts[0] = 0
        if not self.input.steady:
            return ALONE.run_all(self._step_works(x, parts_of(ALONE, self.N, 1)))
        if self._stepper is None:
            team = self._team_of_steps()
            parts, read = parts_of(team, self.N, team.threads), deepcopy(x)
            self._stepper = arrays_of(read), team.program(*self._step_works(read, parts))
        arrays, program = self._stepper
        for array, source in zip(arrays, arrays_of(x), strict=True):
            array[...] = source
        return program()

    def _team_of_steps(self) -> Team:
        cells, team = self.network.cells, self.team
        threads = best_team(cells, self.N, team.threads) if team.compiled and cells[0].by_units else 1
        return ALONE if threads == 1 else team if threads == team.threads else Team(threads)

    def _step_works(self, x: np.ndarray | Window, parts: list[Part]) -> list[Work]:
        batch = Batch.to_read(x, np.zeros((1, self.N), np.uint8))

        def step(part):
            self.forward_part(batch, False, part)
            self.output_part(0, 1, part)

        def carry(thread, threads):
            if thread == 0:
                for layer in self.layers:
                    for states in layer.states:
                        step_on(states, layer.past)

        return [of_parts(parts, step), carry]

    def outputs(self, t0: int, steps: int) -> np.ndarray:
        self.team.run(of_parts(self.by_rows, partial(self.output_part, t0, steps)))
        return self.logits[:steps]

    def gradients(self, batch: Batch, loss: Callable, update: int = 0, steady: bool = False) -> None:
        """Forward, loss and backward of one window; fills `losses` and `grads`.

        `loss(unfolded, batch, t0, steps, first, last)` turns the logits of a block into their gradient; for `steady`
        see `run`. `update` is the counter of the dropout masks, 0 for none. The gradients at the end states are taken
        as zero: truncated back-propagation through time.
        """
        self.input.sort(batch.x, self.sums.groups(batch.steps))
        with self.dropping(update) as dropped:
            works = partial(there_and_back, self, loss, dropped, self.parts_for(steady))
            self.run((loss, dropped), batch, works, steady)

    @contextmanager
    def dropping(self, update: int, begin: int = 0) -> Iterator[bool]:
        """Have the dropout masks of an update, of a window that begins at step `begin`; whether there are any. The rate
        within layers is 0 but for then, so that no other way through the layers drops anything.
        """
        dropped = bool(update and (self.dropout.rate or self.rate_within) and self.grads is not None)
        moved = self.first + (0 if self.dropout.variational else begin * self.of)
        self.keys[...] = [later(key32(update, k), moved) for k in range(len(self.keys))] if dropped else 0
        one_way = [layer for both in self.layers for layer in both.directions]
        for number, layer in enumerate(one_way, 1):
            layer.rate = self.rate_within if dropped else 0.0
            moved, layer.of = self.first + begin * self.of, self.of
            layer.keys[...] = [later(key32(update, number, k), moved) for k in range(len(layer.keys))]
        yield dropped
        for layer in one_way:
            layer.rate = 0.0
