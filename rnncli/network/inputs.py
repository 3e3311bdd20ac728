"""What the first layer reads: the way from a window of the data to its rows, and of their gradients to the embeddings.

    Tokens of a small vocabulary    no rows at all: the first layer looks up products that were made once per update
    Tokens of a large vocabulary    X[t] = E[x[t]]
    Columns                         X[t] = [E_0[c_0[t]], E_1[c_1[t]], .., mean of G over the word's n-grams, numbers[t]]
    Columns in training             the same, but for n-grams and both directions: categories are read once a run, that
                                    is where they change, see runs_layer.py
    Given                           X[t] itself, for views that follow the gradient back to it

A thread owns rows on the way there, and columns of the embeddings on the way back: their gradients are sums over the
steps at which each id stands, which are found before the threads begin.
"""

from functools import cache, partial
from typing import Any

import numpy as np

from rnncli.cells.cell import Cell
from rnncli.data.window import Window
from rnncli.kernels.columns import embed, embed_grams, place
from rnncli.kernels.groups import Groups, SortedIds, sort_ids
from rnncli.kernels.parts import Part
from rnncli.kernels.product import aligned, panels_of, product
from rnncli.kernels.threads import share
from rnncli.kernels.tokens import lookup
from rnncli.network.architecture import Architecture, Parameters
from rnncli.network.layer import Layer
from rnncli.network.runs_layer import Runs, RunsLayer
from rnncli.network.sums import Outer, Sums

TABLE_TOKENS = 4096  # up to so many the first layer's products with all of them are made once per update


def make_input(
    architecture: Architecture,
    theta: Parameters,
    grads: Parameters | None,
    T: int,
    N: int,
    given: bool = False,
    dropped: bool = False,
) -> "Input":
    """The kind of input that an architecture has; `given`: rows that are made already (`embedded`). `dropped`: there is
    dropout of the inputs.
    """
    if given:
        return Given(architecture, theta, grads, T, N)
    if architecture.categories and not (architecture.grams or architecture.bidirectional or dropped or grads is None):
        return ColumnRuns(architecture, theta, grads, T, N)
    if architecture.columns:
        return ColumnRows(architecture, theta, grads, T, N)
    kind = TokenTable if architecture.tokens <= TABLE_TOKENS else TokenRows
    return kind(architecture, theta, grads, T, N)


def embedded(architecture: Architecture, theta: Parameters, x: Any) -> np.ndarray:
    """The rows X (T, N, D) of a window."""
    if not architecture.columns:
        return theta["embedding.E"][x]
    T, N = x.numbers.shape[:2]
    return ColumnRows(architecture, theta, None, T, N).forward(x, T, Part((0, N)))


