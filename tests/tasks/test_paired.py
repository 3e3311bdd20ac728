"""Whether one forecast is better or was lucky, against SciPy's paired t-test."""

import numpy as np
import pytest
from scipy import stats

from rnncli.config import TrainConfig
from rnncli.models.model_file import load_checkpoint
from rnncli.tasks.forecast import Forecast
from rnncli.tasks.forecast_rivals import rivals
from rnncli.tasks.paired import batches_of_tokens, told_apart


@pytest.mark.parametrize("count", [2, 3, 7, 10])
def test_told_apart_is_the_paired_t_test_at_5_percent(count):
    rng = np.random.default_rng(count)
    found = []
    for _ in range(200):
        a = rng.standard_normal(count)
        b = a + 0.7 + rng.standard_normal(count)
        found.append(told_apart(a.tolist(), b.tolist()))
        assert found[-1] == (stats.ttest_rel(a, b).pvalue < 0.05)
    assert any(found) and not all(found)


def test_one_batch_tells_nothing_nor_do_numbers_of_a_damaged_file():
    assert not told_apart([1.0], [9.0])
    assert not told_apart([1e308, -1e308], [-1e308, 1e308])
    assert not told_apart([1.0] * 99, [2.0] * 99)


def test_batches_of_tokens_are_of_those_that_all_have():
    nats = {"": np.arange(700.0), "5-gram": np.arange(650.0) ** 2}
    found = batches_of_tokens(nats)
    for name, one in nats.items():
        assert found[name] == pytest.approx([part.mean() for part in np.split(one[:650], 10)])
    assert len(batches_of_tokens({"": np.zeros(200)})[""]) == 3
    assert batches_of_tokens({"": np.zeros(900), "5-gram": np.zeros(127)}) == {}


def test_a_text_is_measured_beside_its_rivals_in_batches(here, text):
    """Their means are the figures of all, and the nats of the network those that predict has."""
    here.write("t.txt", text)
    here.write("valid.txt", text[-2000:])
    options = ("--hidden", "6", "--epochs", "1", "--valid", "valid.txt", "--format", "lines", "-q")
    assert here("train", "t.txt", *options, "-o", "m").code == 0
    summary = load_checkpoint(str(here.folder / "m"))[0].summary
    batches, beside = summary["batches"], summary["rivals_batches"]
    assert np.mean(batches) == pytest.approx(summary["valid_loss"], rel=1e-3)
    for name, figure in summary["rivals"].items():
        assert np.mean(beside[name]) == pytest.approx(figure, rel=1e-3)
    rows = here("predict", "m", "valid.txt", "--per-token").out.decode().splitlines()
    nats = np.array([float(row.split("\t")[-1]) for row in rows])
    expected = batches_of_tokens({"": nats})[""]
    assert batches == pytest.approx(expected, abs=1e-3)


def parts_of(folder, univariate):
    """The training and validation parts of a table of three targets, and what their rivals reach."""
    config = TrainConfig(task="forecast", horizon=2, univariate=univariate, group="shop")
    material = Forecast.prepare([str(folder / "t.csv")], config, None, None)
    return material, rivals(material.train, material.valid)


def test_targets_stand_in_the_same_batches_together_and_each_by_itself(here):
    """Two shops, gaps, and targets of other sizes: the rivals of both ways have the same errors in the same batches."""
    rng = np.random.default_rng(0)
    walks = rng.standard_normal((400, 3)).cumsum(axis=0) * [1.0, 50.0, 0.01]
    lines = [f"{'ab'[i // 200]}," + ",".join(f"{x:.5g}" for x in row) for i, row in enumerate(walks)]
    lines[190] = lines[190].rsplit(",", 1)[0] + ","
    here.write("t.csv", "shop,x,y,z\n" + "\n".join(lines) + "\n")
    (together, joint), (_, apart) = (parts_of(here.folder, univariate) for univariate in (False, True))
    assert len(together.valid.series.outlook.targets) == 3
    assert len(joint.batches["naive"]) == 10  # 2 shops of 20 rows
    assert joint.batches.keys() == apart.batches.keys() >= {"naive", "ridge"}
    for name, means in joint.batches.items():
        np.testing.assert_allclose(apart.batches[name], means, rtol=1e-9)


def test_a_verdict_compares_batches_of_the_way_that_was_taken(here):
    """Rivals are of all targets together, a network may be of each by itself."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((400, 4))
    here.write("t.csv", "w,x,y,z\n" + "\n".join(",".join(f"{x:.4f}" for x in row) for row in noise) + "\n")
    done = here("train", "t.csv", "--horizon", "4", "-o", "m", "--univariate")
    assert done.code == 0, done.err
    summary = load_checkpoint(str(here.folder / "m"))[0].summary
    assert len(summary["batches"]) == len(summary["rivals_batches"]["naive"]) == 40 // 8
