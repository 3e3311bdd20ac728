"""Losses of forecasts: what the outputs say of a number to come, as quantiles, a distribution or a point.

The network gives W parameters for each target. `start` are biases with which training begins at a sound forecast: the
spread of scaled residuals, or the mean. See kernels/densities.py for the equations.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from rnncli.data.student import student_quantiles
from rnncli.kernels import densities
from rnncli.network.count_quantiles import count_quantiles
from rnncli.network.losses import Loss

LEVELS = (0.1, 0.5, 0.9)
LARGEST_LOG = 60.0  # of the mean of a count, as in its density


class Likelihood(Loss):
    """Base. `params` are arrays (.., M, W)."""

    steady = True
    name: str
    width = 1  # W
    kernel: Callable  # of kernels/densities.py
    scaled = True  # whether targets are scaled residuals; else they are the values themselves
    fitted = False  # whether a read-out fitted to squared errors can be its point
    dense = True  # whether it is a density, so that a change of units changes the nats

    def __init__(self, levels: tuple[float, ...] = LEVELS):
        self.levels = tuple(sorted(levels))

    def rows(self, u: Any, batch: Any, only_losses: bool, t0: int, steps: int, first: int, last: int) -> None:
        levels = np.array(self.levels, u.logits.dtype)
        type(self).kernel(u.logits, batch.y, levels, u.scale, u.losses, only_losses, t0, steps, first, last)

    def start(self, mean: np.ndarray) -> np.ndarray:
        """Biases (M, W) of targets with this mean and, if they are scaled, a deviation of 1."""
        raise NotImplementedError

    def spread(self, deviation: np.ndarray) -> np.ndarray:
        """Biases (M, W) of errors with a mean of 0 and these deviations (M,), for a read-out in closed form."""
        return self.start(deviation)

    @property
    def point_parameter(self) -> int:
        """Which of the W moves the point, and all that lies around it."""
        return 0

    def point(self, params: np.ndarray) -> np.ndarray:
        """The median or mean (.., M)."""
        return params[..., 0]

    def quantiles(self, params: np.ndarray) -> np.ndarray | None:
        """(.., M, Q) at the levels; None of a point."""
        return None

    def middle(self, q: np.ndarray) -> np.ndarray:
        """Of quantiles (.., M, Q) the median, between its neighbours if it is no level; else the one nearest to it."""
        above = int(np.searchsorted(self.levels, 0.5))
        if above == len(self.levels) or above == 0 or self.levels[above] == 0.5:
            return q[..., min(above, len(self.levels) - 1)]
        low, high = self.levels[above - 1], self.levels[above]
        share = (0.5 - low) / (high - low)
        return (1 - share) * q[..., above - 1] + share * q[..., above]

    def point_shift(self, shifts: np.ndarray) -> np.ndarray:
        """How far the point (.., M) is moved if quantiles are by so much (.., M, Q)."""
        among = self.levels[0] <= 0.5 <= self.levels[-1]
        return self.middle(shifts) if among else np.zeros(shifts.shape[:-1])

    def nats(self, params: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The surprise (.., M) of what came; NaN where nothing did."""
        logits = np.ascontiguousarray(params.reshape(1, -1, params.shape[-1]), np.float64)
        flat = np.ascontiguousarray(y.reshape(1, -1, 1), np.float64)
        losses = np.zeros(flat.shape[:2])
        type(self).kernel(logits, flat, np.array(self.levels), np.zeros(1), losses, True, 0, 1, 0, flat.shape[1])
        return np.where(np.isnan(y), np.nan, losses.reshape(y.shape))

    def mode(self, params: np.ndarray) -> np.ndarray:
        """The likeliest value (.., M)."""
        return self.point(params)

    def excess(self, params: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The surprise (.., M) above that of the likeliest value: -log p(y) + log p(mode), at least 0; NaN where y is.

        It has no unit, so that it can be compared and added up between targets and series.
        """
        return np.maximum(0.0, self.nats(params, y) - self.nats(params, self.mode(params)))


LEAST_STEP = 1e-6  # between quantiles, and of a deviation: float32 has none that is much less


def squareplus(a: np.ndarray) -> np.ndarray:
    """(a + √(a² + 4)) / 2."""
    root = np.sqrt(a * a + 4.0)
    return np.where(a > 0, 0.5 * (a + root), 2.0 / (root - np.minimum(a, 0)))


def inverse_squareplus(s: float) -> float:
    """The a of which s is the squareplus: s - 1/s."""
    return s - 1 / s


def normal_quantiles(levels: tuple[float, ...]) -> np.ndarray:
    """Of mean 0 and deviation 1."""
    from statistics import NormalDist  # takes long to load

    return np.array([NormalDist().inv_cdf(level) for level in levels])


class Quantiles(Likelihood):
    """Quantiles that do not cross; between them the density is even, beyond them exponential."""

    name, kernel, fitted = "quantile", densities.quantiles, True

    def __init__(self, levels: tuple[float, ...] = LEVELS):
        super().__init__(levels)
        self.width, middle = len(self.levels), len(self.levels) // 2
        self.links = tuple("identity" if q == middle else "squareplus" for q in range(self.width))

    def start(self, mean: np.ndarray) -> np.ndarray:
        return self.spread(np.ones(len(mean)))

    def spread(self, deviation: np.ndarray) -> np.ndarray:
        normal = normal_quantiles(self.levels).tolist()
        middle, bias = self.point_parameter, np.zeros((len(deviation), len(normal)))
        for m, d in enumerate(deviation.tolist()):
            for q in range(len(normal)):
                step = d * abs(normal[q] - normal[q - 1 if q > middle else min(q + 1, len(normal) - 1)])
                bias[m, q] = d * normal[q] if q == middle else inverse_squareplus(max(step, 1e-3 * d, LEAST_STEP))
        return bias

    @property
    def point_parameter(self) -> int:
        return len(self.levels) // 2

    def point(self, params: np.ndarray) -> np.ndarray:
        return self.middle(self.quantiles(params))

    def point_shift(self, shifts: np.ndarray) -> np.ndarray:
        return self.middle(shifts)

    def quantiles(self, params: np.ndarray) -> np.ndarray | None:
        Q = len(self.levels)
        middle, steps = Q // 2, squareplus(params.astype(np.float64))
        out = np.repeat(params[..., middle : middle + 1].astype(np.float64), Q, axis=-1)
        for q in range(middle + 1, Q):
            out[..., q] = out[..., q - 1] + steps[..., q]
        for q in range(middle - 1, -1, -1):
            out[..., q] = out[..., q + 1] - steps[..., q]
        return out

    def nats(self, params: np.ndarray, y: np.ndarray) -> np.ndarray:
        if len(self.levels) < 2:
            return np.full(y.shape, np.nan)
        x, p = self.quantiles(params), np.array(self.levels)
        density = np.diff(p) / np.maximum(np.diff(x, axis=-1), 1e-9)
        place = (y[..., None] > x).sum(axis=-1)
        inside = np.take_along_axis(density, np.clip(place - 1, 0, len(p) - 2)[..., None], -1)[..., 0]
        low, high = density[..., 0] / p[0], density[..., -1] / (1 - p[-1])  # rates of the tails
        beyond = np.where(place == 0, low * (x[..., 0] - y), high * (y - x[..., -1]))
        at_edge = np.where(place == 0, density[..., 0], density[..., -1])
        tail = (place == 0) | (place == len(p))
        return np.where(np.isnan(y), np.nan, np.where(tail, beyond - np.log(at_edge), -np.log(inside)))

    def mode(self, params: np.ndarray) -> np.ndarray:
        """The middle of the interval where the density is highest."""
        x, p = self.quantiles(params), np.array(self.levels)
        if len(p) < 2:
            return x[..., 0]
        densest = np.argmax(np.diff(p) / np.maximum(np.diff(x, axis=-1), 1e-9), axis=-1)[..., None]
        return 0.5 * (np.take_along_axis(x, densest, -1) + np.take_along_axis(x, densest + 1, -1))[..., 0]


class _Symmetric(Likelihood):
    """Location and scale."""

    def quantiles(self, params: np.ndarray) -> np.ndarray | None:
        center = params[..., 0].astype(np.float64)
        sigma = squareplus(params[..., 1].astype(np.float64)) + densities.LEAST  # as the density has it
        return center[..., None] + sigma[..., None] * self._standard(params)

    def _standard(self, params: np.ndarray) -> np.ndarray:
        """Quantiles of location 0 and scale 1, of a shape to be multiplied with (.., M, 1)."""
        raise NotImplementedError


class Gaussian(_Symmetric):
    """Mean and deviation."""

    name, width, kernel, fitted = "gaussian", 2, densities.gaussian, True
    links = "identity", "squareplus"

    def start(self, mean: np.ndarray) -> np.ndarray:
        return self.spread(np.ones(len(mean)))

    def spread(self, deviation: np.ndarray) -> np.ndarray:
        return np.array([[0.0, inverse_squareplus(max(d, LEAST_STEP))] for d in deviation.tolist()])

    def _standard(self, params: np.ndarray):
        return normal_quantiles(self.levels)


class Student(_Symmetric):
    """Location, scale and degrees of freedom above 2."""

    name, width, kernel = "student", 3, densities.student
    links = "identity", "squareplus", "squareplus"

    def start(self, mean: np.ndarray) -> np.ndarray:
        rows = [np.zeros(len(mean)), np.full(len(mean), inverse_squareplus(0.8)), np.full(len(mean), 3.0)]
        return np.stack(rows, axis=1)

    def _standard(self, params: np.ndarray):
        nu = 2.0 + squareplus(params[..., 2].astype(np.float64))[..., None]
        return student_quantiles(nu, normal_quantiles(self.levels))


class Poisson(Likelihood):
    """The logarithm of the mean of a count."""

    name, kernel, scaled, dense = "poisson", densities.poisson, False, False
    links: tuple[str, ...] = ("exp",)

    def start(self, mean: np.ndarray) -> np.ndarray:
        return np.log(np.maximum(mean, 1e-3))[:, None]

    def point(self, params: np.ndarray) -> np.ndarray:
        return np.exp(np.minimum(params[..., 0], LARGEST_LOG))

    def quantiles(self, params: np.ndarray) -> np.ndarray | None:
        """Whole numbers, not below 0."""
        if not self.levels:
            return None
        log_mean = np.minimum(params[..., 0].astype(np.float64), LARGEST_LOG)
        flat = params.reshape(-1, self.width)

        def nats(i: int, y: np.ndarray) -> np.ndarray:
            return self.nats(np.repeat(flat[i : i + 1], len(y), axis=0), y)

        return count_quantiles(np.exp(log_mean), self._size(params), self.levels, nats)

    def mode(self, params: np.ndarray) -> np.ndarray:
        """⌊λ⌋; ⌊μ (r - 1)/r⌋, at least 0, of a negative binomial distribution."""
        mean, r = np.exp(np.minimum(params[..., 0].astype(np.float64), LARGEST_LOG)), self._size(params)
        return np.floor(mean if r is None else mean * np.maximum(0.0, (r - 1) / r))

    def _size(self, params: np.ndarray) -> np.ndarray | None:
        """r of a negative binomial distribution."""
        return None


class NegativeBinomial(Poisson):
    """The logarithm of the mean of a count, and how far its variance is above it."""

    name, width, kernel = "negbin", 2, densities.negative_binomial
    links = "exp", "squareplus"

    def start(self, mean: np.ndarray) -> np.ndarray:
        return np.concatenate([super().start(mean), np.full((len(mean), 1), inverse_squareplus(2.0))], axis=1)

    def _size(self, params: np.ndarray):
        return squareplus(params[..., 1].astype(np.float64)) + densities.LEAST


class Bernoulli(Likelihood):
    """The log odds of a bit."""

    name, kernel, scaled, dense = "bernoulli", densities.bernoulli, False, False
    links = ("sigmoid",)

    def start(self, mean: np.ndarray) -> np.ndarray:
        p = np.clip(mean, 1e-4, 1 - 1e-4)
        return np.log(p / (1 - p))[:, None]

    def point(self, params: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-params[..., 0].astype(np.float64)))

    def mode(self, params: np.ndarray) -> np.ndarray:
        return (params[..., 0] > 0).astype(np.float64)


class SquaredErrors(Likelihood):
    """The mean."""

    name, kernel, fitted = "mse", densities.squares, True

    def start(self, mean: np.ndarray) -> np.ndarray:
        return np.zeros((len(mean), 1))

    def nats(self, params: np.ndarray, y: np.ndarray) -> np.ndarray:
        """As of a normal distribution with the deviation of the residuals, 1."""
        return 0.5 * (y - params[..., 0]) ** 2 + 0.5 * math.log(2 * math.pi)


class AbsoluteErrors(SquaredErrors):
    """The median."""

    name, kernel = "mae", densities.absolute

    def nats(self, params: np.ndarray, y: np.ndarray) -> np.ndarray:
        """As of a Laplace distribution with a mean deviation of 1."""
        return np.abs(y - params[..., 0]) + math.log(2)


LIKELIHOODS = {
    kind.name: kind
    for kind in (
        *(Quantiles, Gaussian, Student, Poisson, NegativeBinomial, Bernoulli),
        *(SquaredErrors, AbsoluteErrors),
    )
}
