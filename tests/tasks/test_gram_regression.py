"""Ridge regression on words and pairs of words against scikit-learn, and where it stands beside a network."""

import csv

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from rnncli.config import TrainConfig
from rnncli.data.folds import cross_parts
from rnncli.tasks import gram_regression
from rnncli.tasks.classify import Classify
from rnncli.tasks.gram_regression import PARTS, STRENGTHS, Grams, errors, fitted
from rnncli.tasks.task import Rivals
from rnncli.training import tuning
from rnncli.training.verdict import verdict

LABELS = ("down", "up", "west")
WORDS = np.array(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"])


def texts(count=160):
    """The label is which of three words comes more often, or the order of two of them."""
    rng = np.random.default_rng(5)
    rows = [rng.choice(WORDS, rng.integers(3, 12), p=np.arange(1, 11) / 55) for _ in range(count)]
    labels = ["up" if "alpha beta" in " ".join(row) else LABELS[int(np.argmax([(row == w).sum() for w in WORDS[-3:]]))]
              for row in rows]  # fmt: skip
    return [f"{' '.join(row)} once{chr(97 + i // 26)}{chr(97 + i % 26)}" for i, row in enumerate(rows)], labels


def prepared(folder, **options):
    written, labels = texts()
    with open(folder / "d.csv", "w", newline="") as file:
        csv.writer(file).writerows([("label", "text"), *zip(labels, written, strict=True)])
    return Classify.prepare([str(folder / "d.csv")], TrainConfig(task="classify", label="label", **options), None, None)


def documents(m, examples):
    """The texts as their words, of which those that training had once have no embedding."""
    words = ["", *m.task.schema.categories["text"]]
    found = [[words[i] for i in ids] for ids in np.split(examples.ids[0], examples.offsets[1:-1])]
    assert any("" in row for row in found)
    return found


def grams(words):
    return [*filter(None, words), *(f"{a} {b}" for a, b in zip(words, words[1:], strict=False) if a and b)]


def theirs(train, valid, Y, strength):
    tfidf = TfidfVectorizer(analyzer=grams, sublinear_tf=True)
    X = tfidf.fit_transform(train).toarray()
    return Ridge(alpha=strength).fit(X, Y).predict(tfidf.transform(valid).toarray())


def test_outputs_are_those_of_scikit_learn(tmp_path):
    m = prepared(tmp_path)
    Y = (m.train.targets[:, None] == np.arange(3)).astype(float)
    parts = [documents(m, one) for one in (m.train, m.valid)]
    ours = fitted(Grams(m.train), Grams(m.valid), Y, STRENGTHS, 1e-12)
    rough = fitted(Grams(m.train), Grams(m.valid), Y, STRENGTHS)
    for one, other, strength in zip(ours, rough, STRENGTHS, strict=True):
        expected = theirs(*parts, Y, strength)
        assert one == pytest.approx(expected, abs=1e-9)
        assert other == pytest.approx(expected, abs=1e-3)


def test_the_strength_has_the_least_error_left_out_and_the_rival_its_accuracy(tmp_path):
    m = prepared(tmp_path)
    Y, train, valid = np.eye(3)[m.train.targets], documents(m, m.train), documents(m, m.valid)
    parts = cross_parts(len(train), PARTS, m.config.seed, m.train.targets)
    expected = []
    for strength in STRENGTHS:
        out = np.zeros_like(Y)
        for part in range(PARTS):
            rest = [words for words, p in zip(train, parts, strict=True) if p != part]
            left = [words for words, p in zip(train, parts, strict=True) if p == part]
            out[parts == part] = theirs(rest, left, Y[parts != part], strength)
        expected.append(((out - Y) ** 2).mean())
    assert errors(Grams(m.train), Y, parts) == pytest.approx(expected, rel=1e-3)
    best = STRENGTHS[int(np.argmin(expected))]
    right = float((theirs(train, valid, Y, best).argmax(axis=1) == m.valid.targets).mean())
    most = float(np.bincount(m.valid.targets).max() / len(valid))
    found = m.task.rivals(m.train, m.valid)
    assert (found.figures, found.measure) == ({"the most frequent label": most, "ngram_ridge": right}, "accuracy")
    assert right > most


def test_folds_are_left_out_whole(tmp_path):
    m = prepared(tmp_path)
    m.train.folds = np.arange(len(m.train)) // 3 * 2  # numbers that are not all there
    parts = gram_regression.parts_of(m.train, 0)
    assert len(set(zip(m.train.folds, parts, strict=True))) == len(set(m.train.folds)) and len(set(parts)) == PARTS
    m.train.folds[:] = 4
    assert len(set(gram_regression.parts_of(m.train, 0))) == PARTS


def test_unknown_labels_are_mistakes_and_missing_ones_are_not_counted(tmp_path):
    m = prepared(tmp_path)
    before, true = m.task.rivals(m.train, m.valid).figures["ngram_ridge"], m.valid.targets
    right = gram_regression.predicted(m.train, m.valid, 3, m.config.seed) == true
    true[0], true[1:3] = -1, -2
    after = m.task.rivals(m.train, m.valid).figures["ngram_ridge"]
    assert (before, after) == (right.mean(), right[3:].sum() / (len(true) - 1))


def test_there_is_none_of_characters_of_weighted_labels_and_of_too_many_words(tmp_path, monkeypatch):
    for options in ({"tokens": "char"}, {"class_weights": "balanced"}):
        m = prepared(tmp_path, **options)
        assert m.task.rivals(m.train, m.valid).figures == {}
    m = prepared(tmp_path)
    monkeypatch.setattr(gram_regression, "MOST", 2 * m.train.total - 1)
    assert m.task.rivals(m.train, m.valid).figures == {}


def test_texts_without_known_words_have_the_most_frequent_label(tmp_path):
    m = prepared(tmp_path)
    for one in (m.train, m.valid):
        one.ids[0][:] = 0
    found = gram_regression.predicted(m.train, m.valid, 3, 0)
    assert set(found) == {np.bincount(m.train.targets).argmax()}


def test_candidates_of_tune_are_not_compared_by_what_is_better_if_it_is_more(monkeypatch):
    monkeypatch.setattr(tuning, "_candidates", lambda *_: [])
    asked = TrainConfig(members=2)
    for measure, found in (("accuracy", "nats"), ("mae", "mae")):
        assert tuning.Tuning(None, asked, None, Rivals({"ridge": 0.9}, measure), 1).measure == found


@pytest.mark.parametrize(
    ("own", "kind", "said"),
    [
        (0.7, "rival_not_beaten", "not better than ngram ridge: accuracy 0.7 against 0.8; "),
        (0.79, "too_small_to_tell", "the validation part is too small to tell the network from ngram ridge: "),
        (0.9, "rival_beaten", "better than ngram ridge: accuracy 0.9 against 0.8, 0.100 more"),
    ],
)
def test_the_verdict_says_which_is_better(own, kind, said):
    rivals = {"rivals": {"the most frequent label": 0.5, "ngram_ridge": 0.8}, "rivals_measure": "accuracy"}
    found = verdict({"valid_loss": 0.5, "metrics": {"n": 400, "accuracy": own}} | rivals, [])
    assert (found.kind, found.rival, found.measure) == (kind, "ngram_ridge", "accuracy")
    assert found.sentences[0].startswith(said)


def test_a_training_keeps_it_and_inspect_shows_it(here):
    prepared(here.folder)
    done = here("train", "d.csv", "--label", "label", "--hidden", "4", "--epochs", "1", "-o", "m.st", "--json")
    assert done.code == 0, done.err
    found = done.json()
    most, ridge = found["rivals"].values()
    line = f"accuracy: the most frequent label {most:.4g}, ngram ridge {ridge:.4g}"
    assert list(found["rivals"]) == ["the most frequent label", "ngram_ridge"] and f"rivals  {line}" in done.err
    assert found["verdict"]["rival"] in found["rivals"]
    shown = " ".join(here("inspect", "m.st").out.decode().split())
    assert f"rivals accuracy: ngram ridge {ridge:.4g}, the most frequent label {most:.4g} verdict" in shown
