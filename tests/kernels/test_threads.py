"""A team runs every thread of its work once, in any number of threads."""

import pytest

from rnncli.kernels.threads import Team


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
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
