"""A team does its work once in every thread, in any number of threads, in Python or as a program."""

import subprocess
import sys
import time

import numpy as np
import pytest

from rnncli.kernels.atomics import add_to_word, load_word
from rnncli.kernels.barrier import meet
from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import COMPILED
from rnncli.kernels.threads import Team, share

THREADS = [1, 2, 3, 7]  # more than this machine may have


@kernel("void(int64[:,::1], int64, int64)")
def add_neighbours(A, step, thread):
    """A[step + 1, thread] = the sum of A[step]: wrong if a thread was not done with the step before."""
    total = 0
    for i in range(A.shape[1]):
        total += A[step, i]
    A[step + 1, thread] = total % 1_000_003 + thread


@kernel("void(int64[::1], int64[::1], int64, int64)")
def count_and_meet(counts, sync, threads, rounds):
    """counts[0] += 1 in every round, and the threads see the same number after they met."""
    for i in range(rounds):
        add_to_word(counts, 0, 1)
        meet(sync, threads)
        if load_word(counts, 0) != (i + 1) * threads:
            add_to_word(counts, 1, 1)
        meet(sync, threads)


@pytest.mark.parametrize("threads", THREADS)
def test_a_team_runs_every_thread_once(threads):
    team = Team(threads)
    for _ in range(5):
        done = []
        team.run(lambda thread, threads, done=done: done.append((thread, threads)))
        assert sorted(done) == [(thread, threads) for thread in range(threads)]


@pytest.mark.parametrize("faulty", [{0}, {2}, {1, 2}, {0, 1, 2}])
def test_an_error_in_any_part_is_raised_once_and_the_team_works_on(faulty):
    team, done = Team(3), []

    def work(thread, threads):
        done.append(thread)
        if thread in faulty:
            raise ValueError("a faulty thread")

    with pytest.raises(ValueError, match="a faulty thread"):
        team.run(work)
    assert sorted(done) == [0, 1, 2]
    done.clear()
    team.run(lambda thread, threads: done.append(thread))
    assert sorted(done) == [0, 1, 2]


@pytest.mark.parametrize("threads", THREADS)
def test_each_work_of_a_program_begins_when_all_threads_are_done_with_the_one_before(threads):
    steps = 40
    A = np.zeros((steps + 1, threads), np.int64)
    A[0] = np.arange(threads) + 1
    expected = [A[0].tolist()]
    for _ in range(steps):
        expected.append([sum(expected[-1]) % 1_000_003 + thread for thread in range(threads)])
    team = Team(threads)
    works = [lambda thread, threads, step=step: add_neighbours(A, step, thread) for step in range(steps)]
    program = team.program(*works)
    for pause in (0, 0, 0.01, 0, 0.02):  # threads that still wait, and such as have parked
        A[1:] = 0
        time.sleep(pause)
        program()
        assert A.tolist() == expected
        team.run(lambda thread, threads: None)  # Python between programs


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.skipif(not COMPILED, reason="threads take turns")
def test_nobody_leaves_a_barrier_before_all_have_come(threads):
    team, counts = Team(threads), np.zeros(2, np.int64)
    team.program(lambda thread, threads: count_and_meet(counts, team.sync, threads, 300))()
    assert counts.tolist() == [300 * threads, 0]


def test_shares_are_all_of_it_and_nearly_equal():
    for count in (0, 1, 7, 96):
        for threads in (1, 2, 5, 16):
            shares = [share(count, thread, threads) for thread in range(threads)]
            assert [first for first, _ in shares] == [0, *(last for _, last in shares[:-1])]
            assert shares[-1][1] == count
            assert {last - first for first, last in shares} <= {count // threads, count // threads + 1}


def test_a_team_that_waits_does_not_keep_the_process_from_ending():
    code = "from rnncli.kernels.threads import Team; t = Team(3); t.run(lambda *a: None); t.program(lambda *a: None)()"
    assert subprocess.run([sys.executable, "-c", code], timeout=100, check=False).returncode == 0


def test_a_team_without_work_uses_no_processor():
    team = Team(3)
    team.run(lambda thread, threads: None)
    time.sleep(0.2)
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.1
