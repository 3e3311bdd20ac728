"""States at the beginning of a sequence, and arrays that start from zero."""

from rnncli.kernels.compiler import helper, kernel


@helper
def clear_starts(state, slot, starts, t, first, last):
    """state[slot, n] = 0 for the rows first <= n < last whose sequence starts at step t; state (., N, H)."""
    for n in range(first, last):
        if starts[t, n]:
            for j in range(state.shape[2]):
                state[slot, n, j] = 0


@helper
def begin_units(state, slot, starts, t, first, last, begin, units):
    """The same for the units begin <= j < begin + units; returns whether a sequence starts."""
    some = False
    for n in range(first, last):
        if starts[t, n]:
            some = True
            for j in range(begin, begin + units):
                state[slot, n, j] = 0
    return some


@kernel("void(real[:,:,::1], int64, int64, int64)")
def clear(A, steps, first, last):
    """A[t, n] = 0 for t < steps and the rows first <= n < last."""
    for t in range(steps):
        for n in range(first, last):
            for j in range(A.shape[2]):
                A[t, n, j] = 0


@kernel("void(real[:,:,::1], int64, int64)")
def clear_columns(A, first, last):
    """A[.., m] = 0 for the columns first <= m < last."""
    for t in range(A.shape[0]):
        for n in range(A.shape[1]):
            A[t, n, first:last] = 0


@kernel("void(real[:,:,::1], int64)")
def step_on(states, steps):
    """states[0] = states[steps]."""
    for n in range(states.shape[1]):
        for j in range(states.shape[2]):
            states[0, n, j] = states[steps, n, j]


@kernel("void(real[:,::1], real[:,::1], int64, int64)")
def take_units(A, B, gates, begin):
    """B[k, g, j] = A[k, g, begin + j]: of each gate's columns those of some units; A (K, G·H), B (K, G·units)."""
    source, target = (
        A.reshape(A.shape[0], gates, A.shape[1] // gates),
        B.reshape(B.shape[0], gates, B.shape[1] // gates),
    )
    for k in range(A.shape[0]):
        for g in range(gates):
            for j in range(target.shape[2]):
                target[k, g, j] = source[k, g, begin + j]
