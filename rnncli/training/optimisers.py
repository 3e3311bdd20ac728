"""Optimisers: `Optimiser.update` changes the parameters; its `state` is plain arrays and can be saved.

    adamw    Loshchilov & Hutter 2017, arXiv 1711.05101: decay apart from the gradient (betas 0.9, 0.99; ε 1e-8)
    sgd      with momentum 0.9
    rmsprop  Tieleman & Hinton 2012 (β 0.99, ε 1e-8)

Weight decay acts on matrices only. Gradients are first scaled to a global norm of at most `clip` (Pascanu et al. 2013).
"""

import math

import numpy as np

from rnncli.kernels.optimisers import CHUNK, adam, approach, momentum, rmsprop, square_sums
from rnncli.kernels.product import aligned
from rnncli.kernels.threads import Team, share
from rnncli.network.architecture import Parameters

BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8
SLOTS = {"adamw": ("m", "v"), "sgd": ("m",), "rmsprop": ("v",)}


class Average:
    """The running average of the weights, over about the last quarter of all updates (Shamir & Zhang 2013, 1212.1824).

    a += (1 + η) / (t + η) · (θ - a) for the t-th time, η = 3; every fourth update, which is as good and costs less.
    """

    EVERY, ETA = 4, 3

    def __init__(self, theta: Parameters):
        self.flat = theta.flat.copy()

    def update(self, theta: Parameters, team: Team, step: int) -> None:
        """After the `step`-th update, from 1 on; the average is θ itself until the second time."""
        if step % self.EVERY and step > self.EVERY:
            return
        weight = self.flat.dtype.type((1 + self.ETA) / (max(1, step // self.EVERY) + self.ETA))
        size = theta.flat.size
        team.run(lambda thread, threads: approach(self.flat, theta.flat, weight, *share(size, thread, threads)))


class Optimiser:
    """One of `SLOTS` over a flat parameter vector of `size` elements."""

    def __init__(self, name: str, size: int, dtype: np.dtype | type = np.float32):
        self.name = name
        self.state = {slot: aligned((size,), dtype) for slot in SLOTS[name]}
        self.partial = np.zeros(-(-size // CHUNK))

    def norm(self, grads: Parameters, team: Team) -> float:
        """The global norm of the gradients."""
        chunks = self.partial.size
        team.run(lambda thread, threads: square_sums(grads.flat, self.partial, *share(chunks, thread, threads)))
        return math.sqrt(float(self.partial.sum()))

    def update(
        self, theta: Parameters, grads: Parameters, team: Team, step: int, rate: float, clip: float, decay: float
    ) -> float:
        """One update, the `step`-th from 1 on; returns the norm of the gradients before clipping."""
        norm = self.norm(grads, team)
        scale = min(1.0, clip / norm) if clip and norm > 0 else 1.0
        real = theta.flat.dtype.type

        def run(thread, threads):
            first, last = share(theta.flat.size, thread, threads)
            border = min(max(theta.matrix_count, first), last)
            self._apply(theta.flat, grads.flat, real, step, scale, rate, rate * decay, first, border)
            self._apply(theta.flat, grads.flat, real, step, scale, rate, 0.0, border, last)

        team.run(run)
        return norm

    def _apply(self, p, g, real, step, scale, rate, decay, first, last):
        s = self.state
        if self.name == "adamw":
            # p -= rate · m̂ / (√v̂ + ε) with m̂ = m / (1 - β1^step), v̂ = v / (1 - β2^step)
            root = math.sqrt(1 - BETA2**step)
            rate = rate * root / (1 - BETA1**step)
            constants = (scale, rate, BETA1, BETA2, EPSILON * root, decay)
            adam(p, g, s["m"], s["v"], *map(real, constants), first, last)
        elif self.name == "sgd":
            momentum(p, g, s["m"], *map(real, (scale, rate, BETA1, decay)), first, last)
        else:
            rmsprop(p, g, s["v"], *map(real, (scale, rate, BETA2, EPSILON, decay)), first, last)
