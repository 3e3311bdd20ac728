"""What a view reads: the beginning of INPUT as one row of steps with targets, and the loss on them.

The row holds the sequences one after the other. A network that needs the end of a sequence reads padded sequences
side by side (`padded`); its results are given by the steps of the row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.examples import Examples
from rnncli.data.label_sets import as_numbers
from rnncli.data.times.calendar import Calendar
from rnncli.data.vocabulary import Vocabulary
from rnncli.data.window import Window, take
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.network.likelihoods import Quantiles
from rnncli.network.losses import CROSS_ENTROPY, BinaryCrossEntropy, Loss
from rnncli.network.network import Network, Unfolded

Text = str | bytes | list[str] | list[bytes]  # a list of records

MOST_STEPS = 2000
LAGS = 200  # The default of --lags.
BLOCK = 256  # A stream is read in windows of so many steps.
BATCH = 32  # Sequences side by side.
NOTHING = "·"  # Stands for a missing value of a category.


@dataclass
class Reading:
    """One row of steps.

    `inputs` names the input of each step, `outputs` each output of the network; the name of a number is its step in the
    sequence, from 0. `words`: the inputs are tokens. `softmax`: the outputs are logits of exclusive choices; else
    `point` is the index of the output that is the prediction. `tokens` (steps,) are the tokens; `numbers` the index in
    x of each column of data, by name; `values` (steps,) these columns in the units of the file. The first `lead` steps
    are not in the input: they start a text. `decode` gives the text of steps as it was written. `of` is the number of
    steps of the input, None if unknown; `clock` that of sequences with times.
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
    values: dict[str, np.ndarray] = field(default_factory=dict)
    lead: int = 0
    decode: Callable[[int, int], str] | None = None
    of: int | None = None
    clock: Calendar | None = None

    @property
    def steps(self) -> int:
        return self.batch.steps

    @cached_property
    def bounds(self) -> np.ndarray:
        """The first step of each sequence, and the end of the last one (sequences + 1,)."""
        begins = np.flatnonzero(self.batch.starts[: self.steps, 0])
        return np.unique(np.concatenate([[0], begins, [self.steps]]))

    @cached_property
    def age(self) -> np.ndarray:
        """The number of each step in its sequence, from 0 (steps,)."""
        return np.arange(self.steps) - self.bounds[self.sequence]

    @cached_property
    def sequence(self) -> np.ndarray:
        """The index of the sequence of each step (steps,)."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))

    def text(self, first: int, last: int) -> str:
        """The tokens of these steps as they were written; empty if the inputs are numbers."""
        if self.decode is not None:
            return self.decode(first, last)
        tokens = self.inputs[first:last] if self.words else []
        return ("" if all(len(token) == 1 for token in tokens) else " ").join(tokens)

    def first_sequence(self) -> "Reading":
        """The first sequence alone."""
        end = self.bounds[1]
        batch, _, _ = padded(self, np.array([0]))
        tokens = self.tokens if self.tokens is None else self.tokens[:end]
        values = {name: column[:end] for name, column in self.values.items()}
        return replace(self, batch=batch, inputs=self.inputs[:end], tokens=tokens, values=values)


def of_text(model: Model, text: Text, most: int = MOST_STEPS, to_its_end: bool = False) -> Reading:
    """Tokens, each predicted from those before it. A model of lines or records begins each from a state of zero.

    The last token is predicted but not read. `to_its_end`: it is read, and the end after it is predicted.
    """
    v = model.vocabulary
    y = ids_of(v, text)[:most].astype(np.int32)
    if to_its_end:
        y = np.append(y, np.int32(v.end))
    x = np.append(np.int32(v.end), y[:-1]).astype(np.int32)
    starts = x == v.end if model.config.of_records else np.arange(len(x)) == 0
    batch = Batch(x[:, None], y[:, None], starts.astype(np.uint8)[:, None], len(y), len(y))
    symbols = [v.symbol(i) for i in range(len(v))]

    def decode(first: int, last: int) -> str:
        ids = x[first:last]
        return v.decode(np.where(ids == v.end, v.newline, ids)).decode("utf-8", "replace")

    names = [symbols[i] for i in x.tolist()]
    return Reading(batch, CROSS_ENTROPY, names, symbols, tokens=x, lead=int(to_its_end), decode=decode)


def ids_of(vocabulary: Vocabulary, text: Text) -> np.ndarray:
    """The tokens of a text, or of records with an end token between them."""
    if not isinstance(text, list):
        return vocabulary.encode(text)
    end = np.array([vocabulary.end], np.int32)
    pieces = [piece for record in text for piece in (end, vocabulary.encode(record))]
    return np.concatenate(pieces[1:])


def of_columns(model: Model, path: str, most: int = MOST_STEPS, first_complete: bool = False) -> Reading:
    """The first series or sequences, with `most` steps together. A first one that is longer is cut, unless
    `first_complete` is set.
    """
    return (_series if model.schema.outlook else _examples)(model, path, most, first_complete)


def _series(model: Model, path: str, most: int, first_complete: bool) -> Reading:
    from rnncli.data.extent import Extent
    from rnncli.predictors.forecaster import Forecaster
    from rnncli.predictors.series_reader import SeriesReader

    extent = SeriesReader(model).read([path], None, None, None, 0)
    s, begin = extent.series, extent.series.offsets[:-1]
    stop = np.maximum(extent.stops, begin + 1)
    most = max(most, int(stop[0] - begin[0])) if first_complete else most
    count = int(np.searchsorted(np.cumsum(stop - begin), most)) + 1
    rows = np.concatenate([np.arange(*ends) for ends in zip(begin[:count], stop[:count], strict=True)])[:most]
    starts = np.isin(rows, begin).astype(np.uint8)[:, None]
    batch = Extent(s, begin, begin, stop).batch(rows[:, None], np.ones(starts.shape, bool), starts)
    loss, o = Forecaster(model).loss, model.schema.outlook
    middle = len(loss.levels) // 2 if isinstance(loss, Quantiles) else 0
    names = [f"{target}, {ahead + 1} ahead" for ahead in range(o.horizon) for target in o.targets]
    names = [name for name in names for _ in range(loss.width)]
    numbers = {target: k for k, target in enumerate(o.targets)}
    first = o.own_width + o.flagged * len(o.targets)  # the first other column
    numbers |= {name: first + d for d, name in enumerate(model.schema.numbers)}
    inputs = [str(t) for t in (rows - s.first[rows]).tolist()]
    values = dict(zip(o.targets, o.unstraighten(s.values[rows]).T, strict=True))
    of = int((stop - begin).sum())
    return Reading(batch, loss, inputs, names, False, False, middle, numbers=numbers, values=values, of=of)


def _examples(model: Model, path: str, most: int, first_complete: bool) -> Reading:
    from rnncli.predictors.columns import ColumnPredictor

    predictor, schema = ColumnPredictor(model), model.schema
    columns = predictor.columns(path)
    most = max(most, int(columns.lengths[columns.lengths > 0][:1].sum())) if first_complete else most
    numbers = columns.numbers[:most].T if columns.number_names else np.zeros((0, 0))
    values = {name: np.array(column) for name, column in zip(columns.number_names, numbers, strict=True)}
    examples = schema.encode(columns)  # which scales the numbers in place
    if not examples.total:
        raise RnncliError(f"{path}: empty, expected sequences")
    examples = examples.select(np.flatnonzero(examples.lengths))
    count = max(1, int(np.searchsorted(examples.offsets, most, "right")) - 1)
    batch = in_a_row(examples.select(np.arange(min(count, len(examples))))).first(most)
    words = columns.coded.get(schema.word) if schema.word else next(iter(columns.coded.values()), None)
    tokens = examples.ids[list(schema.categories).index(schema.word) if schema.word else 0] if examples.ids else None
    reading = Reading(
        batch,
        predictor.task.loss,
        [],
        schema.labels or schema.targets,
        words is not None,
        not (schema.targets or isinstance(predictor.task.loss, BinaryCrossEntropy)),
        0 if schema.targets else None,
        tokens if tokens is None else tokens[: batch.steps],
        {name: d for d, name in enumerate(schema.numbers)},
        {name: column[: batch.steps] for name, column in values.items()},
        of=examples.total,
        clock=Calendar.of(columns.times, columns.offsets),
    )
    texts = reading.age.tolist() if words is None else words.texts(slice(batch.steps))
    reading.inputs = [NOTHING if text is None else str(text) for text in texts]
    return reading


def in_a_row(examples: Examples) -> Batch:
    """The sequences one after the other. One target a sequence gives y (sequences, 1, ..)."""
    x = Window([ids[:, None] for ids in examples.ids], examples.numbers[:, None], examples.grams)
    starts = np.zeros((examples.total, 1), np.uint8)
    starts[examples.offsets[:-1]] = 1
    y = np.full(len(examples), -1, np.int32) if examples.targets is None else examples.targets
    y = as_numbers(y) if examples.are_sets else y
    batch = Batch(x, y[:, None], starts, 0, examples.total)
    batch.count = int(batch.targeted.sum())
    return batch


def side_by_side(sequence: Batch, steps: np.ndarray) -> Batch:
    """These steps (T, N) of one row, side by side; with their targets if every step has one."""
    x, y = take(sequence.x, (steps, 0)), sequence.y
    if len(y) == len(sequence.starts):
        y = take(y, (steps, 0))
    return Batch(x, y, take(sequence.starts, (steps, 0)), 0, len(steps))


def states_at(network: Network, sequence: Batch, team: Team, slots: np.ndarray) -> list[np.ndarray]:
    """The states (N, H) of all layers before each of these steps, from reading all steps before it."""
    u = network.unfold(min(BLOCK, sequence.steps), 1, team)
    u.pack()
    found: dict[int, list[np.ndarray]] = {}
    for begin, window in zip(range(0, int(max(slots)) + 1, u.T), sequence.windows(u.T), strict=False):
        u.forward(window)
        inside = {int(slot) for slot in slots if begin <= slot < begin + u.T}
        found |= {slot: [state.copy() for state in u.states(slot - begin)] for slot in inside}
        u.carry(window.steps)
    return [np.concatenate(states) for states in zip(*(found[int(slot)] for slot in slots), strict=True)]


def needs_end(network: Network) -> bool:
    """Whether outputs need the end of a sequence: the network is bidirectional, or it has one output a sequence."""
    return network.architecture.bidirectional or bool(network.architecture.pool)


def padded(reading: Reading, sequences: np.ndarray) -> tuple[Batch, np.ndarray, np.ndarray]:
    """These sequences side by side, padded to the longest; their steps (T, N); which of these are no padding (T, N)."""
    begin, lengths = reading.bounds[sequences], np.diff(reading.bounds)[sequences]
    inside = np.arange(lengths.max())[:, None] < lengths
    steps = np.where(inside, begin + np.arange(lengths.max())[:, None], begin)
    batch = side_by_side(reading.batch, steps)
    batch.lengths = lengths.astype(np.int32)
    if len(reading.batch.y) != len(reading.batch.starts):
        batch.y = take(reading.batch.y, (sequences, 0))[None]
    else:
        batch.y[~inside] = -1 if batch.y.dtype.kind == "i" else np.nan
    batch.count = int(batch.targeted.sum())
    return batch, steps, inside


def states_of(
    network: Network, reading: Reading, team: Team, wanted: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(steps, h (steps, D) of all layers side by side) of the steps that are wanted, some at a time."""
    for u, steps, chosen in forward_passes(network, reading, team, wanted):
        yield steps[chosen], np.concatenate([layer.Y[: len(steps)][chosen] for layer in u.layers], axis=1)


