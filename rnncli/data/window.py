"""The columns of T steps of N rows, as batches hold them and the network reads them."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Window:
    """The columns of T steps of N rows, as `ColumnRows` reads them."""

    ids: list[np.ndarray]  # of each category (T, N) int32, negative where there is none
    numbers: np.ndarray  # (T, N, D)
    grams: tuple[np.ndarray, np.ndarray] | None = None  # bounds and n-grams of the words that the last of ids number

    def __deepcopy__(self, memo: dict) -> "Window":
        """With the same n-grams, which are those of all windows of their sequences."""
        return Window(deepcopy(self.ids), self.numbers.copy(), self.grams)


def arrays_of(x: Any) -> list[np.ndarray]:
    """Those of a window of token ids, or of columns, n-grams aside."""
    return [*x.ids, x.numbers] if isinstance(x, Window) else [x]


def take(x: Any, index: Any) -> Any:
    """x[index] of a window of token ids (T, N) or columns: some of its steps or rows, as the kernels take them."""
    if isinstance(x, Window):
        return Window([take(ids, index) for ids in x.ids], take(x.numbers, index), x.grams)
    return np.ascontiguousarray(x[index])
