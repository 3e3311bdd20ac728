"""A target without a value to learn from is refused by its name."""

import pytest

from rnncli.config import TrainConfig
from rnncli.errors import RnncliError
from rnncli.tasks.forecast import Forecast


@pytest.mark.parametrize("univariate", [False, True])
@pytest.mark.parametrize("first", [0, 185])  # the row from which on there are values; the last tenth is held out
def test_a_target_without_values_is_refused(tmp_path, univariate, first):
    path = tmp_path / "data.csv"
    lines = [f"{i},{i % 7},{i if first and i >= first else ''}" for i in range(200)]
    path.write_text("\n".join(["t,x,y", *lines]) + "\n")
    config = TrainConfig(task="forecast", time="t", target="x,y", univariate=univariate)
    with pytest.raises(RnncliError, match=r"data\.csv: no values in column y, expected some for training"):
        Forecast.prepare([str(path)], config, None, None)
    Forecast.prepare([str(path)], TrainConfig(task="forecast", time="t", target="x"), None, None)
