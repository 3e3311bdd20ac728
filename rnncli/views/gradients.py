"""`gradients`: the way of the loss back through time, from dL[t]/dh[t] to dL[t]/dh[t-k].

    norms[l][k] = mean over positions t of ‖dL[t]/dh_l[t-k]‖
    by_step[θ][k] = ‖what step t-k gives to the gradient of the shared parameter θ, summed over positions‖ / positions

What lies further back than the reach hardly trains the network (Pascanu et al. 2013, 1211.5063). L[t] is the loss by
way of the outputs of step t alone: what is followed is dL/dy[t], also where a loss speaks of a whole path of tags.

A lag counts the steps that a direction has gone since: of one that reads backwards it is dL[t]/dh[t+k]. A pooled
network has one loss for a whole sequence of T steps, and the lags count from the last step of each direction:
dL/dh[T-1-k], and dL/dh[k] of the one that reads backwards.

In a stream each position is unfolded over the lags before it, from the state that the network had there. Whole
sequences are unfolded from end to end for each of the positions. A lag that reaches beyond the start of its sequence is
not there, and the mean is over those that are.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.backward import layer_sums
from rnncli.network.inputs import embedded
from rnncli.network.layer import Layer
from rnncli.network.losses import Loss, PathLoss
from rnncli.network.network import Network, Unfolded
from rnncli.training.reach import faded
from rnncli.views.reading import LAGS, Reading, check_states, needs_end, padded, side_by_side, states_at
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 3,
    "help": "how far back the loss reaches",
    "caption": "How far back the loss reaches: the norm of its gradient by lag, on a logarithmic scale; what lies "
    "beyond the reach hardly trains the network.",
    "input": True,
    "options": {"lags": {"min": 1, "default": 200, "help": "Number of steps to look back"}},
}

POSITIONS = 64  # at most, evenly spread
UNFOLDED = 1 << 14  # steps of all positions at most, of both directions together: so much memory is needed
QUANTILES = (0.1, 0.5, 0.9)


class Gradients(View):
    """By lag."""

    def data(self, subject: Subject) -> dict[str, Any]:
        reading = subject.sequences(with_loss=True)
        return view(subject.network, reading, subject.team, subject.options.lags)


@dataclass
class Positions:
    """What is unfolded, a row (T, N) a position; and by direction the slot (N,) of its own steps that the loss comes in
    at, and how many steps it has gone until there.

    `sequence` (N,) and `step` (N,) say where in the input the position is.
    """

    batch: Batch
    slots: list[np.ndarray]
    gone: list[np.ndarray]
    sequence: np.ndarray
    step: np.ndarray
    states: list[np.ndarray] | None = None

    @property
    def lags(self) -> int:
        """So many are there in every direction."""
        return min(int(gone.max()) for gone in self.gone)


@np.errstate(all="ignore")  # an unstable network is told of in words
def view(network: Network, reading: Reading, team: Team, lags: int = LAGS) -> dict:
    """`lags`; for each of `rows` (a layer, in one direction) `norms` by lag with `quantiles` (0.1, 0.5, 0.9 over the
    positions) and `counts`, how many positions have the lag; `reach`, the first lag from which on the norm over
    all rows is below 1 % of that at lag 0, None if there is none; `by_step`, by lag; `positions` and the `sequences`
    they are in.

    RnncliError if no step has a target, or if states or gradients are beyond all numbers.
    """
    a = network.architecture
    whole = needs_end(network) or isinstance(reading.loss, PathLoss)
    chosen = _whole(a, reading) if whole else _in_a_row(network, reading, lags, team)
    lags, batch, N = min(lags, chosen.lags), chosen.batch, len(chosen.step)
    u = network.unfold(batch.steps, N, team, training=True, keep=True, given=a.columns)
    if a.columns:
        batch.x = embedded(a, network.theta, batch.x)
    u.set_states(chosen.states)
    u.pack()
    u.gradients(replace(batch, count=1), _loss_at(reading.loss, chosen.slots[0]))
    for layer in u.layers:
        check_states(layer.Y)
    norms, steps = _norms(u, chosen, lags), by_step(u, batch, chosen.slots, lags)
    _check_gradients(list(steps.values()))
    means = np.nanmean(norms, axis=2)
    return {
        "lags": list(range(lags + 1)),
        "rows": [f"h{name}" for name in a.layer_names()],
        "norms": means.tolist(),
        "quantiles": {str(q): np.nanquantile(norms, q, axis=2).tolist() for q in QUANTILES},
        "counts": np.isfinite(norms).sum(axis=2).tolist(),
        "reach": faded(np.sqrt((means**2).sum(axis=0))),
        "pooled": bool(a.pool),
        "sequences": chosen.sequence.tolist(),
        "positions": chosen.step.tolist(),
        "by_step": steps,
    }


# -- positions ------------------------------------------------------------------------------------------------------


def _in_a_row(network: Network, reading: Reading, lags: int, team) -> Positions:
    """Steps with a target: those with all lags before them, if there are enough of these."""
    gone, found = reading.age, _targeted(reading)
    lags = min(lags, int(gone[found].max()))
    complete = found[gone[found] >= lags]
    at = _spread(complete if len(complete) >= POSITIONS else found, lags + 1)
    window = cut_out(reading.batch, np.maximum(0, at[None, :] + np.arange(-lags, 1)[:, None]))
    states = states_at(network, reading.batch, team, np.maximum(0, at - lags))
    return Positions(window, [np.full(len(at), lags)], [np.minimum(gone[at], lags)], reading.sequence[at], at, states)


def _whole(a: Architecture, reading: Reading) -> Positions:
    """Steps with a target, or whole sequences with one."""
    found, lengths = _targeted(reading), np.diff(reading.bounds)
    sequence = found if a.pool else reading.sequence[found]
    directions = 2 if a.bidirectional else 1
    chosen = _spread(np.arange(len(found)), directions * int(lengths[sequence].max()))
    sequence, step = sequence[chosen], found[chosen] - reading.bounds[sequence[chosen]]
    last = lengths[sequence] - 1
    step = last if a.pool else step
    batch, _, _ = padded(reading, sequence)
    slots = [step, last if a.pool else last - step][:directions]
    return Positions(batch, slots, slots, sequence, step)


def _targeted(reading: Reading) -> np.ndarray:
    """Steps with a target, or sequences with one."""
    found = np.flatnonzero(reading.batch.targeted[: reading.steps, 0])
    if not len(found):
        raise RnncliError("no step has a target: use a longer input")
    return found


def _spread(found: np.ndarray, steps: int) -> np.ndarray:
    """At most POSITIONS of them, evenly, and as many as can be unfolded over so many steps."""
    most = max(1, min(POSITIONS, UNFOLDED // steps, len(found)))
    return found[np.unique(np.linspace(0 if most > 1 else len(found) - 1, len(found) - 1, most).round().astype(int))]


def cut_out(sequence: Batch, steps: np.ndarray) -> Batch:
    """These steps (T, N) of its one row, the last ones with their targets."""
    batch = side_by_side(sequence, steps)
    batch.y[:-1] = -1 if batch.y.dtype.kind == "i" else np.nan
    batch.count = int(batch.targeted.sum())
    return batch


def _loss_at(loss: Loss, slots: np.ndarray):
    """For `Unfolded.gradients`: the gradient by the outputs of one step of each row, and zero by all others."""

    def gradient(u: Unfolded, batch: Batch, t0, steps, first, last):
        loss.rows(u, batch, False, t0, steps, first, last)
        if not u.pooling:
            others = np.arange(t0, t0 + steps)[:, None] != slots[first:last]
            u.logits[:steps, first:last][others] = 0

    return gradient


# -- norms ----------------------------------------------------------------------------------------------------------


def _norms(u: Unfolded, chosen: Positions, lags: int) -> np.ndarray:
    """‖dL/dh‖ (rows, lags + 1, N), NaN where a lag is not there."""
    back, out = np.arange(lags + 1)[:, None], []
    for layer in u.layers:
        for one, slots, gone in zip(layer.directions, chosen.slots, chosen.gone, strict=True):
            norms = np.linalg.norm(one.dY.astype(np.float64), axis=2)
            norms = norms[np.maximum(slots - back, 0), np.arange(len(slots))]
            _check_gradients(norms[back <= gone])
            out.append(np.where(back <= gone, norms, np.nan))
    return np.stack(out)


def _check_gradients(norms) -> None:
    if not np.isfinite(norms).all():
        raise RnncliError("the gradients grow without bound: use fewer --lags")


def by_step(u: Unfolded, batch: Batch, slots: list[np.ndarray], lags: int) -> dict[str, list[float]]:
    """Norms of what each step gives to the parameters of the layers, by lag."""
    names = u.network.architecture.layer_names()
    out: dict[str, list] = {f"{name}.{parameter}": [] for name in names for parameter in u.grads.layer(name)}
    for lag in range(lags + 1):
        for name, gradient in step_gradients(u, batch, slots, lag):
            out[name].append(float(np.linalg.norm(gradient)) / len(slots[0]))
    return out


def step_gradients(u: Unfolded, batch: Batch, slots: list[np.ndarray], lag: int) -> Iterator[tuple[str, np.ndarray]]:
    """(parameter, what the steps so far before the slots give to its gradient), after a backward pass, which has left
    dz in the layers' Z.

    Each array is good until the next layer's.
    """
    names, source = iter(u.network.architecture.layer_names()), u.input.rows(batch.x)
    for index, layer in enumerate(u.layers):
        tokens = bool(u.input.table_rows) and index == 0
        for one, rows, end in zip(layer.directions, layer.read(source), slots, strict=True):
            name = next(names)
            grads = u.grads.layer(name)
            x = _picked(rows, end - lag)
            if tokens:
                u.input.sort(x, u.sums.groups(1))
            for work in layer_sums(u, [(_at(one, end - lag), x)], 1, tokens):
                work(0, 1)
            yield from ((f"{name}.{parameter}", gradient) for parameter, gradient in grads.items())
        source = layer.Y


def _at(layer: Layer, slots: np.ndarray) -> Layer:
    """The layer as if it were unfolded over one step, for each row another; no gradient comes from a slot below 0."""
    one = copy(layer)
    one.Z, *extra = (_from_within(array, slots) for array in (layer.Z, *vars(layer.extra).values()))
    one.extra = SimpleNamespace(**dict(zip(vars(layer.extra), extra, strict=True)))
    one.states = [_picked(states, slots) for states in layer.states]
    return one


def _from_within(array: np.ndarray, slots: np.ndarray) -> np.ndarray:
    picked = _picked(array, slots)
    picked[:, slots < 0] = 0
    return picked


def _picked(array: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Of each row (T, N, ..) one step: (1, N, ..), a copy."""
    return np.ascontiguousarray(array[np.maximum(slots, 0), np.arange(len(slots))][None])
