"""`gradients`: the way of the loss back through time, from dL[t]/dh[t] to dL[t]/dh[t-k].

    norms[l][k] = mean over positions t of ‖dL[t]/dh_l[t-k]‖
    by_step[θ][k] = ‖what step t-k gives to the gradient of the shared parameter θ, summed over positions‖ / positions

Each position is unfolded over the lags before it, from the state that the network had there, and L[t] is the loss of
that step alone. What lies further back than the reach hardly trains the network (Pascanu et al. 2013, 1211.5063).
"""

from collections.abc import Iterator
from copy import copy

import numpy as np

from rnncli.batches import Batch
from rnncli.cells.cell import Layer
from rnncli.config import LAGS
from rnncli.errors import RnncliError
from rnncli.losses import Loss
from rnncli.network import Network, Unfolded
from rnncli.reach import faded
from rnncli.views.sequence import side_by_side, states_at

POSITIONS = 64  # at most, evenly spread
QUANTILES = (0.1, 0.5, 0.9)


def view(network: Network, loss: Loss, sequence: Batch, team, lags: int = LAGS) -> dict:
    """`lags`, and by layer `norms` and `quantiles` (0.1, 0.5, 0.9 over the positions); `reach`, the first lag at which
    the norm over all layers is below 1 % of that at lag 0, None if there is none; `by_step`, by lag.

    `sequence` is one row of steps with targets. ValueError for a network that reads both ways, or has one output.
    """
    if network.architecture.bidirectional:
        raise ValueError("the network reads both ways, and so its past is not all that its outputs come from")
    if network.architecture.pool:
        raise ValueError("the network has one output for a whole sequence, not a loss at every step")
    lags = min(lags, sequence.steps - 1)
    at = _positions(sequence, lags)
    u = network.unfold(lags + 1, len(at), team, training=True)
    window = cut_out(sequence, at[None, :] + np.arange(-lags, 1)[:, None])
    for state, then in zip(u.states(), states_at(network, sequence, team, at - lags), strict=True):
        state[...] = then
    u.pack()
    u.gradients(window.x, window.starts, lags + 1, loss.gradient(window, u.logits.dtype))
    norms = np.stack([np.linalg.norm(layer.dY.astype(np.float64), axis=2)[::-1] for layer in u.layers]) * window.count
    return {
        "view": "gradients",
        "lags": list(range(lags + 1)),
        "norms": norms.mean(axis=2).tolist(),
        "quantiles": {str(q): np.quantile(norms, q, axis=2).tolist() for q in QUANTILES},
        "reach": faded(np.sqrt((norms**2).sum(axis=0)).mean(axis=1)),
        "positions": at.tolist(),
        "by_step": by_step(u, window),
    }


def _positions(sequence: Batch, lags: int) -> np.ndarray:
    """Steps with a target and all lags before them."""
    found = np.flatnonzero(sequence.targeted[: sequence.steps, 0])
    found = found[found >= lags]
    if not len(found):
        raise RnncliError(f"no step after the first {lags} has a target: give a longer input, or fewer --lags")
    return found[np.unique(np.linspace(0, len(found) - 1, min(POSITIONS, len(found))).round().astype(int))]


def cut_out(sequence: Batch, steps: np.ndarray) -> Batch:
    """These steps (T, N) of its one row, the last ones with their targets."""
    batch = side_by_side(sequence, steps)
    batch.y[:-1] = -1 if batch.y.dtype.kind == "i" else np.nan
    batch.count = int(batch.targeted.sum())
    return batch


def by_step(u: Unfolded, window: Batch) -> dict[str, list[float]]:
    """Norms of what each step gives to the parameters of the layers, by lag."""
    out = {f"{index}.{name}": [] for index in range(len(u.layers)) for name in u.grads.layer(str(index))}
    for step in range(window.steps - 1, -1, -1):
        for name, gradient in step_gradients(u, window, step):
            out[name].append(float(np.linalg.norm(gradient)))
    return out


def step_gradients(u: Unfolded, window: Batch, step: int) -> Iterator[tuple[str, np.ndarray]]:
    """(parameter, what this step gives to its gradient), after a backward pass, which has left dz in the layers' Z.

    Each array is good until the next layer's.
    """
    inputs = [u.input.rows(window.x)] + [layer.Y for layer in u.layers[:-1]]
    for index, (source, layer) in enumerate(zip(inputs, u.layers, strict=True)):
        one, grads = _at(layer, step), u.grads.layer(str(index))
        for gradient in grads.values():
            gradient[...] = 0
        table = u.input.E if u.input.table_rows and not index else None
        one.gradients(source[step : step + 1], table, 1, 0, 1)
        yield from ((f"{index}.{name}", gradient) for name, gradient in grads.items())


def _at(layer: Layer, step: int) -> Layer:
    """The layer as if it were unfolded over this one step."""
    one = copy(layer)
    for name in layer.gates:
        setattr(one, name, getattr(layer, name)[step : step + 1])
    for name in layer.cell.state_names:
        setattr(one, name.upper(), getattr(layer, name.upper())[step : step + 2])
    return one
