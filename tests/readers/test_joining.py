"""A year and a part of it in columns of their own, as one time."""

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


@pytest.mark.parametrize(("count", "what"), [(4, "quarters"), (2, "halves of years")])
def test_numbers_under_another_name_that_may_be_quarters_are_refused(tmp_path, count, what):
    path = tmp_path / "a.csv"
    path.write_text("year,x,y\n" + "".join(f"{part},{i}.5\n" for i, part in enumerate(parts(count))))
    with pytest.raises(RnncliError, match=f"'2000-1' in the time column year,x: all times may be {what}, or months"):
        read_times(path, "year,x")
