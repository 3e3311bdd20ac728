"""`dynamics`: networks whose fixed points and exponents are known on paper, Jacobians, free runs, held inputs."""

import io

import numpy as np
import pytest
from rich.console import Console

from rnncli.cells import cell_class
from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.render.dynamics import picture
from rnncli.tasks.trained import load_model
from rnncli.views.dynamics import fixed_points, starting_states, view
from rnncli.views.dynamics.fixed_points import search
from rnncli.views.dynamics.held_input import Held
from rnncli.views.dynamics.lyapunov import Growth, exponents
from rnncli.views.dynamics.system import System
from rnncli.views.dynamics.trajectory import Course, course_of_examples, course_of_series, course_of_text
from tests.helpers import RECURRENT, D, architecture, assert_close, random_network

X0 = np.zeros(D)


def plain(R, b=None, activation="tanh"):
    """h[t] = f(h[t-1]·R + b): a network that its inputs do not reach."""
    R = np.array(R, float)
    network = Network(Architecture("rnn", len(R), 1, D, 5, 5, cell_options={"activation": activation}), np.float64)
    network.theta["0.R"][...] = R
    network.theta["0.b"][...] = 0 if b is None else b
    return System(network, Team(1))


def turn(angle, r=1.0):
    return r * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def starts(system, count=64):
    return np.random.default_rng(0).standard_normal((count, system.n))


def growth(system, steps=300, warm=100):
    return exponents(system, starts(system, 1), lambda t, S: X0, steps, warm)


def complexes(point):
    return np.array(point["eigenvalues"]) @ [1, 1j]


def differences(system, s, X, epsilon=1e-6):
    """The Jacobian by central differences."""
    move = epsilon * np.eye(system.n)
    return ((system.step(s + move, X) - system.step(s - move, X)) / (2 * epsilon)).T


# -- the map --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", RECURRENT)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_jacobian_and_its_eigenvalues_are_those_of_finite_differences(cell, layers):
    system, rng = System(random_network(architecture(cell, layers)), Team(2)), np.random.default_rng(4)
    assert system.n == layers * 5 * len(cell_class(cell.split("-")[0]).state_names)
    s, X = 0.5 * rng.standard_normal(system.n), rng.standard_normal(D)
    J = differences(system, s, X)
    assert_close(system.jacobian(s, X), J, 1e-8)
    found, wanted = system.eigenvalues(s, X), np.linalg.eigvals(J)
    assert (np.diff(np.abs(found)) <= 1e-12).all()
    assert max(np.abs(wanted - value).min() for value in found) < 1e-6


def test_states_and_outputs_are_those_of_the_network():
    network = random_network(architecture("lstm", 2))
    system, ids = System(network, Team(1)), np.array([[3], [1], [4]], np.int32)
    u = network.unfold(3, 1, Team(1))
    u.pack()
    u.forward(Batch.to_read(ids, np.zeros((3, 1), np.uint8)))
    S = np.zeros((1, system.n))
    for X in system.embedded(ids):
        S = system.step(S, X)
    assert_close(S, np.concatenate(u.states(3), axis=1), 1e-12)
    assert_close(system.outputs(S), u.outputs(2, 1)[0], 1e-12)


# -- fixed points ---------------------------------------------------------------------------------------------------


def test_a_flip_flop_of_two_units_has_two_stable_points_and_a_saddle_between_them():
    """h = tanh(1.5 h) has the roots 0 and ±h; the slopes are 1.5 (1 - h²), and 0.3 for the unit that fades."""
    h = 1.0
    for _ in range(200):
        h = np.tanh(1.5 * h)
    system = plain([[1.5, 0], [0, 0.3]])
    fixed, slow = search(system, X0, starts(system))
    assert not slow
    assert [(p["stable"], p["unstable"]) for p in fixed] == [(True, 0), (True, 0), (False, 1)]
    assert sorted(p["h"][0] for p in fixed[:2]) == pytest.approx([-h, h], abs=1e-9)
    assert np.abs(fixed[2]["h"]).max() < 1e-9
    for point, slope in zip(fixed, (1.5 * (1 - h * h),) * 2 + (1.5,), strict=True):
        assert complexes(point) == pytest.approx([slope, 0.3], abs=1e-9)
        assert point["time_constants"] == pytest.approx([-1 / np.log(slope), -1 / np.log(0.3)], abs=1e-6)
        assert point["speed"] < 1e-12
    assert sum(p["starts"] for p in fixed) == 64


