"""No room: a training goes on as long as it can, and no file is left half written."""

import errno
import json
import os
import resource
import signal
import sys
from contextlib import contextmanager
from itertools import islice

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted, Notes, RnncliError
from rnncli.process.spool import RowSpool
from rnncli.training import log as log_file
from rnncli.training import loop
from rnncli.training.experiment import Experiment
from rnncli.training.log import Log
from rnncli.training.reports import CheckpointDue, Progress

SMALL = ("--hidden", "24", "--batch", "8", "--steps", "24", "--epochs", "1")


@contextmanager
def room(size):
    """Files of at most so many bytes: what is beyond fails, as on a full disk. Python's import would leave the first
    part of a module's bytecode.
    """
    before, bytecode = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = bytecode


@pytest.fixture
def often(monkeypatch):
    """A report and a checkpoint after each update."""
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)


def test_a_checkpoint_that_does_not_fit_stops_nobody(here, text, often):
    here.write("text.txt", text)
    assert here("train", "text.txt", *SMALL, "-q", "-o", "whole").code == 0
    size = len(here.read("whole"))
    with room(2 * size):  # a checkpoint has the state of the optimiser too
        done = here("train", "text.txt", *SMALL, "-q", "-o", "m")
    assert done.code == 0
    assert done.err == "m.checkpoint: file too large: no checkpoint for now\n"
    assert here.read("m") == here.read("whole")
    assert here.files() == ["m", "text.txt", "whole"]


def test_a_checkpoint_is_tried_again(here, text, often):
    here.write("text.txt", text)
    reports = Experiment(["text.txt"], TrainConfig(hidden=24, batch=8, steps=24, epochs=1.0), "m", 1).reports()
    with room(1000):
        first = islice(reports, 12)
        there = [os.path.exists("m.checkpoint") for report in first if isinstance(report, CheckpointDue)]
    assert there and not any(there)
    later = [os.path.exists("m.checkpoint") for report in reports if isinstance(report, CheckpointDue)]
    assert later and all(later)
    assert here.files() == ["m", "text.txt"]


def test_a_stop_without_room_says_what_is_left(here, text, often):
    here.write("text.txt", text)
    config = TrainConfig(hidden=24, batch=8, steps=24, epochs=1.0)
    for last, words in ((0, "nothing was written"), (3, r"all up to the last checkpoint is in m\.checkpoint: give")):
        experiment = Experiment(["text.txt"], config, "m", 1)
        stopped = pytest.raises(Interrupted, match=rf"stopped at update \d+; {words}")
        with stopped as error, room(resource.RLIM_INFINITY if last else 1000):
            for report in experiment.reports():
                if isinstance(report, Progress) and report.step == last + 2:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
                    experiment.stop(signal.SIGINT)
        assert error.value.exit_code == 130
    assert here("train", "text.txt", *SMALL, "-q", "-o", "m", "--resume").code == 0


def test_a_model_that_does_not_fit_is_an_error_and_the_old_one_stays(here, text):
    here.write("text.txt", text)
    here.write("m", "old")
    with room(1000):
        done = here("train", "text.txt", *SMALL, "-q", "-o", "m")
    assert done.code == 1
    assert done.err.splitlines()[-1] == "rnncli: m: file too large; nothing was written"
    assert here.files() == ["m", "text.txt"]
    assert here.read("m") == b"old"


# -- the log --------------------------------------------------------------------------------------------------------


def progress(step):
    return Progress(step, 0.5, 100 * step, 1.0, 100.0, 0.01, 2.0, 0.5, None, None)


def test_lines_of_the_log_wait_for_room(tmp_path):
    path = tmp_path / "log.jsonl"
    log, said = Log(str(path)), []
    Notes.begin(said.append)
    log.write(progress(1))
    size = path.stat().st_size
    with room(size + size // 2):
        log.write(progress(2))
        log.write(progress(3))
        assert path.stat().st_size == size
    log.write(progress(4))
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2, 3, 4]
    log.end()
    assert len(said) == 1 and said[0].startswith(f"--log {path}: file too large: lines wait")
    Notes.begin(None)


def test_a_training_goes_on_without_its_log(here, text, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(log_file, "_append", full)
    here.write("text.txt", text)
    done = here("train", "text.txt", *SMALL, "-q", "-o", "m", "--log", "l")
    assert done.code == 0
    first, last = done.err.splitlines()
    assert first.startswith("--log l: no space left on device: lines wait")
    assert last.startswith("--log l: the last") and last.endswith("lines could not be written")
    assert here.files() == ["m", "text.txt"]


# -- pictures, temporary data, memory ---------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [("--save", "a.svg"), ("text.txt", "--view", "states", "--save", "a.html")])
def test_a_picture_is_whole_or_the_old_one(here, text, char_model, options):
    here.write("text.txt", text)
    here.write(options[-1], "old")
    with room(2000):
        done = here("inspect", char_model, *options)
    assert done.code == 1
    assert done.err.splitlines()[-1] == f"rnncli: {options[-1]}: file too large"
    assert here.read(options[-1]) == b"old"
    assert len(here.files()) == 2


def test_temporary_data_without_room_says_so():
    spool = RowSpool(np.uint8, most=100)
    with room(10_000):
        with pytest.raises(RnncliError, match=r"cannot write temporary data \(.*file too large\): set TMPDIR"):
            for _ in range(30):
                spool.append(np.zeros(1000, np.uint8))
        with pytest.raises(RnncliError):
            spool.file.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError("Unable to allocate 9 GiB"), "out of memory (unable to allocate 9 GiB): "),
        (MemoryError(), "out of memory: "),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "out of memory: "),
    ],
)
def test_a_full_memory_is_told_from_a_full_disk(here, char_model, monkeypatch, error, words):
    def full(*_, **__):
        raise error

    here.write("text.txt", "the baker\n" * 300)
    monkeypatch.setattr("rnncli.commands.source.load_model", full)
    assert here("predict", char_model, "text.txt").err == f"rnncli: {words}give less at a time, or free memory\n"
    monkeypatch.setattr("rnncli.commands.training.Log", full)
    assert here("train", "text.txt", "-q").err == (
        f"rnncli: {words}train with a smaller --batch, --hidden or --steps, or free memory\n"
    )
