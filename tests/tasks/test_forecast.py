"""What is learnt of the training part is what the network is trained on, and what the model file holds."""

import json

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.schema import Schema
from rnncli.tasks.forecast import Forecast


@pytest.mark.parametrize("level", ["last", "mean", "season", "linear"])
def test_the_targets_of_training_are_those_of_the_model_file(tmp_path, level):
    """Also where gaps take the value of the season before: the anchor is fitted again then."""
    t, rng = np.arange(900), np.random.default_rng(0)
    values = np.sin(2 * np.pi * t / 6) + t / 100 + 0.3 * rng.normal(size=900)
    rows = ["" if rng.random() < 0.1 else f"{value:.3f}" for value in values]
    (tmp_path / "d.csv").write_text("y,x\n" + "".join(f"{row},{x}\n" for x, row in enumerate(rows)))
    config = TrainConfig(task="forecast", target="y", horizon=2, season=6, level=level)
    material = Forecast.prepare([str(tmp_path / "d.csv")], config, None, None)
    train, at = material.train, np.arange(100, 800)
    again = Schema.from_json(json.loads(json.dumps(material.task.schema.to_json()))).outlook
    assert again.anchor == level
    np.testing.assert_array_equal(again.anchors(train.series.past, at), train.series.anchors(at))
