"""A training that ends in the middle of an update: the state before it is kept, and resumed to the same MODEL."""

import re
import threading
import time

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.tasks.trained import load_checkpoint, load_model
from rnncli.training import loop
from rnncli.training.best_weights import BestWeights
from rnncli.training.checkpoint import Checkpoint
from rnncli.training.experiment import Experiment
from rnncli.training.loop import Training
from rnncli.training.optimisers import Optimiser

SMALL = ("--hidden", "6", "--batch", "4", "--steps", "16", "--epochs", "3", "--quiet", "--threads", "1")


class Torn(Exception):
    """The process would end here."""


def torn_at(monkeypatch, number):
    """The update of this number ends when its gradients are there."""
    right, seen = Training._gradients, []

    def gradients(self, *arguments):
        right(self, *arguments)
        seen.append(self)
        if len(seen) == number:
            for state in self.unfolded.states():
                state[...] = np.nan
            raise Torn

    monkeypatch.setattr(Training, "_gradients", gradients)


def torn(best):
    """In place of `BestWeights.choose`: the end of the process before what was chosen is written."""
    best.network.theta.flat[...] = 0
    raise Torn


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
def test_a_window_that_is_changed_on_the_way_is_changed_by_a_resumed_run_as_well(
    here, text, monkeypatch, reaching_far, after
):
    here.write("t.txt", text)
    words = ("train", "t.txt", "--hidden", "16", "--batch", "8", "--epochs", "3", "--threads", "1")
    number = after + int(re.search(r"update (\d+)  the gradient reaches", here(*words, "-o", "sound").err)[1])
    with monkeypatch.context() as patch:
        patch.setattr(loop, "LONG_S", 0.0)
        torn_at(patch, number)
        stopped(here, "m", hidden=16, batch=8, steps=None)
    assert here(*words, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("sound")


@pytest.mark.parametrize(("number", "patience"), [(7, 0), (21, 0), (9, 1), (7, 1)])
def test_a_validation_that_is_ended_is_done_again(here, text, monkeypatch, number, patience):
    """Its weights are others than those of the training; it may be the last one, of all or before patience ends."""
    here.write("t.txt", text)
    words = ("train", "t.txt", *SMALL, "--lr", "0.3", "--patience", str(patience))
    assert here(*words, "-o", "sound").code == 0
    right, seen = BestWeights._quick_loss, []

    def quick_loss(self, weights):
        loss = right(self, weights)
        seen.append(loss)
        if len(seen) == number:
            raise Torn
        return loss

    with monkeypatch.context() as patch:
        patch.setattr(BestWeights, "_quick_loss", quick_loss)
        said = stopped(here, "m", patience=patience, lr=0.3)
    assert "everything but the update under way is in m.checkpoint" in said
    assert here(*words, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("sound")


def test_the_end_of_a_training_without_a_validation_part_is_ended(here, text, monkeypatch):
    here.write("t.txt", text)
    words = ("train", "t.txt", *SMALL, "--valid-fraction", "0")
    assert here(*words, "-o", "sound").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(BestWeights, "choose", torn)
        stopped(here, "m", valid_fraction=0.0)
    assert here(*words, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("sound")


def test_more_epochs_after_an_end_in_the_last_validation_go_on_from_the_last_weights(here, text, monkeypatch):
    """Not from the best ones, which that validation has in their place."""
    here.write("t.txt", text)
    with monkeypatch.context() as patch:
        patch.setattr(BestWeights, "choose", torn)
        stopped(here, "m")
    assert np.abs(load_model("m.checkpoint").network.theta.flat).max() > 0


def test_while_weights_change_the_end_waits_for_them(here, text, monkeypatch):
    here.write("t.txt", text)
    assert here("train", "t.txt", *SMALL, "-o", "sound").code == 0
    experiment = Experiment(["t.txt"], TrainConfig(hidden=6, batch=4, steps=16, epochs=3.0), "m", 1)
    right, said, ended = Optimiser.update, [], threading.Event()

    def end():
        said.append(experiment.abandon())
        ended.set()

    def update(self, step, *arguments):
        if step == 5:
            threading.Thread(target=end).start()
            time.sleep(0.05)
            assert not said
        return right(self, step, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "LONG_S", 0.0)
        patch.setattr(Optimiser, "update", update)
        threading.Thread(target=lambda: [*experiment.reports()], daemon=True).start()
        assert ended.wait(60)
    assert "everything but the update under way is in m.checkpoint" in said[0]
    assert load_checkpoint("m.checkpoint")[2]["optimiser_step"] >= 5
    assert here("train", "t.txt", *SMALL, "-o", "m", "--resume").code == 0
    assert here.read("m") == here.read("sound")


def test_short_updates_keep_nothing(here, text, monkeypatch):
    """A validation may take long."""
    here.write("t.txt", text)
    kept, validated = [], []
    right, quick_loss = Training.update, BestWeights._quick_loss

    def update(self):
        kept.append(self.is_kept)
        return right(self)

    def validating(self, weights):
        validated.append(experiment.training.is_kept)
        return quick_loss(self, weights)

    monkeypatch.setattr(Training, "update", update)
    monkeypatch.setattr(BestWeights, "_quick_loss", validating)
    monkeypatch.setattr(loop, "LONG_S", 1e9)
    experiment = Experiment(["t.txt"], TrainConfig(hidden=6, batch=4, steps=16, epochs=3.0), "m", 1)
    for _ in experiment.reports():
        pass
    assert sum(kept) == kept[0] == 1 < len(kept)  # of the first update nothing is known
    assert all(validated)


def test_after_an_end_at_once_nothing_is_written_over_it(here, text):
    here.write("t.txt", text)
    here("train", "t.txt", *SMALL, "-o", "m")
    checkpoint = Checkpoint("m")
    assert checkpoint.abandon(None, lambda before: None) == "nothing was written"
    assert checkpoint.save(None, ({}, {}))
    assert not checkpoint.is_there
