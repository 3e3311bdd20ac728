"""The line that says that a rival is better."""

from rnncli.render.rivals import better_rival, rivals_text


def test_the_best_rival_is_named_where_it_is_better():
    text = {"rivals": {"unigram": 3.2, "5-gram": 2.0}, "valid_loss": 2.125}
    assert better_rival(text) == ["5-gram is better than the network: nats 2 against 2.125"]
    assert better_rival(text | {"valid_loss": 2.0}) == better_rival(text | {"rivals": {}}) == []
    series = {"rivals": {"naive": 5.0, "seasonal_naive": 4.0}, "rivals_measure": "mase", "valid_loss": 0.1}
    line = "seasonal naive is better than the network: mase 4 against 4.5"
    assert better_rival(series | {"metrics": {"mase": 4.5, "mae": 1.0}}) == [line]
    assert better_rival(series | {"metrics": {"mase": None}}) == better_rival(series) == []


def test_figures_have_their_measure():
    assert rivals_text({"seasonal_naive": 12.3456}, "mae") == "mae: seasonal naive 12.35"
    assert rivals_text({"unigram": 1.0}, "nats") == "unigram 1.000 nats (1.44 bits)"
