"""--from and --until: rows of the file, the last rows, times."""

import numpy as np
import pytest

from rnncli.data.columns import Columns
from rnncli.data.limits import stops_of
from rnncli.data.times.calendar import Calendar
from rnncli.errors import Notes, UsageError

DAYS = np.datetime64("2024-01-01", "us") + np.arange(8).astype("timedelta64[D]")
CLOCK = Calendar("time", 86_400e6, "2024-01-01")
#: two series; of the first, days 2 and 3 were put in
COLUMNS = Columns(
    np.array([0, 8, 12]),
    ["y"],
    np.zeros((12, 1)),
    times=np.append(DAYS, DAYS[:4]),
    time_sample="2024-01-01",
    numbering=np.array([0, 1, -1, -1, 2, 3, 4, 5, 0, 1, 2, 3]),
    clocks=[CLOCK, CLOCK],
)


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        *[(None, [8, 12]), ("0", [0, 8]), ("2", [4, 10]), ("3", [5, 11]), ("5", [7, 12]), ("6", [8, 12])],
        *[("-1", [7, 11]), ("-4", [4, 8]), ("-5", [1, 8]), ("-100", [0, 8])],
        *[("2024-01-03", [2, 10]), ("2024-01-05", [4, 12]), ("2024-01-09", [8, 12]), ("time:2024-01-03", [2, 10])],
    ],
)
def test_rows_are_those_of_the_file_and_times_those_of_the_clock(text, stops):
    assert stops_of(COLUMNS, CLOCK, text, "--from").tolist() == stops


@pytest.mark.parametrize("text", ["7", "2024-01-10", "2030-01-01", "soon", "-0", "-", "1.5"])
def test_what_lies_beyond_the_step_after_the_last_is_refused(text):
    with pytest.raises(UsageError, match=f"--from {text}"):
        stops_of(COLUMNS, CLOCK, text, "--from")


def test_a_number_that_is_a_row_and_a_time_is_noted():
    days = Columns(np.array([0, 200]), ["y"], np.zeros((200, 1)), times=np.arange(100.0, 300.0))
    said, clock = [], Calendar("number", 1.0, "100")
    Notes.begin(said.append)
    assert stops_of(days, clock, "150", "--until") == [150]
    assert len(said) == 1 and "--until time:150" in said[0]
    assert stops_of(days, clock, "time:150", "--until") == stops_of(days, clock, "250", "--until") - 100 == [50]
    assert stops_of(days, clock, "99", "--until") == [99]  # no time
    assert len(said) == 1
    Notes.begin(None)
