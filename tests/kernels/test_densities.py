"""The losses of numbers: against their equations, and their gradients against finite differences."""

import math

import numpy as np
import pytest

from rnncli.kernels import densities
from rnncli.network.likelihoods import LIKELIHOODS, Quantiles, Student, squareplus

LEVELS = (0.1, 0.3, 0.5, 0.9)


def run(name, logits, y, only_losses, scale=1.0):
    kind = LIKELIHOODS[name](LEVELS)
    losses, work = np.zeros(logits.shape[:2]), logits.copy()
    type(kind).kernel(work, y, np.array(kind.levels), np.array([scale]), losses, only_losses, 0, len(y), 0, y.shape[1])
    return losses, work


def example(name, T=3, N=4, M=5, seed=0):
    rng = np.random.default_rng(seed)
    kind = LIKELIHOODS[name](LEVELS)
    y = rng.integers(0, 2 if name == "bernoulli" else 9, (T, N, M)).astype(float)
    y = y if not kind.scaled else rng.normal(size=y.shape)
    y[0, 1, 2] = y[2, 3, :] = np.nan
    return rng.normal(size=(T, N, M * kind.width)), y


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_gradients_are_those_of_finite_differences(name):
    logits, y = example(name)
    _, gradient = run(name, logits, y, False, scale=0.5)
    assert (np.abs(gradient) > 0).any(axis=(0, 1)).all()
    for place in np.ndindex(logits.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = logits.copy()
            moved[place] += step
            ends.append(run(name, moved, y, True)[0].sum())
        assert gradient[place] == pytest.approx(0.5 * (ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_what_is_missing_costs_nothing_and_teaches_nothing(name):
    logits, y = example(name)
    losses, gradient = run(name, logits, y, False)
    width = LIKELIHOODS[name](LEVELS).width
    assert losses[2, 3] == 0
    assert not gradient[2, 3].any()
    assert not gradient[0, 1, 2 * width : 3 * width].any()
    assert np.isfinite(losses).all()


def test_the_losses_are_their_equations():
    y, a = np.array([[[3.0]]]), 0.7
    loss = {name: run(name, np.array([[[a, 1.2, 0.4][: LIKELIHOODS[name].width]]]), y, True)[0][0, 0]
            for name in ("gaussian", "student", "poisson", "negbin", "mse", "mae")}  # fmt: skip
    sigma = (1.2 + math.sqrt(1.2**2 + 4)) / 2 + densities.LEAST
    assert loss["gaussian"] == pytest.approx(math.log(sigma * math.sqrt(2 * math.pi)) + (3 - a) ** 2 / 2 / sigma**2)
    assert loss["poisson"] == pytest.approx(math.exp(a) - 3 * a + math.log(6))
    assert loss["mse"] == pytest.approx((3 - a) ** 2)
    assert loss["mae"] == pytest.approx(3 - a)
    mean, r = math.exp(a), sigma
    p = math.gamma(3 + r) / math.gamma(r) / 6 * (r / (r + mean)) ** r * (mean / (r + mean)) ** 3
    assert loss["negbin"] == pytest.approx(-math.log(p))
    nu = 2 + (0.4 + math.sqrt(0.4**2 + 4)) / 2
    density = math.gamma((nu + 1) / 2) / math.gamma(nu / 2) / math.sqrt(nu * math.pi) / sigma
    assert loss["student"] == pytest.approx(-math.log(density * (1 + ((3 - a) / sigma) ** 2 / nu) ** (-(nu + 1) / 2)))


def test_densities_have_a_mass_of_one_and_the_quantiles_they_say():
    x = np.linspace(-80, 80, 400_001)
    rng = np.random.default_rng(1)
    for kind in (Quantiles(LEVELS), LIKELIHOODS["gaussian"](LEVELS), Student(LEVELS)):
        params = rng.normal(size=(1, 1, kind.width))
        mass = np.exp(-kind.nats(np.broadcast_to(params, (len(x), 1, kind.width)), x[:, None]))[:, 0] * (x[1] - x[0])
        assert mass.sum() == pytest.approx(1, abs=2e-3)
        below = [mass[x <= q].sum() for q in kind.quantiles(params)[0, 0]]
        assert below == pytest.approx(LEVELS, abs=0.02)


def test_the_excess_is_what_is_above_the_nats_of_the_likeliest_value():
    x, rng = np.linspace(-60, 60, 240_001), np.random.default_rng(2)
    for kind in (Quantiles(LEVELS), LIKELIHOODS["gaussian"](LEVELS), Student(LEVELS), LIKELIHOODS["mae"]()):
        params, y = rng.normal(size=(1, 1, kind.width)), np.array([[-2.5]])
        least = kind.nats(np.broadcast_to(params, (len(x), 1, kind.width)), x[:, None]).min()
        assert kind.excess(params, y)[0, 0] == pytest.approx(kind.nats(params, y)[0, 0] - least, abs=1e-3)
        assert np.isnan(kind.excess(params, np.array([[np.nan]]))).all()
    for name, values in (("poisson", 200), ("negbin", 200), ("bernoulli", 2)):
        kind, y = LIKELIHOODS[name](), np.array([[1.0]])
        for a in (-1.3, 0.4, 2.6):
            params, counts = np.array([[[a, 0.5][: kind.width]]]), np.arange(float(values))
            least = kind.nats(np.broadcast_to(params, (values, 1, kind.width)), counts[:, None]).min()
            assert kind.excess(params, y)[0, 0] == pytest.approx(kind.nats(params, y)[0, 0] - least, abs=1e-6)


def test_quantiles_do_not_cross_and_begin_at_those_of_a_normal_distribution():
    kind = Quantiles((0.05, 0.5, 0.6, 0.95))
    q = kind.quantiles(10 * np.random.default_rng(0).normal(size=(100, 2, 4)))
    assert (np.diff(q, axis=-1) > 0).all()
    assert kind.quantiles(kind.start(np.zeros(1))[None])[0, 0] == pytest.approx(
        [-1.645 + 0.253, 0, 0.253, 1.645], abs=0.3
    )
    assert squareplus(np.array([-40.0, 0.0, 40.0])) == pytest.approx([0.025, 1, 40.025], rel=1e-3)
