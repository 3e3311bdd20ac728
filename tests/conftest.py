"""What all tests share: settings of Hypothesis, the command line as a user runs it, and small trained models.

Hypothesis draws the same examples every time, and keeps no database.
"""

import gc
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import pytest
import typer
from hypothesis import HealthCheck, settings

from rnncli import cli
from rnncli.cli import exits

# A background job starts with SIGINT ignored, and what it starts inherits that; a handler here is not inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Where no bytecode is written, every process of a test would compile all modules, and every worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ROOT = Path(__file__).parent
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
if workers and hasattr(os, "sched_setaffinity"):
    # each worker, and what it starts, has CPUs of its own: else every command would start as many threads as there are
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cpus[worker::workers] or cpus)
if workers:  # NumPy's threads wait by spinning: on busy CPUs they take several times what they compute
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are CPUs: tests of streams wait for most of their time."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_sessionstart(session):
    """Of all tests each worker imports a share first: what pytest makes of them is then there for the other workers."""
    if workers and not session.config.option.file_or_dir:
        for path in sorted(ROOT.rglob("test_*.py"))[worker::workers]:
            with suppress(pytest.skip.Exception):  # without what it needs
                import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is there when all is collected stays: Python's search for garbage need not go through it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    """What takes longest begins first, so that no worker ends long after the others."""
    items.sort(key=lambda item: "test_every_recipe_of_a_page_runs" not in item.name)


settings.register_profile(
    "rnncli",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],  # of a busy machine
)
settings.load_profile("rnncli")

COMMAND = [sys.executable, "-m", "rnncli"]
SECONDS = 120  # no command of the tests may take longer
#: notes that come only while the kernel cache is cold, or on a busy machine
PASSING = re.compile(r"compiling kernels.*\n|\w+ \.\. \d+:\d\d\n")


def told(lines: list[str]) -> str:
    """What a command has said, without what depends on the machine."""
    return "".join(line for line in lines if not PASSING.fullmatch(line))


HELD = 1 << 15  # bytes that a pipe holds before anybody reads it
UNSET = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "LC_ALL", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONUTF8")


@dataclass(frozen=True)
class Done:
    """What a command left behind: exit code, bytes of stdout, text of stderr."""

    code: int
    out: bytes
    err: str

    def json(self) -> dict:
        """The one JSON object on one line."""
        assert self.code == 0, self.err
        assert self.out.count(b"\n") == 1
        assert self.out.endswith(b"\n")
        return json.loads(self.out)

    def rows(self, columns: int) -> list[list[bytes]]:
        """Lines cut at tabs; the last field keeps its own."""
        assert self.code == 0, self.err
        assert self.out == b"" or self.out.endswith(b"\n")
        return [line.split(b"\t", columns - 1) for line in self.out.split(b"\n")[:-1]]

    def message(self) -> str:
        """The one line of an error, which with --json is that of its object; nothing may have gone to stdout."""
        assert self.out == b""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        if self.err.startswith("{"):
            return f"rnncli: {json.loads(self.err)['error']}\n"
        assert self.err.startswith("rnncli: ")
        return self.err


