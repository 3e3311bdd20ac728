"""Errors that a user can mend: what was found and where, what was expected, what to do. One line each."""

import os
import re
from collections.abc import Callable, Iterable
from typing import TextIO

LONGEST = 1000  # characters of a message
STREAMS = ("<stdin>", "<stdout>")


class RnncliError(Exception):
    """Bad data or model: exit code 1. A message is one line, whatever it quotes."""

    exit_code = 1

    def __init__(self, message: str = ""):
        super().__init__(one_line(message))


class NoRows(RnncliError):
    """A file without rows."""


class NoInput(RnncliError):
    """No file to predict has rows."""


class UsageError(RnncliError):
    """Options that are wrong or cannot be combined: exit code 2."""

    exit_code = 2


class DivergedError(RnncliError):
    """Training left the numbers: exit code 3."""

    exit_code = 3


class Interrupted(RnncliError):
    """A signal ended the work: exit code 128 + signal (130 SIGINT, 143 SIGTERM)."""

    def __init__(self, message: str, signal_number: int):
        super().__init__(message)
        self.exit_code = 128 + signal_number


class ClosedPipe(RnncliError):
    """Whoever read stdout has seen enough (`| head`): the end, and nothing to say about it."""

    exit_code = 0


class Notes:
    """What is no error and yet worth a line: a room below calls `note`, the command line says where it goes."""

    say = None  # called with each line, once
    said: set[str] = set()

    @classmethod
    def begin(cls, say: Callable[[str], None] | None) -> None:
        """From now on lines go there; those that were said before may come again."""
        cls.say, cls.said = say, set()


def note(line: str) -> None:
    """Say it once: what was found and guessed, and the option that undoes it."""
    line = one_line(line)
    if Notes.say and line not in Notes.said:
        Notes.said.add(line)
        Notes.say(line)


def one_line(text: str) -> str:
    """The text with escapes for what would break the line or steer a terminal, without its middle if it is long."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} .. {text[-LONGEST // 2 :]}"


def on_screen(line: str, stream: TextIO) -> str:
    """The line for this stream: a terminal has it in lines that end between words, all else as it is."""
    if Complaints.as_json or not stream.isatty():
        return line
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return line
    if len(line) <= columns or columns < 2:  # 0: a terminal that does not tell its size
        return line
    from textwrap import wrap

    return "\n".join(wrap(line, columns, break_long_words=False, break_on_hyphens=False, drop_whitespace=True))


def describe_os_error(path: str, error: OSError) -> RnncliError:
    """`missing.txt: no such file or directory`."""
    reason = (error.strerror or str(error)).lower()
    return RnncliError(f"{path}: {reason}")


class Complaints:
    """The form of what is said of an error: a line of text or, where the results are JSON, an object. So of notes,
    where progress is JSON.
    """

    as_json = notes_as_json = False
    files: tuple[str, ...] = ()  # that the command line names

    @classmethod
    def begin(cls, as_json: bool, files: Iterable[str] = (), notes_as_json: bool = False) -> None:
        """From now on errors and notes have this form."""
        cls.notes_as_json = notes_as_json
        if as_json or notes_as_json:
            import json  # noqa: F401  before a signal asks for it

        cls.as_json, cls.files = as_json or notes_as_json, tuple(files)


def remark(line: str) -> str:
    """The line for stderr of a note."""
    if not Complaints.notes_as_json:
        return line
    import json

    return json.dumps({"report": "note", "note": line})


def complaint(message: str, where: str | None = None, hint: str | None = None, joint: str = "; ") -> str:
    """The line for stderr. `where` is an option, or a file with its line; by default what the message begins with."""
    message = one_line(message)
    if not Complaints.as_json:
        return f"rnncli: {message}{joint + hint if hint else ''}"
    import json

    return json.dumps({"error": message, "where": where or place_in(message, Complaints.files), "hint": hint})


def place_in(message: str, files: Iterable[str]) -> str | None:
    """`--hidden 0: ..` -> `--hidden`; `a.csv:7: ..` -> `a.csv:7`, if it is one of the files, or is there; else None."""
    if option := re.match(r"--?[a-z][a-z-]*", message):
        return option[0]
    for file in sorted({*map(one_line, files), *STREAMS} - {"", "-"}, key=len, reverse=True):
        if found := re.match(re.escape(file) + r"(:\d+)?(?=:)", message):
            return found[0]
    found = re.match(r"(.+?)(:\d+)?: ", message)
    return found[0][:-2] if found and os.path.lexists(found[1]) else None
