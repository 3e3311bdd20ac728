"""A barrier of threads in compiled code, and the list of calls that each thread goes through.

    words of `sync`, each in lines of its own (LINE words):
        ARRIVED     threads that are at the barrier
        ROUND       how often all have met; WAITING threads sleep until it changes
        BEGUN       jobs given to the team; IDLE threads sleep until it changes
        KIND        of the last job: CALLS or PYTHON
        SPINS       pauses of a core before a thread sleeps
        FAILED      whether a kernel raised an error; its thread goes on, or the others would wait for it for ever
        thread i    the number of its last job, the address of its list of calls, and how many they are

Who waits spins for less than a tenth of a millisecond, then sleeps until it is woken: so it never starves one that
works on a busy machine.
"""

import numpy as np

from rnncli.kernels.atomics import add_to_word, load_word, pause, sleep_while, swap_word, wake_all
from rnncli.kernels.calls import invoke_call, word_at
from rnncli.kernels.compiler import kernel
from rnncli.kernels.cpus import usable_cpus
from rnncli.kernels.stand_ins import shared

LINE = 16  # words: two lines of 64 bytes, since some machines fetch lines in pairs
ARRIVED, ROUND, WAITING, BEGUN, IDLE, KIND, SPINS, FAILED, THREADS = (LINE * line for line in range(9))
CALLS, PYTHON = 1, 2  # kinds of jobs
PAUSES = 1500  # take longer than to wake a thread, or one sleep would lead to the next
CALL = 3  # words of a call: its caller, the kernel, its block; a caller of 0 is a barrier


@shared
def wait(sync, word, asleep, value):
    """Return when sync[word] is no longer `value`; sync[asleep] counts who sleeps meanwhile."""
    for _ in range(sync[SPINS]):
        if load_word(sync, word) != value:
            return
        pause()
    add_to_word(sync, asleep, 1)
    while load_word(sync, word) == value:
        sleep_while(sync, word, value)
    add_to_word(sync, asleep, -1)


@shared
def announce(sync, word, asleep):
    """sync[word] += 1, and wake who waits for that."""
    add_to_word(sync, word, 1)
    if load_word(sync, asleep) > 0:
        wake_all(sync, word)


@shared
def meet(sync, threads):
    """Return when all threads are here."""
    if threads == 1:
        return
    now = load_word(sync, ROUND)
    if add_to_word(sync, ARRIVED, 1) == threads - 1:
        swap_word(sync, ARRIVED, 0)
        announce(sync, ROUND, WAITING)
    else:
        wait(sync, ROUND, WAITING, now)


@shared
def make_calls(sync, thread, threads):
    """The calls of a thread, one after another; then all threads meet."""
    calls, count = sync[THREADS + thread * LINE + 1], sync[THREADS + thread * LINE + 2]
    for i in range(count):
        caller = word_at(calls, CALL * i)
        if caller == 0:
            meet(sync, threads)
        elif invoke_call(caller, word_at(calls, CALL * i + 1), word_at(calls, CALL * i + 2)):
            sync[FAILED] = 1
    meet(sync, threads)


@kernel("void(int64[::1], int64, int64)")
def take_part(sync, thread, threads):
    """Thread 0 has the others make their calls, and makes its own. The others do the jobs that come, until one is of
    Python.
    """
    mine = THREADS + thread * LINE
    while True:
        if thread > 0:
            wait(sync, BEGUN, IDLE, sync[mine])
            sync[mine] += 1
            if sync[KIND] == PYTHON:
                return
        elif threads > 1:
            sync[KIND] = CALLS
            announce(sync, BEGUN, IDLE)
        make_calls(sync, thread, threads)
        if thread == 0:
            return


@kernel("void(int64[::1])")
def begin_python(sync):
    """Have the other threads return to Python."""
    sync[KIND] = PYTHON
    announce(sync, BEGUN, IDLE)


def words_of(threads: int, at_work: int = 0) -> np.ndarray:
    """The words of a team, from the beginning of a cache line on. With more threads `at_work` than cores nobody
    spins.
    """
    count, ahead = THREADS + threads * LINE, 8 * LINE
    words = np.zeros(count + LINE, np.int64)
    begin = -words.ctypes.data % ahead // 8
    words[begin + SPINS] = PAUSES if 1 < max(threads, at_work) <= usable_cpus() else 0
    return words[begin : begin + count]
