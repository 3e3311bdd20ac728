"""`attribution`: which earlier inputs made one prediction, by integrated gradients (Sundararajan 2017, 1703.01365).

    A[t] = Σ_d X[t,d] · ∫₀¹ ∂F / ∂X[t,d] dα        by Gauss-Legendre points α

X[t] are the last inputs as the first layer reads them (embedding vectors, scaled numbers), F is the prediction at the
step looked at. The baseline is no embedding, and the mean of each number; what came before the last inputs stays as it
is. The integral is complete, Σ_t A[t] = F(X) - F(0), and the gap that the points leave is a part of that: where it is
large, the attribution is not to be trusted.

On the straight way all inputs are scaled by α together. Networks that read next to nothing for long are often unstable,
and then the straight way is too rough to be integrated. If its gap is above GAP the way goes block by block: the oldest
inputs first, while the newer ones are still there, in smaller blocks towards the step; the better of the two is kept.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.batches import Batch
from rnncli.errors import RnncliError
from rnncli.inputs import embedded
from rnncli.network import Network
from rnncli.views.sequence import states_at

SPAN = 256  # inputs
GAP = 0.01
GROWTH = 1.5  # of the blocks, from that of the last input alone on backwards
POINTS = 200  # of all blocks together
ROWS = 20  # points side by side


@dataclass
class Output:
    """The prediction F: an output of the network as it is, or the logarithm of its softmax."""

    index: int
    softmax: bool

    def value(self, logits: np.ndarray) -> np.ndarray:
        """F (N,) of logits (N, outputs)."""
        logits = logits.astype(np.float64)
        if not self.softmax:
            return logits[:, self.index]
        top = logits.max(axis=1, keepdims=True)
        return logits[:, self.index] - top[:, 0] - np.log(np.exp(logits - top).sum(axis=1))

    def gradient(self, logits: np.ndarray) -> np.ndarray:
        """∂F/∂logits, as they are shaped."""
        out = np.zeros_like(logits)
        if self.softmax:
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            out -= p / p.sum(axis=1, keepdims=True)
        out[:, self.index] += 1
        return out


def view(network: Network, sequence: Batch, team, softmax: bool, at: int | None = None, index: int | None = None):
    """`at`, the step looked at (default the last; of a pooled network always the last); `output`, the index of what it
    predicts there (default the likeliest, or the first number); `first`, the step of the first of the inputs, and by
    step from there `attribution`; `value` and `baseline`, F with all of the inputs and with none; `way`, straight or
    blocks; `completeness_gap`, |Σ A - (F(X) - F(0))| / |F(X) - F(0)|.

    `sequence` is one row of steps. A network that reads both ways is looked at with the inputs around the step.
    """
    a = network.architecture
    at = sequence.steps - 1 if at is None or a.pool else at
    if at >= sequence.steps:
        raise RnncliError(f"--at {at}: the input has {sequence.steps} steps, counted from 0")
    path = Path(network, sequence, team, at)
    logits, _ = path.run(np.stack([np.ones(path.count), np.zeros(path.count)]))
    output = Output(index if index is not None else int(logits[0].argmax()) if softmax else 0, softmax)
    value, baseline = output.value(logits).tolist()
    change = value - baseline
    ways = []
    for name, block in (("straight", np.zeros(path.count, int)), ("blocks", blocks(path.count))):
        attribution = integral(path, output, block)
        gap = abs(float(attribution.sum()) - change) / max(abs(change), 1e-12)
        ways.append((gap, name, attribution))
        if gap <= GAP:
            break
    gap, name, attribution = min(ways, key=lambda found: found[0])
    return {
        "view": "attribution",
        "at": at,
        "output": output.index,
        "first": path.first,
        "attribution": attribution.tolist(),
        "value": value,
        "baseline": baseline,
        "way": name,
        "completeness_gap": gap,
    }


def integral(path: "Path", output: Output, block: np.ndarray) -> np.ndarray:
    """A (count,), the inputs being scaled block by block."""
    scales, weights = way(block)
    slope = sum(
        np.einsum("pt,ptd->td", weights[i : i + ROWS], path.run(scales[i : i + ROWS], output)[1])
        for i in range(0, len(scales), ROWS)
    )
    return (slope * path.X[path.inputs]).sum(axis=1)


def way(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From all inputs to none, block 0 of them first: their scales at every point, and how much the point counts for
    each of them, both (points, count).
    """
    number = int(block[-1]) + 1
    nodes, weights = np.polynomial.legendre.leggauss(POINTS // number)
    now = np.repeat(np.arange(number), len(nodes))[:, None]
    alpha, weight = (np.tile(values / 2, number)[:, None] for values in (nodes + 1, weights))
    return np.where(block > now, 1.0, np.where(block == now, alpha, 0.0)), np.where(block == now, weight, 0.0)


def blocks(count: int) -> np.ndarray:
    """Which block each of so many inputs is in, the oldest in block 0 and the newest alone in the last."""
    sizes = [1.0]
    while sum(map(int, sizes)) < count:
        sizes.append(sizes[-1] * GROWTH)
    return np.repeat(np.arange(len(sizes)), list(map(int, reversed(sizes))))[-count:]


class Path:
    """The network on the inputs that lead to a step, those of the span scaled.

    `X` (steps, D) are the inputs that are run, `inputs` those of them that are scaled, `count` in number, `first` the
    step of the first.
    """

    def __init__(self, network: Network, sequence: Batch, team, at: int):
        a = network.architecture
        X = embedded(a, network.theta, sequence.x)[: sequence.steps, 0]
        whole = a.bidirectional or a.pool
        last = min(at + SPAN // 2, sequence.steps) if a.bidirectional and not a.pool else at + 1
        self.first = max(0, last - SPAN)
        begin, end = (0, sequence.steps) if whole else (self.first, at + 1)
        self.X, self.starts = X[begin:end], sequence.starts[begin:end]
        self.inputs = slice(self.first - begin, min(self.first - begin + SPAN, len(self.X)))
        self.count = self.inputs.stop - self.inputs.start
        self.out_step = 0 if a.pool else at - begin
        self.states = None if whole else states_at(network, sequence, team, np.array([begin]))
        self.unfolded = network.unfold(len(self.X), ROWS, team, training=True, given=True)
        self.unfolded.pack()

    def run(self, scales: np.ndarray, output: Output | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Logits (points, outputs) of the step, and ∂F/∂X (points, count, D), for scales (points, count) of the inputs
        at up to ROWS points.
        """
        u, points = self.unfolded, len(scales)
        x = np.repeat(self.X[:, None], ROWS, axis=1)
        x[self.inputs, :points] *= scales.T[:, :, None].astype(x.dtype)
        starts = np.repeat(self.starts, ROWS, axis=1)
        for state, then in zip(u.states(), self.states or [0] * len(u.states()), strict=True):
            state[...] = then
        seen = np.zeros((ROWS, u.logits.shape[2]), u.logits.dtype)

        def gradient(u, t0, steps, first, last):
            step, logits = self.out_step - t0, u.logits
            there = 0 <= step < steps
            if there:
                seen[first:last] = logits[step, first:last]
            logits[:steps, first:last] = 0
            if there and output is not None:
                logits[step, first:last] = output.gradient(seen[first:last])

        u.gradients(x, starts, len(x), gradient)
        return seen[:points], u.input.dX[self.inputs, :points].swapaxes(0, 1).astype(np.float64)
