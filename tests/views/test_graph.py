"""`graph`: golden values of PyTorch's autograd, finite differences of what reads both ways, and the drawings."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from rnncli.data.batches import Batch, whole_batch
from rnncli.kernels.threads import Team
from rnncli.network.inputs import embedded
from rnncli.network.losses import CROSS_ENTROPY, CrossEntropy, PathLoss
from rnncli.render.graph import FORMS
from rnncli.views.graph import folded, unfolded
from rnncli.views.reading import Reading
from tests.helpers import RECURRENT, architecture, assert_close, one_row, random_network
from tests.network.test_golden import every_layer, golden, loaded
from tests.network.test_whole_sequences import OUTPUTS, examples
from tests.network.test_whole_sequences import architecture as whole_architecture


def reading(batch, loss=CROSS_ENTROPY):
    return Reading(batch, loss, [str(t) for t in range(batch.steps)], [])


def norms(data, kind, which="grad_norm"):
    """By step."""
    return np.array([node[which] for node in data["nodes"] if node["id"].split("[")[0] == kind])


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_norms_are_those_of_pytorch(case, dtype):
    arrays = golden(case)
    x, y = (np.ascontiguousarray(arrays[name][:, 2:3]) for name in "xy")
    row = reading(Batch(x, y, np.zeros(x.shape, np.uint8), len(x), len(x)))
    data = unfolded(loaded(case, golden(f"{case}.weight")).astype(dtype), row, len(x), Team(1))
    layers = len(arrays["graph"]) - 1
    found = [norms(data, kind) for kind in ("x", *(f"h{layer}" for layer in range(layers)))]
    assert_close(np.array(found), arrays["graph"], 1e-5)
    assert_close(norms(data, f"h{layers - 1}", "value_norm"), np.linalg.norm(arrays["h"][:, 2], axis=1), 1e-5)


@pytest.mark.parametrize(
    ("pool", "targets", "loss"),
    [
        (["last"], "classes", CrossEntropy()),
        (["mean", "max"], "classes", CrossEntropy()),
        ([], "tags", CrossEntropy()),
        ([], "tags", PathLoss(OUTPUTS)),
    ],
)
def test_gradients_by_the_inputs_of_networks_that_read_both_ways_are_slopes(pool, targets, loss):
    network = random_network(whole_architecture(pool=pool, own=loss.own))
    batch = whole_batch(examples(targets), np.array([0]), 1)
    batch.x.numbers = batch.x.numbers.astype(np.float64)
    data = unfolded(network, reading(batch, loss), batch.steps, Team(1))
    x = embedded(network.architecture, network.theta, batch.x)
    u = network.unfold(batch.steps, 1, Team(1), training=True, given=True)

    def summed():
        u.pack()
        u.gradients(replace(batch, x=x), loss.gradient)
        return u.losses.sum()

    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = x[index]
        x[index] = before + 1e-6
        above = summed()
        x[index] = before - 1e-6
        slopes[index] = (above - summed()) / 2e-6
        x[index] = before
    assert_close(norms(data, "x"), np.linalg.norm(slopes[:, 0], axis=1), 1e-6)
    assert norms(data, "L", "value_norm").sum() == pytest.approx(summed())


@pytest.mark.parametrize("cell", RECURRENT)
def test_the_folded_graph_has_a_loop_for_every_layer(cell):
    data = folded(random_network(architecture(cell, 2)))
    assert [node["id"] for node in data["nodes"]] == ["x", "h0", "h1", "y", "L"]
    assert [(e["from"], e["to"]) for e in data["edges"] if e["delay"]] == [("h0", "h0"), ("h1", "h1")]
    used = {p["name"]: p["used_at"] for p in data["parameters"]}
    assert used["1.W"] == used.get("1.R", ["h1"]) == ["h1"]
    assert ("1.R" in used) == (cell != "mingru")


def test_a_convolution_has_edges_from_earlier_steps_that_end_at_a_start_and_no_loops():
    """Its second layer, with k = 2 and d = 2, reads 0, 2 and 4 steps back of the first one."""
    network, row = random_network(architecture("conv-2", 2)), one_row(8)
    edges = [(e["from"], e["to"], e["delay"]) for e in folded(network)["edges"]]
    assert edges[:6] == [("x", "h0", 0), ("x", "h0", 1), ("x", "h0", 2), *(("h0", "h1", d) for d in (0, 2, 4))]
    assert not any(source == to for source, to, _ in edges)
    row.starts[3] = 1
    pairs = {(e["from"], e["to"]) for e in unfolded(network, reading(row), 8, Team(1))["edges"]}
    begin = [0, 0, 0, 3, 3, 3, 3, 3]
    below = {(f"h0[{t - back}]", f"h1[{t}]") for t in range(8) for back in (0, 2, 4) if t - back >= begin[t]}
    assert {pair for pair in pairs if pair[1].startswith("h1")} == below


def test_a_tied_embedding_is_used_twice():
    used = {p["name"]: p["used_at"] for p in folded(random_network(architecture("lstm", tied=True)))["parameters"]}
    assert used["embedding.E"] == ["x", "y"]


def test_parameters_are_shared_by_all_steps_and_a_start_cuts_the_loop():
    row = one_row(6)
    row.starts[3] = 1
    data = unfolded(random_network(architecture("gru")), reading(row), 5, Team(1))
    assert data["unfolded"] == 5
    assert {p["name"]: p["used_at"] for p in data["parameters"]}["0.R"] == [f"h0[{t}]" for t in range(5)]
    onward = [(e["from"], e["to"]) for e in data["edges"] if e["from"][:2] == e["to"][:2] == "h0"]
    assert onward == [(f"h0[{t - 1}]", f"h0[{t}]") for t in (1, 2, 4)]
    ids = {node["id"] for node in data["nodes"]}
    assert len(ids) == len(data["nodes"]) == 4 * 5
    assert all({e["from"], e["to"]} <= ids for e in data["edges"])


def test_of_two_directions_one_goes_back():
    batch = whole_batch(examples("classes"), np.array([0]), 1)
    data = unfolded(
        random_network(whole_architecture(pool=["mean"]), np.float32), reading(batch, CrossEntropy()), 3, Team(1)
    )
    edges = {(e["from"], e["to"]) for e in data["edges"]}
    assert {("h0[0]", "h0[1]"), ("h0_reverse[1]", "h0_reverse[0]"), ("h0_reverse[2]", "h1[2]")} <= edges
    assert {("h1[0]", "pool"), ("h1_reverse[2]", "pool"), ("pool", "y"), ("y", "L")} <= edges


@pytest.mark.parametrize("steps", [None, 3])
def test_every_form_names_every_node(steps):
    network = random_network(architecture("lstm", 2))
    data = unfolded(network, reading(one_row()), steps, Team(1)) if steps else folded(network)
    for form in FORMS.values():
        drawn = form(data)
        assert all(node["id"] in drawn for node in data["nodes"])
    drawing = ElementTree.fromstring(FORMS["svg"](data))
    boxes = [e for e in drawing.iter() if e.get("class") == "stroke cyan"]  # their outlines
    assert len(boxes) == len(data["nodes"])
    assert FORMS["dot"](data).count(" -> ") == FORMS["mermaid"](data).count("->") == len(data["edges"])
