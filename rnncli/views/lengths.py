"""`lengths`: the promise of shared parameters. One f and one θ serve all steps, so that a network runs on lengths that
it never saw, and knows a pattern wherever it stands.

    by_position[p]   mean loss p steps after a start from a state of zero, up to the next of the positions
    loss[L]          its mean over the positions of a window of L steps

Streams and long series are read in windows of 1, 2, 4, 8 times the one trained on. Each target is read once from a
start in every range of positions (1, 1, 2, 4, .. steps, then half windows): all of them are of the same targets, and
what differs is only how far back the start is. Whole sequences, lines and many short series have lengths of their own:
they are grouped by them. Where a sequence has one output, by_position[p] is the loss when only its first p + 1 steps
are read.

A pattern of the input is put at every offset of a filler, other steps of the input: the loss on it, and how much the
state after it is like the one where it stands: cos(h - h̄, h' - h̄), h̄ the mean state over the filler. Of a network that
needs whole sequences it is the mean state over the pattern.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.batches import Batch
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.network import Network
from rnncli.tasks import task_class
from rnncli.views.reading import BATCH, MOST_STEPS, Reading, having_read, needs_end, padded, side_by_side, states_of
from rnncli.views.scoring import checked, metric_name, scored
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 7,
    "help": "the loss at other lengths",
    "caption": "Whether the same parameters serve at other lengths: the loss by position, far beyond the window of "
    "training, and one pattern at every offset.",
    "input": True,
}

MULTIPLES = (1, 2, 4, 8)
WHOLE_STEPS = 20_000  # of whole sequences
GROUPS = 5  # of their lengths
PREFIXES = 16
PATTERN, OFFSETS, FILLER = 16, 33, 400  # steps, places, steps
OTHERS = 0.95  # of the other states are less alike


class Lengths(View):
    """By position and length."""

    def data(self, subject: Subject) -> dict[str, Any]:
        config = subject.model.config
        most = MULTIPLES[-1] * config.window + MOST_STEPS if by_windows(config) else WHOLE_STEPS
        return view(subject.network, subject.sequences(True, most), config, subject.team)


def view(network: Network, reading: Reading, config: TrainConfig, team: Team) -> dict:
    """`kind` (windows or sequences), `window` trained on; `lengths`, and for each `loss`, `score` (what it is says
    `metric`) and `count` of targets, and of windows `last`, the loss at their end; by `positions` `by_position` and
    `score_by_position`; `pattern`: its `inputs`, and by `offsets` `loss` and `alike`, with what is usual of `others`.

    RnncliError if the input is too short.
    """
    lengths = np.diff(reading.bounds)
    few = len(lengths) == 1 or lengths.max() >= 2 * (config.window or 1)
    if by_windows(config) and few:
        data, reach = _windows(network, reading, config.window, team)
    else:
        data, reach = _sequences(network, reading, team)
    pattern = _at_offsets(network, reading, reach, team)
    return {"metric": metric_name(reading)} | data | {"pattern": pattern}


def by_windows(config: TrainConfig) -> bool:
    """Whether the input is a stream or series, trained in windows; else whole sequences or lines."""
    return task_class(config.task).carries and not config.of_records and config.window is not None


class _Means:
    """Means of losses and metrics in bins."""

    def __init__(self, bins: int):
        self.sums, self.count = np.zeros((2, bins)), np.zeros(bins)

    def add(self, bins: np.ndarray | int, losses: np.ndarray, metrics: np.ndarray) -> None:
        """Values and the bins that they go into; NaN is none."""
        bins, there = np.broadcast_to(bins, losses.shape), np.isfinite(losses)
        np.add.at(self.count, bins[there], 1)
        for sums, values in zip(self.sums, (losses, metrics), strict=True):
            np.add.at(sums, bins[there], values[there])

    def means(self) -> tuple[list[float | None], list[float | None]]:
        """Of losses and of metrics, by bin; None where there is none."""
        values = np.where(self.count, self.sums / np.maximum(self.count, 1), np.nan).tolist()
        losses, metrics = ([None if math.isnan(value) else value for value in means] for means in values)
        return losses, metrics


# -- windows of a stream ----------------------------------------------------------------------------------------------


def _windows(network: Network, reading: Reading, window: int, team) -> tuple[dict, int]:
    """The data, and the longest of the lengths."""
    every = np.diff(reading.bounds)
    begin, steps = int(reading.bounds[every.argmax()]), int(every.max())
    lengths = [window * m for m in MULTIPLES if window * (m + 1) <= steps]
    if not lengths:
        least = f"at least {2 * window}, twice the window trained on"
        raise RnncliError(f"{steps} steps are too few to compare lengths, expected {least}")
    longest, edges = lengths[-1], _edges(window, lengths[-1])
    targets = np.arange(begin + longest, begin + min(steps, longest + MOST_STEPS))
    means = _Means(len(edges) - 1)
    early = [list(pair) for pair in pairwise(edges) if pair[1] <= _half(window)]
    late = edges[len(early) :]
    for part in [*early, late] if len(late) > 1 else early:  # of one odd window nothing is left
        _add(means, network, reading, targets, part, edges.index(part[0]), team)
    by_position, by_score = means.means()

    def over(values: list[float | None], first: int, last: int) -> float | None:
        ranges = zip(values, edges, edges[1:], strict=False)
        there = [(v, b - a) for v, a, b in ranges if v is not None and first <= a and b <= last]
        return sum(v * width for v, width in there) / sum(width for _, width in there) if there else None

    return {
        "kind": "windows",
        "window": window,
        "lengths": lengths,
        "loss": [over(by_position, 0, length) for length in lengths],
        "score": [over(by_score, 0, length) for length in lengths],
        "last": [over(by_position, length - _half(window), length) for length in lengths],
        "count": [len(targets)] * len(lengths),
        "positions": edges[:-1],
        "by_position": by_position,
        "score_by_position": by_score,
    }, longest


def _half(window: int) -> int:
    """Half a window, or all of an odd one."""
    return window if window % 2 else window // 2


def _edges(window: int, longest: int) -> list[int]:
    """Of the ranges of positions: 0, 1, 2, 4, 8, .. up to half a window, then half by half."""
    half = _half(window)
    powers = [0] + [1 << i for i in range(half.bit_length()) if 1 << i < half]
    return powers + list(range(half, longest + 1, half))


def _add(means: _Means, network: Network, reading: Reading, targets: np.ndarray, edges: list[int], bin: int, team):
    """The targets read from starts that lie as far apart as the ranges of these edges are wide: one start in each."""
    apart, longest, end = edges[1] - edges[0], edges[-1], targets[-1] + 1
    starts = np.arange(targets[0] - longest + 1, end - edges[0], apart)
    for i in range(0, len(starts), BATCH):
        position = np.arange(min(longest, end - starts[i]))[:, None]
        steps = starts[i : i + BATCH] + position
        batch = side_by_side(reading.batch, np.minimum(steps, end - 1))
        losses, metrics = _scores(network, reading, batch, team)
        counts = (steps >= targets[0]) & (steps < end) & (position >= edges[0])
        bins = bin + np.maximum(position - edges[0], 0) // apart
        means.add(bins, np.where(counts, losses, np.nan), metrics)


def _scores(network: Network, reading: Reading, batch: Batch, team) -> tuple[np.ndarray, np.ndarray]:
    """Loss and metric by step and row, from states of zero."""
    return scored(checked(having_read(network, batch, team), batch), reading, batch)


# -- whole sequences --------------------------------------------------------------------------------------------------


def _sequences(network: Network, reading: Reading, team) -> tuple[dict, int]:
    lengths = np.diff(reading.bounds)
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, GROUPS + 1)[1:], method="higher"))
    groups, means = _Means(len(edges)), _Means(int(lengths.max()))
    order = np.argsort(lengths, kind="stable")
    prefixes = np.unique(np.geomspace(1, lengths.max(), PREFIXES).round().astype(int))
    pooled = bool(network.architecture.pool)
    for i in range(0, len(order), BATCH):
        chosen = order[i : i + BATCH]
        batch, _, _ = padded(reading, chosen)
        losses, metrics = _scores(network, reading, batch, team)
        groups.add(np.searchsorted(edges, lengths[chosen]), losses, metrics)
        if not pooled:
            means.add(np.arange(batch.steps)[:, None], losses, metrics)
            continue
        for prefix in prefixes[prefixes <= batch.steps]:
            losses, metrics = _scores(network, reading, batch.first(int(prefix)), team)
            means.add(prefix - 1, np.where(lengths[chosen] >= prefix, losses, np.nan), metrics)
    positions = (prefixes - 1).tolist() if pooled else list(range(len(means.count)))
    by_loss, by_score = means.means()
    loss, score = groups.means()
    return {
        "kind": "prefixes" if pooled else "sequences",
        "window": None,
        "lengths": edges.tolist(),
        "loss": loss,
        "score": score,
        "count": [int(n) for n in groups.count],
        "positions": positions,
        "by_position": [by_loss[p] for p in positions],
        "score_by_position": [by_score[p] for p in positions],
    }, min(FILLER, (1 if pooled else MULTIPLES[-1]) * int(np.median(lengths)))


# -- a pattern at every offset ----------------------------------------------------------------------------------------


def _at_offsets(network: Network, reading: Reading, reach: int, team) -> dict | None:
    """None if the input has nothing to fill with."""
    pieces = _pieces(network, reading, reach)
    if pieces is None:
        return None
    pattern, filler, sequence = pieces
    m, t = len(pattern), np.arange(len(pattern) + len(filler))[:, None]
    offsets = np.unique(np.linspace(0, len(filler), OFFSETS).round().astype(int))
    on_it = (t >= offsets) & (t < offsets + m)
    fill = filler[np.clip(np.where(t < offsets, t, t - m), 0, len(filler) - 1)]
    steps = np.where(on_it, pattern[np.clip(t - offsets, 0, m - 1)], fill)
    batch = side_by_side(reading.batch, steps)
    batch.starts[...] = t == 0
    batch.lengths = np.full(len(offsets), len(t), np.int32) if needs_end(network) else None
    if network.architecture.pool:
        batch.y = np.repeat(reading.batch.y[sequence], len(offsets), axis=0)[None]
    u = checked(having_read(network, batch, team), batch)
    H = np.concatenate([layer.Y for layer in u.layers], axis=2).astype(np.float64)
    read = on_it if needs_end(network) else t == offsets + m - 1
    found = np.stack([H[read[:, n], n].mean(axis=0) for n in range(len(offsets))])
    losses, _ = scored(u, reading, batch)
    losses = losses[0] if u.pooling else np.array([_mean(losses[on_it[:, n], n]) for n in range(len(offsets))])
    there = _states(network, reading, team, pattern)
    there = there.mean(axis=0) if needs_end(network) else there[-1]
    others = _states(network, reading, team, filler)
    center = others.mean(axis=0)
    return {
        "inputs": [reading.inputs[step] for step in pattern],
        "words": reading.words,
        "offsets": offsets.tolist(),
        "loss": [float(loss) for loss in losses],
        "alike": _cosines(found - center, there - center).tolist(),
        "others": float(np.quantile(_cosines(others - center, there - center), OTHERS)),
    }


def _pieces(network: Network, reading: Reading, reach: int) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Steps of the pattern and of the filler, and the sequence that the pattern is of.

    The pattern is the end of a single sequence, the filler its beginning; or it is a sequence of middle length (of one
    with an output at every step its beginning), and the filler are the others.
    """
    lengths, pooled = np.diff(reading.bounds), bool(network.architecture.pool)
    if len(lengths) == 1:
        m = 0 if pooled else min(PATTERN, reading.steps // 2)
        begin = _word_before(reading, reading.steps - m)
        return (np.arange(begin, begin + m), np.arange(min(reach, begin)), 0) if m and begin else None
    sequence = int(np.argsort(lengths, kind="stable")[len(lengths) // 2])
    begin, end = reading.bounds[sequence : sequence + 2].tolist()
    others = np.concatenate([np.arange(begin), np.arange(end, reading.steps)])[: max(reach, PATTERN)]
    return np.arange(begin, end if pooled else min(end, begin + PATTERN)), others, sequence


def _word_before(reading: Reading, begin: int) -> int:
    """The first step of a word of characters at or before this one, if there is one near."""
    near = range(begin, max(0, begin - 2 * PATTERN), -1)
    return next((step for step in near if reading.inputs[step - 1] in (" ", "\\n", "<end>")), begin)


def _states(network: Network, reading: Reading, team, steps: np.ndarray) -> np.ndarray:
    """h (steps, D) where they stand in the input."""
    found = list(states_of(network, reading, team, steps))
    order = np.argsort(np.concatenate([at for at, _ in found]), kind="stable")
    return np.concatenate([h for _, h in found])[order].astype(np.float64)


def _cosines(H: np.ndarray, h: np.ndarray) -> np.ndarray:
    return H @ h / np.maximum(np.linalg.norm(H, axis=1) * np.linalg.norm(h), 1e-12)


def _mean(values: np.ndarray) -> float:
    there = np.isfinite(values)
    return float(values[there].mean()) if there.any() else math.nan
