"""Numbers of rows in front of a table are no input, nor forecast."""

import numpy as np
import pandas as pd
import pytest

NOTE = "the first column, without a name, numbers the rows: left out"
ROWS = 40


@pytest.fixture
def frame():
    days = pd.date_range("2024-01-01", periods=ROWS)
    rng = np.random.default_rng(0)
    return pd.DataFrame({"day": days, "a": rng.standard_normal(ROWS).round(3), "b": rng.integers(9, size=ROWS)})


def trained(here, name, *options):
    done = here("train", name, *options, "--hidden", "4", "--epochs", "1", "-o", f"{name}.m")
    assert done.code == 0, done.err
    return done.err, here("predict", f"{name}.m", name, "--to", "csv").out


@pytest.mark.parametrize("options", [(), ("--target", "b")])
def test_forecasts_do_not_read_them(here, tmp_path, frame, options):
    frame.to_csv(tmp_path / "plain.csv", index=False)
    frame.to_csv(tmp_path / "numbered.csv")
    pd.read_csv(tmp_path / "numbered.csv").to_csv(tmp_path / "again.csv", index=False)  # Unnamed: 0
    told, plain = trained(here, "plain.csv", *options)
    assert NOTE not in told
    for name in ("numbered.csv", "again.csv"):
        told, rows = trained(here, name, *options)
        assert NOTE in told and "counting the rows" not in told
        assert rows == plain != b""
        assert here("predict", f"{name}.m", "plain.csv", "--to", "csv").out == plain


def test_neither_do_they_where_the_numbers_begin_again(here, tmp_path):
    """As pandas.concat leaves them."""
    rng = np.random.default_rng(0)
    parts = [pd.DataFrame({"id": key, "y": rng.standard_normal(ROWS).cumsum().round(3)}) for key in "abc"]
    table = pd.concat(parts)
    table.to_csv(tmp_path / "plain.csv", index=False)
    table.to_csv(tmp_path / "numbered.csv")
    table[["y"]].to_csv(tmp_path / "alone.csv")
    options = ("--target", "y", "--group", "id")
    told, rows = trained(here, "numbered.csv", *options)
    assert NOTE in told
    assert rows == trained(here, "plain.csv", *options)[1] != b""
    told, rows = trained(here, "alone.csv")
    assert NOTE in told and rows.startswith(b"step,y,")


def test_labels_do_not_come_from_the_place_in_the_file(here, tmp_path):
    """Of sequences that stand by their label; also where the rows were sorted by another column after."""
    rng = np.random.default_rng(1)
    ids = np.repeat(np.arange(40), 5)
    table = pd.DataFrame({"id": ids, "t": np.tile(np.arange(5), 40), "x": rng.standard_normal(200).round(3)})
    table["kind"] = np.where(ids < 20, "early", "late")
    table.to_csv(tmp_path / "plain.csv", index=False)
    table.to_csv(tmp_path / "numbered.csv")
    table.sort_values("x").to_csv(tmp_path / "sorted.csv")
    options = ("--label", "kind", "--group", "id", "--time", "t")
    told = {name: trained(here, f"{name}.csv", *options) for name in ("plain", "numbered", "sorted")}
    assert told["numbered"][1] == told["plain"][1]
    assert [NOTE in err for err, _ in told.values()] == [False, True, True]


@pytest.mark.parametrize(
    "column",
    [
        range(1950, 1950 + ROWS),
        [0] * 20 + [1] * 20,
        [0, 1] * 20,
        [0, 1, 2, 3] * 10,
        [*range(30), *range(5, 15)],
        np.arange(ROWS) / 2,
        np.arange(ROWS) * 60,
    ],
)
def test_what_may_be_times_or_values_is_read(here, tmp_path, frame, column):
    frame[["a"]].set_index(pd.Index(column)).to_csv(tmp_path / "data.csv")
    told, rows = trained(here, "data.csv")
    assert NOTE not in told
    assert rows.startswith(b"step,1,")


def test_options_that_name_them_read_them(here, tmp_path, frame):
    frame[["a", "b"]].to_csv(tmp_path / "data.csv")
    told, rows = trained(here, "data.csv", "--time", "1", "--target", "a")
    assert NOTE not in told and rows.splitlines()[1].startswith(b"40,")
    told, _ = trained(here, "data.csv", "--inputs", "1", "--target", "a")
    assert NOTE not in told
