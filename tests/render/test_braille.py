"""A way through the plane: its dots, its marks, its gaps."""

import pytest

from rnncli.render.braille import BEGIN, END, trajectory


def test_a_line_goes_from_begin_to_end_without_gaps():
    lines = trajectory([[0, 0], [1, 0], [1, 1]], [0], 10, 5, "cyan").plain.split("\n")
    assert [len(line) for line in lines] == [10] * 5
    assert lines[4][0] == BEGIN[0] and lines[0][9] == END[0]
    assert all(character != " " for character in lines[4])
    assert all(line[9] != " " for line in lines)
    assert {character for line in lines[1:4] for character in line[:8]} == {" "}


def test_a_new_sequence_is_not_joined_to_the_last():
    points = [[0, 0], [0, 1], [1, 0], [1, 1]]
    apart, joined = (trajectory(points, starts, 20, 10, "").plain for starts in ([0, 2], [0]))
    middle = [line[5:15] for line in apart.split("\n")]
    assert not "".join(middle).strip()
    assert "".join(line[5:15] for line in joined.split("\n")).strip()


def test_both_axes_have_the_same_scale():
    lines = trajectory([[0, 0], [100, 1]], [0], 20, 10, "").plain.split("\n")
    assert sum(bool(line.strip()) for line in lines) <= 2


@pytest.mark.parametrize("points", [[[1.0, 2.0]], [[1.0, 2.0]] * 3])
def test_a_state_that_stays_is_a_point(points):
    assert trajectory(points, [0], 10, 5, "").plain.split() == [END[0]]
