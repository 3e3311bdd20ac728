"""A language model: the tokens that training replaces by <unk>."""

from copy import deepcopy

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.data.batches import NO_NOISE
from rnncli.data.sequences import Sequences
from rnncli.data.vocabulary import Bytes, Characters
from rnncli.errors import Notes
from rnncli.readers.form import Form
from rnncli.tasks import language, validation
from rnncli.tasks.language import UNKNOWN_RATE, Language
from rnncli.tasks.task import Material
from rnncli.training.loop import Training, drawn
from rnncli.training.search import sized

T, N, EPOCHS = 40, 32, 400
LETTERS = Characters([10, *range(97, 123)])
UNKNOWN, LINE_END = LETTERS.unknown, LETTERS.newline


def lines():
    """Some, of known tokens, that do not fill the last window."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 30, 400)
    return Sequences(rng.integers(2, 27, lengths.sum()).astype(np.uint8), np.cumsum(lengths) - lengths)


def feed(vocabulary=LETTERS, seed=5, form="text"):
    config = TrainConfig(task="language", format=form, batch=N, steps=T, seed=seed)
    return Language(vocabulary, Form(form)).feed(lines(), config)


def batches(source, updates):
    return [deepcopy(source.batch(update)) for update in updates]


@pytest.fixture(scope="module")
def read():
    """x, y, starts (updates, T, N) of many epochs of lines in order."""
    source = feed()
    found = batches(source, range(EPOCHS * source.windows))
    return [np.array([getattr(batch, name) for batch in found]) for name in ("x", "y", "starts")]


def test_each_target_is_replaced_with_the_same_chance(read):
    replaced, there = read[1] == UNKNOWN, read[1] >= 0
    assert not there.all()
    expected = there.sum() * UNKNOWN_RATE
    assert abs(replaced.sum() - expected) < 4 * np.sqrt(expected)
    for axes in ((1, 2), (0, 2), (0, 1)):  # no update, step or row is favoured, and none depends on another
        counts, means = replaced.sum(axis=axes), there.sum(axis=axes) * UNKNOWN_RATE
        z = (counts - means) / np.sqrt(means)
        assert np.abs(z).max() < 5 + 3 / means.min()
        assert (z**2).mean() == pytest.approx(1, abs=6 / np.sqrt(z.size))
    for later, earlier in ((replaced[1:], replaced[:-1]), (replaced[:, 1:], replaced[:, :-1])):
        assert (later & earlier).sum() <= 5  # by chance 0.25 in a million


def test_the_input_of_the_step_after_is_replaced_too_where_no_line_starts(read):
    x, y, starts = read
    before, at_start, used = y[:, :-1], starts[:, 1:] > 0, y[:, 1:] >= 0
    assert (before[used & ~at_start] == UNKNOWN).sum() > 100
    assert (before[used & at_start] == UNKNOWN).sum() > 5
    np.testing.assert_array_equal(x[:, 1:][used], np.where(at_start, LINE_END, before)[used])
    assert (x[:, 0] != UNKNOWN).all()


def test_nothing_else_changes(read):
    source = feed()
    source.noise = NO_NOISE[:3]
    plain = batches(source, range(3 * source.windows))
    for update, batch in enumerate(plain):
        x, y, starts = (array[update] for array in read)
        np.testing.assert_array_equal(y[y != UNKNOWN], batch.y[y != UNKNOWN])
        np.testing.assert_array_equal(x[x != UNKNOWN], batch.x[x != UNKNOWN])
        np.testing.assert_array_equal(starts, batch.starts)
        assert UNKNOWN not in batch.y


def test_what_is_replaced_depends_on_seed_and_update_alone():
    one, other = feed(), feed(seed=6)
    order = [7, 2, 9, 7]
    np.testing.assert_array_equal(batches(one, order)[0].y, batches(one, order[::-1])[0].y)
    assert any((a.y == UNKNOWN).sum() != (b.y == UNKNOWN).sum() for a, b in zip(*map(some, (one, other)), strict=True))


def some(source):
    return batches(source, range(20))


def test_of_bytes_nothing_is_unknown():
    for batch in batches(feed(Bytes()), range(100)):
        assert 0 not in batch.y


@pytest.mark.parametrize(("form", "most"), [("text", 100), ("lines", 100), ("lines", 1)])
def test_of_a_long_validation_part_the_first_tokens_or_whole_lines_are_taken(form, most, monkeypatch):
    monkeypatch.setattr(validation, "WHOLE_LEAST", 1)
    task, valid, told = Language(LETTERS, Form(form)), lines(), []
    assert task.sample(valid, 8 * valid.total) is valid
    Notes.begin(told.append)
    found = task.sample(valid, 8 * most)
    Notes.begin(None)
    np.testing.assert_array_equal(found.tokens, valid.tokens[: found.total])
    if form == "text":
        assert found.total == most
    else:
        assert found.offsets.tolist() == valid.offsets[: len(found) + 1].tolist()
        assert len(found) == max(1, (valid.offsets[1:] <= most).sum())
    counts = f"{found.total:,} of {valid.total:,} characters"
    assert told == [f"validation on the first {counts} held out, as many as the budget allows for"]


def test_a_training_measures_what_it_says(monkeypatch):
    monkeypatch.setattr(validation, "WHOLE_LEAST", 1000)
    task, data = Language(LETTERS, Form("text")), lines()
    config = TrainConfig(task="language", tokens="char", hidden=4, epochs=0.1, batch=4, steps=20)
    material = sized(Material(task, config, data, data, "", "", []))
    training = Training(drawn(material), material, 1)
    *_, finished = training.reports()
    assert training.valid.total == 1000
    whole = task.validator(training.network, data.first(1000), training.team, 0).whole()
    assert finished.valid_loss == whole[0]


def test_words_have_a_limit_of_their_own_unless_one_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(language, "MOST_WORDS", 6)
    path, said = tmp_path / "a.txt", []
    words = [letter for i, letter in enumerate("abcdefghi") for _ in range(12 - i)]
    path.write_text("\n".join([*words, "rare", "rare", "once"]))

    def prepared(**options):
        Notes.begin(said.append)
        config = TrainConfig(format="text", **options)
        return Language.prepare([str(path)], config, None, None)

    found = prepared(tokens="word")
    assert found.task.vocabulary.items == ["\n", "a", "b", "c", "d"] and found.config.vocabulary == 6
    assert found.train.tokens.dtype == np.uint8 and found.train.total == 2 * len(words) + 5
    assert said == [
        f"{path}: many different words: the 6 most frequent are kept, the rest is read as <unk>: --vocabulary sets "
        "another number"
    ]
    assert found.data.endswith(f"{found.train.total} words, 33 of them rare and read as <unk>, 12 distinct")
    assert prepared(tokens="char").data.endswith(f", {len(set(path.read_text()))} distinct")
    again = prepared(tokens="word", vocabulary=100)
    assert again.task.vocabulary.items == ["\n", *"abcdefghi", "rare"] and again.config.vocabulary == 100
    assert prepared(tokens="char").config.vocabulary is None and len(said) == 1
    monkeypatch.setattr(language, "MOST_WORDS", 100)
    assert prepared(tokens="word").config.vocabulary is None and len(said) == 1
