"""The read-out of a recurrent network that stays as drawn, for series: against scikit-learn, and from the shell."""

import json

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from rnncli.config import TrainConfig
from rnncli.frozen import states
from rnncli.kernels.threads import Team
from rnncli.network.network import Network
from rnncli.tasks.forecast import Forecast
from rnncli.training import experiment, fitting
from rnncli.training.fitting import fit
from rnncli.training.search import sized

ROWS = 300


def series(rows=ROWS):
    """Two waves, whose sum no linear function of the last value continues."""
    t = np.arange(rows)
    return np.sin(0.31 * t) + 0.5 * np.sin(0.17 * t + 1)


@pytest.fixture
def material(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("t,x\n" + "".join(f"{t},{x:.6f}\n" for t, x in enumerate(series())))
    options = {"time": "t", "learn": "readout", "hidden": 20, "cell": "rnn:radius=0.9", "horizon": 3, "season": 1}
    return sized(Forecast.prepare([str(path)], TrainConfig(**options), None, None))


def test_the_read_out_is_ridge_regression_on_the_states(material):
    m = material
    network = Network.initialised(m.task.architecture(m.config), 0)
    u = network.unfold(16, 1, Team(1))
    u.pack()
    found = states.fit(u, m.train, m.valid)
    s, rows = m.train.series, np.arange(int(m.train.last[0]))
    h, H, numbers = np.zeros(20), [], s.X
    theta = {name: array.astype(np.float64) for name, array in network.theta.items()}
    for row in range(int(m.valid.last[0])):
        h = np.tanh(numbers[row] @ theta["0.W"] + theta["0.b"] + h @ theta["0.R"])
        H.append(h)
    H, first = np.array(H), (int(m.train.last[0]) - 0) // 4
    y = s.residuals(rows, m.train.limits(rows)).astype(np.float64)
    chosen = rows[(rows >= first) & np.isfinite(y).all(axis=1)]
    scale = np.trace(np.cov(H[chosen].T, ddof=0)) * len(chosen) / 20
    expected = Ridge(found.strength * scale).fit(H[chosen], y[chosen])
    np.testing.assert_allclose(H[chosen] @ found.W + found.b, expected.predict(H[chosen]), atol=2e-4)
    held = np.arange(int(m.valid.first[0]), int(m.valid.last[0]))
    true = s.residuals(held, m.valid.limits(held)).astype(np.float64)
    there = np.isfinite(true).all(axis=1)
    error = H[held[there]] @ found.W + found.b - true[there]
    assert found.error == pytest.approx((error**2).mean(), rel=1e-2)
    assert found.error == min(found.errors)
    np.testing.assert_allclose(found.spread, np.sqrt((error**2).mean(axis=0)), rtol=1e-2)


def test_states_and_targets_of_rows_with_gaps_are_left_out(material):
    m, network = material, Network.initialised(material.task.architecture(material.config), 0)
    u = network.unfold(16, 1, Team(1))
    u.pack()
    whole = sum(len(h) for h, _ in states._rows(u, m.train))
    m.train.series.gaps[150] = True  # a target of three rows
    assert sum(len(h) for h, _ in states._rows(u, m.train)) == whole - 3


def test_a_series_is_learnt_in_closed_form_and_goes_on_by_itself(here):
    lines = [f"{t},{x:.6f}\n" for t, x in enumerate(series(600))]
    (here.folder / "s.csv").write_text("t,x\n" + "".join(lines))
    done = here(
        "train", "s.csv", "--time", "t", "--learn", "readout", "--hidden", "60", "--season", "1", "--until", "500"
    )
    assert done.code == 0, done.err
    assert "frozen but for the read-out" in done.err
    summary = here("inspect", "s.safetensors", "--json").json()
    assert len(summary["readout"]["tried"]) > 1
    assert summary["config"]["cell"] == min(summary["readout"]["tried"], key=summary["readout"]["tried"].get)
    rows = here("predict", "s.safetensors", "s.csv", "--until", "500", "--free-run", "60", "--to", "jsonl").out
    points = [json.loads(line)["x"] for line in rows.splitlines()]
    np.testing.assert_allclose(points, series(600)[500:560], atol=0.05)


def test_a_read_out_is_tried_beside_a_training_and_the_better_one_is_kept(here):
    """Of a law without noise that is the read-out; where each value is chance, neither may lose much to the other."""
    (here.folder / "s.csv").write_text("t,x\n" + "".join(f"{t},{x:.6f}\n" for t, x in enumerate(series(600))))
    done = here("train", "s.csv", "--time", "t", "--season", "1", "--minutes", "0.02")
    assert done.code == 0, done.err
    summary = here("inspect", "s.safetensors", "--json").json()
    (trained, loss), (read_out, other) = summary["tried"].items()
    assert trained.startswith("lstm 1 x ")
    assert read_out.endswith(", read-out")
    assert other < loss
    assert summary["valid_loss"] == other
    assert summary["config"]["learn"] == "readout"
    assert f"{read_out}: loss {other:.4g}, kept" in done.err
    again = here("train", "s.csv", "--time", "t", "--season", "1", "--minutes", "0.02", "--resume")
    assert "nothing to do" in again.err


def test_where_no_row_has_all_its_targets_there_is_nothing_to_fit(here):
    """Two series side by side, of which one or the other is missing at each step."""
    lines = [f"{t},{t % 5},\n" if t % 2 else f"{t},,{t % 3}\n" for t in range(300)]
    (here.folder / "s.csv").write_text("t,x,y\n" + "".join(lines))
    columns = ["--time", "t", "--target", "x,y", "--season", "1"]
    assert (
        "expected some to fit a read-out to" in here("train", "s.csv", *columns, "--learn", "readout", "-q").message()
    )
    assert not (here.folder / "s.safetensors").exists()
    assert here("train", "s.csv", *columns, "--minutes", "0.005", "-q").code == 0


def test_a_training_that_is_better_is_kept(material, monkeypatch, tmp_path):
    """The loss of the read-out is made a bad one."""
    monkeypatch.setattr(fitting, "fit", lambda *arguments: _worse(*fit(*arguments)))
    path, out = tmp_path / "s.csv", tmp_path / "m.safetensors"
    config = TrainConfig(time="t", season=1, minutes=0.01)
    saved = list(experiment.Experiment([str(path)], config, str(out), 1).reports())[-1]
    assert saved.model.config.learn == "all"
    assert list(saved.model.summary["tried"].values()) == [saved.result.valid_loss, 99.0]


def _worse(network, report):
    report.valid_loss = 99.0
    return network, report


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--loss", "poisson"], "--learn readout and --loss poisson cannot be combined"),
        (["--epochs", "2"], "--learn readout and --epochs cannot be combined"),
    ],
)
def test_options_of_a_training_are_refused(here, options, words):
    (here.folder / "s.csv").write_text("t,x\n" + "".join(f"{t},{t % 7}\n" for t in range(60)))
    command = ["train", "s.csv", "--time", "t", "--season", "1", "--learn", "readout"]
    assert words in here(*command, *options).message()
    assert not (here.folder / "s.safetensors").exists()
