"""`--adapt` of texts through the shell: the equations, parts and the whole, what is forgotten, what is refused."""

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.models.tensors import read_tensors, write_tensors
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.tasks.trained import load_model
from rnncli.training import adaptation
from tests.helpers import json_lines

RATE, PIECE = 0.01, adaptation.PIECES["char"]
SCORE = ("--score", "--adapt", str(RATE))
#: of another kind than what the models were trained on
TEXT = "".join(f"wolf {k % 7} eats {k % 5} sheep\n" for k in range(24)) + "the end\n"


@pytest.fixture
def odd(here):
    here.write("a.txt", TEXT)
    return "a.txt"


def totals(done):
    return [row["nats"] for row in json_lines(done)]


def change_state(here, name, where, value):
    """Of what was learnt, in the state file `s`, whose checksum is right again."""
    file = read_tensors(str(here.folder / "s"), "state file")
    file.tensors[f"adapt.0.{name}"].flat[where] = value
    text_of = {entry: said.partition(', "crc32"')[0] + "}" for entry, said in file.entries.items()}
    write_tensors(str(here.folder / "s"), file.tensors, text_of)


def expected_nats(path, by_line, rate=RATE):
    """Of each line, by the equations in NumPy; forward and backward are those of the training."""
    model = load_model(path)
    v, trained = model.vocabulary, model.network.theta.flat.copy()
    network = model.network
    u = network.unfold(PIECE, 1, Team(1), training=True)
    u.pack()
    lines = [np.append(v.encode(line), v.end).astype(np.int32) for line in TEXT.splitlines()]
    ids = np.concatenate(lines)
    starts = np.zeros(len(ids), np.uint8)
    starts[np.cumsum([0, *map(len, lines[:-1])]) if by_line else [0]] = 1
    x, nats = np.concatenate([[v.end], ids[:-1]]).astype(np.int32), []
    change, squares = np.zeros_like(trained), np.zeros_like(trained)
    for pieces, at in enumerate(range(0, len(ids), PIECE), start=1):
        inside = slice(at, at + PIECE)
        steps = len(ids[inside])
        batch = Batch(*(one[inside, None].copy() for one in (x, ids, starts)), steps, steps)
        u.gradients(batch, CROSS_ENTROPY.gradient, 0, True)
        nats.append(u.losses[:steps, 0].copy())
        g, now, states = u.grads.flat.copy(), network.theta.flat.copy(), [state.copy() for state in u.states()]
        u.carry(steps)
        after = [state.copy() for state in u.states()]
        if steps == PIECE and (loss := nats[-1].mean()) > np.log(len(v)):
            network.theta.flat[...] = trained
            u.pack()
            u.set_states(states)
            u.gradients(batch, CROSS_ENTROPY.gradient, 0, True)
            if loss > u.losses[:steps, 0].mean() + adaptation.WORSE * np.log(len(v)):
                change[...], g = 0, u.grads.flat.copy()
            network.theta.flat[...] = now
            u.set_states(after)
        squares += (g * g - squares) / pieces
        r = np.sqrt(squares) + adaptation.EPSILON * np.sqrt(squares.mean(dtype=np.float64))
        change = change * (1 - adaptation.DECAY * rate) - rate * g / r
        network.theta.flat[...] = trained + change
        u.pack()
    of_lines = np.split(np.concatenate(nats), np.cumsum([len(line) for line in lines])[:-1])
    return [float(one.sum()) for one in of_lines]


@pytest.mark.parametrize("kind", ["char_model", "lines_model", "byte_model", "conv_model"])
def test_rows_are_those_of_the_equations(here, odd, request, kind):
    model = request.getfixturevalue(kind)
    found = totals(here("predict", model, odd, *SCORE, "--json"))
    np.testing.assert_allclose(found, expected_nats(model, kind == "lines_model"), atol=2e-3)
    plain = totals(here("predict", model, odd, "--score", "--json"))
    assert sum(found) < 0.9 * sum(plain)
    assert found[0] == plain[0]  # scored first: nothing was learnt from it yet


@pytest.mark.parametrize("kind", ["char_model", "lines_model"])
def test_a_rate_of_zero_changes_no_bit(here, odd, request, kind):
    model = request.getfixturevalue(kind)
    for what in (("--score",), ("--per-token",), ("--evaluate",), ("--score", "--alarm", "0.1")):
        plain = here("predict", model, odd, *what)
        assert plain.code == 0
        assert here("predict", model, odd, *what, "--adapt", "0").out == plain.out


def test_what_comes_later_changes_no_row(here, odd, char_model):
    lines = TEXT.splitlines(keepends=True)
    whole = here("predict", char_model, odd, *SCORE).out.splitlines()
    here.write("b.txt", "".join(lines[:9]) + "something else\n" * 9)
    assert here("predict", char_model, "b.txt", *SCORE).out.splitlines()[:9] == whole[:9]


