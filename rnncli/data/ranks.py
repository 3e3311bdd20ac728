"""Ranks: the share of some values that are less than another one, ties exact, in a table of bounded size.

    share(x) = #{v : v < x - e} / n        e: what rounding may make of equal values, `noise`

The table has values v_i in ascending order, less_i = #{v : v < v_i} and upto_i = #{v : v <= v_i}. Up to MOST distinct
values all are kept, and every share is exact; of more only so many that at most n / MOST values are passed over between
two of them, and there the share is interpolated.
"""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from rnncli import stored
from rnncli.stored import Count, Size

MOST = 2000  # values of the table, and as many more where single ones are frequent
UNIT = 2.0**-24  # roundoff of float32
DIGITS = 7  # of the stored values, behind the point


class Stored(TypedDict):
    """Ranks as plain data."""

    values: list[float]
    less: list[Count]
    upto: list[Size]
    count: Size


@dataclass(frozen=True)
class Ranks:
    """The table: `values`, `less` and `upto` as above, and the number of all values, `count`."""

    values: np.ndarray
    less: np.ndarray
    upto: np.ndarray
    count: int

    @classmethod
    def of(cls, values: np.ndarray) -> "Ranks":
        """Of these values, at least one."""
        distinct, counts = np.unique(np.round(values, DIGITS), return_counts=True)
        upto = np.cumsum(counts)
        kept = np.arange(len(distinct))
        if len(distinct) > MOST:
            step = len(values) / MOST  # the last value of each stretch, all that are longer than one, and both ends
            ends = np.flatnonzero(np.diff((upto - 1) // step, append=np.inf))
            kept = np.unique(np.concatenate([[0], ends, np.flatnonzero(counts >= step)]))
        return cls(distinct[kept], (upto - counts)[kept], upto[kept], len(values))

    @classmethod
    def of_quantiles(cls, quantiles: list[float]) -> "Ranks":
        """Of the quantiles 0, 1, .. 100 %, as models of before have them."""
        values, first, counts = np.unique(quantiles, return_index=True, return_counts=True)
        return cls(values, first, first + counts - 1, len(quantiles) - 1)

    def to_json(self) -> dict:
        """Plain data."""
        columns = {"values": self.values, "less": self.less, "upto": self.upto}
        return {name: column.tolist() for name, column in columns.items()} | {"count": self.count}

    @classmethod
    def from_json(cls, entry: "Stored", where: str = "line_ranks") -> "Ranks":
        """The way back; Damaged for what is no such table."""
        found = stored.read(Stored, entry, where)
        values, less, upto = (np.array(found[name]) for name in ("values", "less", "upto"))
        sound = len(values) == len(less) == len(upto) > 0 and (np.diff(values) > 0).all() and (less < upto).all()
        sound = sound and (upto[:-1] <= less[1:]).all() and upto[-1] <= found["count"]
        stored.expect(sound, where, f"{len(values)} values", "an ascending table")
        return cls(values, less, upto, found["count"])

    def share(self, value: float, noise: float = 0.0) -> float:
        """The part of all values that are less than this one by more than the noise; from 0 to 1."""
        x = value - noise
        j = int(np.searchsorted(self.values, x, "left"))  # values[j - 1] < x <= values[j]
        if j == 0:
            return 0.0
        if j == len(self.values):
            return 1.0
        low, high = self.values[j - 1], self.values[j]
        below, above = int(self.upto[j - 1]), int(self.less[j])
        return (below + (above - below) * float((x - low) / (high - low))) / self.count

    def weighted(self) -> tuple[np.ndarray, np.ndarray]:
        """All values in ascending order, with how many there are of each; those passed over stand in the middle
        between their neighbours.
        """
        between = 0.5 * (self.values[:-1] + self.values[1:])
        values = np.concatenate([self.values, between])
        counts = np.concatenate([self.upto - self.less, self.less[1:] - self.upto[:-1]])
        order = np.argsort(values, kind="stable")
        return values[order], counts[order]


def noise(value: float, outputs: int) -> float:
    """How far apart two results of float32 for one mean cross-entropy in bits may lie on other CPUs.

    What is rounded are logits, the range of which is about the bits of the token and those of chance. On one CPU the
    same line has the same bits, whatever is read beside it and by however many threads. Between CPUs with and without
    fused products lines of 1 to 8 bits differed by up to 0.6 roundoffs of that size, in a stream of 1,500 lines by 4;
    8 are allowed. What is stored is rounded too.
    """
    return 8 * UNIT * (abs(value) + np.log2(max(2, outputs))) + 10.0**-DIGITS
