"""`train --tune`: variants are tried by successive halving, the best one is trained."""

import itertools
import json
import signal

import numpy as np
import pytest

from rnncli.config import TrainConfig, option_name
from rnncli.errors import Interrupted
from rnncli.tasks.task import Rivals
from rnncli.tasks.trained import load_model
from rnncli.training import tuning
from rnncli.training.experiment import Experiment
from rnncli.training.loop import Training
from rnncli.training.reports import Progress, Trying
from rnncli.training.tuning import Tuning
from tests.conftest import make_text

GIVEN = ("--cell", "rnn", "--hidden", "6", "--batch", "4", "--steps", "16", "--epochs", "2")


@pytest.fixture
def text(here):
    """text.txt in the folder."""
    return here.write("text.txt", make_text(60))


@pytest.fixture
def wave(here):
    """wave.csv, one column of numbers."""
    rng = np.random.default_rng(0)
    values = np.sin(np.arange(300) / 5) + 0.1 * rng.standard_normal(300)
    return here.write("wave.csv", "level\n" + "\n".join(f"{v:.3f}" for v in values))


def trained(here, *arguments):
    done = here("train", *arguments, "--json", "--quiet")
    assert done.code == 0, done.err
    assert not done.err
    return json.loads(done.out)


def as_options(changes):
    return [word for name, value in changes.items() for word in (option_name(name), str(value))]


def test_the_best_of_the_last_round_is_trained_as_if_its_options_were_given(here, text):
    found = trained(here, text, *GIVEN, "--tune", "-o", "m")
    rows, kept = found["tuned"]["rows"], found["tuned"]["kept"]
    assert len(rows) == 9
    assert rows[0]["changes"] == {}
    assert {name for row in rows for name in row["changes"]} == {"layers", "dropout", "lr", "weight_decay"}
    assert all(1 <= len(row["changes"]) <= 3 for row in rows[1:])
    second = [i for i, row in enumerate(rows) if len(row["errors"]) == 2]
    by_error = sorted(range(1, 9), key=lambda i: rows[i]["errors"][0])
    assert second == sorted({0, *by_error[:3]})
    ends = {i: np.polyval(np.polyfit(np.log([1 / 9, 1 / 3]), rows[i]["errors"], 1), 0) for i in second}
    better = [i for i in second if rows[i]["errors"][1] < rows[0]["errors"][1] and ends[i] < ends[0]]
    assert kept == min(better, key=lambda i: rows[i]["errors"][1], default=0)
    trained(here, text, *GIVEN, *as_options(rows[kept]["changes"]), "-o", "asked")
    np.testing.assert_array_equal(load_model("m").network.theta.flat, load_model("asked").network.theta.flat)
    assert here("inspect", "m", "--json").json()["tuned"] == found["tuned"]
    assert here("inspect", "asked", "--json").json()["tuned"] is None


def test_a_trial_is_a_training_with_its_part_of_the_epochs(here, text, monkeypatch):
    given = (*GIVEN[:-2], "--dropout", "0.1")
    rows = trained(here, text, *given, "--epochs", "2", "--tune", "-o", "m")["tuned"]["rows"]
    monkeypatch.setattr(Training, "validations", 3)
    for row, error, parts in ((rows[0], 0, 9), (rows[0], 1, 3), (rows[1], 0, 9)):
        options = ("--epochs", str(2 / parts), *as_options(row["changes"]))
        assert trained(here, text, *given, *options, "-o", "alone")["valid_loss"] == row["errors"][error]


def test_the_search_is_the_same_for_any_threads_and_another_for_another_seed(here, text):
    for name, options in (("one", ("--threads", "1")), ("two", ("--threads", "2")), ("other", ("--seed", "1"))):
        trained(here, text, *GIVEN, "--tune", *options, "-o", name)
    assert here.read("one") == here.read("two")
    changes = [[row["changes"] for row in load_model(n).summary["tuned"]["rows"]] for n in ("one", "other")]
    assert changes[0] != changes[1]


