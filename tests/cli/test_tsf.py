"""Forecasts of `.tsf` files: true dates, names, and the horizon that the file asks for."""

import pytest

TAGS = "@attribute series_name string\n@attribute start_timestamp date\n@frequency monthly\n@horizon 3\n@data\n"


@pytest.fixture
def series(here):
    rows = [f"S{i}:2020-01-{15 + i} 00-00-00:{','.join(str(i + t % 12) for t in range(40 + i))}" for i in range(2)]
    here.write("a.tsf", TAGS + "\n".join(rows) + "\n")


def test_rows_carry_the_true_dates(here, series):
    done = here("train", "a.tsf", "--epochs", "0.2", "--hidden", "3", "-o", "m")
    assert done.code == 0, done.err
    assert "a.tsf: 3 steps are forecast, as @horizon says: --horizon sets another number" in done.err
    assert ".tsf of Monash; 2 series, 81 rows; value 3 steps ahead" in done.err
    rows = [line.split("\t")[:2] for line in here("predict", "m", "a.tsf").out.decode().splitlines()]
    first, second = (["2023-05-15", "2023-06-15", "2023-07-15"], ["2023-06-16", "2023-07-16", "2023-08-16"])
    assert rows == [["S0", time] for time in first] + [["S1", time] for time in second]
    here.write("new.tsf", TAGS.replace("monthly", "weekly") + "7:2024-01-22 00-00-00:4\n")
    done = here("predict", "m", "new.tsf")
    found = [line.split("\t")[1] for line in done.out.decode().splitlines()]
    assert found == ["2024-01-29", "2024-02-05", "2024-02-12"]
    here.write("new.tsf", TAGS + "7:2024-01-31 00-00-00:4\n8:2024-01-30 00-00-00:1,2,3,4\n")
    found = [line.split("\t")[:2] for line in here("predict", "m", "new.tsf").out.decode().splitlines()]
    assert found[::3] == [["7", "2024-02-29"], ["8", "2024-05-30"]]
    here.write("new.tsf", TAGS.replace("monthly", "weekly") + "7:2024-01-22 00-00-00:4\n8:2024-01-01 00-00-00:1\n")
    done = here("predict", "m", "new.tsf")
    assert "2 of 2 series were not in training: 7, 8" in done.err and "7 days apart" in done.err


def test_a_horizon_that_is_given_and_the_explanation(here, series):
    done = here("train", "a.tsf", "--explain", "-o", "m")
    assert "--task forecast --format tsf" in done.out.decode() and "--horizon 3" in done.out.decode()
    done = here("train", "a.tsf", "--horizon", "2", "--epochs", "0.2", "--hidden", "3", "-o", "m")
    assert "2 steps ahead" in done.err and "@horizon" not in done.err


def test_a_model_without_a_clock_takes_a_file_with_one(here, series):
    text = (here.folder / "a.tsf").read_text()
    here.write("b.tsf", text.replace("@frequency monthly\n", ""))
    done = here("train", "b.tsf", "--epochs", "0.2", "--hidden", "3", "-o", "m")
    assert "no @frequency, so steps are counted and have no dates" in done.err
    counted = here("predict", "m", "b.tsf").out
    done = here("predict", "m", "a.tsf")
    assert done.out == counted and "the dates are not used: the model was trained without" in done.err
    assert counted.decode().split("\t")[:2] == ["S0", "40"]
