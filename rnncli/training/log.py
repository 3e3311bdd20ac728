"""`--log`: the reports of a training in a file."""

import json
import os

from rnncli.errors import describe_os_error, note
from rnncli.models.json_values import finite
from rnncli.training.reports import MemberBegins, Prepared, Progress, Validation

MOST_WAITING = 10_000  # lines


class Log:
    """`--log`: reports as JSON lines, appended to a file that is made with the first of them.

    A line that cannot be written waits for the next one: a full disk does not stop a training.
    """

    FIELDS = ("step", "epoch", "tokens", "elapsed_s", "tokens_per_s", "lr", "loss")

    def __init__(self, path: str | None):
        self.path = path
        self.last: dict = {}
        self.waiting: list[str] = []

    def write(self, report: object) -> None:
        """Write a Progress or a Validation."""
        if isinstance(report, Prepared):
            self.last = {"cell": report.material.config.cell}
        elif isinstance(report, MemberBegins):
            self.last["member"] = report.member
        if self.path is None or not isinstance(report, Progress | Validation):
            return
        self.last |= {name: getattr(report, name) for name in self.FIELDS if hasattr(report, name)}
        line = json.dumps(finite(self.last | {"valid_loss": getattr(report, "valid_loss", None)}))
        self.waiting = [*self.waiting, f"{line}\n"][-MOST_WAITING:]
        try:
            _append(self.path, "".join(self.waiting).encode())
            self.waiting = []
        except OSError as error:
            note(f"--log {describe_os_error(self.path, error)}: lines wait until they can be written, training goes on")

    def end(self) -> None:
        """Say what could not be written."""
        if self.waiting:
            note(f"--log {self.path}: the last {len(self.waiting):,} lines could not be written")


def _append(path: str, data: bytes) -> None:
    """All of it, or OSError and nothing."""
    with open(path, "ab", buffering=0) as stream:
        begin, written = os.fstat(stream.fileno()).st_size, 0
        try:
            while written < len(data):
                written += stream.write(data[written:])
        except OSError:
            if os.fstat(stream.fileno()).st_size == begin + written:  # nobody else has written meanwhile
                os.ftruncate(stream.fileno(), begin)
            raise
