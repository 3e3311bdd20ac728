"""`rnncli inspect` of models of every task: its views have figures of the right shape, in units of the file."""

from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from rnncli.render.states import chart
from tests.views.helpers import brief_dynamics

ROOT = Path(__file__).parents[2]


def test_the_gradients_of_a_text_and_of_a_series(here, char_model):
    here.write("text.txt", "the baker reads the letter\n" * 9)
    here.write("s.csv", "y\n" + "".join(f"{(i * 7) % 12}\n" for i in range(120)))
    assert here("train", "s.csv", "--target", "y", "--epochs", "2", "--layers", "2", "--quiet").code == 0
    for model, file, layers in ((char_model, "text.txt", 1), ("s.safetensors", "s.csv", 2)):
        data = here("inspect", model, file, "--view", "gradients", "--lags", "12", "--json").json()
        assert data["lags"] == list(range(13))
        assert [len(norms) for norms in data["norms"]] == [13] * layers
        assert {f"{layer}.{name}" for layer in range(layers) for name in "WRb"} == set(data["by_step"])
        assert data["norms"][-1][0] > data["norms"][-1][12] > 0


def test_states_graph_gradients_and_attribution_of_every_task(here):
    here.write("s.csv", "y\n" + "".join(f"{(i * 7) % 12}\n" for i in range(120)))
    here.write("names.tsv", "ann\ta\nbob\tb\nanna\ta\nbobby\tb\n" * 5)
    here.write("tags.txt", "the B-NP\ncat I-NP\nsat O\n\na B-NP\ndog I-NP\nran O\n\n" * 5)
    rows = "".join(f"{g},{t},{(g * t) % 5},{g % 3}\n" for g in range(12) for t in range(6))
    here.write("groups.csv", "g,t,v,y\n" + rows)
    options = {
        "s.csv": ["--target", "y"],
        "names.tsv": ["--text", "1", "--label", "2"],
        "tags.txt": ["--task", "tag"],
        "groups.csv": ["--task", "regress", "--target", "y", "--group", "g"],
    }
    last = {"s.csv": "119", "names.tsv": "n", "tags.txt": "sat", "groups.csv": "5"}
    for file, chosen in options.items():
        assert here("train", file, *chosen, "--epochs", "1", "--hidden", "8", "-o", "m.st", "--quiet").code == 0
        states = here("inspect", "m.st", file, "--view", "states", "--heat-map", "5,1", "--json").json()
        assert np.array(states["h"]).shape == (len(states["steps"]), 1, 2)
        assert states["h_units"] == [5, 1] and states["unit"] in (5, 1)
        assert len(states["projection"]["points"]) == len(states["steps"])
        assert len(states["starts"]) == (
            1 if file == "s.csv" else 20 if file == "names.tsv" else 12 - 2 * (file[0] == "t")
        )
        assert list(states["inputs"]) == {"s.csv": ["y"], "groups.csv": ["t", "v"]}.get(file, [])
        if file == "groups.csv":
            assert states["inputs"]["v"] == [(g * t) % 5 for g in range(12) for t in range(6)]  # in units of the file
            line = next(panel.layers[0] for panel in chart(states).panels if getattr(panel, "title", "") == "v")
            assert [x for x in line.xs if x is not None] == list(range(72)) and list(line.xs[6::7]) == [None] * 11
        assert here("inspect", "m.st", file, "--view", "states").code == 0
        gradients = here("inspect", "m.st", file, "--view", "gradients", "--lags", "3", "--json").json()
        assert gradients["rows"] == (["h0"] if file == "s.csv" else ["h0", "h0_reverse"])
        assert np.array(gradients["norms"]).shape == (len(gradients["rows"]), len(gradients["lags"]))
        assert np.array(gradients["norms"]).min() > 0
        assert here("inspect", "m.st", file, "--view", "gradients").code == 0
        assert here("inspect", "m.st", "--view", "gradcheck", "--json").json()["passed"]
        graph = here("inspect", "m.st", file, "--view", "graph", "--unfold", "3", "--json").json()
        assert graph["unfolded"] == 3
        assert all(node["grad_norm"] > 0 for node in graph["nodes"] if node["id"].startswith("h0["))
        data = here("inspect", "m.st", file, "--view", "attribution", "--json").json()
        assert data["steps"][-1] == last[file]
        assert len(data["steps"]) == len(data["attribution"])
        assert data["completeness_gap"] < 0.01
        assert here("inspect", "m.st", file, "--view", "attribution").code == 0


