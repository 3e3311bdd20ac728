"""Losses of numbers: the parameters of a distribution (or of a point) for each of M targets a step, to nats and back.

Each kernel reads logits (., N, M·W), the W parameters of a target side by side, and y (T, N, M), NaN where there is
none. It fills losses[t0 + t, n] with the sum over the targets, and, unless `only_losses`, turns the logits into their
gradient times scale[0]. Rows first <= n < last of the steps from t0 on.

A positive parameter is squareplus(a) = (a + √(a² + 4)) / 2 (Barron 2021, arXiv 2112.11687): as smooth as softplus, in
plain arithmetic.
"""

import math

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import helper

LEAST = 1e-4  # scales and rates are not below this
LOG_TAU = math.log(2 * math.pi)
SIGNATURE = "void(real[:,:,::1], real[:,:,::1], real[::1], real[::1], real[:,::1], boolean, int64, int64, int64, int64)"


@helper
def squareplus(a):
    """(a + √(a² + 4)) / 2, by the other root where the sum would cancel."""
    root = math.sqrt(a * a + 4.0)
    return 0.5 * (a + root) if a > 0 else 2.0 / (root - a)


@helper
def slope(a):
    """Its derivative."""
    return 0.5 * (1.0 + a / math.sqrt(a * a + 4.0))


@helper
def digamma(x):
    """ψ(x) for x > 0, by recurrence to above 6 and the asymptotic series (Abramowitz & Stegun 6.3.18)."""
    total = 0.0
    while x < 6.0:
        total -= 1.0 / x
        x += 1.0
    r = 1.0 / (x * x)
    return total + math.log(x) - 0.5 / x - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))))


