"""What a budget in minutes allows: multiply-adds of all matrices but that of the first layer's inputs, a table."""

import pytest

from rnncli.config import TrainConfig
from rnncli.training.search import NOMINAL_SPEED, minutes_tokens

H, V = 100, 50


@pytest.mark.parametrize(
    ("cell", "layers", "squares"),
    [("lstm", 1, 4), ("lstm", 2, 12), ("rnn:activation=relu", 3, 5), ("mingru", 1, 0), ("mingru", 3, 6)],
)
def test_minutes_are_tokens_by_the_matrices_of_the_cell(cell, layers, squares):
    config = TrainConfig(cell=cell, layers=layers, minutes=2.0)
    expected = 2 * 60 * NOMINAL_SPEED / (6 * (squares * H * H + H * V))
    assert minutes_tokens(config, H, V) == pytest.approx(expected)
