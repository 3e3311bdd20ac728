"""The cache of machine code: a warm run compiles nothing, no code of another machine, version or type is run, what is
damaged is compiled anew, and no state of the cache stops a run.
"""

import gc
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rnncli.kernels import ahead, cache
from rnncli.kernels.cache import Notes, StoredCode
from rnncli.kernels.compiler import Kernel
from rnncli.kernels.states import clear

ROOT = Path(__file__).parents[2]
NAME = "rnncli.kernels.states.clear-{}"  # a kernel that is soon compiled
COMPILING = "compiling kernels for this machine, once; the next run starts at once"

TRAINING = """
import sys

import numpy as np

from rnncli.kernels.cache import Notes

from rnncli.data.batches import Batch
from rnncli.kernels.threads import Team
from rnncli.network.architecture import Architecture
from rnncli.network.losses import CROSS_ENTROPY
from rnncli.network.network import Network
from rnncli.training.optimisers import Optimiser

said, Notes.say = [], lambda line: said.append(line)
network, team = Network.initialised(Architecture("rnn", 4, 1, 3, 5, 5), 0), Team(1)
x = np.arange(6, dtype=np.int32).reshape(3, 2) % 5
batch = Batch(x, x, np.zeros((3, 2), np.uint8), 6, 3)
unfolded = network.unfold(3, 2, team, training=True)
unfolded.pack()
unfolded.gradients(batch, CROSS_ENTROPY.gradient, 0, True)
norm = Optimiser("adamw", network.theta, unfolded.grads, team).update(1, 0.1, 1.0, 0.1)
print(len(said), norm, "numba" in sys.modules)
"""

CLEARING = """
import sys, numpy as np
from rnncli.kernels.states import clear
A = np.ones((3, 4, 5), sys.argv[1])
clear(A, 2, 1, 3)
assert not A[:2, 1:3].any() and A.sum() == 60 - 20, A
"""


def in_a_new_process(code, folder, *arguments, threads="1"):
    """Run it with this cache; returns the process. One thread: nothing is compiled ahead."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(ROOT), "NUMBA_NUM_THREADS": threads}
    ends = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, cwd=ROOT, **ends)


def output(process, code=0):
    """What it printed, once it ended with this exit code."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out


def kernels_in(folder):
    """The files of kernels in it, without those of the tiles and of callers."""
    return sorted(name for name in os.listdir(folder) if ".calls." not in name)


def train_in_a_new_process(folder):
    """(lines about it, norm of the gradients, whether Numba was loaded)."""
    said, norm, numba = output(in_a_new_process(TRAINING, folder)).split()
    return int(said), float(norm), numba == "True"


