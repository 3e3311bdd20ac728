"""States at the beginning of a sequence, and arrays that start from zero."""

from rnncli.kernels.compiler import kernel, unsigned
from rnncli.kernels.stand_ins import shared


@shared
def clear_starts(state, slot, starts, t, first, last, begin, end):
    """state[slot, n, j] = 0 for the rows first <= n < last whose sequence starts at step t and the units
    begin <= j < end; state (., N, H). Returns whether there is one.
    """
    some = False
    for n in range(first, last):
        if starts[t, n]:
            some = True
            for j in range(unsigned(begin), unsigned(end)):
                state[slot, n, j] = 0
    return some


@kernel("void(real[:,:,::1], int64, int64, int64)")
def clear(A, steps, first, last):
    """A[t, n] = 0 for t < steps and the rows first <= n < last."""
    for t in range(steps):
        for n in range(first, last):
            for j in range(A.shape[2]):
                A[t, n, j] = 0


@kernel("void(real[:,:,::1], int64)")
def step_on(states, past):
    """states[p] = states[p + 1] for p < past: those after one step become the initial ones."""
    for p in range(past):
        for n in range(states.shape[1]):
            for j in range(states.shape[2]):
                states[p, n, j] = states[p + 1, n, j]
