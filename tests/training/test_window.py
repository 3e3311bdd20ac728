"""A window that the reach says is too long is made shorter once, and the data are read on from there."""

import math
import re

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.models.model_file import load_checkpoint
from rnncli.network.architecture import Architecture
from rnncli.network.cost import PARAMETER, update
from rnncli.training.budget import Budget
from rnncli.training.reach import Reach
from rnncli.training.window import advice, suited
from tests.helpers import architecture

SMALL = ("--hidden", "16", "--batch", "8", "--epochs", "3")


def trained(here, text, *words):
    """(what was said, the steps of the window in MODEL)."""
    here.write("t.txt", text)
    ran = here("train", "t.txt", *SMALL, "-o", "m.st", *words)
    assert ran.code == 0, ran.err
    return ran.err, load_checkpoint("m.st")[0].config.steps


CHANGED = r"update \d+  the gradient reaches (.*) steps: windows have (\d+) now: --steps (\d+) undoes it\n"


def test_a_long_window_is_made_shorter_once_and_the_model_says_so(here, text, monkeypatch):
    monkeypatch.setattr(Reach, "norms", lambda self, batch: faded_at(5, batch.steps))
    said, steps = trained(here, text, "--hidden", "256", "--batch", "32")
    ((reaches, after, before),) = re.findall(CHANGED, said)
    reach, of = map(int, reaches.split(" of "))
    assert 4 * reach < of == int(before)
    assert 2 * reach <= int(after) == steps < of


def test_a_window_at_whose_end_much_of_the_gradient_is_left_is_doubled(here, text, reaching_far):
    said, steps = trained(here, text)
    ((reaches, after, before),) = re.findall(CHANGED, said)
    assert reaches == f"through all {before}"
    assert int(after) == steps == 2 * int(before)
    assert "windows have" not in trained(here, text, "--memory", "1GB")[0]


def test_a_window_whose_end_the_gradient_hardly_reaches_stays_and_the_verdict_on_a_short_one_says_so(
    here, text, monkeypatch
):
    monkeypatch.setattr(Reach, "norms", lambda self, batch: np.linspace(1, 0.05, batch.steps))
    said, _ = trained(here, text)
    assert "windows have" not in said
    assert "longer --steps" not in said
    said, _ = trained(here, text, "--steps", "16")
    assert "through the whole window of 16: a longer --steps may learn more" in said


@pytest.mark.parametrize(
    "words", [("--steps", "96"), ("--cell", "conv"), ("--members", "2"), ("--format", "lines")], ids=" ".join
)
def test_a_window_that_was_given_or_has_another_reason_stays(here, text, words):
    assert "windows have" not in trained(here, text, *words)[0]


def test_any_number_of_threads_has_the_same_bits(here, text, reaching_far):
    assert "windows have" in trained(here, text, "--threads", "1")[0]
    one = here.read("m.st")
    trained(here, text, "--threads", "3")
    assert here.read("m.st") == one


def test_as_much_is_read_as_without_a_change(here, text, reaching_far):
    assert "windows have" in trained(here, text, "--valid-fraction", "0")[0]
    changed = load_checkpoint("m.st")[0].summary["tokens"]
    trained(here, text, "--valid-fraction", "0", "--steps", "48")
    assert changed == pytest.approx(load_checkpoint("m.st")[0].summary["tokens"], rel=0.05)


@pytest.mark.parametrize(("update", "windows"), [(1, 300), (37, 31), (240, 99)])
def test_the_budget_goes_on_where_it_was(update, windows):
    one = Budget(TrainConfig(epochs=2.5), 100)
    part, passes = one.done(update, 0.0), one.place(update) / 100
    one.cut_anew(update, windows)
    assert one.done(update, 0.0) == pytest.approx(part)
    assert one.place(update) / windows == pytest.approx(passes, abs=0.51 / windows)
    assert one.place(one.updates) / windows == pytest.approx(2.5, abs=1.5 / windows)
    assert one.done(one.updates, 0.0) == 1


def test_of_seconds_the_place_alone_is_another():
    one = Budget(TrainConfig(minutes=1.0), 100)
    done = one.done(50, 20.0)
    one.cut_anew(50, 400)
    assert (one.done(50, 20.0), one.place(50), one.place(51)) == (done, 200, 201)


@pytest.mark.parametrize(("reach", "kept"), [(2, False), (23, False), (24, True), (95, True)])
def test_a_reach_of_a_quarter_of_the_window_has_a_use_for_it(reach, kept):
    found, steps = suited(architecture("lstm"), 32, 96, [faded_at(reach, 96)] * 3)
    assert found == reach
    assert (steps is None) == kept


def test_fewer_steps_stay_so_many_that_a_token_costs_no_more_than_a_tenth_more():
    a = Architecture("lstm", 128, 1, 128, 65, 65)
    fixed = PARAMETER * sum(math.prod(shape) for shape in a.shapes().values())
    steps = suited(a, 32, 96, [faded_at(1, 96)])[1]
    cost = {T: (update(a, 32, T, 1) + fixed) / T for T in (steps - 1, steps, 96)}
    assert cost[steps] <= 1.1 * cost[96] < cost[steps - 1]


def test_advice_is_given_at_both_ends_only_and_never_of_steps_that_are_dearer():
    a = architecture("lstm")
    assert "longer --steps" in advice(a, 32, 20, 20)
    assert advice(a, 32, 48, 48) is None
    assert "--steps 46 would" in advice(Architecture("lstm", 256, 1, 128, 65, 65), 32, 96, 23)
    assert advice(a, 32, 96, 40) is advice(a, 32, 8, 1) is advice(a, 1, 35, 1) is None


def faded_at(reach, steps):
    """A profile of the gradient with this reach."""
    return np.where(np.arange(steps) < reach, 1.0, 1e-3)


def test_explain_leaves_it_open(here, text):
    here.write("t.txt", text)
    ran = here("train", "t.txt", *SMALL, "--explain")
    assert b"--steps" not in ran.out
    assert "--steps stays open: training changes it once, if the reach says so" in ran.err
