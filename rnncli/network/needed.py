"""The memory that the training of an unfolded network takes, as far as it depends on the steps of a window.

    plain(T)       = a T + l min(T, B)           a: a step of all layers    l: its logits, B steps at a time
    segments(T, S) = (a + l) S + b T / S + c     b: the states at a border, and their gradients
                                                 c: the sums of each group of rows, which wait for the next segment
    least(T)       = 2 √((a + l) b T) + c        at S = √(b T / (a + l))

Parameters, their panels and the optimiser come to that; the data: the tokens or columns of the window, their targets
and a loss each; and the runs of categories (segment_runs.py), which are few where these are those of a series.
"""

from dataclasses import dataclass
from math import ceil, isqrt, prod, sqrt
from typing import Any, Self

from rnncli.errors import UsageError
from rnncli.kernels.groups import ROWS
from rnncli.kernels.threads import Team
from rnncli.kernels.tile import TILE
from rnncli.network.inputs import TABLE_TOKENS
from rnncli.network.network import Dropout, Network


@dataclass(frozen=True)
class Needed:
    """Bytes of a network of N rows."""

    step: int  # a
    logits: int  # l
    block: int  # B
    border: int  # b
    sums: int  # c

    @classmethod
    def by(cls, network: Network, N: int) -> Self:
        """Of any kind of cells, one way and with an output at every step."""
        a, cells, size = network.architecture, network.cells, network.theta.flat.itemsize
        table = not a.columns and a.tokens <= TABLE_TOKENS
        states = sum(cell.past * width for cell in cells for width in cell.state_widths)
        step = sum(_of_layer(cell) for cell in cells) + 2 * _strip(max(a.input_width * (not table), a.hidden))
        step += 0 if table else a.input_width * (1 if a.columns and not a.categories else 2)
        step += a.numbers + len(a.categories) + a.outputs + 4  # what is read, the targets, ids, starts
        groups, gradients = -(-N // ROWS), sum(map(prod, a.shapes().values()))
        gradients += a.tokens * cells[0].width if table else 0
        sums = (groups + groups.bit_length() + 1) * gradients
        return cls(size * N * step, size * N * a.outputs, network.block(1 << 62, N), 2 * size * N * states, size * sums)

    def plain(self, T: int) -> int:
        """In one window of T steps."""
        return self.step * T + self.logits * min(T, self.block)

    def segments(self, T: int, S: int) -> int:
        """In segments of S steps."""
        return (self.step + self.logits) * S + self.border * ceil(T / S) + self.sums

    def least(self, T: int) -> int:
        """In the segments that take the least."""
        return self.segments(T, self._best(T))

    def steps(self, T: int, room: int) -> int:
        """The longest segments, of like lengths, that fit into so many bytes, if any do."""
        a, left = self.step + self.logits, room - self.sums
        longest = (left + sqrt(max(0, left * left - 4 * a * self.border * T))) / (2 * a)
        count = ceil(T / max(1, min(int(longest), self.block)))
        return max(self._best(T), ceil(T / count)) if self.segments(T, ceil(T / count)) <= room else self._best(T)

    def _best(self, T: int) -> int:
        return max(1, min(T, self.block, isqrt(self.border * T // (self.step + self.logits))))


def _of_layer(cell: Any) -> int:
    """Z, Y, dY, states and the cell's own buffers; of what is convolved in one sum neither Z nor states."""
    direct = cell.convolved
    own = sum(shape[2] for shape in (cell.direct_buffers if direct else cell.extra_buffers)(1, 1).values())
    states = 0 if direct else sum(cell.state_widths)
    return cell.width * ("W" not in direct) + 2 * cell.hidden + states + own + bool(direct)


def _strip(columns: int) -> int:
    """Of a matrix with so many columns, see kernels/outer.py."""
    return TILE * -(-columns // TILE)


def in_words(size: int) -> str:
    """`1.2 GB`, `512 MB` or `90 kB`, rounded up."""
    unit, name = (1e9, "GB") if size >= 1e9 else (1e6, "MB") if size >= 1e6 else (1e3, "kB")
    return f"{ceil(size / unit * 10) / 10:,g} {name}" if size < 10 * unit else f"{ceil(size / unit):,} {name}"


def unfold_within(room: int | None, network: Network, T: int, N: int, team: Team, dropout: Dropout) -> Any:
    """A network unfolded to be trained in so many bytes: in one window where it fits, else in as few segments as fit.
    UsageError if there is no way.
    """
    if room is None or (needed := Needed.by(network, N)).plain(T) <= room:
        return network.unfold(T, N, team, training=True, dropout=dropout)
    least, what = needed.least(T), f"{T:,} steps of {N} row{'s' * (N > 1)}"
    if least > room:
        raise UsageError(
            f"--memory: {what} need at least {in_words(least)}, found {in_words(room)}: use fewer --steps, a smaller "
            "--batch or --hidden, or more --memory"
        )
    from rnncli.network.segments import Segments  # whose kernels few trainings need

    return Segments(network, T, N, team, dropout, needed.steps(T, room))
