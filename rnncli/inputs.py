"""What the first layer reads: the way from a window of the data to its rows, and of their gradients to the embeddings.

    Tokens of a small vocabulary    no rows at all: the first layer looks up products that were made once per update
    Tokens of a large vocabulary    X[t] = E[x[t]]
    Columns                         X[t] = [E_0[c_0[t]], E_1[c_1[t]], .., mean of G over the word's n-grams, numbers[t]]
    Given                           X[t] itself, for views that follow the gradient back to it

A thread owns rows on the way there, and columns of the embeddings on the way back.
"""

from dataclasses import dataclass

import numpy as np

from rnncli.kernels.columns import embed, embed_back, embed_grams, embed_grams_back, place
from rnncli.kernels.product import aligned, product
from rnncli.kernels.team import share
from rnncli.kernels.tokens import lookup, scatter

TABLE_TOKENS = 4096  # up to so many the first layer's products with all of them are made once per update


@dataclass
class Window:
    """The columns of T steps of N rows, as `ColumnRows` reads them."""

    ids: list[np.ndarray]  # of each category (T, N) int32, negative where there is none
    numbers: np.ndarray  # (T, N, D)
    grams: tuple[np.ndarray, np.ndarray] | None = None  # bounds and n-grams of the words that the last of ids number


def part(x, index):
    """x[index] of a window of token ids (T, N) or columns: some of its steps or rows, as the kernels take them."""
    if isinstance(x, Window):
        return Window([part(ids, index) for ids in x.ids], part(x.numbers, index), x.grams)
    return np.ascontiguousarray(x[index])


def make_input(architecture, theta, grads, T: int, N: int, given=False):
    """The kind of input that an architecture has; `given`: rows that are made already (`embedded`)."""
    if given:
        return Given(architecture, theta, grads, T, N)
    if architecture.columns:
        return ColumnRows(architecture, theta, grads, T, N)
    kind = TokenTable if architecture.tokens <= TABLE_TOKENS else TokenRows
    return kind(architecture, theta, grads, T, N)


def embedded(architecture, theta, x) -> np.ndarray:
    """The rows X (T, N, D) of a window."""
    if not architecture.columns:
        return theta["embedding.E"][x]
    T, N = x.numbers.shape[:2]
    return ColumnRows(architecture, theta, None, T, N).forward(x, T, 0, N)


class TokenTable:
    """Token ids go to the first layer as they are."""

    def __init__(self, architecture, theta, grads, T, N):
        self.table_rows, self.X, self.dX = architecture.tokens, None, None
        self.E, self.dE = theta["embedding.E"], grads["embedding.E"] if grads is not None else None

    def pack(self, layer, part, parts):
        layer.build_table(self.E[None], part, parts)

    def forward(self, x, steps, first, last):
        return x

    def rows(self, x):
        """What the first layer's own gradients are made from."""
        return x

    def gradients(self, x, layer, steps, part, parts):
        """dE += dtable · Wᵀ, the rows of this part."""
        product(layer.dtable, layer.WT_panels, self.dE[None], *share(self.E.shape[0], part, parts), True)


class Rows:
    """Base of inputs that make rows X (T, N, D)."""

    table_rows = 0

    def __init__(self, architecture, theta, grads, T, N):
        shape, dtype = (T, N, architecture.input_width), theta.flat.dtype
        self.X, self.dX = aligned(shape, dtype), aligned(shape, dtype) if grads is not None else None

    def rows(self, x):
        return self.X


class Given(Rows):
    """Rows X (T, N, D) as they are; after a backward pass their gradient is in dX, and the embeddings have none."""

    def __init__(self, architecture, theta, grads, T, N):
        super().__init__(architecture, theta, grads, T, N)
        self.X = None

    def forward(self, x, steps, first, last):
        return x

    def rows(self, x):
        return x

    def gradients(self, x, layer, steps, part, parts):
        pass


class TokenRows(Rows):
    """Rows of E."""

    def __init__(self, architecture, theta, grads, T, N):
        super().__init__(architecture, theta, grads, T, N)
        self.E, self.dE = theta["embedding.E"], grads["embedding.E"] if grads is not None else None

    def forward(self, x, steps, first, last):
        lookup(self.E[None], x, self.X, steps, first, last)
        return self.X

    def gradients(self, x, layer, steps, part, parts):
        """dE[x[t]] += dX[t], the columns of this part."""
        scatter(self.dX, x, self.dE[None], steps, *share(self.E.shape[1], part, parts))


class ColumnRows(Rows):
    """Embedded categories, n-grams and numbers, side by side."""

    def __init__(self, architecture, theta, grads, T, N):
        super().__init__(architecture, theta, grads, T, N)
        names = [*architecture.category_names(), *(["grams.G"] if architecture.grams else [])]
        self.tables = [theta[name][None] for name in names]
        self.dtables = [grads[name][None] for name in names] if grads is not None else None
        widths = [table.shape[2] for table in self.tables]
        self.offsets = np.concatenate([[0], np.cumsum(widths)]).astype(int).tolist()
        self.categories = len(architecture.category_names())

    def forward(self, x: Window, steps, first, last):
        for E, ids, offset in zip(self.tables, x.ids, self.offsets, strict=False):
            embed(E, ids, self.X, offset, steps, first, last)
        if x.grams:
            at = self.categories
            embed_grams(self.tables[at], x.ids[at], *x.grams, self.X, self.offsets[at], steps, first, last)
        if x.numbers.shape[2]:
            place(x.numbers, self.X, self.offsets[-1], steps, first, last)
        return self.X

    def gradients(self, x: Window, layer, steps, part, parts):
        for dE, ids, offset in zip(self.dtables[: self.categories], x.ids, self.offsets, strict=False):
            embed_back(self.dX, ids, dE, offset, steps, *share(dE.shape[2], part, parts))
        if x.grams:
            at = self.categories
            columns = share(self.dtables[at].shape[2], part, parts)
            embed_grams_back(self.dX, x.ids[at], *x.grams, self.dtables[at], self.offsets[at], steps, *columns)
