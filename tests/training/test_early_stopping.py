"""A training on series or whole sequences ends where it gains nothing more; the weights are those of a whole one."""

import numpy as np
import pytest
from safetensors.numpy import load_file

SMALL = ("--hidden", "4", "--threads", "1", "--json")


def trained(here, file, *options):
    """(--json, the tensors) of a training."""
    done = here("train", file, "-o", "m.st", *SMALL, *options)
    assert done.code == 0, done.err
    return done, load_file(str(here.folder / "m.st"))


@pytest.fixture
def noise(here):
    """A table of numbers that nothing can be learnt from, to be forecast or classified."""
    values = np.random.default_rng(3).standard_normal((240, 4)).round(3)
    here.write("series.csv", "load\n" + "\n".join(map(str, values.ravel())) + "\n")
    rows = [",".join([f"c{i % 2}", *map(str, row)]) for i, row in enumerate(values)]
    here.write("wide.csv", "\n".join(rows) + "\n")
    return here


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("series.csv", ("--target", "load", "--season", "1", "--epochs", "30", "--lr", "0.1")),
        ("wide.csv", ("--format", "wide", "--label", "1", "--epochs", "12", "--lr", "0.1")),
    ],
)
def test_it_ends_after_four_validations_without_gain(noise, file, options):
    early, kept = trained(noise, file, *options)
    whole, best = trained(noise, file, *options, "--patience", "0")
    found, full = early.json(), whole.json()
    assert (found["stopped"], full["stopped"]) == ("patience", "done")
    assert found["updates"] < full["updates"] and found["best_update"] == full["best_update"]
    assert "stopped early (--patience 4)" in early.err and "stopped early" not in whole.err
    assert found["config"]["patience"] == 4
    for name, tensor in best.items():
        np.testing.assert_array_equal(kept[name], tensor, err_msg=name)


def test_a_text_is_trained_to_the_end(here, text):
    here.write("a.txt", text)
    done, _ = trained(here, "a.txt", "--epochs", "1", "--lr", "1e-30")
    assert done.json()["stopped"] == "done"
