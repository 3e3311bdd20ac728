"""PyTorch's side of the benchmark: a child process in PyTorch's own environment.

It reads one JSON request a line on stdin, {"op": "train", ..}, runs it, and answers one JSON line on stdout,
{"seconds": s}: what the work took, without building models and data. The last model is kept, so that the driver can
alternate with rnncli. Threads are PyTorch's default unless `about` is told another number. Needs nothing but torch.

N batch, T steps, H hidden, L layers, V vocabulary; tokens and targets are (T, N).
"""

import json
import sys
import warnings
from functools import lru_cache
from time import perf_counter

import torch
from torch import nn

warnings.filterwarnings("ignore", message="TF32")  # about GPUs, at every switch of oneDNN

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


class Trainer:
    """A model with its optimiser, and one batch that is made beforehand and used in every update."""

    def __init__(self, cell, hidden, layers, vocabulary, batch, steps):
        self.model = Model(cell, hidden, layers, vocabulary)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=True)
        self.x = torch.randint(vocabulary, (steps, batch))
        self.y = torch.randint(vocabulary, (steps * batch,))
        self.state = None

    def update(self) -> None:
        """Forward, backward, gradients clipped to norm 1, a step of Adam; the state is carried, detached."""
        logits, state = self.model(self.x, self.state)
        self.state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), self.y)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()


@lru_cache(maxsize=1)
def trainer(*sizes) -> Trainer:
    torch.manual_seed(0)
    return Trainer(*sizes)


@lru_cache(maxsize=1)
def model(*sizes) -> Model:
    torch.manual_seed(0)
    return Model(*sizes).eval()


def about(threads) -> dict:
    """Version and threads; 0 leaves them to PyTorch."""
    if threads:
        torch.set_num_threads(threads)
    return {"version": torch.__version__, "threads": torch.get_num_threads()}


def train(cell, hidden, layers, vocabulary, batch, steps, updates) -> dict:
    """Training updates."""
    work = trainer(cell, hidden, layers, vocabulary, batch, steps)
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


OPS = {f.__name__: f for f in (about, train, generate, score_lines, score_stream)}


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(OPS[request.pop("op")](**request)), flush=True)


if __name__ == "__main__":
    main()
