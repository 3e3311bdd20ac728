"""Loss and metric of every step of a batch, for all tasks."""

import numpy as np

from rnncli.data.batches import Batch
from rnncli.network.likelihoods import Likelihood
from rnncli.network.losses import BinaryCrossEntropy, PathLoss
from rnncli.network.network import Unfolded
from rnncli.views.reading import Reading, check_states


def metric_name(reading: Reading) -> str:
    """`accuracy` of tokens, tags and labels; of numbers `mae`, the mean absolute error in their deviations."""
    return "accuracy" if reading.softmax or isinstance(reading.loss, BinaryCrossEntropy) else "mae"


def checked(u: Unfolded, batch: Batch) -> Unfolded:
    """The network after this batch; RnncliError for states beyond all numbers."""
    for layer in u.layers:
        check_states(layer.Y[: batch.steps])
    return u


@np.errstate(all="ignore")  # of an unstable network what comes out is anything
def scored(u: Unfolded, reading: Reading, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """(loss, metric), each (T, N), of a batch that was run; NaN where there is no target. One step if pooled.

    Loss in nats, of a path of tags -log p(tag), its marginal; of numbers the mean over the targets.
    """
    if isinstance(reading.loss, PathLoss):
        return _of_paths(u, reading.loss, batch)
    steps, sets = 1 if u.pooling else batch.steps, isinstance(reading.loss, BinaryCrossEntropy)
    losses, metrics = np.empty((steps, u.N)), np.empty((steps, u.N))
    for t0, count in u.blocks(steps):
        here, y = slice(t0, t0 + count), batch.y[t0 : t0 + count]
        z = u.outputs(t0, count)
        if sets:  # the share of the labels that are right
            metrics[here] = ((z >= 0) == (y[..., : z.shape[2]] == 1)).mean(axis=2)
        else:
            metrics[here] = z.argmax(axis=2) == y if reading.softmax else _absolute(reading.loss, z, y)
        reading.loss.rows(u, batch, True, t0, count, 0, u.N)
        losses[here] = u.losses[here] / (1 if sets or reading.softmax else np.isfinite(y).sum(axis=2).clip(1))
    there = batch.targeted[:steps]
    return np.where(there, losses, np.nan), np.where(there, metrics, np.nan)


def _absolute(loss, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    point = loss.point(z.reshape(*y.shape, loss.width)) if isinstance(loss, Likelihood) else z
    there = np.isfinite(y)
    return np.where(there, np.abs(point - y), 0).sum(axis=2) / there.sum(axis=2).clip(1)


def _of_paths(u: Unfolded, loss: PathLoss, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The loss's gradient by the logits is p(tag) - [tag is right], and so p of the right tag can be read from it."""
    there, right = batch.targeted, np.maximum(batch.y, 0)
    hits = (loss.paths(u, batch) == batch.y).astype(np.float64)
    u.outputs(0, batch.steps)
    u.scale[0] = 1
    loss.rows(u, batch, False, 0, batch.steps, 0, u.N)
    p = 1 + np.take_along_axis(u.logits[: batch.steps].astype(np.float64), right[:, :, None], axis=2)[:, :, 0]
    losses = -np.log(np.maximum(p, 1e-7))
    return np.where(there, losses, np.nan), np.where(there, hits, np.nan)
