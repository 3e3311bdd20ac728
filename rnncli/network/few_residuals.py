"""Quantiles moved by few residuals: those of all steps ahead together, wider by what so few cannot tell.

Split conformal prediction (conformal.py) takes a residual of each step ahead by its rank. Forecasts made at rows that
follow each other share steps: n of them, h steps ahead, say about as much as n / h. Where these are fewer than the
outermost level needs, the residuals of a step are a handful that are alike, and their outermost one is of any size.

    c[i,h]    the middle of a forecast, moved as its point is
    s_h       the root of the weighted mean of (y - c)² over i, never less than nearer ahead (isotonic least squares)
    E[i,h]    max(q_p - y, y - q_{1-p}) / s_h    how far a value lies outside of an interval, which is moved as c is
    d_h       s_h times the weighted quantile 1 - 2p of E over all i and h
    n_h       (Σ w)² / Σ w² / h                  as how many residuals those of a step count (Kish 1965)
    t         t_ν(p) / z(p), ν = max(4, n_h - 1)
    distance of both quantiles from c            (c - q_p + d_h) t √(1 + f / n_h)

All of it is in the unit of the targets, the deviation of each step in the training part, so it is what errors exceed
this by that does not fall with h. E is the score of Romano et al. 2019 (arXiv 1905.03222), of both tails at once. f = 1
adds what is not known of the middle, as in the interval of a new value about the mean of n. Residuals that a model was
fitted to are smaller than errors, by as much again: f = 2 (to 1/n² the final prediction error of Akaike 1969). t is
what is not known of s, but never that of fewer than 5 residuals, since all steps have a part in s. A level without its
opposite has the quantile p of (y - q_p) / s_h in its own tail.
"""

import numpy as np

from rnncli.data.student import student_quantiles
from rnncli.network.likelihoods import Likelihood, normal_quantiles

LEAST_FREE = 4.0  # degrees of freedom
TINY = 1e-9  # deviations
SAME = 1e-9  # of levels


def counted(y: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """n_h (H, K) of values (n, H, K), NaN where there is none, with weights (n,)."""
    there = ~np.isnan(y)
    w = np.where(there, 1.0 if weights is None else weights[:, None, None], 0.0)
    alike = w.sum(axis=0) ** 2 / np.maximum((w * w).sum(axis=0), TINY)
    return alike / np.arange(1, y.shape[1] + 1)[:, None]


def shifts_of_few(
    q: np.ndarray, y: np.ndarray, loss: Likelihood, moved: np.ndarray, weights: np.ndarray | None = None, f: int = 1
) -> np.ndarray:
    """(H, K, Q) from quantiles (n, H, K, Q) and what came (n, H, K), NaN where nothing did, with `weights` (n,). The
    points are `moved` by (H, K). `f` is 2 of rows that were trained on.
    """
    counts, out = counted(y, weights), np.repeat(moved[..., None], len(loss.levels), axis=-1)
    weights = np.ones(len(y)) if weights is None else weights
    apart = q - loss.middle(q)[..., None]
    y = y - loss.middle(q) - moved
    for k in range(y.shape[2]):
        there = ~np.isnan(y[..., k])
        if there.any():
            by = _of_target(apart[:, :, k], y[..., k], weights[:, None] * there, counts[:, k], loss.levels, f)
            out[:, k] += by
    return out


def _of_target(
    apart: np.ndarray, y: np.ndarray, weights: np.ndarray, counts: np.ndarray, levels: tuple[float, ...], f: int
) -> np.ndarray:
    """(H, Q) of one target: quantiles (n, H, Q) and values (n, H) about the middle, with weights (n, H), 0 of gaps."""
    there, total = weights > 0, weights.sum(axis=0)
    each = np.maximum(total, TINY)
    deviations = np.sqrt(growing((weights * np.where(there, y, 0) ** 2).sum(axis=0) / each, total))
    scale = np.maximum(deviations, max(TINY, deviations[total > 0].min()))  # also of a first step without values
    out = np.zeros((len(total), len(levels)))
    for i, level in enumerate(levels):
        p, sign = max(level, 1 - level), 1.0 if level > 0.5 else -1.0
        if level == 0.5:
            continue
        other = [j for j, opposite in enumerate(levels) if abs(level + opposite - 1) < SAME]
        outside = sign * (y - apart[..., i])
        if other:
            outside = np.maximum(outside, sign * (apart[..., other[0]] - y))
        share = 2 * p - 1 if other else p
        by = weighted_quantile((outside / scale)[there], weights[there], share) * scale
        distance = sign * apart[..., i]
        by = np.maximum(by, -np.where(there, distance, np.inf).min(axis=0))  # nothing crosses the middle
        usual = np.where(total > 0, (weights * distance).sum(axis=0) / each, distance.mean())
        out[:, i] = sign * (by + (wider(counts, p, f) - 1) * np.maximum(0.0, usual + by))
    return out


def wider(counts: np.ndarray, level: float, f: int) -> np.ndarray:
    """t_ν(p) / z(p) √(1 + f / n) of so many residuals, 1 at least."""
    n, z = np.maximum(counts, 1.0), normal_quantiles((level,))
    return student_quantiles(np.maximum(LEAST_FREE, n - 1), z) / z * np.sqrt(1 + f / n)


def growing(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The nearest values (n,) that never fall, by weighted squares (pool adjacent violators)."""
    parts: list[tuple[float, float, int]] = []  # mean, weight, how many
    for mean, weight, count in zip(values.tolist(), weights.tolist(), [1] * len(values), strict=True):
        while parts and parts[-1][0] >= mean:
            before, beside, many = parts.pop()
            both = weight + beside
            mean = (mean * weight + before * beside) / both if both else before
            weight, count = both, count + many
        parts.append((mean, weight, count))
    return np.concatenate([np.full(count, mean) for mean, _, count in parts])


def weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Of values (n,), each in the middle of its part of the weights; between them even."""
    order = np.argsort(values, kind="stable")
    w = weights[order]
    return float(np.interp(share, (np.cumsum(w) - w / 2) / w.sum(), values[order]))
