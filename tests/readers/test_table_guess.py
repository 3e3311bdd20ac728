"""Tables in files whose names do not say so."""

import pytest

from rnncli.readers.table_guess import is_table

COUNT = 30
TABLES = {
    "names on top": ["time,a,b", *(f"day {i},{i}.5,x" for i in range(COUNT))],
    "times": [f"2024-01-01 00:{i:02};{i}" for i in range(COUNT)],
    "decimal commas": ["a;b", *(f"{i},5;{i},25" for i in range(COUNT))],
    "numbers between blanks": [f"{i}  {i * i}.5" for i in range(COUNT)],
    "dates, times and numbers between blanks": [f"2024-01-31 10:{i:02}:00  {i}.5 {i}" for i in range(COUNT)],
    "names above dates and numbers": ["date value", *(f"{i + 1:02}.01.2024  {i}.5" for i in range(COUNT))],
    "one number a line": [f"{i}.5" for i in range(COUNT)],
    "counts": [str(i * i) for i in range(COUNT)],
    "comments": ["# of a sensor", *(f"{i}\t{i}" for i in range(COUNT))],
    "texts with usual names": ["review,sentiment", *(f"as good as the {i}th,good" for i in range(COUNT))],
}
OTHERS = {
    "commas of a log": [f"2024-01-01 00:00:{i:02},{i} root INFO" for i in range(COUNT)],
    "dates and words between blanks": [f"12 {i} it rains" for i in range(COUNT)],
    "dates, times and a word between blanks": [f"2024-01-31 10:{i:02}:00 {i} INFO" for i in range(COUNT)],
    "dates and times alone": [f"2024-01-31 10:{i:02}:00" for i in range(COUNT)],
    "telephone numbers": [f"555{i:04}" for i in range(COUNT)],
    "numbers with zeros in front": [f"{i:04}" for i in range(COUNT)],
    "prose": [f"to be, or not to be{i * ' so'}, that is" for i in range(COUNT)],
    "rows of several widths": [",".join("12345"[: 1 + i % 4]) for i in range(COUNT)],
    "few rows": ["1,2", "3,4"],
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name):
    assert is_table(TABLES[name])


@pytest.mark.parametrize("name", OTHERS)
def test_others(name):
    assert not is_table(OTHERS[name])
