"""One of several targets is missing: the others are forecast and scored all the same."""

import numpy as np
import pytest

ROWS, DEAD, ODD = 120, 90, 105


def table(values) -> str:
    """A day a row."""
    days = np.datetime64("2023-01-01") + np.arange(len(values))
    rows = [",".join([str(day), *("" if np.isnan(v) else f"{v:.4f}" for v in row)]) for day, row in zip(days, values)]  # noqa: B905
    return "\n".join(["day,north,south", *rows]) + "\n"


@pytest.fixture(scope="module")
def values():
    t, rng = np.arange(ROWS), np.random.default_rng(0)
    both = np.stack([np.sin(t / 3), 5 + np.cos(t / 5)], axis=1)
    return both + 0.05 * rng.normal(size=both.shape)


@pytest.fixture(params=[(), ("--univariate",)], ids=["joint", "apart"])
def model(request, here, values):
    here.write("whole.csv", table(values))
    columns = ("--time", "day", "--target", "north,south", "--horizon", "3")
    done = here("train", "whole.csv", *columns, "--epochs", "4", "--hidden", "8", "-o", "m", *request.param, "-q")
    assert (done.code, done.err) == (0, "")
    return here


def lacking(values, *cells):
    out = values.copy()
    for rows, column in cells:
        out[rows, column] = np.nan
    return out


def modes(model, values, *options):
    """The rows out of the whole file, of a stream, and of two parts with a state."""
    name = model.write("late.csv", table(values))
    yield model("predict", "m", name, *options).rows(99)
    yield model("predict", "m", *options, "--follow", input=table(values).encode()).rows(99)
    head, *rows = table(values).splitlines(keepends=True)
    model.write("1.csv", head + "".join(rows[:-7])), model.write("2.csv", head + "".join(rows[-7:]))
    (model.folder / "s").unlink(missing_ok=True)
    parts = [model("predict", "m", part, "--state-file", "s", *options).rows(99) for part in ("1.csv", "2.csv")]
    yield parts[1] if not options else parts[0] + parts[1]


@pytest.mark.parametrize(("column", "late"), [(0, 1), (1, 1), (1, 6)])
def test_a_target_that_ends_early_swallows_no_rows(model, values, column, late):
    for found in modes(model, lacking(values, (slice(ROWS - late, None), column))):
        assert [row[0] for row in found[-3:]] == [b"2023-05-01", b"2023-05-02", b"2023-05-03"]
        assert np.isfinite(np.array([row[1:7] for row in found[-3:]], float)).all()
        assert len(found[-1]) in (7, 9)  # with --follow the origin, and how far ahead


def test_a_dead_sensor_hides_no_outlier_in_another(model, values):
    odd = lacking(values, (slice(DEAD, None), 1))
    odd[ODD, 0] = 9
    for found in modes(model, odd, "--score"):
        assert len(found) == ROWS - 1
        nats = np.array([row[1] for row in found], float)  # each row has a score
        assert set(np.argsort(nats)[-2:]) == {ODD - 1, ODD}  # there and back; the first row has none before it


def test_surprises_add_up_over_targets_and_are_missing_only_where_all_are(model, values):
    def score(*cells):
        done = model("predict", "m", model.write("x.csv", table(lacking(values, *cells))), "--score", "--json")
        return done.out.decode().splitlines()[ODD - 1]

    both, north, south, none = (
        score(*cells) for cells in ((), [(ODD, 1)], [(ODD, 0)], [(slice(ODD, ODD + 1), slice(None))])
    )
    each = [float(line.split(": ")[-1].strip("}")) for line in (both, north, south)]
    assert each[0] == pytest.approx(each[1] + each[2], abs=3e-5)
    assert none.endswith('"nats": null}')


def test_only_values_that_are_there_are_evaluated(model, values):
    def evaluate(*cells):
        name = model.write("x.csv", table(lacking(values, *cells)))
        return model("predict", "m", name, "--from", "100", "--evaluate").json()

    assert (evaluate()["n"], evaluate()["missing"]) == (2 * 3 * 18, 0)
    found = evaluate((slice(ROWS - 4, None), 1))
    assert found["n"] + found["missing"] == 2 * 3 * 18
    assert found["missing"] == 1 + 2 + 3 + 3  # rows 116 to 119 are 3, 3, 2 and 1 times ahead of a forecast
