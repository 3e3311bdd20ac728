"""What a view reads: the beginning of INPUT as one row of steps with targets, and the loss on them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from rnncli.batches import Batch, whole_batch
from rnncli.errors import RnncliError
from rnncli.examples import Examples
from rnncli.inputs import Window, part
from rnncli.likelihoods import Quantiles
from rnncli.losses import CROSS_ENTROPY, Loss
from rnncli.model_file import Model
from rnncli.network import Network

MOST_STEPS = 2000
BLOCK = 256  # steps of a stream at a time
ROWS = 32  # whole sequences side by side


@dataclass
class Reading:
    """One row of steps. `inputs` names what is read at each of them, `outputs` what the network's outputs stand for.

    `words` tells whether the inputs are tokens, and not only times; `softmax` whether the outputs are the logits of
    exclusive choices, and `point` is the first of numbers that are not. `tokens` (steps,) are the tokens that are
    read; `numbers` the columns of the inputs' numbers that are values of the data, by their names.
    """

    batch: Batch
    loss: Loss
    inputs: list[str]
    outputs: list[str]
    words: bool = True
    softmax: bool = True
    point: int | None = None
    tokens: np.ndarray | None = None
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        return self.batch.steps

    @cached_property
    def bounds(self) -> np.ndarray:
        """Where its sequences begin, and where the last one ends (sequences + 1,)."""
        begins = np.flatnonzero(self.batch.starts[: self.steps, 0])
        return np.unique(np.concatenate([[0], begins, [self.steps]]))

    @cached_property
    def age(self) -> np.ndarray:
        """How many steps of its own sequence are before each step (steps,)."""
        return np.arange(self.steps) - np.repeat(self.bounds[:-1], np.diff(self.bounds))


def of_text(model: Model, text: str | bytes, most: int = MOST_STEPS) -> Reading:
    """Tokens, each to be predicted from those before it; where a model of lines begins one, from a state of zero."""
    v = model.vocabulary
    y = v.encode(text)[:most].astype(np.int32)
    x = np.append(np.int32(v.newline), y[:-1]).astype(np.int32)
    starts = x == v.newline if model.config.format == "lines" else np.arange(len(x)) == 0
    batch = Batch(x[:, None], y[:, None], starts.astype(np.uint8)[:, None], len(y), len(y))
    symbols = [v.symbol(i) for i in range(len(v))]
    return Reading(batch, CROSS_ENTROPY, [symbols[i] for i in x.tolist()], symbols, tokens=x)


def of_columns(model: Model, path: str) -> Reading:
    """The first series of a forecast model, or the first sequence of another."""
    return _series(model, path, 1, MOST_STEPS) if model.config.task == "forecast" else _example(model, path)


def of_sequences(model: Model, path: str, most: int) -> Reading:
    """As many series or whole sequences as have so many steps together, one after the other; at least one."""
    return _series(model, path, None, most) if model.config.task == "forecast" else _examples(model, path, most)


def _series(model: Model, path: str, count: int | None, most: int) -> Reading:
    """The first `count` series, at most so many steps of them."""
    from rnncli.forecasting import Forecaster
    from rnncli.series import Part

    forecaster = Forecaster(model)
    span = forecaster.read([path], None, None, None, 0)
    s, begin = span.series, span.series.offsets[:-1]
    stop = np.maximum(span.stops, begin + 1)
    rows = np.concatenate([np.arange(*ends) for ends in zip(begin[:count], stop[:count], strict=True)])[:most, None]
    batch = Part(s, begin, begin, stop, stop).batch(rows, np.ones(rows.shape, bool), np.isin(rows, begin).astype("u1"))
    loss, o = forecaster.loss, model.schema.outlook
    middle = len(loss.levels) // 2 if isinstance(loss, Quantiles) else 0
    names = [f"{target}, {ahead + 1} ahead" for ahead in range(o.horizon) for target in o.targets]
    names = [name for name in names for _ in range(loss.width)]
    numbers = {target: k for k, target in enumerate(o.targets)}
    first = o.own_width + o.flagged * len(o.targets)  # of the other columns
    numbers |= {name: first + d for d, name in enumerate(model.schema.numbers)}
    inputs = [str(t) for t in range(len(rows))]
    return Reading(batch, loss, inputs, names, False, False, middle, numbers=numbers)


def _example(model: Model, path: str) -> Reading:
    predictor, columns, examples = _read(model, path)
    return _whole(predictor, columns, examples, whole_batch(examples, np.array([0]), 1))


def _examples(model: Model, path: str, most: int) -> Reading:
    predictor, columns, examples = _read(model, path)
    count = max(1, int(np.searchsorted(examples.offsets, most, "right")) - 1)
    examples = examples.select(np.arange(min(count, len(examples))))
    return _whole(predictor, columns, examples, in_a_row(examples))


def in_a_row(examples: Examples) -> Batch:
    """The sequences one after the other. Targets that are one a sequence stand in y (sequences, 1, ..)."""
    x = Window([ids[:, None] for ids in examples.ids], examples.numbers[:, None], examples.grams)
    starts = np.zeros((examples.total, 1), np.uint8)
    starts[examples.offsets[:-1]] = 1
    y = np.full((len(examples), 1), -1, np.int32) if examples.targets is None else examples.targets[:, None]
    batch = Batch(x, y, starts, 0, examples.total)
    batch.count = int(batch.targeted.sum())
    return batch


def _read(model: Model, path: str):
    """(predictor, columns, examples without empty sequences)."""
    from rnncli.rows import ColumnPredictor

    predictor = ColumnPredictor(model)
    columns, examples = predictor.read([path], None)
    if not examples.total:
        raise RnncliError(f"{path}: empty, expected sequences to read")
    return predictor, columns, examples.select(np.flatnonzero(examples.lengths))


def _whole(predictor, columns, examples, batch: Batch) -> Reading:
    schema = predictor.model.schema
    words = columns.coded.get(schema.word) if schema.word else next(iter(columns.coded.values()), None)
    inputs = words.texts()[: batch.steps] if words is not None else map(str, range(batch.steps))
    classes = predictor.model.config.task != "regress"
    tokens = examples.ids[list(schema.categories).index(schema.word) if schema.word else 0] if examples.ids else None
    return Reading(
        batch,
        predictor.task.loss,
        list(inputs),
        schema.labels if classes else schema.targets,
        words is not None,
        classes,
        None if classes else 0,
        tokens if tokens is None else tokens[: batch.steps],
        {name: d for d, name in enumerate(schema.numbers)},
    )


def side_by_side(sequence: Batch, steps: np.ndarray) -> Batch:
    """These steps (T, N) of its one row, side by side; with their targets where every step has one."""
    x, y = part(sequence.x, (steps, 0)), sequence.y
    if len(y) == len(sequence.starts):
        y = part(y, (steps, 0))
    return Batch(x, y, part(sequence.starts, (steps, 0)), 0, len(steps))


def states_at(network: Network, sequence: Batch, team, slots: np.ndarray) -> list[np.ndarray]:
    """The states (N, H) of all layers that these steps start from, once the network has read what is before them."""
    u = network.unfold(sequence.steps, 1, team)
    u.pack()
    u.forward(sequence.x, sequence.starts, sequence.steps)
    by_slot = [u.states(int(slot)) for slot in slots]
    return [np.concatenate(states) for states in zip(*by_slot, strict=True)]


def reads_whole(network: Network) -> bool:
    """Whether only a whole sequence has outputs: both ways are read, or there is one output."""
    return network.architecture.bidirectional or bool(network.architecture.pool)


def wholes(reading: Reading, sequences: np.ndarray) -> tuple[Batch, np.ndarray, np.ndarray]:
    """These sequences side by side; the steps (T, N) that they are, and which of them are inside."""
    begin, lengths = reading.bounds[sequences], np.diff(reading.bounds)[sequences]
    inside = np.arange(lengths.max())[:, None] < lengths
    steps = np.where(inside, begin + np.arange(lengths.max())[:, None], begin)
    batch = side_by_side(reading.batch, steps)
    batch.lengths = lengths.astype(np.int32)
    if len(reading.batch.y) != len(reading.batch.starts):
        batch.y = part(reading.batch.y, (sequences, 0))[None]
    else:
        batch.y[~inside] = -1 if batch.y.dtype.kind == "i" else np.nan
    batch.count = int(batch.targeted.sum())
    return batch, steps, inside


def states_of(network: Network, reading: Reading, team, wanted: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(steps, h (steps, D) of all layers side by side) of the steps that are wanted, ascending, some at a time."""
    is_wanted = np.zeros(reading.steps, bool)
    is_wanted[wanted] = True
    for u, steps, inside in (_by_sequences if reads_whole(network) else _along)(network, reading, team, is_wanted):
        chosen = inside & is_wanted[steps]
        if chosen.any():
            h = np.concatenate([layer.Y[: len(steps)][chosen] for layer in u.layers], axis=1)
            check_states(h)
            yield steps[chosen], h


