"""A new view is one new file: `inspect` has it with its options, draws it, and has it in the report."""

import json

import pytest

from tests.toys import Toy

VIEW = '''"""`toy`: how often the states of the last layer have which size."""

import numpy as np

from rnncli.views.reading import states_of
from rnncli.views.view import View

VIEW = {
    "help": "histogram of the states",
    "caption": "How often the states have which size, from -1 to 1.",
    "input": True,
    "options": {"bins": {"min": 2, "default": 5, "help": "Number of bins"}},
    "unfit": {"bidirectional": "two directions are two histograms"},
}


class Toy(View):
    """Of all steps that are read."""

    def data(self, subject):
        reading, width = subject.sequences(with_loss=False), subject.network.architecture.width
        found = list(states_of(subject.network, reading, subject.team, np.arange(reading.steps)))
        h = np.concatenate([states for _, states in found])[:, -width:]
        counts, edges = np.histogram(h, subject.options.bins, (-1, 1))
        bins = [{"from": a, "to": b} for a, b in zip(edges.tolist(), edges[1:].tolist())]
        return {"steps": len(h), "counts": counts.tolist(), "bins": bins, "by": {"unit": h.std(axis=0).tolist()}}
'''
LETTERS = 240


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    with Toy(tmp_path_factory.mktemp("toy"), "views/toy.py", VIEW, compiled=True) as toy:
        (toy.folder / "t.txt").write_text("the cat sat on the mat.\n" * (LETTERS // 24))
        toy("train", "t.txt", "--tokens", "char", "--hidden", "4", "--epochs", "1", "-q")
        yield toy


def test_help_has_it_and_its_option(toy):
    help = " ".join(toy("inspect", "--help").split())
    assert "toy (histogram of the states)" in help
    assert "View toy: --bins N Number of bins. [at least 2; default: 5]" in help


def test_it_gives_plain_data_and_takes_its_option(toy):
    data = json.loads(toy("inspect", "t.safetensors", "t.txt", "--view", "toy", "--bins", "3", "--json"))
    assert list(data) == ["view", "steps", "counts", "bins", "by", "read"]
    assert (data["view"], len(data["counts"]), data["bins"][0]["from"]) == ("toy", 3, -1)
    assert sum(data["counts"]) == 4 * data["steps"]
    assert data["steps"] == data["read"]["steps"] == LETTERS - 1


def test_it_is_drawn_without_a_picture_of_its_own(toy):
    drawn = toy("inspect", "t.safetensors", "t.txt", "--view", "toy")
    picture, _, how = drawn.partition("\n\n")
    names = [line.split()[0] for line in picture.splitlines() if not line.startswith(" ")]
    assert names == ["steps", "counts", "bins", "by.unit"]
    assert how == "How often the states have which size, from -1 to 1.\n"
    assert all(len(line) <= 100 for line in drawn.splitlines())
    assert f"steps  {LETTERS - 1}" in drawn


def test_its_picture_is_written(toy):
    toy("inspect", "t.safetensors", "t.txt", "--view", "toy", "--save", "x.svg")
    assert "--view&#160;toy" in (toy.folder / "x.svg").read_text()


def test_the_report_has_it(toy):
    toy("inspect", "t.safetensors", "t.txt", "--report", "r.html", "--bins", "4")
    page = (toy.folder / "r.html").read_text()
    section = page[page.index('<section id="toy">') :]
    assert "How often the states have which size" in section
    assert "<pre" in section


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--bins", "3"), "--bins has no effect on --view summary: it is for --view toy"),
        (
            ("t.txt", "--view", "toy", "--lags", "3"),
            "--lags has no effect on --view toy: it is for --view gradients, --view memory",
        ),
        (
            ("t.txt", "--view", "toy", "--notation", "dot"),
            "--notation has no effect on --view toy: it is for --view graph",
        ),
    ],
)
def test_its_option_is_refused_elsewhere_and_others_with_it(toy, words, message):
    with pytest.raises(AssertionError, match=message):
        toy("inspect", "t.safetensors", *words)


def test_a_network_that_it_does_not_fit_is_told_why(toy):
    (toy.folder / "c.tsv").write_text("good day\ta\nbad night\tb\n" * 20)
    toy("train", "c.tsv", "--task", "classify", "--hidden", "4", "--epochs", "1", "-q")
    with pytest.raises(AssertionError, match="--view toy: c.safetensors: two directions are two histograms"):
        toy("inspect", "c.safetensors", "c.tsv", "--view", "toy")
