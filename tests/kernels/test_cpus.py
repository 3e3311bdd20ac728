"""CPUs that may be used, read from made-up /proc and /sys."""

import os

import pytest

from rnncli.kernels import cpus
from rnncli.kernels.cpus import usable_cpus

CPUS = {0, 1, 2, 3, 4, 5, 6, 7}
UNIFIED = "0::/user.slice/job"
DIVIDED = "9:memory:/a/b\n4:cpu,cpuacct:/a/b\n0::/"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 8 CPUs whose files are these; `siblings` CPUs share a core."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: CPUS, raising=False)

    def make(files, siblings=1):
        for cpu in CPUS:
            first = cpu - cpu % siblings
            path = f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
            files[path] = f"{first}-{first + siblings - 1}"
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text + "\n")
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("group", "files", "cpus"),
    [
        ("", {}, 8),
        (UNIFIED, {}, 8),
        (UNIFIED, {"cpu.max": "max 100000"}, 8),
        (UNIFIED, {"cpu.max": "200000 100000"}, 2),  # a container: its own group is the root of what it sees
        (UNIFIED, {"user.slice/job/cpu.max": "300000 100000", "user.slice/cpu.max": "max 100000"}, 3),
        (UNIFIED, {"user.slice/job/cpu.max": "max 100000", "user.slice/cpu.max": "50000 25000"}, 2),
        (UNIFIED, {"user.slice/job/cpu.max": "150000 100000"}, 2),
        (UNIFIED, {"user.slice/job/cpu.max": "10000 100000"}, 1),
        (UNIFIED, {"user.slice/job/cpu.max": "6400000 100000"}, 8),
        (DIVIDED, {"cpu/a/b/cpu.cfs_quota_us": "-1", "cpu/a/b/cpu.cfs_period_us": "100000"}, 8),
        (DIVIDED, {"cpu/a/b/cpu.cfs_quota_us": "200000", "cpu/a/b/cpu.cfs_period_us": "100000"}, 2),
        (DIVIDED, {"cpu/cpu.cfs_quota_us": "400000", "cpu/cpu.cfs_period_us": "100000"}, 4),
    ],
)
def test_a_quota_of_the_group_or_of_one_above_it_counts(machine, group, files, cpus):
    tree = {"proc/self/cgroup": group, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()}}
    assert usable_cpus(machine(tree)) == cpus


def test_hyper_threads_of_a_core_count_once(machine):
    assert usable_cpus(machine({}, siblings=2)) == 4


def test_files_are_read_once_for_the_cpus_that_the_process_may_run_on(machine, monkeypatch):
    root = machine({"proc/self/cgroup": UNIFIED}, siblings=2)
    assert usable_cpus(root) == 4
    monkeypatch.setattr(cpus, "_text", None)
    assert usable_cpus(root) == 4
    monkeypatch.undo()
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2})
    assert usable_cpus(root) == 2


def test_cpus_are_counted_where_nothing_can_be_read(machine, tmp_path, monkeypatch):
    assert usable_cpus(tmp_path) == 8
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cpus(tmp_path) == 1


def test_this_machine_has_one():
    assert 1 <= usable_cpus() <= os.cpu_count()
