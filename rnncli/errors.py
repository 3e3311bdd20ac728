"""Errors that a user can mend: what was found and where, what was expected, what to do. One line each."""


class RnncliError(Exception):
    """Bad data or model: exit code 1."""

    exit_code = 1


class UsageError(RnncliError):
    """Options that are wrong or do not go together: exit code 2."""

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


def describe_os_error(path: str, error: OSError) -> RnncliError:
    """`missing.txt: no such file or directory`."""
    reason = (error.strerror or str(error)).lower()
    return RnncliError(f"{path}: {reason}")
