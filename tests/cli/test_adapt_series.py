"""`--adapt` of series: what a shift of the level costs, parts and the whole, groups, alarms, what is refused."""

import numpy as np
import pytest

from rnncli.models.tensors import read_tensors, write_tensors
from rnncli.predictors.forecaster import Forecaster
from rnncli.predictors.learning_walk import row_scores
from rnncli.predictors.row_scores import RowScores
from rnncli.predictors.series_reader import SeriesReader
from rnncli.tasks.trained import load_model
from rnncli.training import adaptation
from tests.helpers import json_lines

ROWS, TRAINED, SHIFT = 900, 500, 560
SCORE, PIECE = ("--score", "--adapt", "0.01"), adaptation.PIECES["series"]


@pytest.fixture(scope="module")
def waves() -> np.ndarray:
    """Two waves; the level of the first one rises far beyond what was there."""
    rng, t = np.random.default_rng(0), np.arange(ROWS)
    both = np.stack([np.sin(t / 4), np.cos(t / 3)], axis=1) + 0.05 * rng.standard_normal((ROWS, 2))
    both[SHIFT:, 0] += 4
    return both.round(4)


def table(rows, names="u,v", before=None):
    lines = [",".join(f"{x:.4f}" for x in row) for row in rows.tolist()]
    if before:
        lines = [f"{key},{line}" for key, line in zip(before, lines, strict=True)]
    return names + "\n" + "".join(line + "\n" for line in lines)


