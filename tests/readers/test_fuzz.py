"""A small share of `make fuzz`."""

from tests.fuzz import run


def test_damaged_files_are_read_or_refused_in_one_line():
    read, refused, wrong = run(300, seed=1)
    assert not wrong, wrong[0]
    assert min(read, refused) > 20
