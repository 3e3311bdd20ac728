"""Series to predict are read as a whole, but what grows with their rows is mapped from temporary files."""

import tracemalloc

import numpy as np
import pytest

from rnncli.data import seen_series, series
from rnncli.predictors import forecaster
from rnncli.process import spool, temporary
from rnncli.readers import tables

QUICK = ["--target", "y", "--horizon", "2", "--hidden", "2", "--epochs", "0.1", "--season", "1", "-q", "-o", "m"]
#: name of the file -> its columns beside the numbers, options of train
FILES = {"one.csv": ("time", []), "groups.csv": ("time,id", ["--group", "id"])}


def table(file, rows):
    """Minutes, in `groups.csv` of three groups in turn."""
    head, groups = f"{FILES[file][0]},y\n", 3 if "id" in FILES[file][0] else 1
    minutes = np.datetime64("2024-01-01T00:00") + np.arange(rows) // groups
    y, names = np.random.default_rng(0).normal(size=rows).round(2), [f",g{g}" if groups > 1 else "" for g in range(3)]
    return head + "".join(f"{t}:00{names[i % groups]},{v}\n" for i, (t, v) in enumerate(zip(minutes, y, strict=True)))


@pytest.mark.parametrize(
    ("file", "way"),
    [
        ("one.csv", ["--score", "--from", "-300", "--save", "rows.csv"]),
        ("groups.csv", ["--evaluate"]),
        ("one.csv", ["--from", "500", "--stride", "50", "--save", "rows.csv"]),
    ],
)
def test_more_rows_take_less_than_one_number_each(here, monkeypatch, file, way):
    for module, name, value in (
        (temporary, "LARGE", 1 << 14),
        (temporary, "BLOCK", 1 << 9),
        (spool, "IN_MEMORY", 1 << 14),
        (spool, "TAKEN", 1 << 9),
        (series, "MOST_DIGITS", 100),
        (seen_series, "BLOCK", 1 << 9),
        (forecaster, "STEPS", 1 << 4),
    ):
        monkeypatch.setattr(module, name, value)
    columns, peaks = tables._Table.columns, []

    def from_here_on(self, *arguments):
        tracemalloc.reset_peak()
        return columns(self, *arguments)

    here.write(file, table(file, 600))
    assert here("train", file, *FILES[file][1], *QUICK).code == 0
    monkeypatch.setattr(tables._Table, "columns", from_here_on)
    for rows in (2_000, 2_000, 8_000):  # the first time libraries are loaded
        here.write(file, table(file, rows))
        tracemalloc.start()
        try:
            assert here("predict", "m", file, *way).code == 0
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[2] - peaks[1] < 8 * 6_000, peaks
