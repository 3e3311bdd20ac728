"""`mpirun`, with the launchers of both libraries: skipped where `make mpi` has not set them up."""

import subprocess

import pytest

from tests import launchers
from tests.conftest import COMMAND
from tests.launchers import LIBRARIES, end_ranks, environment


@pytest.fixture(params=LIBRARIES)
def mpirun(request, run):
    """`mpirun(n, "train", ..)`: the command of n ranks."""
    library = request.param
    if not LIBRARIES[library].exists():
        pytest.skip(f"no {LIBRARIES[library]}: make mpi")
    env = environment(library, run.environment())

    def start(n, *arguments, command=COMMAND, more=None):
        return launchers.start(library, n, [*command, *arguments], run.folder, env, more)

    def whole(n, *arguments, **others):
        process = start(n, *arguments, **others)
        try:
            out, err = process.communicate(timeout=100)
        except subprocess.TimeoutExpired:
            end_ranks(process)
            raise
        return process.returncode, out, err

    whole.start, whole.library, whole.env = start, library, env
    return whole
