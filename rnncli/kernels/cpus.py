"""How many threads this process can really use at once."""

import math
import os
import sys
from functools import cache
from pathlib import Path, PurePosixPath

Quota = tuple[str, str]  # microseconds of CPU time, and of the period in which they may be used


def usable_cpus(root: str | Path = "/") -> int:
    """The cores that the process may run on, and no more than its container's CPU quota pays for; at least 1.

    Hyper-threads of one core share its vector units, so they count once. `root` is where /proc and /sys are found.
    """
    cpus = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return _usable(Path(root), cpus)


@cache  # every program of a team asks, thousands in a run over many pieces, and it takes a dozen files to tell
def _usable(root: Path, cpus: frozenset[int] | None) -> int:
    return max(1, min([_cores(root, cpus), *map(_cpus_of, _quotas(root))]))


def _cores(root: Path, cpus: frozenset[int] | None) -> int:
    if cpus is None:
        return os.cpu_count() or 1
    topology = "sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    return len({_text(root / topology.format(cpu)) or str(cpu) for cpu in cpus})


def _quotas(root: Path) -> list[Quota]:
    """Those of the process's control group and of all above it, in version 2 and in version 1."""
    found, mounted = [("max", "1")], root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        for path in (PurePosixPath(group), *PurePosixPath(group).parents):
            here = str(path).lstrip("/")
            if not controllers:
                quota, _, period = _text(mounted / here / "cpu.max").partition(" ")
            elif "cpu" in controllers.split(","):
                quota, period = (_text(mounted / "cpu" / here / f"cpu.cfs_{of}_us") for of in ("quota", "period"))
            else:
                break
            if period:
                found.append((quota, period))
    return found


def _cpus_of(quota: Quota) -> int:
    """A part of a CPU counts as one; `max` and -1 are no limit."""
    used, period = quota
    return sys.maxsize if used in ("max", "-1") else math.ceil(int(used) / int(period))


def _text(path: Path) -> str:
    """What stands in a file; nothing if it cannot be read."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