def test_the_table_is_shown(here, text):
    done = here("train", text, *GIVEN, "--tune", "-o", "m")
    shown = done.err.splitlines()
    assert sum(line.startswith("trying ") for line in shown) == 9 + 1 + 3
    start = next(i for i, line in enumerate(shown) if line.split() == ["nats", "1", "nats", "2"])
    tuned = load_model("m").summary["tuned"]
    inspected = here("inspect", "m").out.decode()
    for i, row in enumerate(tuned["rows"]):
        words = [tuning.words(row["changes"]), *(f"{error:.4f}" for error in row["errors"])]
        words += ["kept"] if i == tuned["kept"] else []
        line = shown[start + 1 + i]
        assert line.split() == " ".join(words).split()
        assert line in inspected


def test_another_candidate_is_taken_only_if_it_learns_more_than_the_first(here, text, monkeypatch):
    monkeypatch.setattr(tuning, "space", lambda m, asked: {"lr": [1e-12], "dropout": [0.3]})
    table = trained(here, text, *GIVEN, "--lr", "1e-12", "--tune", "-o", "m")["tuned"]
    assert len(table["rows"]) == 4
    assert [len(row["errors"]) for row in table["rows"]] == [2] * 4
    assert table["kept"] == 0


def test_a_candidate_that_diverges_is_the_worst(here, text, monkeypatch):
    monkeypatch.setattr(tuning, "space", lambda m, asked: {"lr": [1e6]})
    done = here("train", text, *GIVEN, "--clip", "0", "--tune", "-o", "m")
    assert done.code == 0
    table = load_model("m").summary["tuned"]
    assert table["rows"][1]["changes"] == {"lr": 1e6}
    assert table["rows"][1]["errors"][-1] is None
    assert table["kept"] == 0
    assert "diverged" in done.err


def test_forecasts_vary_the_look_back_and_compare_by_the_measure_of_the_rivals(here, wave, monkeypatch):
    small = ("--hidden", "4", "--layers", "1", "--cell", "rnn", "--season", "1", "--epochs", "3")
    monkeypatch.setattr(tuning, "space", lambda m, asked: {"look_back": [8]})
    found = trained(here, wave, *small, "--tune", "-o", "m")
    assert found["tuned"]["measure"] == "mae"
    assert [row["changes"] for row in found["tuned"]["rows"]] == [{}, {"look_back": 8}]
    monkeypatch.setattr(tuning.Tuning, "best", property(lambda self: self.candidates[1]))
    trained(here, wave, *small, "--tune", "-o", "m")
    trained(here, wave, *small, "--look-back", "8", "-o", "asked")
    model, asked = load_model("m"), load_model("asked")
    assert model.schema.outlook.look_back == 8
    np.testing.assert_array_equal(model.network.theta.flat, asked.network.theta.flat)


def sequences(rng, count):
    """Rows of a label and 12 values, whose mean tells the label."""
    rows = [(k % 2, rng.standard_normal(12) + 1.5 * (k % 2)) for k in range(count)]
    return "".join(f"{'ab'[label]}\t" + "\t".join(f"{v:.2f}" for v in values) + "\n" for label, values in rows)


