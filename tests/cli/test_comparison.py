"""`inspect A --compare B,C`: what the models were made of and what they reached, in one table."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from rnncli.tasks.trained import load_model


@pytest.fixture
def numbers(here):
    """A forecast of a small table."""
    t = np.arange(300)
    here.write("t.csv", "x\n" + "".join(f"{v:.4f}\n" for v in np.sin(t / 3)))
    done = here("train", "t.csv", "--epochs", "1", "--hidden", "3", "--target", "x", "-q", "-o", "t.safetensors")
    assert done.code == 0, done.err
    return "t.safetensors"


def test_the_facts_are_those_of_the_files(here, char_model, conv_model):
    data = here("inspect", char_model, "--compare", conv_model, "--json").json()
    assert [one["model"] for one in data["models"]] == [char_model, conv_model]
    for one in data["models"]:
        model = load_model(one["model"])
        assert one["task"] == "language"
        assert one["cell"] == model.config.cell
        assert (one["layers"], one["units"]) == (model.config.layers, model.config.hidden)
        assert one["parameters"] == sum(array.size for _, array in model.network.theta.items())
        assert one["valid_loss"] == model.summary["valid_loss"]
        assert one["loss_unit"] == "nats a char"
        assert (one["rival"], one["rival_figure"]) == ("5-gram", model.summary["rivals"]["5-gram"])
        assert one["updates"] == model.summary["updates"]
        assert (one["epochs"], one["minutes"]) == (model.config.epochs, None)
    losses = [one["valid_loss"] for one in data["models"]]
    assert data["comparable"] and data["why"] == []
    assert data["best"] == losses.index(min(losses))


def test_one_table_on_the_terminal(here, char_model, conv_model):
    done = here("inspect", char_model, "--compare", conv_model)
    assert (done.code, done.err) == (0, "")
    text = done.out.decode()
    lines = {line[:14].strip(): line[14:].split() for line in text.splitlines()}
    assert lines["cell"] == ["lstm", "conv"]
    assert lines["units"] == ["32", "16"]
    assert "All have the same validation part." in text


def test_other_tasks_are_beside_each_other_with_a_word_and_empty_fields(here, char_model, numbers):
    done = here("inspect", char_model, "--compare", numbers)
    text = done.out.decode()
    assert "Do not compare the losses and metrics: they learnt different tasks." in text
    assert next(line for line in text.splitlines() if line.startswith("mae ")).split()[1:] != []
    data = here("inspect", char_model, "--compare", numbers, "--json").json()
    assert (data["comparable"], data["best"]) == (False, None)
    assert data["models"][0]["metrics"] == {}
    assert set(data["metrics"]) == set(data["models"][1]["metrics"])


def test_other_data_and_other_units_are_told(here, char_model, byte_model, other_text):
    data = here("inspect", char_model, "--compare", byte_model, "--json").json()
    assert "their losses have different units" in data["why"]
    here.write("other.txt", other_text * 3)
    here("train", "other.txt", "--epochs", "1", "--hidden", "3", "-q", "-o", "other.safetensors")
    data = here("inspect", char_model, "--compare", "other.safetensors", "--json").json()
    assert data["why"] == ["they were validated on different data"]


@pytest.mark.parametrize("width", [40, 80])
def test_many_models_stand_below_each_other(here, char_model, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    done = here("inspect", char_model, "--compare", ",".join([char_model] * 6))
    lines = done.out.decode().splitlines()
    assert max(map(len, lines)) <= width
    assert sum(line.split()[1:].count("lstm") for line in lines if line.startswith("cell")) == 7


def test_a_picture_of_the_table(here, char_model):
    done = here("inspect", char_model, "--compare", char_model, "--save", "c.svg")
    assert (done.out, done.err) == (b"", "c.svg is written\n")
    svg = here.read("c.svg").decode()
    first, _ = here("inspect", char_model, "--compare", char_model, "--json").json()["models"]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert texts.count(f"{first['parameters']:,}") == 2 and "prefers-color-scheme:dark" in svg
    assert max(map(float, re.findall(r'<text[^>]* x="([^"]*)"', svg))) < 760


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--compare", "nope.safetensors"], "rnncli: nope.safetensors: no such file"),
        (["--compare", "a,,b"], "--compare a,,b: expected model files, separated by commas"),
        (["--compare", "a", "--view", "states"], "--compare and --view cannot be combined"),
        (["text.txt", "--compare", "a"], "--compare and INPUT cannot be combined"),
        (["--verify", "a", "--save", "c.svg"], "--verify and --save cannot be combined"),
        (["--compare", "a", "--verify", "b"], "--compare and --verify cannot be combined"),
    ],
)
def test_what_does_not_go_together_is_refused(here, char_model, arguments, message):
    done = here("inspect", char_model, *arguments)
    assert message in done.message()
    assert done.code == (1 if "nope" in message else 2)
    assert here.files() == []


def test_a_checkpoint_has_no_loss_yet(here):
    path = str(Path(__file__).parents[1] / "models" / "kept" / "format1" / "lines-checkpoint.safetensors")
    data = json.loads(here("inspect", path, "--compare", path.replace("-checkpoint", ""), "--json").out)
    assert data["models"][0]["valid_loss"] is None
    assert data["why"] == ["not each has a loss on a validation part"]
