"""What a training came to: each kind, of made-up facts and from the shell."""

import json

import numpy as np
import pytest

from rnncli.models.summary import checked
from rnncli.stored import Damaged
from rnncli.training.verdict import verdict

NATS = {"valid_loss": 2.0, "rivals": {"unigram": 3.0, "5-gram": 2.5}}


def of_labels(accuracy, n=400, most=0.5):
    """The summary of a classifier, of whose n sequences a part has the most frequent label."""
    counts = {"a": {"n": round(most * n)}, "b": {"n": n - round(most * n)}}
    return {"valid_loss": 0.5, "metrics": {"n": n, "accuracy": accuracy, "per_class": counts}}


@pytest.mark.parametrize(
    ("summary", "kind", "rival", "gain"),
    [
        ({}, "unfinished", None, None),
        ({"valid_loss": None}, "no_validation", None, None),
        ({"valid_loss": 0.5}, "no_rival", None, None),
        (NATS, "rival_beaten", "5-gram", 0.2),
        (NATS | {"valid_loss": 2.5}, "rival_not_beaten", "5-gram", 0.0),
        (NATS | {"valid_loss": 3.0}, "rival_not_beaten", "5-gram", -0.2),
        (NATS | {"rivals_measure": "mae", "metrics": {"mae": 1.0}}, "rival_beaten", "5-gram", 0.6),
        (NATS | {"rivals_measure": "mae", "metrics": {"mae": None}}, "no_rival", None, None),
        ({"valid_loss": 1.0, "rivals": {"naive": 0.0}}, "rival_not_beaten", "naive", None),
        (of_labels(0.75), "rival_beaten", "the most frequent label", 0.25),
        (of_labels(0.25), "rival_not_beaten", "the most frequent label", -0.25),
        (of_labels(0.75, n=20), "too_small_to_tell", "the most frequent label", 0.25),
        ({"valid_loss": 1.0, "metrics": {"r2": 0.3}}, "rival_beaten", "the mean", 0.3),
        ({"valid_loss": 1.0, "metrics": {"r2": -0.3}}, "rival_not_beaten", "the mean", -0.3),
        ({"valid_loss": 1.0, "metrics": {"r2": 0.3, "r2_se": 0.15}}, "rival_beaten", "the mean", 0.3),
        ({"valid_loss": 1.0, "metrics": {"r2": 0.3, "r2_se": 0.16}}, "too_small_to_tell", "the mean", 0.3),
        ({"valid_loss": 1.0, "metrics": {"r2": 0.3, "r2_chance": 0.16}}, "too_small_to_tell", "the mean", 0.3),
        (NATS | {"batches": [2.0, 2.1], "rivals_batches": {"5-gram": [2.5, 2.6]}}, "rival_beaten", "5-gram", 0.2),
        (NATS | {"batches": [2.0, 2.1], "rivals_batches": {"5-gram": [2.3, 2.8]}}, "too_small_to_tell", "5-gram", 0.2),
        (NATS | {"batches": [2.0], "rivals_batches": {"5-gram": [2.5]}}, "too_small_to_tell", "5-gram", 0.2),
        (NATS | {"batches": [2.0], "rivals_batches": {"5-gram": [2.5, 2.6]}}, "rival_beaten", "5-gram", 0.2),
    ],
)
def test_the_best_rival_decides(summary, kind, rival, gain):
    found = verdict(summary, [])
    assert (found.kind, found.rival) == (kind, rival)
    assert found.gain == (None if gain is None else pytest.approx(gain))
    assert found.warns == (kind in ("rival_not_beaten", "too_small_to_tell"))


def falling(*losses, **summary):
    history = [{"update": 10 * i, "valid_loss": loss, "loss": loss} for i, loss in enumerate(losses, 1)]
    return verdict(NATS | {"best_update": 40, "stopped": "done"} | summary, history)


def test_a_loss_that_still_falls_at_the_end():
    found = falling(3.0, 2.0, 1.6, 1.5)
    assert found.still_falling == pytest.approx(0.1) and not found.warns
    assert found.sentences[-1] == "the validation loss still fell at the end, by 0.1: --epochs or --minutes may help"
    assert falling(3.0, 2.0, 1.6, 1.58).still_falling is None  # less than a hundredth of 3
    assert falling(3.0, 1.4, 1.6, 1.5).still_falling is None  # was better before
    assert falling(3.0, 2.0, 1.5).still_falling is None  # too few
    assert falling(3.0, 2.0, 1.6, 1.5, stopped="patience").still_falling is None
    assert falling(3.0, 2.0, 1.6, 1.5, members=[1.0, 2.0]).still_falling is None


def test_too_small_ends_where_the_interval_of_a_difference_does():
    """By the normal interval of the difference of two shares, 0.6 and 0.5: n = 1.96² (0.24 + 0.25) / 0.1² = 188.2."""
    assert verdict(of_labels(0.6, n=180), []).kind == "too_small_to_tell"
    assert verdict(of_labels(0.6, n=190), []).kind == "rival_beaten"


def history(*losses):
    return [{"update": 10 * (i + 1), "loss": loss, "valid_loss": valid} for i, (loss, valid) in enumerate(losses)]