def test_a_linear_contraction_and_a_rotation_have_one_point():
    R, b = np.array([[0.5, 0.3], [0.0, 0.8]]), np.array([0.1, 0.2])
    (point,), _ = search(plain(R, b, "linear"), X0, starts(plain(R)))
    assert point["h"] == pytest.approx(np.linalg.solve(np.eye(2) - R.T, b), abs=1e-10)
    assert complexes(point) == pytest.approx([0.8, 0.5], abs=1e-10)
    (point,), _ = search(plain(turn(0.7, 0.9), b, "linear"), X0, starts(plain(R)))
    assert complexes(point) == pytest.approx(0.9 * np.exp([0.7j, -0.7j]), abs=1e-10)
    assert point["stable"]
    (point,), _ = search(plain(turn(0.7, 1.1), b, "linear"), X0, starts(plain(R)))
    assert point["unstable"] == 2
    assert point["time_constants"] == pytest.approx([-1 / np.log(1.1)] * 2)


def test_what_turns_for_ever_is_neutral():
    (point,), _ = search(plain(turn(0.7), [0.1, 0.2], "linear"), X0, starts(plain(turn(0.7))))
    assert (point["stable"], point["unstable"], point["time_constants"]) == (False, 0, [None, None])
    assert np.abs(complexes(point)) == pytest.approx([1, 1])


def test_the_ghost_of_a_vanished_pair_of_points_is_slow():
    """h = tanh(2 h + b) loses two of its roots where the slope there is 1, at h = -√½; just beyond, q has a minimum."""
    h = -np.sqrt(0.5)
    edge = np.arctanh(h) - 2 * h
    system = plain([[2.0]], [edge + 0.01])
    (stable,), (ghost,) = search(system, X0, starts(system))
    assert stable["stable"] and stable["h"][0] > 0.9
    assert ghost["h"][0] == pytest.approx(h, abs=0.02)
    assert complexes(ghost) == pytest.approx([1], abs=0.01)
    assert 1e-4 < ghost["speed"] < 0.01
    assert len(search(plain([[2.0]], [edge - 0.01]), X0, starts(system))[0]) == 3


def test_a_slope_is_no_slow_point(monkeypatch):
    """Beside a fixed point, that was not reached, the speed is small."""
    monkeypatch.setattr(fixed_points, "UPDATES", 1)
    monkeypatch.setattr(fixed_points, "NEWTON", 0)
    system = plain([[1.5]])
    beside = np.concatenate([starts(system), [[0.002], [-0.002]]])
    assert np.abs(system.step(beside, X0) - beside)[-2:].max() < 0.005
    assert search(system, X0, beside) == ([], [])


def test_where_nothing_is_fixed_nothing_is_found():
    system = plain([[1.0]], [0.5], "linear")
    assert search(system, X0, starts(system)) == ([], [])


class Drift:
    """F(s) = s + 1 / (1 + |s|): it moves ever more slowly, and nowhere comes to rest."""

    n = 1

    def step(self, S, X):
        self.S = S
        return S + 1 / (1 + np.abs(S))

    def back(self, r):
        return r * (1 - np.sign(self.S) / (1 + np.abs(self.S)) ** 2)

    def jacobian(self, s, X):
        return np.array([1 - np.sign(s) / (1 + np.abs(s)) ** 2])

    def eigenvalues(self, s, X):
        return self.jacobian(s, X)[0].astype(complex)


