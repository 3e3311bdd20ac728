"""Linear read-outs of earlier inputs from the state, by ridge regression on sums that do not grow with the input.

    x̂[t-k] = x̄_k + (h[t] - h̄)·W_k        W_k = (HᵀH + λ_k·I)⁻¹ Hᵀ X_k, of what is centred

X_k are the inputs k steps back, as numbers, or as one column for each of the frequent tokens. λ_k is the one of least
generalised cross-validation (Golub, Heath & Wahba 1979), from the eigenvectors of HᵀH, which serve all lags.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

RIDGES = 10.0 ** np.arange(-7, 5)  # λ, in units of the mean eigenvalue
WHOLE = 0.75  # of the steps are enough: if so many have all lags before them, no others are looked at
BLOCK_NUMBERS = 1 << 22  # of X at a time


@dataclass
class Recalled:
    """What is to be read out: `classes` (steps,) of tokens, 0 the most frequent one, -1 a rare one; or `values`
    (steps, C).
    """

    classes: np.ndarray | None
    values: np.ndarray | None
    width: int  # C

    @property
    def dtype(self) -> type:
        """Of the columns: whether a token is there needs no float64."""
        return np.float64 if self.classes is None else np.float32

    def columns(self, steps: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """X (steps, lags, C), float32 of tokens and float64 of numbers."""
        at = steps[:, None] - lags
        if self.classes is None:
            return self.values[at]
        return (self.classes[at][:, :, None] == np.arange(self.width)).astype(self.dtype)


@dataclass
class Sums:
    """Over steps that have all of these lags before them: the moments of h (D) and of X (lags·C)."""

    lags: np.ndarray
    count: int = 0
    totals: dict = field(default_factory=dict)

    def add(self, name: str, value: np.ndarray) -> None:
        """Add to a total, in float64."""
        self.totals[name] = self.totals.get(name, 0.0) + value.astype(np.float64)


@dataclass
class Readout:
    """The weights for some lags: x̂ = (h - shift)·W + bias, from the units `part` of h."""

    lags: np.ndarray
    part: slice
    W: np.ndarray  # (D, lags·C)
    bias: np.ndarray  # (lags·C,)
    likeliest: np.ndarray  # (lags,) the most frequent token

    def read(self, h: np.ndarray) -> np.ndarray:
        """x̂ (steps, lags, C) of h - shift (steps, D)."""
        found = h[:, self.part].astype(self.W.dtype) @ self.W + self.bias.astype(self.W.dtype)
        return found.reshape(len(h), len(self.lags), -1)


def bands(age: np.ndarray, lags: int) -> list[np.ndarray]:
    """The lags 0 .. `lags` in groups fitted on the same steps: one group if most steps have all, else by doubling."""
    if (age >= lags).mean() >= WHOLE:
        return [np.arange(lags + 1)]
    edges = [0, 1]
    while edges[-1] <= lags:
        edges.append(2 * edges[-1])
    edges[-1] = lags + 1
    return [np.arange(a, b) for a, b in zip(edges, edges[1:], strict=False)]


class Fit:
    """Sums for read-outs of all lags, made block by block."""

    def __init__(self, recalled: Recalled, age: np.ndarray, groups: list[np.ndarray]):
        self.recalled, self.age = recalled, age
        self.sums = [Sums(lags) for lags in groups]
        self.shift = None  # near h̄, so that nothing cancels

    def add(self, steps: np.ndarray, H: np.ndarray) -> None:
        """h (steps, D) of these steps."""
        self.shift = H.mean(axis=0, dtype=np.float64) if self.shift is None else self.shift
        for sums in self.sums:
            for at, h, X in blocks(self, steps, H, sums.lags):
                X = X.reshape(len(at), -1)
                sums.count += len(at)
                sums.add("h", h.sum(axis=0))
                sums.add("hh", h.T @ h)
                sums.add("x", X.sum(axis=0, dtype=np.float64))
                sums.add("xx", (X * X).sum(axis=0, dtype=np.float64))
                sums.add("hx", h.T.astype(X.dtype) @ X)

    def solve(self, part: slice) -> list[Readout]:
        """The read-outs from these units."""
        return [_solve(sums, self.recalled, part) for sums in self.sums if sums.count > 1]


def blocks(
    fit: Fit, steps: np.ndarray, H: np.ndarray, lags: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(steps, h - shift in float64, X) of those that have all these lags before them, some at a time."""
    there = np.flatnonzero(fit.age[steps] >= lags[-1])
    size = max(1, BLOCK_NUMBERS // (len(lags) * fit.recalled.width))
    for begin in range(0, len(there), size):
        chosen = there[begin : begin + size]
        yield steps[chosen], H[chosen] - fit.shift, fit.recalled.columns(steps[chosen], lags)


def _solve(sums: Sums, recalled: Recalled, part: slice) -> Readout:
    n, totals, width = sums.count, sums.totals, recalled.width
    h, x = totals["h"][part] / n, totals["x"] / n
    G = totals["hh"][part, part] - n * np.outer(h, h)
    B = totals["hx"][part] - n * np.outer(h, x)
    xx = totals["xx"] - n * x * x
    s, U = np.linalg.eigh(G)
    s, U = np.maximum(s, 0), U.astype(recalled.dtype)
    B = U.T @ B.astype(recalled.dtype)
    ridges = RIDGES * max(s.mean(), 1e-30)
    # the residual of each column for each λ: xx - Σ_d B² (s + 2λ) / (s + λ)², with Σ_d s / (s + λ) degrees of freedom
    shrunk = (s + 2 * ridges[:, None]) / (s + ridges[:, None]) ** 2
    rest = np.maximum(xx - shrunk.astype(B.dtype) @ (B * B), 0)
    free = (s / (s + ridges[:, None])).sum(axis=1)
    by_lag = rest.reshape(len(ridges), -1, width).sum(axis=2)
    scores = by_lag / np.maximum(n - 1 - free, 1e-3)[:, None] ** 2
    best = np.repeat(ridges[scores.argmin(axis=0)], width)
    W = U @ (B / (s[:, None] + best).astype(B.dtype))
    return Readout(sums.lags, part, W, x - h @ W, x.reshape(-1, width).argmax(axis=1))


class Score:
    """How well the inputs at some lags are read out on steps that were not fitted."""

    def __init__(self, recalled: Recalled, lags: int):
        self.tokens, self.count = recalled.classes is not None, 0
        self.hits, self.guesses = np.zeros(lags), np.zeros(lags)  # of tokens; guesses are the most frequent one
        self.errors, self.sums, self.squares = (np.zeros((lags, recalled.width)) for _ in range(3))

    def add(self, X: np.ndarray, h: np.ndarray, readout: Readout) -> None:
        """What was there (steps, lags, C), and the states that it is read out from."""
        found = readout.read(h)
        self.count += len(X)
        if self.tokens:
            self.hits += np.take_along_axis(X, found.argmax(axis=2)[:, :, None], axis=2).sum(axis=(0, 2))
            self.guesses += X[:, np.arange(len(self.guesses)), readout.likeliest].sum(axis=0)
        else:
            self.errors += ((X - found) ** 2).sum(axis=0)
            self.sums += X.sum(axis=0)
            self.squares += (X * X).sum(axis=0)

    def r2(self) -> np.ndarray:
        """1 - Σ (x - x̂)² / Σ (x - x̄)² (lags, C), not below 0; 0 of what does not vary."""
        n = max(1, self.count)
        spread = self.squares - self.sums**2 / n
        there = spread > 1e-9 * n
        return np.where(there, np.maximum(0, 1 - self.errors / np.where(there, spread, 1)), 0.0)

    def recall(self) -> np.ndarray:
        """(lags,): the part of the tokens that is right, or the mean R² of the columns."""
        return self.hits / max(1, self.count) if self.tokens else self.r2().mean(axis=1)

    def chance(self) -> np.ndarray:
        """(lags,): what is right without any state: the most frequent token, or the mean."""
        return self.guesses / max(1, self.count)
