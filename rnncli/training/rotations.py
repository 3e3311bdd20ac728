"""Matrices of a network that stay orthogonal (`Cell.orthogonal`): what an update does with them beside the optimiser.

Before it the gradient of R becomes that of a turn A, see kernels/rotations.py; the optimiser finds A as it finds the
change of any matrix; after it R is turned, at a rate of its own, and is orthogonal again. So what the optimiser keeps
is in terms of A, whose basis turns along with R (Lezcano-Casado 2019, arXiv 1909.09501, which calls it dynamic
trivialisation), and R, which would lose its length to it, does not decay.
"""

from functools import partial

import numpy as np

from rnncli.errors import note
from rnncli.kernels.product import aligned, pack, pack_transposed, panels_of, product
from rnncli.kernels.rotations import approach_nearest, row_squares, set_aside, skew, turn
from rnncli.kernels.threads import Work, share
from rnncli.network.architecture import Parameters
from rnncli.network.network import Network

STEPS = 2  # towards the nearest orthogonal matrix, after an update
STEPS_OF_MEANS = 4  # the same from a mean of some, which are further apart
NEAR = 1e-4  # |R Rᵀ - I| of a matrix that counts as orthogonal


class Rotation:
    """One such matrix, of θ or of a mean of it, with scratch. Who takes a thread does the work of its share."""

    def __init__(self, R: np.ndarray, rate: float):
        H, self.rate = len(R), rate
        make = partial(aligned, dtype=R.dtype)
        self.R, self.before, self.product = R[None], make((1, H, H)), make((1, H, H))
        self.panels, self.panels_T = make(panels_of(H, H)), make(panels_of(H, H))
        self.squares = make((H,))

    def rows(self, thread: int, threads: int) -> tuple[int, int]:
        """This thread's."""
        return share(len(self.squares), thread, threads)

    def pack(self, thread: int, threads: int) -> None:
        """The panels of R and of its transpose."""
        own = share(len(self.panels), thread, threads)
        pack(self.R[0], self.panels, *own)
        pack_transposed(self.R[0], self.panels_T, *own)

    def multiply(self, A: np.ndarray, panels: np.ndarray, out: np.ndarray, rows: tuple[int, int]) -> None:
        """These rows of a product."""
        product(A, panels, out, *rows, 0, len(panels), False)

    def project(self, gradient: np.ndarray, thread: int, threads: int) -> None:
        """G Rᵀ, with the panels of R; R is set aside."""
        rows = self.rows(thread, threads)
        self.multiply(gradient, self.panels_T, self.product, rows)
        set_aside(self.R, self.before, *rows)

    def turn(self, thread: int, threads: int) -> None:
        """By A, which stands in R, with the panels of what was set aside, and the squares of A."""
        rows = self.rows(thread, threads)
        self.multiply(self.R, self.panels, self.product, rows)
        turn(self.before, self.product, self.R, self.squares, self.rate, *rows)

    def approach(self, thread: int, threads: int) -> None:
        """A step towards the nearest orthogonal matrix, with the panels of R."""
        rows = self.rows(thread, threads)
        self.multiply(self.R, self.panels_T, self.before, rows)
        self.multiply(self.before, self.panels, self.product, rows)
        approach_nearest(self.product, self.R, *rows)


class Rotations:
    """All of a network's: works for programs of a team, none where there is no such matrix."""

    def __init__(self, theta: Parameters, rates: dict[str, float]):
        """`rates`: the matrices -> their rate beside that of all else."""
        self.of = {name: Rotation(theta[name], rate) for name, rate in rates.items()}

    def before(self, grads: Parameters) -> list[Work]:
        """From dL/dR to dL/dA."""

        def project(thread: int, threads: int) -> None:
            for name, one in self.of.items():
                one.project(grads[name][None], thread, threads)

        def become_skew(thread: int, threads: int) -> None:
            for name, one in self.of.items():
                skew(one.product, grads[name][None], *one.rows(thread, threads))

        return [self._pack, project, become_skew] if self.of else []

    def after(self) -> list[Work]:
        """From A to R. The panels are still those of R as it was."""

        def measure(thread: int, threads: int) -> None:
            for one in self.of.values():
                row_squares(one.R, one.squares, *one.rows(thread, threads))

        def turned(thread: int, threads: int) -> None:
            for one in self.of.values():
                one.turn(thread, threads)

        return [measure, turned, *self.approach(STEPS)] if self.of else []

    def approach(self, steps: int) -> list[Work]:
        """From nearly orthogonal to orthogonal."""

        def approach(thread: int, threads: int) -> None:
            for one in self.of.values():
                one.approach(thread, threads)

        return [self._pack, approach] * steps if self.of else []

    def _pack(self, thread: int, threads: int) -> None:
        for one in self.of.values():
            one.pack(thread, threads)


def start_orthogonal(network: Network, path: str) -> None:
    """Of weights taken from `path` the matrices that are to be orthogonal, and are not, become the nearest ones."""
    changed = []
    for name in network.architecture.orthogonal:
        R = network.theta[name].astype(np.float64)
        if np.abs(R @ R.T - np.eye(len(R))).max() > NEAR:
            left, _, right = np.linalg.svd(R)
            network.theta[name][...] = left @ right
            changed.append(name)
    if changed:
        note(f"--init {path}: {', '.join(changed)}: not orthogonal there, starts as the nearest orthogonal matrix")
