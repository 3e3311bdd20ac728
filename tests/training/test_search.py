"""What a budget in minutes allows: multiply-adds of all matrices but that of the first layer's inputs, a table."""

from math import inf
from types import SimpleNamespace

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.columns import offsets_of
from rnncli.data.examples import Examples
from rnncli.tasks import task_class
from rnncli.training import search
from rnncli.training.schedule import WARM_TOKENS, Schedule
from rnncli.training.search import NOMINAL_SPEED, minutes_tokens, resolve_sequences, resolve_series

H, V = 100, 50


@pytest.mark.parametrize(
    ("cell", "layers", "squares"),
    [("lstm", 1, 4), ("lstm", 2, 12), ("rnn:activation=relu", 3, 5), ("mingru", 1, 0), ("mingru", 3, 6)],
)
def test_minutes_are_tokens_by_the_matrices_of_the_cell(cell, layers, squares):
    config = TrainConfig(cell=cell, layers=layers, minutes=2.0)
    expected = 2 * 60 * NOMINAL_SPEED / (6 * (squares * H * H + H * V))
    assert minutes_tokens(config, H, V) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({"epochs": 6.0}, 48),
        ({"epochs": 7.0}, 96),
        ({"minutes": 3.0}, 48),
        ({"minutes": 10.0, "hidden": 512}, 96),
        ({"minutes": 10.0}, 48),  # of 1024 units, with fewer passes
        ({"epochs": 4.0, "cell": "conv"}, 96),
        ({"epochs": 4.0, "tokens": "word"}, 35),
        ({"epochs": 4.0, "format": "lines"}, 96),
        ({"epochs": 4.0, "steps": 20}, 20),
    ],
)
def test_the_window_of_a_text_depends_on_its_unit_its_passes_and_the_cell(options, steps):
    config = TrainConfig(**{"task": "language", "cell": "lstm", "format": "text"} | options)
    assert search.resolve(config, 1_000_000, 65, 10_000).window == steps


