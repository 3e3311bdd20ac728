"""PyTorch's side of the benchmark: a child process in PyTorch's own environment.

It reads one JSON request a line on stdin, {"op": "train", ..}, runs it, and answers one JSON line on stdout,
{"seconds": s}: what the work took, without building models and data. The last model is kept, so that the driver can
alternate with rnncli. Threads are PyTorch's default until a request names another number. Needs nothing but torch.

N batch, T steps, D inputs, H hidden, L layers, V vocabulary; tokens and targets are (T, N), columns (T, N, D).
"""

import json
import sys
import warnings
from functools import lru_cache
from time import perf_counter

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

warnings.filterwarnings("ignore", message="TF32")  # about GPUs, at every switch of oneDNN

LEVELS = (0.1, 0.5, 0.9)
RNN = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Model(nn.Module):
    """Embedding of width H, L layers of H units, output layer."""

    def __init__(self, cell: str, hidden: int, layers: int, vocabulary: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.rnn = RNN[cell](hidden, hidden, layers)
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, x, state=None):
        """Logits (T, N, V) and the state after x (T, N)."""
        y, state = self.rnn(self.embedding(x), state)
        return self.output(y), state


class Whole(nn.Module):
    """Bidirectional LSTM on D numbers a step; one output for each sequence from its last state, mean and maximum."""

    def __init__(self, inputs: int, hidden: int, layers: int, labels: int):
        super().__init__()
        self.rnn = nn.LSTM(inputs, hidden, layers, bidirectional=True)
        self.output = nn.Linear(6 * hidden, labels)

    def forward(self, x):
        """Logits (N, labels); each direction's last state is the one that has read all of x (T, N, D)."""
        y, (h, _) = self.rnn(x)
        return self.output(torch.cat([h[-2], h[-1], y.mean(0), y.amax(0)], dim=1))


