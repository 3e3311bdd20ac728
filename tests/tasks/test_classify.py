"""What `--evaluate` says of classes, on answers that can be counted by hand, and calibration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support
from sklearn.utils.class_weight import compute_class_weight

from rnncli.config import TrainConfig
from rnncli.data.columns import Coded, Columns
from rnncli.data.examples import Examples
from rnncli.data.schema import UNHEARD, Schema
from rnncli.errors import Notes
from rnncli.network.losses import CrossEntropy
from rnncli.readers.form import Form
from rnncli.tasks import column_task, validation
from rnncli.tasks.classify import TEMPERATURES, Classify, _note_fractions, fit_temperature, temperature_of_least
from rnncli.tasks.tag import Tag
from rnncli.tasks.validation import WholeValidator
from rnncli.training import search
from rnncli.training.loop import Training, drawn


@pytest.mark.parametrize("overconfident", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_factor_of_the_logits(overconfident):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 3))
    gumbel = rng.gumbel(size=logits.shape)
    targets = (logits + gumbel).argmax(axis=1)  # drawn from softmax(logits)
    targets[::7] = -1
    assert fit_temperature(logits * overconfident, targets) == pytest.approx(overconfident, rel=0.05)
    assert fit_temperature(logits, np.full(20_000, -1)) == 1.0


@pytest.mark.parametrize("top", [0.25, 0.3, 1.0, 2.9, 8.0])
def test_the_temperature_of_least_nats_is_the_first_of_a_valley_and_of_a_plain(top):
    place = int(np.argmin(np.abs(TEMPERATURES - top)))
    assert temperature_of_least(lambda T: abs(np.log(T / TEMPERATURES[place]))) == TEMPERATURES[place]
    assert temperature_of_least(lambda T: max(0.0, T - TEMPERATURES[place])) == TEMPERATURES[0]


def test_validation_asks_how_good_calibrated_probabilities_are_and_not_how_sure_the_network_is():
    """Right in nine of ten and six times too sure is better than right in seven of ten and as sure as that; a label
    that counts three times as much does so here too.
    """
    task = Classify(Schema(labels=["a", "b"]), Form("table"), TrainConfig(class_weights="b=3"))
    true = np.arange(100) % 2
    examples = Examples(np.arange(101), [], np.zeros((100, 0)), targets=true.astype(np.int32))

    def outputs(wrong, logit):
        said = np.where(np.arange(100) < wrong, 1 - true, true)
        return np.where(said[:, None] == np.arange(2), logit, 0.0).astype(np.float32)

    sure, humble = outputs(10, 6 * np.log(9)), outputs(30, np.log(7 / 3))
    entropy = lambda p: -p * np.log(p) - (1 - p) * np.log(1 - p)  # noqa: E731
    for found, wrong in ((sure, 0.1), (humble, 0.3)):
        assert task.calibrated_loss(found, examples) == pytest.approx(entropy(wrong), rel=0.01)
    assert task.temperature == 1.0
    task.loss = CrossEntropy(np.array([0.5, 1.5]))
    only_b = np.where(true[:, None] == 1, sure, 0).astype(np.float32)
    assert task.calibrated_loss(only_b, examples) < task.calibrated_loss(
        np.where(true[:, None] == 0, sure, 0), examples
    )


def test_a_read_out_weighs_a_label_by_the_root_of_how_many_have_it():
    task = Classify(Schema(labels=["a", "b", "c"]), Form("table"), TrainConfig())  # none has the label c
    answers = task.answers(np.array([0] * 9 + [1] * 4, np.int32))
    by_label = answers.weights[:9].sum(), answers.weights[9:].sum()
    assert by_label[0] / by_label[1] == pytest.approx(3 / 2) and answers.weights.mean() == pytest.approx(1)
    assert np.ptp(answers.weights[:9]) == 0 and answers.values[0].tolist() == [16, -16, -16]


def test_f1_by_class_counts_what_was_missed_and_what_was_never_heard_of():
    task = Classify(Schema(labels=["a", "b", "c"]), Form("table"), TrainConfig())
    found = np.eye(3)[[0, 0, 1, 1, 0, 2]]
    true = np.array([0, 1, 1, 1, UNHEARD, -1], np.int32)  # the last has no answer
    figures = task.metrics(found, Examples(np.arange(7), [], np.zeros((6, 0)), targets=true, unheard=("x",)))
    assert figures["per_class"]["x"] == {"n": 1, "precision": None, "recall": 0.0, "f1": 0.0}
    assert figures["n"] == 5
    assert figures["accuracy"] == 3 / 5
    assert figures["per_class"]["a"] == {"n": 1, "precision": 1 / 3, "recall": 1.0, "f1": 0.5}
    assert figures["per_class"]["b"]["f1"] == pytest.approx(0.8)
    assert figures["per_class"]["c"]["n"] == 0
    assert figures["macro_f1"] == pytest.approx((0.5 + 0.8 + 0) / 3)  # c is neither true nor predicted


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcxyz")), min_size=1, max_size=30))
def test_f1_of_labels_is_that_of_scikit_learn(pairs):
    found, true = zip(*pairs, strict=True)
    schema = Schema(labels=list("abcd"))  # x, y and z are in no training
    columns = Columns(np.arange(len(pairs) + 1), labels=Coded.of(list(true)))
    logits = np.eye(4)[["abcd".index(label) for label in found]]
    figures = Classify(schema, Form("table"), TrainConfig()).metrics(logits, schema.encode(columns))
    for name, average in (("macro_f1", "macro"), ("weighted_f1", "weighted"), ("accuracy", "micro")):
        assert figures[name] == pytest.approx(f1_score(true, found, average=average, zero_division=0)), name
    labels = sorted({*found, *true})
    by_label = precision_recall_fscore_support(true, found, labels=labels, zero_division=np.nan)
    for label, *values, n in zip(labels, *by_label, strict=True):
        mine = figures["per_class"][label]
        assert mine["n"] == n
        for name, right in zip(("precision", "recall", "f1"), values, strict=True):
            assert np.isnan(right) if mine[name] is None else mine[name] == pytest.approx(right), (label, name)
    assert {label for label, of in figures["per_class"].items() if of["f1"] is not None} == set(labels)


@pytest.mark.parametrize(
    ("labels", "separator"),
    [
        (["a", "b", "a|b"], "|"),
        (["a; b", "b ;c", "c;a", "|"], ";"),
        (["a|b", "a|c"], None),  # b is nowhere else
        (["Paris, France", "Lyon, France"], None),
        (["a", "b"], None),
    ],
)
def test_labels_that_look_like_lists_are_noted(labels, separator):
    said = []
    Notes.begin(said.append)
    columns = Columns(np.arange(len(labels) + 1), coded={}, labels=Coded.of(labels))
    Classify.fit(columns, np.arange(len(labels)), TrainConfig(tokens="char"))
    assert [line.split("--label-separator ")[1][:3] for line in said] == ([f"'{separator}'"] if separator else [])


def test_figures_of_chunks_that_are_nowhere_are_zero_as_in_seqeval():
    tags = Tag(Schema(labels=["B-X", "I-X", "O"]), Form("tagged"), TrainConfig())
    outside, one = np.array([2, 2, 2], np.int32), np.array([0, 1, 2], np.int32)
    examples = [Examples(np.array([0, 3]), [], np.zeros((3, 0)), targets=true) for true in (outside, one)]
    names = ("precision", "recall", "f1")
    assert [tags.metrics(outside, examples[0])[name] for name in names] == [0, 0, 0]
    assert [tags.metrics(outside, examples[1])[name] for name in names] == [0, 0, 0]
    assert [tags.metrics(one, examples[0])[name] for name in names] == [0, 0, 0]
    assert [tags.metrics(one, examples[1])[name] for name in names] == [1, 1, 1]


def test_of_a_long_validation_part_sequences_that_are_evenly_far_apart_are_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(column_task, "LEAST_SAMPLE", 20)
    monkeypatch.setattr(validation, "WHOLE_LEAST", 1)
    path = tmp_path / "d.csv"
    lines = [f"g{g},{'xy'[g % 2]},{g % 2 + t / 10 + g % 7}\n" for g in range(600) for t in range(1 + g % 5)]
    path.write_text("id,kind,a\n" + "".join(lines))
    config = TrainConfig(group="id", label="kind", learn="all", hidden=4, epochs=0.1, seed=1)
    m = search.sized(Classify.prepare([str(path)], config, None, None))
    told: list[str] = []
    Notes.begin(told.append)
    training = Training(drawn(m), m, 1)
    Notes.begin(None)
    assert told == ["validation on 20 of 60 sequences held out, as many as the budget allows for"]
    assert [len(training.valid), len(training.best.validator.part)] == [20, 20]
    np.testing.assert_array_equal(training.valid.lengths, m.valid.lengths[::3])
    np.testing.assert_array_equal(training.valid.targets, m.valid.targets[::3])
    expected = 25 * m.valid.total / 60 / validation.QUICK_PART
    validator = m.task.validator(training.network, m.valid, training.team, expected)
    assert len(validator.part) == 25
    loss, measure, calibrated = m.task.loss, m.task.measure, m.task.calibrated_loss
    part = WholeValidator(training.network, validator.part, training.team, loss, measure, None, calibrated)
    assert validator.quick() == part.whole()[0]
    assert validator.whole()[1]["metrics"]["n"] == 60
    *_, finished = training.reports()
    assert finished.found["metrics"]["n"] == 20


def test_labels_that_are_numbers_in_groups_are_labels():
    said = []
    Notes.begin(said.append)
    _note_fractions(["1,000", "2,000", "1.5e3"])
    _note_fractions(["0.5", "1,000.25", "3"])
    Notes.begin(None)
    assert said == ["labels such as 0.5 are numbers with fractions: --target in place of --label learns numbers"]


@pytest.mark.parametrize(("given", "each"), [("balanced", None), ("c=4", [1, 1, 4])])
def test_class_weights_are_those_of_the_page_and_of_scikit_learn(given, each):
    y = np.repeat([0, 1, 2], [70, 25, 5])
    counts = np.bincount(y) + 0.5
    task = Classify(Schema(labels=["a", "b", "c"]), Form("table"), TrainConfig(class_weights=given))
    each = compute_class_weight("balanced", classes=np.arange(3), y=y) if each is None else np.array(each)
    found = task._weights(counts)
    assert (found * counts).sum() / counts.sum() == pytest.approx(1)
    np.testing.assert_allclose(found / found[0], each / each[0], rtol=0.1)  # half a sequence is added to each label
    if given == "balanced":
        np.testing.assert_allclose(found, counts.sum() / (3 * counts))