@kernel(SIGNATURE, makes_arrays=True)
def quantiles(logits, y, levels, scale, losses, only_losses, t0, steps, first, last):
    """Σ_q 2/Q · max(p_q e_q, (p_q - 1) e_q) with e_q = y - ŷ_q (pinball loss; Koenker & Bassett 1978).

    The quantiles cannot cross: ŷ of the middle one is its parameter, the others go up and down from it by squareplus.
    """
    Q = levels.shape[0]
    middle, factor = Q // 2, 2.0 / Q
    value, back = np.zeros(Q), np.zeros(Q)
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                target, at = y[t0 + t, n, m], m * Q
                if math.isnan(target):
                    if not only_losses:
                        for q in range(Q):
                            row[at + q] = 0
                    continue
                value[middle] = row[at + middle]
                for q in range(middle + 1, Q):
                    value[q] = value[q - 1] + squareplus(row[at + q])
                for q in range(middle - 1, -1, -1):
                    value[q] = value[q + 1] - squareplus(row[at + q])
                for q in range(Q):
                    error = target - value[q]
                    share = levels[q] if error > 0 else levels[q] - 1
                    total += factor * share * error
                    back[q] = -factor * share
                if only_losses:
                    continue
                above, below = 0.0, 0.0
                for q in range(Q - 1, middle, -1):
                    above += back[q]
                    row[at + q] = scale[0] * above * slope(row[at + q])
                for q in range(middle):
                    below += back[q]
                    row[at + q] = -scale[0] * below * slope(row[at + q])
                row[at + middle] = scale[0] * (above + below + back[middle])
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def gaussian(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """log σ + (y - μ)² / 2σ² + ½ log 2π."""
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                target = y[t0 + t, n, m]
                if math.isnan(target):
                    if not only_losses:
                        row[2 * m] = 0
                        row[2 * m + 1] = 0
                    continue
                a = row[2 * m + 1]
                sigma = squareplus(a) + LEAST
                e = (target - row[2 * m]) / sigma
                total += math.log(sigma) + 0.5 * e * e + 0.5 * LOG_TAU
                if not only_losses:
                    row[2 * m] = -scale[0] * e / sigma
                    row[2 * m + 1] = scale[0] * (1.0 - e * e) / sigma * slope(a)
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def student(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """Of Student's t with location μ, scale σ and ν = 2 + squareplus degrees of freedom, so that its variance exists.

    log σ + ½ log πν + logΓ(ν/2) - logΓ((ν+1)/2) + (ν+1)/2 · log(1 + e²/ν), with e = (y - μ)/σ.
    """
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                target, at = y[t0 + t, n, m], 3 * m
                if math.isnan(target):
                    if not only_losses:
                        for i in range(3):
                            row[at + i] = 0
                    continue
                sigma, nu = squareplus(row[at + 1]) + LEAST, 2.0 + squareplus(row[at + 2])
                e = (target - row[at]) / sigma
                inner = 1.0 + e * e / nu
                total += math.log(sigma) + 0.5 * math.log(math.pi * nu) + 0.5 * (nu + 1) * math.log(inner)
                total += math.lgamma(0.5 * nu) - math.lgamma(0.5 * (nu + 1))
                if not only_losses:
                    pull = (nu + 1) * e / (nu * inner)
                    dnu = 0.5 / nu + 0.5 * digamma(0.5 * nu) - 0.5 * digamma(0.5 * (nu + 1))
                    dnu += 0.5 * math.log(inner) - 0.5 * pull * e / nu
                    row[at] = -scale[0] * pull / sigma
                    row[at + 1] = scale[0] * (1.0 - pull * e) / sigma * slope(row[at + 1])
                    row[at + 2] = scale[0] * dnu * slope(row[at + 2])
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def poisson(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """λ - y log λ + log y! with λ = exp(a)."""
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                target, a = y[t0 + t, n, m], min(row[m], 60.0)
                if math.isnan(target):
                    if not only_losses:
                        row[m] = 0
                    continue
                rate = math.exp(a)
                total += rate - target * a + math.lgamma(target + 1.0)
                if not only_losses:
                    row[m] = scale[0] * (rate - target)
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def negative_binomial(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """Of counts with mean μ = exp(a) and variance μ + μ²/r, r = squareplus.

    logΓ(r) + log y! - logΓ(y+r) - r log(r/(r+μ)) - y log(μ/(r+μ)).
    """
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                target, at = y[t0 + t, n, m], 2 * m
                if math.isnan(target):
                    if not only_losses:
                        row[at] = 0
                        row[at + 1] = 0
                    continue
                a = min(row[at], 60.0)
                mean, r = math.exp(a), squareplus(row[at + 1]) + LEAST
                spread = math.log(r + mean)
                total += math.lgamma(r) + math.lgamma(target + 1.0) - math.lgamma(target + r)
                total += (r + target) * spread - r * math.log(r) - target * a
                if not only_losses:
                    dr = digamma(r) - digamma(target + r) + spread - math.log(r) - 1.0 + (r + target) / (r + mean)
                    row[at] = scale[0] * (mean * (r + target) / (r + mean) - target)
                    row[at + 1] = scale[0] * dr * slope(row[at + 1])
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def bernoulli(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """log(1 + exp a) - y a: of bits that are 1 with the probability σ(a). What y has behind the logits is left out."""
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(row.shape[0]):
                target, a = y[t0 + t, n, m], row[m]
                if math.isnan(target):
                    if not only_losses:
                        row[m] = 0
                    continue
                tail = math.exp(-abs(a))
                total += max(a, 0.0) + math.log1p(tail) - target * a
                if not only_losses:
                    row[m] = scale[0] * ((1.0 if a > 0 else tail) / (1.0 + tail) - target)
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def squares(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """(y - a)²."""
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                error = row[m] - y[t0 + t, n, m]
                if math.isnan(error):
                    error = 0.0 * row[m]
                total += error * error
                if not only_losses:
                    row[m] = 2 * scale[0] * error
            losses[t0 + t, n] = total


@kernel(SIGNATURE)
def absolute(logits, y, none, scale, losses, only_losses, t0, steps, first, last):
    """|y - a|."""
    for t in range(steps):
        for n in range(first, last):
            row, total = logits[t, n], 0.0
            for m in range(y.shape[2]):
                error = row[m] - y[t0 + t, n, m]
                if math.isnan(error):
                    error = 0.0 * row[m]
                total += abs(error)
                if not only_losses:
                    row[m] = scale[0] * np.sign(error)
            losses[t0 + t, n] = total
