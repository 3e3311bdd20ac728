"""Attribution by column, what leaving out the named inputs does, and no heap of it on the first step."""

import numpy as np
import pytest

from rnncli.kernels.threads import Team
from rnncli.network.inputs import embedded
from rnncli.views.attribution import view
from rnncli.views.predicted import Output
from tests.helpers import architecture, assert_close, one_row, random_network


def test_of_a_linear_network_each_column_has_its_own_part():
    """Of logit = Σ x[t-k] · W Rᵏ w_out the part of each number of x is known."""
    network, row = random_network(architecture("rnn-linear")), one_row(12)
    theta = network.theta
    X, back = embedded(network.architecture, theta, row.x)[:, 0], theta["output.W"][:, 2]
    X = X - X.mean(axis=0)
    column = np.arange(X.shape[1]) % 3
    names = ["a", "b", "c"]
    data = view(network, row, Team(1), softmax=False, at=7, index=2, columns=(names, column))
    expected = np.zeros((3, 8))
    for t in range(7, -1, -1):
        for d, value in enumerate(X[t] * (theta["0.W"] @ back)):
            expected[column[d], t] += value
        back = theta["0.R"] @ back
    assert data["columns"] == names
    assert_close(data["by_column"], expected, 1e-9)
    assert_close(data["attribution"], expected.sum(axis=0), 1e-9)


@pytest.mark.parametrize("cell", ["lstm", "conv"])
def test_the_drop_is_that_of_a_network_that_reads_other_tokens(cell):
    """The baseline is the vector of a token here, so that what is left out can be read as that token."""
    network, row, usual = random_network(architecture(cell)), one_row(40), 2
    data = view(network, row, Team(1), True, B=network.theta["embedding.E"][usual])
    found, given = data["faithfulness"], np.array(data["attribution"])

    def predicted(without):
        other = one_row(40)
        other.x[without] = usual
        u = network.unfold(other.steps, 1, Team(1))
        u.pack()
        u.forward(other)
        u.outputs(other.steps - 1, 1)
        return float(Output(data["output"], True).value(u.logits[0])[0])

    sign = 1 if data["value"] >= data["baseline"] else -1
    named = sorted(np.argsort(-sign * given, kind="stable")[:4].tolist())
    assert (found["steps"], found["direction"], found["draws"]) == (named, sign, 20)
    assert found["drop"] == pytest.approx(sign * (predicted([]) - predicted(named)), rel=1e-6, abs=1e-9)
    draw, rest = np.random.default_rng(0), np.argsort(-sign * given, kind="stable")[4:]
    drops = [sign * (predicted([]) - predicted(draw.choice(rest, 4, replace=False))) for _ in range(20)]
    assert found["others"] == pytest.approx(np.mean(drops), rel=1e-6, abs=1e-9)
    assert found["as_large"] == sum(drop >= found["drop"] for drop in drops)


def test_what_moved_nothing_is_not_named():
    """A convolution reads the last steps alone: they are fewer here than a tenth of all."""
    network, row = random_network(architecture("conv")), one_row(200)
    data = view(network, row, Team(1), True)
    found, given = data["faithfulness"], np.array(data["attribution"])
    towards = found["direction"] * given > 0
    assert 0 < towards.sum() < 0.1 * len(given)
    assert found["steps"] == (data["first"] + np.flatnonzero(towards)).tolist()


def test_one_input_cannot_be_left_out_against_others():
    assert view(random_network(architecture("gru")), one_row(1), Team(1), True)["faithfulness"] is None


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Sequences of noise; the label is the sign of x where `cue` is 1, in the middle: (folder, the place of each)."""
    from tests.conftest import Here

    shell, rng = Here(tmp_path_factory.mktemp("planted")), np.random.default_rng(4)
    lines, places = ["id,x,cue,idle,label"], []
    for i in range(300):
        x, place, idle = rng.normal(size=15), int(rng.integers(5, 10)), rng.normal(size=15)
        places.append(place)
        label = "up" if x[place] > 0 else "down"
        lines += [f"{i},{x[t]:.4f},{int(t == place)},{idle[t]:.4f},{label}" for t in range(15)]
    shell.write("p.csv", "\n".join(lines) + "\n")
    options = ["--group", "id", "--label", "label", "--learn", "all", "--cell", "lstm", "--hidden", "16"]
    options += ["--no-bidirectional", "--pool", "last", "--epochs", "40", "--lr", "0.02", "--dropout", "0", "-q"]
    done = shell("train", "p.csv", *options, "-o", "p.safetensors")
    assert done.code == 0, done.err
    return shell, lines, places


def test_the_answer_in_the_middle_has_the_mass_and_the_first_step_none(planted):
    shell, lines, places = planted
    there, first, of_x, better = [], [], [], 0
    for i in range(6):
        shell.write("one.csv", "\n".join([lines[0], *lines[1 + 15 * i : 16 + 15 * i]]) + "\n")
        data = shell("inspect", "p.safetensors", "one.csv", "--view", "attribution", "--json").json()
        mass = np.abs(data["attribution"]) / np.abs(data["attribution"]).sum()
        there.append(mass[places[i]])
        first.append(mass[0])
        sums = dict(zip(data["columns"], np.abs(data["by_column"]).sum(axis=1), strict=True))
        of_x.append(sums["idle"] / sum(sums.values()))
        found = data["faithfulness"]
        better += found["drop"] > 4 * abs(found["others"]) and found["as_large"] == 0
    assert np.mean(there) > 0.5
    assert max(first) < 0.05
    assert np.mean(of_x) < 0.15
    assert better >= 5


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_of_noise_the_first_step_has_no_more_than_the_same_input_has_elsewhere(cell):
    """A heap on the first step would stay there when the order of the inputs is another one; the weight of a step must
    not be larger at the begin than further on, where a network that forgets has more.
    """
    network, rng = random_network(architecture(cell)), np.random.default_rng(1)
    shares, elsewhere = [], []
    for _ in range(6):
        row = one_row(12)
        own = row.x.copy()
        given = np.abs(view(network, row, Team(1), True, index=1)["attribution"])
        shares.append(given[0] / given.sum())
        order = rng.permutation(12)
        row.x[:] = own[order]
        given = np.abs(view(network, row, Team(1), True, index=1)["attribution"])
        elsewhere.append(given[np.flatnonzero(order == 0)[0]] / given.sum())
        shares.append(given[0] / given.sum())
    assert np.mean(shares) <= 1 / 12
    assert np.mean(shares) <= np.mean(elsewhere) + 0.02