def test_three_flip_flops_have_eight_stable_states(here):
    here.write("flipflop.csv", (ROOT / "sample_data" / "flipflop.csv").read_bytes())
    options = "--task tag --tag bits --inputs in1,in2,in3 --group trial --no-bidirectional --hidden 16 --epochs 80"
    quiet = ("--noise", "0", "--dropout", "0", "--weight-decay", "0", "--quiet")
    assert here("train", "flipflop.csv", *options.split(), *quiet).code == 0
    command = ("inspect", "flipflop.safetensors", "flipflop.csv", "--view", "dynamics")
    data = here(*command, "--hold", "0,0,0", "--json").json()
    stable = [point for point in data["fixed_points"] if point["stable"]]
    assert len(stable) == 8
    assert {point["output"] for point in stable} == {a + b + c for a in "+-" for b in "+-" for c in "+-"}
    assert all(len(point["h"]) == 32 and point["speed"] < 1e-8 for point in data["fixed_points"])
    assert len(data["fixed_points"]) > 12  # saddles stand between them
    assert (data["verdict"], data["lyapunov"]["free"]) == ("contracting", None)
    cases = {
        ("flipflop.csv", "--hold", "0,0"): (2, "2 values, expected 3 (in1, in2, in3)"),
        ("flipflop.csv", "--hold", "0,0,up"): (2, "'up' is not a number"),
        ("other.csv",): (1, "other.csv"),
    }
    here.write("other.csv", "a,b\n1,2\n")
    for (file, *rest), (code, words) in cases.items():
        done = here("inspect", "flipflop.safetensors", file, "--view", "dynamics", *rest)
        assert done.code == code
        assert words in done.message()


def test_a_forecast_runs_free_in_its_own_time(here):
    here.write("s.csv", "t,y\n" + "".join(f"{i / 8},{(i * 7) % 12}\n" for i in range(120)))
    assert here("train", "s.csv", "--time", "t", "--target", "y", "--epochs", "2", "--hidden", "8", "--quiet").code == 0
    with brief_dynamics():
        data, longer, held = (
            here("inspect", "s.safetensors", "s.csv", "--view", "dynamics", *more, "--json").json()
            for more in ([], ["--dt", "2"], ["--hold", "4"])
        )
    assert (data["dt"], data["held"]["fed_back"], data["state"][-1]["name"]) == (0.125, True, "z")
    free = data["lyapunov"]["free"]
    assert np.array(free["per_time"]) == pytest.approx(8 * np.array(free["per_step"]))
    assert data["verdict"] == free["verdict"]
    assert longer["lyapunov"]["free"]["per_time"][0] == pytest.approx(free["per_step"][0] / 2)
    assert held["held"] == {"input": "y 4", "fed_back": False}
    done = here("inspect", "s.safetensors", "s.csv", "--view", "dynamics", "--hold", "4,5")
    assert (done.code, done.out) == (2, b"")
    assert "2 values, expected 1 (y)" in done.message()


def test_the_memory_and_the_lengths_of_every_task(here):
    here.write("s.csv", "y\n" + "".join(f"{(i * 7) % 12}\n" for i in range(400)))
    here.write("many.csv", "g,y\n" + "".join(f"{g},{(i * g) % 7}\n" for g in range(1, 5) for i in range(90)))
    here.write("names.tsv", "ann\ta\nbob\tb\nanna\ta\nbobby\tb\n" * 40)
    here.write("tags.txt", "the B-NP\ncat I-NP\nsat O\n\na B-NP\ndog I-NP\nran O\n\n" * 60)
    rows = "".join(f"{g},{t},{(g * t) % 5},{g % 3}\n" for g in range(60) for t in range(6))
    here.write("groups.csv", "g,t,v,y\n" + rows)
    options = {  # with what is recalled, the longest lag, and what the loss is by
        "s.csv": (["--target", "y", "--steps", "16"], "numbers", 20, "windows"),
        "many.csv": (["--target", "y", "--group", "g", "--steps", "16", "--layers", "2"], "numbers", 20, "windows"),
        "names.tsv": (["--text", "1", "--label", "2"], "tokens", 4, "prefixes"),
        "tags.txt": (["--task", "tag", "--no-bidirectional"], "tokens", 2, "sequences"),
        "groups.csv": (["--task", "regress", "--target", "y", "--group", "g"], "numbers", 5, "prefixes"),
    }
    for file, (chosen, kind, most, by) in options.items():
        assert here("train", file, *chosen, "--epochs", "1", "--hidden", "8", "-o", "m.st", "--quiet").code == 0
        memory = here("inspect", "m.st", file, "--view", "memory", "--lags", "20", "--json").json()
        assert memory["kind"] == kind
        assert memory["lags"] == list(range(len(memory["lags"])))
        assert 0 < len(memory["lags"]) - 1 <= most
        for name in ("recall", "chance", "input_alone", "ablation_bits"):
            assert len(memory[name]) == len(memory["lags"])
        assert memory["recall"][0] > memory["chance"][0]
        lengths = here("inspect", "m.st", file, "--view", "lengths", "--json").json()
        assert lengths["kind"] == by
        assert len(lengths["lengths"]) == len(lengths["loss"]) == len(lengths["score"])
        assert len(lengths["positions"]) == len(lengths["by_position"])
        assert None not in lengths["loss"]
        for view in ("memory", "lengths"):
            done = here("inspect", "m.st", file, "--view", view)
            assert (done.code, done.err) == (0, "")
            assert max(map(cell_len, done.out.decode().splitlines())) <= 80


def test_a_network_that_reads_both_ways_is_no_system(here):
    here.write("names.tsv", "ann\ta\nbob\tb\nanna\ta\nbobby\tb\n" * 5)
    assert here("train", "names.tsv", "--text", "1", "--label", "2", "--epochs", "1", "--quiet").code == 0
    done = here("inspect", "names.safetensors", "names.tsv", "--view", "dynamics")
    assert done.code == 2
    assert "is bidirectional" in done.message()
