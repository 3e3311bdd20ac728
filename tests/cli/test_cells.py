"""`train --cells`: several networks on equal terms, the best as MODEL."""

import json
import signal

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted
from rnncli.tasks.trained import load_model
from rnncli.training.comparison import Comparison
from rnncli.training.experiment import Experiment
from rnncli.training.reports import Progress, Saved
from tests.conftest import make_text

CELLS = ("lstm", "gru", "rnn:activation=relu", "conv", "mingru")
SMALL = ("--hidden", "16", "--batch", "4", "--steps", "16", "--epochs", "1")


@pytest.fixture
def text(here):
    """text.txt in the folder."""
    here.write("text.txt", make_text(60))
    return "text.txt"


def train(here, *arguments):
    done = here("train", *arguments, "--json", "--quiet")
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_each_cell_is_trained_as_it_would_be_alone_and_the_best_is_the_model(here, text):
    found = train(here, text, *SMALL, "--cells", ",".join(CELLS), "-o", "m")
    rows = found["cells"]
    assert [row["cell"] for row in rows] == list(CELLS)
    assert {row["parameters"] for row in rows[1:]} - {rows[0]["parameters"]}, "sizes differ by single units"
    for row in rows:
        assert row["parameters"] == pytest.approx(rows[0]["parameters"], rel=0.05)
        size = ("--hidden", str(row["hidden"]), "--layers", str(row["layers"]), "--embed", "16")
        c = load_model(row["model"]).config
        alone = train(here, text, "--cell", row["cell"], *size, *SMALL[2:], "--dropout", str(c.dropout), "-o", "alone")
        assert here.read("alone") == here.read(f"m-{row['cell']}")
        assert alone["valid_loss"] == row["valid_loss"]
    best = min(rows, key=lambda row: row["valid_loss"])
    kept, model = load_model(best["model"]), load_model("m")
    assert found["valid_loss"] == best["valid_loss"]
    np.testing.assert_array_equal(model.network.theta.flat, kept.network.theta.flat)
    assert here("inspect", "m", "--json").json()["cells"] == rows
    shown = here("inspect", "m").out.decode()
    assert all(f"{row['parameters']:,}" in shown for row in rows)
    assert here("inspect", best["model"], "--json").json()["cells"] is None


def test_the_number_of_parameters_is_the_nearest_that_a_cell_can_have(here, text):
    rows = train(here, text, *SMALL, "--cells", "lstm,gru,mingru", "-o", "m")["cells"]
    for row in rows[1:]:
        wanted = rows[0]["parameters"]
        for hidden in (row["hidden"] - 1, row["hidden"] + 1):
            options = ("--cell", row["cell"], "--hidden", str(hidden), "--embed", "16")
            other = train(here, text, *options, *SMALL[2:-1], "0.01", "-o", "other")["parameters"]
            assert abs(other - wanted) >= abs(row["parameters"] - wanted)


def test_minutes_are_shared_out(here, text):
    train(here, text, *SMALL[:-2], "--minutes", "0.04", "--cells", "rnn,gru", "-o", "m")
    assert [load_model(f"m-{cell}").config.minutes for cell in ("rnn", "gru")] == [0.02, 0.02]


