"""Kernels between the columns of the data and the rows X (T, N, D) that the first layer reads.

Each column fills its own stretch of a row, from `offset` on: an embedded category its row of E, a word the mean over
its character n-grams' rows of G, numbers themselves.
"""

import numpy as np

from rnncli.kernels.compiler import kernel


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64, int64)")
def embed(E, ids, X, offset, steps, first, last):
    """X[t, n, offset + m] = E[0, ids[t, n], m] for the rows first <= n < last; zero where the id is negative."""
    for t in range(steps):
        for n in range(first, last):
            target = X[t, n, offset : offset + E.shape[2]]
            if ids[t, n] < 0:
                target[:] = 0
                continue
            source = E[0, np.uint32(ids[t, n])]
            for m in range(target.shape[0]):
                target[m] = source[m]


@kernel("void(real[:,:,::1], int32[:,::1], real[:,:,::1], int64, int64, int64)")
def sums_of_runs(dZ, runs, dtable, steps, first, last):
    """dtable[0, r] += Σ dZ[t, n] over runs[t, n] = r, for the rows first <= n < last, none of which shares a run."""
    for t in range(steps):
        for n in range(first, last):
            source, target = dZ[t, n], dtable[0, np.uint32(runs[t, n])]
            for m in range(source.shape[0]):
                target[m] += source[m]


@kernel("void(real[:,:,::1], int32[:,::1], int32[::1], int32[::1], real[:,:,::1], int64, int64, int64, int64)")
def embed_grams(G, words, bounds, grams, X, offset, steps, first, last):
    """X[t, n, offset + m] = mean of G[0, g, m] over the n-grams g of the word w = words[t, n].

    Those are grams[bounds[w] : bounds[w + 1]]. Zero for a negative word, and for one without n-grams.
    """
    for t in range(steps):
        for n in range(first, last):
            target = X[t, n, offset : offset + G.shape[2]]
            target[:] = 0
            word = words[t, n]
            if word < 0 or bounds[word + 1] == bounds[word]:
                continue
            share = G.dtype.type(1.0 / (bounds[word + 1] - bounds[word]))
            for i in range(bounds[word], bounds[word + 1]):
                source = G[0, np.uint32(grams[i])]
                for m in range(target.shape[0]):
                    target[m] += source[m] * share


@kernel("void(real[:,:,::1], real[:,:,::1], int64, int64, int64, int64)")
def place(numbers, X, offset, steps, first, last):
    """X[t, n, offset + d] = numbers[t, n, d]."""
    for t in range(steps):
        for n in range(first, last):
            source, target = numbers[t, n], X[t, n, offset : offset + numbers.shape[2]]
            for d in range(source.shape[0]):
                target[d] = source[d]


@kernel("void(real[:,:,::1], int64, real[:,:,::1], int64, int64, int64)")
def take(X, offset, numbers, steps, first, last):
    """The way back: numbers[t, n, d] = X[t, n, offset + d]."""
    for t in range(steps):
        for n in range(first, last):
            source, target = X[t, n, offset : offset + numbers.shape[2]], numbers[t, n]
            for d in range(target.shape[0]):
                target[d] = source[d]