class Series(nn.Module):
    """LSTM on D numbers a step and the embedding of the series; three quantiles at every step."""

    def __init__(self, series: int, width: int, inputs: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(series, width)
        self.rnn = nn.LSTM(width + inputs, hidden)
        self.output = nn.Linear(hidden, len(LEVELS))

    def forward(self, ids, x, state=None):
        """Quantiles (T, N, 3) and the state after ids (T, N) and x (T, N, D)."""
        y, state = self.rnn(torch.cat([self.embedding(ids), x], dim=2), state)
        return self.output(y), state


class Block(nn.Module):
    """Two causal convolutions of dilation d, weights normalised, and what passes by (Bai, Kolter & Koltun 2018)."""

    def __init__(self, hidden: int, kernel: int, dilation: int, first: bool):
        super().__init__()
        self.past = (kernel - 1) * dilation
        self.one, self.two = (weight_norm(nn.Conv1d(hidden, hidden, kernel, dilation=dilation)) for _ in range(2))
        self.across = nn.Conv1d(hidden, hidden, 1) if first else nn.Identity()

    def forward(self, x):
        """(N, H, T) -> (N, H, T)."""
        u = self.one(nn.functional.pad(x, (self.past, 0))).relu()
        v = self.two(nn.functional.pad(u, (self.past, 0))).relu()
        return (v + self.across(x)).relu()


class Convolutions(nn.Module):
    """Embedding of width H, L blocks of H channels whose dilation doubles, output layer."""

    def __init__(self, hidden: int, layers: int, kernel: int, vocabulary: int):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.Sequential(*(Block(hidden, kernel, 1 << layer, layer == 0) for layer in range(layers)))
        self.output = nn.Linear(hidden, vocabulary)

    def forward(self, x):
        """Logits (N, T, V) of x (N, T)."""
        return self.output(self.blocks(self.embedding(x).transpose(1, 2)).transpose(1, 2))


class Trainer:
    """Base: a model with its optimiser, and one batch that is made beforehand and used in every update."""

    def __init__(self, model: nn.Module):
        self.model, self.state = model, None
        self.optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def loss(self) -> torch.Tensor:
        """Forward."""
        raise NotImplementedError

    def carry(self, state) -> None:
        """The state goes on to the next update, detached."""
        self.state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()

    def update(self) -> None:
        """Forward, backward, gradients clipped to norm 1, a step of Adam."""
        loss = self.loss()
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()


class TextTrainer(Trainer):
    """Cross-entropy of the next token."""

    def __init__(self, cell, hidden, layers, vocabulary, batch, steps):
        super().__init__(Model(cell, hidden, layers, vocabulary))
        self.x = torch.randint(vocabulary, (steps, batch))
        self.y = torch.randint(vocabulary, (steps * batch,))

    def loss(self):
        logits, state = self.model(self.x, self.state)
        self.carry(state)
        return nn.functional.cross_entropy(logits.flatten(0, 1), self.y)


class ConvolutionTrainer(Trainer):
    """The same, from the steps of the window alone."""

    def __init__(self, hidden, layers, kernel, vocabulary, batch, steps):
        super().__init__(Convolutions(hidden, layers, kernel, vocabulary))
        self.x = torch.randint(vocabulary, (batch, steps))
        self.y = torch.randint(vocabulary, (batch * steps,))

    def loss(self):
        return nn.functional.cross_entropy(self.model(self.x).flatten(0, 1), self.y)


class WholeTrainer(Trainer):
    """Cross-entropy of a label for each sequence."""

    def __init__(self, inputs, hidden, layers, labels, batch, steps):
        super().__init__(Whole(inputs, hidden, layers, labels))
        self.x, self.y = torch.randn(steps, batch, inputs), torch.randint(labels, (batch,))

    def loss(self):
        return nn.functional.cross_entropy(self.model(self.x), self.y)


class SeriesTrainer(Trainer):
    """Pinball loss of the next value."""

    def __init__(self, series, width, inputs, hidden, batch, steps):
        super().__init__(Series(series, width, inputs, hidden))
        self.ids = torch.randint(series, (batch,)).expand(steps, batch).contiguous()
        self.x, self.y = torch.randn(steps, batch, inputs), torch.randn(steps, batch, 1)
        self.levels = torch.tensor(LEVELS)

    def loss(self):
        quantiles, state = self.model(self.ids, self.x, self.state)
        self.carry(state)
        error = self.y - quantiles
        return torch.maximum(self.levels * error, (self.levels - 1) * error).mean()


TRAINERS = {"text": TextTrainer, "convolution": ConvolutionTrainer, "whole": WholeTrainer, "series": SeriesTrainer}


@lru_cache(maxsize=1)
def trainer(kind: str, sizes: tuple) -> Trainer:
    torch.manual_seed(0)
    return TRAINERS[kind](**dict(sizes))


@lru_cache(maxsize=1)
def model(*sizes) -> Model:
    torch.manual_seed(0)
    return Model(*sizes).eval()


def about() -> dict:
    """Version and threads."""
    return {"version": torch.__version__, "threads": torch.get_num_threads()}


def train(updates: int, kind: str = "text", **sizes) -> dict:
    """Training updates of one of `TRAINERS`."""
    work = trainer(kind, tuple(sizes.items()))
    start = perf_counter()
    for _ in range(updates):
        work.update()
    return {"seconds": perf_counter() - start}


@torch.inference_mode()
def generate(cell, hidden, layers, vocabulary, onednn, tokens) -> dict:
    """Tokens drawn one by one at batch 1, each of them the next input; `onednn` False switches oneDNN off."""
    net, token, state, drawn = model(cell, hidden, layers, vocabulary), torch.zeros(1, 1, dtype=torch.long), None, []
    with torch.backends.mkldnn.flags(enabled=onednn):
        start = perf_counter()
        for _ in range(tokens):
            logits, state = net(token, state)
            token = torch.multinomial(logits[0].softmax(-1), 1)
            drawn.append(token.item())
        return {"seconds": perf_counter() - start}


@torch.inference_mode()
def score_lines(cell, hidden, layers, vocabulary, batch, steps, passes) -> dict:
    """Nats of every token of `batch` independent lines of `steps` tokens, all lines at once."""
    net, x = model(cell, hidden, layers, vocabulary), torch.randint(vocabulary, (steps, batch))
    y = torch.randint(vocabulary, (steps * batch,))
    start = perf_counter()
    for _ in range(passes):
        logits, _ = net(x)
        nn.functional.cross_entropy(logits.flatten(0, 1), y, reduction="none")
    return {"seconds": perf_counter() - start}


@torch.inference_mode()
def score_stream(cell, hidden, layers, vocabulary, onednn, window, tokens) -> dict:
    """Nats of every token of one stream at batch 1, state carried, `window` tokens a call."""
    net, state, nats = model(cell, hidden, layers, vocabulary), None, []
    x, y = torch.randint(vocabulary, (tokens, 1)), torch.randint(vocabulary, (tokens, 1, 1))
    with torch.backends.mkldnn.flags(enabled=onednn):
        start = perf_counter()
        for t in range(0, tokens, window):
            logits, state = net(x[t : t + window], state)
            nats.append(-logits.log_softmax(-1).gather(-1, y[t : t + window]))
        return {"seconds": perf_counter() - start}


def set_threads(threads: int) -> None:
    """0 leaves them as they are."""
    if threads not in (0, torch.get_num_threads()):
        torch.set_num_threads(threads)


OPS = {f.__name__: f for f in (about, train, generate, score_lines, score_stream)}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        set_threads(request.pop("threads", 0))
        print(json.dumps(OPS[request.pop("op")](**request)), flush=True)


if __name__ == "__main__":
    main()
