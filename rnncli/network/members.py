"""Several networks of one architecture as one: their outputs are averaged, by what these mean.

A loss names for each of its outputs z how those of K networks are joined, its link:

    softmax      log (1/K Σ_k softmax(z_k))       probabilities of one of V are averaged
    sigmoid      logit (1/K Σ_k σ(z_k))           probabilities of bits
    identity     1/K Σ_k z_k                      numbers
    squareplus   g⁻¹ (1/K Σ_k g(z_k))             positive numbers: deviations, distances between quantiles
    exp          log (1/K Σ_k exp(z_k))           means of counts

So the quantiles of a forecast are averaged: each is the middle one plus or less distances. Of a conditional random
field the scores of tags and transitions are averaged.
"""

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.kernels.joining import join_softmax
from rnncli.kernels.parts import Part, of_parts
from rnncli.kernels.product import aligned
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture, Parameters
from rnncli.network.likelihoods import squareplus
from rnncli.network.network import Network
from rnncli.network.unfolding import Unfolding

SOFTMAX = ("softmax",)


def _squareplus(z: np.ndarray) -> np.ndarray:
    mean = squareplus(z).mean(axis=0)
    return mean - 1 / mean


def _log_mean(log_values: np.ndarray) -> np.ndarray:
    return np.logaddexp.reduce(log_values, axis=0) - log(len(log_values))


#: link -> outputs of all networks (K, ..) to those of all together
JOINS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda z: z.mean(axis=0),
    "squareplus": _squareplus,
    "exp": _log_mean,
    "sigmoid": lambda z: _log_mean(-np.logaddexp(0, -z)) - _log_mean(-np.logaddexp(0, z)),
}


class Members:
    """K networks, in place of one wherever a network only predicts."""

    def __init__(self, architecture: Architecture, links: tuple[str, ...], count: int):
        """`links` are those of the parameters of a target; SOFTMAX for those of a whole row."""
        self.architecture, self.links = architecture, links
        shapes = architecture.shapes()
        size = sum(int(np.prod(shape)) for shape in shapes.values())
        self.theta = Parameters({}, flat=np.zeros(count * size, np.float32))  # has also the means of `task.*`
        self.members = [Network(architecture, flat=part) for part in self.theta.flat.reshape(count, size)]
        self.average_own()

    @property
    def cells(self) -> list:
        return self.members[0].cells

    def first(self, count: int) -> "Members":
        """The same with so many of them."""
        other = Members(self.architecture, self.links, count)
        other.theta.flat[...] = self.theta.flat[: other.theta.flat.size]
        return other

    def to_json(self) -> dict:
        """The architecture of each, and how many there are."""
        return self.architecture.to_json() | {"members": len(self.members), "links": list(self.links)}

    def unfold(self, T: int, N: int, team: Team) -> "UnfoldedMembers":
        return UnfoldedMembers(self, T, N, team)

    def average_own(self) -> None:
        """Bring the means of the task's own parameters up to date with those of the members."""
        for name in self.members[0].theta:
            if name.startswith("task."):
                self.theta[name] = np.mean([one.theta[name] for one in self.members], axis=0, dtype=np.float32)


class UnfoldedMembers(Unfolding):
    """Members unfolded over a window, to predict. States and layers are those of all, one after the other."""

    def __init__(self, members: Members, T: int, N: int, team: Team):
        self.network, self.T, self.N, self.team = members, T, N, team
        self.each = [one.unfold(T, N, team) for one in members.members]
        first = self.each[0]
        self.lengths, self.scale, self.losses, self.block = first.lengths, first.scale, first.losses, first.block
        self.pooling, self.by_rows = first.pooling, first.by_rows
        self.layers = [layer for u in self.each for layer in u.layers]
        self.extra: dict = {}
        self.logits = first.logits
        self.stack = aligned((len(self.each), *self.logits.shape), self.logits.dtype)
        for u, own in zip(self.each, self.stack, strict=True):
            u.logits = own

    def pack(self) -> None:
        for u in self.each:
            u.pack()
        self.network.average_own()

    def states(self, slot: int = 0) -> list[np.ndarray]:
        return [state for u in self.each for state in u.states(slot)]

    def set_states(self, states: list[np.ndarray] | None = None) -> None:
        count = len(self.each[0].states())
        for k, u in enumerate(self.each):
            u.set_states(None if states is None else states[k * count : (k + 1) * count])

    def carry(self, steps: int) -> None:
        for u in self.each:
            u.carry(steps)

    def forward(self, batch: Batch) -> None:
        for u in self.each:
            u.forward(batch)

    def outputs(self, t0: int, steps: int) -> np.ndarray:
        for u in self.each:
            u.outputs(t0, steps)
        return self._join(steps)

    def step(self, x: np.ndarray | Window) -> None:
        for u in self.each:
            u.step(x)
        self._join(1)

    def scored(self, loss: Any, batch: Batch) -> np.ndarray:
        self.forward(batch)
        for t0, steps in self.blocks(batch.steps):
            self.outputs(t0, steps)

            def nats(part: Part, t0: int = t0, steps: int = steps) -> None:
                loss.rows(self, batch, True, t0, steps, *part.own)

            self.team.run(of_parts(self.by_rows, nats))
        return self.losses[: 1 if self.pooling else batch.steps]

    def _join(self, steps: int) -> np.ndarray:
        links = self.network.links
        if links == SOFTMAX:
            self.team.run(of_parts(self.by_rows, lambda part: join_softmax(self.stack, self.logits, steps, *part.own)))
        else:
            z = self.stack[:, :steps].astype(np.float64)
            for index, link in enumerate(links):
                every = slice(index, None, len(links))
                self.logits[:steps, :, every] = JOINS[link](z[..., every])
        return self.logits[:steps]
