"""Weight normalisation (Salimans & Kingma 2016, arXiv 1602.07868): the length of a unit's weights apart from their way.

    W[:, j] = g[j] · V[:, j] / |V[:, j]|          all weights of the unit j, over its inputs and taps

The columns of a matrix (D, ·) are taps side by side, of H units each. What stands behind them is not normalised.
"""

from math import sqrt

from rnncli.kernels.compiler import kernel, unsigned


@kernel("void(real[:,::1], real[::1], int64, real[::1], real[:,::1], int64, int64)")
def normalise(V, g, taps, norms, W, first, last):
    """W and the norms |V[:, j]| (H,) for the units first <= j < last."""
    H, a, b = unsigned(g.shape[0]), unsigned(first), unsigned(last)
    for j in range(a, b):
        norms[j] = 0
    for d in range(V.shape[0]):
        for i in range(unsigned(taps)):
            for j in range(a, b):
                norms[j] += V[d, i * H + j] * V[d, i * H + j]
    for j in range(a, b):
        norms[j] = sqrt(norms[j])
    for d in range(V.shape[0]):
        for i in range(unsigned(V.shape[1] // g.shape[0])):
            for j in range(a, b):
                W[d, i * H + j] = V[d, i * H + j] * (g[j] / norms[j]) if i < unsigned(taps) else V[d, i * H + j]


@kernel("void(real[:,::1], real[::1], int64, real[::1], real[:,:,::1], real[::1], int64, int64)")
def denormalise(V, g, taps, norms, dW, dg, first, last):
    """The way back for the units first <= j < last: dW (1, D, .) becomes dV, and dg is assigned.

    dg = dW · V / |V|      dV = (dW - V dg / |V|) g / |V|
    """
    H, a, b = unsigned(g.shape[0]), unsigned(first), unsigned(last)
    for j in range(a, b):
        dg[j] = 0
    for d in range(V.shape[0]):
        for i in range(unsigned(taps)):
            for j in range(a, b):
                dg[j] += dW[0, d, i * H + j] * V[d, i * H + j]
    for j in range(a, b):
        dg[j] /= norms[j]
    for d in range(V.shape[0]):
        for i in range(unsigned(taps)):
            for j in range(a, b):
                dW[0, d, i * H + j] = (dW[0, d, i * H + j] - V[d, i * H + j] * (dg[j] / norms[j])) * (g[j] / norms[j])
