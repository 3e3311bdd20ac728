"""Ridge regression in closed form, its strength chosen by leave-one-out.

    W = Xᵀ A,  A = U (U K U + λ 1)⁻¹ U Y,  K = X Xᵀ         X (n, F) and Y (n, outputs) centred

U is the diagonal of the roots of the weights of the rows, whose mean is 1, and what is centred has a weighted mean of
zero; for W, Σ w ‖y - x·W‖² + λ ‖W‖² is least. With U K U = Q Λ Qᵀ and G = Q (Λ + λ)⁻¹ Qᵀ over all eigenvectors but the
one that centring made zero, the error that a row has where it is left out is (G U Y)[i] / (G[i, i] U[i, i]), exactly
(Golub, Heath and Wahba 1979, of the rows U X and U Y; the mean is left out with it). The errors of the rows g of a
fold that is left out as a whole are U[g, g]⁻¹ G[g, g]⁻¹ (G U Y)[g] (the block form of the same: λ G = 1 - H for the hat
matrix H, and those errors are (1 - H[g, g])⁻¹ (Y - H Y)[g] where all rows weigh alike).
"""

from dataclasses import dataclass

import numpy as np

STRENGTHS = np.logspace(-4, 4, 17)  # λ, as parts of the mean of the diagonal of U K U


@dataclass
class Answers:
    """What is to be predicted of n sequences."""

    values: np.ndarray  # Y (n, outputs)
    weights: np.ndarray  # of the rows (n,), their mean 1
    strongest: float = float(STRENGTHS[-1])  # of the strengths to choose from

    def __len__(self) -> int:
        return len(self.values)

    def select(self, indices: np.ndarray) -> "Answers":
        """Those of these rows."""
        weights = self.weights[indices]
        return Answers(self.values[indices], weights / weights.mean(), self.strongest)

    @property
    def mean(self) -> np.ndarray:
        """Weighted, of Y (outputs,)."""
        return self.weights @ self.values / len(self)

    def errors(self, predictions: np.ndarray) -> np.ndarray:
        """Mean square of each row, weighted (n,)."""
        return self.weights * ((predictions - self.values) ** 2).mean(axis=1)

    def prefer(self, one: np.ndarray, other: np.ndarray) -> bool:
        """Whether predictions (n, outputs) have less error than the `other` ones, by more than a standard error."""
        gain = self.errors(other) - self.errors(one)
        return bool(gain.mean() > gain.std() / np.sqrt(len(gain)))


@dataclass
class Ridge:
    """What was fitted."""

    A: np.ndarray  # (n, outputs): W = Xᵀ A
    mean: np.ndarray  # of Y (outputs,), weighted
    left_out: np.ndarray  # predictions (n, outputs) of each row without itself, or without its fold
    strength: float  # of STRENGTHS
    errors: list[float]  # mean squared errors left out, weighted, one for each strength

    @property
    def error(self) -> float:
        """The least of these."""
        return min(self.errors)


def centred(K: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """X Xᵀ of rows X whose weighted mean is taken off, from that of X as they are; weights of a mean of 1."""
    K = K - weights @ K / len(K)
    return K - (K @ weights / len(K))[:, None]


def fit(K: np.ndarray, answers: Answers, folds: np.ndarray | None = None) -> Ridge:
    """K (n, n) = X Xᵀ of centred rows; folds (n,), at least two, are each left out as a whole, else each row is."""
    n, root = len(K), np.sqrt(answers.weights)
    K = root[:, None] * K.astype(np.float64) * root
    # that of the roots becomes the largest eigenvalue, so that its direction is known
    aside = 2 * max(float(np.trace(K)), 1.0) / n
    values, vectors = np.linalg.eigh(K + aside * np.outer(root, root))
    values, vectors = np.maximum(values[:-1], 0), vectors[:, :-1]
    turned = vectors.T @ (root[:, None] * (answers.values - answers.mean))
    scale = float(np.trace(K)) / n or 1.0
    members, strengths = _members(folds, n), STRENGTHS[answers.strongest >= STRENGTHS]
    tried = [
        answers.values - _left_out(vectors, values + strength * scale, turned, members) / root[:, None]
        for strength in strengths
    ]
    errors = [float(answers.errors(one).mean()) for one in tried]
    best = int(np.argmin(errors))
    A = root[:, None] * (vectors @ (turned / (values + strengths[best] * scale)[:, None]))
    return Ridge(A, answers.mean, tried[best], float(strengths[best]), errors)


def _members(folds: np.ndarray | None, n: int) -> list[np.ndarray]:
    """The rows of each fold; none where each row is one."""
    counts = np.ones(n, int) if folds is None else np.unique(folds, return_counts=True)[1]
    if len(counts) == n:
        return []
    if len(counts) < 2:
        raise ValueError("found one fold of all rows, expected at least two")
    return np.split(np.argsort(folds, kind="stable"), np.cumsum(counts)[:-1])


def _left_out(vectors: np.ndarray, values: np.ndarray, turned: np.ndarray, members: list[np.ndarray]) -> np.ndarray:
    """Errors (n, outputs) of rows that are left out, or of the members of folds, times the roots of their weights."""
    errors = vectors @ (turned / values[:, None])
    if not members:
        return errors / ((vectors**2) @ (1 / values))[:, None]
    roots = vectors / np.sqrt(values)
    for rows in members:
        errors[rows] = np.linalg.solve(roots[rows] @ roots[rows].T, errors[rows])
    return errors
