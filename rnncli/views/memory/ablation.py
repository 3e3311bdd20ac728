"""By how many bits the predictions are other ones when another input stands k steps before them.

    bits[k] = mean over steps s of D(prediction at s+k, the same where x[s] is x[s'])      s' another step at random

D is KL(p ‖ p') of exclusive choices (of a random field: of the scores of each step), and of several labels at once the
sum of those of each, there or not; of numbers by how much what came is more surprising, of a regression as of a normal
distribution with the deviation of the target. The states before s are those that the network has there.
"""

import math
from dataclasses import replace

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import take
from rnncli.kernels.threads import Team
from rnncli.network.likelihoods import Likelihood
from rnncli.network.losses import BinaryCrossEntropy
from rnncli.network.network import Network, Unfolded
from rnncli.tasks.classify import log_softmax
from rnncli.views.reading import BATCH, MOST_STEPS, Reading, having_read, needs_end, padded, side_by_side, states_at

RUNS = 96  # of a network with an output at every step: each is good for all lags
RUNS_A_LAG, STEPS = 8, 400_000  # of one with an output a sequence; steps of all its runs


def ablation(network: Network, reading: Reading, team: Team, lags: int) -> list[float | None]:
    """Bits by lag, 0 to `lags`; None where nothing could be compared."""
    rng = np.random.default_rng(1)
    total, count = np.zeros(lags + 1), np.zeros(lags + 1)
    places = _places(network, reading, lags, rng)
    for begin in range(0, len(places), BATCH):
        at, bits = _compared(network, reading, team, places[begin : begin + BATCH], lags, rng)
        there = (at >= 0) & (at <= lags) & np.isfinite(bits)
        np.add.at(total, at[there], bits[there])
        np.add.at(count, at[there], 1)
    return [t / n if n else None for t, n in zip(total.tolist(), count.tolist(), strict=True)]


def _places(network: Network, reading: Reading, lags: int, rng) -> np.ndarray:
    """The steps s, those of like long sequences together where sequences are read whole."""
    steps = min(reading.steps, MOST_STEPS) if not needs_end(network) else reading.steps
    if not network.architecture.pool:
        return np.unique(np.linspace(0, steps - 1, RUNS).astype(int))
    ends, lengths = reading.bounds[1:], np.diff(reading.bounds)
    runs = max(1, min(RUNS_A_LAG, STEPS // (int(lengths.max()) * (lags + 1))))
    found = []
    for lag in range(lags + 1):
        enough = np.flatnonzero(lengths > lag)
        chosen = rng.choice(enough, min(runs, len(enough)), replace=False)
        found += [(lengths[i], ends[i] - 1 - lag) for i in chosen]
    return np.array([place for _, place in sorted(found)])


def _compared(network: Network, reading: Reading, team, places: np.ndarray, lags: int, rng):
    """By output step and run (T, N): the lag back to the place, negative where there is none; and the bits."""
    sequence, runs = np.searchsorted(reading.bounds, places, "right") - 1, np.arange(len(places))
    ends = reading.bounds[sequence + 1]
    if needs_end(network):
        batch, steps, inside = padded(reading, sequence)
        at, states = places - reading.bounds[sequence], None
        lag = np.where(inside, steps - places, -1)
        lag = (ends - 1 - places)[None] if network.architecture.pool else lag
    else:
        steps = np.minimum(places + np.arange(lags + 1)[:, None], reading.steps - 1)
        batch = side_by_side(reading.batch, steps)
        at = 0
        states = states_at(network, reading.batch.first(MOST_STEPS), team, places)
        lag = np.where(places + np.arange(lags + 1)[:, None] < ends, np.arange(lags + 1)[:, None], -1)
    other = steps.copy()
    other[at, runs] = rng.integers(reading.steps, size=len(places))
    as_it_is = having_read(network, batch, team, states)
    changed = having_read(network, replace(batch, x=take(reading.batch.x, (other, 0))), team, states)
    return lag, _bits(reading, batch, as_it_is, changed)


@np.errstate(all="ignore")  # of an unstable network what comes out is anything
def _bits(reading: Reading, batch: Batch, as_it_is: Unfolded, changed: Unfolded) -> np.ndarray:
    """(T, N), of all outputs."""
    out = []
    for t0, count in as_it_is.blocks(batch.steps):
        z, other = (u.outputs(t0, count).astype(np.float64) for u in (as_it_is, changed))
        if reading.softmax:
            out.append(_divergence(log_softmax(z), log_softmax(other)))
        elif isinstance(reading.loss, BinaryCrossEntropy):
            there, not_there = (_divergence(-np.logaddexp(0, -s * z), -np.logaddexp(0, -s * other)) for s in (1, -1))
            out.append(there + not_there)
        else:
            y = batch.y[t0 : t0 + count].astype(np.float64)
            out.append(_nats(reading.loss, other, y) - _nats(reading.loss, z, y))
    return np.concatenate(out) / math.log(2)


def _divergence(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """Σ p log(p / p') over the last axis."""
    return (np.exp(log_p) * (log_p - log_q)).sum(axis=2)


def _nats(loss, outputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The surprise (T, N), the mean over the numbers that came, NaN if none did."""
    if isinstance(loss, Likelihood):
        nats = loss.nats(outputs.reshape(*y.shape, loss.width), y)
    else:
        nats = 0.5 * (outputs - y) ** 2
    there = np.isfinite(nats)
    return np.where(there, nats, 0).sum(axis=2) / np.where(there.any(axis=2), there.sum(axis=2), np.nan)
