"""`--learn readout` from the shell: frozen features, a read-out in closed form."""

import numpy as np
import pytest

from tests.conftest import Here, Shell

STEPS, CLASSES = 24, 3


def waves(rng, count, noise=0.3):
    """Rows of a wide file: a label, then a wave of its frequency."""
    labels = rng.integers(CLASSES, size=count)
    t = np.arange(STEPS)
    x = np.sin(t * (0.4 + 0.5 * labels[:, None]) + 6 * rng.random((count, 1))) + noise * rng.standard_normal(
        (count, STEPS)
    )
    return "".join(
        f"class{label}\t" + "\t".join(f"{v:.3f}" for v in row) + "\n" for label, row in zip(labels, x, strict=True)
    )


WIDE = ["--format", "wide", "--label", "1"]


def trained(here, *arguments):
    """Train; it must go well. What was said."""
    done = here("train", *arguments)
    assert done.code == 0, done.err
    return done.err


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """train.tsv, test.tsv, and a model of the first, `said` of it beside."""
    here = Here(tmp_path_factory.mktemp("readout"))
    rng = np.random.default_rng(0)
    (here.folder / "train.tsv").write_text(waves(rng, 40))
    (here.folder / "test.tsv").write_text(waves(rng, 30))
    here.said = trained(here, "train.tsv", *WIDE, "--threads", "1")
    return here


def test_waves_are_told_apart(files):
    assert "each left out once for validation" in files.said
    assert "--cell lstm trains a recurrent network" in files.said
    assert "accuracy" in files.said.splitlines()[-1]
    figures = Shell(files.folder)("predict", "train.safetensors", "test.tsv", "--evaluate").json()
    assert figures["n"] == 30
    assert figures["accuracy"] > 0.9


def test_probabilities_are_the_same_alone_and_among_others(files):
    rows = files("predict", "train.safetensors", "test.tsv", "--proba").rows(CLASSES + 1)
    assert len(rows) == 30
    assert all(sum(map(float, row[:CLASSES])) == pytest.approx(1, abs=2e-4) for row in rows)
    one = (files.folder / "test.tsv").read_bytes().splitlines(keepends=True)[4]
    alone = files("predict", "train.safetensors", "-", "--proba", input=one).rows(CLASSES + 1)
    assert alone[0][:CLASSES] == rows[4][:CLASSES]


def test_the_model_is_the_same_for_any_threads_and_other_for_another_seed(files):
    for name, *options in (
        ("three", "--threads", "3", "--learn", "readout", "--cell", "conv"),
        ("other", "--seed", "1"),
    ):
        trained(files, "train.tsv", *WIDE, *options, "-o", f"{name}.safetensors", "-q")
    one, three, other = ((files.folder / f"{name}.safetensors").read_bytes() for name in ("train", "three", "other"))
    assert one == three != other


@pytest.mark.parametrize("options", [["--hidden", "4"], ["--cell", "lstm"], ["--learn", "all"]])
def test_an_option_of_training_means_that_all_is_trained(files, options):
    said = trained(files, "train.tsv", *WIDE, "--epochs", "0.2", *options, "-o", "trained.safetensors")
    assert f"lstm 1 x {4 if '4' in options else 32}" in said


def test_numbers_are_read_out_too(here):
    rng = np.random.default_rng(1)
    level = rng.random(40)
    x = level[:, None] * np.sin(np.arange(STEPS)) + 0.01 * rng.standard_normal((40, STEPS))
    lines = [f"{s},{t},{v:.4f},{level[s]:.4f}" for s in range(40) for t, v in enumerate(x[s])]
    (here.folder / "a.csv").write_text("\n".join(["s,t,x,size", *lines]) + "\n")
    columns = ["--task", "regress", "--target", "size", "--group", "s", "--time", "t"]
    said = here("train", "a.csv", *columns, "--json", "-q").json()
    assert said["config"]["learn"] == "readout" and said["valid_loss"] < 0.05
    figures = here("predict", "a.safetensors", "a.csv", "--evaluate").json()
    assert figures["rmse"] < 0.05


def test_sets_of_labels_are_read_out_too(here):
    """Two waves and a step, each there or not."""
    rng, names = np.random.default_rng(2), np.array(["slow", "fast", "step"])
    some = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]], bool)

    def rows(count):
        t, there = np.arange(STEPS), some[rng.integers(len(some), size=count)]
        at, starts = rng.integers(4, STEPS - 4, count)[:, None], 6 * rng.random((2, count, 1))
        kinds = np.sin(0.4 * t + starts[0]), np.sin(2 * t + starts[1]), 4 * (t > at)
        x = 0.2 * rng.standard_normal((count, STEPS))
        x += sum(has[:, None] * kind for has, kind in zip(there.T, kinds, strict=True))
        return "".join(
            "|".join(names[has]) + "\t" + "\t".join(f"{v:.3f}" for v in row) + "\n"
            for has, row in zip(there, x, strict=True)
        )

    for name in ("a.tsv", "b.tsv"):
        (here.folder / name).write_text(rows(100))
    said = here("train", "a.tsv", *WIDE, "--label-separator", "|", "--json", "-q").json()
    assert (said["config"]["learn"], said["config"]["task"]) == ("readout", "multilabel")
    figures = here("predict", "a.safetensors", "b.tsv", "--evaluate").json()
    assert figures["micro_f1"] > 0.95 and said["valid_loss"] < 0.5  # of left-out sequences; 2.08 without any inputs


def test_a_file_for_validation_is_what_is_validated_on(files):
    said = files("train", "train.tsv", *WIDE, "--valid", "test.tsv", "--json", "-q", "-o", "v.safetensors").json()
    summary = files("inspect", "v.safetensors", "--json").json()
    figures = files("predict", "v.safetensors", "test.tsv", "--evaluate").json()
    assert summary["metrics"]["accuracy"] == figures["accuracy"] and summary["valid_loss"] == said["valid_loss"]


def test_inspect_says_what_is_read_and_refuses_views_of_states(files):
    shown = files("inspect", "train.safetensors").out.decode()
    assert "contests of the differences" in shown and "ridge regression, strength" in shown
    refused = files("inspect", "train.safetensors", "test.tsv", "--view", "states")
    assert "no hidden states" in refused.message()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hidden", "4"], "--learn readout and --hidden cannot be combined"),
        (["--class-weights", "balanced"], "--learn readout and --class-weights cannot be combined"),
        (["--init", "train.safetensors"], "--init train.safetensors"),
    ],
)
def test_what_cannot_be_combined_is_refused(files, options, words):
    refused = files("train", "train.tsv", *WIDE, "--learn", "readout", *options, "-o", "x.safetensors")
    assert words in refused.message() and not (files.folder / "x.safetensors").exists()


def test_texts_and_short_rows_are_refused_in_one_line(here):
    (here.folder / "t.tsv").write_text("".join(f"some words {i}\tlabel{i % 2}\n" for i in range(20)))
    refused = here("train", "t.tsv", "--text", "1", "--label", "2", "--learn", "readout")
    assert "frozen features read numbers only" in refused.message()
    (here.folder / "w.tsv").write_text("".join(f"{i % 2}\t{i}\t{i * i}\n" for i in range(20)))
    refused = here("train", "w.tsv", *WIDE, "--learn", "readout")
    assert "found 2 steps a sequence, frozen features need 9" in refused.message()
