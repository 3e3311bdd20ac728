"""Kernels of fixed dilated filters over whole sequences: shares above thresholds, and contests among filters.

Sequence s is the rows offsets[s] .. offsets[s + 1] of x (rows, C). A filter reads one of M signals, each a mix of the
columns, at nine places that lie a dilation d apart; before the start and behind the end of a sequence stand zeros.

    z[t] = Σ_j w[j] · signal[t + (j - 4) d]       j = 0 .. 8

`room` (M + 3, .) is the place of one thread: the signals with their margins, and three rows to work in.
"""

import numpy as np

from rnncli.kernels.compiler import kernel
from rnncli.kernels.stand_ins import helper, maximum, summation

TAPS, MIDDLE = 9, 4
SIZE = 8  # filters of a group


@helper
def mix(x, begin, steps, mixes, room, margin):
    """room[m, margin + t] = Σ_c mixes[m, c] · x[begin + t, c]; zeros in the margins."""
    for m in range(mixes.shape[0]):
        for t in range(margin):
            room[m, t] = 0
            room[m, margin + steps + t] = 0
        for t in range(steps):
            total = x.dtype.type(0)
            for c in range(mixes.shape[1]):
                total += mixes[m, c] * x[begin + t, c]
            room[m, margin + t] = total


@helper
def respond(signal, w, margin, d, steps, z):
    """z[t] of one filter. Three taps at a time, since LLVM makes vector code of a loop over so few arrays only."""
    for j in range(0, TAPS, 3):
        start = margin + (j - MIDDLE) * d
        a, b, c = np.uint64(start), np.uint64(start + d), np.uint64(start + 2 * d)
        u, v, w2 = w[j], w[j + 1], w[j + 2]
        if j == 0:
            for t in range(np.uint64(0), np.uint64(steps)):
                z[t] = u * signal[a + t] + v * signal[b + t] + w2 * signal[c + t]
        else:
            for t in range(np.uint64(0), np.uint64(steps)):
                z[t] += u * signal[a + t] + v * signal[b + t] + w2 * signal[c + t]


@maximum
def standing(z, steps, winner, loser, best):
    """Which row of z (SIZE, .) has the largest value of each step, and how large it is; and which has the least."""
    for t in range(steps):
        high = low = z[0, t]
        top = bottom = np.int32(0)
        for k in range(1, SIZE):
            value = z[k, t]
            top = np.int32(k) if value > high else top
            high = value if value > high else high
            bottom = np.int32(k) if value < low else bottom
            low = value if value < low else low
        winner[t], loser[t], best[t] = top, bottom, high


@summation
def count_above(z, threshold):
    """How many are above it, and the sum of what they are above it by."""
    count, excess = np.int32(0), z.dtype.type(0)
    for t in range(z.shape[0]):
        above = z[t] - threshold
        count += np.int32(above > 0)
        excess += above if above > 0 else z.dtype.type(0)
    return count, excess


@kernel(
    "void(real[:,::1], int64[::1], real[:,::1], int64[::1], int64[:,::1], int64[:,::1], real[:,:,::1], real[:,::1],"
    " int64, real[:,::1], int64, int64, int64)"
)
def shares_above(x, offsets, mixes, dilations, triples, signals, thresholds, room, margin, out, at, first, last):
    """Of the sequences first <= s < last: for each dilation i, filter f and threshold q the share of steps above it,
    then, behind all of these, how much they are above it, as a mean over all steps; from column `at` of out on.

    A filter has the weight 2 at the three taps of triples[f] and -1 at the others, so Σ w = 0. Every other one looks
    only at steps where all its taps lie inside the sequence, if there are any. signals (dilations, filters),
    thresholds (dilations, filters, Q).
    """
    M, F, Q = mixes.shape[0], triples.shape[0], thresholds.shape[2]
    behind, three = len(dilations) * F * Q, x.dtype.type(3)
    for s in range(first, last):
        steps = offsets[s + 1] - offsets[s]
        mix(x, offsets[s], steps, mixes, room, margin)
        sums, z, column = room[M], room[M + 1], at
        for i in range(len(dilations)):
            d, summed = dilations[i], -1
            for f in range(F):
                m = signals[i, f]
                signal = room[m]
                if m != summed:  # filters of one signal stand together
                    summed = m
                    for t in range(steps):
                        sums[t] = 0
                    for j in range(TAPS):
                        start = np.uint64(margin + (j - MIDDLE) * d)
                        for t in range(np.uint64(0), np.uint64(steps)):
                            sums[t] += signal[start + t]
                a = np.uint64(margin + (triples[f, 0] - MIDDLE) * d)
                b = np.uint64(margin + (triples[f, 1] - MIDDLE) * d)
                c = np.uint64(margin + (triples[f, 2] - MIDDLE) * d)
                for t in range(np.uint64(0), np.uint64(steps)):
                    z[t] = three * (signal[a + t] + signal[b + t] + signal[c + t]) - sums[t]
                begin, end = 0, steps
                if (i + f) % 2 and steps > 2 * MIDDLE * d:
                    begin, end = MIDDLE * d, steps - MIDDLE * d
                part = x.dtype.type(1.0 / max(1, end - begin))
                for q in range(Q):
                    count, excess = count_above(z[begin:end], thresholds[i, f, q])
                    out[s, column] = x.dtype.type(count) * part
                    out[s, column + behind] = excess * part
                    column += 1


@kernel(
    "void(real[:,::1], int64[::1], real[:,::1], int64[::1], int64[:,::1], real[:,:,:,::1], real[:,::1], int64,"
    " int32[:,::1], real[:,::1], int64, int64, int64)"
)
def contests(x, offsets, mixes, dilations, signals, weights, room, margin, winners, out, at, first, last):
    """Of the sequences first <= s < last: in each group of filters one has the largest value of a step and one the
    least. For each filter √ of the mean over all steps of the value that it won with, then, behind those of all
    filters, √ of the share of the steps at which it was the least; from column `at` of out on.

    signals (dilations, groups), weights (dilations, groups, filters, 9), winners (2, .) a place to work in.
    """
    M, G = mixes.shape[0], weights.shape[1]
    behind = len(dilations) * G * SIZE
    for s in range(first, last):
        steps = offsets[s + 1] - offsets[s]
        mix(x, offsets[s], steps, mixes, room, margin)
        best, z = room[M], room[M + 1 : M + 1 + SIZE]
        part = x.dtype.type(1.0 / max(1, steps))
        for i in range(len(dilations)):
            for g in range(G):
                signal, of_group = room[signals[i, g]], at + (i * G + g) * SIZE
                for k in range(SIZE):
                    respond(signal, weights[i, g, k], margin, dilations[i], steps, z[k])
                    out[s, of_group + k] = 0
                    out[s, of_group + behind + k] = 0
                standing(z, steps, winners[0], winners[1], best)
                for t in range(steps):
                    if best[t] > 0:
                        out[s, of_group + winners[0, t]] += best[t]
                    out[s, of_group + behind + winners[1, t]] += 1
                for k in range(SIZE):
                    out[s, of_group + k] = np.sqrt(out[s, of_group + k] * part)
                    out[s, of_group + behind + k] = np.sqrt(out[s, of_group + behind + k] * part)
