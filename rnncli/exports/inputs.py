"""What a graph reads, and the way from there to the rows of the first layer.

Tokens        `tokens` (batch, time) ids; E[x[t]]
Columns       `categories` (batch, time, C) ids, -1 for none; `numbers` (batch, time, K) as they are in the file, NaN
              where one is missing, which are scaled and filled here as data/schema.py does
Words         beside them `ngrams` (batch, time, any), the hashes of a word's n-grams, -1 behind the last one
Series        `categories`, and `features` (batch, time, D): what a forecaster has made of the rows
"""

from dataclasses import dataclass

import numpy as np

from rnncli.data.schema import Schema
from rnncli.exports.graph import Graph
from rnncli.models.model_file import Model

LARGE = 1e8  # from here on asinh(x) is log(2 x) to the last digit


@dataclass(frozen=True)
class Inputs:
    """Of all members: ids as they are read, and numbers as the first layer takes them (T, N, D); None without."""

    tokens: str | None = None
    categories: str | None = None
    numbers: str | None = None
    ngrams: str | None = None

    @property
    def any(self) -> str:
        """One of them, (T, N) or (T, N, .)."""
        return next(filter(None, (self.tokens, self.categories, self.numbers, self.ngrams)))

    def rows(self, g: Graph, theta: dict[str, np.ndarray], names: list[str]) -> str:
        """X (T, N, D) of a network with these parameters; `names` are those of the embeddings of categories."""
        if self.tokens is not None:
            return g.node("Gather", g.constant(theta["embedding.E"]), self.tokens)
        parts = []
        for index, name in enumerate(names):
            ids = g.node("Gather", self.categories, g.whole(index), axis=2)
            parts.append(_looked_up(g, theta[name], ids))
        if self.ngrams:
            parts.append(_mean_of_grams(g, theta["grams.G"], self.ngrams))
        parts += [self.numbers] if self.numbers else []
        return parts[0] if len(parts) == 1 else g.node("Concat", *parts, axis=2)


def _looked_up(g: Graph, E: np.ndarray, ids: str) -> str:
    """Rows of a table; that of the id -1, which comes first, is zero. An id beyond the last one is an error."""
    table = g.constant(np.concatenate([np.zeros_like(E[:1]), E]))
    return g.node("Gather", table, g.node("Add", ids, g.whole(1)))


def _mean_of_grams(g: Graph, G: np.ndarray, ids: str) -> str:
    """(T, N, width) of n-grams (T, N, any); zero without any."""
    total = g.node("ReduceSum", _looked_up(g, G, ids), g.whole([2]), keepdims=0)
    there = g.cast(g.node("GreaterOrEqual", ids, g.whole(0)), np.float32)
    count = g.node("ReduceSum", there, g.whole([2]), keepdims=1)
    return g.node("Div", total, g.node("Max", count, g.constant(np.float32(1))))


def inputs_of(g: Graph, model: Model) -> Inputs:
    """The named inputs of a model, states and lengths aside."""
    s, a = model.schema, model.network.architecture
    if s is None:
        return Inputs(g.swapped(g.input("tokens", np.int64, ["batch", "time"]), 1, 0))
    categories, numbers, ngrams = None, None, None
    if a.categories:
        ids = g.input("categories", np.int64, ["batch", "time", len(a.categories)])
        categories = g.swapped(ids, 1, 0, 2)
    if a.grams:
        ngrams = g.swapped(g.input("ngrams", np.int64, ["batch", "time", "ngrams"]), 1, 0, 2)
    if s.outlook is not None:
        numbers = g.swapped(g.input("features", np.float32, ["batch", "time", a.numbers]), 1, 0, 2)
    elif s.numbers:
        raw = g.input("numbers", np.float64, ["batch", "time", len(s.numbers)])
        numbers = _scaled(g, s, g.swapped(raw, 1, 0, 2))
    return Inputs(None, categories, numbers, ngrams)


def _scaled(g: Graph, s: Schema, values: str) -> str:
    """Numbers (T, N, K) as `Schema` encodes them: straightened, scaled, flagged, filled; in float64 up to there, so
    that no digits are lost where a mean is large.
    """
    if any(s.unit):
        values = _straightened(g, s, values)
    values = g.node("Sub", values, g.constant(s.mean, np.float64))
    values = g.cast(g.node("Div", values, g.constant(s.std, np.float64)), np.float32)
    filled = _filled(g, values, len(s.numbers))
    if not s.flagged:
        return filled
    missing = g.node("IsNaN", g.node("Gather", values, g.whole(s.flagged), axis=2))
    return g.node("Concat", filled, g.cast(missing, np.float32), axis=2)


def _straightened(g: Graph, s: Schema, values: str) -> str:
    """asinh(value / unit) of the columns that have a unit; runtimes have asinh in float32 alone."""
    unit = np.array(s.unit)
    x = g.node("Div", values, g.constant(np.where(unit > 0, unit, 1.0), np.float64))
    size, one = g.node("Abs", x), g.constant(1.0, np.float64)
    small = g.node("Add", size, g.node("Sqrt", g.node("Add", g.node("Mul", size, size), one)))
    large = g.node("Mul", size, g.constant(2.0, np.float64))
    is_large = g.node("Greater", size, g.constant(LARGE, np.float64))
    straight = g.node("Mul", g.node("Sign", x), g.node("Log", g.node("Where", is_large, large, small)))
    return g.node("Where", g.constant(unit > 0, bool), straight, values)


def _filled(g: Graph, values: str, K: int) -> str:
    """Each missing number is the last one before it in its sequence, else 0, the mean."""
    step = g.body()
    last, now = (step.input(step.free(name), np.float32, ["batch", K]) for name in ("last", "now"))
    missing = step.node("Or", step.node("IsNaN", now), step.node("IsInf", now))
    known = step.node("Where", missing, last, now)
    for name in ("next", "known"):
        step.output(step.free(name), known, np.float32, ["batch", K])
    start = g.zeros([g.size(values, 1), g.whole([K])])
    return g.scan(step, [start], [values])[1]
