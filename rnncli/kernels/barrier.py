"""A barrier of threads in compiled code, and the list of calls that each thread goes through.

    words of `sync`, each in a cache line of its own (LINE words):
        ARRIVED     threads that are at the barrier
        ROUND       how often all have met
        job(i)      what thread i does: STATE, then the address of its list of calls, and their number

Who waits spins for some microseconds, then gives way to other threads, then sleeps: so a thread that waits never
starves one that works, on a busy machine or with more threads than cores.
"""

import numpy as np

from rnncli.kernels import atomics
from rnncli.kernels.calls import invoke_call, word_at
from rnncli.kernels.compiler import helper, kernel

LINE = 16  # words: two lines of 64 bytes, since some machines fetch lines in pairs
ARRIVED, ROUND, JOBS = 0, LINE, 2 * LINE
WAITING, PARKED, CALLS, PYTHON = range(4)  # states of a thread's job
SPINS = 150  # pauses of a core: some microseconds
TURNS = 2000  # times to give way, about a millisecond on an idle machine
IDLE_TURNS = 400  # before a thread without work parks
SLEEP_US = 100
CALL = 3  # words of a call: its caller, the kernel, its block; a caller of 0 is a barrier


@helper
def rest(waited):
    """The `waited`-th rest of somebody who waits."""
    if waited < SPINS:
        atomics.pause()
    elif waited < SPINS + TURNS:
        atomics.give_way()
    else:
        atomics.sleep(SLEEP_US)


@helper
def meet(sync, threads):
    """Return when all threads are here."""
    if threads == 1:
        return
    now = atomics.load(sync, ROUND)
    if atomics.add(sync, ARRIVED, 1) == threads - 1:
        atomics.swap(sync, ARRIVED, 0)
        atomics.add(sync, ROUND, 1)
        return
    waited = 0
    while atomics.load(sync, ROUND) == now:
        rest(waited)
        waited += 1


@helper
def make_calls(calls, count, sync, threads):
    """The calls at the address `calls`, one after another; then all threads meet."""
    for i in range(count):
        caller = word_at(calls, CALL * i)
        if caller == 0:
            meet(sync, threads)
        else:
            invoke_call(caller, word_at(calls, CALL * i + 1), word_at(calls, CALL * i + 2))
    meet(sync, threads)


@kernel("int64(int64[::1], int64, int64)")
def serve(sync, thread, threads):
    """Do what comes; returns PYTHON if that is not compiled, PARKED if nothing came for a while."""
    job = JOBS + thread * LINE
    waited = 0
    while True:
        state = atomics.load(sync, job)
        if state == CALLS:
            atomics.swap(sync, job, WAITING)
            make_calls(sync[job + 1], sync[job + 2], sync, threads)
            waited = 0
        elif state == PYTHON:
            atomics.swap(sync, job, WAITING)
            return PYTHON
        elif waited == SPINS + IDLE_TURNS and atomics.replace(sync, job, WAITING, PARKED):
            return PARKED
        else:
            waited = min(waited + 1, SPINS + IDLE_TURNS)
            if waited < SPINS + IDLE_TURNS:
                rest(waited)


@kernel("int64(int64[::1], int64, int64)")
def post(sync, state, threads):
    """Give every other thread its job; returns how many of them were parked. Those have PARKED in word 3 of theirs."""
    parked = 0
    for thread in range(1, threads):
        job = JOBS + thread * LINE
        sync[job + 3] = atomics.swap(sync, job, state)
        parked += sync[job + 3] == PARKED
    return parked


@kernel("void(int64[::1], int64)")
def take_part(sync, threads):
    """Make the calls of thread 0."""
    make_calls(sync[JOBS + 1], sync[JOBS + 2], sync, threads)


def words_of(threads: int) -> np.ndarray:
    """The words of a team, from the beginning of a cache line on."""
    count, ahead = JOBS + threads * LINE, 8 * LINE
    words = np.zeros(count + LINE, np.int64)
    begin = -words.ctypes.data % ahead // 8
    return words[begin : begin + count]