def test_series_and_sequences_are_compared_too(here):
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(300) / 5) + 0.1 * rng.standard_normal(300)
    here.write("wave.csv", "level\n" + "\n".join(f"{v:.3f}" for v in wave))
    small = ("--hidden", "6", "--epochs", "1", "--cells", "lstm,conv")
    rows = train(here, "wave.csv", "--target", "level", *small, "-o", "w")["cells"]
    assert all(row["metrics"]["mae"] > 0 for row in rows)
    assert rows[1]["reads"] == here("inspect", "w-conv", "--json").json()["receptive_field"]
    labels = "".join(
        f"{'ab'[k % 2]}\t" + "\t".join(f"{v + k % 2:.2f}" for v in wave[k : k + 9]) + "\n" for k in range(120)
    )
    here.write("wide.tsv", labels)
    done = here("train", "wide.tsv", "--format", "wide", "--label", "1", *small, "-o", "c")
    assert done.code == 0
    table = [line.split() for line in done.err.splitlines() if line.startswith((" ", "lstm  ", "conv  "))][-3:]
    assert table[0] == ["size", "parameters", "loss", "accuracy", "tokens/s", "reads"]
    rows = json.loads(here("inspect", "c", "--json").out)["cells"]
    for line, row in zip(table[1:], rows, strict=True):
        figures = [f"{row['valid_loss']:.4f}", f"{row['metrics']['accuracy']:.4g}"]
        assert line[:7] == [
            row["cell"],
            str(row["layers"]),
            "x",
            str(row["hidden"]),
            f"{row['parameters']:,}",
            *figures,
        ]


def run_to(comparison, cell, updates):
    """Stop after so many updates with this cell, as Ctrl-C would."""
    seen = 0
    for report in comparison.reports():
        seen += isinstance(report, Progress) and comparison.running.asked.cell == cell
        if seen == updates:
            comparison.stop(signal.SIGINT)


def test_a_stopped_comparison_goes_on_where_it_was(here, text, monkeypatch):
    monkeypatch.setattr("rnncli.training.loop.REPORT_SECONDS", 0.0)
    options = ("--hidden", "8", "--batch", "4", "--steps", "16", "--epochs", "2", "--cells", "rnn,gru")
    train(here, text, *options, "-o", "whole")
    config = TrainConfig(hidden=8, batch=4, steps=16, epochs=2.0)
    stopped = Comparison(Experiment([text], config, "m", 1), ("rnn", "gru"))
    with pytest.raises(Interrupted, match="m-gru.checkpoint: give the same command with --resume"):
        run_to(stopped, "gru", 3)
    assert here.files() == ["m-gru.checkpoint", "m-rnn", "text.txt", "whole", "whole-gru", "whole-rnn"]
    done = here("train", text, *options, "-o", "m", "--resume")
    assert done.code == 0
    assert "continuing from update" in done.err
    for cell in ("rnn", "gru"):
        assert here.read(f"m-{cell}") == here.read(f"whole-{cell}")
    np.testing.assert_array_equal(load_model("m").network.theta.flat, load_model("whole").network.theta.flat)


def test_a_stop_between_two_trainings_says_what_is_there(here, text):
    comparison = Comparison(Experiment([text], TrainConfig(hidden=8, epochs=0.1), "m", 1), ("rnn", "gru"))
    for report in comparison.reports():
        if isinstance(report, Saved):
            with pytest.raises(Interrupted, match="m-rnn written"):
                comparison.stop(signal.SIGINT)
            return


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--cells", "lstm"), "expected several cells, each once"),
        (("--cells", "lstm,gru,lstm"), "expected several cells, each once"),
        (("--cells", "lstm,elman"), "elman: expected one of"),
        (("--cells", "lstm,rnn:speed=3"), "rnn has no option 'speed'"),
        (("--cells", "lstm,gru", "--cell", "rnn"), "--cells and --cell cannot be combined"),
        (("--cells", "lstm,gru", "--learn", "readout"), "--cells and --learn readout cannot be combined"),
        (("--cells", "lstm,gru", "--valid-fraction", "0"), "expected one to choose by|found none"),
        (("--cells", "lstm,gru", "-o", "text.txt"), "are the same file"),
    ],
)
def test_what_makes_no_sense_is_refused(here, text, options, words):
    done = here("train", text, "--epochs", "1", *options)
    assert done.code in (1, 2)
    assert any(word in done.message() for word in words.split("|"))
    assert here.files() == ["text.txt"]


def test_an_output_that_is_the_input_is_refused(here, text):
    here.write("m-lstm", here.read(text))
    assert "m-lstm are the same file" in here("train", "m-lstm", "--cells", "lstm,gru", "-o", "m").message()