def test_what_runs_off_to_infinity_is_no_point():
    """A Newton step doubles the state there, and halves the speed: 3e-5 at 3e4, which was taken for nothing."""
    assert search(Drift(), X0, np.linspace(-2, 2, 9)[:, None]) == ([], [])


# -- exponents ------------------------------------------------------------------------------------------------------


def test_the_exponents_of_linear_maps_are_exact():
    system = plain([[0.5, 0.3, 0.1], [0, -0.8, 0.2], [0, 0, 1.1]], activation="linear")
    assert growth(system).exponents == pytest.approx(np.log([1.1, 0.8, 0.5]), abs=1e-6)
    assert growth(plain(turn(0.7, 0.9), activation="linear")).exponents == pytest.approx([np.log(0.9)] * 2, abs=1e-6)
    driven = np.random.default_rng(1).standard_normal((400, D))
    found = exponents(system, starts(system, 1), lambda t, S: driven[t], 300, 100)
    assert found.exponents == pytest.approx(np.log([1.1, 0.8, 0.5]), abs=1e-6)


def test_runs_side_by_side_are_averaged_and_a_lost_direction_is_minus_infinity():
    system = plain([[0.5, 0], [0, 0]])
    found = exponents(system, 1e-3 * starts(system, 5), lambda t, S: X0, 200, 50)
    assert found.exponents[0] == pytest.approx(np.log(0.5), abs=1e-6)
    assert found.exponents[1] == -np.inf
    assert found.error[0] < 1e-6


def test_the_tent_map_of_two_units_is_chaotic():
    """x' = 1 - a |x| by the units relu(x) and relu(-x): its slope is ±a everywhere, so that λ = ln a."""
    a = 1.9
    found = growth(plain([[-a, a], [-a, a]], [1, -1], "relu"))
    assert found.exponents[0] == pytest.approx(np.log(a), abs=1e-6)
    assert found.verdict == "chaotic"


def test_one_word_tells_what_becomes_of_differences():
    cases = {0.9: "contracting", 1.0: "edge", 1.1: "chaotic"}
    for r, word in cases.items():
        assert growth(plain(turn(0.7, r), activation="linear")).verdict == word
    timed = Growth(np.array([0.02, -np.inf]), np.zeros(2), 1000).to_json(0.5)
    assert (timed["per_time"][0], timed["steps"], timed["verdict"]) == (0.04, 1000, "chaotic")
    assert Growth(np.array([0.02]), np.array([0.011]), 1000).verdict == "edge"


def test_a_run_that_leaves_the_numbers_has_no_exponents():
    assert growth(plain([[3.0]], activation="linear"), 2000) is None


# -- courses --------------------------------------------------------------------------------------------------------


def course(network, steps=50):
    system, rng = System(network, Team(1)), np.random.default_rng(3)
    begin = np.arange(steps) % 20 == 0
    return Course(system, rng.standard_normal((steps, D)), begin, Held(X0, "nothing"))


def test_a_sequence_starts_from_a_state_of_zero():
    way = course(random_network(architecture("gru")))
    states = way.visited(np.arange(50))
    assert (states[::20] == 0).all()
    assert (states[[19, 21]] != 0).all()
    again = way.system.step(way.system.step(np.zeros((1, 5)), way.X[20]), way.X[21])
    assert_close(again[0], states[22], 1e-12)


def test_the_view_is_whole_and_its_picture_fits():
    data = view(course(random_network(architecture("lstm", 2))), dt=0.25)
    assert [part["name"] for part in data["state"]] == ["h", "c", "h", "c"]
    assert len(data["fixed_points"][0]["h"]) == len(data["fixed_points"][0]["eigenvalues"]) == 20
    driven = data["lyapunov"]["driven"]
    assert np.array(driven["per_time"]) == pytest.approx(4 * np.array(driven["per_step"]))
    assert (data["lyapunov"]["free"], data["verdict"]) == (None, driven["verdict"])
    driven["per_step"][-1] = driven["per_time"][-1] = -np.inf
    for width in (60, 80, 120):
        console = Console(width=width, file=io.StringIO())
        console.print(picture(data, width))
        drawn = console.file.getvalue()
        assert data["verdict"] in drawn and "-∞" in drawn
        assert max(map(len, drawn.splitlines())) <= width


