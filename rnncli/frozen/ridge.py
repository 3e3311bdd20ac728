"""Ridge regression in closed form, its strength chosen by leave-one-out.

    W = Xᵀ A,  A = (K + λ 1)⁻¹ Y,  K = X Xᵀ         X (n, F) and Y (n, outputs) centred

With K = Q Λ Qᵀ and G = Q (Λ + λ)⁻¹ Qᵀ over all eigenvectors but the one that centring made zero, the error that a row
has where it is left out is (G Y)[i] / G[i, i], exactly (Golub, Heath and Wahba 1979; the mean is left out with it).
The errors of the rows g of a fold that is left out as a whole are G[g, g]⁻¹ (G Y)[g] (the block form of the same:
λ G = 1 - H for the hat matrix H, and those errors are (1 - H[g, g])⁻¹ (Y - H Y)[g]).
"""

from dataclasses import dataclass

import numpy as np

STRENGTHS = np.logspace(-4, 4, 17)  # λ, as parts of the mean of the diagonal of K


@dataclass
class Ridge:
    """What was fitted."""

    weights: np.ndarray  # A (n, outputs): W = Xᵀ A
    mean: np.ndarray  # of Y (outputs,)
    left_out: np.ndarray  # predictions (n, outputs) of each row without itself, or without its fold
    strength: float  # of STRENGTHS
    errors: list[float]  # mean squared errors left out, one for each strength

    @property
    def error(self) -> float:
        """The least of these."""
        return min(self.errors)


def fit(K: np.ndarray, Y: np.ndarray, folds: np.ndarray | None = None) -> Ridge:
    """K (n, n) = X Xᵀ of centred rows, Y (n, outputs); folds (n,), at least two, are left out each as a whole, without
    them each row.
    """
    mean = Y.mean(axis=0)
    K = K.astype(np.float64)
    # that of (1, 1, ..) becomes the largest eigenvalue, so that its direction is known
    aside = 2 * max(float(np.trace(K)), 1.0) / len(K)
    values, vectors = np.linalg.eigh(K + aside)
    values, vectors = np.maximum(values[:-1], 0), vectors[:, :-1]
    turned = vectors.T @ (Y - mean)
    scale = float(np.trace(K)) / len(K) or 1.0
    members = _members(folds, len(K))
    tried = [_left_out(vectors, values + strength * scale, turned, members) for strength in STRENGTHS]
    errors = [float((one**2).mean()) for one in tried]
    best = int(np.argmin(errors))
    A = vectors @ (turned / (values + STRENGTHS[best] * scale)[:, None])
    return Ridge(A, mean, Y - tried[best], float(STRENGTHS[best]), errors)


def _members(folds: np.ndarray | None, n: int) -> list[np.ndarray]:
    """The rows of each fold; none where each row is one."""
    counts = np.ones(n, int) if folds is None else np.unique(folds, return_counts=True)[1]
    if len(counts) == n:
        return []
    if len(counts) < 2:
        raise ValueError("found one fold of all rows, expected at least two")
    return np.split(np.argsort(folds, kind="stable"), np.cumsum(counts)[:-1])


def _left_out(vectors: np.ndarray, values: np.ndarray, turned: np.ndarray, members: list[np.ndarray]) -> np.ndarray:
    """Errors (n, outputs) of rows that are left out, or of the members of folds."""
    errors = vectors @ (turned / values[:, None])
    if not members:
        return errors / ((vectors**2) @ (1 / values))[:, None]
    roots = vectors / np.sqrt(values)
    for rows in members:
        errors[rows] = np.linalg.solve(roots[rows] @ roots[rows].T, errors[rows])
    return errors
