"""What a view reads: the beginning of INPUT as one row of steps with targets, and the loss on them."""

from dataclasses import dataclass

import numpy as np

from rnncli.batches import Batch, whole_batch
from rnncli.likelihoods import Quantiles
from rnncli.losses import CROSS_ENTROPY, Loss
from rnncli.model_file import Model
from rnncli.network import Network

MOST_STEPS = 2000


@dataclass
class Reading:
    """One row of steps. `inputs` names what is read at each of them, `outputs` what the network's outputs stand for.

    `words` tells whether the inputs are tokens, and not only times; `softmax` whether the outputs are the logits of
    exclusive choices, and `point` is the first of numbers that are not.
    """

    batch: Batch
    loss: Loss
    inputs: list[str]
    outputs: list[str]
    words: bool = True
    softmax: bool = True
    point: int | None = None

    @property
    def steps(self) -> int:
        return self.batch.steps


def of_text(model: Model, text: str | bytes) -> Reading:
    """Tokens, each to be predicted from those before it; where a model of lines begins one, from a state of zero."""
    v = model.vocabulary
    y = v.encode(text)[:MOST_STEPS].astype(np.int32)
    x = np.append(np.int32(v.newline), y[:-1]).astype(np.int32)
    starts = x == v.newline if model.config.format == "lines" else np.arange(len(x)) == 0
    batch = Batch(x[:, None], y[:, None], starts.astype(np.uint8)[:, None], len(y), len(y))
    symbols = [v.symbol(i) for i in range(len(v))]
    return Reading(batch, CROSS_ENTROPY, [symbols[i] for i in x.tolist()], symbols)


def of_columns(model: Model, path: str) -> Reading:
    """The first series of a forecast model, or the first sequence of another."""
    return (_series if model.config.task == "forecast" else _example)(model, path)


def _series(model: Model, path: str) -> Reading:
    from rnncli.forecasting import Forecaster
    from rnncli.series import Part

    forecaster = Forecaster(model)
    span = forecaster.read([path], None, None, None, 0)
    s, stop = span.series, span.stops
    begin = s.offsets[:-1]
    rows = np.arange(begin[0], min(stop[0], begin[0] + MOST_STEPS))[:, None]
    starts = np.zeros(rows.shape, np.uint8)
    starts[0] = 1
    batch = Part(s, begin, begin, stop, stop).batch(rows, np.ones(rows.shape, bool), starts)
    loss, o = forecaster.loss, model.schema.outlook
    middle = len(loss.levels) // 2 if isinstance(loss, Quantiles) else 0
    names = [f"{target}, {ahead + 1} ahead" for ahead in range(o.horizon) for target in o.targets]
    names = [name for name in names for _ in range(loss.width)]
    return Reading(batch, loss, [str(t) for t in range(len(rows))], names, False, False, middle)


def _example(model: Model, path: str) -> Reading:
    from rnncli.rows import ColumnPredictor

    predictor = ColumnPredictor(model)
    columns, examples = predictor.read([path], None)
    batch, schema = whole_batch(examples, np.array([0]), 1), model.schema
    words = columns.coded.get(schema.word) if schema.word else next(iter(columns.coded.values()), None)
    inputs = words.texts()[: batch.steps] if words is not None else map(str, range(batch.steps))
    classes = model.config.task != "regress"
    names = schema.labels if classes else schema.targets
    return Reading(batch, predictor.task.loss, list(inputs), names, words is not None, classes, None if classes else 0)


def states_at(network: Network, sequence: Batch, team, slots: np.ndarray) -> list[np.ndarray]:
    """The states (N, H) of all layers that these steps start from, once the network has read what is before them."""
    u = network.unfold(sequence.steps, 1, team)
    u.pack()
    u.forward(sequence.x, sequence.starts, sequence.steps)
    by_slot = [u.states(int(slot)) for slot in slots]
    return [np.concatenate(states) for states in zip(*by_slot, strict=True)]
