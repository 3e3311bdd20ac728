"""Optimisers: `Optimiser.update` changes the parameters; its `state` is plain arrays and can be saved.

    adamw    Loshchilov & Hutter 2017, arXiv 1711.05101: decay apart from the gradient (betas 0.9, 0.99; ε 1e-8)
    sgd      with momentum 0.9
    rmsprop  Tieleman & Hinton 2012 (β 0.99, ε 1e-8)

Weight decay acts on matrices only. Gradients are first scaled to a global norm of at most `clip` (Pascanu et al. 2013).
"""

import math

import numpy as np

from rnncli.kernels.optimisers import CHUNK, LANES, adam, approach, clip_norm, momentum, rmsprop, square_sums
from rnncli.kernels.product import aligned
from rnncli.kernels.threads import Team, share
from rnncli.network.architecture import Parameters
from rnncli.training.rotations import STEPS_OF_MEANS, Rotations

BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8
SLOTS = {"adamw": ("m", "v"), "sgd": ("m",), "rmsprop": ("v",)}
KERNELS = {"adamw": adam, "sgd": momentum, "rmsprop": rmsprop}


class Average:
    """The running average of the weights, over about the last quarter of all updates (Shamir & Zhang 2013, 1212.1824).

    a += (1 + η) / (t + η) · (θ - a) for the t-th time, η = 3; every fourth update, which is as good and costs less.
    """

    EVERY, ETA = 4, 3

    def __init__(self, theta: Parameters, team: Team, orthogonal: dict[str, float] | None = None):
        """Matrices that are `orthogonal` are so in the average too."""
        self.theta, self.flat, self.weight = theta, theta.flat.copy(), np.zeros(1, theta.flat.dtype)
        mean = Parameters({name: array.shape for name, array in theta.items()}, flat=self.flat)
        self.approach = team.program(self._approach, *Rotations(mean, orthogonal or {}).approach(STEPS_OF_MEANS))

    def update(self, step: int) -> None:
        """After the `step`-th update, from 1 on; the average is θ itself until the second time."""
        if step % self.EVERY == 0 or step <= self.EVERY:
            self.weight[0] = (1 + self.ETA) / (max(1, step // self.EVERY) + self.ETA)
            self.approach()

    def _approach(self, thread: int, threads: int) -> None:
        approach(self.flat, self.theta.flat, self.weight, *share(self.flat.size, thread, threads))


class Optimiser:
    """One of `SLOTS`, for parameters and their gradients."""

    def __init__(
        self, name: str, theta: Parameters, grads: Parameters, team: Team, orthogonal: dict[str, float] | None = None
    ):
        """Matrices that are `orthogonal` turn, at these rates beside that of all else, and change in no other way."""
        size, dtype = theta.flat.size, theta.flat.dtype
        self.name, self.theta, self.team = name, theta, team
        self.state = {slot: aligned((size,), dtype) for slot in SLOTS[name]}
        self.partial = np.zeros((-(-size // CHUNK), LANES + 1))
        self.norm, self.constants = np.zeros(1), np.zeros(7, dtype)
        self.constants[2:4] = BETA1, BETA2
        self.rotations = Rotations(theta, orthogonal or {})
        self.straighten = team.program(*self.rotations.approach(STEPS_OF_MEANS))  # what a mean of θ has bent
        self.follow(grads)

    def follow(self, grads: Parameters) -> None:
        """These gradients from now on."""
        self.grads = grads
        before, after = self.rotations.before(grads), self.rotations.after()
        self.program = self.team.program(*before, self._squares, self._clip, self._apply, *after)

    def update(self, step: int, rate: float, clip: float, decay: float) -> float:
        """One update, the `step`-th from 1 on; returns the norm of the gradients before clipping."""
        constants, epsilon = self.constants, EPSILON
        constants[5], constants[6] = rate * decay, clip
        if self.name == "adamw":
            # p -= rate · m̂ / (√v̂ + ε) with m̂ = m / (1 - β1^step), v̂ = v / (1 - β2^step)
            root = math.sqrt(1 - BETA2**step)
            rate, epsilon = rate * root / (1 - BETA1**step), EPSILON * root
        constants[1], constants[4] = rate, epsilon
        self.program()
        return float(self.norm[0])

    def _squares(self, thread: int, threads: int) -> None:
        square_sums(self.grads.flat, self.partial, *share(len(self.partial), thread, threads))

    def _clip(self, thread: int, threads: int) -> None:
        if thread == 0:
            clip_norm(self.constants, self.partial, self.norm)

    def _apply(self, thread: int, threads: int) -> None:
        """Matrices, which decay, stand before all else."""
        first, last = share(self.theta.flat.size, thread, threads)
        border = min(max(self.theta.matrix_count, first), last)
        arrays = self.theta.flat, self.grads.flat, *self.state.values(), self.constants
        KERNELS[self.name](*arrays, True, first, border)
        KERNELS[self.name](*arrays, False, border, last)
