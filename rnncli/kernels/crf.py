"""A linear-chain conditional random field over tags: its loss with all gradients, and its best path.

    score(y) = begin[y_0] + Σ_t x[t, y_t] + Σ_{t>0} A[y_{t-1}, y_t] + end[y_{L-1}]
    p(y) = exp(score(y)) / Z    with Z = Σ_y exp(score(y)) over all paths y of L tags

The x are the logits (Lafferty, McCallum & Pereira 2001, "Conditional Random Fields").

Scores of parts of a path stay logarithms; only the sum over a transition leaves them, as a product of exp(score - top)
with exp(A - top). Where such a sum is so small that underflow may have eaten it, it is taken again by log-sum-exp: so
scores hundreds apart and forbidden transitions (A = -1000) come out right, at no cost to the others.
"""

import math

import numpy as np

from rnncli.kernels.activations import exp
from rnncli.kernels.compiler import kernel
from rnncli.kernels.softmax import assign_exp, largest
from rnncli.kernels.stand_ins import helper, maximum, summation

TINY = 1e-25  # in float32 exp ends at 1e-38: what that hides is nothing beside a sum of this size


@kernel(
    "void(real[:,:,::1], int32[:,::1], int32[::1], real[:,:,::1], real[::1], real[::1], real[::1], real[:,::1],"
    " real[:,::1], real[:,::1], real[:,::1], real[:,:,::1], real[:,:,::1], boolean, int64, int64)",
    makes_arrays=True,
)
def crf_loss(
    logits, targets, lengths, A, begin, end, scale, losses, dA, dbegin, dend, alpha, beta, keep_logits, first, last
):
    """losses[L-1, n] = log Z - score(targets[:L, n]), in nats, with L = lengths[n] <= T, and zero at the other steps;
    for the rows first <= n < last.

    Unless `keep_logits` the logits become (p(y_t = v) - [y*_t = v]) · scale[0] with the targets y*; zero for t >= L.
    dA[n, C·i + j] = Σ_{t>0} (p(y_{t-1} = i, y_t = j) - [y*_{t-1} = i, y*_t = j]) · scale[0], dbegin[n] and dend[n] the
    gradient of the logits at the first and last step: the row's own, not added to what was there. All of it is zero
    where L = 0. With `keep_logits` none of these is touched.

    logits (T, N, C); targets (T, N); A (1, C, C), from tag, to tag; begin, end (C,); dA (N, C·C); dbegin, dend (N, C).
    Scratch: alpha, beta (T, N, C).
    """
    T, C = logits.shape[0], logits.shape[2]
    scratch, pairs = np.empty((C + 3, C), logits.dtype), np.empty((C, C), logits.dtype)
    B = np.empty((2, C, C), logits.dtype)  # A - top, and its transpose
    E = np.empty((2, C, C), logits.dtype)  # exp(B)
    top = largest(A[0, 0])
    for i in range(1, C):
        top = max(top, largest(A[0, i]))
    for i in range(C):
        for j in range(C):
            B[0, i, j] = B[1, j, i] = A[0, i, j] - top
        _exps(B[0, i], 0, E[0, i])
        for j in range(C):
            E[1, j, i] = E[0, i, j]
    for n in range(first, last):
        length = lengths[n]
        for t in range(T):
            losses[t, n] = 0
        if length > 0:
            log_z = _forward(logits, n, length, B[1], E[0], begin, end, alpha, beta) + np.float64(top) * (length - 1)
            losses[length - 1, n] = log_z - _score(logits, targets, n, length, A, begin, end)
        if not keep_logits:
            if length > 0:
                _backward(logits, n, length, B[0], E, end, alpha, beta, scratch, pairs)
                _subtract_path(logits, targets, n, length, pairs, scale[0])
            for i in range(C):
                dbegin[n, i] = logits[0, n, i] if length > 0 else 0
                dend[n, i] = logits[length - 1, n, i] if length > 0 else 0
                for j in range(C):
                    dA[n, C * i + j] = pairs[i, j] if length > 0 else 0
            for t in range(length, T):
                for j in range(C):
                    logits[t, n, j] = 0


