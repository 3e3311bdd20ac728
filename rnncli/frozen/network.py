"""A frozen network: features φ that are drawn once, and a linear read-out of them, fitted in closed form.

    outputs = φ(x)·W + b

The features of a part (shares of the series, say, or contests of their differences) are scaled over the training part
and divided by the root of their number, so that each part counts alike, however many features it has; those of filters
and those of intervals each have a weight beside.

    scale = (s² + mean of s² over the part)^-1/2        s: the standard deviation of the feature

A feature that hardly varies in few sequences may be far from these in another one: divided by s alone, it would
outweigh all others there. The read-out is ridge regression (ridge.py), whose strength and these two weights have the
least error by leave-one-out, of whole folds where there are some (the weights are the USUAL ones, unless others are
better by more than chance); the scales are then taken into W and b.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.examples import Examples
from rnncli.frozen import ridge
from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.ridge import Answers
from rnncli.frozen.signals import SOURCES
from rnncli.kernels.filters import TAPS
from rnncli.kernels.threads import Team, share
from rnncli.network.architecture import Parameters
from rnncli.stored import expect

MOST = 4096  # sequences to fit a read-out to: its time is that of their number cubed
LEAST_STEPS = TAPS  # of a typical sequence
BLOCK_BYTES = 64 << 20  # of the features of some sequences
KINDS = "filters", "intervals"
#: weights of the features of filters, contests among them, and of the summaries of intervals, to choose from
MIXTURES = ((1.0, 0.0), (1.0, 0.5), (1.0, 1.0), (1.0, 2.0), (0.0, 1.0))
USUAL = (1.0, 0.5)
FEW = 50  # sequences; fewer tell nothing about the weights, nor about far values
ENOUGH = 1024  # sequences to choose these by
FLAT = 1e-6  # a feature that varies less, as a part of its size, says nothing


class FrozenNetwork:
    """An architecture with what was drawn, and the read-out."""

    def __init__(self, architecture: FrozenArchitecture, dtype: np.dtype | type = np.float32):
        self.architecture, self.groups = architecture, architecture.groups()
        self.theta = Parameters(architecture.shapes(), dtype)

    def refuse_damage(self, where: str) -> None:
        """Damaged, if a filter reads a signal that is none of its group."""
        for name, group in self.groups.items():
            if (signals := self.theta.layer(name).get("signals")) is not None:
                sound = (signals == np.floor(signals)).all() and 0 <= signals.min() <= signals.max() < group.signals
                expect(sound, f"{where}.{name}.signals", float(signals.max()), f"numbers of {group.signals} signals")

    def unfold(self, steps: int, sequences: int, team: Team) -> "AtWork":
        """At work on sequences of any length and number."""
        return AtWork(self, team)

    def to_json(self) -> dict:
        """What `models` keeps beside θ."""
        return self.architecture.to_json()

    @classmethod
    def drawn(cls, architecture: FrozenArchitecture, examples: Examples, seed: int) -> "FrozenNetwork":
        """Filters by seed, their thresholds by the training part; the read-out is zero."""
        network, rng = cls(architecture), np.random.default_rng([seed, 4])
        sources = {source: rows_of(examples) for source, rows_of in SOURCES.items()}
        for name, group in network.groups.items():
            group.draw(network.theta.layer(name), rng, sources[group.source])
        return network

    def features(self, examples: Examples, team: Team) -> np.ndarray:
        """φ (sequences, features) float32."""
        out, at = np.empty((len(examples), self.architecture.width), np.float32), 0
        sources = {source: rows_of(examples) for source, rows_of in SOURCES.items()}
        for name, group in self.groups.items():
            theta, rows = self.theta.layer(name), sources[group.source]

            def work(thread, threads, group=group, theta=theta, rows=rows, at=at):
                group.compute(theta, rows, out, at, *share(len(rows), thread, threads))

            team.run(work)
            at += sum(group.parts)
        return out

    def outputs(self, examples: Examples, team: Team) -> np.ndarray:
        """(sequences, outputs); summed in float64, so that no digit that is shown depends on the rows beside a row."""
        W, b = self.theta["readout.W"].astype(np.float64), self.theta["readout.b"]
        found = [self.features(some, team) @ W + b for some in self._blocks(examples)]
        return np.concatenate(found).astype(np.float32) if found else np.empty((0, len(b)), np.float32)

    def _blocks(self, examples: Examples) -> Iterator[Examples]:
        size = max(1, BLOCK_BYTES // (4 * self.architecture.width))
        for begin in range(0, len(examples), size):
            yield examples.select(np.arange(begin, min(begin + size, len(examples))))

    def fit(self, examples: Examples, answers: Answers, team: Team) -> "Fitted":
        """The read-out of these examples."""
        X = self.features(examples, team)
        mean = np.einsum("n,nf->f", answers.weights, X, dtype=np.float64) / len(X)
        scale, summaries = self._scales(X)
        X -= mean.astype(np.float32)
        X *= scale
        kernels = [X[:, of_kind] @ X[:, of_kind].T for of_kind in (~summaries, summaries)]
        weights, found = self._chosen(kernels, answers, examples.folds)
        weight = np.where(summaries, weights[1], weights[0])
        X *= weight.astype(np.float32) ** 2
        W = (X.T @ found.A.astype(np.float32)) * scale[:, None]
        self.theta["readout.W"][...] = W
        self.theta["readout.b"][...] = found.mean - mean @ W
        return Fitted(found, dict(zip(KINDS, weights, strict=True)))

    def _chosen(
        self, kernels: list[np.ndarray], answers: Answers, folds: np.ndarray | None
    ) -> tuple[tuple[float, float], ridge.Ridge]:
        """The weights of the kinds, and the fit with them: those of least error, if that is less than the error of the
        USUAL ones by more than a standard error. Of many sequences some are enough to tell.
        """
        n = len(answers)
        some = np.linspace(0, n, min(n, ENOUGH), endpoint=False).astype(int) if folds is None else _of_all(folds)
        few, of_some = answers.select(some), None if folds is None else folds[some]
        parts = [K[np.ix_(some, some)] if len(some) < n else K for K in kernels]
        mixtures = MIXTURES if n >= FEW else [USUAL]
        tried = {weights: ridge.fit(_mixed(parts, weights, few), few, of_some) for weights in mixtures}
        best = min(tried, key=lambda weights: tried[weights].error)
        if not few.prefer(tried[best].left_out, tried[USUAL].left_out):
            best = USUAL
        if len(some) < n:
            return best, ridge.fit(_mixed(kernels, best, answers), answers, folds)
        return best, tried[best]

    def _scales(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(what each feature is multiplied by, 0 for one that says nothing; which are summaries), (features,) each."""
        scale, summaries, at = np.zeros(X.shape[1], np.float32), np.zeros(X.shape[1], bool), 0
        for group in self.groups.values():
            for size in group.parts:
                part, here = X[:, at : at + size], slice(at, at + size)
                spread = part.std(axis=0, dtype=np.float64)
                told = spread > FLAT * np.abs(part).max(axis=0, initial=0)
                if told.any():
                    variance = spread[told] ** 2
                    scale[here][told] = (size * (variance + variance.mean())) ** -0.5
                summaries[here] = group.kind == "intervals"
                at += size
        return scale, summaries