class Input:
    """Base: x of a window becomes the rows X, whose gradient is dX; None where there are none."""

    table_rows = 0
    #: whether the arrays of all batches of a size are of a size too, so that they can be those of a program
    steady = True
    most = 0  # runs of a row of this window, which are part of its size
    X: np.ndarray | None
    dX: np.ndarray | None
    E: np.ndarray | None = None  # of a table of tokens

    def layer(self, cell: Cell, theta: dict, grads: dict | None, T: int, N: int, threads: int, keep: bool) -> Layer:
        """The layer that reads it."""
        return Layer(cell, theta, grads, T, N, self.table_rows, threads, keep)

    def prepare(self, x: Any, steps: int) -> None:
        """Before the threads read a window."""

    def sort(self, x: Any, groups: Groups) -> None:
        """Before the threads read a window to train on: find where each id stands."""

    def pack(self, layer: Layer, thread: int, threads: int) -> None:
        """Bring this thread's share of the layer's table up to date."""

    def forward(self, x: Any, steps: int, part: Part) -> Any:
        """What the layer reads of these rows of the batch."""
        raise NotImplementedError

    def rows(self, x: Any) -> Any:
        """What the layer's own gradients are made from."""
        raise NotImplementedError

    def sums(self, layer: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        """This thread's share of the sums over the steps of each id, once all rows are done."""

    def products(self, layer: Any) -> list[Outer]:
        """Gradients of the layer's matrices that are products of these sums."""
        return []

    def gradients(self, layer: Any, sums: Sums, thread: int, threads: int) -> None:
        """This thread's share of what else is made of these sums."""

    def backward(self, layer: Layer, steps: int, part: Part) -> None:
        """After the layer's `backward` of these rows."""


class TokenTable(Input):
    """Token ids go to the first layer as they are."""

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters | None, T: int, N: int):
        self.table_rows, self.X, self.dX = architecture.tokens, None, None
        self.E, self.dE = theta["embedding.E"], grads["embedding.E"] if grads is not None else None
        self.ids, self.every = SortedIds.empty(T * N, self.table_rows), Groups.one(self.table_rows)

    def sort(self, x: np.ndarray, groups: Groups) -> None:
        sort_ids(x, groups.order, *self.ids)

    def pack(self, layer: Layer, thread: int, threads: int) -> None:
        layer.build_table(self.E[None], thread, threads)

    def forward(self, x: Any, steps: int, part: Part) -> Any:
        return x

    def rows(self, x: Any) -> np.ndarray:
        """What the first layer's own gradients are made from."""
        return x

    def sums(self, layer: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        sums.by_id(layer.matrix(layer.Z, steps), sums.groups(steps), self.ids, layer.dtable, thread, threads)

    def products(self, layer: Any) -> list[Outer]:
        """dW = Eᵀ · dtable."""
        return [Outer(self.E, layer.dtable[0], layer.grads.W, self.every)]

    def gradients(self, layer: Any, sums: Sums, thread: int, threads: int) -> None:
        """dE = dtable · Wᵀ, and db is the sum over dtable."""
        rows, panels = share(self.E.shape[0], thread, threads), layer.panels_T.W
        product(layer.dtable, panels, self.dE[None], *rows, 0, len(panels), False)
        layer.sum_bias(layer.dtable[0], self.every, sums, thread, threads)


class Rows(Input):
    """Base of inputs that make rows X (T, N, D)."""

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters | None, T: int, N: int):
        shape, dtype = (T, N, architecture.input_width), theta.flat.dtype
        self.X, self.dX = aligned(shape, dtype), aligned(shape, dtype) if grads is not None else None

    def rows(self, x: Any) -> np.ndarray:
        return self.X

    def matrix(self, steps: int) -> np.ndarray:
        """dX of so many steps as a matrix."""
        return self.dX[:steps].reshape(-1, self.dX.shape[2])


class Given(Rows):
    """Rows X (T, N, D) as they are; after a backward pass their gradient is in dX, and the embeddings have none."""

    steady = False

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters | None, T: int, N: int):
        super().__init__(architecture, theta, grads, T, N)
        self.X = None

    def forward(self, x: Any, steps: int, part: Part) -> Any:
        return x

    def rows(self, x: Any) -> np.ndarray:
        return x


