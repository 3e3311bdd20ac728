"""The closed form against scikit-learn, fitted anew without each row."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from rnncli.frozen import ridge


@pytest.mark.parametrize("shape", [(12, 30), (30, 7), (9, 9)])
def test_each_row_left_out_is_predicted_as_by_a_fit_to_the_others(shape, monkeypatch):
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal(shape), rng.standard_normal((shape[0], 2)) + 3
    X -= X.mean(axis=0)
    monkeypatch.setattr(ridge, "STRENGTHS", np.array([0.3]))
    found = ridge.fit(X @ X.T, Y)
    alpha = 0.3 * np.trace(X @ X.T) / len(X)
    for i in range(len(X)):
        others = np.arange(len(X)) != i
        expected = Ridge(alpha).fit(X[others], Y[others]).predict(X[i : i + 1])[0]
        np.testing.assert_allclose(found.left_out[i], expected, rtol=1e-8)
    whole = Ridge(alpha).fit(X, Y)
    np.testing.assert_allclose(X.T @ found.weights, whole.coef_.T, atol=1e-10)
    np.testing.assert_allclose(found.mean, whole.intercept_)
    assert found.error == pytest.approx(((found.left_out - Y) ** 2).mean())


def test_the_strength_has_the_least_error_left_out():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((40, 20))
    Y = X[:, :1] + rng.standard_normal((40, 1))
    X -= X.mean(axis=0)
    found = ridge.fit(X @ X.T, Y)
    assert found.strength == ridge.STRENGTHS[np.argmin(found.errors)] and len(found.errors) == len(ridge.STRENGTHS)
    assert 0 < np.argmin(found.errors) < len(ridge.STRENGTHS) - 1


def test_equal_rows_and_features_that_say_nothing_do_no_harm():
    Y = np.arange(6.0)[:, None]
    nothing = ridge.fit(np.zeros((6, 6)), Y)
    np.testing.assert_allclose(nothing.left_out[:, 0], [(15 - i) / 5 for i in range(6)])  # the mean of the others
    X = np.repeat([[1.0], [-1.0]], 3, axis=0)
    assert np.isfinite(ridge.fit(X @ X.T, Y).left_out).all()
