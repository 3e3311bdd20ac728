"""The cells and the whole network once more, slow and plain: NumPy, float64, one matrix per gate, one step at a time.

The equations are those in the docstrings of rnncli/cells/*.py. Every kernel is held against this file.
Sizes: N batch, T time, D input, H hidden, V vocabulary; row vectors, so z = x·W + b + h·R.
"""

import numpy as np


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


def layer(cell, options, p, x, starts, state):
    """h of all steps (T, N, H) and the end state; the state is zero where a sequence starts."""
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
    count = 2 if a.cell == "lstm" else 1
    if states is None:
        states = [np.zeros((N, a.hidden))] * (count * a.layers)
    h, hs, ends = theta["embedding.E"][x], [], []
    for index in range(a.layers):
        p = {name.split(".")[1]: array for name, array in theta.items() if name.startswith(f"{index}.")}
        state = states[count * index : count * (index + 1)]
        h, state = layer(a.cell, a.cell_options, p, h, starts, state)
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
