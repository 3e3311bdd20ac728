"""What `auto` stands for: sizes and epochs from the number of tokens and the budget, never from a measured speed.

    characters      hidden  by minutes, at most   |   epochs, if no budget is given, from 1 to 40
    below 20,000       256          512           |     1,000 / sqrt(tokens), at least 5, of lines of characters 2.5
    below 500,000      512          512           |     times as many, but no more than 4,000,000 / tokens
    from there on      512        1,024           |     conv: 4,000,000 / tokens
    words                                         |
    below 400,000      256          256           |   passes  = epochs, or by the work of minutes at a nominal
    from there on      512          512           |     80 GFLOP/s; with too few of them hidden is halved
    conv                                          |   dropout = 0.1 for one pass, rising with the logarithm of
    below 30,000        64           64           |     the passes to 0.5 for 16; of few tokens sooner, and for
    below 100,000      128          128           |     words 0.6 times that
    below 400,000      256          256           |   batch   = 1.5 sqrt(tokens) / steps, as a power of two from
    from there on      512          512           |     4 to 32; of more than 48 steps as of 48

One layer (of `mingru` two, of `conv` as many as cover the window or the longest sequence), an embedding of min(hidden,
128), windows of 48 steps (of words 35; of lines, of `conv` and for more than 6 passes 96; of short lines twice their
length, at least 16; fewer steps or rows for tiny data). Lines and records of characters drop the same units at all
steps (variational), as words do; their rate is LINES_RATE times that of the optimiser.
"""

from dataclasses import dataclass, replace
from math import inf, log, log2, prod, sqrt
from typing import Any

import numpy as np

from rnncli.cells import cell_class
from rnncli.config import CELL, RATES, TrainConfig
from rnncli.data.examples import Examples
from rnncli.data.extent import Extent
from rnncli.tasks.task import Material, cell_options

WINDOW = 96  # steps, where the data are no reason for fewer
#: of streams of characters that are read so few times: updates are worth more than what lies further back, which the
#: carried state tells; in more passes as many updates overfit
STREAM_WINDOW, FEW_PASSES = 48, 6
WORDS_WINDOW = 35
NOMINAL_SPEED = 80e9  # floating-point operations a second
#: (tokens below, hidden units, most of them with --minutes). In as many operations a wide network that reads a text a
#: few times is better than a narrow one that reads it often
WIDE = (20_000, 256, 512), (500_000, 512, 512), (inf, 512, 1024)
WORDS = (400_000, 256, 256), (inf, 512, 512)
CONV = (30_000, 64, 64), (100_000, 128, 128), *WORDS
#: Through the data; with fewer the network is made smaller. Of characters there are so many tokens in all
LEAST_PASSES, LEAST_TOKENS = {"usual": 1, "most": 1.5, "word": 6}, 1_200_000
#: Tokens of an update by the square root of all, and the rows of its batch. Of few tokens large ones would be too few
UPDATE_TOKENS, ROWS = 1.5, (4, 32)
#: Of fewer tokens the dropout rises faster with the passes, by a part for each halving
FEW_TOKENS, FASTER = 250_000, 0.25
ENOUGH = 2  # times the usual epochs, with --minutes: by then a wide network has learnt few tokens by heart
LINES_RATE = 1.5
DECAY = 0.01
PATIENCE = 4  # validations without a better one, after which a training on series or whole sequences ends


def filled(config: TrainConfig, **usual: Any) -> TrainConfig:
    """With the usual values of the options that were left to be chosen."""
    return config.having(**{name: value for name, value in usual.items() if getattr(config, name) is None})


def resolve(config: TrainConfig, tokens: int, outputs: int, sequences: int = 1) -> TrainConfig:
    """Fill in every None of the model's sizes and the budget."""
    epochs = _epochs(config, _usual_epochs(config, tokens))
    hidden = config.hidden or _hidden(config, tokens, outputs)
    most = _most_epochs(config, tokens, hidden)
    passes = epochs or min(most, minutes_tokens(config, hidden, outputs) / tokens)
    words, lines = config.tokens == "word", _lines(config)
    steps = config.window or _steps(config, tokens, sequences, _most_steps(config, passes))
    config = filled(config, tokens="char", steps=steps, tied=words and config.embed in (None, hidden))
    embed = hidden if config.tied else min(hidden, 128)
    dropout, batch = _dropout(tokens, passes, 0.6 if words else 1.0), _batch(tokens, steps)
    lr = RATES[config.optimizer] * (LINES_RATE if lines else 1)
    config = config.having(epochs=epochs, noise=0.0)
    return _sized(config, hidden, embed, variational=words or lines, dropout=dropout, batch=batch, lr=lr)


