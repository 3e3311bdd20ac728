"""Answers under `y` that say what is to be learnt: the bare command makes the model of the one that names the task."""

import json
import re

import numpy as np
import pytest

KINDS = {
    "words": (lambda up, i: "up" if up else "down", "classify"),
    "codes": (lambda up, i: int(up), "classify"),
    "floats": (lambda up, i: float(up), "classify"),
    "fractions": (lambda up, i: 2.5 * up + i / 8, "regress"),
}


@pytest.fixture(scope="module")
def x():
    """(16, 6, 1), of which every other one rises."""
    slope = (-1.0) ** np.arange(16)[:, None, None]
    return slope * np.linspace(0, 1, 6)[:, None] + 0.1 * np.random.default_rng(0).standard_normal((16, 6, 1))


def written(here, x, kind, form):
    y = [KINDS[kind][0](i % 2 == 0, i) for i in range(16)]
    if form == "npz":
        np.savez(here.folder / "a.npz", x=x, y=np.array(y))
    else:
        values = [{"x": one.tolist(), "y": answer} for one, answer in zip(x, y, strict=True)]
        lines = "\n".join(map(json.dumps, values))
        here.write(f"a.{form}", lines + "\n" if form == "jsonl" else json.dumps(values, indent=1))
    return f"a.{form}"


@pytest.mark.parametrize("form", ["npz", "jsonl", "json"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_bare_command_makes_the_same_model(here, x, kind, form):
    file, task = written(here, x, kind, form), KINDS[kind][1]
    bare = here("train", file, "-q", "-o", "a")
    named = here("train", file, "--task", task, "-q", "-o", "b")
    assert (bare.code, named.code) == (0, 0), bare.err
    assert here.read("a") == here.read("b")
    assert f"--task {task} " in here("train", file, "--explain").out.decode()
    if (form, kind) not in (("npz", "words"), ("npz", "codes")):  # of which the first line tells all
        assert re.search(f"{file}: y (holds|begins with) .*--task says otherwise", bare.err)
    assert "y holds" not in named.err and "y begins" not in named.err


def test_what_may_be_either_is_left_to_the_user(here, x):
    for y in (np.arange(16) % 5 * 1.0, np.zeros(16), np.where(np.arange(16) % 2, np.nan, 1.0)):  # many, one, missing
        np.savez(here.folder / "a.npz", x=x, y=y)
        done = here("train", "a.npz", "-q", "-o", "m")
        assert done.code == 2 and "--task classify, regress, tag" in done.message().replace("multilabel, ", "")
    here.write("d.jsonl", "".join(json.dumps({"x": [1, 2], "y": i % 5 * 1.0}) + "\n" for i in range(16)))
    assert "choose what to learn" in here("train", "d.jsonl", "-q", "-o", "m").message()
    here.write("a.jsonl", '{"x": [1, 2], "y": ["a", "b"]}\n{"x": [2, 1], "y": ["b", "a"]}\n')
    assert "choose what to learn" in here("train", "a.jsonl", "-q", "-o", "m").message()
    here.write("b.jsonl", '{"x": [1, 2], "y": "a"}\n{"x": [2, 1]}\n')
    assert "choose what to learn" in here("train", "b.jsonl", "-q", "-o", "m").message()
    here.write("c.jsonl", '{"x": [1, 2], "y": "a", "z": 1.5}\n{"x": [2, 1], "y": "b", "z": 2.5}\n' * 4)
    assert "y begins" not in here("train", "c.jsonl", "--task", "regress", "--target", "z", "-q", "-o", "m").err