@pytest.mark.parametrize(
    ("losses", "best", "since"),
    [
        ([(3, 3), (2, 2), (1.5, 2.1), (1, 2.3)], 20, 20),
        ([(3, 3), (2, 2), (1.5, 2.1)], 20, None),  # one validation says little
        ([(3, 3), (2, 2), (2.1, 2.1), (2.2, 2.3)], 20, None),  # training did not go on either
        ([(3, 3), (2, 2), (1, 1)], 30, None),
        ([(3, 3), (2, 2), (None, 2.1), (1, 2.3)], 20, None),
    ],
)
def test_overfit_is_that_training_went_on_and_validation_did_not(losses, best, since):
    found = verdict(NATS | {"best_update": best}, history(*losses))
    assert (found.overfit_since, found.warns, found.kind) == (since, since is not None, "rival_beaten")
    assert any("overfit since update 20" in sentence for sentence in found.sentences) == (since is not None)


def test_intervals_that_hold_no_longer():
    drifted = verdict(NATS | {"coverage": {"nominal": 0.8, "later": 0.55}}, [])
    said = "80 % intervals of the earlier half of validation hold 55 % of the later half: expect less of them"
    assert drifted.sentences[-1] == said and drifted.coverage == {"nominal": 0.8, "later": 0.55}
    assert len(verdict(NATS | {"coverage": {"nominal": 0.8, "later": 0.75}}, []).sentences) == 1


def test_what_is_advised_on_the_window_comes_last():
    found = verdict(NATS | {"reach": 64}, [], "a longer --steps may learn more")
    assert (found.reach, found.sentences[-1]) == (64, "a longer --steps may learn more")
    assert len(verdict(NATS | {"reach": 64}, []).sentences) == len(found.sentences) - 1


def test_a_start_that_was_never_beaten_comes_first():
    found = verdict(NATS | {"best_update": 0}, history((3, 3), (2, 3)))
    assert (found.kind, found.warns, len(found.sentences)) == ("start_not_beaten", True, 1)
    assert verdict(NATS | {"best_update": 0}, []).kind == "rival_beaten"  # a read-out in closed form has no updates


@pytest.mark.parametrize(
    "metrics",
    [
        {"n": -1},
        {"accuracy": 1.5},
        {"r2": "x"},
        {"r2_se": -1.0},
        {"per_class": [1]},
        {"n": 3, "per_class": {"a": {"n": 4}}},
        {"n": 3, "per_class": {"a": {"n": "x"}}},
    ],
)
def test_metrics_of_a_damaged_file_are_refused(metrics):
    with pytest.raises(Damaged, match="summary.metrics"):
        checked({"metrics": metrics})


def ended(here, *arguments):
    """(the verdict in --json, the last lines on stderr, all of --json) of a training; `inspect` has the same."""
    done = here("train", *arguments, "-o", "m.st", "--json", "--threads", "1")
    assert done.code == 0, done.err
    found = done.json()
    said = [line.removeprefix("verdict  ") for line in done.err.splitlines() if line.startswith("verdict  ")]
    assert said == found["verdict"]["sentences"]
    assert here("inspect", "m.st", "--json").json()["verdict"] == found["verdict"]
    return found["verdict"], said, found


def test_noise_is_no_better_than_its_rivals_or_its_start(here):
    rows = np.random.default_rng(3).standard_normal(300).round(3)
    here.write("a.csv", "load\n" + "\n".join(map(str, rows)) + "\n")
    found, said, result = ended(here, "a.csv", "--target", "load", "--hidden", "4", "--epochs", "1", "--season", "1")
    own, rivals = result["metrics"]["mae"], result["rivals"]
    assert result["rivals_measure"] == found["measure"] == "mae"
    assert (found["own"], found["rival_figure"]) == (own, min(rivals.values()))
    assert found["gain"] == pytest.approx((min(rivals.values()) - own) / min(rivals.values()))
    kind = "start_not_beaten" if not result["best_update"] else "rival_beaten" if found["gain"] > 0 else None
    assert found["kind"] == (kind or "rival_not_beaten") and len(said) >= 1


@pytest.mark.parametrize(("shift", "kind"), [(3.0, "rival_beaten"), (0.0, "too_small_to_tell")])
def test_labels_stand_against_the_most_frequent_one(here, shift, kind):
    rng = np.random.default_rng(1)
    true = rng.integers(2, size=200)
    x = rng.standard_normal((200, 12)) + shift * np.sin(np.arange(12)) * true[:, None]
    lines = ["\t".join([f"c{label}", *(f"{v:.3f}" for v in row)]) for label, row in zip(true, x, strict=True)]
    here.write("a.tsv", "\n".join(lines) + "\n")
    small = ("--cell", "lstm", "--hidden", "8", "--epochs", "10", "--lr", "0.02")
    found, said, result = ended(here, "a.tsv", "--format", "wide", "--label", "1", *small)
    metrics = result["metrics"]
    most = max(one["n"] for one in metrics["per_class"].values()) / sum(
        one["n"] for one in metrics["per_class"].values()
    )
    assert (found["own"], found["rival_figure"]) == (metrics["accuracy"], pytest.approx(most))
    assert found["kind"] in (kind, "start_not_beaten" if not result["best_update"] else kind), json.dumps(found)
    if kind == "rival_beaten":
        assert said[0].startswith(f"better than the most frequent label: accuracy {metrics['accuracy']:.4g} against ")