def check_states(h: np.ndarray) -> None:
    """RnncliError if they are beyond all numbers, as those of an unstable linear network become."""
    if not np.isfinite(h).all():
        raise RnncliError("the states grow without end: the network is not stable on an input of this length")


def _along(network: Network, reading: Reading, team, wanted: np.ndarray):
    batch, steps = reading.batch, np.arange(reading.steps)
    u = network.unfold(min(BLOCK, len(steps)), 1, team)
    u.pack()
    for begin in range(0, len(steps), u.T):
        here = steps[begin : begin + u.T, None]
        u.forward(part(batch.x, slice(begin, begin + u.T)), batch.starts[begin : begin + u.T], len(here))
        yield u, here, np.ones(here.shape, bool)
        u.carry(len(here))


def _by_sequences(network: Network, reading: Reading, team, wanted: np.ndarray):
    lengths = np.diff(reading.bounds)
    sequences = np.flatnonzero(np.add.reduceat(wanted, reading.bounds[:-1]))
    sequences = sequences[np.argsort(lengths[sequences], kind="stable")]
    for begin in range(0, len(sequences), ROWS):
        batch, steps, inside = wholes(reading, sequences[begin : begin + ROWS])
        u = network.unfold(*steps.shape, team)
        u.pack()
        u.set_lengths(batch)
        u.forward(batch.x, batch.starts, batch.steps)
        yield u, steps, inside
