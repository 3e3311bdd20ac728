"""Files that a killed process was writing do not stay."""

import errno
import os
from pathlib import Path

import pytest

from rnncli.models import part
from rnncli.models.output import check_writable, write_whole
from tests.helpers import ready_processes

WRITE = """
import os, sys, time
from rnncli.models.output import write_whole
def fsync(file):
    print(flush=True)
    sys.stdin.read()
os.fsync = fsync
write_whole(sys.argv[1], b"new")
"""


@pytest.fixture
def writer():
    """`writer(path)` is a process in the middle of writing it."""
    with ready_processes() as begin:
        yield lambda path: begin(WRITE, str(path))


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("again", [check_writable, lambda path: write_whole(path, b"old")])
def test_what_a_killed_process_has_left_goes_with_the_next_run(tmp_path, writer, again):
    path = tmp_path / "m.st"
    path.write_bytes(b"old")
    process = writer(path)
    process.kill()
    process.wait()
    assert files(tmp_path) == [".m.st.rnncli-part", "m.st"]
    again(str(path))
    assert files(tmp_path) == ["m.st"]
    assert path.read_bytes() == b"old"


def test_two_processes_may_write_the_same_file(tmp_path, writer):
    path = tmp_path / "m.st"
    process = writer(path)
    write_whole(str(path), b"of this process")
    assert path.read_bytes() == b"of this process"
    check_writable(str(path))
    process.communicate()
    assert path.read_bytes() == b"new"
    assert files(tmp_path) == ["m.st"]


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_without_locks_files_are_written_too(tmp_path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(part.fcntl, "flock", refuse)
    write_whole(str(tmp_path / "m.st"), b"new")
    assert (tmp_path / "m.st").read_bytes() == b"new"
    assert files(tmp_path) == ["m.st"]


def test_the_longest_name_is_written_too(tmp_path):
    path = tmp_path / ("m" * 255)
    write_whole(str(path), b"new")
    assert files(tmp_path) == [path.name]


def test_a_link_by_that_name_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / ".m.st.rnncli-part").symlink_to(tmp_path / "precious")
    write_whole(str(tmp_path / "m.st"), b"new")
    assert Path(tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "m.st").read_bytes() == b"new"
