"""`train --dry-run`: what would be trained is what is trained, and nothing is written."""

import pytest

from tests.conftest import Here

TRAIN = ("train", "s.csv", "--time", "step", "--target", "y", "--horizon", "2", "--hidden", "8", "--epochs", "3")


@pytest.fixture
def shell(here) -> Here:
    here.write("s.csv", "step,y\n" + "".join(f"{i},{i % 7}\n" for i in range(80)))
    return here


def test_it_says_what_the_training_does(shell):
    told = shell(*TRAIN, "--dry-run", "--json").json()
    assert {one.name for one in shell.folder.iterdir()} == {"s.csv"}
    result = shell(*TRAIN, "--json").json()
    for name in ("parameters", "updates", "config"):
        assert told[name] == result[name], name
    assert 0 < told["estimated_s"] < 60
    assert told["timed_updates"] >= 1


def test_it_is_a_few_lines_on_stdout(shell):
    lines = shell(*TRAIN, "--dry-run").out.decode().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["s.csv", "lstm 1 x 8", "time"]
    assert lines[-1].startswith("time  about 0:0")
    lines = shell(*TRAIN[:-2], "--minutes", "2", "--dry-run").out.decode().splitlines()
    assert lines[-1].startswith("time  2:00, about ")


def test_a_read_out_has_no_updates(shell):
    rows = "".join(f"{n % 2},{','.join(str((n % 2) * i) for i in range(9))}\n" for n in range(20))
    shell.write("wide.csv", rows)
    told = shell("train", "wide.csv", "--format", "wide", "--label", "1", "--dry-run", "--json").json()
    assert (told["updates"], told["estimated_s"], told["config"]["learn"]) == (None, None, "readout")


def test_of_few_tokens_the_minutes_end_with_so_many_passes_of_each_member(shell):
    shell.write("t.txt", "the sailor counts seven boats. " * 12)
    command = ("train", "t.txt", "--format", "text", "--hidden", "256", "--minutes", "60", "--dry-run", "--json")
    one, two = (shell(*command, *more).json() for more in ((), ("--members", "2")))
    assert one["estimated_s"] < 600 and two["updates"] == 2 * one["updates"]


def test_members_and_ways_are_counted_in(shell):
    one = shell(*TRAIN, "--dry-run", "--json").json()
    three = shell(*TRAIN, "--members", "3", "--dry-run", "--json").json()
    assert three["updates"] == one["updates"]
    assert three["estimated_s"] > 1.2 * one["estimated_s"]  # timed on a machine that has other work


@pytest.mark.parametrize("other", ["--explain", "--resume", "--tune"])
def test_what_has_no_meaning_beside_it_is_refused(shell, other):
    done = shell(*TRAIN, "--dry-run", other)
    assert done.code == 2
    assert f"--dry-run and {other} cannot be combined" in done.err


def test_bad_data_is_one_line(shell):
    done = shell("train", "none.csv", "--dry-run")
    assert (done.code, done.out) == (1, b"")
    assert "none.csv: no such file" in done.err


@pytest.mark.parametrize("how", ["--univariate", "--no-univariate"])
def test_rows_and_series_are_those_of_the_file(here, how):
    here.write("t.csv", "id,a,b\n" + "".join(f"{i // 50},{i % 7},{i % 5}\n" for i in range(100)))
    done = here("train", "t.csv", "--group", "id", "--target", "a,b", how, "--dry-run")
    assert "; 2 series, 100 rows; a, b 1 step ahead" in done.out.decode(), done.err
