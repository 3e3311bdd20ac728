"""`predict --evaluate --folds K` of lines and of a text, against the figures of a model on the same parts."""

import numpy as np
import pytest

from rnncli.predictors import cross_texts

SMALL = ("--hidden", "6", "--epochs", "0.5", "--batch", "4", "--steps", "16", "-q", "-o", "m")
K = 3


@pytest.fixture
def given(monkeypatch):
    """The material of each part, for which a model stands in that is trained already."""
    found = []

    def stand_in(paths, config, material, threads):
        found.append(material)
        return stand_in.model

    real = cross_texts.of_texts

    def of_texts(model, *arguments):
        stand_in.model = model
        return real(model, *arguments)

    monkeypatch.setattr(cross_texts, "trained_on", stand_in)
    monkeypatch.setattr(cross_texts, "of_texts", of_texts)
    return found


def lines_of(part):
    return [tuple(part.tokens[a:b].tolist()) for a, b in zip(part.offsets, part.offsets[1:], strict=False)]


def test_each_line_is_measured_once_by_a_model_that_has_not_seen_it(here, text, given):
    here.write("t.txt", "".join(sorted({*text.splitlines(keepends=True)})))
    assert here("train", "t.txt", "--format", "lines", *SMALL).code == 0
    whole = here("predict", "m", "t.txt", "--evaluate").json()
    figures = here("predict", "m", "t.txt", "--evaluate", "--folds", str(K)).json()
    for name in ("tokens", "unknown", "nats_per_token", "perplexity"):
        assert figures[name] == pytest.approx(whole[name], rel=1e-5)
    everything = {line for one in given for line in lines_of(one.train) + lines_of(one.valid)}
    assert len(given) == K and len(everything) == len(here.read("t.txt").splitlines())
    for one, part in zip(given, figures["folds"], strict=True):
        rest = {*lines_of(one.train), *lines_of(one.valid)}
        assert part["trained"] == sum(map(len, rest))
        assert part["tokens"] == sum(map(len, everything - rest))


def test_a_text_is_cut_into_stretches_and_measured_beside_its_rivals(here, text, given):
    here.write("t.txt", text)
    assert here("train", "t.txt", *SMALL).code == 0
    figures = here("predict", "m", "t.txt", "--evaluate", "--folds", str(K)).json()
    assert figures["tokens"] == len(text)
    assert [one["tokens"] for one in figures["folds"]] == np.diff(len(text) * np.arange(K + 1) // K).tolist()
    assert [len(one.train.offsets) - 1 for one in given] == [1, 2, 1]  # before and behind
    assert 0 < figures["rivals"]["5-gram"] < figures["rivals"]["unigram"]


def test_what_cannot_be_parted_is_refused(here, text, given):
    here.write("t.txt", text)
    assert here("train", "t.txt", "--format", "lines", *SMALL).code == 0
    here.write("few.txt", "a line\nanother\n")
    assert (
        "few.txt: 2 lines or records, expected at least 3"
        in here("predict", "m", "few.txt", "--evaluate", "--folds", "3").message()
    )
    assert here("predict", "m", "t.txt", "--evaluate", "--folds", "3", "--adapt", "0.1").code == 2
    assert given == []


def test_each_part_is_trained(here, text):
    here.write("t.txt", text[:3000])
    assert here("train", "t.txt", "--format", "lines", *SMALL).code == 0
    done = here("predict", "m", "t.txt", "--evaluate", "--folds", "2")
    assert done.err.count("nats_per_token") == 2
    assert done.json()["mean"]["nats_per_token"] == pytest.approx(done.json()["nats_per_token"], rel=0.05)
