"""Whether this process was started with others, by the variables that launchers set. It imports nothing heavy."""

import os
from collections.abc import Mapping
from typing import NamedTuple

#: launcher -> the variables that hold the number of a process and of all; and what has to be set as well
LAUNCHERS = {
    "Open MPI": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", ""),
    "MPICH": ("PMI_RANK", "PMI_SIZE", ""),
    "srun": ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_ID"),
    "PMIx": ("PMIX_RANK", "PMIX_SIZE", ""),
}


class Launched(NamedTuple):
    """What a launcher says: its name, the number of this process and how many there are."""

    by: str
    number: int
    of: int


def launched(environment: Mapping[str, str] = os.environ) -> Launched | None:
    """By what this process was started with others; None if it is alone."""
    found = _found(environment)
    return found if found and found.of > 1 else None


def is_bound_alone(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a launcher has bound its only process to one core of several, as Open MPI does."""
    found = _found(environment)
    return bool(
        found
        and found.of == 1
        and hasattr(os, "sched_getaffinity")
        and len(os.sched_getaffinity(0)) == 1 < (os.cpu_count() or 1)
    )


def _found(environment: Mapping[str, str]) -> Launched | None:
    for name, (number, of, beside) in LAUNCHERS.items():
        values = [environment.get(variable, "") for variable in (number, of)]
        if all(value.isdecimal() for value in values) and (not beside or environment.get(beside)):
            return Launched(name, *map(int, values))
    return None
