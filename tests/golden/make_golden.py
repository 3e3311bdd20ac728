"""Write torch.npz, the golden values: `python tests/golden/make_golden.py`, with PyTorch (made with 2.13, CPU).

Of each recurrent layer of PyTorch, and of a mingru by its equations, in one and two layers: weights under PyTorch's
names, token ids, h, mean loss, the gradients of all weights by autograd, and the norms of those by every embedding
and hidden state on the way back from one loss, and from all of them; and ten losses of a training. All is computed in
float64 from weights that float32 holds exactly, in multiples of 1/4096, so that sums of two biases are exact as well.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

T, N, V, D, H = 6, 3, 7, 4, 5


def mingru_step(x, h, weight, bias):
    """One step by its equations, gates in the order a, i, n; PyTorch has no such layer."""
    a, i, n = functional.linear(x, weight, bias).chunk(3, dim=-1)
    return torch.tanh(a) * (0 if h is None else h) + torch.sigmoid(i) * n


class MinGRUCell(torch.nn.Module):
    """Of one step, with PyTorch's names."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.weight_ih = torch.nn.Parameter(torch.rand(3 * hidden, inputs) - 0.5)
        self.bias_ih = torch.nn.Parameter(torch.rand(3 * hidden) - 0.5)

    def forward(self, x, h=None):
        return mingru_step(x, h, self.weight_ih, self.bias_ih)


class MinGRU(torch.nn.Module):
    """Of all steps and layers, with PyTorch's names."""

    def __init__(self, inputs, hidden, layers):
        super().__init__()
        self.layers = layers
        for index in range(layers):
            for name, weight in MinGRUCell(hidden if index else inputs, hidden).named_parameters():
                self.register_parameter(f"{name}_l{index}", weight)

    def forward(self, x, state=None):
        for index in range(self.layers):
            h, out = None, []
            for step in x:
                h = mingru_step(step, h, getattr(self, f"weight_ih_l{index}"), getattr(self, f"bias_ih_l{index}"))
                out.append(h)
            x = torch.stack(out)
        return x, state


KINDS = {
    "lstm": torch.nn.LSTM,
    "gru": torch.nn.GRU,
    "rnn-tanh": torch.nn.RNN,
    "rnn-relu": lambda *sizes: torch.nn.RNN(*sizes, nonlinearity="relu"),
    "mingru": MinGRU,
}
RATE, DECAY, CLIP, WINDOWS = 0.02, 0.1, 1.0, 10


class Model(torch.nn.Module):
    """Embedding, recurrent layers, output layer."""

    def __init__(self, kind, tokens, embed, hidden, layers, scale):
        super().__init__()
        self.embedding = torch.nn.Embedding(tokens, embed)
        self.rnn = KINDS[kind](embed, hidden, layers)
        self.output = torch.nn.Linear(hidden, tokens)
        self.double()
        with torch.no_grad():
            for weight in self.parameters():
                weight.copy_((weight * scale * 4096).round() / 4096)

    def forward(self, x, state=None):
        """h (T, N, H), logits (T, N, V), end state of token ids x (T, N)."""
        h, state = self.rnn(self.embedding(x), state)
        return h, self.output(h), state


def mean_loss(logits, y):
    return functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=-1)


def float32(tensor):
    return tensor.detach().numpy().astype(np.float32)


def one_pass(kind, layers):
    """Name -> array of forward and backward through one window."""
    model = Model(kind, V, D, H, layers, scale=1.5)
    x, y = torch.randint(V, (T, N)), torch.randint(V, (T, N))
    y[2, 1] = y[5, 0] = -1
    h, logits, _ = model(x)
    loss = mean_loss(logits, y)
    loss.backward()
    out = {"x": x.numpy().astype(np.int32), "y": y.numpy().astype(np.int32), "h": float32(h), "loss": float32(loss)}
    out |= {f"weight.{name}": float32(weight) for name, weight in model.named_parameters()}
    out |= {f"gradient.{name}": float32(weight.grad) for name, weight in model.named_parameters()}
    out["way_back"] = way_back(kind, layers, model, x, y, T - 1)
    out["graph"] = way_back(kind, layers, model, x, y, 0)
    return {f"{kind}-{layers}.{name}": array for name, array in out.items()}


