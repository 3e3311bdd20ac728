"""A window that the reach says is too long is made shorter once, and the data are read on from there."""

import re

import pytest

from rnncli.config import TrainConfig
from rnncli.models.model_file import load_checkpoint
from rnncli.training.budget import Budget
from rnncli.training.loop import Training
from rnncli.training.reach import better_window

SMALL = ("--hidden", "8", "--batch", "4", "--epochs", "3")


def trained(here, text, *words):
    """(what was said, the steps of the window in MODEL)."""
    here.write("t.txt", text)
    ran = here("train", "t.txt", *SMALL, "-o", "m.st", *words)
    assert ran.code == 0, ran.err
    return ran.err, load_checkpoint("m.st")[0].config.steps


def test_a_long_window_becomes_twice_the_reach_once_and_the_model_says_so(here, text):
    said, steps = trained(here, text)
    (line,) = re.findall(r"update \d+  the gradient reaches (\d+) of (\d+) steps: on in windows of (\d+)\n", said)
    reach, before, after = map(int, line)
    assert (after, after) == (max(8, 2 * reach), steps)
    assert 4 * reach < before


def test_a_window_that_the_gradient_reaches_through_stays_and_the_verdict_says_so(here, text, monkeypatch):
    monkeypatch.setattr(Training, "_reach_at", lambda self, place: self.batches.T)
    said, steps = trained(here, text)
    assert "windows of" not in said
    assert f"through the whole window of {steps}: a longer --steps may learn more" in said


@pytest.mark.parametrize(
    "words", [("--steps", "96"), ("--cell", "conv"), ("--members", "2"), ("--format", "lines")], ids=" ".join
)
def test_a_window_that_was_given_or_has_another_reason_stays(here, text, words):
    assert "windows of" not in trained(here, text, *words)[0]


def test_any_number_of_threads_has_the_same_bits(here, text):
    trained(here, text, "--threads", "1")
    one = here.read("m.st")
    trained(here, text, "--threads", "3")
    assert here.read("m.st") == one


def test_as_much_is_read_as_without_a_change(here, text):
    trained(here, text, "--valid-fraction", "0")
    changed = load_checkpoint("m.st")[0].summary["tokens"]
    trained(here, text, "--valid-fraction", "0", "--steps", "96")
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


@pytest.mark.parametrize(
    ("reach", "steps", "better"),
    [(96, 96, 192), (23, 96, 46), (24, 96, None), (95, 96, None), (1, 96, 8), (1, 8, None)],
)
def test_which_windows_suit(reach, steps, better):
    assert better_window(reach, steps) == better


def test_explain_leaves_it_open(here, text):
    here.write("t.txt", text)
    ran = here("train", "t.txt", *SMALL, "--explain")
    assert b"--steps" not in ran.out
    assert "--steps stays open: training makes it less once, if the reach says so" in ran.err
