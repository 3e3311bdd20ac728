"""Losses: logits of some rows to nats (or squared errors), and to the gradient of their mean over the targets."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.schemes import Allowed
from rnncli.kernels.crf import crf_loss, viterbi
from rnncli.kernels.densities import bernoulli, squares
from rnncli.kernels.softmax import softmax_loss
from rnncli.kernels.windows import add_up
from rnncli.network.unfolding import Unfolding


class Loss:
    """Base. `own` are shapes of parameters of its own, which the network holds as `task.*`. `links` say how outputs of
    several networks are averaged, one for each parameter of a target, see members.py.
    """

    own: dict[str, tuple[int, ...]] = {}
    links: tuple[str, ...] = ("identity",)
    steady = False

    def is_steady(self, batch: Batch) -> bool:
        """Whether `rows` does nothing but call kernels, with arrays that stay: then it can be part of a program."""
        return self.steady

    def rows(self, u: Unfolding, batch: Batch, only_losses: bool, t0: int, steps: int, first: int, last: int) -> None:
        """For the batch rows first <= n < last and the steps from t0 on, whose logits are in u.logits: fill u.losses,
        and turn the logits into their gradient times `u.scale`, unless `only_losses`.
        """
        raise NotImplementedError

    def own_gradients(self, u: Unfolding) -> None:
        """The gradients of the parameters of its own, after all rows are done."""

    def gradient(self, u: Unfolding, batch: Batch, t0: int, steps: int, first: int, last: int) -> None:
        """For `Unfolding.gradients`: the logits of some rows to the gradient of the mean over the batch's targets."""
        self.rows(u, batch, False, t0, steps, first, last)

    def mean(self, u: Unfolding, batch: Batch) -> float:
        """Of the targets of a batch, whose losses `Unfolding.gradients` has left."""
        total = np.empty(1)
        add_up(u.losses, min(batch.steps, len(u.losses)), total)
        return float(total[0]) / max(1, batch.count)

    def losses(self, u: Unfolding, batch: Batch) -> np.ndarray:
        """Run forward over a batch; the losses (steps, N) of its targets."""
        return u.scored(self, batch)


class CrossEntropy(Loss):
    """log Σ_v exp(z_v) - z_target, in nats; times the weight of the target's class if there are `weights`."""

    steady, links = True, ("softmax",)

    def __init__(self, weights: np.ndarray | None = None):
        self.weights = weights
        array = np.zeros(0) if weights is None else weights
        self._typed = {np.dtype(dtype): array.astype(dtype) for dtype in (np.float32, np.float64)}

    def rows(self, u: Any, batch: Any, only_losses: bool, t0: int, steps: int, first: int, last: int) -> None:
        weights = self._typed[u.logits.dtype]
        softmax_loss(u.logits, batch.y, weights, u.scale, u.losses, only_losses, t0, steps, first, last)


class SquaredError(Loss):
    """Σ_k (z_k - target_k)² over the targets that are there; batch.y (1, N, K), NaN where one is missing."""

    steady = True

    def rows(self, u: Any, batch: Any, only_losses: bool, t0: int, steps: int, first: int, last: int) -> None:
        squares(u.logits, batch.y, u.scale, u.scale, u.losses, only_losses, t0, steps, first, last)


class BinaryCrossEntropy(Loss):
    """Σ_k log(1 + exp z_k) - y_k z_k, nats of independent bits; batch.y (1, N, K ..), NaN where there are none. Columns
    behind the K of the network are of labels that it does not know, and have no loss.
    """

    steady, links = True, ("sigmoid",)

    def rows(self, u: Any, batch: Any, only_losses: bool, t0: int, steps: int, first: int, last: int) -> None:
        bernoulli(u.logits, batch.y, u.scale, u.scale, u.losses, only_losses, t0, steps, first, last)


def _missing(y: np.ndarray, lengths: Any) -> np.ndarray:
    """Which steps within the lengths have no tag."""
    return (y < 0) & (np.arange(len(y))[:, None] < lengths)


FORBIDDEN = 1e4  # less for a tag: no path has it


