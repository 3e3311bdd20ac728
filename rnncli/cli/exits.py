"""The one place that turns errors into messages and exit codes."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise, takewhile
from typing import Any, TextIO

import typer

from rnncli.cli import together
from rnncli.errors import ClosedPipe, Complaints, RnncliError, complaint, describe_os_error, on_screen
from rnncli.process import signals


def run(app: Callable[..., object]) -> None:
    """The program: errors become one line on stderr and an exit code, see `_exit_code`."""
    signals.catch()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's matrices are small: its threads only wait for our own
    sys.stdout = _stream(sys.stdout, _Read, "replace")
    sys.stderr = heard(sys.stderr)
    code = together.run(lambda: _flushed(_exit_code(app)))
    sys.stderr.flush()
    # All is written; the interpreter's own tidying up would take another tenth of a second.
    signals.leave(code, tidily=together.have_met())


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
    words = list(takewhile("--".__ne__, sys.argv[1:]))
    files = [word.rpartition("=")[2] for word in sys.argv[1:]]
    Complaints.begin("--json" in words or _asks(words, "--to", "jsonl"), files, _asks(words, "--progress", "json"))
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except SystemExit as end:  # of what typer does for the completion of a shell
        return end.code if isinstance(end.code, int) else 0
    except ClosedPipe:
        return 0
    except RnncliError as error:
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("interrupted", 130)
    except MemoryError as error:
        return _no_memory(str(error))
    except OSError as error:
        if error.errno == errno.ENOMEM:
            return _no_memory("")
        return _complain(str(describe_os_error(error.filename or "the system refused", error)), 1)
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's own usage errors have it
            raise
        return _wrong_usage(error)


def _wrong_usage(error: Any) -> int:
    """An error of typer's own, which knows its option or argument."""
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)
        return 2
    where = getattr(error, "option_name", None)
    if parameter is not None:
        is_option = parameter.param_type_name == "option"
        where = max(parameter.opts, key=len) if is_option else parameter.make_metavar(context).strip("{}")
    hint = f"see {context.command_path} --help" if context else None
    return _complain(error.format_message().rstrip("."), 2, where, hint)


def _no_memory(what: str) -> int:
    """Say it; `what` is what Python says."""
    smaller = (
        "train with a smaller --batch, --hidden or --steps" if sys.argv[1:2] == ["train"] else "give less at a time"
    )
    said = f" ({what[:1].lower()}{what[1:]})" if what else ""
    return _complain(f"out of memory{said}", 1, hint=f"{smaller}, or free memory", joint=": ")


def _asks(words: list[str], option: str, value: str) -> bool:
    """Whether an option with this value stands on a command line that need not be right."""
    return f"{option}={value}" in words or (option, value) in pairwise(words)


@contextmanager
def results() -> Iterator[None]:
    """What writes to stdout runs in here: all of it has gone out at the end."""
    yield
    sys.stdout.flush()


def _complain(message: str, code: int, where: str | None = None, hint: str | None = None, joint: str = "; ") -> int:
    print(on_screen(complaint(message, where, hint, joint), sys.stderr), file=sys.stderr)
    return code