@pytest.fixture(scope="module")
def models(tmp_path_factory, waves):
    """Options -> a model of the rows before the shift."""
    from tests.conftest import Here

    shell = Here(tmp_path_factory.mktemp("adapt"))
    shell.write("waves.csv", table(waves))
    keys = ["a", "b"] * (ROWS // 2)
    shell.write("groups.csv", table(waves, "key,u,v", keys))
    short = ("--hidden", "8", "--epochs", "6")
    small = ("--look-back", "2", "--level", "zero", "--season", "1", "--threads", "1", "--quiet")

    def train(name, file, *options):
        done = shell("train", file, *small, *options, "-o", name)
        assert (done.code, done.err) == (0, "")
        return str(shell.folder / name)

    until = ("--until", str(TRAINED))
    return {
        "one": train("one", "waves.csv", "--target", "u", "--inputs", "v", "--horizon", "3", *short, *until),
        "both": train("both", "waves.csv", "--target", "u,v", *short, *until),
        "each": train("each", "waves.csv", "--target", "u,v", "--univariate", *short, *until),
        "group": train(
            "group", "groups.csv", "--target", "u,v", "--group", "key", *short, "--until", str(TRAINED // 2)
        ),
        "readout": train("readout", "waves.csv", "--target", "u", "--learn", "readout", *until),
    }


def scores(model, path, rate):
    """Of all rows from the end of training on: (reader, extent, RowScores, Adaptation)."""
    trained = load_model(model)
    reader, forecaster = SeriesReader(trained), Forecaster(trained, 1, rate)
    extent = reader.extent(reader.columns([path], None), "score", 0, str(TRAINED), None, "waves")
    return extent, row_scores(forecaster, extent, None), forecaster


def test_the_error_after_a_shift_of_the_level_halves(here, models, waves):
    here.write("waves.csv", table(waves))
    extent, found, _ = scores(models["one"], str(here.folder / "waves.csv"), 0.05)
    plain = RowScores.as_they_are(Forecaster(load_model(models["one"]), 1), extent, True)
    truth = extent.series.values
    before, after = (np.abs(one.points - truth)[SHIFT:].mean() for one in (plain, found))
    assert after < 0.5 * before
    first = TRAINED + PIECE
    np.testing.assert_array_equal(found.nats[TRAINED:first], plain.nats[TRAINED:first])  # scored first


def test_scores_are_those_of_the_equations(here, models, waves):
    here.write("waves.csv", table(waves))
    extent, found, forecaster = scores(models["both"], str(here.folder / "waves.csv"), 0.01)
    loss, network = forecaster.loss, load_model(models["both"]).network
    trained = network.theta.flat.copy()
    u = network.unfold(PIECE, 1, forecaster.team, training=True)
    u.pack()
    change, squares, pieces = np.zeros_like(trained), np.zeros_like(trained), 0
    u.set_states(Forecaster(load_model(models["both"]), 1).states(extent, np.array([TRAINED - 1])))
    for at in range(TRAINED - 1, ROWS - 1, PIECE):
        rows = np.arange(at, min(at + PIECE, ROWS - 1))[:, None]
        batch = extent.batch(rows, np.ones(rows.shape, bool), np.zeros(rows.shape, np.uint8))
        u.forward(batch)
        params = u.outputs(0, len(rows))[:, 0].reshape(len(rows), 1, 2, -1)
        nats, _ = forecaster.surprise(extent, rows[:, 0], params)
        np.testing.assert_allclose(found.nats[rows[:, 0] + 1], nats, rtol=2e-3, atol=2e-3)
        u.gradients(batch, loss.gradient, 0, True)
        g, pieces = u.grads.flat, pieces + 1
        squares += (g * g - squares) / pieces
        r = np.sqrt(squares) + adaptation.EPSILON * np.sqrt(squares.mean(dtype=np.float64))
        change = change * (1 - adaptation.DECAY * 0.01) - 0.01 * g / r
        u.carry(len(rows))
        network.theta.flat[...] = trained + change
        u.pack()


@pytest.mark.parametrize("model", ["one", "both", "each", "readout"])
@pytest.mark.parametrize("cut", [1, 70])
def test_parts_and_streams_are_scored_as_the_whole(here, models, waves, model, cut):
    rows = waves[TRAINED : TRAINED + 150]
    here.write("all.csv", table(rows))
    options = (*SCORE, "--alarm", "0.1")
    whole = here("predict", models[model], "all.csv", *options)
    assert whole.code == 0, whole.err
    assert b"nan" not in whole.out.lower()
    assert whole.out != here("predict", models[model], "all.csv", "--score", "--alarm", "0.1").out
    assert here("predict", models[model], *options, "--follow", input=table(rows).encode()).out == whole.out
    found = []
    for part in (rows[:cut], rows[cut:]):
        here.write("part.csv", table(part))
        done = here("predict", models[model], "part.csv", *options, "--state-file", "s")
        assert done.code == 0, done.err
        found.append(done.out)
    assert b"".join(found) == whole.out


def test_a_group_learns_whatever_other_groups_do(here, models, waves):
    rows = waves[TRAINED : TRAINED + 160]
    keys = ["a", "b"] * 80
    here.write("both.csv", table(rows, "key,u,v", keys))
    whole = json_lines(here("predict", models["group"], "both.csv", *SCORE, "--json"))
    followed = here(
        "predict", models["group"], *SCORE, "--json", "--follow", input=table(rows, "key,u,v", keys).encode()
    )
    key = lambda row: (row["group"], int(row["step"]))  # noqa: E731
    assert sorted(json_lines(followed), key=key) == sorted(whole, key=key)
    here.write("one.csv", table(rows[1::2], "key,u,v", ["b"] * 80))
    alone = json_lines(here("predict", models["group"], "one.csv", *SCORE, "--json"))
    assert alone == [row for row in whole if row["group"] == "b"]


def test_a_rate_of_zero_changes_no_bit(here, models, waves):
    here.write("waves.csv", table(waves))
    plain = here("predict", models["both"], "waves.csv", "--from", str(TRAINED), "--score").out
    assert here("predict", models["both"], "waves.csv", "--from", str(TRAINED), "--score", "--adapt", "0").out == plain


def test_of_a_model_with_a_read_out_that_alone_learns(here, models, waves):
    here.write("waves.csv", table(waves))
    _, _, forecaster = scores(models["readout"], str(here.folder / "waves.csv"), 0.01)
    trained, network = load_model(models["readout"]).network, forecaster.network
    changed = {name for name in trained.theta if (trained.theta[name] != network.theta[name]).any()}
    assert changed == {"output.W", "output.b"}


def test_what_has_misled_the_network_is_forgotten(here, models, waves):
    here.write("waves.csv", table(waves))
    done = here("predict", models["both"], "waves.csv", "--score", "--adapt", "1", "--from", str(TRAINED))
    assert done.code == 0
    assert "--adapt 1: what was learnt made a piece far worse" in done.err
    assert b"nan" not in done.out.lower()


@pytest.mark.parametrize(("name", "value"), [("x.0", np.inf), ("y", np.inf), ("starts", 3), ("squares", -1.0)])
def test_a_damaged_state_is_refused(here, models, waves, name, value):
    here.write("a.csv", table(waves[TRAINED : TRAINED + 20]))
    assert here("predict", models["both"], "a.csv", *SCORE, "--state-file", "s").code == 0
    file = read_tensors(str(here.folder / "s"), "state file")
    file.tensors[f"adapt.0.{name}"].flat[0] = value
    kept = {entry: said.partition(', "crc32"')[0] + "}" for entry, said in file.entries.items()}
    write_tensors(str(here.folder / "s"), file.tensors, kept)
    done = here("predict", models["both"], "a.csv", *SCORE, "--state-file", "s")
    assert done.code == 1
    assert name in done.message()


@pytest.mark.parametrize("options", [("--adapt", "0.1"), ("--evaluate", "--adapt", "0.1")])
def test_what_learns_nothing_is_refused(here, models, waves, options):
    here.write("a.csv", table(waves))
    done = here("predict", models["both"], "a.csv", *options)
    assert done.code == 2
    assert "--adapt has no effect" in done.message()
