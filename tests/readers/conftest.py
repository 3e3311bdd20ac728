"""Files, stdin and the sizes of blocks, for all readers."""

import io
import sys

import pytest

from rnncli.errors import Notes
from rnncli.readers import source
from rnncli.readers.encodings import Policy, Reading


@pytest.fixture
def file(tmp_path, request):
    """`file(content)` is the path of a file with it, by default under the name that the test's module calls FILE."""

    def write(content: bytes | str, name: str = request.module.FILE) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def stdin(monkeypatch):
    def put(content: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))

    return put


@pytest.fixture
def blocks_of(monkeypatch):
    """`blocks_of(size)` makes the readers parse so many bytes at a time."""

    def set_sizes(size: int):
        monkeypatch.setattr(source, "BLOCK", size)
        monkeypatch.setattr(source, "LINES_BLOCK", size)

    return set_sizes


@pytest.fixture
def notes():
    """The lines that the user is told."""
    lines = []
    Notes.begin(lines.append)
    yield lines
    Notes.begin(None)


@pytest.fixture
def said(monkeypatch):
    """The notes that are said from now on."""
    lines = []
    monkeypatch.setattr(Notes, "say", lines.append)
    monkeypatch.setattr(Notes, "said", set())
    return lines


@pytest.fixture(autouse=True)
def policy(monkeypatch):
    """`policy(errors)` is what is done about bytes that are no text; else they are an error."""
    monkeypatch.setattr(Reading, "policy", Policy())
    return lambda errors: Reading.begin(Policy(), errors)