@pytest.mark.parametrize("kind", ["char_model", "lines_model"])
@pytest.mark.parametrize("cut", [1, 13])
def test_parts_are_scored_and_learnt_from_as_the_whole(here, odd, request, kind, cut):
    model, lines = request.getfixturevalue(kind), TEXT.splitlines(keepends=True)
    options = (*SCORE, "--alarm", "0.1")
    whole = here("predict", model, odd, *options).out.splitlines()
    followed = here("predict", model, *options, "--follow", input=TEXT.encode()).out.splitlines()
    assert followed == whole
    found = []
    for name, part in (("one", lines[:cut]), ("two", lines[cut:])):
        here.write(name, "".join(part))
        done = here("predict", model, name, *options, "--state-file", "s")
        assert done.code == 0, done.err
        found += done.out.splitlines()
    assert [row.split(b"\t")[1:] for row in found] == [row.split(b"\t")[1:] for row in whole]


def test_metrics_and_tokens_are_those_of_the_rows(here, odd, lines_model):
    rows = json_lines(here("predict", lines_model, odd, *SCORE, "--json"))
    figures = here("predict", lines_model, odd, "--evaluate", "--adapt", str(RATE)).json()
    tokens = json_lines(here("predict", lines_model, odd, "--per-token", "--adapt", str(RATE), "--json"))
    total = sum(row["nats"] for row in rows)
    assert figures["nats_per_token"] * figures["tokens"] == pytest.approx(total, rel=1e-4)
    assert sum(row["nats"] for row in tokens) == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_members_learn_each_from_its_own_loss(here, odd, threads):
    here.write("t.txt", "the baker went to the mill\n" * 30)
    small = ("--hidden", "6", "--epochs", "1", "--members", "2", "--min-count", "1", "--quiet", "-o", "m")
    assert here("train", "t.txt", *small).code == 0
    plain = totals(here("predict", "m", odd, "--score", "--json"))
    found = here("predict", "m", odd, *SCORE, "--json", "--threads", threads)
    assert sum(totals(found)) < 0.98 * sum(plain)
    assert found.out == here("predict", "m", odd, *SCORE, "--json", "--threads", "2").out


@pytest.mark.parametrize("options", [(), ("--adapt", "0"), ("--adapt", "0.02")])
def test_a_state_of_another_rate_is_refused(here, odd, char_model, options):
    assert here("predict", char_model, odd, *SCORE, "--state-file", "s").code == 0
    before = (here.folder / "s").read_bytes()
    done = here("predict", char_model, odd, "--score", *options, "--state-file", "s")
    assert done.code == 2
    assert "those of --adapt 0.01: use that rate, or another --state-file FILE" in done.message()
    assert (here.folder / "s").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("x.0", 1 << 20, "adapt.0.x.0"),
        ("x.0", -1, "adapt.0.x.0"),
        ("y", -1, "adapt.0.y"),
        ("starts", 2, "adapt.0.starts"),
        ("change", np.nan, "change: found"),
        ("squares", -1, "adapt.0.squares"),
        ("state.0", np.inf, "state.0: found"),
    ],
)
def test_a_damaged_state_is_refused(here, odd, char_model, name, value, words):
    assert here("predict", char_model, odd, *SCORE, "--state-file", "s").code == 0
    change_state(here, name, 0, value)
    done = here("predict", char_model, odd, *SCORE, "--state-file", "s")
    assert done.code == 1
    assert words in done.message()


def test_what_has_misled_the_network_is_forgotten(here, odd, char_model):
    done = here("predict", char_model, odd, "--score", "--adapt", "1", "--json")
    expected = expected_nats(char_model, False, 1)
    np.testing.assert_allclose(totals(done)[:10], expected[:10], rtol=1e-3)  # at such a rate rounding errors grow fast
    assert done.err.count("it was forgotten") == 1  # several times, said once
    assert "use a smaller RATE" in done.err


def test_outputs_that_are_no_numbers_end_with_a_line(here, odd, char_model):
    assert here("predict", char_model, odd, *SCORE, "--state-file", "s").code == 0
    change_state(here, "change", slice(None), 1e38)
    before = (here.folder / "s").read_bytes()
    done = here("predict", char_model, odd, *SCORE, "--state-file", "s")
    assert done.code == 3
    assert "--adapt 0.01: what was learnt has led to outputs that are no numbers: use a smaller RATE" in done.err
    assert b"nan" not in done.out.lower()
    assert (here.folder / "s").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--score", "--adapt", "-0.1"), "expected a number from 0 to 1"),
        (("--score", "--adapt", "1.5"), "expected a number from 0 to 1"),
        (("--score", "--adapt", "nan"), "expected a number from 0 to 1"),
        (("--adapt", "0.1"), "--adapt has no effect on generation"),
        (("--next", "1", "--adapt", "0.1"), "--adapt has no effect with --next"),
    ],
)
def test_what_learns_nothing_is_refused(here, odd, char_model, options, words):
    done = here("predict", char_model, odd, *options)
    assert done.code == 2
    assert words in done.message()