def files_in(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


MISSING = ("rnncli.cells.rnn.backward-float32", "rnncli.kernels.barrier.take_part-int64")


def fill(folder):
    """The code that other tests have had compiled, but for these kernels and what calls them."""

    def left_out(_, names):
        kept = [
            name for name in names if name.startswith("rnncli.") and name.endswith(("-float32", "-int64", "-int32"))
        ]
        return {*names} - {*kept} | {*MISSING, *(name for name in kept if "calls." in name)}

    if cache.folder().exists():
        shutil.copytree(cache.folder(), folder / cache.folder().name, ignore=left_out)


def test_a_second_run_compiles_nothing(tmp_path):
    """Of the first one a part is compiled by a second process, which ends what it has begun."""
    fill(tmp_path)
    assert not any(path.name in MISSING for path in tmp_path.rglob("*"))
    said, norm, numba = output(in_a_new_process(TRAINING, tmp_path, threads="2")).split()
    assert numba == "True"
    assert said == "1"
    assert float(norm) > 0
    deadline, written = time.monotonic() + 100, {}
    while time.monotonic() < deadline and (any(tmp_path.rglob("*.lock")) or written != files_in(tmp_path)):
        written = files_in(tmp_path)
        time.sleep(1)  # between two files of a kernel there is no lock
    names = {path.name for path in written}
    assert {*MISSING} < names
    assert {path.suffix.partition("-")[2] for path in written} == {"float32", "int64", "int32"}  # no locks
    assert train_in_a_new_process(tmp_path) == (0, float(norm), False)
    assert files_in(tmp_path) == written


# -- one kernel, as a new process has it, in a cache of its own --------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and nothing said yet."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_folder", cache.folder)
    monkeypatch.setattr(Notes, "said", set())
    monkeypatch.setattr(StoredCode, "patient", True)
    monkeypatch.setattr(ahead, "begun", True)
    return cache.folder()


@pytest.fixture
def said(monkeypatch):
    """The lines that were said."""
    lines = []
    monkeypatch.setattr(Notes, "say", lines.append)
    return lines


class Watched(Kernel):
    """A kernel as a new process has it."""

    built = False

    def _build(self, *which):
        self.built = True
        return super()._build(*which)


def clears(real="float32"):
    """Whether such a kernel clears what it has to; and whether it came from the cache."""
    fresh = Watched(clear.function, clear.signature)
    A, expected = np.ones((2, 3, 4, 5), real)
    expected[:2, 1:3] = 0
    fresh(A, 2, 1, 3)
    np.testing.assert_array_equal(A, expected)
    return not fresh.built


def test_code_is_kept_by_kernel_and_type(folder, said):
    assert not clears("float32")
    assert not clears("float64")
    assert clears("float32")
    assert clears("float64")
    assert kernels_in(folder) == [NAME.format("float32"), NAME.format("float64")]
    assert said == [COMPILING]


def damaged(data: bytes) -> dict[str, bytes]:
    middle = len(data) // 2
    return {
        "empty": b"",
        "cut": data[:middle],
        "one bit flipped": data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :],
        "its checksum flipped": bytes([data[0] ^ 1]) + data[1:],
        "longer": data + b"\0",
    }


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The file of the code for float32."""
    folder = tmp_path_factory.mktemp("sound")
    output(in_a_new_process(CLEARING, folder, "float32"))
    (path,) = folder.rglob(NAME.format("float32"))
    return path.read_bytes()


@pytest.mark.parametrize("kind", damaged(b"\0" * 99))
def test_damaged_code_is_compiled_anew_and_it_is_said(kind, folder, said, sound):
    path = folder / NAME.format("float32")
    path.parent.mkdir(parents=True)
    path.write_bytes(damaged(sound)[kind])
    assert not clears()
    assert said == [f"compiling kernels again whose code in the cache is damaged ({path})", COMPILING]
    assert clears()


def test_code_under_the_name_of_another_type_is_not_run(folder, said):
    clears("float32")
    clears("float64")
    one, other = (folder / NAME.format(real) for real in ("float32", "float64"))
    other.write_bytes(one.read_bytes())
    said.clear()
    assert not clears("float64")
    assert len(said) == 1 and "damaged" in said[0]
    assert clears("float64") and clears("float32")


def test_code_of_another_signature_under_a_right_title_is_not_run(folder, monkeypatch):
    clears("float32")
    one, other = (folder / NAME.format(real) for real in ("float32", "float64"))
    title, rest = one.read_bytes()[32:].split(b"\n", 1)
    body = title.replace(b"float32", b"float64") + b"\n" + rest
    other.write_bytes(cache.hashlib.sha256(body).digest() + body)
    assert not clears("float64")
    assert clears("float64")


@pytest.mark.parametrize("order", [("float32", "float64"), ("float64", "float32")])
def test_in_whatever_order_two_types_are_written_each_finds_its_own(order, folder, monkeypatch):
    """The one is compiled, and about to be written, while the other is compiled and written as a whole."""
    write, compiled, go_on = cache._write_whole, threading.Event(), threading.Event()

    def held(path, data):
        if path.name.endswith(order[0]):
            compiled.set()
            assert go_on.wait(60)
        write(path, data)

    monkeypatch.setattr(cache, "_write_whole", held)
    code = f"import tests.kernels.test_cache as t; t.clears({order[1]!r})"
    thread = threading.Thread(target=clears, args=[order[0]])
    thread.start()
    assert compiled.wait(60)
    output(in_a_new_process(code, folder.parent))
    go_on.set()
    thread.join()
    assert clears(order[0]) and clears(order[1])


def test_while_one_process_compiles_another_waits_and_says_so(folder, said, monkeypatch):
    monkeypatch.setattr(cache, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(cache, "WAIT_SECONDS", 100)
    lock = cache._try_lock(f"{folder / NAME.format('float32')}.lock")
    hits = []
    thread = threading.Thread(target=lambda: hits.append(clears()))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    assert said == ["compiling kernels: waiting for another process that is at it"]
    other = StoredCode(NAME.format("float32"), clear.signature)
    other.lock = lock
    other.release()
    thread.join(60)
    assert hits == [False]
    assert clears()


def test_a_process_that_compiles_ahead_leaves_to_others_what_they_are_at(folder, monkeypatch):
    monkeypatch.setattr(StoredCode, "waits", False)
    lock = cache._try_lock(f"{folder / NAME.format('float32')}.lock")
    with pytest.raises(cache.Busy):
        clears()
    os.close(lock)
    assert not clears()
    assert clears()


def test_while_a_kernel_is_compiled_nothing_is_collected(folder, monkeypatch):
    """And afterwards it is as it was before."""
    collecting = []
    save = StoredCode._save
    monkeypatch.setattr(StoredCode, "_save", lambda *stored: (collecting.append(gc.isenabled()), save(*stored)))
    assert gc.isenabled()
    assert not clears()
    assert set(collecting) == {False}
    assert gc.isenabled()


def test_a_lock_that_is_held_too_long_stops_nobody(folder, monkeypatch):
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0.1)
    lock = cache._try_lock(f"{folder / NAME.format('float32')}.lock")
    assert not clears()
    assert not (folder / NAME.format("float32")).exists()  # its owner will write it
    assert not StoredCode.patient
    os.close(lock)
    assert not clears()
    assert clears()


def test_the_lock_of_a_process_that_died_is_free(folder):
    path = folder / NAME.format("float32")
    code = f"from rnncli.kernels import cache; import os; cache._try_lock({f'{path}.lock'!r}); os._exit(9)"
    output(in_a_new_process(code, folder.parent), 9)
    assert os.path.exists(f"{path}.lock")
    assert not clears()
    assert clears()


def test_where_there_are_no_locks_code_is_kept_all_the_same(folder, monkeypatch):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(cache.fcntl, "flock", refuse)
    assert not clears()
    assert clears()


def test_without_a_usable_cache_it_works_and_says_so(folder, said):
    folder.parent.write_text("a file where the folder should be")
    assert not clears()
    assert not clears()
    (line,) = said
    assert line.startswith(f"compiling kernels for this run only: their cache cannot be used ({folder}")
    assert line.endswith("not a directory)")


def test_on_a_full_disk_it_works_and_says_so(folder, said, monkeypatch):
    def refuse(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_write_whole", refuse)
    assert not clears()
    assert not clears()
    unusable = "compiling kernels for this run only: their cache cannot be used (no space left on device)"
    assert said == [COMPILING, unusable]


def test_without_a_home_it_works_and_says_so(folder, said, monkeypatch):
    def refuse(name):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(cache, "user_cache_path", refuse)
    assert not clears()
    assert len(said) == 1 and "could not determine the home directory" in said[0]


def test_code_of_another_kernel_or_folder_under_its_name_is_not_run(folder, said, sound):
    folder.mkdir(parents=True)
    body = sound[32:]
    for wrong in (body.replace(b"states.clear-", b"states.cleat-", 1), body.replace(b"kernels-", b"kernals-", 1)):
        assert wrong != body
        (folder / NAME.format("float32")).write_bytes(cache.hashlib.sha256(wrong).digest() + wrong)
        assert not clears()
    assert clears()


def test_what_a_killed_process_has_left_goes_with_the_next_code_of_its_kernel(tmp_path):
    old, young, other = (tmp_path / name for name in (".k-float32.1", ".k-float32.2", ".l-float32.1"))
    for path in (old, young, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (1, 1))
    cache._write_whole(tmp_path / "k-float32", b"code")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, other.name, "k-float32"]


def test_code_can_be_read_by_those_who_may(folder):
    mask = os.umask(0o022)
    try:
        clears()
    finally:
        os.umask(mask)
    assert (folder / NAME.format("float32")).stat().st_mode & 0o777 == 0o644


def test_a_cache_that_cannot_be_written_is_read(folder, monkeypatch):
    clears()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache.os, "open", refuse)
    assert clears()


def test_many_processes_at_once_on_an_empty_cache(tmp_path):
    """Both types: each result is right, each kernel is there once, and a later process finds sound code."""
    processes = [in_a_new_process(CLEARING, tmp_path, real) for real in 2 * ["float32", "float64"]]
    for process in processes:
        output(process)
    (folder,) = tmp_path.iterdir()
    assert kernels_in(folder) == [NAME.format("float32"), NAME.format("float64")]