def test_networks_are_compared_with_the_usual_read_out_on_the_same_part(here, monkeypatch):
    rng = np.random.default_rng(0)
    train, valid = here.write("train.tsv", sequences(rng, 120)), here.write("valid.tsv", sequences(rng, 40))
    wide = ("--format", "wide", "--label", "1")
    monkeypatch.setattr(tuning, "space", lambda m, asked: {"lr": [1e-3]})
    monkeypatch.setattr("rnncli.training.search._row", lambda sizes, count: (count, 4))
    usual = trained(here, train, *wide, "--valid", valid, "-o", "usual")
    trained(here, train, *wide, "--valid", valid, "--tune", "-o", "m")
    tried = load_model("m").summary["tried"]
    assert set(tried) == {"lstm 1 x 4", "frozen features, read-out"}
    assert tried["frozen features, read-out"] == usual["valid_loss"]
    # without a file for validation the usual read-out is fitted to all; what is kept is that one
    trained(here, train, *wide, "-o", "usual")
    monkeypatch.setattr("rnncli.training.loop.BestWeights.choose", lambda self: (100.0, {"metrics": {}}))
    trained(here, train, *wide, "--tune", "-o", "m")
    model = load_model("m")
    assert model.config.learn == "readout"
    np.testing.assert_array_equal(model.network.theta.flat, load_model("usual").network.theta.flat)
    assert model.summary["tuned"]["rows"][1]["changes"] == {"lr": 1e-3}
    before = here.read("m")
    assert "nothing to do" in here("train", train, *wide, "--tune", "--resume", "-o", "m").err
    assert here.read("m") == before


def test_a_stopped_run_goes_on_with_what_was_taken(here, text, monkeypatch):
    monkeypatch.setattr("rnncli.training.loop.REPORT_SECONDS", 0.0)
    monkeypatch.setattr(tuning.Tuning, "best", property(lambda self: self.candidates[3]))
    trained(here, text, *GIVEN, "--tune", "-o", "whole")
    config = TrainConfig(cell="rnn", hidden=6, batch=4, steps=16, epochs=2.0, tune=True)
    early = Experiment([text], config, "m", 1)
    with pytest.raises(Interrupted, match="stopped before training began; nothing was written"):
        for report in early.reports():
            if isinstance(report, Trying) and report.number == 2:
                early.stop(signal.SIGINT)
    assert here.files() == ["text.txt", "whole"]
    late = Experiment([text], config, "m", 1)
    with pytest.raises(Interrupted, match=r"m\.checkpoint"):
        for report in late.reports():
            if isinstance(report, Progress) and late.training is not None:
                late.stop(signal.SIGINT)
    done = here("train", text, *GIVEN, "--tune", "-o", "m", "--resume")
    assert "continuing from update" in done.err
    assert "trying" not in done.err
    assert here.read("m") == here.read("whole")
    again = here("train", text, *GIVEN, "--tune", "-o", "m", "--resume")
    assert "m is finished: nothing to do" in again.err
    assert "--tune" in here("train", text, *GIVEN, "-o", "m", "--resume").message()


def test_options_that_exclude_each_other_are_not_tried_together(here, text, monkeypatch):
    monkeypatch.setattr(tuning, "space", lambda m, asked: {"cell": ["conv"], "layers": [20]})
    config = TrainConfig(tune=True)
    m = Experiment([text], config, "m", 1).material
    found = Tuning(m, config, lambda options: m, Rivals({}), 1).candidates
    assert sorted(map(len, (one.changes for one in found))) == [0, 1, 1]  # conv has at most 16 layers


def test_members_have_the_options_that_were_found(here, text, monkeypatch):
    monkeypatch.setattr(tuning, "space", lambda m, asked: {"lr": [0.02]})
    monkeypatch.setattr(tuning.Tuning, "best", property(lambda self: self.candidates[1]))
    trained(here, text, *GIVEN, "--members", "2", "--tune", "-o", "m")
    trained(here, text, *GIVEN, "--members", "2", "--lr", "0.02", "-o", "asked")
    np.testing.assert_array_equal(load_model("m").network.theta.flat, load_model("asked").network.theta.flat)