class Shell:
    """`rnncli` in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.started: list[subprocess.Popen] = []

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in UNSET}
        return kept | {"LANG": "C.UTF-8"} | changes

    def __call__(self, *arguments, input: bytes | None = None, env: dict[str, str] | None = None) -> Done:
        """Run to the end. Without input stdin is empty. A traceback is a failure, whatever was asked."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(**(env or {})),
            input=input or b"",
            check=False,
            capture_output=True,
            timeout=SECONDS,
        )
        lines = done.stderr.decode("utf-8").splitlines(keepends=True)
        err = told(lines)
        assert "Traceback" not in err, err.splitlines()[-1]
        return Done(done.returncode, done.stdout, err)

    def each(self, *commands) -> list[Done]:
        """Run several commands, two at a time; the answers come in the order of the commands."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda command: self(*command), commands))

    def start(self, *arguments, close: int | None = None, **options) -> subprocess.Popen:
        """Start a command with pipes at all three ends, or without the end `close`."""

        def prepare():
            signal.signal(
                signal.SIGINT, signal.SIG_DFL
            )  # a shell lets its background jobs ignore it, and so their tests
            if close is not None:
                os.close(close)

        ends = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        settings = {"cwd": self.folder, "env": self.environment(), "preexec_fn": prepare} | ends | options
        self.started.append(subprocess.Popen([*COMMAND, *arguments], **settings))
        return self.started[-1]

    @staticmethod
    def resident(process: subprocess.Popen) -> int:
        """The bytes of memory that a running process holds."""
        path = f"/proc/{process.pid}/statm"
        if not os.path.exists(path):
            pytest.skip("no /proc here")
        with open(path) as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def end(self) -> None:
        """End what a failed test has left running."""
        for process in self.started:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def write(self, name: str, content: str | bytes) -> str:
        """A file in the folder; returns its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def files(self) -> list[str]:
        """Everything in the folder, hidden files too."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))


@pytest.fixture
def run(tmp_path):
    """`run("train", ..)` in an empty folder of its own."""
    shell = Shell(tmp_path)
    yield shell
    shell.end()


@cache
def command_line():
    """The verbs with their options, made once: that takes longer than most commands of the tests. Their name is
    told: else it is guessed by how pytest was started.
    """
    return partial(typer.main.get_command(cli.app()), prog_name="rnncli")


class Here(Shell):
    """The same in the process of the tests, which spares the start: for what needs no signals and no terminal."""

    def __call__(self, *arguments, input: bytes | None = None, encoding: str = "utf-8") -> Done:
        """Run to the end. Without input stdin is empty. Any other error than those that users see is raised."""
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding, "replace", newline="") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, io.TextIOWrapper(self._stdin(input or b"")) as stdin:
            patch.chdir(self.folder)
            for name, value in {"argv": ["rnncli", *arguments], "stdin": stdin, "stdout": out, "stderr": err}.items():
                patch.setattr(sys, name, value)
            code = exits._exit_code(command_line())
        for number, handler in handlers.items():
            signal.signal(number, handler)
        written = [(stream.flush(), stream.buffer.getvalue())[1] for stream in (out, err)]
        lines = written[1].decode(encoding).splitlines(keepends=True)
        return Done(code, written[0], told(lines))

    @staticmethod
    def _stdin(data: bytes) -> io.BufferedReader:
        """A pipe, as far as it holds the data: what follows a stream asks for one."""
        if len(data) > HELD:
            return io.BufferedReader(io.BytesIO(data))
        begin, end = os.pipe()
        with open(end, "wb") as stream:
            stream.write(data)
        return open(begin, "rb")

    def each(self, *commands) -> list[Done]:
        return [self(*command) for command in commands]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """`here("predict", ..)` in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Here(tmp_path)


def make_text(lines: int, seed: int = 0) -> str:
    """Sentences with structure at several lengths: words, agreement, a closing mark; some letters beyond ASCII."""
    rng = random.Random(seed)
    who = ["the baker", "the sailor", "a heron", "old Zoé", "the señora", "a clerk"]
    did = ["sells", "counts", "paints", "forgets", "follows"]
    what = ["seven boats", "the long road", "a bell", "bread and salt", "the über-map", "nothing"]
    ends = [".", ".", ".", "!", "?", "; so it was."]
    sentences = [f"{rng.choice(who)} {rng.choice(did)} {rng.choice(what)}{rng.choice(ends)}\n" for _ in range(lines)]
    return "".join(sentences)


@pytest.fixture(scope="session")
def text() -> str:
    """About 9,000 characters in 300 lines."""
    return make_text(300)


@pytest.fixture(scope="session")
def other_text() -> str:
    """More of the same, not seen in training."""
    return make_text(20, seed=1)


@pytest.fixture(scope="session")
def trained(tmp_path_factory, text):
    """Train once a session; `trained(name, *options)` is the path of a model."""
    shell = Here(tmp_path_factory.mktemp("models"))
    shell.write("text.txt", text)

    def train(name: str, *options: str) -> str:
        done = shell("train", "text.txt", "-o", name, "--batch", "8", "--steps", "32", "--quiet", *options)
        assert (done.code, done.out, done.err) == (0, b"", "")
        return str(shell.folder / name)

    return train


@pytest.fixture(scope="session")
def char_model(trained) -> str:
    """A stream of characters, an LSTM."""
    return trained("char.safetensors", "--hidden", "32", "--epochs", "3")


@pytest.fixture(scope="session")
def lines_model(trained) -> str:
    """A sequence a line, a GRU."""
    return trained("lines.safetensors", "--hidden", "24", "--epochs", "3", "--cell", "gru", "--format", "lines")


@pytest.fixture(scope="session")
def conv_model(trained) -> str:
    """A stream of characters, a convolution with a receptive field of 15 steps."""
    return trained("conv.safetensors", "--hidden", "16", "--epochs", "1", "--cell", "conv:kernel=2", "--layers", "3")


@pytest.fixture(scope="session")
def byte_model(trained) -> str:
    """A stream of bytes, a plain rnn of two layers."""
    options = ("--hidden", "16", "--embed", "12", "--epochs", "1", "--cell", "rnn", "--layers", "2")
    return trained("byte.safetensors", "--tokens", "byte", *options)
