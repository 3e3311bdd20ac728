"""A page of views: what has no picture leaves no room for one, what is missing for one reason is said once."""

import re

import pytest

from rnncli.render import page
from rnncli.render.chart.bars import Bar, Bars
from rnncli.render.chart.chart import PHONE, Chart
from rnncli.render.chart.marks import Label, length
from rnncli.render.dynamics import _unit
from rnncli.render.graph import LEAST, WIDTH, _box
from rnncli.render.terminal import how_to_read

FIGURES = {"view": "evaluation", "title": "numbers", "figures": {"n": 61, "rmse": 0.04, "r2": 0.02}}


@pytest.fixture
def written(tmp_path):
    def write(*views) -> str:
        path = tmp_path / "page.html"
        page.write(str(path), "a title", "a source", list(views))
        return path.read_text(encoding="utf-8")

    return write


def test_words_alone_leave_no_room_for_a_picture(written):
    shown = written(("evaluation", FIGURES))
    assert "<dt>rmse</dt><dd>0.04</dd>" in shown
    assert "<svg" not in shown and 'class="phone"' not in shown


def test_views_that_are_missing_for_one_reason_are_one_part(written):
    why = "the network is frozen, it has no hidden states"
    shown = written(("evaluation", FIGURES), ("graph", why), ("states", why), ("lengths", "too few steps"))
    assert re.findall(r'<section id="(\w+)"><h2>(.*?)</h2>', shown) == [
        ("evaluation", "evaluation"),
        ("graph", "graph, states"),
        ("lengths", "lengths"),
    ]
    assert shown.count(why) == 1
    assert re.findall(r'<a href="#(\w+)">', shown) == ["evaluation", "lengths"]


def test_names_of_bars_are_whole_on_a_phone():
    bars = Bars("accuracy", [Bar("this network", 0.5, "0.5"), Bar("the most frequent label", 0.4, "0.4")])
    scene = Chart("rivals", [bars]).scene(PHONE, "", words=False)
    assert "the most frequent label" in [mark.text for mark in scene.marks if isinstance(mark, Label)]


def test_a_folded_graph_is_not_said_to_be_unfolded():
    assert "loop" in how_to_read({"view": "graph", "unfolded": 0})
    assert how_to_read({"view": "graph", "unfolded": 3}).startswith("The network unfolded over the first steps")


def test_words_in_a_box_are_legible_and_end_within_it():
    node = {"id": "pool", "op": "last, mean, max", "shape": [768], "value_norm": 6.25, "grad_norm": 0.33}
    labels = [mark for mark in _box(node, 0, 0) if isinstance(mark, Label)]
    assert labels[1].text == "last, mean, max"
    assert all(label.size >= LEAST == 9 and length(label.text, label.size) <= WIDTH for label in labels)


@pytest.mark.parametrize(("dt", "said"), [(None, "a step"), (1.0, "a month"), (0.125, "a month, of 8 steps")])
def test_the_unit_of_exponents(dt, said):
    assert _unit({"dt": dt, "unit": "month"})[0] == said
