"""A series that does not move is forecast by its value, whatever the size of those beside it."""

import json

import numpy as np
import pytest

DAYS = np.datetime64("2024-01-01") + np.arange(90)


def moving(size):
    rng = np.random.default_rng(0)
    return size * (10 + np.sin(np.arange(90)) + 0.1 * rng.normal(size=90))


def table(series):
    rows = [
        f"{key},{day},{value!r}" for key, values in series.items() for day, value in zip(DAYS, values, strict=False)
    ]
    return "key,day,y\n" + "\n".join(rows).replace("nan", "") + "\n"


SEEN = {"big": moving(5000).tolist(), "small": moving(0.01).tolist(), "price": [7.5] * 90, "zero": [0] * 90}
SEEN |= {"tiny": [3e-13] * 90, "one": [5], "gaps": [float("nan")] * 4 + [0.1] * 86}
NEW = {
    "big": SEEN["big"],
    "newprice": [0.3] * 20,
    "newzero": [0.0] * 20,
    "newone": [12.5],
    "newgaps": [float("nan"), 4.25],
}
TRAIN = ("--time", "day", "--target", "y", "--horizon", "2", "--hidden", "8", "--epochs", "1", "--quiet", "-o", "s.st")


def forecasts(here, *options):
    done = here("predict", "s.st", *options)
    assert done.code == 0, done.err
    return [row.split("\t") for row in done.out.decode().splitlines()]


@pytest.mark.parametrize("options", [(), ("--loss", "mse"), ("--loss", "student"), ("--until", "60")])
def test_series_of_a_group(here, options):
    here.write("s.csv", table(SEEN))
    here.write("new.csv", table(NEW))
    assert here("train", "s.csv", "--group", "key", *TRAIN, *options).code == 0
    for file, still in (("s.csv", SEEN), ("new.csv", NEW)):
        rows = forecasts(here, file)
        for key, values in still.items():
            mine = [[float(v) for v in row[2:]] for row in rows if row[0] == key]
            assert len(mine) == 2
            if np.nanmin(values) == np.nanmax(values):
                assert np.array(mine).ravel().tolist() == [values[-1]] * np.size(mine)
            elif "mse" not in options:
                assert mine[0][1] < mine[0][2]


def test_targets_that_are_series_of_their_own_or_stand_side_by_side(here):
    rows = zip(DAYS, moving(5000), [7.5] * 90, [0] * 90, strict=True)
    here.write("w.csv", "day,a,b,c\n" + "".join(f"{day},{a:.3f},{b},{c}\n" for day, a, b, c in rows))
    for options in ((), ("--univariate",)):
        assert here("train", "w.csv", *TRAIN[:2], "--target", "a,b,c", *TRAIN[4:], *options).code == 0
        for row in forecasts(here, "w.csv"):
            assert [float(v) for v in row[4:]] == [7.5] * 3 + [0] * 3
            assert float(row[2]) < float(row[1]) < float(row[3])
        run = forecasts(here, "w.csv", "--free-run", "5")
        assert [[float(v) for v in row[4:]] for row in run] == [[7.5] * 3 + [0] * 3] * 5


def test_a_whole_file_that_does_not_move(here):
    here.write("c.csv", "day,y\n" + "".join(f"{day},0.7\n" for day in DAYS))
    assert here("train", "c.csv", *TRAIN).code == 0
    assert [float(v) for row in forecasts(here, "c.csv") for v in row[1:]] == [0.7] * 6
    done = here("predict", "s.st", "c.csv", "--from", "60", "--evaluate")
    assert json.loads(done.out)["mae"] == 0


def test_one_that_begins_to_move_is_forecast_by_how_it_moves(here):
    """Not any more by its old value, nor with an interval of the size of others."""
    later = SEEN["price"][:60] + (7.5 + np.random.default_rng(1).normal(size=30)).tolist()
    here.write("s.csv", table(SEEN | {"price": later}))
    assert here("train", "s.csv", "--group", "key", *TRAIN, "--until", "55").code == 0
    rows = [[float(v) for v in row[2:]] for row in forecasts(here, "s.csv") if row[0] == "price"]
    assert all(1 < low < point < high < 14 for point, low, high in rows)
    rows = [row for row in forecasts(here, "s.csv", "--from", "50", "--until", "60") if row[0] == "price"]
    assert {float(v) for row in rows for v in row[2:-2]} == {7.5}


def test_a_part_after_a_state_is_forecast_as_the_whole(here):
    here.write("s.csv", table(SEEN))
    assert here("train", "s.csv", "--group", "key", *TRAIN).code == 0
    here.write("a.csv", table({"newprice": [0.3] * 9, "price": [7.5] * 9}))
    here.write("b.csv", "key,day,y\nnewprice,2024-01-10,0.3\nprice,2024-01-10,7.5\n")
    forecasts(here, "a.csv", "--state-file", "s.state")
    rows = forecasts(here, "b.csv", "--state-file", "s.state")
    assert [[float(v) for v in row[2:]] for row in rows] == [[0.3] * 3] * 2 + [[7.5] * 3] * 2
