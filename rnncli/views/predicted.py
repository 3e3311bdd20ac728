"""What `predict` says of a step, as attribution looks at it: the same label, the same probability or value."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.likelihoods import Likelihood
from rnncli.network.losses import BinaryCrossEntropy, PathLoss
from rnncli.views.reading import Reading, having_read


@dataclass
class Output:
    """The prediction F of z = scale · logits + offset: one of them as it is, or the logarithm of its probability, by
    the softmax of all, or by its own sigmoid. A temperature is 1 / scale. With `odds` it is log(p / (1 - p)) of the
    softmax, the margin z[i] - log Σ_{j≠i} exp(z[j]): of a label that is all but certain, log p hardly moves, the margin
    does.
    """

    index: int
    softmax: bool
    sigmoid: bool = False
    scale: float = 1.0
    offset: float = 0.0
    odds: bool = False

    def value(self, logits: np.ndarray) -> np.ndarray:
        """F (N,) of logits (N, outputs)."""
        z = self.scale * logits.astype(np.float64) + self.offset
        if self.sigmoid:
            return -np.logaddexp(0, -z[:, self.index])
        if not self.softmax:
            return z[:, self.index]
        if self.odds:
            others = np.delete(z, self.index, axis=1)
            return z[:, self.index] - np.logaddexp.reduce(others, axis=1)
        top = z.max(axis=1, keepdims=True)
        return z[:, self.index] - top[:, 0] - np.log(np.exp(z - top).sum(axis=1))

    def gradient(self, logits: np.ndarray) -> np.ndarray:
        """∂F/∂logits, as they are shaped."""
        out = np.zeros_like(logits)
        if self.sigmoid:
            out[:, self.index] = -np.exp(self.value(logits))
        elif self.softmax:
            z = out.dtype.type(self.scale) * logits
            if self.odds:
                z[:, self.index] = -np.inf  # what the others share among themselves
            p = np.exp(z - z.max(axis=1, keepdims=True))
            out -= p / p.sum(axis=1, keepdims=True)
        out[:, self.index] += 1
        return out * out.dtype.type(self.scale)


def predicted(
    model: Model, reading: Reading, team: Team, at: int | None
) -> tuple[str, int | None, Callable[[int], Output] | None]:
    """(what F is, the index of the output or None for the largest one, F by that index). Of a random field F is the
    score of the tag of the best path, without those of transitions; of a forecast it is scaled, as the network reads.
    """
    schema, scale = model.schema, 1 / model.summary.get("temperature", 1.0)
    if isinstance(reading.loss, BinaryCrossEntropy):
        return "log probability", None, lambda index: Output(index, False, True, scale)
    if schema is not None and schema.targets:
        std, mean = schema.target_std, schema.target_mean
        return "value", reading.point, lambda index: Output(index, False, scale=std[index], offset=mean[index])
    if isinstance(reading.loss, Likelihood):
        return "scaled value", reading.point, None
    if isinstance(reading.loss, PathLoss):
        return "score", _tag_at(model, reading, reading.loss, team, at), lambda index: Output(index, False)
    if schema is not None and schema.labels and len(schema.labels) > 1:
        return "log odds", reading.point, lambda index: Output(index, True, scale=scale, odds=True)
    return "log probability", reading.point, lambda index: Output(index, True, scale=scale)


def _tag_at(model: Model, reading: Reading, loss: PathLoss, team, at: int | None) -> int:
    """That of the best path."""
    at = reading.steps - 1 if at is None else at
    if at >= reading.steps:
        raise RnncliError(f"--at {at}: the input has {reading.steps} steps, counted from 0")
    return int(loss.paths(having_read(model.network, reading.batch, team), reading.batch)[at, 0])
