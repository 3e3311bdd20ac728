"""`attribution`: which earlier inputs made one prediction, by integrated gradients (Sundararajan 2017, 1703.01365).

    X(α) = B + α (X - B)                                            the straight path from the baseline to the inputs
    A[t] = Σ_d (X - B)[t,d] · ∫₀¹ ∂F(X(α)) / ∂X[t,d] dα

X[t] are the last inputs as the first layer reads them (embedding vectors, scaled numbers). F is the prediction at one
step. The baseline B is the same at every step: the mean of the embedding vectors that are read, and the mean of each
number in training. Earlier inputs keep their values. (A baseline of zero vectors gives a rough path, because a network
that reads nothing for long is often unstable.)

The integral is complete, Σ_t A[t] = F(X) - F(B), and so it is on each segment of the path, by Gauss-Lobatto points:

    Σ_t A_segment[t] ≈ F(X(b)) - F(X(a))     for a segment a <= α <= b

The difference of the two sides shows where the path is rough; so does the change of the single A[t] of a segment when
it is halved. The roughest segments are halved until difference and change are small, or all points are used. The result
gives both. Where one is large, do not trust the attribution.

On the straight path all inputs leave B together, and a network that reads the same input for long may be unstable
there. If that path is too rough, the inputs leave B block by block: those near the step first, the oldest last, in
larger and larger blocks. The better of the two paths is kept.
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
from rnncli.views.faithfulness import faithfulness
from rnncli.views.predicted import Output, predicted
from rnncli.views.read_columns import read_columns
from rnncli.views.reading import check_states, needs_end, states_at
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 6,
    "help": "which inputs made a prediction",
    "caption": "Which of the earlier inputs made one prediction: those above 0, in green, raised it; those below 0, in "
    "red, lowered it.",
    "input": True,
    "options": {
        "at": {"min": 0, "metavar": "STEP", "help": "Step of the prediction", "unset": "the last one"},
    },
}

SPAN = 256  # The last inputs, which have an attribution.
BLOCK = 1 << 14  # Steps whose vectors are looked up at a time.
GAP = 1e-3  # The integral may lack this share of F(X) - F(B).
CHANGE = 1e-2  # The last halving may change this share of Σ |A|.
POINTS = 200  # The most points of one path.
POINTS_AT_ONCE = 24  # The most points side by side.
MEMORY = 1 << 29  # Bytes of the points side by side, where a network reads a long sequence to its end.
SEGMENTS = 4  # The straight path begins with so many.
GROWTH = 1.5  # Each block is larger than the one before by this factor; the first is the input at the step.
NODES = np.array([-1, -np.sqrt(3 / 7), 0, np.sqrt(3 / 7), 1])  # Gauss-Lobatto: exact for polynomials of degree 7
WEIGHTS = np.array([9, 49, 64, 49, 9]) / 90


class Attribution(View):
    """Attributes the prediction at one step: any step of a text, else a step of the first sequence."""

    def data(self, subject: Subject) -> dict[str, Any]:
        reading = several = subject.sequences(with_loss=False, first_complete=True)
        if subject.model.vocabulary is None:
            reading = several.first_sequence()
            subject.read = reading.steps, several.of
        network, team, at = subject.network, subject.team, subject.options.at
        B = baseline_of(network.architecture, network.theta, several.batch)
        what, index, output = predicted(subject.model, reading, team, at)
        data = view(network, reading.batch, team, reading.softmax, at, index, B, output, read_columns(subject.model))
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
    columns: tuple[list[str], np.ndarray] | None = None,
) -> dict:
    """The attribution as plain data:

    `at`, the step (default: the last; a pooled network has no other); `output`, the index of the prediction (default:
    the likeliest, or the first number); `first`, the step of the first input; `attribution` of each input from there;
    `value` and `baseline`, F(X) and F(B); `points` used; `completeness_gap`, |Σ A - (F(X) - F(B))| / |F(X) - F(B)|;
    `change` of the single values by the last halving, summed, as a share of Σ |A|; `faithfulness`, see faithfulness.py.
    With `columns` (names, column of each number that is read): `columns`, their names, and `by_column`, the attribution
    of each, whose sum is that of all.

    `sequence` is one row of steps, B (D,) the baseline input (default: that of the sequence); `output(index)` gives F.
    For a bidirectional network the inputs are those around the step.
    """
    a = network.architecture
    if a.pool and at is not None:
        raise ValueError(f"--at {at}: the model has one output per sequence")
    at = sequence.steps - 1 if at is None else at
    if at >= sequence.steps:
        raise RnncliError(f"--at {at}: the input has {sequence.steps} steps, counted from 0")
    B = baseline_of(a, network.theta, sequence) if B is None else B
    path = Path(network, sequence, team, at, B, None if columns is None else columns[1])
    logits, _ = path.evaluate(path.edges[-1:])
    index = int(logits[0].argmax()) if index is None else index
    F = Output(index, softmax) if output is None else output(index)
    segments, points = integral(path, F)
    if not complete(segments):
        path.go_by_blocks()
        other, more = integral(path, F)
        segments, points = min(segments, other, key=lambda segments: _rough(segments).sum()), points + more
    by_column = np.sum([segment.attribution for segment in segments], axis=0).reshape(path.count, -1)
    attribution = by_column.sum(axis=1)
    value, baseline = float(segments[-1].F[-1]), float(segments[0].F[0])
    check_states(np.array([value, baseline, *attribution]))
    told = {} if columns is None else {"columns": columns[0], "by_column": by_column.T.tolist()}
    gap = abs(float(attribution.sum()) - (value - baseline)) / max(abs(value - baseline), 1e-12)
    return told | {
        "at": at,
        "output": F.index,
        "first": path.first,
        "attribution": attribution.tolist(),
        "value": value,
        "baseline": baseline,
        "points": points,
        "completeness_gap": gap,
        "change": sum(segment.change for segment in segments) / max(float(np.abs(by_column).sum()), 1e-12),
        "faithfulness": faithfulness(path, F, attribution, value, baseline),
    }


def baseline_of(a: Architecture, theta: Parameters, sequences: Batch) -> np.ndarray:
    """B (D,): the mean of the embedding vectors of these steps; for scaled numbers 0, their mean in training."""
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
class Segment:
    """A segment of the path, begin <= α <= end: F (5,) at its nodes; slopes (5, count · columns), dF/dα by input.

    `moved` (count · columns,) tells which inputs move here. `change` is by how much halving has changed the
    attribution, infinite before it is known.
    """

    begin: float
    end: float
    F: np.ndarray
    slopes: np.ndarray
    moved: np.ndarray
    change: float = np.inf

    @property
    def attribution(self) -> np.ndarray:
        """A[t] (count · columns,) of this segment."""
        return (self.end - self.begin) * WEIGHTS / 2 @ self.slopes * self.moved

    @property
    def missing(self) -> float:
        """|Σ A - (F at the end - F at the begin)|."""
        return abs(float(self.attribution.sum() - (self.F[-1] - self.F[0])))


def complete(segments: list[Segment]) -> bool:
    """Whether `missing` and `change` are within GAP and CHANGE."""
    return bool((_rough(segments).sum(axis=1) <= 1).all())


def _rough(segments: list[Segment]) -> np.ndarray:
    """(2, segments): `missing` and `change` of each segment, as a share of what the path may have."""
    gap = GAP * abs(segments[-1].F[-1] - segments[0].F[0])
    change = CHANGE * np.abs(sum(segment.attribution for segment in segments)).sum()
    found = np.array([[segment.missing for segment in segments], [segment.change for segment in segments]])
    return found / np.maximum([[gap], [change]], 1e-12)


def integral(path: "Path", output: Output) -> tuple[list[Segment], int]:
    """The segments of the path in order, and the number of points used."""
    bounds = list(pairwise(path.edges.tolist()))
    nodes = np.unique(np.concatenate([inside(*bound) for bound in bounds]).round(12))
    F, slopes = path.slopes(nodes, output)
    segments = [
        Segment(*bound, F[4 * i : 4 * i + 5], slopes[4 * i : 4 * i + 5], path.moved(*bound))
        for i, bound in enumerate(bounds)
    ]
    points = len(nodes)
    while points + 6 <= POINTS and not complete(segments):
        count = min(POINTS_AT_ONCE // 6, len(segments), (POINTS - points) // 6)  # halving a segment takes 6 points
        worst = np.argsort(-np.maximum(*_rough(segments)), kind="stable")[:count].tolist()
        halves = _halved([segments[i] for i in worst], path, output)
        refined = dict(zip(worst, halves, strict=True))
        segments = [new for i, old in enumerate(segments) for new in refined.get(i, [old])]
        points += 6 * count
    return segments, points


def _halved(segments: list[Segment], path: "Path", output: Output) -> list[list[Segment]]:
    """Both halves of each segment. Their ends are known, since a node lies in the middle."""
    bounds = [pair for s in segments for pair in pairwise((s.begin, (s.begin + s.end) / 2, s.end))]
    F, slopes = path.slopes(np.concatenate([inside(a, b)[1:-1] for a, b in bounds]), output)
    halves = []
    for i, (a, b) in enumerate(bounds):
        segment, new, (first, last) = segments[i // 2], slice(3 * i, 3 * i + 3), ((0, 2), (2, 4))[i % 2]
        F_half = np.concatenate([segment.F[first, None], F[new], segment.F[last, None]])
        slopes_half = np.concatenate([segment.slopes[first, None], slopes[new], segment.slopes[last, None]])
        halves.append(Segment(a, b, F_half, slopes_half, segment.moved))
    pairs = [halves[i : i + 2] for i in range(0, len(halves), 2)]
    for segment, (one, other) in zip(segments, pairs, strict=True):
        change = float(np.abs(segment.attribution - one.attribution - other.attribution).sum())
        one.change = other.change = change / 2
    return pairs


def inside(begin: float, end: float) -> np.ndarray:
    """The nodes (5,) of a segment of the path."""
    return begin + (end - begin) * (NODES + 1) / 2


def points_in_memory(a: Architecture, steps: int) -> int:
    """The number of points side by side over so many steps. RnncliError if memory is too small for one."""
    each = 4 * steps * (14 * a.layers * a.width + 3 * a.input_width + 2 * (0 if a.pool else a.outputs))
    if each > 8 * MEMORY:
        raise RnncliError(
            f"{steps:,} steps are too many: expected at most {int(steps * 8 * MEMORY / each):,}, because this network "
            "reads the sequence to its end; shorten the input"
        )
    return max(1, min(POINTS_AT_ONCE, MEMORY // each))


class Path:
    """The network on the inputs that lead to a step, the last of which move from the baseline to their values.

    `X` (steps, D) are all inputs, `inputs` the slice of the `count` inputs that move, `first` the step of the first of
    these. `column` (D,) is the column of each number that is read, None of a single one. `block` (count,) is the index
    of the block in which each moves; on the straight path all are in block 0.
    """

    def __init__(
        self,
        network: Network,
        sequence: Batch,
        team: Team,
        at: int,
        B: np.ndarray,
        column: np.ndarray | None = None,
    ):
        a = network.architecture
        to_the_end = needs_end(network)
        last = min(at + SPAN // 2, sequence.steps) if a.bidirectional and not a.pool else at + 1
        self.first = max(0, last - SPAN)
        begin, end = (0, sequence.steps) if to_the_end else (self.first, at + 1)
        self.X = embedded(a, network.theta, take(sequence.x, slice(begin, end)))[:, 0]
        self.starts = sequence.starts[begin:end]
        self.most = points_in_memory(a, len(self.X))
        self.inputs = slice(self.first - begin, min(self.first - begin + SPAN, len(self.X)))
        self.count, self.B = self.inputs.stop - self.inputs.start, B
        self.of_column = None if column is None else np.eye(column.max() + 1)[column]  # (D, columns)
        self.out_step = 0 if a.pool else at - begin
        self.step = at - self.first  # of the inputs
        self.block, self.edges = np.zeros(self.count, int), np.linspace(0, 1, SEGMENTS + 1)
        self.states = None if to_the_end else states_at(network, sequence, team, np.array([begin]))
        self.unfolded = network.unfold(len(self.X), self.most, team, training=True, given=True)
        self.unfolded.pack()

    def go_by_blocks(self) -> None:
        """Inputs nearest to the step move first from now on."""
        ends = np.cumsum(np.ceil(GROWTH ** np.arange(np.log(self.count + 1) / np.log(GROWTH) + 1)))
        self.block = np.searchsorted(ends, np.abs(np.arange(self.count) - self.step), "right")
        self.edges = np.arange(self.block.max() + 2.0)

    def moved(self, begin: float, end: float) -> np.ndarray:
        """Which inputs (count · columns,) move in this segment."""
        return np.repeat(self.block == int((begin + end) / 2), 1 if self.of_column is None else len(self.of_column.T))

    def slopes(self, alphas: np.ndarray, output: Output) -> tuple[np.ndarray, np.ndarray]:
        """F (points,) and Σ_d (X - B)[t,d] ∂F/∂X[t,d] (points, count · columns), over the numbers d of each column, at
        any number of points.
        """
        F, slopes, far = [], [], (self.X[self.inputs] - self.B).astype(np.float64)
        for i in range(0, len(alphas), self.most):
            logits, gradients = self.evaluate(alphas[i : i + self.most], output)
            F.append(output.value(logits))
            if self.of_column is None:
                slopes.append(np.einsum("tpd,td->pt", gradients, far))
            else:
                by_column = (gradients * far[:, None]) @ self.of_column
                slopes.append(by_column.transpose(1, 0, 2).reshape(len(logits), -1))
        return np.concatenate(F), np.concatenate(slopes)

    def values(self, near: np.ndarray, output: Output) -> np.ndarray:
        """F (points,), with a share near (count, points) of each input in place of the baseline."""
        parts = [self._outputs(near[:, i : i + self.most], None)[0] for i in range(0, near.shape[1], self.most)]
        return output.value(np.concatenate(parts))

    def evaluate(self, alphas: np.ndarray, output: Output | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Logits (points, outputs) of the step, and ∂F/∂X (count, points, D), at up to `most` points."""
        return self._outputs(np.clip(alphas - self.block[:, None], 0, 1), output)

    def _outputs(self, near: np.ndarray, output: Output | None) -> tuple[np.ndarray, np.ndarray]:
        """As `evaluate`, by the share near (count, points) of each input."""
        u, points = self.unfolded, near.shape[1]
        x = np.repeat(self.X[:, None], self.most, axis=1)
        x[self.inputs, :points] = self.B + near.astype(x.dtype)[:, :, None] * (self.X[self.inputs, None] - self.B)
        starts = np.repeat(self.starts, self.most, axis=1)
        u.set_states(self.states)
        seen = np.zeros((self.most, u.logits.shape[2]), u.logits.dtype)

        def gradient(u, batch, t0, steps, first, last):
            step, logits = self.out_step - t0, u.logits
            there = 0 <= step < steps
            if there:
                seen[first:last] = logits[step, first:last]
            logits[:steps, first:last] = 0
            if there and output is not None:
                logits[step, first:last] = output.gradient(seen[first:last])

        u.gradients(Batch.to_read(x, starts), gradient)
        return seen[:points], u.input.dX[self.inputs, :points]