CELLS = {
    "lstm": torch.nn.LSTMCell,
    "gru": torch.nn.GRUCell,
    "rnn-tanh": torch.nn.RNNCell,
    "rnn-relu": lambda *sizes: torch.nn.RNNCell(*sizes, nonlinearity="relu"),
    "mingru": MinGRUCell,
}


def way_back(kind, layers, model, x, y, first):
    """‖dL/d·‖ (1 + layers, T) of the embedding and of every h of row 2, unrolled cell by cell; L is the sum of the
    losses from step `first` on.
    """
    with torch.random.fork_rng():
        cells = [CELLS[kind](D if index == 0 else H, H).double() for index in range(layers)]
    for index, cell in enumerate(cells):
        for name, weight in cell.named_parameters():
            weight.data = getattr(model.rnn, f"{name}_l{index}").data
    states, seen, loss = [None] * layers, [[] for _ in range(1 + layers)], 0
    for t in range(T):
        value = model.embedding(x[t, 2:3])
        value.retain_grad()
        seen[0].append(value)
        for index, cell in enumerate(cells):
            states[index] = cell(value, states[index])
            value = states[index][0] if kind == "lstm" else states[index]
            value.retain_grad()
            seen[1 + index].append(value)
        if t >= first:
            loss = loss + functional.cross_entropy(model.output(value), y[t, 2:3])
    loss.backward()
    return np.array([[value.grad.norm().item() for value in layer] for layer in seen])


def training():
    """Ten updates of a small LSTM, its state carried from window to window: AdamW, matrices decayed, norm clipped.

    bias_hh stays zero, because rnncli holds one bias where PyTorch has two of the same gradient.
    """
    tokens, embed, hidden, rows, steps = 11, 6, 9, 2, 7
    model = Model("lstm", tokens, embed, hidden, 1, scale=5.0)
    with torch.no_grad():
        model.rnn.bias_hh_l0.zero_()
    model.rnn.bias_hh_l0.requires_grad_(False)
    out = {f"weight.{name}": float32(weight) for name, weight in model.named_parameters()}
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in trained if weight.ndim > 1], "weight_decay": DECAY},
        {"params": [weight for weight in trained if weight.ndim == 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99), eps=1e-8)
    data = torch.randint(tokens, (WINDOWS * steps + 1, rows))
    data[1:] = torch.where(torch.rand(data[1:].shape) < 0.9, (data[:-1] + 1) % tokens, data[1:])  # something to learn
    state, losses, norms = None, [], []
    for window in range(WINDOWS):
        part = data[window * steps : (window + 1) * steps + 1]
        _, logits, state = model(part[:-1], state)
        loss = mean_loss(logits, part[1:])
        optimiser.zero_grad()
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained, CLIP)))
        optimiser.step()
        state = tuple(s.detach() for s in state)
        losses.append(loss.item())
    out |= {"data": data.numpy().astype(np.int32), "losses": np.array(losses), "norms": np.array(norms)}
    out |= {"options": np.array([RATE, CLIP, DECAY])}
    return {f"training.{name}": array for name, array in out.items()}


def main():
    torch.manual_seed(20)
    arrays = {}
    for kind in KINDS:
        if kind != "mingru":
            arrays |= one_pass(kind, 1) | one_pass(kind, 2)
    arrays |= training()
    arrays |= one_pass("mingru", 1) | one_pass("mingru", 2)  # it came last, and leaves the others what they drew
    np.savez_compressed(Path(__file__).with_name("torch.npz"), **arrays)


if __name__ == "__main__":
    main()
