"""The cells and the whole network once more, slow and plain: NumPy, float64, one matrix per gate, one step at a time.

The equations are those in the docstrings of rnncli/cells/*.py. Every kernel is held against this file.
Sizes: N batch, T time, D input, H hidden, V vocabulary; row vectors, so z = x·W + b + h·R.
"""

import numpy as np

from rnncli.kernels.threads import Team


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(z, 0)


ACTIVATIONS = {"tanh": np.tanh, "relu": relu, "linear": lambda z: z}


def rnn_step(p, x, state, activation="tanh"):
    """h[t] = f(x[t]·W + b + h[t-1]·R); x (N, D), state [h (N, H)]."""
    (h,) = state
    h = ACTIVATIONS[activation](x @ p["W"] + p["b"] + h @ p["R"])
    return [h]


def gru_step(p, x, state):
    """Gates in the order r, u, n; the reset gate is applied after the product."""
    (h,) = state
    W_r, W_u, W_n = np.split(p["W"], 3, axis=1)
    R_r, R_u, R_n = np.split(p["R"], 3, axis=1)
    b_r, b_u, b_n = np.split(p["b"], 3)
    r = sigmoid(x @ W_r + b_r + h @ R_r)
    u = sigmoid(x @ W_u + b_u + h @ R_u)
    n = np.tanh(x @ W_n + b_n + r * (h @ R_n + p["b_n"]))
    return [(1 - u) * n + u * h]


def lstm_step(p, x, state):
    """Gates in the order i, f, g, o; state [h, c]."""
    h, c = state
    W_i, W_f, W_g, W_o = np.split(p["W"], 4, axis=1)
    R_i, R_f, R_g, R_o = np.split(p["R"], 4, axis=1)
    b_i, b_f, b_g, b_o = np.split(p["b"], 4)
    i = sigmoid(x @ W_i + b_i + h @ R_i)
    f = sigmoid(x @ W_f + b_f + h @ R_f)
    g = np.tanh(x @ W_g + b_g + h @ R_g)
    o = sigmoid(x @ W_o + b_o + h @ R_o)
    c = f * c + i * g
    return [o * np.tanh(c), c]


def mingru_step(p, x, state):
    """Gates in the order a, i, n, by x alone."""
    (h,) = state
    W_a, W_i, W_n = np.split(p["W"], 3, axis=1)
    b_a, b_i, b_n = np.split(p["b"], 3)
    return [np.tanh(x @ W_a + b_a) * h + sigmoid(x @ W_i + b_i) * (x @ W_n + b_n)]


STEPS = {"rnn": rnn_step, "gru": gru_step, "lstm": lstm_step, "mingru": mingru_step}


def convolution(x, V, g, b, d, starts, state):
    """c[t] = b + Σ_i x[t - i d] · W_i of one row x (T, D), and the state at its end (d, (k-1)·H), or flat for d = 1.

    V (D, k·H) are the taps, of which each unit's are of the length g together. The state is what each of the last d
    steps and those behind it tell the step i d later, i = 1 .. k-1; steps before a start of a sequence tell nothing.
    """
    H = len(g)
    norms = np.sqrt((V.reshape(-1, H) ** 2).sum(axis=0))
    taps = (V.reshape(len(V), -1, H) * g / norms).transpose(1, 0, 2)

    def told(i, t, until):
        """What the steps t, t - d, .. tell the step t + i d, but for those before the last start up to `until`."""
        begin = max([s for s in range(until + 1) if starts[s]], default=-d)
        if i == len(taps) or t < begin:
            return np.zeros(H)
        if t < 0:
            return state.reshape(d, -1)[t + d, (i - 1) * H : i * H]
        return x[t] @ taps[i] + told(i + 1, t - d, until)

    T = len(x)
    c = np.stack([b + told(0, t, t) for t in range(T)])
    end = np.stack([[told(i, t, T - 1) for i in range(1, len(taps))] for t in range(T - d, T)])
    return c, end.reshape(state.shape)


def conv_layer(p, x, starts, state, index, kernel="3", masks=None):
    """A residual block of two convolutions with dilation 2^index; state [of the first, of the second].

    `masks` (T, N, H) of dropout: what both activations are multiplied by.
    """
    first, second = np.ones((2, *x.shape[:2], len(p["b_1"]))) if masks is None else masks
    width, d = int(kernel) * len(p["b_1"]), 2**index
    V, skip = p["W"][:, :width], p["W"][:, width:]
    h, ends = [], []
    for n in range(x.shape[1]):
        u, end_x = convolution(x[:, n], V, p["g_1"], p["b_1"], d, starts[:, n], state[0][n])
        u = relu(u) * first[:, n]
        v, end_u = convolution(u, p["R"], p["g_2"], p["b_2"], d, starts[:, n], state[1][n])
        h.append(relu(relu(v) * second[:, n] + (x[:, n] @ skip + p["b_3"] if skip.size else x[:, n])))
        ends.append((end_x, end_u))
    return np.stack(h, axis=1), [np.stack(end) for end in zip(*ends, strict=True)]


def layer(cell, options, p, x, starts, state, index=0):
    """h of all steps (T, N, H) and the end state; the state is zero where a sequence starts."""
    if cell == "conv":
        return conv_layer(p, x, starts, state, index, **options)
    h = []
    for t in range(len(x)):
        state = [np.where(starts[t][:, None], 0.0, s) for s in state]
        state = STEPS[cell](p, x[t], state, **options)
        h.append(state[0])
    return np.stack(h), state


def network(net, x, starts, states=None):
    """(h of every layer, logits (T, N, V), end states) of token ids x (T, N); `states` as in `Unfolded.states`."""
    a, N = net.architecture, x.shape[1]
    theta = {name: array.astype(np.float64) for name, array in net.theta.items()}
    count = 2 if a.cell in ("lstm", "conv") else 1
    if states is None:
        states = [np.zeros(s.shape) for s in net.unfold(1, N, Team(1)).states()]
    h, hs, ends = theta["embedding.E"][x], [], []
    for index in range(a.layers):
        p = {name.split(".")[1]: array for name, array in theta.items() if name.startswith(f"{index}.")}
        state = states[count * index : count * (index + 1)]
        h, state = layer(a.cell, a.cell_options, p, h, starts, state, index)
        hs.append(h)
        ends += state
    W_out = theta["embedding.E"].T if a.tied else theta["output.W"]
    return hs, h @ W_out + theta["output.b"], ends


def softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropies(logits, y):
    """-log softmax(logits)[y] in nats, zero where y is -1; logits (.., V), y (..)."""
    p = np.take_along_axis(softmax(logits), np.maximum(y, 0)[..., None], axis=-1)[..., 0]
    return np.where(y >= 0, -np.log(p), 0.0)


def mean_cross_entropy(logits, y):
    """Nats a token, over the targets that are not -1."""
    return cross_entropies(logits, y).sum() / (y >= 0).sum()
