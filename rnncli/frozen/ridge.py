"""Ridge regression in closed form, its strength chosen by leave-one-out.

    W = Xᵀ A,  A = (K + λ 1)⁻¹ Y,  K = X Xᵀ         X (n, F) and Y (n, outputs) centred

With K = Q Λ Qᵀ and G = Q (Λ + λ)⁻¹ Qᵀ over all eigenvectors but the one that centring made zero, the error that a row
has where it is left out is (G Y)[i] / G[i, i], exactly (Golub, Heath and Wahba 1979; the mean is left out with it).
"""

from dataclasses import dataclass

import numpy as np

STRENGTHS = np.logspace(-4, 4, 17)  # λ, as parts of the mean of the diagonal of K


@dataclass
class Ridge:
    """What was fitted."""

    weights: np.ndarray  # A (n, outputs): W = Xᵀ A
    mean: np.ndarray  # of Y (outputs,)
    left_out: np.ndarray  # predictions (n, outputs) of each row without itself
    strength: float  # of STRENGTHS
    errors: list[float]  # mean squared errors left out, one for each strength

    @property
    def error(self) -> float:
        """The least of these."""
        return min(self.errors)


def fit(K: np.ndarray, Y: np.ndarray) -> Ridge:
    """K (n, n) = X Xᵀ of centred rows, Y (n, outputs)."""
    mean = Y.mean(axis=0)
    K = K.astype(np.float64)
    # that of (1, 1, ..) becomes the largest eigenvalue, so that its direction is known
    aside = 2 * max(float(np.trace(K)), 1.0) / len(K)
    values, vectors = np.linalg.eigh(K + aside)
    values, vectors = np.maximum(values[:-1], 0), vectors[:, :-1]
    turned = vectors.T @ (Y - mean)
    scale = float(np.trace(K)) / len(K) or 1.0
    tried = [_left_out(vectors, values + strength * scale, turned) for strength in STRENGTHS]
    errors = [float((one**2).mean()) for one in tried]
    best = int(np.argmin(errors))
    A = vectors @ (turned / (values + STRENGTHS[best] * scale)[:, None])
    return Ridge(A, mean, Y - tried[best], float(STRENGTHS[best]), errors)


def _left_out(vectors: np.ndarray, values: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Errors (n, outputs) of rows that are left out."""
    return (vectors @ (turned / values[:, None])) / ((vectors**2) @ (1 / values))[:, None]
