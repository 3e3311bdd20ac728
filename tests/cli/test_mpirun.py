"""`mpirun -n N rnncli train`, with the launchers of both libraries: skipped where `make mpi` has not set them up."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnncli.process.launched import Launched, launched
from tests.launchers import ranks_below, wait_for_an_update

OPTIONS = ("--hidden", "12", "--batch", "16", "--steps", "24", "--threads", "1")


def test_the_model_has_the_bits_of_one_process_and_one_rank_speaks(mpirun, run, text):
    run.write("t.txt", text)
    assert run("train", "t.txt", "-o", "one", "--epochs", "1", "-q", *OPTIONS).code == 0
    code, out, err = mpirun(3, "train", "t.txt", "-o", "three", "--epochs", "1", "--json", "--log", "log", *OPTIONS)
    assert code == 0, err
    assert json.loads(out)["model"] == "three"
    assert err.count("held out for validation") == 1 and "\x1b" not in err
    assert run.read("three") == run.read("one")
    assert run.files() == ["log", "one", "t.txt", "three"]


def test_stopped_and_resumed_by_another_number_of_ranks(mpirun, run, text):
    """By two ranks until SIGTERM comes to them, by three until SIGUSR1 comes to the launcher, then by two."""
    run.write("t.txt", text)
    options = ("train", "t.txt", "-o", "m", "--epochs", "20", *OPTIONS)
    with mpirun.start(2, *options) as process:
        wait_for_an_update(process)
        for rank in ranks_below(process.pid):  # Open MPI ends them a quarter of a second after a SIGTERM of its own
            os.kill(rank, signal.SIGTERM)
        process.stderr.read()  # the last words of a rank that ends at once do not always pass its launcher
        assert process.wait(60) != 0
    assert run.files() == ["m.checkpoint", "t.txt"]
    with mpirun.start(3, *options, "--resume") as process:
        assert "continuing from update" in wait_for_an_update(process)
        process.send_signal(signal.SIGUSR1)
        err = process.stderr.read()
        assert process.wait(60) == 130, err
    assert len(re.findall(r"rnncli: stopped at update \d+; everything is in m.checkpoint: .* --resume", err)) == 1, err
    assert run.files() == ["m.checkpoint", "t.txt"]
    code, _, err = mpirun(2, *options, "--resume")
    assert code == 0 and "continuing from update" in err, err
    assert run("train", "t.txt", "-o", "whole", "--epochs", "20", "-q", *OPTIONS).code == 0
    assert run.read("m") == run.read("whole")


def test_local_steps_give_the_same_model_each_time_and_say_what_it_depends_on(mpirun, run, text):
    run.write("t.txt", text)
    for name in ("one", "two"):
        options = ("--local-steps", "4", "--epochs", "1", *OPTIONS)
        code, _, err = mpirun(2, "train", "t.txt", "-o", name, *options)
        assert code == 0, err
        said = "--local-steps 4: weights are averaged every 4 updates, so MODEL depends on the number of processes"
        assert err.count(said) == 1 and "which is 2" in err
    assert run.read("one") == run.read("two")


def test_an_error_ends_all_ranks_with_one_message_and_its_code(mpirun, run, text):
    code, out, err = mpirun(2, "train", "missing.txt", "-q")
    assert (code, out) == (1, "")
    assert err.count("missing.txt: no such file or directory") == 1 and "Traceback" not in err
    run.write("t.txt", text)
    began = time.monotonic()
    code, _, err = mpirun(2, "train", "t.txt", "--batch", "4", "--epochs", "1", "-q")
    assert code == 2 and "--batch 4: 1 group of 4 rows for 2 ranks" in err
    assert time.monotonic() - began < 60 and run.files() == ["t.txt"]


def alone(run, *arguments, **variables):
    """As a launcher would start it, whose library is not there."""
    return run("train", *arguments, env=variables)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-",), "MPICH started 2 processes, of which stdin reaches one at most: give a file in place of -"),
        (("t.txt", "--minutes", "1", "--tune"), "--tune with --minutes is not for several: --epochs says how long"),
        (("t.txt", "--dry-run"), "--dry-run is not for several: start one process for it"),
        (("t.txt", "--steps", "full"), "--steps full is not for several"),
        (("t.txt", "--local-steps", "2", "--tune"), "--local-steps and --tune cannot be combined"),
        (("t.txt", "--local-steps", "2", "--members", "2"), "--local-steps and --members cannot be combined"),
        (("t.txt", "--local-steps", "0"), "--local-steps 0: expected a whole number from 1"),
    ],
)
def test_what_several_processes_cannot_do(run, arguments, expected):
    run.write("t.txt", "text\n")
    done = alone(run, *arguments, PMI_RANK="0", PMI_SIZE="2")
    assert done.code == 2 and expected in done.message()
    silent = alone(run, *arguments, PMI_RANK="1", PMI_SIZE="2")
    assert (silent.code, silent.err) == (2, "")


def test_whole_trainings_are_dealt_out(mpirun, run, text):
    """Members, cells, candidates of --tune; those of cells are stopped and resumed."""
    run.write("t.txt", text)
    some = ("train", "t.txt", *OPTIONS, "--batch", "32")
    members = (*some, "--epochs", "1", "--members", "3")
    assert run(*members, "-o", "one", "-q").code == 0
    code, _, err = mpirun(2, *members, "-o", "two")
    assert code == 0, err
    assert run.read("one") == run.read("two")
    assert "member 0 of 3" in err and "member 2 of 3" in err and "member 1 of 3" not in err

    cells = (*some, "--epochs", "800", "--cells", "rnn,gru")  # some seconds, on a fast machine too
    with mpirun.start(2, *cells, "-o", "c", "--json") as process:
        wait_for_an_update(process)
        process.send_signal(signal.SIGUSR1)
        err = process.stderr.read()
        assert process.wait(60) == 130, err
    assert {"c-rnn.checkpoint", "c-gru.checkpoint"} <= set(run.files())
    code, out, err = mpirun(2, *cells, "-o", "c", "--json", "--resume")
    assert code == 0, err
    assert run(*cells, "-o", "d", "-q").code == 0
    for name in ("", "-rnn", "-gru"):
        mine, theirs = (run("inspect", f"{one}{name}", "--json").json() for one in "cd")
        assert mine["valid_loss"] == theirs["valid_loss"] and mine["history"] == theirs["history"]
    assert run.read("c-gru") == run.read("d-gru") and run.read("c-rnn") == run.read("d-rnn")
    assert [row["cell"] for row in json.loads(out)["cells"]] == ["rnn", "gru"]
    assert not [name for name in run.files() if "checkpoint" in name or "lock" in name]
    code, _, err = mpirun(3, *cells, "-o", "e")
    assert code == 2 and "--cells rnn,gru: found 3 ranks for 2 trainings" in err


def test_candidates_and_minutes(mpirun, run, text):
    run.write("t.txt", text)
    tune = (
        "train",
        "t.txt",
        "--cell",
        "rnn",
        "--hidden",
        "8",
        "--batch",
        "16",
        "--steps",
        "24",
        "--epochs",
        "1",
        "--tune",
    )
    assert run(*tune, "-o", "one", "-q").code == 0
    code, _, err = mpirun(2, *tune, "-o", "two", "-q")
    assert code == 0, err
    assert run.read("one") == run.read("two")
    began = time.monotonic()
    code, out, err = mpirun(2, "train", "t.txt", *OPTIONS, "--minutes", "0.05", "-o", "m", "--json")
    assert code == 0, err
    assert json.loads(out)["updates"] > 1 and json.loads(out)["elapsed_s"] < 3.5
    assert time.monotonic() - began < 60


def test_folds_are_dealt_out(mpirun, run):
    rows = [f"{'ab'[k % 2]}\t{'xy'[k % 3 == 0]} {'pqr'[k % 3]} w{k % 7}" for k in range(60)]
    run.write("t.tsv", "label\ttext\n" + "\n".join(rows))
    run.write("s.csv", "level\n" + "\n".join(f"{k % 7}.{k % 3}" for k in range(300)))
    assert run("train", "t.tsv", "--label", "label", "--hidden", "5", "--epochs", "1", "-q", "-o", "c").code == 0
    small = ("--hidden", "4", "--epochs", "1", "--batch", "1", "--learn", "all")
    assert run("train", "s.csv", "--target", "level", *small, "-q", "-o", "f").code == 0
    for model, data in (("c", "t.tsv"), ("f", "s.csv")):
        code, out, err = mpirun(2, "predict", model, data, "--evaluate", "--folds", "3", "--threads", "1")
        assert code == 0, err
        assert json.loads(out) == run("predict", model, data, "--evaluate", "--folds", "3").json()
        assert [err.count(f"part {k} of 3: trained on") for k in (1, 2, 3)] == [1] * 3


def test_prediction_is_shared_out_and_keeps_its_order(mpirun, run, lines_model, text):
    run.write("t.txt", text * 3)
    for options in (("--score", "--to", "csv"), ("--next", "2"), ("--length", "3", "--seed", "1")):
        code, out, err = mpirun(3, "predict", lines_model, "t.txt", *options, "-q")
        assert (code, err) == (0, "")
        assert out == run("predict", lines_model, "t.txt", *options, "-q").out.decode()
    code, out, err = mpirun(2, "predict", lines_model, "t.txt", "--score", "--save", "rows.jsonl")
    assert (code, out) == (0, "") and err.count("rows.jsonl is written") == 1
    assert run.read("rows.jsonl") == run("predict", lines_model, "t.txt", "--score", "--json").out


def test_prediction_of_several_processes_ends_as_that_of_one(mpirun, run, lines_model, text):
    run.write("t.txt", text.encode() + b"\xff\n")  # in the part of the last one
    code, out, err = mpirun(2, "predict", lines_model, "t.txt", "--score")
    alone = run("predict", lines_model, "t.txt", "--score")
    assert (code, alone.code) == (1, 1)
    assert alone.err.splitlines()[-1] in err
    code, out, err = mpirun(2, "predict", lines_model, "t.txt", "--score", "--carry")
    assert (code, out) == (2, "")
    assert err.count("started 2 processes, each with its --shard of the input: --shard and a model that carries") == 1


def test_each_process_may_be_told_its_shard(run, lines_model):
    told = {"PMI_RANK": "0", "PMI_SIZE": "2"}
    done = run("predict", lines_model, "--score", input=b"a\n", env=told)
    assert done.code == 2 and "of which stdin reaches one at most: give a file in place of -" in done.message()
    options = ("predict", lines_model, "--score")
    each = [run(*options, "--shard", f"{i + 1}/2", input=b"a\nb\n", env=told | {"PMI_RANK": f"{i}"}) for i in range(2)]
    assert b"".join(one.out for one in each) == run(*options, input=b"a\nb\n").out


def test_without_mpi4py_the_way_to_it_is_told(run, text):
    run.write("t.txt", text)
    run.write("mpi4py.py", "raise ImportError('No module named mpi4py')")
    done = alone(run, "t.txt", PMI_RANK="0", PMI_SIZE="2", PYTHONPATH=str(run.folder))
    assert done.code == 1 and "pip install 'rnncli[mpi]'" in done.message()


def test_a_launcher_is_known_by_its_variables():
    assert launched({}) is None
    assert launched({"PMI_RANK": "0", "PMI_SIZE": "1"}) is None
    assert launched({"PMI_RANK": "3", "PMI_SIZE": "4"}) == Launched("MPICH", 3, 4)
    mixed = {"PMIX_RANK": "1", "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}
    assert launched(mixed) == Launched("Open MPI", 1, 2)
    job = {"SLURM_PROCID": "0", "SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4"}
    assert launched(job) is None, "the script of a batch job, which srun has not started"
    assert launched(job | {"SLURM_STEP_ID": "0"}) == Launched("srun", 0, 4)


def test_one_process_that_is_bound_to_one_core_says_so(run, text):
    run.write("t.txt", text)
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); os.cpu_count = lambda: 4; "
    command = [sys.executable, "-c", code + "from rnncli.__main__ import main; main()", "train", "t.txt"]
    env = run.environment(OMPI_COMM_WORLD_RANK="0", OMPI_COMM_WORLD_SIZE="1")
    options = {"cwd": run.folder, "env": env, "capture_output": True, "text": True}
    done = subprocess.run([*command, "--hidden", "4", "--epochs", "0.1"], check=True, **options)
    assert done.stderr.count("the process is bound to one core of 4: mpirun --bind-to none leaves all to it") == 1


def test_mpi_is_imported_under_a_launcher_only():
    code = "import sys; from rnncli.cli import train; import rnncli.training.experiment; print('mpi4py' in sys.modules)"
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
