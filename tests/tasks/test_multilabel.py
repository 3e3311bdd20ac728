"""Sets of labels: figures beside those of scikit-learn, the loss by its formula, and what is an answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns
from rnncli.data.label_sets import put
from rnncli.data.schema import Schema
from rnncli.errors import RnncliError
from rnncli.readers.form import Form
from rnncli.tasks.multilabel import Multilabel, fit_temperature, sigmoid

KNOWN, STRANGE = "abc", "xy"


def columns_of(sets):
    columns = Columns(np.arange(len(sets) + 1))
    put(columns, sets, True, lambda i: f"t.txt:{i + 1}")
    return columns


def figures_of(logits, sets, k=1, threshold=0.5):
    schema = Schema(labels=list(KNOWN), sets=True)
    task = Multilabel(schema, Form("labelled"), TrainConfig())
    return task.metrics(np.array(logits, np.float32), schema.encode(columns_of(sets)), k, threshold)


LINES = st.lists(
    st.tuples(
        st.permutations([-2.5, 0.5, 3.0]) | st.permutations([-3.0, -2.0, -1.0]),
        st.sets(st.sampled_from(KNOWN + STRANGE)),
    ),
    min_size=1,
    max_size=20,
)


@given(LINES, st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
def test_figures_of_sets_are_those_of_scikit_learn(lines, threshold):
    logits, sets = zip(*lines, strict=True)
    figures = figures_of(logits, [tuple(sorted(labels)) for labels in sets], threshold=threshold)
    names = [*KNOWN, *(label for label in STRANGE if any(label in labels for labels in sets))]
    true = np.array([[name in labels for name in names] for labels in sets])
    chosen = np.zeros_like(true)
    chosen[:, :3] = 1 / (1 + np.exp(-np.array(logits))) >= threshold
    assert figures["subset_accuracy"] == pytest.approx(accuracy_score(true, chosen))
    for average in ("micro", "macro"):
        right = f1_score(true, chosen, average=average, zero_division=np.nan)
        mine = figures[f"{average}_f1"]
        assert np.isnan(right) if mine is None else mine == pytest.approx(right), average
    by_label = precision_recall_fscore_support(true, chosen, zero_division=np.nan)
    for name, *values, n in zip(names, *by_label, strict=True):
        mine = figures["per_label"][name]
        assert mine["n"] == n
        for figure, right in zip(("precision", "recall", "f1"), values, strict=True):
            assert np.isnan(right) if mine[figure] is None else mine[figure] == pytest.approx(right), (name, figure)


def test_precision_and_recall_at_k_count_over_all_lines():
    # fastText leaves out the line of `x`, which it never saw: precision@1 2/3, recall@1 2/5 by its test; it counts here
    logits = [[3, 2, 1], [3, 1, 2], [1, 3, 2], [1, 2, 3]]
    sets = [("a", "c"), ("b",), ("b", "c"), ("x",)]
    at = [figures_of(logits, sets, k) for k in (1, 2, 3, 4)]
    assert [f["precision_at_k"] for f in at] == [2 / 4, 3 / 8, 5 / 12, 5 / 12]  # at most the three labels there are
    assert [f["recall_at_k"] for f in at] == [2 / 6, 3 / 6, 5 / 6, 5 / 6]
    assert [f["k"] for f in at] == [1, 2, 3, 3]
    assert at[0]["labels"] == 6
    assert at[0]["per_label"]["x"] == {"n": 1, "precision": None, "recall": 0.0, "f1": 0.0}


def test_lines_without_labels_count_for_precision_alone():
    figures = figures_of([[3, -2, -1]], [()])
    assert (figures["precision_at_k"], figures["recall_at_k"], figures["micro_f1"]) == (0, None, 0)
    assert figures_of([[-3, -2, -1]], [()])["subset_accuracy"] == 1


def test_what_has_no_answer_has_no_say(monkeypatch):
    logits = np.array([[3, -2, -1], [-1, 2, -1], [-1, -2, -1], [9, 9, 9]], np.float32)
    schema = Schema(labels=list(KNOWN), sets=True)
    task = Multilabel(schema, Form("labelled"), TrainConfig())
    monkeypatch.setattr(task, "predictions", lambda u, examples: logits[: len(examples)])
    found = task.measure(None, schema.encode(columns_of([("a",), ("b",), (), None])))
    assert (found["metrics"]["n"], found["metrics"]["labels"]) == (3, 2)
    assert found == task.measure(None, schema.encode(columns_of([("a",), ("b",), ()])))


@pytest.mark.parametrize("overconfident", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_a_factor_of_the_logits(overconfident):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (10_000, 3))
    targets = (rng.random(logits.shape) < sigmoid(logits)).astype(np.uint8)
    assert fit_temperature(logits * overconfident, targets) == pytest.approx(overconfident, rel=0.05)
    assert fit_temperature(logits[:0], targets[:0]) == 1


def test_probabilities_are_whole_at_the_ends():
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0, 0.5, 1]


def test_a_model_of_one_label_a_sequence_refuses_several():
    schema = Schema(labels=list(KNOWN))
    columns = columns_of([("a",), ("b", "c")])
    with pytest.raises(RnncliError, match="^t.txt:2: 2 labels, expected one"):
        schema.encode(columns)


@pytest.mark.parametrize(
    ("sets", "found"),
    [
        ([(), ("a", "b"), None, ("c",)], "sequence 3 has no label"),
        ([None, (), ("a",)], "sequence 1 has no label"),
        ([None, None], "no labels, expected a column of them: --label names it"),
    ],
)
def test_a_sequence_without_an_answer_is_named(sets, found):
    with pytest.raises(RnncliError, match=found):
        Multilabel.check(columns_of(sets), "t.txt")