def _sized(config: TrainConfig, hidden: int, embed: int, **usual: Any) -> TrainConfig:
    """What all networks have in common, and other usual values."""
    rate, layers = RATES[config.optimizer], _layers(config)
    found = {"layers": layers, "variational": True, "lr": rate, "weight_decay": DECAY, "patience": 0} | usual
    return filled(config, hidden=hidden, embed=embed, **found)


def _most_steps(config: TrainConfig, passes: float) -> int:
    """Of a window of text."""
    if config.tokens == "word":
        return WORDS_WINDOW
    carried = not config.of_records and cell_class(cell_options(config)[0]).recursive
    return STREAM_WINDOW if carried and passes <= FEW_PASSES else WINDOW


def _steps(config, tokens, sequences, most) -> int:
    """Windows of up to `most`; of short lines about two, since no gradient passes from one to the next."""
    if config.of_records:
        most = min(most, max(16, round(2 * tokens / sequences)))
    return max(8, min(most, tokens // 64))


def _dropout(tokens: int, passes: float, times: float) -> float:
    """The more passes the more, and the sooner the fewer tokens there are to learn by heart."""
    faster = 1 + FASTER * log2(max(1.0, FEW_TOKENS / tokens))
    return round(min(0.5, times * (0.1 + 0.1 * faster * log2(max(1.0, passes)))), 2)


def _batch(tokens: int, steps: int) -> int:
    """Rows, a power of two: an update of about UPDATE_TOKENS √tokens, windows longer than the usual ones aside."""
    least, most = ROWS
    rows = 2 ** round(log2(UPDATE_TOKENS * sqrt(tokens) / min(steps, STREAM_WINDOW)))
    return max(1, min(max(least, rows), most, tokens // (4 * steps)))


def _usual_epochs(config: TrainConfig, tokens: int) -> float:
    """Of wide networks fewer: they overfit sooner; later in lines, where they drop the same units at all steps. Of few
    tokens more, which make few updates.
    """
    times, least = (2.5 if _lines(config) else 1), (inf if _convolves(config) else 5)
    return float(max(1, round(min(40, 4e6 / tokens, times * max(least, 1_000 / sqrt(tokens))))))


def _most_epochs(config: TrainConfig, tokens: int, hidden: int) -> float:
    """With --minutes, of few tokens: ENOUGH times the usual ones, unless the network is narrower than usual."""
    below, usual, _ = _row(_sizes(config), tokens)
    wide = hidden >= usual and not _convolves(config)
    return ENOUGH * _usual_epochs(config, tokens) if wide and config.minutes and below < inf else inf


def enough_epochs(material: Material) -> float:
    """Epochs that end a training before its --minutes do, since more of them overfit; inf where none do."""
    config, task = material.config, material.task
    if task.sizes != "text" or config.learn == "readout":
        return inf
    return _most_epochs(config, material.train.total, config.hidden)


def _sizes(config: TrainConfig) -> tuple[tuple[float, int, int], ...]:
    """Convolutions of few tokens gain nothing by width, and words little, whose outputs cost most."""
    return CONV if _convolves(config) else WORDS if config.tokens == "word" else WIDE


def _row(sizes: tuple[tuple, ...], count: int) -> tuple:
    """The first row of a table whose bound is above the count."""
    return next(row for row in sizes if count < row[0])


def _convolves(config: TrainConfig) -> bool:
    return not cell_class(cell_options(config)[0]).recursive


def _lines(config) -> bool:
    return config.of_records and config.tokens != "word"


def _hidden(config: TrainConfig, tokens: int, outputs: int) -> int:
    """The usual number of units; in minutes the largest one with which enough tokens are trained on."""
    sizes = _sizes(config)
    _, usual, most = _row(sizes, tokens)
    if config.minutes is None:
        return usual
    hidden = usual if _lines(config) else most
    while hidden > 64:
        passes = LEAST_PASSES["word" if config.tokens == "word" else "most" if hidden > usual else "usual"]
        if minutes_tokens(config, hidden, outputs) >= max(passes * tokens, LEAST_TOKENS if sizes is WIDE else 0):
            break
        hidden //= 2
    return hidden


def minutes_tokens(config: TrainConfig, hidden: int, outputs: int) -> float:
    """Tokens that the nominal speed trains in the minutes of a member: 6 operations a multiply-add, there and back."""
    name, options = cell_options(config)
    cells = cell_class(name).stack([hidden] * _layers(config), hidden, options)
    squares = [prod(cell.shapes()[matrix]) for cell in cells for matrix in ("W", *cell.recurrent)]
    first = prod(cells[0].shapes()["W"])  # of the first layer's inputs there is a table
    multiply_adds = sum(squares) - first + hidden * outputs
    return config.minutes / config.members * 60 * NOMINAL_SPEED / (6 * multiply_adds)


def _layers(config: TrainConfig) -> int:
    name, options = cell_options(config)
    return config.layers or cell_class(name).usual_layers(config.window or WINDOW, options)


def _epochs(config: TrainConfig, usual: float) -> float | None:
    """Those that were asked for; `usual` ones if no budget was given, None for minutes."""
    return config.epochs if config.epochs is not None or config.minutes is not None else usual


# -- whole sequences ------------------------------------------------------------------------------------------------

FEW, MANY = 500, 2000  # sequences of numbers: few are learnt from with noise on the inputs and a strong decay
FEW_DROPOUT, FEW_DECAY, FEW_NOISE = 0.2, 1.0, 0.3
MANY_DROPOUT = 0.4
WHOLE_STEPS = 1 << 15  # of a batch, padding included: a batch of long sequences has fewer of them
#: Tokens that are trained on; of few sequences as many batches, but no more epochs than these
USUAL_TOKENS, LEAST_BATCHES, MOST_EPOCHS = 2e6, 600, 100
SMALL = (3_000, 32), (30_000, 64), (inf, 128)  # units of a network on columns, below so many steps
TAGGED_TOKENS = 15_000  # of words that are tagged: from these on down the decay is strongest


@dataclass(frozen=True)
class _Whole:
    """What is usual for whole sequences."""

    batches: int = 16  # of an epoch at least, if they have 4 sequences
    epochs: float = MOST_EPOCHS  # at most, if they make LEAST_BATCHES
    times: float = 1.0  # the usual epochs
    hidden: tuple[tuple[float, int], ...] = SMALL


#: More passes or less decay learn the words of few tokens by heart
TAGGED = _Whole(batches=50, epochs=25, hidden=((750, 32), (7_500, 64), (inf, 128)))
#: By then what is right is learnt, and only how sure it is grows
LABELLED = _Whole(times=0.5, hidden=SMALL[1:])


def _whole(train: Examples, by_step: bool) -> _Whole:
    """Of texts that are read by word, but those with numbers in place of labels, others than of anything else."""
    if train.grams is None:
        return _Whole()
    return TAGGED if by_step else _Whole() if train.targets.dtype.kind == "f" else LABELLED


def resolve_sequences(config: TrainConfig, train: Examples, by_step: bool) -> TrainConfig:
    """The same for tasks on whole sequences: classify, multilabel, regress, tag."""
    if config.learn == "readout":
        return config.having(steps=int(np.median(train.lengths)))
    usual, sequences, steps, longest = _whole(train, by_step), len(train), train.total, int(train.lengths.max())
    hidden = config.hidden or _row(usual.hidden, steps)[1]
    batch = config.batch or max(4, min(32, sequences // usual.batches, WHOLE_STEPS // longest))
    passes = min(MOST_EPOCHS, max(min(usual.epochs, USUAL_TOKENS / steps), LEAST_BATCHES * batch / sequences))
    epochs = _epochs(config, float(max(4, round(usual.times * passes))))
    # 1 up to FEW, 0 from MANY on, and in between falling with the logarithm: no step at any number of them
    few = 0.0 if train.ids else min(1.0, max(0.0, log(MANY / sequences) / log(MANY / FEW)))
    dropout, decay = few * FEW_DROPOUT + (1 - few) * MANY_DROPOUT, FEW_DECAY**few * DECAY ** (1 - few)
    decay = max(DECAY, min(1.0, TAGGED_TOKENS / steps)) if usual is TAGGED else decay
    config = filled(config, noise=round(few * FEW_NOISE, 3), steps=longest, bidirectional=True)
    config = config.having(batch=batch, epochs=epochs, tied=False)
    config = config.having(pool=None if by_step else config.pool or "last,mean,max")
    found = {"dropout": round(dropout, 2), "weight_decay": round(decay, 3), "patience": PATIENCE}
    return _sized(config, hidden, min(hidden, 64), **found)


ECHO = ("rnn:radius=0.3,inputs=0.1", "rnn:radius=0.9,inputs=0.3", "rnn:radius=0.9,inputs=0.1,leak=0.3")
ECHO_HIDDEN, ECHO_LARGE, ECHO_MANY = 300, 500, 5_000  # units; from so many rows on
ECHO_CHOICES = "cell", "hidden", "layers", "embed", "steps"  # that depend on how it is learnt
MOST_ROWS = 100_000  # of series, to try a read-out beside a training
SERIES_UPDATES = 2000  # of a run on series, if no budget is given
FEW_UPDATES = 20  # without a validation part that says when to stop: little more than the level and the drift
#: Of bits read by a cell with dropout within: its rate, how many times the units of other series, and of so many fewer
#: rows in a batch. A wide network of which most is dropped; small batches make as many updates of fewer steps.
BITS_DROPOUT, BITS_WIDER, BITS_FEWER = 0.6, 4, 4
#: Of other series: its rate up to the first number of rows, falling with their logarithm to 0 at the second
SERIES_DROPOUT, FEW_ROWS, MANY_ROWS = 0.2, 30_000, 300_000


def resolve_series(config: TrainConfig, train: Extent, validated: bool) -> TrainConfig:
    """The same for forecasts: windows of up to 96 steps, carried on."""
    rows, longest = train.total, int(train.lengths.max())
    if config.learn == "readout":
        units = ECHO_HIDDEN if rows < ECHO_MANY else ECHO_LARGE
        config = filled(config, cell=ECHO[0], hidden=units, steps=min(WINDOW, longest))
        return _sized(config.having(bidirectional=False, tied=False), config.hidden, min(config.hidden, 64))
    drops = train.series.outlook.loss == "bernoulli" and cell_class(cell_options(config)[0]).masks > 0
    wider, fewer, dropout = (BITS_WIDER, BITS_FEWER, BITS_DROPOUT) if drops else (1, 1, _series_dropout(train))
    hidden, steps = config.hidden or wider * _row(SMALL, rows)[1], config.window or min(WINDOW, longest)
    batch = config.batch or max(1, min(32, rows // (8 * steps)) // fewer)
    updates = SERIES_UPDATES if validated else FEW_UPDATES
    epochs = _epochs(config, float(min(400, max(2, round(updates * batch * steps / rows)))))
    config = config.having(batch=batch, steps=config.steps or steps, epochs=epochs, bidirectional=False, tied=False)
    return _sized(config, hidden, min(hidden, 64), dropout=dropout, noise=0.0, patience=PATIENCE)


def _series_dropout(train: Extent) -> float:
    """Of numbers and bits; counts have none."""
    few = log(MANY_ROWS / train.total) / log(MANY_ROWS / FEW_ROWS)
    o = train.series.outlook
    return round(SERIES_DROPOUT * min(1.0, max(0.0, few)), 2) if o.scaled or o.loss == "bernoulli" else 0.0


def beside(material: Material, asked: TrainConfig) -> Material | None:
    """The same material for a read-out in closed form, which is tried beside the training of a network; None where an
    option of training was given, or the task, the size or the lack of a validation part speak against it.
    """
    task, config = material.task, material.config
    if config.learn == asked.learn or asked.of_training() or material.valid is None or not task.fits_read_out():
        return None
    if material.train.total > MOST_ROWS:
        return None
    chosen = {name: None for name in ECHO_CHOICES if getattr(asked, name) is None}
    config = config.having(learn="readout", **chosen)
    return sized(replace(material, config=config, task=type(task)(task.schema, task.form, config)))


def sized(material: Material) -> Material:
    """The same with every size and the budget chosen, by the table of its task's kind."""
    if material.config.learn != "readout":
        material.config = filled(material.config, learn="all", cell=CELL)
    elif material.config.cell is None and material.valid is not None:
        material.cells = ECHO
    material.config = material.task.config = TABLES[material.task.sizes](material)
    return material


TABLES = {
    "text": lambda m: resolve(m.config, m.train.total, len(m.task.vocabulary), len(m.train)),
    "sequences": lambda m: resolve_sequences(m.config, m.train, m.task.by_step),
    "series": lambda m: resolve_series(m.config, m.train, m.valid is not None),
}


def batch_times(material: Material) -> float:
    """How many times the usual batch of these data `--batch` is, for `--scale-rate`; 1 without it."""
    config = material.config
    if not config.scale_rate:
        return 1.0
    usual = TABLES[material.task.sizes](replace(material, config=config.having(batch=None, scale_rate=None)))
    return config.batch / usual.batch