@pytest.mark.parametrize("R", [3.0, np.nan])
def test_a_network_that_explodes_has_no_verdict_and_a_picture(R):
    system = plain(R * np.eye(2), [1e9, 1], "linear")
    X = np.zeros((2000, D))
    data = view(Course(system, X, np.arange(2000) == 0, Held(X0, "nothing")))
    assert (data["verdict"], data["lyapunov"]["driven"]) == (None, None)
    assert len(data["fixed_points"]) == (R == 3)
    console = Console(width=80, file=io.StringIO())
    console.print(picture(data, 80))
    assert "the driven run leaves all bounds" in console.file.getvalue()


def test_the_search_begins_where_the_network_was_and_around():
    way = course(random_network(architecture("rnn-tanh")))
    found = starting_states(way)
    assert found.shape == (256, 5)
    assert_close(found[:50], way.visited(np.arange(50)), 1e-12)
    assert len(np.unique(found, axis=0)) > 128


SERIES = {
    "mse": ("a,b", ["--loss", "mse"]),
    "quantile": ("a", ["--inputs", "a,w", "--known", "w", "--horizon", "3", "--season", "6"]),
    "mean": ("a", ["--level", "mean", "--loss", "student", "--transform", "log"]),
    "drift": ("drift", ["--loss", "gaussian", "--layers", "2", "--cell", "gru"]),
    "linear": ("a", ["--loss", "mse", "--level", "linear", "--season", "3"]),
    "poisson": ("n", ["--loss", "poisson", "--inputs", "n"]),
    "bernoulli": ("p,q", ["--loss", "bernoulli", "--inputs", "p,q"]),
}


@pytest.fixture
def series(here):
    """`series(name)`: the path of a hastily trained forecast model, and of its file."""
    rng = np.random.default_rng(0)
    rows = [
        f"{t / 4},{2 + np.sin(t):.4f},{np.cos(t / 3):.4f},{t / 50 + np.sin(t):.4f},{rng.poisson(4)},"
        f"{int(rng.random() < 0.5)},{t % 2},{rng.normal():.3f}"
        for t in range(260)
    ]
    here.write("s.csv", "\n".join(["t,a,b,drift,n,p,q,w", *rows]) + "\n")

    def train(name):
        target, options = SERIES[name]
        options = options if "--inputs" in options or "--known" in options else [*options, "--inputs", target]
        model = ("-o", f"{name}.st", "--hidden", "6", "--epochs", "3", "--quiet")
        done = here("train", "s.csv", "--time", "t", "--target", target, *options, *model)
        assert done.code == 0, done.err
        return load_model(str(here.folder / f"{name}.st")), str(here.folder / "s.csv")

    return train


@pytest.mark.parametrize("name", SERIES)
def test_the_jacobian_of_a_free_run_has_the_way_of_what_is_fed_back(series, name):
    model, path = series(name)
    way = course_of_series(model, path, None, Team(1))
    system, X = way.free.system, way.held.X
    assert way.held.fed_back
    s = way.free.join(way.visited(np.array([100])), np.array([100]))[0]
    J = differences(system, s, X)
    assert_close(system.jacobian(s, X), J, 1e-7)
    assert np.abs(J[: system.hidden, system.hidden :]).max() > 1e-3  # the state by what was fed back
    assert np.abs(J[system.hidden :, : system.hidden]).max() > 1e-4  # and the other way


