"""The one place that turns errors into messages and exit codes."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import typer

from rnncli.data import signals
from rnncli.errors import ClosedPipe, RnncliError, describe_os_error, one_line


def run(app: Callable[..., object]) -> None:
    """The program: errors become one line on stderr and an exit code, see `_exit_code`."""
    signals.catch()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's matrices are small: its threads only wait for our own
    sys.stdout = _stream(sys.stdout, _Read, "replace")
    sys.stderr = heard(sys.stderr)
    code = _flushed(_exit_code(app))
    sys.stderr.flush()
    signals.leave(code)  # all is written; the interpreter's own tidying up would take another tenth of a second


class _Unheard(io.FileIO):
    """What cannot be written is dropped: a note that nobody reads is no reason to stop an hour of training."""

    def write(self, data) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


class _Read(io.FileIO):
    """A pipe without a reader is the end of the work, for which libraries would have an exit code of their own; and a
    full disk is told from one where temporary files are.
    """

    def write(self, data) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ClosedPipe from None
        except OSError as error:
            raise describe_os_error("<stdout>", error) from None


def heard(stderr: TextIO | None) -> TextIO:
    """A stderr in place of this one that never fails: closed, a pipe without a reader, a full disk."""
    return _stream(stderr, _Unheard, stderr.errors if stderr else None, line_buffering=True)


def _stream(stream: TextIO | None, kind: type[io.FileIO], errors: str | None, line_buffering: bool = False) -> TextIO:
    """The same whose writes are of this kind; what the caller has closed goes nowhere."""
    if stream is None:
        return open(os.devnull, "w")
    raw = kind(stream.fileno(), "w", closefd=False)
    lines = line_buffering or raw.isatty()
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=stream.encoding, errors=errors, line_buffering=lines)


def _flushed(code: int) -> int:
    """Write out what is buffered, whatever the exit code: rows before an error, help, the version."""
    try:
        sys.stdout.flush()
    except RnncliError as error:
        return code or (_complain(str(error), 1) if error.exit_code else 0)
    return code


def _exit_code(app: Callable[..., object]) -> int:
    """0 done, 1 bad data or model, 2 wrong usage, 3 diverged, 130 and 143 signals."""
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except ClosedPipe:
        return 0
    except RnncliError as error:
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("interrupted", 130)
    except MemoryError as error:
        return _complain(_no_memory(str(error)), 1)
    except OSError as error:
        if error.errno == errno.ENOMEM:
            return _complain(_no_memory(""), 1)
        return _complain(str(describe_os_error(error.filename or "the system refused", error)), 1)
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own usage errors have it
            raise
        context = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
            return 2
        hint = f"; see {context.command_path} --help" if context else ""
        return _complain(error.format_message().rstrip(".") + hint, 2)


def _no_memory(what: str) -> str:
    """The line for it; `what` is what Python says."""
    smaller = (
        "train with a smaller --batch, --hidden or --steps" if sys.argv[1:2] == ["train"] else "give less at a time"
    )
    return f"out of memory{f' ({what[:1].lower()}{what[1:]})' if what else ''}: {smaller}, or free memory"


@contextmanager
def results() -> Iterator[None]:
    """What writes to stdout runs in here: all of it has gone out at the end."""
    yield
    sys.stdout.flush()


def _complain(message: str, code: int) -> int:
    print(f"rnncli: {one_line(message)}", file=sys.stderr)
    return code
