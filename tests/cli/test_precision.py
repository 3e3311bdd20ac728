"""Numbers of any size and offset: the same file in other units is forecast and told apart the same way."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

RNG = np.random.default_rng(3)
STEPS = np.arange(300)
WAVE = np.round(10 * np.sin(STEPS / 5) + RNG.normal(size=300), 4)
TRAIN = (
    "--target",
    "y",
    "--inputs",
    "y,x",
    "--horizon",
    "2",
    "--hidden",
    "8",
    "--epochs",
    "2",
    "--until",
    "250",
    "--quiet",
)


def write(here, name, y, x):
    here.write(name, "y,x\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip(y.tolist(), x.tolist(), strict=True)))


def forecast(here, name, *options):
    done = here("train", name, *TRAIN, *options, "-o", f"{name}.st")
    assert (done.code, done.err) == (0, ""), done.err
    done = here("predict", f"{name}.st", name, "--from", "250", "--stride", "1")
    assert (done.code, done.err) == (0, "")
    return np.array([row.split("\t")[1:-2] for row in done.out.decode().splitlines()], float)


@pytest.mark.parametrize("power", [-60, 40])
def test_a_power_of_two_gives_the_same_tensors(here, power):
    x = np.where(STEPS % 50 == 0, 1e4, 1.0) + WAVE  # some values are far from all others
    write(here, "one.csv", WAVE, x)
    write(here, "other.csv", WAVE * 2.0**power, x * 2.0**power)
    one, other = forecast(here, "one.csv"), forecast(here, "other.csv")
    assert one * 2.0**power == pytest.approx(other, rel=1e-4, abs=1e-4 * 2.0**power)
    tensors, others = load_file(here.folder / "one.csv.st"), load_file(here.folder / "other.csv.st")
    assert tensors.keys() == others.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(tensor, others[name], name)


@pytest.mark.parametrize("size", [1e-13, 1e13])
@pytest.mark.parametrize("offset", [0, 1000])
def test_other_units_give_the_same_printed_forecasts(here, size, offset):
    write(here, "one.csv", WAVE + offset, WAVE)
    write(here, "other.csv", (WAVE + offset) * size, WAVE * size)
    one, other = forecast(here, "one.csv"), forecast(here, "other.csv") / size
    width = (one[:, 2] - one[:, 1])[:, None]
    assert (np.abs(one - other) <= 1e-4 * width).all()


@pytest.mark.parametrize("offset", [2**24 + 1, 1.7e9, 123456789.01, -4e12])
def test_what_lies_far_from_zero_loses_nothing(here, offset):
    """Forecast, interval and figures are those of the same series near zero, beyond 2^24 too."""
    write(here, "near.csv", WAVE, WAVE)
    write(here, "far.csv", WAVE + offset, WAVE + offset)
    near, far = forecast(here, "near.csv"), forecast(here, "far.csv")
    width = np.median(near[:, 2] - near[:, 1])
    assert np.abs(far - offset - near).max() < 0.05 * width
    figures = json.loads(here("predict", "far.csv.st", "far.csv", "--from", "250", "--evaluate").out)
    at = 249 + np.arange(50)[:, None] + [1, 2]  # forecasts are made at rows 249 .. 297, of the two rows after each
    rows = far.reshape(-1, 2, 3)[:49]
    true = (WAVE + offset)[at[:49]]
    assert figures["mae"] == pytest.approx(np.abs(rows[..., 0] - true).mean(), rel=1e-4)
    inside = (rows[..., 1] <= true) & (true <= rows[..., 2])
    assert figures["coverage"] == pytest.approx(inside.mean(), abs=0.011)
    assert figures["naive"]["mae"] == pytest.approx(np.abs(true - (WAVE + offset)[at[:49, :1] - 1]).mean(), rel=1e-6)


@pytest.mark.parametrize("size", [1e-13, 1.0, 1e13])
def test_labels_and_numbers_of_sequences_in_any_unit(here, size):
    rows = ["id,lab,z,x"]
    for i in range(40):
        values = np.round(np.where(i % 2, 3.0, 0) + np.random.default_rng(i).normal(size=6), 3) * size
        rows += [f"{i},{'ab'[i % 2]},{float(1000 + i % 2) * size!r},{v!r}" for v in values.tolist()]
    here.write("s.csv", "\n".join(rows) + "\n")
    shared = ("s.csv", "--group", "id", "--inputs", "x", "--epochs", "12", "--hidden", "8", "--quiet", "-o", "s.st")
    assert here("train", *shared, "--label", "lab").code == 0
    assert json.loads(here("predict", "s.st", "s.csv", "--evaluate").out)["accuracy"] == 1.0
    assert here("train", *shared, "--task", "regress", "--target", "z").code == 0
    figures = json.loads(here("predict", "s.st", "s.csv", "--evaluate").out)
    found = [float(row.split("\t")[0]) for row in here("predict", "s.st", "s.csv").out.decode().splitlines()]
    true = np.array([1000 + i % 2 for i in range(40)]) * size
    assert figures["rmse"] == pytest.approx(np.sqrt(np.mean((np.array(found) - true) ** 2)), rel=1e-3)
    assert figures["rmse"] < 0.4 * size


def test_decimal_years_go_on_as_they_are_written(here):
    """A step of 1/12, whose rounded distances are 0.083 or 0.084."""
    years = [f"{1990 + (i + 0.5) / 12:.3f}" for i in range(240)]
    here.write("d.csv", "t,v\n" + "".join(f"{t},{i % 12}\n" for i, t in enumerate(years[:200])))
    here("train", "d.csv", "--time", "t", "--target", "v", "--horizon", "40", "--epochs", "1", "-q", "-o", "m")
    out = [line.split("\t")[0] for line in here("predict", "m", "d.csv").out.decode().splitlines()]
    assert all(len(text.partition(".")[2]) == 3 for text in out)
    assert max(abs(float(a) - float(b)) for a, b in zip(out, years[200:], strict=True)) < 0.0011
