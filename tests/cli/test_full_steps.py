"""`--steps full` and `--memory` from the shell: the same MODEL in any memory, on texts and series."""

import re

import pytest

from rnncli.tasks.trained import load_model
from rnncli.values import bytes_of
from tests.cli.test_resume import interrupted

FULL = ("--steps", "full", "--batch", "2", "--hidden", "12", "--epochs", "4", "--quiet")


def trained(here, output, *options):
    done = here("train", *options, "-o", output)
    assert (done.code, done.out) == (0, b""), done.err
    return here.read(output)


def test_a_text_gives_the_same_model_in_any_memory_and_with_any_threads(here, text):
    here.write("text.txt", text)
    whole = trained(here, "whole", "text.txt", *FULL, "--layers", "2", "--dropout", "0.2")
    for name, memory, threads in (("small", "400kB", "1"), ("smaller", "250kB", "2")):
        options = ("--layers", "2", "--dropout", "0.2", "--memory", memory, "--threads", threads)
        assert trained(here, name, "text.txt", *FULL, *options) == whole
    config = load_model("whole").config
    assert (config.steps, config.memory) == ("full", None)


def test_full_is_the_window_of_as_many_steps(here, text):
    """In its first epoch; in later ones windows of a number are cut elsewhere."""
    here.write("text.txt", text)
    steps = str(-(-(len(text) - int(0.1 * len(text))) // 2))
    once = ("--batch", "2", "--hidden", "12", "--epochs", "1", "--quiet")
    trained(here, "full", "text.txt", *once, "--steps", "full", "--memory", "200kB")
    trained(here, "number", "text.txt", *once, "--steps", steps)
    full, number = load_model("full"), load_model("number")
    assert full.network.theta.flat.tobytes() == number.network.theta.flat.tobytes()
    assert full.summary["valid_loss"] == number.summary["valid_loss"]


def test_lines_and_minutes_and_words_on_the_screen(here, text):
    here.write("text.txt", text)
    common = ("train", "text.txt", "--format", "lines", "--steps", "full", "--batch", "4", "--hidden", "8")
    found = here(*common, "--minutes", "0.03", "-o", "minutes")
    assert found.code == 0
    assert re.search(r"batch 4, window full \([\d,]+\), ", found.err)
    assert "one an epoch" not in found.err
    few = here(*common, "--epochs", "2", "-o", "few")
    assert "--steps full: 2 updates, one an epoch: --epochs or --minutes sets more" in few.err
    summary = here("inspect", "few", "--json").json()
    assert (summary["config"]["steps"], summary["history"][-1]["update"]) == ("full", 2)
    assert "memory" not in summary["config"]


def test_a_training_in_segments_goes_on_after_a_signal(here, run, text):
    here.write("text.txt", text)
    command = ("train", "text.txt", *FULL[:-3], "--epochs", "30", "--memory", "300kB")
    whole = here(*command, "--quiet", "-o", "whole.st")
    assert whole.code == 0
    code, message = interrupted(run, (*command, "-o", "cut.st"), 15)
    assert (code, "to continue" in message or "--resume" in message) == (143, True)
    again = here(*command, "--resume", "--memory", "1GB", "--quiet", "-o", "cut.st")
    assert again.code == 0, again.err
    assert here.read("cut.st") == here.read("whole.st")


SERIES = "\n".join(["place,level", *(f"{'abc'[t // 300]},{(t * 7 % 23) + t % 5 / 7:.3f}" for t in range(800))])


@pytest.mark.parametrize("group", [(), ("--group", "place")])
def test_series_give_the_same_model_in_any_memory(here, group):
    here.write("level.csv", SERIES)
    options = ("level.csv", "--target", "level", *group, *FULL)
    models = [trained(here, f"m{memory}", *options, "--memory", memory) for memory in ("2MB", "150kB")]
    assert models[0] == models[1]


@pytest.mark.parametrize("memory", ["7", "500", "-1MB", "0MB", "1 apple", "nanGB"])
def test_a_size_without_its_unit_is_refused(here, text, memory):
    here.write("text.txt", text)
    done = here("train", "text.txt", "--memory", memory)
    assert (done.code, done.out) == (2, b"")
    assert f"--memory {memory}: expected a size in kB, MB or GB, such as 500MB" in done.err


def test_too_little_memory_and_other_words_are_refused(here, text):
    here.write("text.txt", text)
    little = here("train", "text.txt", *FULL, "--memory", "20kB", "-o", "m")
    assert (little.code, here.files()) == (2, ["text.txt"])
    assert re.search(r"--memory: [\d,]+ steps of 2 rows need at least [\d.]+ kB, found 20 kB: use fewer", little.err)
    other = here("train", "text.txt", "--steps", "all")
    assert (other.code, "'all' is neither a number nor full or auto" in other.err) == (2, True)
    labels = here("train", "text.txt", "--task", "classify", "--steps", "full")
    assert (labels.code, "--steps has no effect with --task classify" in labels.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "size"), [("500MB", 5e8), ("1.5 GB", 1.5e9), ("20k", 2e4), ("20KB", 2e4), ("3mb", 3e6), ("1G", 1e9)]
)
def test_a_size_is_read_as_people_write_it(text, size):
    assert bytes_of("--memory", text) == size
