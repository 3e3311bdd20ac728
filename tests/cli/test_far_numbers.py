"""What a file to predict has that no training had: other units, missing inputs, no target, numbers beyond float32."""

import numpy as np
import pytest

ROWS = 90
NOISE = np.random.default_rng(0)
TIMES = np.arange("2024-01-01", "2024-03-31", dtype="datetime64[D]")
LEVEL = 10 + np.sin(np.arange(ROWS) * 2 * np.pi / 7) + 0.1 * NOISE.standard_normal(ROWS)
WIND, FLAG = NOISE.standard_normal(ROWS), (np.arange(ROWS) % 30 == 0).astype(int)
SMALL = ("--hidden", "4", "--epochs", "1", "-q")


def table(level=LEVEL, wind=WIND, flag=FLAG):
    """A table of series, NaN as an empty field."""
    columns = (["" if np.isnan(value) else repr(value.item()) for value in column] for column in (level, wind))
    rows = (",".join(row) for row in zip(TIMES.astype(str), *columns, map(str, flag), strict=True))
    return "time,level,wind,flag\n" + "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def level_model(tmp_path_factory):
    from tests.conftest import Here

    here = Here(tmp_path_factory.mktemp("far"))
    here.write("a.csv", table())
    done = here("train", "a.csv", "--target", "level", "--horizon", "2", *SMALL, "-o", "level.safetensors")
    assert done.code == 0, done.err
    return str(here.folder / "level.safetensors")


def noted(here, model, text, *options):
    done = here("predict", model, here.write("b.csv", text), *options)
    assert done.code == 0, done.err
    return done.err


def test_another_unit_is_told_with_the_distance_in_deviations(here, level_model):
    train = LEVEL[: int(0.9 * ROWS)]
    off = (1000 * LEVEL.mean() - train.mean()) / train.std()
    found = noted(here, level_model, table(1000 * LEVEL))
    assert found.startswith("compared with training, on average level is +") and "the units or the level may" in found
    assert float(found.split("+")[1].split()[0]) == pytest.approx(off, rel=0.02)
    assert "wind is +" in noted(here, level_model, table(wind=WIND + 50))


def test_what_is_as_in_training_is_not_told(here, level_model):
    assert noted(here, level_model, table()) == ""
    assert noted(here, level_model, table(flag=np.ones(ROWS, int))) == ""  # a flag has no unit


def test_an_input_that_is_missing_is_told_but_not_in_rows_to_come(here, level_model):
    gaps, later = WIND.copy(), WIND.copy()
    gaps[40] = later[80:] = np.nan
    assert "missing values in wind, but none in training" in noted(here, level_model, table(wind=gaps))
    level = np.where(np.arange(ROWS) < 80, LEVEL, np.nan)
    assert noted(here, level_model, table(level, later)) == ""


def test_a_file_without_a_value_of_the_target_is_refused(here, level_model):
    message = here("predict", level_model, here.write("b.csv", table(np.full(ROWS, np.nan)))).message()
    assert "b.csv: no value of level, expected rows that have one before those to be forecast" in message


def test_a_series_without_a_value_is_told(here):
    rows = [f"{time},{name},{value}" for name in "ab" for time, value in zip(TIMES, LEVEL, strict=True)]
    here.write("a.csv", "\n".join(["time,name,level", *rows]) + "\n")
    assert here("train", "a.csv", "--target", "level", "--group", "name", *SMALL, "-o", "m").code == 0
    empty = [row if ",a," in row else row.rsplit(",", 1)[0] + "," for row in rows]
    found = noted(here, "m", "\n".join(["time,name,level", *empty]) + "\n")
    assert found == "1 of 2 series have no value of level, forecast from the mean: b\n"


@pytest.mark.parametrize("name", ["level", "wind"])
def test_a_number_beyond_float32_is_refused(here, level_model, name):
    values = {"level": LEVEL.copy(), "wind": WIND.copy()}
    values[name][30] = -3.4028234663852886e38  # no data, in a raster
    done = here("predict", level_model, here.write("b.csv", table(**values)))
    assert (done.code, done.out) == (1, b"") and f"a value in column {name} is -" in done.err


def test_sequences_in_another_unit_are_told(here):
    def sequences(factor):
        x = NOISE.standard_normal((24, 9)) / 10
        return "id,x,label\n" + "".join(
            f"{i},{factor * (i % 2 + x[i, t])},{i % 2}\n" for i in range(24) for t in range(9)
        )

    here.write("a.csv", sequences(1))
    assert here("train", "a.csv", "--label", "label", "--group", "id", *SMALL, "-o", "m").code == 0
    assert noted(here, "m", sequences(1)) == ""
    assert "compared with training, on average x is +" in noted(here, "m", sequences(1000))
