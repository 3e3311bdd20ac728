"""`--init` for every task but language, which test_warm_start.py is about: what a model knew, it still knows."""

import json

import numpy as np
import pytest

from rnncli.tasks.trained import load_model
from rnncli.training.experiment import Experiment
from tests.training.warm_start_cases import CASES, STILL, WORDS, every_case, known, labelled, start, texts


@every_case
def test_a_copy_that_learns_nothing_predicts_what_the_model_predicts(here, case):
    start(here, case)
    assert here("train", "base.txt", "--init", "base", *STILL, "-q", "-o", "copy").code == 0
    old, new = load_model("base"), load_model("copy")
    assert new.schema.to_json() == old.schema.to_json()
    assert new.network.architecture == old.network.architecture
    base, copy = here.each(["predict", "base", "base.txt"], ["predict", "copy", "base.txt"])
    assert base.code == copy.code == 0
    assert copy.out == base.out


@every_case
def test_a_smaller_file_adds_what_is_new_and_forgets_nothing(here, case):
    start(here, case)
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    old, new = load_model("base"), load_model("fine")
    before, now = known(old.schema), known(new.schema)
    added = {kind: sorted(now[kind][len(names) :]) for kind, names in before.items()}
    assert {kind: now[kind][: len(names)] for kind, names in before.items()} == before
    assert added == {kind: sorted(names) for kind, names in CASES[case][3].items()}
    [said] = [line for line in done.err.splitlines() if line.startswith("--init")]
    for kind, names in before.items():
        assert f"{len(names)} " in said and f"; {len(added[kind])} new" in said
    for field in ("numbers", "mean", "std", "unit", "flagged", "targets", "target_mean", "target_std", "scheme"):
        assert getattr(new.schema, field) == getattr(old.schema, field), field
    assert ("those of the model" in said) == bool(old.schema.numbers or old.schema.targets or old.schema.outlook)
    # what both know has the same weights; other rows are as wide
    unnamed = {"labels": "output.W", "keys": "embedding.series.E"}
    for kind, names in before.items():
        name = unnamed.get(kind, f"embedding.{kind}.E")
        row = slice(0, len(names)) if kind == "labels" else slice(0, len(names) + 1)
        a, b = old.network.theta[name], new.network.theta[name]
        np.testing.assert_allclose(b[:, row] if kind == "labels" else b[row], a, atol=1e-6, err_msg=name)
    for name, array in old.network.theta.items():
        if array.shape == new.network.theta[name].shape:
            np.testing.assert_allclose(new.network.theta[name], array, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("case", ["regress-texts", "regress-table", "forecast", "forecast-each"])
def test_numbers_of_the_old_file_are_predicted_as_before(here, case):
    """New tokens, categories and series beside them, another level of all numbers: nothing moves."""
    start(here, case)
    assert here("train", "more.txt", "--init", "base", *STILL, "--valid-fraction", "0", "-q", "-o", "fine").code == 0
    base, fine = here.each(["predict", "base", "base.txt"], ["predict", "fine", "base.txt"])
    assert fine.out == base.out


@pytest.mark.parametrize("case", ["classify-words", "classify-table", "multilabel"])
def test_probabilities_of_the_old_labels_stand_as_before(here, case):
    """Odds of two old labels are those of before, whatever the new ones take."""
    start(here, case)
    assert here("train", "more.txt", "--init", "base", *STILL, "--valid-fraction", "0", "-q", "-o", "fine").code == 0
    base, fine = here.each(*[["predict", m, "base.txt", "--proba", "--to", "jsonl"] for m in ("base", "fine")])
    labels = load_model("base").schema.labels
    for a, b in zip(*(map(json.loads, done.out.decode().splitlines()) for done in (base, fine)), strict=True):
        total = 1 if case == "multilabel" else sum(b[label] for label in labels)
        assert [b[label] / total for label in labels] == pytest.approx([a[label] for label in labels], abs=1e-3)


def test_new_tokens_labels_and_tags_are_learnt(here):
    for case in ("classify-words", "tag-chunks"):
        start(here, case)
        done = here("train", "more.txt", "--init", "base", "--epochs", "30", "-q", "-o", "fine")
        assert done.code == 0, done.err
        figures = here("predict", "fine", "more.txt", "--evaluate").json()
        assert figures["accuracy"] > 0.9, case


def test_one_label_or_tag_of_those_known_is_enough(here):
    start(here, "classify-words")
    here.write("one.txt", labelled(12, ["spam"]))
    assert here("train", "one.txt", "--init", "base", *STILL, "-q", "-o", "fine").code == 0
    assert load_model("fine").schema.labels == ["eggs", "ham", "spam"]
    start(here, "tag-chunks")
    here.write("one.txt", "\n".join("alpha\tO\nbeta\tO\n" for _ in range(8)))
    assert here("train", "one.txt", "--init", "base", *STILL, "-q", "-o", "fine").code == 0
    assert load_model("fine").schema.to_json() == load_model("base").schema.to_json()


def test_the_other_way_has_the_tokens_and_categories_of_the_new_file_alone(here):
    start(here, "classify-words")
    done = here("train", "more.txt", "--init", "base", "--new-vocabulary", *STILL, "-o", "fine")
    old, new = load_model("base"), load_model("fine")
    words, before = new.schema.categories["text"], old.schema.categories["text"]
    assert set(words) == {*WORDS, "isspam", "isbacon", "omega", "psi"}
    assert new.schema.labels == ["eggs", "ham", "spam", "bacon"]
    assert "9 of 12 tokens known to it, 2 of its 11 tokens dropped" in done.err
    for name in set(words) & set(before):
        i, j = words.index(name) + 1, before.index(name) + 1
        rows = new.network.theta["embedding.text.E"][i], old.network.theta["embedding.text.E"][j]
        np.testing.assert_allclose(*rows, atol=1e-6)


def test_what_is_new_starts_by_the_seed_alone(here):
    start(here, "classify-words")
    options = ("--init", "base", "--epochs", "2", "-q")
    here("train", "more.txt", *options, "--threads", "1", "-o", "one")
    here("train", "more.txt", *options, "--threads", "2", "-o", "two")
    here("train", "more.txt", *options, "--seed", "1", "-o", "other")
    assert here.read("one") == here.read("two") != here.read("other")


@pytest.mark.parametrize("case", ["classify-words", "tag-chunks", "forecast"])
def test_a_run_with_init_is_resumed_as_if_it_never_stopped(here, case, monkeypatch):
    start(here, case)
    command = ("train", "more.txt", "--init", "base", "--epochs", "4", "-q")
    assert here(*command, "-o", "whole").code == 0
    reports = Experiment.reports

    def stopped(self):
        for report in reports(self):
            yield report
            if self.training is not None:
                self.stop(2)

    monkeypatch.setattr(Experiment, "reports", stopped)
    assert here(*command, "-o", "parts").code == 130
    monkeypatch.setattr(Experiment, "reports", reports)
    done = here(*command[:-1], "-o", "parts", "--resume")
    assert done.code == 0 and "continuing from update" in done.err
    assert here.read("parts") == here.read("whole")
    assert here(*command[:2], *command[4:], "-o", "whole", "--resume").code == 2  # another start


@pytest.mark.parametrize("tokens", ["char", "byte"])
def test_a_language_model_of_characters_is_the_start_of_one_of_whole_texts(here, tokens):
    here.write("text.txt", "".join(f"{b}\n" for _, b in texts(80, ["spam", "ham"])))
    here.write("labels.txt", labelled(24, ["spam", "h\u00e4m"]))
    here("train", "text.txt", "--tokens", tokens, "--hidden", "7", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "labels.txt", "--label", "label", "--init", "base", *STILL, "-o", "fine")
    assert done.code == 0, done.err
    assert "no labels: those of the data are all new" in done.err
    old, new = load_model("base"), load_model("fine")
    assert (new.config.task, new.config.hidden, new.schema.labels) == ("classify", 7, ["h\u00e4m", "spam"])
    for name in ("0.W", "0.R", "0.b"):
        np.testing.assert_allclose(new.network.theta[name], old.network.theta[name], atol=1e-6)
    keys = old.vocabulary.keys()
    for value, row in zip(new.schema.categories["text"], new.network.theta["embedding.text.E"][1:], strict=True):
        if ord(value) in keys:
            np.testing.assert_allclose(row, old.network.theta["embedding.E"][keys.index(ord(value))], atol=1e-6)
    assert len(new.schema.categories["text"]) == len([*filter(None, keys)]) + 1 if tokens == "char" else 256
    assert here("predict", "fine", "labels.txt", "--evaluate").code == 0