def test_minutes_are_shared_out_by_the_clock(here, text):
    config = TrainConfig(cell="rnn", hidden=6, batch=4, steps=16, minutes=10.0, tune=True)
    m, now = Experiment([text], config, "m", 1).material, [100.0]
    found = Tuning(m, config, lambda options: m, Rivals({}), 1, clock=lambda: now[0])
    assert found._part(m.config, 0, 9).minutes * 60 == pytest.approx(120 / 9)
    found.began, now[0] = 100.0, 100.0 + 40  # the first has taken more than its share: the others have less
    assert found._part(m.config, 0, 8).minutes * 60 == pytest.approx((120 - 40) / 8)
    now[0] = 100.0 + 130  # late: the second round ends in time all the same
    assert found._part(m.config, 1, 2).minutes * 60 == pytest.approx((300 - 130) / 2)
    found.candidates = found.candidates[:2]  # a trial of the second round is three times as long
    assert found._part(m.config, 1, 2).minutes * 60 == pytest.approx((60 + 180 - 130) / 2)
    now[0] = 100.0 + 150  # the training that follows has what is left
    assert tuning.after_tuning(m.config, found.table).minutes * 60 == pytest.approx(600 - 150)


def test_as_many_are_tried_as_a_round_has_time_for(here, text):
    """A trial takes two seconds beside its updates, by this clock; a round has a fifth of the time."""
    for minutes, count in ((5.0, 4), (60.0, 9)):
        config = TrainConfig(cell="rnn", hidden=6, batch=4, steps=16, minutes=minutes, tune=True)
        m, ticks = Experiment([text], config, "m", 1).material, itertools.count(0.0, 2.0)
        found = Tuning(m, config, lambda options, m=m: m, Rivals({}), 1, clock=lambda ticks=ticks: next(ticks))
        found._shorten()
        assert len(found.candidates) == min(9, int(tuning.SHARES[0] * 60 * minutes * (1 - tuning.UPDATES) / 2)) == count


def test_of_few_minutes_nothing_is_tried_and_of_more_all_that_are_chosen(here, text, monkeypatch):
    given = (*GIVEN[:-2], "--tune", "-o", "m")
    done = here("train", text, *given, "--minutes", "0.0005")
    assert "--tune: 0.03 s is too little to try anything" in done.err
    tuned = load_model("m").summary["tuned"]
    assert tuned["rows"] == [{"changes": {}, "errors": []}]
    assert "as without --tune" not in done.err
    monkeypatch.setattr(Tuning, "_shorten", lambda self: setattr(self, "candidates", self.candidates[:3]))
    found = trained(here, text, *given, "--minutes", "0.03")["tuned"]["rows"]
    assert len(found) == 3 and all(row["errors"] for row in found)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--cells", "lstm,gru"), 2, "--tune and --cells cannot be combined"),
        (("--init", "text.txt"), 2, "--tune and --init cannot be combined"),
        (("--learn", "readout"), 2, "--tune and --learn readout cannot be combined"),
        (("--valid-fraction", "0"), 1, "--tune chooses by a validation part, found none"),
        (
            (*GIVEN, "--lr", "0.01", "--dropout", "0", "--layers", "1", "--weight-decay", "0"),
            2,
            "--tune has no effect: each option that it varies was given",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(here, text, options, code, words):
    done = here("train", text, *options, "--tune", "-o", "m")
    assert done.code == code
    assert words in done.message()
    assert here.files() == ["text.txt"]


@pytest.mark.parametrize(
    ("budget", "t"), [({"epochs": 9.0}, (1, 3, 9)), ({"minutes": 10.0}, (200 / 9, 150, 500))], ids=["epochs", "minutes"]
)
def test_a_candidate_that_soon_learns_no_more_is_not_taken(here, text, budget, t):
    config = TrainConfig(cell="rnn", hidden=6, batch=4, steps=16, tune=True, **budget)
    m = Experiment([text], config, "m", 1).material
    found = Tuning(m, config, lambda options: m, Rivals({}), 1)
    first, fast, good = found.candidates[:3]
    first.errors, fast.errors, good.errors = [3.0, 2.0], [2.2, 1.9], [3.1, 1.95]
    for one in (first, fast, good):
        line = np.polyfit(np.log(t[:2]), one.errors, 1)
        assert found._in_full(one) == pytest.approx(np.polyval(line, np.log(t[2])))
    assert found.best is good
    good.errors = [3.1, 2.05]
    assert found.best is first
