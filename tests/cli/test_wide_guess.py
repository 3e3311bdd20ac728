"""`train` on a file of the UCR form: found, said, undone, and the model of a command which names its columns."""

import numpy as np
import pytest

from tests.readers.test_wide_guess import LABELS, ROWS, STEPS, write


@pytest.fixture
def table(here):
    """a.tsv in the folder."""
    write(here.folder / "a.tsv", LABELS, np.random.default_rng(0).standard_normal((ROWS, STEPS)))
    return here


def test_the_model_is_that_of_a_command_that_names_it(table):
    guessed = table("train", "a.tsv", "-o", "g")
    named = table("train", "a.tsv", "--format", "wide", "--label", "1", "-o", "n")
    assert (guessed.code, named.code) == (0, 0), guessed.err
    line = "a.tsv: each row is a sequence behind its label, by column 1: --task forecast reads columns of series\n"
    assert line in guessed.err and line not in named.err
    assert (table.folder / "g").read_bytes() == (table.folder / "n").read_bytes()


@pytest.mark.parametrize("option", [("--task", "forecast"), ("--target", "2"), ("--format", "table")])
def test_options_undo_it(table, option):
    done = table("train", "a.tsv", *option, "--epochs", "0.1", "--hidden", "3", "-o", "m")
    assert done.code == 0 and "1 step ahead" in done.err and "behind its label" not in done.err