def forward_passes(network: Network, reading: Reading, team: Team, wanted: np.ndarray, keep: bool = False) -> Iterator:
    """(u, steps, chosen): the network after a forward pass over steps (T, N), and which of these are wanted.

    `keep`: the network keeps the gates.
    """
    is_wanted = np.zeros(reading.steps, bool)
    is_wanted[wanted] = True
    passes = _by_sequences if needs_end(network) else _along
    for u, steps, inside in passes(network, reading, team, is_wanted, keep):
        chosen = inside & is_wanted[steps]
        if chosen.any():
            for layer in u.layers:
                check_states(layer.Y[: len(steps)][chosen])
            yield u, steps, chosen


def having_read(
    network: Network, batch: Batch, team: Team, states: list[np.ndarray] | None = None, keep: bool = False
) -> Unfolded:
    """The network after a forward pass over a batch, from these states or from zero. `keep` as in `forward_passes`."""
    T, N = batch.starts.shape
    u = network.unfold(T, N, team, keep=keep)
    u.pack()
    u.set_states(states)
    u.forward(batch)
    return u


def check_states(h: np.ndarray) -> None:
    """RnncliError if a state has overflowed, as those of an unstable linear network do."""
    if not np.isfinite(h).all():
        raise RnncliError("the states grow without bound: the network is not stable on an input of this length")


def _along(network: Network, reading: Reading, team, wanted: np.ndarray, keep: bool):
    u = network.unfold(min(BLOCK, reading.steps), 1, team, keep=keep)
    u.pack()
    for index, window in enumerate(reading.batch.windows(u.T)):
        u.forward(window)
        steps = index * u.T + np.arange(window.steps)[:, None]
        yield u, steps, np.ones(steps.shape, bool)
        u.carry(window.steps)


def _by_sequences(network: Network, reading: Reading, team, wanted: np.ndarray, keep: bool):
    lengths = np.diff(reading.bounds)
    sequences = np.flatnonzero(np.add.reduceat(wanted, reading.bounds[:-1]))
    sequences = sequences[np.argsort(lengths[sequences], kind="stable")]
    for begin in range(0, len(sequences), BATCH):
        batch, steps, inside = padded(reading, sequences[begin : begin + BATCH])
        yield having_read(network, batch, team, keep=keep), steps, inside