@dataclass
class Fitted:
    """The read-out as it was fitted, and the weights of the kinds of features that were chosen."""

    ridge: ridge.Ridge
    weights: dict[str, float]


@dataclass
class AtWork:
    """A frozen network with the threads that compute its features, in the place of a network that is unfolded."""

    network: FrozenNetwork
    team: Team

    def pack(self) -> None:
        """Nothing has to be packed."""

    def pooled(self, examples: Examples) -> np.ndarray:
        """The outputs of whole sequences (sequences, outputs)."""
        return self.network.outputs(examples, self.team)


@dataclass
class LeftOut:
    """What the read-out gave for each sequence of the training part where it was fitted to all others, or to those of
    other folds.
    """

    outputs: np.ndarray

    def pooled(self, examples: Examples) -> np.ndarray:
        """Those outputs; the examples are the training part."""
        return self.outputs


def unfit(columns: Columns) -> str | None:
    """Why a frozen network is none for such sequences."""
    if columns.coded or columns.texts or columns.numbers is None or not columns.numbers.shape[1]:
        return "frozen features read numbers only, found texts or categories"
    if (steps := int(np.median(columns.lengths))) < LEAST_STEPS:
        return f"found {steps} step{'s' * (steps > 1)} a sequence, frozen features need {LEAST_STEPS}"
    if len(columns) > MOST:
        return f"found {len(columns):,} sequences, a read-out in closed form is for {MOST:,} at most"
    return None


def _of_all(folds: np.ndarray) -> np.ndarray:
    """Some sequences of the folds, the first and the last one among them; all where they are few."""
    n = len(folds)
    if n <= ENOUGH:
        return np.arange(n)
    return np.sort(np.argsort(folds, kind="stable")[np.linspace(0, n - 1, ENOUGH).astype(int)])


def _mixed(kernels: list[np.ndarray], weights: tuple[float, float], answers: Answers) -> np.ndarray:
    """X Xᵀ, centred, of features with these weights."""
    mixed = np.zeros(kernels[0].shape)
    for weight, K in zip(weights, kernels, strict=True):
        mixed += weight * weight * K
    return ridge.centred(mixed, answers.weights)
