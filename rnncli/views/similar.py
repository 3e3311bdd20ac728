"""How like two networks are as driven systems, whatever bases their states have: two numbers from 0 to 1.

h and k (T, H) are the states of the two, all layers side by side, at the steps of the same input.

CKA    ‖h̃ᵀ k̃‖² / (‖h̃ᵀ h̃‖ ‖k̃ᵀ k̃‖), h̃ and k̃ centred, Frobenius norms: linear centred kernel alignment, which tells
       whether they hold the same (Kornblith et al. 2019, arXiv 1905.00414).
motion Each system is fitted by dynamic mode decomposition with inputs, on r principal components z of its states:
       z[t] = A z[t-1] + B u[t] + c, by ridge regression. K = [B, A B, .., A^(r-1) B], its controllability matrix, is
       what an impulse of each input does 0, 1, .. steps later. Of the two the cosine

           max_C <C K₁, K₂> / (‖K₁‖ ‖K₂‖) = Σ singular values of K₂ K₁ᵀ / (‖K₁‖ ‖K₂‖)

       over orthogonal C (orthogonal Procrustes). It is the cosine of the angle between them in
       InputDSA (Huang, Ostrow et al. 2025, arXiv 2510.25943), of fully observed systems, without their subspace
       identification and delays.

Both are 1 where one state is a rotation of the other, a permutation of the units say. u[t] is what the first network
is given: columns of numbers, and the frequent tokens or values of categories, a column each (1 or 0), centred. r is as
many components as hold SHARE of the variance in both, RANK at most. z is scaled to a total variance of 1.

Beside them stand the same numbers of the first network and of one that was drawn at random, in the second one's
architecture: what no training leads to.
"""

from typing import Any

import numpy as np

from rnncli.errors import RnncliError, UsageError
from rnncli.kernels.threads import Team
from rnncli.network.network import Network
from rnncli.views.reading import Reading, states_of
from rnncli.views.subject import Subject

SHARE = 0.99  # of the variance
RANK = 32
COLUMNS = 64  # of u that tokens, or values of a category, have
RIDGE = 1e-6  # of the mean variance of a column
LEAST = 64  # steps


def similar(one: Subject, other: Subject) -> dict[str, Any]:
    """`cka`, `motion`; `drawn`, the same of a network drawn at random; `fits`, R² of the linear systems, one step
    ahead; `rank`, `units` of both and the `steps` that were read. UsageError for models that cannot read the same.
    """
    _refuse_other_kinds(one, other)
    reading, theirs = one.sequences(False), other.sequences(False)
    _refuse_other_steps(one, other, reading, theirs)
    drawn = Network.initialised(other.network.architecture, 0)
    states = _states(one.network, reading, one.team)
    found = [_states(network, theirs, one.team) for network in (other.network, drawn)]
    u = inputs(reading)
    begins = reading.batch.starts[: reading.steps, 0] > 0
    (a, fit), *others = compared([states, *found], u, begins)
    return {
        "view": "similar",
        "models": [one.path, other.path],
        "cka": others[0][0]["cka"],
        "motion": others[0][0]["motion"],
        "drawn": others[1][0],
        "fits": [fit, others[0][1]],
        "rank": a["rank"],
        "units": [states.shape[1], found[0].shape[1]],
        "steps": reading.steps,
    }


def inputs(reading: Reading) -> np.ndarray:
    """u (T, D): numbers, and a column for each frequent token or value of a category, all centred."""
    x = reading.batch.x
    numbers = [x] if isinstance(x, np.ndarray) else [*x.ids, x.numbers]
    columns = []
    for array in numbers:
        mine = array[: reading.steps, 0]
        if array.dtype.kind == "f":
            columns.append(mine.astype(np.float64))
        else:
            values, counts = np.unique(mine, return_counts=True)
            frequent = values[np.argsort(-counts, kind="stable")[:COLUMNS]]
            columns.append((mine[:, None] == frequent).astype(np.float64))
    u = np.concatenate(columns, axis=1)
    return u - u.mean(axis=0)


def compared(states: list[np.ndarray], u: np.ndarray, begins: np.ndarray) -> list[tuple[dict[str, Any], float]]:
    """Of the first states with each of these (T, H), itself too: the numbers, and R² of its linear system."""
    bases = [_components(h) for h in states]
    rank = max(1, min(RANK, max(_enough(variances) for _, variances in bases[:2])))
    systems = [_system(_padded(z, rank), u, begins) for z, _ in bases]
    K = [_controllability(A, B) for A, B, _ in systems]
    return [
        ({"cka": cka(states[0], h), "motion": _cosine(K[0], k), "rank": rank}, fit)
        for h, k, (_, _, fit) in zip(states, K, systems, strict=True)
    ]


