"""The closed form against scikit-learn, fitted anew without each row."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.model_selection import LeaveOneGroupOut

from rnncli.frozen import ridge
from rnncli.frozen.ridge import Answers


def fit(K, Y, folds=None):
    """Of rows that weigh alike."""
    return ridge.fit(K, Answers(Y, np.ones(len(Y))), folds)


@pytest.mark.parametrize("shape", [(12, 30), (30, 7), (9, 9)])
def test_each_row_left_out_is_predicted_as_by_a_fit_to_the_others(shape, monkeypatch):
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 2)) + 3
    X -= X.mean(axis=0)
    monkeypatch.setattr(ridge, "STRENGTHS", np.array([0.3]))
    found = fit(X @ X.T, Y)
    alpha = 0.3 * np.trace(X @ X.T) / len(X)
    for i in range(len(X)):
        others = np.arange(len(X)) != i
        expected = Ridge(alpha).fit(X[others], Y[others]).predict(X[i : i + 1])[0]
        np.testing.assert_allclose(found.left_out[i], expected, rtol=1e-8)
    whole = Ridge(alpha).fit(X, Y)
    np.testing.assert_allclose(X.T @ found.A, whole.coef_.T, atol=1e-10)
    np.testing.assert_allclose(found.mean, whole.intercept_)
    assert found.error == pytest.approx(((found.left_out - Y) ** 2).mean())


@pytest.mark.parametrize("folds", [None, np.repeat([0, 1, 2, 3], [7, 1, 9, 3])])
def test_rows_that_weigh_unlike_are_left_out_as_by_a_weighted_fit_to_the_others(folds, monkeypatch):
    rng = np.random.default_rng(8)
    X, Y, weights = rng.standard_normal((20, 30)) + 1, rng.standard_normal((20, 2)) + 3, rng.uniform(0.2, 3, 20)
    weights /= weights.mean()
    monkeypatch.setattr(ridge, "STRENGTHS", np.array([0.3]))
    K = ridge.centred(X @ X.T, weights)
    found, alpha = ridge.fit(K, Answers(Y, weights), folds), 0.3 * weights @ np.diag(K) / 20
    for others, left_out in LeaveOneGroupOut().split(X, Y, np.arange(20) if folds is None else folds):
        alone = Ridge(alpha).fit(X[others], Y[others], weights[others])
        np.testing.assert_allclose(found.left_out[left_out], alone.predict(X[left_out]), rtol=1e-8)
    whole = Ridge(alpha).fit(X, Y, weights)
    np.testing.assert_allclose(X.T @ found.A, whole.coef_.T, atol=1e-10)
    np.testing.assert_allclose(found.mean - weights @ X / 20 @ X.T @ found.A, whole.intercept_)
    assert found.error == pytest.approx((weights[:, None] * (found.left_out - Y) ** 2).mean())


def test_no_strength_above_the_strongest_is_tried():
    """Of answers that the features say nothing of, the strongest is best."""
    rng = np.random.default_rng(9)
    X, Y = rng.standard_normal((30, 40)), rng.standard_normal((30, 1))
    X -= X.mean(axis=0)
    found = ridge.fit(X @ X.T, Answers(Y, np.ones(30), 1.0))
    assert found.strength == pytest.approx(1) and fit(X @ X.T, Y).strength > 1


def test_the_strength_has_the_least_error_left_out():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((40, 20))
    Y = X[:, :1] + rng.standard_normal((40, 1))
    X -= X.mean(axis=0)
    found = fit(X @ X.T, Y)
    assert found.strength == ridge.STRENGTHS[np.argmin(found.errors)] and len(found.errors) == len(ridge.STRENGTHS)
    assert 0 < np.argmin(found.errors) < len(ridge.STRENGTHS) - 1


def test_equal_rows_and_features_that_say_nothing_do_no_harm():
    Y = np.arange(6.0)[:, None]
    nothing = fit(np.zeros((6, 6)), Y)
    np.testing.assert_allclose(nothing.left_out[:, 0], [(15 - i) / 5 for i in range(6)])  # the mean of the others
    X = np.repeat([[1.0], [-1.0]], 3, axis=0)
    assert np.isfinite(fit(X @ X.T, Y).left_out).all()


@pytest.mark.parametrize(
    ("rows", "features", "folds"), [(24, 40, [7, 9, 5, 3]), (40, 8, [1, 20, 1, 18]), (9, 9, [4, 5])]
)
def test_each_fold_left_out_is_predicted_as_by_a_fit_to_the_others(rows, features, folds, monkeypatch):
    rng = np.random.default_rng(4)
    X, Y = rng.standard_normal((rows, features)), rng.standard_normal((rows, 2)) - 2
    folds = rng.permutation(np.repeat(np.arange(len(folds)) * 3, folds))
    X -= X.mean(axis=0)
    monkeypatch.setattr(ridge, "STRENGTHS", np.array([0.03]))
    found = fit(X @ X.T, Y, folds)
    alpha, expected = 0.03 * np.trace(X @ X.T) / len(X), np.empty_like(Y)
    for others, left_out in LeaveOneGroupOut().split(X, Y, folds):
        expected[left_out] = Ridge(alpha).fit(X[others], Y[others]).predict(X[left_out])
    np.testing.assert_allclose(found.left_out, expected, rtol=1e-8)
    assert found.error == pytest.approx(((expected - Y) ** 2).mean())
    np.testing.assert_array_equal(found.A, fit(X @ X.T, Y).A)  # all rows are fitted in the end


def test_margins_of_labels_left_out_by_folds_are_those_of_a_ridge_classifier(monkeypatch):
    rng = np.random.default_rng(5)
    folds, labels = rng.integers(5, size=30), np.arange(30) % 3
    X = rng.standard_normal((30, 12)) + labels[:, None]
    X -= X.mean(axis=0)
    monkeypatch.setattr(ridge, "STRENGTHS", np.array([0.1]))
    found = fit(X @ X.T, np.where(labels[:, None] == np.arange(3), 1.0, -1.0), folds)
    for others, left_out in LeaveOneGroupOut().split(X, labels, folds):
        fitted = RidgeClassifier(0.1 * np.trace(X @ X.T) / len(X)).fit(X[others], labels[others])
        np.testing.assert_allclose(found.left_out[left_out], fitted.decision_function(X[left_out]), rtol=1e-8)


def test_folds_of_one_row_each_are_rows_left_out():
    rng = np.random.default_rng(6)
    X, Y = rng.standard_normal((11, 4)), rng.standard_normal((11, 1))
    one, other = fit(X @ X.T, Y), fit(X @ X.T, Y, rng.permutation(11))
    np.testing.assert_array_equal(one.left_out, other.left_out)
    assert one.errors == other.errors


def test_the_strength_has_the_least_error_of_folds_left_out():
    """Rows of a fold are alike, and so are their answers, by chance: a weak penalty is best only for rows left out."""
    rng = np.random.default_rng(7)
    folds = np.repeat(np.arange(12), 5)
    X = rng.standard_normal((12, 30))[folds] + 0.05 * rng.standard_normal((60, 30))
    Y, X = rng.standard_normal((12, 1))[folds], X - X.mean(axis=0)
    rows, whole = fit(X @ X.T, Y), fit(X @ X.T, Y, folds)
    assert whole.strength == ridge.STRENGTHS[np.argmin(whole.errors)] > rows.strength
    assert rows.error < 0.1 and whole.error > 0.8


def test_one_fold_of_all_rows_cannot_be_left_out():
    with pytest.raises(ValueError, match="at least two"):
        fit(np.eye(4), np.ones((4, 1)), np.zeros(4, int))


def test_predictions_are_preferred_by_more_than_a_standard_error():
    rng = np.random.default_rng(0)
    answers = Answers(rng.normal(size=(200, 1)), np.ones(200))
    good, bad = (answers.values + size * rng.normal(size=(200, 1)) for size in (0.1, 0.5))
    assert answers.prefer(good, bad)
    assert not answers.prefer(bad, good)
    assert not answers.prefer(good, good)
    wrong = bad - answers.values
    less, more = np.argsort(np.abs(wrong[:, 0]))[-2:]
    lucky = bad.copy()
    lucky[less] -= wrong[less]
    lucky[more] += 0.2 * wrong[more]
    assert answers.errors(lucky).mean() < answers.errors(bad).mean()
    assert not answers.prefer(lucky, bad)  # one row that is less wrong, and one that is more so, are chance
