"""Our side of the comparisons: training, generation and scoring as the commands do them, on random tokens."""

import numpy as np
from measure import Side, timed

from rnncli.architecture import Architecture
from rnncli.config import TrainConfig
from rnncli.kernels.team import available_cpus
from rnncli.model_file import Model
from rnncli.network import Network
from rnncli.prediction import STREAM_STEPS, Choice, Predictor, Stream
from rnncli.sequences import Sequences
from rnncli.tasks.language import Language
from rnncli.training import Run
from rnncli.vocabulary import Characters, Vocabulary, Words

VOCABULARY = Characters([10, *range(32, 95)])  # 65 tokens: <unk>, the line end, 63 characters
V = len(VOCABULARY)
WORDS = Words(["\n", *(f"word{i}" for i in range(9998))])  # 10,000 with <unk>
DATA_TOKENS = 1_000_000
LINES, LINE_TOKENS = 64, 128  # lines scored together; tokens of each, the line end included
CHUNK = 64  # tokens; generation is measured in multiples of it, streams in multiples of STREAM_STEPS


def random_stream(vocabulary: Vocabulary = VOCABULARY) -> Sequences:
    tokens = np.random.default_rng(0).integers(len(vocabulary), size=DATA_TOKENS).astype(vocabulary.dtype)
    return Sequences(tokens, np.array([0]))


def random_lines() -> Sequences:
    """LINES lines of random characters with their ends."""
    first = VOCABULARY.newline + 1
    tokens = np.random.default_rng(0).integers(first, V, size=(LINES, LINE_TOKENS)).astype(VOCABULARY.dtype)
    tokens[:, -1] = VOCABULARY.newline
    return Sequences(tokens.ravel(), np.arange(LINES) * LINE_TOKENS)


def training(cell: str, hidden: int, layers: int, batch: int, steps: int, vocabulary=VOCABULARY) -> Run:
    """A run as `rnncli train` makes it, on random tokens; `update` may be called for ever."""
    config = TrainConfig(
        task="language", format="text", tokens=vocabulary.kind, cell=cell, hidden=hidden, layers=layers, embed=hidden,
        dropout=0.0, variational=False, tied=False, batch=batch, steps=steps, epochs=1e6, optimizer="adamw", lr=1e-3,
        schedule="constant", clip=1.0,
    )  # fmt: skip
    net = network(cell, hidden, layers, len(vocabulary))
    run = Run(net, Language(vocabulary, False), config, random_stream(vocabulary), None, available_cpus())
    run.unfolded.pack()
    return run


def network(cell: str, hidden: int, layers: int, tokens: int = V) -> Network:
    return Network.initialised(Architecture(cell, hidden, layers, hidden, tokens, tokens), 0)


def updates(run: Run, worth: float = 1) -> Side:
    """A token counts as `worth`."""
    return lambda n: timed(lambda: worth * sum(run.update()[2] for _ in range(n)))


def predicting(hidden: int, layers: int) -> Predictor:
    """An LSTM at work as `rnncli predict` makes it."""
    config = TrainConfig(task="language", format="text")
    model = Model(network("lstm", hidden, layers), config, VOCABULARY, [], "", {})
    return Predictor(model, available_cpus())


def generation(predictor: Predictor) -> Side:
    """Draw, decode, step, as `rnncli predict` does it."""

    def pieces(count: int) -> int:
        return sum(1 for _ in predictor.generate("A", count, Choice(), 0, 0))

    return lambda n: timed(lambda: pieces(n * CHUNK))


def scoring_lines(predictor: Predictor) -> Side:
    """All of the lines, independent of each other."""
    lines = random_lines()
    return lambda n: timed(lambda: sum(len(predictor.losses(lines)) for _ in range(n)))


def scoring_stream(predictor: Predictor) -> Side:
    """One stream, its state carried."""
    stream, ids = Stream(predictor), random_stream().tokens
    return lambda n: timed(lambda: len(stream.losses(ids[: n * STREAM_STEPS])))