class PathLoss(Loss):
    """A linear-chain conditional random field over C tags: nats of whole paths, see kernels/crf.py.

    Its parameters are the scores of a transition (from, to), of the first and of the last tag of a path. The nats of a
    row are divided among its steps only by the mean over the batch's targets. Where tags are missing they are
    log Z - log Z', with the sum Z' over the paths that agree with the tags there are (Tsuboi et al. 2008, "Training
    Conditional Random Fields Using Incomplete Annotations").
    """

    def __init__(self, C: int, allowed: Allowed | None = None):
        """Of C tags; the best path has nothing that is not `allowed`, if there is such a path. What is learnt from may
        have it: files are not without mistakes.
        """
        self.own = {"transitions": (C, C), "begin": (C,), "end": (C,)}
        self.allowed = allowed

    def is_steady(self, batch: Batch) -> bool:
        """Where tags are missing, arrays are made for the paths that agree."""
        return not _missing(batch.y, batch.lengths).any()

    def _scratch(self, u: Unfolding):
        """Arrays of this unfolding, made once: gradients by row, forward and backward messages."""
        if "crf" not in u.extra:
            T, N, C = u.logits.shape
            dtype = u.logits.dtype
            shapes = [(N, C * C), (N, C), (N, C), (T, N, C), (T, N, C)]
            u.extra.setdefault("crf", [np.zeros(shape, dtype) for shape in shapes])  # the same for all threads
        return u.extra["crf"]

    @staticmethod
    def _of(theta: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        return theta["task.transitions"][None], theta["task.begin"], theta["task.end"]

    def _theta(self, u: Unfolding) -> tuple[np.ndarray, ...]:
        return self._of(u.network.theta)

    def rows(self, u: Any, batch: Any, only_losses: bool, t0: int, steps: int, first: int, last: int) -> None:
        dA, dbegin, dend, alpha, beta = self._scratch(u)
        y, losses = batch.y[:steps], u.losses[:steps]
        missing = _missing(y[:, first:last], u.lengths[first:last])
        at = np.flatnonzero(missing.any(axis=0))  # rows: no other one depends on them, nor on who computes them
        missing, at = missing[:, at], first + at
        agreeing = np.ascontiguousarray(u.logits[:steps, at]) if len(at) else None
        y = y if agreeing is None else np.maximum(y, 0)
        arguments = (y, u.lengths, *self._theta(u), u.scale, losses, dA, dbegin, dend, alpha[:steps], beta[:steps])
        crf_loss(u.logits[:steps], *arguments, only_losses, first, last)
        if agreeing is not None:
            y = np.ascontiguousarray(y[:, at])
            agreeing[~missing[:, :, None] & (np.arange(u.logits.shape[2]) != y[:, :, None])] -= FORBIDDEN
            self._subtract(u, agreeing, y, only_losses, at)

    def _subtract(self, u: Any, agreeing: np.ndarray, y: np.ndarray, only_losses: bool, at: np.ndarray) -> None:
        """The same of the paths of the rows `at` that agree with the tags there are: one of them, y, cancels."""
        steps, n, C = agreeing.shape
        dtype = agreeing.dtype
        losses, alpha, beta = np.empty((steps, n), dtype), np.empty_like(agreeing), np.empty_like(agreeing)
        dA, dbegin, dend = (np.zeros((n, size), dtype) for size in (C * C, C, C))
        lengths = u.lengths[at]
        arguments = (y, lengths, *self._theta(u), u.scale, losses, dA, dbegin, dend, alpha, beta, only_losses)
        crf_loss(agreeing, *arguments, 0, n)
        u.losses[:steps, at] -= losses
        if not only_losses:
            u.logits[:steps, at] -= agreeing
            for whole, part in zip(self._scratch(u)[:3], (dA, dbegin, dend), strict=True):
                whole[at] -= part

    def own_gradients(self, u: Any) -> None:
        dA, dbegin, dend, _, _ = self._scratch(u)
        names = ("task.transitions", "task.begin", "task.end")
        for name, of_rows in zip(names, (dA, dbegin, dend), strict=True):
            u.sums.columns(of_rows, u.sums.groups(1), u.grads[name].reshape(-1), 0, 1)

    def paths(self, u: Unfolding, batch: Batch) -> np.ndarray:
        """The likeliest tags (steps, N) of a batch that was run forward; -1 beyond the lengths."""
        steps = batch.steps
        paths = np.empty((steps, u.N), np.int32)
        back = np.empty((steps, u.N, u.logits.shape[2]), np.int32)
        u.outputs(0, steps)
        viterbi(u.logits[:steps], u.lengths, *self.constrained(u.network.theta), paths, back, 0, u.N)
        return paths

    def constrained(self, theta: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        """The parameters (1, C, C), (C,), (C,) among these, less FORBIDDEN for what is not allowed."""
        A, begin, end = self._of(theta)
        if self.allowed is None:
            return A, begin, end
        masks = (self.allowed.transitions[None], self.allowed.begin, self.allowed.end)
        less = A.dtype.type(FORBIDDEN)
        return tuple(np.where(mask, x, x - less) for x, mask in zip((A, begin, end), masks, strict=True))


CROSS_ENTROPY = CrossEntropy()
