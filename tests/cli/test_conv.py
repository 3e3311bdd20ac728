"""`--cell conv` through the shell: its receptive field, and what a network without a recurrence is refused."""

import json

import numpy as np
from safetensors.numpy import load_file


def test_the_summary_names_the_receptive_field(here, conv_model, char_model):
    """1 + 2 (k - 1) (2^L - 1) with k = 2 and L = 3."""
    assert here("inspect", conv_model, "--json").json()["receptive_field"] == 15
    assert "the last 15 steps" in here("inspect", conv_model).out.decode()
    assert here("inspect", char_model, "--json").json()["receptive_field"] is None


def test_a_prediction_depends_on_the_steps_of_the_receptive_field_and_no_others(here, conv_model):
    """The last 15 characters before it."""
    texts = ["the baker and the clerk", "xhe baker and the clerk", "the baker and xhe clerk"]
    same, first, inside = (
        here("predict", conv_model, "--next", "3", "--prompt", text).out.partition(b"\n")[2] for text in texts
    )
    assert same == first != inside


def test_layers_cover_the_window_by_default_and_are_not_too_many(here, text):
    here.write("t.txt", text)
    options = ("train", "t.txt", "--cell", "conv", "--hidden", "4", "--epochs", "0.01", "--quiet")
    assert here(*options, "--steps", "40").code == 0
    config = here("inspect", "t.safetensors", "--json").json()
    assert (config["architecture"]["layers"], config["receptive_field"]) == (4, 61)
    done = here(*options, "--layers", "17", "-o", "other")
    assert (done.code, "at most 16" in done.message()) == (2, True)
    assert "kernel to be one of" in here("train", "t.txt", "--cell", "conv:kernel=1").message()


def test_the_file_has_the_tensors_of_weight_norm(here, conv_model):
    shapes = {name: array.shape for name, array in load_file(conv_model).items() if name.startswith("conv.")}
    D = load_file(conv_model)["embedding.weight"].shape[1]
    assert shapes["conv.0.0.weight_v"] == (16, D, 2)
    assert shapes["conv.0.skip.weight"] == (16, D, 1)
    assert shapes["conv.2.1.weight_v"] == (16, 16, 2)
    assert shapes["conv.2.1.weight_g"] == (16, 1, 1)
    assert "conv.2.skip.weight" not in shapes


def test_it_has_no_dynamics_and_the_other_views(here, conv_model, text):
    here.write("t.txt", text[:1500])
    assert "the network is a convolution" in here("inspect", conv_model, "t.txt", "--view", "dynamics").message()
    for view in ("states", "gradients", "memory", "attribution", "lengths"):
        assert json.loads(here("inspect", conv_model, "t.txt", "--view", view, "--json").out)["view"] == view
    assert here("inspect", conv_model, "--view", "gradcheck").code == 0
    found = here("inspect", conv_model, "t.txt", "--view", "gradients", "--json", "--lags", "20").json()
    norms = np.array(found["norms"])
    assert not norms[2, 1:].any()  # of the last layer the loss of a step reads this step alone
    assert norms[0, 12] > 0 == norms[0, 13:].sum()  # of the first what two layers read, 2 (2 + 4) steps back
    assert "reads t-4, .., t-8" in here("inspect", conv_model, "--view", "graph").out.decode()


def test_of_a_network_that_reads_both_ways_the_field_has_two_sides(here):
    here.write("c.tsv", "good day\ta\nbad night\tb\n" * 20)
    options = ("--label", "2", "--cell", "conv", "--layers", "2", "--hidden", "4", "--epochs", "1", "--quiet")
    assert here("train", "c.tsv", *options).code == 0
    assert "12 steps back and as many ahead" in here("inspect", "c.safetensors").out.decode()
    assert len(here("predict", "c.safetensors", "c.tsv").out.splitlines()) == 40
