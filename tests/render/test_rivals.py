"""Figures of rivals as words."""

from rnncli.render.rivals import rivals_text


def test_figures_have_their_measure():
    assert rivals_text({"seasonal_naive": 12.3456}, "mae") == "mae: seasonal naive 12.35"
    assert rivals_text({"unigram": 1.0}, "nats") == "unigram 1.000 nats (1.44 bits)"