@pytest.mark.parametrize("name", SERIES)
def test_a_free_run_is_that_of_predict(here, series, name):
    model, path = series(name)
    way = course_of_series(model, path, None, Team(1))
    last = np.array([way.steps - 1])
    S, inputs = way.free.join(way.visited(last), last), way.free.inputs(last)
    found = []
    for t in range(6):
        S = way.free.system.step(S, inputs(t, S))
        found.append([float(text.rpartition(" ")[2]) for text in way.says(S[0]).split(", ")])
    hold = ["--hold-known"] if "--known" in SERIES[name][1] else []
    done = here("predict", f"{name}.st", path, "--free-run", "6", *hold)
    wanted = [[float(v) for v in row.split(b"\t")[1:]] for row in done.out.splitlines()]
    every = len(wanted[0]) // len(found[0])  # a point and its quantiles
    assert np.array(found) == pytest.approx(np.array(wanted)[:, ::every], rel=0.01, abs=0.01)
    assert (way.dt, way.unit) == (0.25, "unit of time")


def test_held_values_are_read_as_those_of_a_file(here, series):
    model, _ = series("quantile")
    here.write("still.csv", "t,a,b,drift,n,p,q,w\n" + "".join(f"{t},1.5,0,0,0,0,0,-0.25\n" for t in range(60)))
    way = course_of_series(model, str(here.folder / "still.csv"), "1.5,-0.25", Team(1))
    assert not way.held.fed_back
    assert_close(way.held.X, way.X[30], 1e-6)
    way = course_of_series(model, str(here.folder / "still.csv"), "-0.25", Team(1))
    assert (way.held.fed_back, way.held.text) == (True, "w -0.25")
    assert_close(np.delete(way.held.X, way.free.system.own), np.delete(way.X[30], way.free.system.own), 1e-6)


def test_held_columns_are_read_as_those_of_a_file(here):
    rows = [
        f"{g},{(g * 7 + t) % 5},{10.0 ** (t % 9)},{'uvw'[t % 3]},{'xy'[t % 2]}" for g in range(8) for t in range(40)
    ]
    here.write("t.csv", "\n".join(["g,a,far,kind,y", *rows]) + "\n")
    options = ("--task", "tag", "--tag", "y", "--group", "g", "--no-bidirectional", "--hidden", "4", "--epochs", "1")
    assert here("train", "t.csv", *options, "--quiet", "-o", "t.st").code == 0
    model, path = load_model(str(here.folder / "t.st")), str(here.folder / "t.csv")
    way = course_of_examples(model, path, "1,10000,v", Team(1))  # row 4 of the first group has 4, row 15 has
    (at,) = [t for t in range(40) if (t % 5, t % 9, t % 3) == (1, 4, 1)][:1]
    assert_close(way.held.X, way.X[at], 1e-6)
    assert way.steps == 320
    assert np.flatnonzero(way.starts).tolist() == list(range(0, 320, 40))
    here.write("long.csv", "g,a,far,kind,y\n" + "0,1,10000,v,x\n" * 3000)
    assert course_of_examples(model, str(here.folder / "long.csv"), None, Team(1)).steps == 2000
    usual = course_of_examples(model, path, None, Team(1)).held
    assert usual.text.startswith("a 2, far ")
    assert np.abs(usual.X[-2:]).max() < 1e-4  # the means


def test_a_text_is_written_without_unknown_tokens_and_lines_begin_anew(lines_model, text):
    model = load_model(lines_model)
    way, v = course_of_text(model, text, "\\n", Team(1)), model.vocabulary
    E = way.system.network.theta["embedding.E"]
    way.system.network.theta["output.b"][v.unknown] = 50
    assert_close(way.held.X, E[v.newline], 1e-12)
    assert way.free.system is way.system
    S, inputs, drawn = way.visited(np.arange(16)), way.free.inputs(np.arange(16)), []
    for t in range(40):
        before = S.copy()
        X = inputs(t, S)
        ids = np.abs(X[:, None] - E).sum(axis=2).argmin(axis=1)
        ended = ids == v.newline
        assert (S[ended] == 0).all()
        assert (S[~ended] == before[~ended]).all()
        drawn += ids.tolist()
        S = way.system.step(S, X)
    assert v.newline in drawn
    assert v.unknown not in drawn
    assert len(set(drawn)) > 5