@helper
def _score(logits, targets, n, length, A, begin, end):
    """The score of the path targets[:length, n], in float64."""
    tag = np.uint32(targets[0, n])
    score = np.float64(begin[tag]) + np.float64(logits[0, n, tag])
    for t in range(1, length):
        before, tag = tag, np.uint32(targets[t, n])
        score += np.float64(A[0, before, tag]) + np.float64(logits[t, n, tag])
    return score + np.float64(end[tag])


@helper
def _forward(logits, n, length, BT, E, begin, end, alpha, beta):
    """log Z for the transitions B, in float64. BT: their transpose; E: exp(B).

    alpha[t, n, j] = log Σ exp(score) over the paths up to tag j at step t, less a number that all tags share.
    beta[t, n] = exp(alpha[t, n] - its largest), and at the last step the same of alpha + end.
    """
    C, shared = begin.shape[0], 0.0
    for t in range(length):
        x, a = logits[t, n], alpha[t, n]
        high = largest(x)
        shared += np.float64(high)
        if t == 0:
            for j in range(C):
                a[j] = begin[j]
        else:
            peak = largest(alpha[t - 1, n])
            shared += np.float64(peak)
            _exps(alpha[t - 1, n], peak, beta[t - 1, n])
            _product(beta[t - 1, n], E, a)
            _logs(a, alpha[t - 1, n], peak, BT)
        for j in range(C):
            a[j] += x[j] - high
    final = beta[length - 1, n]
    for j in range(C):
        final[j] = alpha[length - 1, n, j] + end[j]
    peak = largest(final)
    return shared + np.float64(peak) + math.log(assign_exp(final, peak))


@helper
def _backward(logits, n, length, B, E, end, alpha, beta, scratch, pairs):
    """The logits become p(y_t = v), and pairs[i, j] = Σ_{t>0} p(y_{t-1} = i, y_t = j), by

        p(y_{t-1} = i, y_t = j) ∝ exp(alpha[t-1, i] + B[i, j] + u_j)

    where u_j = log Σ exp(score) over the rests of paths from tag j at step t, its logit included. E: exp(B) and its
    transpose; alpha and beta as `_forward` left them, beta becomes the marginals; scratch (C + 3, C).
    """
    C = end.shape[0]
    u, v, w, products = scratch[0], scratch[1], scratch[2], scratch[3:]
    for i in range(C):
        for j in range(C):
            pairs[i, j] = products[i, j] = 0  # products: what pairs still lack, but for the factor E
    for j in range(C):
        u[j] = logits[length - 1, n, j] + end[j]
    marginal = beta[length - 1, n]
    _scale(marginal, 1 / _total(marginal))
    for t in range(length - 1, 0, -1):
        before, weights = alpha[t - 1, n], beta[t - 1, n]
        peak = largest(u)
        _exps(u, peak, v)
        _product(v, E[1], w)
        total = _dot(weights, w)
        if total >= TINY:
            _scale(weights, 1 / total)
            _add_outer(weights, v, products)
            for i in range(C):
                weights[i] *= w[i]
        _logs(w, u, peak, B)
        if not total >= TINY:
            _exact_marginals(before, w, weights)
            _add_pairs(weights, w, u, peak, B, v, pairs)
        for i in range(C):
            u[i] = logits[t - 1, n, i] + w[i]
            logits[t, n, i] = marginal[i]
        marginal = weights
    for i in range(C):
        logits[0, n, i] = marginal[i]
        for j in range(C):
            pairs[i, j] += E[0, i, j] * products[i, j]


@helper
def _subtract_path(logits, targets, n, length, pairs, scale):
    """Take the path targets[:length, n] off the marginals of the tags and pairs, and scale both."""
    C = pairs.shape[0]
    for t in range(length):
        tag = np.uint32(targets[t, n])
        logits[t, n, tag] -= 1
        if t > 0:
            pairs[np.uint32(targets[t - 1, n]), tag] -= 1
        row = logits[t, n]
        for j in range(C):
            row[j] *= scale
    for i in range(C):
        for j in range(C):
            pairs[i, j] *= scale


@helper
def _exps(row, top, out):
    """out = exp(row - top)."""
    for j in range(row.shape[0]):
        out[j] = exp(row[j] - top)


@helper
def _product(row, B, out):
    """out = row · B, for a square matrix B."""
    for j in range(out.shape[0]):
        out[j] = 0
    for i in range(row.shape[0]):
        factor, source = row[i], B[i]
        for j in range(out.shape[0]):
            out[j] += factor * source[j]