def cka(h: np.ndarray, k: np.ndarray) -> float:
    """Linear centred kernel alignment; 0 where states do not move."""
    h, k = h - h.mean(axis=0), k - k.mean(axis=0)
    norms = np.linalg.norm(h.T @ h) * np.linalg.norm(k.T @ k)
    return float(np.linalg.norm(h.T @ k) ** 2 / norms) if norms > 0 else 0.0


def _components(h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(z (T, components), the part of the variance of each) of a total variance of 1; zero of states that rest."""
    centred = h - h.mean(axis=0)
    U, s, _ = np.linalg.svd(centred, full_matrices=False)
    total = np.sqrt((s**2).sum() / len(h)) or 1.0
    return U * (s / total), s**2 / ((s**2).sum() or 1.0)


def _enough(variances: np.ndarray) -> int:
    return int(np.searchsorted(np.cumsum(variances), SHARE)) + 1


def _padded(z: np.ndarray, rank: int) -> np.ndarray:
    """The first components, with zeros where there are not so many."""
    return np.pad(z[:, :rank], ((0, 0), (0, max(0, rank - z.shape[1]))))


def _system(z: np.ndarray, u: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """A (r, r), B (r, D) and R² of z[t] = A z[t-1] + B u[t] + c, over steps at which no sequence begins."""
    at = np.flatnonzero(~begins[1:]) + 1
    read, y = np.concatenate([z[at - 1], u[at]], axis=1), z[at]
    read, y = read - read.mean(axis=0), y - y.mean(axis=0)
    gram = read.T @ read
    strength = RIDGE * (np.trace(gram) / len(gram) or 1.0)
    W = np.linalg.solve(gram + strength * np.eye(len(gram)), read.T @ y)
    fit = 1 - float(((y - read @ W) ** 2).sum() / ((y**2).sum() or 1.0))
    return W[: z.shape[1]].T, W[z.shape[1] :].T, fit


def _controllability(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """[B, A B, .., A^(r-1) B] (r, r · D)."""
    blocks = [B]
    for _ in range(len(A) - 1):
        blocks.append(A @ blocks[-1])
    return np.concatenate(blocks, axis=1)


def _cosine(K: np.ndarray, other: np.ndarray) -> float:
    norms = np.linalg.norm(K) * np.linalg.norm(other)
    return min(1.0, float(np.linalg.svd(other @ K.T, compute_uv=False).sum() / norms)) if norms > 0 else 0.0


def _states(network: Network, reading: Reading, team: Team) -> np.ndarray:
    """h (T, H) in float64, in the order of the steps."""
    found: list[Any] = list(states_of(network, reading, team, np.arange(reading.steps)))
    steps, h = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return h[np.argsort(steps)].astype(np.float64)


def _refuse_other_kinds(one: Subject, other: Subject) -> None:
    """UsageError for networks without states, and for those that read tokens of other kinds, or one of them columns."""
    for subject in (one, other):
        if subject.network.architecture.frozen:
            raise UsageError(f"--similar: {subject.path} is a frozen network, it has no hidden states")
    kinds = [subject.model.vocabulary and subject.model.vocabulary.kind for subject in (one, other)]
    if kinds[0] != kinds[1]:
        said = " and ".join(f"{kind}s".replace("chars", "characters") if kind else "columns" for kind in kinds)
        raise UsageError(f"--similar: {one.path} and {other.path} read {said}, expected networks that read the same")


def _refuse_other_steps(one: Subject, other: Subject, reading: Reading, theirs: Reading) -> None:
    """UsageError for states that do not belong to the same steps, RnncliError for few of them."""
    starts = [r.batch.starts[: r.steps, 0] for r in (reading, theirs)]
    if len(starts[0]) != len(starts[1]) or (starts[0] != starts[1]).any():
        raise UsageError(
            f"--similar: {one.path} and {other.path} read {one.input} in other steps, expected networks that read the "
            "same"
        )
    if reading.steps < LEAST:
        raise RnncliError(f"{one.input}: {reading.steps} steps, expected at least {LEAST} to compare networks by")
