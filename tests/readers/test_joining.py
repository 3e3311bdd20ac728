"""A year and a part of it in columns of their own, as one time."""

import numpy as np
import pytest

from rnncli.errors import RnncliError
from tests.readers.helpers import read


def read_times(path, time):
    return read(str(path), "forecast", time=time, targets=("y",), inputs=("y",)).times


def parts(count, rows=24):
    return [f"{2000 + i // count},{i % count + 1}" for i in range(rows)]


@pytest.mark.parametrize(
    ("name", "count", "last"),
    [
        ("quarter", 4, "2005-10-01"),
        ("trimestre", 4, "2005-10-01"),
        ("semester", 2, "2011-07-01"),
        ("Halbjahr", 2, "2011-07-01"),
        ("Month", 12, "2001-12-01"),
        ("m", 4, "2005-04-01"),
    ],
)
def test_the_name_of_the_second_column_says_what_it_counts(tmp_path, name, count, last):
    """Halves of years were the months January and February."""
    path = tmp_path / "a.csv"
    path.write_text(f"year,{name},y\n" + "".join(f"{part},{i}.5\n" for i, part in enumerate(parts(count))))
    assert str(read_times(path, f"year,{name}")[-1])[:10] == last


def test_weeks_in_other_languages(tmp_path):
    path = tmp_path / "a.csv"
    for name in ("Semana", "semaine", "KW"):
        path.write_text(f"year,{name},y\n" + "".join(f"2024,{i + 1},{i}.5\n" for i in range(10)))
        assert str(read_times(path, f"year,{name}")[-1])[:10] == "2024-03-04"


@pytest.mark.parametrize(("count", "what"), [(4, "quarters"), (3, "thirds of years"), (2, "halves of years")])
def test_numbers_under_another_name_that_may_be_quarters_are_refused(tmp_path, count, what):
    path = tmp_path / "a.csv"
    path.write_text("year,x,y\n" + "".join(f"{part},{i}.5\n" for i, part in enumerate(parts(count))))
    with pytest.raises(RnncliError, match=f"'2000-1' in the time column year,x: all times may be {what}, or months"):
        read_times(path, "year,x")


def test_hours_beside_a_day_of_the_year(tmp_path):
    """24 o'clock is the end of a day."""
    path, hours = tmp_path / "a.csv", range(1, 73)
    rows = "".join(f"{2023 + (t > 48)},{(363 + (t - 1) // 24) % 365 + 1},{(t - 1) % 24 + 1},{t}.5\n" for t in hours)
    path.write_text("year,doy,hour,y\n" + rows)
    right = np.datetime64("2023-12-30", "us") + np.array(hours) * np.timedelta64(1, "h")
    np.testing.assert_array_equal(read_times(path, "year,doy,hour"), right)