class TokenRows(Rows):
    """Rows of E."""

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters | None, T: int, N: int):
        super().__init__(architecture, theta, grads, T, N)
        self.E, self.dE = theta["embedding.E"], grads["embedding.E"] if grads is not None else None
        self.ids = SortedIds.empty(T * N, len(self.E))

    def sort(self, x: np.ndarray, groups: Groups) -> None:
        sort_ids(x, groups.order, *self.ids)

    def forward(self, x: Any, steps: int, part: Part) -> Any:
        lookup(self.E[None], x, self.X, steps, *part.own, 0, panels_of(1, self.E.shape[1])[0])
        part.meet()
        return self.X

    def sums(self, layer: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        sums.by_id(self.matrix(steps), sums.groups(steps), self.ids, self.dE[None], thread, threads)


class ColumnRows(Rows):
    """Embedded categories, n-grams and numbers, side by side."""

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters | None, T: int, N: int):
        super().__init__(architecture, theta, grads, T, N)
        names = [*architecture.category_names(), *(["grams.G"] if architecture.grams else [])]
        self.tables = [theta[name][None] for name in names]
        self.dtables = [grads[name][None] for name in names] if grads is not None else None
        if not names:
            self.dX = None  # nobody asks for the gradient of numbers
        widths = [table.shape[2] for table in self.tables]
        self.offsets = np.concatenate([[0], np.cumsum(widths)]).astype(int).tolist()
        self.categories = len(architecture.category_names())
        self.ids = [SortedIds.empty(T * N, table.shape[1]) for table in self.tables[: self.categories]]
        self.grams: tuple[np.ndarray, np.ndarray] | None = None
        self.words: dict[int, tuple[Any, SortedIds]] = {}  # by the id of the n-grams
        self.steady = not architecture.grams or grads is not None  # elsewhere each batch may have words of its own

    def sort(self, x: Window, groups: Groups) -> None:
        if x.grams:
            words = x.grams, SortedIds.empty(self.X.shape[0] * self.X.shape[1], len(x.grams[0]) - 1)
            self.ids[self.categories :] = [self.words.setdefault(id(x.grams), words)[1]]
        self.grams = x.grams
        for ids, found in zip(x.ids, self.ids, strict=True):
            sort_ids(ids, groups.order, *found)

    def forward(self, x: Window, steps: int, part: Part) -> Any:
        for E, ids, offset in zip(self.tables, x.ids, self.offsets, strict=False):
            embed(E, ids, self.X, offset, steps, *part.own)
        if x.grams:
            at = self.categories
            embed_grams(self.tables[at], x.ids[at], *x.grams, self.X, self.offsets[at], steps, *part.own)
        if x.numbers.shape[2]:
            place(x.numbers, self.X, self.offsets[-1], steps, *part.own)
        part.meet()
        return self.X

    def sums(self, layer: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        groups, at = sums.groups(steps), self.categories
        for dE, ids, offset in zip(self.dtables[:at], self.ids, self.offsets, strict=False):
            sums.by_id(self.matrix(steps), groups, ids, dE, thread, threads, offset)
        if self.grams:
            found, dG, offset = self.ids[at], self.dtables[at], self.offsets[at]
            sums.by_gram(self.matrix(steps), groups, found, self.grams, dG, offset, thread, threads)


class ColumnRuns(Input):
    """Embedded categories by runs, and numbers as they are."""

    X, dX = None, None

    def __init__(self, architecture: Architecture, theta: Parameters, grads: Parameters | None, T: int, N: int):
        names = architecture.category_names()
        self.tables, self.dtables = ([p[name][None] for name in names] for p in (theta, grads))
        *self.offsets, self.held = np.cumsum([0, *(table.shape[2] for table in self.tables)]).tolist()
        self.embedded, self.dembedded = (aligned((1, T * N, self.held), theta.flat.dtype) for _ in range(2))
        self.of, self.groups = np.zeros((T, N), np.int32), cache(partial(Groups.of_runs, N))
        self.ids = [np.zeros((1, T * N), np.int32) for _ in names]
        self.sorted = [SortedIds.empty(T * N, table.shape[1]) for table in self.tables]

    def layer(self, cell: Cell, theta: dict, grads: dict | None, T: int, N: int, threads: int, keep: bool) -> RunsLayer:
        return RunsLayer(cell, theta, grads, T, N, self.held, threads, keep)

    def prepare(self, x: Window, steps: int) -> None:
        """Find the runs: a step is in that of the step before if all of the categories are as they were."""
        columns = [ids[:steps].T for ids in x.ids]
        begins = np.ones(columns[0].shape, bool)
        begins[:, 1:] = np.any([ids[:, 1:] != ids[:, :-1] for ids in columns], axis=0)
        of = np.cumsum(begins, axis=1, dtype=np.int32) - 1
        self.most = min(steps, 1 << int(of.max()).bit_length())
        of += self.most * np.arange(len(of), dtype=np.int32)[:, None]
        self.of[:steps] = of.T
        for ids, column, found in zip(self.ids, columns, self.sorted, strict=True):
            ids[...] = -1
            ids[0, of[begins]] = column[begins]
            sort_ids(ids, self.groups(self.most).order, *found)

    def forward(self, x: Window, steps: int, part: Part) -> Runs:
        runs = self.rows(x)
        for E, ids, offset in zip(self.tables, self.ids, self.offsets, strict=True):
            embed(E, ids, self.embedded, offset, 1, *runs.of_rows(*part.own))
        return runs

    def rows(self, x: Window) -> Runs:
        return Runs(self.of, self.most, self.embedded, x.numbers, self.groups(self.most))

    def backward(self, layer: Any, steps: int, part: Part) -> None:
        first, last = part.own
        layer.backward_inputs(self.of, (self.most * first, self.most * last), self.dembedded, steps, part)

    def sums(self, layer: Any, steps: int, sums: Sums, thread: int, threads: int) -> None:
        for dE, ids, offset in zip(self.dtables, self.sorted, self.offsets, strict=True):
            sums.by_id(self.dembedded[0], self.groups(self.most), ids, dE, thread, threads, offset)
