"""Our side of the comparisons: training, generation and scoring as the commands do them, on random data."""

import tempfile
from pathlib import Path

import numpy as np
from measure import Side, timed

from rnncli.config import TrainConfig
from rnncli.data.examples import Examples
from rnncli.data.schema import Schema
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Characters, Vocabulary, Words
from rnncli.kernels.cpus import usable_cpus
from rnncli.models.model_file import Model
from rnncli.network.architecture import Architecture
from rnncli.network.cost import best_threads
from rnncli.network.network import Network
from rnncli.predictors.language import Predictor
from rnncli.predictors.pieces import GROUP
from rnncli.predictors.stream import Choice
from rnncli.readers.form import Form
from rnncli.tasks.classify import Classify
from rnncli.tasks.forecast import Forecast
from rnncli.tasks.language import Language
from rnncli.tasks.task import Material
from rnncli.training import search
from rnncli.training.loop import Training

VOCABULARY = Characters([10, *range(32, 95)])  # 65 tokens: <unk>, the line end, 63 characters
V = len(VOCABULARY)
WORDS = Words(["\n", *(f"word{i}" for i in range(9998))])  # 10,000 with <unk>
DATA_TOKENS = 1_000_000
LINES, LINE_TOKENS = 64, 128  # lines scored together; tokens of each, the line end included
COLUMNS, LABELS = 12, 10  # numbers a step, and labels, of the sequences to classify
SEQUENCES = 3200  # of them
SERIES, ROWS = 1000, 1000  # series to forecast, rows of each
DAY = 24  # rows to a season of theirs
OPTIMISER = {
    "optimizer": "adamw", "lr": 1e-3, "schedule": "constant", "clip": 1.0, "weight_decay": 0.01, "epochs": 1e6,
    "dropout": 0.0,
}  # fmt: skip
CHUNK = 64  # tokens; generation is measured in multiples of it


def random_stream(vocabulary: Vocabulary = VOCABULARY) -> Sequences:
    tokens = np.random.default_rng(0).integers(len(vocabulary), size=DATA_TOKENS).astype(vocabulary.dtype)
    return Sequences(tokens, np.array([0]))


def random_lines() -> Sequences:
    """LINES lines of random characters with their ends."""
    first = VOCABULARY.newline + 1
    tokens = np.random.default_rng(0).integers(first, V, size=(LINES, LINE_TOKENS)).astype(VOCABULARY.dtype)
    tokens[:, -1] = VOCABULARY.newline
    return Sequences(tokens.ravel(), np.arange(LINES) * LINE_TOKENS)


def threads_of_training(cell: str, hidden: int, layers: int, batch: int, steps: int) -> int:
    """Those of `rnncli train` without `--threads`."""
    return best_threads(network(cell, hidden, layers).architecture, batch, steps, usable_cpus())


def training(
    cell: str, hidden: int, layers: int, batch: int, steps: int, vocabulary=VOCABULARY, threads: int | None = None
) -> Training:
    """A run as `rnncli train` makes it, on random tokens; `update` may be called for ever."""
    config = TrainConfig(
        task="language", format="text", tokens=vocabulary.kind, cell=cell, hidden=hidden, layers=layers, embed=hidden,
        variational=False, tied=False, batch=batch, steps=steps, **OPTIMISER,
    )  # fmt: skip
    net = network(cell, hidden, layers, len(vocabulary))
    return started(net, Language(vocabulary, Form("text")), config, random_stream(vocabulary), threads)


def started(net: Network, task, config: TrainConfig, train, threads: int | None = None) -> Training:
    """A run ready for its first update."""
    training = Training(net, Material(task, config, train, None, "", "", []), threads or usable_cpus())
    training.unfolded.pack()
    return training


def classifying(hidden: int, layers: int, batch: int, steps: int) -> Training:
    """Sequences of random numbers and labels, a bidirectional LSTM that pools as it does by default."""
    rng = np.random.default_rng(0)
    numbers = rng.standard_normal((SEQUENCES * steps, COLUMNS), np.float32)
    labels = rng.integers(LABELS, size=SEQUENCES).astype(np.int32)
    train = Examples(np.arange(SEQUENCES + 1) * steps, [], numbers, None, labels)
    config = TrainConfig(task="classify", hidden=hidden, layers=layers, batch=batch, steps=steps, **OPTIMISER)
    config = search.resolve_sequences(config, train, Classify.by_step)
    schema = Schema(numbers=[f"x{d}" for d in range(COLUMNS)], labels=[str(i) for i in range(LABELS)])
    return of_columns(Classify(schema, None, config), config, train)


def forecasting(hidden: int, batch: int, steps: int, season: int | None) -> Training:
    """Generated series of one target, read from a table; `season` is what `--season` says, if it says anything."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "series.csv")
        write_series(path)
        sizes = {"hidden": hidden, "batch": batch, "steps": steps}
        config = TrainConfig(task="forecast", group="series", season=season, **sizes, **OPTIMISER)
        material = search.sized(Forecast.prepare([str(path)], config, None, None))
    return of_columns(material.task, material.config, material.train)


def write_series(path: Path) -> None:
    """A table `series,value`: a daily curve of each series' own height, level and noise."""
    rng, t = np.random.default_rng(0), np.arange(ROWS)
    shape = (SERIES, 1)
    curve = np.sin(2 * np.pi * (t / DAY + rng.random(shape))) * rng.gamma(4.0, 1.0, shape)
    values = 10 * rng.standard_normal(shape) + curve + rng.standard_normal((SERIES, ROWS))
    rows = (f"s{i},{value:.4f}" for i, row in enumerate(values.tolist()) for value in row)
    path.write_text("series,value\n" + "\n".join(rows) + "\n")


def of_columns(task, config: TrainConfig, train) -> Training:
    """The run of a task on columns, as the command makes it."""
    net = Network.initialised(task.architecture(config), 0)
    task.initialise(net, train)
    return started(net, task, config, train)


def network(cell: str, hidden: int, layers: int, tokens: int = V) -> Network:
    return Network.initialised(Architecture(cell, hidden, layers, hidden, tokens, tokens), 0)


def lstm(hidden: int, layers: int) -> dict:
    """What the peer is told of an LSTM."""
    return {"cell": "lstm", "hidden": hidden, "layers": layers, "vocabulary": V}


def updates(run: Training, worth: float = 1) -> Side:
    """A token, or a step of a sequence, counts as `worth`."""
    return lambda n: timed(lambda: worth * sum(run.update().tokens for _ in range(n)))


def counted(run: Training) -> Side:
    """An update counts as 1, however many of its steps have a target."""

    def work(n: int) -> int:
        for _ in range(n):
            run.update()
        return n

    return lambda n: timed(lambda: work(n))


def predicting(hidden: int, layers: int, threads: int | None = None) -> Predictor:
    """An LSTM at work as `rnncli predict` makes it."""
    config = TrainConfig(task="language", format="text")
    model = Model(network("lstm", hidden, layers), config, VOCABULARY, [], "", {})
    return Predictor(model, threads or usable_cpus())


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
    stream, ids = predictor.stream, random_stream().tokens
    return lambda n: timed(lambda: len(stream.losses(np.resize(ids, n * GROUP))))
