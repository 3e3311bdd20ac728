"""`--minutes`: an upper bound, most of which goes to updates, however fast the machine is."""

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Characters
from rnncli.readers.form import Form
from rnncli.tasks import validation
from rnncli.tasks.language import Language
from rnncli.tasks.task import Material
from rnncli.training.budget import SPARE_S
from rnncli.training.loop import Training, drawn
from rnncli.training.search import sized

MINUTES = 0.5
LETTERS = Characters([10, 97, 98])


class Machine:
    """A clock that goes on by what an update and a validation read."""

    def __init__(self, monkeypatch, tokens_per_s):
        self.now, self.updating, self.speed = 0.0, 0.0, tokens_per_s
        update, mean = Training.update, validation.StreamValidator._mean

        def timed_update(training):
            found = update(training)
            self.now += found.tokens / self.speed
            self.updating += found.tokens / self.speed
            return found

        def timed_mean(validator, batches):
            def read():
                for batch in batches:
                    self.now += batch.count / (2 * self.speed)  # forward alone
                    yield batch

            return mean(validator, read())

        monkeypatch.setattr(Training, "update", timed_update)
        monkeypatch.setattr(validation.StreamValidator, "_mean", timed_mean)

    def training(self, threads=1, tokens=10**5, hidden=4):
        """Of a text whose validation part would take longer than all its minutes."""
        rng = np.random.default_rng(0)
        train, valid = (Sequences(rng.integers(1, 4, n).astype(np.uint8), np.zeros(1, int)) for n in (tokens, 10**6))
        config = TrainConfig(task="language", tokens="char", hidden=hidden, minutes=MINUTES, batch=32, steps=100)
        material = sized(Material(Language(LETTERS, Form("text")), config, train, valid, "", "", []))
        return Training(drawn(material), material, threads, lambda: self.now)


@pytest.mark.parametrize("tokens", [300_000, 1_000_000])
def test_four_fifths_of_the_minutes_go_to_updates_whatever_the_speed(monkeypatch, tokens):
    machine = Machine(monkeypatch, tokens / (60 * MINUTES))
    training = machine.training()
    first = next(reports := training.reports())
    began = machine.now  # the clock starts with the first update
    *_, finished = reports
    assert first.step == 1 and finished.stopped == "done"
    assert machine.now - began <= 60 * MINUTES
    assert machine.updating >= 0.8 * 60 * MINUTES
    assert len(training.history) > 2
    assert validation.WHOLE_LEAST < training.valid.total <= tokens * validation.WHOLE_PART


@pytest.mark.parametrize("tokens", [20_000, 60_000, 100_000])
def test_minutes_are_an_upper_bound_where_updates_and_validations_take_seconds(monkeypatch, tokens):
    machine = Machine(monkeypatch, tokens / (60 * MINUTES))
    reports = machine.training().reports()
    next(reports)
    began = machine.now
    *_, finished = reports
    assert finished.stopped == "done" and finished.valid_loss is not None
    assert machine.now - began <= 60 * MINUTES - SPARE_S


@pytest.mark.parametrize(("speed", "stopped"), [(10_000, "enough"), (1_000, "done")])
def test_few_tokens_are_read_so_many_times_at_most_within_the_minutes(monkeypatch, speed, stopped):
    """By a network as wide as usual: 40 epochs are usual of 400 tokens, which are one update each."""
    machine = Machine(monkeypatch, speed)
    training = machine.training(tokens=400, hidden=256)
    reports = training.reports()
    next(reports)
    began = machine.now
    *_, finished = reports
    assert finished.stopped == stopped and machine.now - began <= 60 * MINUTES
    assert (finished.step == 80) == (stopped == "enough")
    assert training.rate() < 0.01 * training.config.lr


def test_what_is_validated_on_is_that_of_the_first_run_when_a_training_goes_on(monkeypatch):
    machine = Machine(monkeypatch, 20_000)
    one, other = machine.training(), machine.training()
    for _ in zip(range(8), one.reports(), strict=False):
        pass
    arrays, values = one.checkpoint()
    machine.speed /= 10
    other.restore({name: array.copy() for name, array in arrays.items()}, dict(values))
    assert one.history and other.valid.total == one.valid.total
    assert other.best.validator.quick_windows == one.best.validator.quick_windows
