"""A training that ends in the middle of an update: the state before it is kept, and resumed to the same MODEL."""

import re

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.training import loop
from rnncli.training.checkpoint import Checkpoint
from rnncli.training.experiment import Experiment
from rnncli.training.loop import Training

SMALL = ("--hidden", "6", "--batch", "4", "--steps", "16", "--epochs", "3", "--quiet", "--threads", "1")


class Torn(Exception):
    """The process would end here."""


def torn_at(monkeypatch, number):
    """The update of this number ends when half of it is done."""
    right, seen = Training.update, []

    def update(self):
        seen.append(self)
        if len(seen) == number:
            self.network.theta.flat[::2] = np.nan
            self.counters.step += 1
            for state in self.unfolded.states():
                state[...] = np.nan
            raise Torn
        return right(self)

    monkeypatch.setattr(Training, "update", update)


def stopped(here, output, **options):
    """The words of an experiment that is torn, and abandoned then."""
    config = TrainConfig(**{"hidden": 6, "batch": 4, "steps": 16, "epochs": 3.0} | options)
    experiment = Experiment(["t.txt"], config, output, 1)
    with pytest.raises(Torn):
        for _ in experiment.reports():
            pass
    return experiment.abandon()


@pytest.mark.parametrize(("number", "members"), [(2, 1), (40, 1), (110, 2)])
def test_an_update_under_way_is_all_that_is_lost(here, text, monkeypatch, number, members):
    here.write("t.txt", text)
    words = ("train", "t.txt", *SMALL, "--members", str(members))
    assert here(*words, "-o", "sound").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(loop, "LONG_S", 0.0)
        torn_at(patch, number)
        said = stopped(here, "m", members=members)
    assert said == (
        "stopped at once; everything but the update under way is in m.checkpoint: give the same command with --resume "
        "to continue"
    )
    assert here("predict", "m.checkpoint", "t.txt", "--score").code == 0
    assert here(*words, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("sound")


@pytest.mark.parametrize("after", [-1, 0, 1, 2, 20])
def test_a_window_that_is_changed_on_the_way_is_changed_by_a_resumed_run_as_well(here, text, monkeypatch, after):
    here.write("t.txt", text)
    words = ("train", "t.txt", "--hidden", "16", "--batch", "8", "--epochs", "3", "--threads", "1")
    number = after + int(re.search(r"update (\d+)  the gradient reaches", here(*words, "-o", "sound").err)[1])
    with monkeypatch.context() as patch:
        patch.setattr(loop, "LONG_S", 0.0)
        torn_at(patch, number)
        stopped(here, "m", hidden=16, batch=8, steps=None)
    assert here(*words, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("sound")


def test_short_updates_keep_no_copy_but_before_a_validation(here, text, monkeypatch):
    """A validation may take long, and is done again with the update before it."""
    here.write("t.txt", text)
    kept = []
    right = Training.update

    def update(self):
        kept.append(self.before is not None)
        return right(self)

    monkeypatch.setattr(Training, "update", update)
    monkeypatch.setattr(loop, "LONG_S", 1e9)
    here("train", "t.txt", *SMALL, "-o", "m")
    assert kept[0]
    assert 10 <= sum(kept) <= 12 < len(kept) / 2


def test_after_an_end_at_once_nothing_is_written_over_it(here, text):
    here.write("t.txt", text)
    here("train", "t.txt", *SMALL, "-o", "m")
    checkpoint = Checkpoint("m")
    assert checkpoint.abandon(None, lambda before: None) == "nothing was written"
    assert checkpoint.save(None, ({}, {}))
    assert not checkpoint.is_there
