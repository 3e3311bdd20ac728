"""`train` on lines, and on tables from pipes, that nobody calls so: the model is that of a command that says it."""

from pathlib import Path

import pytest

from rnncli.tasks.trained import load_model

SAMPLES = Path(__file__).parents[2] / "sample_data"
SHORT = ("--epochs", "0.2", "--hidden", "4")
NAMES, TIDES = str(SAMPLES / "names.txt"), str(SAMPLES / "tides.csv")
SAID = "each line is a text of its own, as in a log or a list: --format text reads one stream"


def test_the_model_is_that_of_a_command_that_names_lines(here):
    done = here("train", NAMES, *SHORT, "-o", "g"), here("train", NAMES, *SHORT, "--format", "lines", "-o", "n")
    assert [one.code for one in done] == [0, 0], done[0].err
    assert SAID in done[0].err and SAID not in done[1].err and "2,700 lines" in done[0].err
    assert (here.folder / "g").read_bytes() == (here.folder / "n").read_bytes()


def test_an_option_undoes_it(here):
    done = here("train", NAMES, *SHORT, "--format", "text", "-o", "m")
    assert done.code == 0 and SAID not in done.err and "lines" not in done.err


@pytest.mark.parametrize("first", [NAMES, "prose.txt"])
def test_all_files_are_read_as_the_first_one(here, first):
    here.write("prose.txt", "and so it went on, and on, and\nso we came to a town\n\n" * 40)
    files = (NAMES, "prose.txt") if first == NAMES else ("prose.txt", NAMES)
    assert here("train", *files, *SHORT, "-o", "m").code == 0
    assert load_model(str(here.folder / "m")).config.format == ("lines" if first == NAMES else "text")


def test_a_model_to_start_from_says_it(here):
    assert here("train", NAMES, *SHORT, "--format", "text", "-o", "m").code == 0
    done = here("train", NAMES, *SHORT[:2], "--init", "m", "-o", "n")
    assert done.code == 0 and SAID not in done.err
    assert load_model(str(here.folder / "n")).config.format == "text"


@pytest.mark.parametrize("options", [(), ("--target", "level")])
def test_a_table_from_a_pipe_is_the_table(here, options):
    table = b"".join(Path(TIDES).read_bytes().splitlines(keepends=True)[:420])
    here.write("tides.csv", table)
    call = (*options, "--until", "300", *SHORT, "-o")
    done = here("train", "-", *call, "pipe", input=table), here("train", "tides.csv", *call, "file")
    assert [one.code for one in done] == [0, 0], done[0].err
    assert (here.folder / "pipe").read_bytes() == (here.folder / "file").read_bytes()