@helper
def _add_outer(a, b, out):
    """out += a ⊗ b."""
    for i in range(a.shape[0]):
        factor, target = a[i], out[i]
        for j in range(b.shape[0]):
            target[j] += factor * b[j]


@helper
def _logs(sums, row, top, B):
    """sums = log sums, where sums[i] = Σ_j exp(row[j] - top + B[i, j]); the tiny ones are summed again."""
    for i in range(sums.shape[0]):
        if sums[i] >= TINY:
            sums[i] = math.log(sums[i])
        else:
            high = _largest_sum(row, B[i])
            sums[i] = high - top + math.log(_exp_sum(row, B[i], high))


@helper
def _exact_marginals(a, b, out):
    """out = softmax(a + b)."""
    for i in range(out.shape[0]):
        out[i] = a[i] + b[i]
    _scale(out, 1 / assign_exp(out, largest(out)))


@helper
def _add_pairs(marginals, logs, row, top, B, scratch, pairs):
    """pairs[i, j] += marginals[i] · exp(row[j] - top + B[i, j] - logs[i])."""
    for i in range(marginals.shape[0]):
        if marginals[i] >= TINY:
            less, source, target = top + logs[i], B[i], pairs[i]
            for j in range(scratch.shape[0]):
                scratch[j] = exp(row[j] + source[j] - less)
            for j in range(scratch.shape[0]):
                target[j] += marginals[i] * scratch[j]


@maximum
def _largest_sum(a, b):
    """max_j a[j] + b[j]."""
    top = a[0] + b[0]
    for j in range(a.shape[0]):
        top = max(top, a[j] + b[j])
    return top


@summation
def _exp_sum(a, b, top):
    """Σ exp(a + b - top), in float64."""
    total = 0.0
    for j in range(a.shape[0]):
        total += exp(a[j] + b[j] - top)
    return total


@summation
def _dot(a, b):
    """Σ a ∘ b, in float64."""
    total = 0.0
    for j in range(a.shape[0]):
        total += a[j] * b[j]
    return total


@summation
def _total(row):
    """Σ row, in float64."""
    total = 0.0
    for j in range(row.shape[0]):
        total += row[j]
    return total


@helper
def _scale(row, factor):
    """row *= factor."""
    factor = row.dtype.type(factor)
    for j in range(row.shape[0]):
        row[j] *= factor


@kernel(
    "void(real[:,:,::1], int32[::1], real[:,:,::1], real[::1], real[::1], int32[:,::1], int32[:,:,::1], int64, int64)",
    makes_arrays=True,
)
def viterbi(logits, lengths, A, begin, end, paths, back, first, last):
    """paths[:L, n] = argmax_y score(y), with L = lengths[n] <= T, and -1 at the steps past it; for the rows
    first <= n < last. Of equal scores the lower tag wins, at the last step first. Scores are summed in float64.

    logits (T, N, C); A (1, C, C), from tag, to tag; begin, end (C,); paths (T, N). Scratch: back (T, N, C).
    """
    T, C = logits.shape[0], logits.shape[2]
    B = A[0].astype(np.float64)
    best, reached = np.empty(C), np.empty(C)
    for n in range(first, last):
        length = lengths[n]
        for t in range(T):
            paths[t, n] = -1
        for t in range(length):
            x, came = logits[t, n], back[t, n]
            if t == 0:
                for j in range(C):
                    reached[j] = begin[j]
            else:
                _best_from(best, B, reached, came)
            for j in range(C):
                best[j] = reached[j] + x[j]
        if length > 0:
            for j in range(C):
                best[j] += end[j]
            tag = 0
            for j in range(C):
                if best[j] > best[tag]:
                    tag = j
            for t in range(length - 1, -1, -1):
                paths[t, n] = tag
                tag = back[t, n, np.uint32(tag)] if t > 0 else 0


@helper
def _best_from(best, B, reached, came):
    """reached[j] = max_i best[i] + B[i, j], and came[j] the lowest i where it is."""
    for j in range(best.shape[0]):
        reached[j] = best[0] + B[0, j]
        came[j] = 0
    for i in range(1, best.shape[0]):
        score, source = best[i], B[i]
        for j in range(best.shape[0]):
            better = score + source[j] > reached[j]
            reached[j] = score + source[j] if better else reached[j]
            came[j] = i if better else came[j]
