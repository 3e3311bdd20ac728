"""The model of costs: what it chooses, and that no choice is out of bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.tile import PANEL
from rnncli.network.architecture import Architecture
from rnncli.network.cost import best_members, best_team, best_threads, step, update

CELLS = st.sampled_from(["lstm", "gru", "rnn", "mingru", "conv"])
HIDDEN = st.integers(1, 2048)


def network(cell="lstm", hidden=256, layers=1, **more):
    return Architecture(cell, hidden, layers, hidden, 65, 65, **more)


@given(CELLS, HIDDEN, st.integers(1, 300), st.integers(1, 40), st.booleans())
def test_members_divide_the_threads_and_have_whole_panels(cell, hidden, N, threads, training):
    (one,) = network(cell, hidden).cells()
    members = best_members(one, N, threads, training)
    assert threads % members == 0
    assert members == 1 or (hidden % PANEL == 0 and members * PANEL <= hidden)


@given(CELLS, HIDDEN, st.integers(1, 3), st.integers(1, 40))
def test_a_team_of_steps_is_within_the_threads_there_are(cell, hidden, layers, threads):
    team = best_team(network(cell, hidden, layers).cells(), 1, threads)
    assert 1 <= team <= threads
    assert team == 1 or (hidden % PANEL == 0 and team * PANEL <= hidden)


@given(CELLS, st.integers(1, 600), st.integers(1, 100), st.integers(1, 100), st.integers(1, 32))
def test_the_number_of_threads_is_the_least_that_is_nearly_the_best(cell, hidden, N, T, most):
    a = network(cell, hidden)
    chosen = best_threads(a, N, T, most)
    times = [update(a, N, T, threads) for threads in range(1, most + 1)]
    assert times[chosen - 1] <= 1.02 * min(times)
    assert all(time > 1.02 * min(times) for time in times[: chosen - 1])


def test_a_tiny_network_gets_one_thread_and_a_large_one_all():
    assert best_threads(network(hidden=8), 1, 8, 16) == 1
    assert best_threads(network(hidden=512), 64, 64, 2) == 2
    assert best_threads(network(hidden=256), 50, 50, 16) > 12


@pytest.mark.parametrize(("hidden", "N", "threads", "shared"), [(512, 64, 16, True), (128, 32, 16, False)])
def test_units_are_shared_where_a_few_rows_would_read_weights_that_fit_no_cache(hidden, N, threads, shared):
    (cell,) = network(hidden=hidden).cells()
    members = best_members(cell, N, threads, True)
    assert (members > 1) == shared
    assert step(cell, N, threads, members, True) <= step(cell, N, threads, 1, True)


def test_a_row_alone_is_shared_by_units_if_it_is_worth_a_turn():
    assert best_team(network(hidden=512).cells(), 1, 2) == 2
    assert best_team(network(hidden=1024, layers=2).cells(), 1, 2) == 2
    assert best_team(network(hidden=128).cells(), 1, 2) == 1
    assert best_team(network(hidden=2048).cells(), 1, 1) == 1


@pytest.mark.parametrize(("hidden", "members"), [(64, 1), (128, 1), (256, 1), (512, 2)])
def test_steps_of_a_few_microseconds_are_not_shared(hidden, members):
    (cell,) = network(hidden=hidden).cells()
    assert best_members(cell, 1, 2, False) == best_team([cell], 1, 2) == members


@given(st.integers(1, 16), st.integers(1, 300), st.booleans())
def test_without_recurrent_weights_members_tell_each_other_nothing(panels, N, training):
    """What 8 threads have of a step is the same by rows and by units, up to a row and a panel that cannot be shared."""
    (cell,) = network("mingru", 8 * PANEL * panels).cells()
    by_rows, by_units = (step(cell, N, 8, members, training) for members in (1, 8))
    assert by_units <= by_rows
    if N % 8 == 0:
        assert by_units == pytest.approx(by_rows)
