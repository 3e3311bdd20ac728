"""States at the beginning of a sequence."""

from rnncli.kernels.compiler import helper


@helper
def clear_starts(state, slot, starts, t, first, last):
    """state[slot, n] = 0 for the rows first <= n < last whose sequence starts at step t; state (., N, H)."""
    for n in range(first, last):
        if starts[t, n]:
            for j in range(state.shape[2]):
                state[slot, n, j] = 0
