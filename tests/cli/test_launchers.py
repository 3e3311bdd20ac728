"""What launchers of MPI do to the processes that they start, and what a training makes of it. Needs `make mpi`."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import launchers
from tests.cli.test_mpirun import OPTIONS
from tests.launchers import LIBRARIES, environment, ranks_below, wait_for_an_update
from tests.torture import ranks

ROOT = str(Path(__file__).parents[2])
DRIVER = (sys.executable, "-m", "tests.training.mpi_driver")
QUICK = (*OPTIONS, "--epochs", "0.2", "-q")
#: each rank in a folder of its own
APART = """
import os, sys
from rnncli.process.launched import launched
rank = launched().number
os.chdir(f"rank{rank}")
sys.argv[0] = "rnncli"
%s
from rnncli.__main__ import main
main()
"""


#: rank 0 takes longer to end than the others
LATE = """
import os, sys, time
from rnncli.process import signals
from rnncli.process.launched import launched
sys.argv[0], leave = "rnncli", signals.leave
def late(*words, **more):
    time.sleep(0.5)
    print("the last one", file=sys.stderr, flush=True)
    leave(*words, **more)
if launched().number == 0:
    signals.leave = late
from rnncli.__main__ import main
main()
"""


@pytest.mark.parametrize("bound", [False, True])
def test_bytes_arrive_sums_have_one_order_and_cores_are_shared(mpirun, bound):
    """Whatever the order in memory and the size; by two ranks that may use the same cores, or of which each has one."""
    mpirun.env["PYTHONPATH"] = ROOT
    if bound and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core")
    more = {"openmpi": ("--bind-to", "core"), "mpich": ("-bind-to", "core")}[mpirun.library] if bound else None
    code, out, err = mpirun(2, command=DRIVER, more=more)
    assert code == 0, err
    for line in out.splitlines():
        found = json.loads(line)
        assert (found["wrong"], found["of"]) == ([], 2)
        if bound:
            assert (found["usable"], found["cpus"], found["of 8"]) == (1, 1, 8)
            assert re.match("each rank is bound to one core of 64: mpirun --bind-to none", found["notes"][0])
        else:
            assert (found["cpus"], found["of 8"]) == (max(1, found["usable"] // 2), 4)
    assert len(out.splitlines()) == 2


def test_sums_of_three_ranks(mpirun):
    mpirun.env["PYTHONPATH"] = ROOT
    code, out, err = mpirun(3, command=DRIVER)
    assert code == 0, err
    assert [json.loads(line)["wrong"] for line in out.splitlines()] == [[]] * 3


def test_the_launcher_of_the_other_library_is_refused(mpirun, run, text):
    """By us, or by MPICH's library, which does not know PMIx."""
    run.write("t.txt", text)
    other = next(name for name in LIBRARIES if name != mpirun.library)
    mpirun.env.update(environment(other, {}))
    code, _, err = mpirun(2, "train", "t.txt", *QUICK)
    assert code == (1 if mpirun.library == "mpich" else 16)
    ours = "started 2 processes, but .* knows of 1: use the launcher of that library"
    assert re.search(ours if code == 1 else "Runtime environment uses unsupported PMI version PMIx", err), err
    assert run.files() == ["t.txt"]


def test_stdin_is_left_alone(mpirun, run, text):
    """It is open, and nobody writes; a loop of a shell reads on; `-` is refused."""
    run.write("t.txt", text)
    words = [
        str(LIBRARIES[mpirun.library]),
        *launchers.OPTIONS[mpirun.library],
        "-n",
        "2",
        sys.executable,
        "-m",
        "rnncli",
    ]
    process = subprocess.Popen(
        [*words, "train", "t.txt", "-o", "open", *QUICK], cwd=run.folder, env=mpirun.env, stdin=subprocess.PIPE
    )
    assert process.wait(60) == 0
    process.stdin.close()
    line = " ".join([*words, "train", "t.txt", "-o", '"$name"', *QUICK, "</dev/null"])
    loop = f"printf 'a\\nb\\n' | while read name; do {line}; done"
    subprocess.run(["sh", "-c", loop], cwd=run.folder, env=mpirun.env, check=True, timeout=100)
    assert run.files() == ["a", "b", "open", "t.txt"]
    ends = {"input": b"a\n", "capture_output": True}
    done = subprocess.run([*words, "train", "-"], cwd=run.folder, env=mpirun.env, check=False, **ends)
    assert done.returncode == 2
    assert done.stderr.count(b"of which stdin reaches one at most: give a file in place of -") == 1


def test_a_rank_that_ends_early_leaves_the_others_their_time(mpirun, run, lines_model):
    """MPICH kills them where it has not been told in an exit handler that the rank has ended as it should."""
    run.write("t.txt", "one\ntwo\nthree\n")
    words = ("predict", lines_model, "t.txt", "--score")
    code, out, err = mpirun(2, *words, command=(sys.executable, "-c", LATE))
    assert (code, err) == (0, "the last one\n")
    assert out == run(*words).out.decode()


def test_a_loss_that_is_no_number_ends_all_alike(mpirun, run, text):
    run.write("t.txt", text)
    options = ("train", "t.txt", *OPTIONS, "--epochs", "4", "--optimizer", "sgd", "--lr", "1e6", "--clip", "0")
    alone = run(*options, "-q")
    assert alone.code == 3
    code, _, err = mpirun(3, *options, "-q")
    assert code == 3
    assert err.count(alone.message()) == 1, err
    assert run.files() == ["t.txt"]


@pytest.mark.parametrize(
    ("second", "broken", "expected"),
    [
        (None, "", "rank 1: rnncli: t.txt: no such file or directory"),
        ("other\n" * 2000, "", "the data or options of rank 1 are not those of rank 0"),
        (
            "same",
            "from rnncli.training.loop import Training\nif rank: Training.update = lambda self: 1 / 0",
            "rank 1: Zero",
        ),
    ],
)
def test_an_error_of_one_rank_ends_all(mpirun, run, text, second, broken, expected):
    for rank, content in enumerate((text, text if second == "same" else second)):
        (run.folder / f"rank{rank}").mkdir()
        if content:
            run.write(f"rank{rank}/t.txt", content)
    began = time.monotonic()
    code, _, err = mpirun(2, "train", "t.txt", *QUICK, command=(sys.executable, "-c", APART % broken))
    assert code == 1, err
    assert expected in err
    assert time.monotonic() - began < 60
    assert not [name for name in run.files() if name.endswith(".safetensors")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_launcher_ends_all(mpirun, run, text, number):
    run.write("t.txt", text)
    with mpirun.start(2, "train", "t.txt", "-o", "m", "--epochs", "1000", *OPTIONS) as process:
        wait_for_an_update(process)
        began = time.monotonic()
        process.send_signal(number)
        process.stderr.read()
        assert process.wait(60) != 0
        assert time.monotonic() - began < 10
        assert not ranks_below(process.pid)
    assert set(run.files()) <= {"m.checkpoint", "m.lock", "t.txt"}


def test_ranks_that_are_killed(mpirun):
    """A small share of `python -m tests.torture.ranks`."""
    found = ranks.torture(2, mpirun.library, names=("text",))
    assert (found.wrong, found.kills) == ([], 2)