@pytest.mark.parametrize(
    ("tokens", "options", "hidden", "epochs"),
    [
        (1_000, {}, 256, 32),
        (5_000, {}, 256, 14),
        (25_000, {}, 512, 6),
        (80_000, {}, 512, 5),
        (300_000, {}, 512, 5),
        (1_000_000, {}, 512, 4),
        (5_000_000, {}, 512, 1),
        (15_000, {"tokens": "word"}, 256, 8),
        (1_000_000, {"tokens": "word"}, 512, 4),
        (80_000, {"cell": "conv"}, 128, 40),
        (80_000, {"format": "lines"}, 512, 12),
        (1_000_000, {"format": "lines"}, 512, 4),
        (1_000_000, {"minutes": 0.5}, 256, None),
        (1_000_000, {"minutes": 3.0}, 512, None),
        (1_000_000, {"minutes": 10.0}, 1024, None),
        (1_000_000, {"minutes": 10.0, "members": 3}, 512, None),
        (1_000_000, {"minutes": 10.0, "format": "lines"}, 512, None),
        (80_000, {"minutes": 60.0}, 512, None),
        (80_000, {"minutes": 0.8}, 256, None),
        (25_000, {"minutes": 0.05}, 64, None),
        (25_000, {"minutes": 3.0}, 512, None),
    ],
)
def test_units_and_epochs_of_a_text_depend_on_its_size_and_on_what_the_minutes_allow(tokens, options, hidden, epochs):
    config = TrainConfig(**{"task": "language", "cell": "lstm", "format": "text"} | options)
    found = search.resolve(config, tokens, 65, 1 + tokens // 100)
    assert (found.hidden, found.epochs) == (hidden, epochs)


@pytest.mark.parametrize(
    ("tokens", "options", "epochs"),
    [
        (25_000, {}, 12),
        (300_000, {}, 10),
        (300_000, {"hidden": 1024}, 10),
        (300_000, {"hidden": 256}, inf),
        (300_000, {"cell": "conv"}, inf),
        (300_000, {"tokens": "word"}, 10),
        (300_000, {"format": "lines"}, 24),
        (600_000, {}, inf),
        (300_000, {"minutes": None}, inf),
        (300_000, {"minutes": None, "epochs": 50.0}, inf),
    ],
)
def test_of_few_tokens_twice_the_usual_epochs_are_enough_for_any_minutes(tokens, options, epochs):
    found = TrainConfig(**{"task": "language", "cell": "lstm", "format": "text", "minutes": 60.0} | options)
    task, train = SimpleNamespace(sizes="text"), SimpleNamespace(total=tokens)
    config = search.resolve(found, tokens, 65, 100)
    assert search.enough_epochs(SimpleNamespace(config=config, task=task, train=train)) == epochs


@pytest.mark.parametrize(
    ("tokens", "options", "length", "batch", "dropout"),
    [
        (300, {}, 100, 4, 0.5),
        (25_000, {}, 100, 4, 0.5),  # 1.5 √25,000 / 48 = 4.9
        (80_000, {}, 100, 8, 0.43),
        (271_000, {}, 100, 16, 0.33),
        (1_000_000, {}, 100, 32, 0.3),
        (80_000, {"steps": 16}, 100, 32, 0.43),
        (80_000, {"steps": 200}, 100, 8, 0.43),
        (80_000, {"format": "lines"}, 8, 32, 0.5),
        (80_000, {"format": "lines"}, 100, 8, 0.5),
        (25_000, {"epochs": 1.0}, 100, 4, 0.1),
        (15_000, {"tokens": "word"}, 100, 4, 0.42),
        (271_000, {"tokens": "word"}, 100, 16, 0.2),
        (80_000, {"batch": 3, "dropout": 0.2}, 100, 3, 0.2),
    ],
)
def test_of_few_tokens_batches_are_small_and_the_dropout_is_large(tokens, options, length, batch, dropout):
    config = TrainConfig(**{"task": "language", "cell": "lstm", "format": "text"} | options)
    found = search.resolve(config, tokens, 65, max(1, tokens // length))
    assert (found.batch, found.dropout) == (batch, dropout)


@pytest.mark.parametrize(
    ("sequences", "length", "options", "expected"),
    [
        (53, 8, {}, (64, 64, 0.4, 50.0)),
        (3_000, 20, {}, (128, 64, 0.4, 17.0)),
        (3_000, 3, {}, (64, 64, 0.4, 50.0)),
        (10_000, 20, {}, (128, 64, 0.4, 5.0)),
        (100_000, 20, {}, (128, 64, 0.4, 4.0)),
        (3_000, 20, {"hidden": 8, "embed": 4, "dropout": 0.1, "epochs": 1.5}, (8, 4, 0.1, 1.5)),
        (3_000, 20, {"kind": np.uint8}, (128, 64, 0.4, 17.0)),
        # numbers in place of labels, and characters
        (3_000, 20, {"kind": np.float32}, (128, 64, 0.4, 33.0)),
        (3_000, 20, {"grams": None}, (128, 64, 0.4, 33.0)),
        (300, 9, {"grams": None}, (32, 32, 0.4, 100.0)),
    ],
)
def test_texts_of_words_with_labels_have_half_the_epochs(sequences, length, options, expected):
    """(hidden, embed, dropout, epochs)."""
    options = {"kind": np.int32, "grams": (np.zeros(1), np.zeros(0))} | options
    kind, grams = options.pop("kind"), options.pop("grams")
    targets, total = np.zeros(sequences, kind), sequences * length
    lengths, ids = np.full(sequences, length), [np.zeros(total, np.int32)]
    train = Examples(offsets_of(lengths), ids, np.zeros((total, 0), np.float32), grams, targets)
    found = search.resolve_sequences(TrainConfig(cell="lstm", learn="all", **options), train, False)
    assert (found.hidden, found.embed, found.dropout, found.epochs) == expected


@pytest.mark.parametrize(
    ("cell", "loss", "expected"),
    [
        ("conv", "bernoulli", (256, 4, 0.6)),
        ("conv", "quantile", (64, 16, 0.2)),
        ("lstm", "bernoulli", (64, 16, 0.2)),
    ],
)
def test_bits_are_read_by_a_wide_convolution_of_which_most_is_dropped(cell, loss, expected):
    """Of 13,000 rows in series of up to 100."""
    train = SimpleNamespace(total=13_000, lengths=np.full(130, 100), series=SimpleNamespace())
    train.series.outlook = SimpleNamespace(loss=loss, scaled=loss == "quantile")
    config = resolve_series(TrainConfig(cell=cell, learn="all"), train, True)
    assert (config.hidden, config.batch, config.dropout) == expected
    given = resolve_series(TrainConfig(cell=cell, learn="all", hidden=8, batch=3, dropout=0.1), train, True)
    assert (given.hidden, given.batch, given.dropout) == (8, 3, 0.1)


@pytest.mark.parametrize(
    ("rows", "scaled", "dropout"),
    [(300, True, 0.2), (30_000, True, 0.2), (95_000, True, 0.1), (300_000, True, 0.0), (1 << 20, True, 0.0)]
    + [(300, False, 0.0)],
)
def test_series_of_few_rows_drop_units(rows, scaled, dropout):
    outlook = SimpleNamespace(loss="quantile" if scaled else "poisson", scaled=scaled)
    train = SimpleNamespace(total=rows, lengths=np.array([rows]), series=SimpleNamespace(outlook=outlook))
    assert resolve_series(TrainConfig(cell="lstm", learn="all"), train, True).dropout == dropout


def test_a_larger_batch_has_a_larger_rate_and_a_longer_warm_up_where_that_is_asked_for(tmp_path, text):
    """LEGW: √k times the rate, k times the warm-up; k counts batches that auto chooses."""
    path = tmp_path / "text.txt"
    path.write_text(text * 20)

    def schedule(updates, **options):
        config = TrainConfig(epochs=2, steps=64, lr=0.01, schedule="constant", **options)
        m = search.sized(task_class("language").prepare([str(path)], config, None, None))
        window = m.config.batch * 64
        return m.config.batch, window, Schedule(m.config, 0.02, window, updates, search.batch_times(m))

    usual, _, _ = schedule(None)
    assert usual == 16
    for batch, k in ((64, 4.0), (16, 1.0), (4, 0.25)):
        _, window, plain = schedule(None, batch=batch)
        _, _, scaled = schedule(None, batch=batch, scale_rate="sqrt")
        assert plain.rate(0.5, 10**9, 0) == 0.01
        assert scaled.rate(0.5, 10**9, 0) == pytest.approx(0.01 * k**0.5)
        half = round(k * WARM_TOKENS / 2) - window
        assert scaled.rate(0.5, half, 0) == pytest.approx(0.01 * k**0.5 / 2, rel=1e-4)
    _, window, short = schedule(50, batch=256, scale_rate="sqrt")  # a twentieth, 16 times, is more than half
    assert short.warm == 50 * window / 2


def of_words(sequences, steps, grams=True):
    """Examples of sequences of as many words each."""
    offsets = steps * np.arange(sequences + 1)
    found = (np.zeros(1, np.int32), np.zeros(0, np.int32)) if grams else None
    return Examples(offsets, [np.zeros(offsets[-1], np.int32)], np.zeros((offsets[-1], 0), np.float32), found)


@pytest.mark.parametrize(
    ("sequences", "steps", "expected"),
    [
        (100, 10, (64, 4, 25, 1.0)),
        (50, 10, (32, 4, 48, 1.0)),  # so few that 600 batches are more
        (800, 16, (128, 16, 25, 1.0)),
        (2_000, 20, (128, 32, 25, 0.375)),
        (9_000, 24, (128, 32, 9, 0.069)),
        (60_000, 24, (128, 32, 4, 0.01)),
    ],
)
def test_words_that_are_tagged_are_read_by_more_units_in_fewer_passes(sequences, steps, expected):
    config = TrainConfig(task="tag", cell="lstm", learn="all")
    found = resolve_sequences(config, of_words(sequences, steps), by_step=True)
    assert (found.hidden, found.batch, found.epochs, found.weight_decay) == expected


def test_tags_of_categories_are_learnt_as_before():
    config = TrainConfig(task="tag", cell="lstm", learn="all")
    found = resolve_sequences(config, of_words(800, 16, grams=False), by_step=True)
    assert (found.hidden, found.batch, found.epochs, found.weight_decay) == (64, 32, 100, 0.01)


def test_more_words_change_their_choices_by_little():
    config = TrainConfig(task="tag", cell="lstm", learn="all")
    rows = [resolve_sequences(config, of_words(n, 20), True) for n in np.geomspace(60, 30_000, 300).astype(int)]
    for name in ("batch", "epochs", "weight_decay"):
        values = np.array([getattr(row, name) for row in rows])
        assert np.abs(np.diff(values)).max() <= max(1.0, 0.1 * values.max()), name
