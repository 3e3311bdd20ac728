"""A team runs every part of its work once, in any number of threads."""

import pytest

from rnncli.kernels.threads import Team, available_cpus


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_a_team_runs_every_part_once(parts):
    team = Team(parts)
    for _ in range(5):
        done = []
        team.run(lambda part, parts, done=done: done.append((part, parts)))
        assert sorted(done) == [(part, parts) for part in range(parts)]


@pytest.mark.parametrize("faulty", [{0}, {2}, {1, 2}, {0, 1, 2}])
def test_an_error_in_any_part_is_raised_once_and_the_team_works_on(faulty):
    team, done = Team(3), []

    def work(part, parts):
        done.append(part)
        if part in faulty:
            raise ValueError("a faulty part")

    with pytest.raises(ValueError, match="a faulty part"):
        team.run(work)
    assert sorted(done) == [0, 1, 2]
    done.clear()
    team.run(lambda part, parts: done.append(part))
    assert sorted(done) == [0, 1, 2]


def test_there_is_a_cpu():
    assert available_cpus() >= 1
