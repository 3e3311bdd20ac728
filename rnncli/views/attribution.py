"""`attribution`: which earlier inputs made one prediction, by integrated gradients (Sundararajan 2017, 1703.01365).

    X(α) = B + α (X - B)                                            the straight way from usual inputs to those read
    A[t] = Σ_d (X - B)[t,d] · ∫₀¹ ∂F(X(α)) / ∂X[t,d] dα

X[t] are the last inputs as the first layer reads them (embedding vectors, scaled numbers), F is the prediction at the
step looked at. The usual input B is the mean of the embedding vectors that are read, and the mean of each number in
training, at every step; what came before the last inputs stays as it is. (From vectors of zero the way is rough: a
network that reads nothing for long is often unstable.)

The integral is complete, Σ_t A[t] = F(X) - F(B), and so it is on each part of the way, by Gauss-Lobatto points

    Σ_t A_part[t] ≈ F(X(b)) - F(X(a))     for a part a <= α <= b

what is missing tells where the way is rough, and so does how much the single A[t] of a part change when it is halved.
The roughest parts are halved until next to nothing is missing or changes, or all points are used. Both are told; where
one is large, the attribution is not to be trusted.

On the straight way all inputs come from B together, and a network that reads the same for long may be unstable there.
If that is too rough, the way goes block by block: the inputs near the step first, the oldest last, in larger blocks; so
what is read last is always what was read, or soon will be. The better of the two ways is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import take
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture, Parameters
from rnncli.network.inputs import embedded
from rnncli.network.network import Network
from rnncli.views.predicted import Output, predicted
from rnncli.views.reading import check_states, states_at
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 6,
    "help": "which inputs made a prediction",
    "caption": "Which of the earlier inputs made one prediction: green ones raised it, red ones lowered it.",
    "input": True,
    "options": {
        "at": {"min": 0, "metavar": "STEP", "help": "Step of the prediction", "unset": "the last one"},
    },
}

SPAN = 256  # inputs
BLOCK = 1 << 14  # steps whose vectors are looked up at a time
GAP = 1e-3  # of F(X) - F(B): no less is asked for
CHANGE = 1e-2  # of Σ |A|: the same
POINTS = 200  # at most
ROWS = 24  # points side by side
MEMORY = 1 << 29  # bytes of these, of a network that is run over the whole of a long sequence
PARTS = 4  # of the straight way to begin with
GROWTH = 1.5  # of the blocks, from that of the input at the step alone
NODES = np.array([-1, -np.sqrt(3 / 7), 0, np.sqrt(3 / 7), 1])  # Gauss-Lobatto: exact for polynomials of degree 7
WEIGHTS = np.array([9, 49, 64, 49, 9]) / 90


class Attribution(View):
    """Of the prediction at one step: of a text wherever it is, else of the first sequence."""

    def data(self, subject: Subject) -> dict[str, Any]:
        reading = several = subject.sequences(with_loss=False, whole=True)
        if subject.model.vocabulary is None:
            reading = several.first_sequence()
            subject.read = reading.steps, several.of
        network, team, at = subject.network, subject.team, subject.options.at
        B = usual(network.architecture, network.theta, several.batch)
        what, index, output = predicted(subject.model, reading, team, at)
        data = view(network, reading.batch, team, reading.softmax, at, index, B, output)
        span = slice(data["first"], data["first"] + len(data["attribution"]))
        names = {"steps": reading.inputs[span], "predicts": reading.outputs[data["output"]], "what": what}
        return data | names | {"softmax": reading.softmax, "words": reading.words}


@np.errstate(all="ignore")  # an unstable network is told of in words
def view(
    network: Network,
    sequence: Batch,
    team: Team,
    softmax: bool,
    at: int | None = None,
    index: int | None = None,
    B: np.ndarray | None = None,
    output: Callable[[int], Output] | None = None,
) -> dict:
    """`at`, the step looked at (default the last, and of a pooled network no other); `output`, the index of what it
    predicts there (default the likeliest, or the first number); `first`, the step of the first of the inputs, and by
    step from there `attribution`; `value` and `baseline`, F with the inputs and with usual ones; `points` used;
    `completeness_gap`, |Σ A - (F(X) - F(B))| / |F(X) - F(B)|; `change`, by how much the last halving changed the single
    values, summed, in parts of Σ |A|.

    `sequence` is one row of steps, B (D,) the usual input, by default that of the sequence; `output(index)` says what F
    is. A network that reads both ways is looked at with the inputs around the step.
    """
    a = network.architecture
    if a.pool and at is not None:
        raise ValueError(f"--at {at}: there is one output for the whole sequence")
    at = sequence.steps - 1 if at is None else at
    if at >= sequence.steps:
        raise RnncliError(f"--at {at}: the input has {sequence.steps} steps, counted from 0")
    way = Way(network, sequence, team, at, usual(a, network.theta, sequence) if B is None else B)
    logits, _ = way.run(way.edges[-1:])
    index = int(logits[0].argmax()) if index is None else index
    F = Output(index, softmax) if output is None else output(index)
    parts, points = integral(way, F)
    if not complete(parts):
        way.go_by_blocks()
        other, more = integral(way, F)
        parts, points = min(parts, other, key=lambda parts: _rough(parts).sum()), points + more
    attribution = np.sum([part.attribution for part in parts], axis=0)
    value, baseline = float(parts[-1].F[-1]), float(parts[0].F[0])
    check_states(np.array([value, baseline, *attribution]))
    gap = abs(float(attribution.sum()) - (value - baseline)) / max(abs(value - baseline), 1e-12)
    return {
        "at": at,
        "output": F.index,
        "first": way.first,
        "attribution": attribution.tolist(),
        "value": value,
        "baseline": baseline,
        "points": points,
        "completeness_gap": gap,
        "change": sum(part.change for part in parts) / max(float(np.abs(attribution).sum()), 1e-12),
    }


def usual(a: Architecture, theta: Parameters, sequences: Batch) -> np.ndarray:
    """B (D,): the mean of the embedding vectors of these steps, and 0 for numbers, which is their mean in training."""
    T, N = sequences.starts.shape
    inside = np.arange(T)[:, None] < (np.full(N, sequences.steps) if sequences.lengths is None else sequences.lengths)
    sums = []
    for begin in range(0, T, BLOCK):
        X = embedded(a, theta, take(sequences.x, slice(begin, begin + BLOCK)))
        sums.append(X[inside[begin : begin + BLOCK]].sum(axis=0, dtype=np.float64))
    B = np.sum(sums, axis=0) / inside.sum()
    if a.numbers:
        B[-a.numbers :] = 0
    return B.astype(X.dtype)


@dataclass
class Part:
    """A part of the way, begin <= α <= end: F (5,) at its nodes, slopes (5, count), what each input has of dF/dα.

    `moved` (count,) tells which inputs are on their way here. `change` is what halving has changed there; infinite
    where that is not known yet.
    """

    begin: float
    end: float
    F: np.ndarray
    slopes: np.ndarray
    moved: np.ndarray
    change: float = np.inf

    @property
    def attribution(self) -> np.ndarray:
        """By input, of this part of the way."""
        return (self.end - self.begin) * WEIGHTS / 2 @ self.slopes * self.moved

    @property
    def missing(self) -> float:
        """|what the attribution adds up to, less what F changes by|."""
        return abs(float(self.attribution.sum() - (self.F[-1] - self.F[0])))


def complete(parts: list[Part]) -> bool:
    """Whether no more is missing, nor changes, than is allowed."""
    return bool((_rough(parts).sum(axis=1) <= 1).all())


def _rough(parts: list[Part]) -> np.ndarray:
    """(2, parts): of each part, what is missing and what has changed, in parts of what is allowed of all."""
    gap = GAP * abs(parts[-1].F[-1] - parts[0].F[0])
    change = CHANGE * np.abs(sum(part.attribution for part in parts)).sum()
    found = np.array([[part.missing for part in parts], [part.change for part in parts]])
    return found / np.maximum([[gap], [change]], 1e-12)


def integral(way: "Way", output: Output) -> tuple[list[Part], int]:
    """The way in parts, in their order, and how many points it took."""
    bounds = list(pairwise(way.edges.tolist()))
    nodes = np.unique(np.concatenate([inside(*bound) for bound in bounds]).round(12))
    F, slopes = way.slopes(nodes, output)
    parts = [
        Part(*bound, F[4 * i : 4 * i + 5], slopes[4 * i : 4 * i + 5], way.moved(*bound))
        for i, bound in enumerate(bounds)
    ]
    points = len(nodes)
    while points + 6 <= POINTS and not complete(parts):
        count = min(ROWS // 6, len(parts), (POINTS - points) // 6)  # a part that is halved needs 6 points more
        worst = np.argsort(-np.maximum(*_rough(parts)), kind="stable")[:count].tolist()
        halves = _halved([parts[i] for i in worst], way, output)
        parts = [half for i, part in enumerate(parts) for half in (halves[worst.index(i)] if i in worst else [part])]
        points += 6 * count
    return parts, points


def _halved(parts: list[Part], way: "Way", output: Output) -> list[list[Part]]:
    """Both halves of each: their ends are known, since a node stands in the middle."""
    bounds = [pair for part in parts for pair in pairwise((part.begin, (part.begin + part.end) / 2, part.end))]
    F, slopes = way.slopes(np.concatenate([inside(a, b)[1:-1] for a, b in bounds]), output)
    halves = []
    for i, (a, b) in enumerate(bounds):
        part, new, (first, last) = parts[i // 2], slice(3 * i, 3 * i + 3), ((0, 2), (2, 4))[i % 2]
        F_half = np.concatenate([part.F[first, None], F[new], part.F[last, None]])
        slopes_half = np.concatenate([part.slopes[first, None], slopes[new], part.slopes[last, None]])
        halves.append(Part(a, b, F_half, slopes_half, part.moved))
    pairs = [halves[i : i + 2] for i in range(0, len(halves), 2)]
    for part, (one, other) in zip(parts, pairs, strict=True):
        change = float(np.abs(part.attribution - one.attribution - other.attribution).sum())
        one.change = other.change = change / 2
    return pairs


def inside(begin: float, end: float) -> np.ndarray:
    """The nodes (5,) of a part of the way."""
    return begin + (end - begin) * (NODES + 1) / 2


def rows_in_memory(a: Architecture, steps: int) -> int:
    """How many points stand side by side over so many steps; RnncliError if there is no room for one."""
    each = 4 * steps * (14 * a.layers * a.width + 3 * a.input_width + 2 * (0 if a.pool else a.outputs))
    if each > 8 * MEMORY:
        raise RnncliError(
            f"{steps:,} steps are too many: a network that needs its whole sequence is looked at with up to "
            f"{int(steps * 8 * MEMORY / each):,} of them"
        )
    return max(1, min(ROWS, MEMORY // each))


class Way:
    """The network on the inputs that lead to a step, those of the span on their way from usual ones.

    `X` (steps, D) are the inputs that are run, `inputs` those of them that are on the way, `count` in number, `first`
    the step of the first. `block` (count,) says at which of the blocks each begins its way: at first all at once.
    """

    def __init__(self, network: Network, sequence: Batch, team: Team, at: int, B: np.ndarray):
        a = network.architecture
        whole = a.bidirectional or a.pool
        last = min(at + SPAN // 2, sequence.steps) if a.bidirectional and not a.pool else at + 1
        self.first = max(0, last - SPAN)
        begin, end = (0, sequence.steps) if whole else (self.first, at + 1)
        self.X = embedded(a, network.theta, take(sequence.x, slice(begin, end)))[:, 0]
        self.starts = sequence.starts[begin:end]
        self.rows = rows_in_memory(a, len(self.X))
        self.inputs = slice(self.first - begin, min(self.first - begin + SPAN, len(self.X)))
        self.count, self.B = self.inputs.stop - self.inputs.start, B
        self.out_step = 0 if a.pool else at - begin
        self.step = at - self.first  # of the inputs
        self.block, self.edges = np.zeros(self.count, int), np.linspace(0, 1, PARTS + 1)
        self.states = None if whole else states_at(network, sequence, team, np.array([begin]))
        self.unfolded = network.unfold(len(self.X), self.rows, team, training=True, given=True)
        self.unfolded.pack()

    def go_by_blocks(self) -> None:
        """From now on the inputs nearest to the step move first."""
        ends = np.cumsum(np.ceil(GROWTH ** np.arange(np.log(self.count + 1) / np.log(GROWTH) + 1)))
        self.block = np.searchsorted(ends, np.abs(np.arange(self.count) - self.step), "right")
        self.edges = np.arange(self.block.max() + 2.0)

    def moved(self, begin: float, end: float) -> np.ndarray:
        """Which inputs (count,) are on their way in this part of it."""
        return self.block == int((begin + end) / 2)

    def slopes(self, alphas: np.ndarray, output: Output) -> tuple[np.ndarray, np.ndarray]:
        """F (points,) and Σ_d (X - B)[t,d] ∂F/∂X[t,d] (points, count) at any number of points."""
        F, slopes, far = [], [], (self.X[self.inputs] - self.B).astype(np.float64)
        for i in range(0, len(alphas), self.rows):
            logits, gradients = self.run(alphas[i : i + self.rows], output)
            F.append(output.value(logits))
            slopes.append(np.einsum("tpd,td->pt", gradients, far))
        return np.concatenate(F), np.concatenate(slopes)

    def run(self, alphas: np.ndarray, output: Output | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Logits (points, outputs) of the step, and ∂F/∂X (count, points, D), at up to `rows` points."""
        u, points = self.unfolded, len(alphas)
        x = np.repeat(self.X[:, None], self.rows, axis=1)
        near = np.clip(alphas - self.block[:, None], 0, 1).astype(x.dtype)[:, :, None]
        x[self.inputs, :points] = self.B + near * (self.X[self.inputs, None] - self.B)
        starts = np.repeat(self.starts, self.rows, axis=1)
        u.set_states(self.states)
        seen = np.zeros((self.rows, u.logits.shape[2]), u.logits.dtype)

        def gradient(u, t0, steps, first, last):
            step, logits = self.out_step - t0, u.logits
            there = 0 <= step < steps
            if there:
                seen[first:last] = logits[step, first:last]
            logits[:steps, first:last] = 0
            if there and output is not None:
                logits[step, first:last] = output.gradient(seen[first:last])

        u.gradients(Batch.to_read(x, starts), gradient)
        return seen[:points], u.input.dX[self.inputs, :points]
