"""Language models: at every step the next token. Loss: cross-entropy in nats a token."""

import math

import numpy as np

from rnncli.batches import Batch
from rnncli.cells.cell import share
from rnncli.kernels.tokens import softmax_loss
from rnncli.network import Network, Unfolded


def initialise_output(network: Network, counts: np.ndarray) -> None:
    """The output's bias starts at the log frequencies of the tokens, so that training need not find them."""
    network.theta["output.b"][...] = np.log((counts + 1.0) / (counts.sum() + len(counts)))


def loss_gradient(batch: Batch, dtype=np.float32):
    """loss(unfolded, t0, steps, first, last): logits become the gradient of the mean loss over the batch's targets."""
    scale = np.dtype(dtype).type(1.0 / max(1, batch.count))

    def loss(unfolded: Unfolded, t0, steps, first, last):
        softmax_loss(unfolded.logits, batch.y, scale, unfolded.losses, False, t0, steps, first, last)

    return loss


def losses(unfolded: Unfolded, batch: Batch) -> np.ndarray:
    """Run forward over a batch; nats (steps, N) of its targets. Each thread goes through with its rows, if it can."""
    steps, blocks = batch.steps, range(0, batch.steps, unfolded.block)

    def forward(part, parts):
        unfolded.forward_rows(batch.x, batch.starts, steps, 0, *share(unfolded.N, part, parts))

    def nats(t0, part, parts):
        first, last = share(unfolded.N, part, parts)
        length, zero = min(unfolded.block, steps - t0), unfolded.logits.dtype.type(0)
        unfolded.output_rows(t0, length, first, last)
        softmax_loss(unfolded.logits, batch.y, zero, unfolded.losses, True, t0, length, first, last)

    if len(blocks) == 1:
        unfolded.team.run(lambda part, parts: (forward(part, parts), nats(0, part, parts)))
    else:
        unfolded.team.run(forward)
        for t0 in blocks:
            unfolded.team.run(lambda part, parts, t0=t0: nats(t0, part, parts))
    return unfolded.losses[:steps]


def metrics(tokens: int, unknown: int, nats: float) -> dict:
    """The figures of `--evaluate`."""
    mean = nats / max(1, tokens)
    return {
        "tokens": tokens,
        "unknown": unknown,
        "nats_per_token": mean,
        "bits_per_token": mean / math.log(2),
        "perplexity": math.exp(min(mean, 700.0)),
    }
