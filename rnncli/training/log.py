"""`--log`: the reports of a training in a file."""

import json

from rnncli.errors import describe_os_error
from rnncli.models.json_values import finite
from rnncli.training.experiment import Prepared
from rnncli.training.reports import MemberBegins, Progress, Validation


class Log:
    """`--log`: reports as JSON lines, appended to a file that is made with the first of them."""

    FIELDS = ("step", "epoch", "tokens", "elapsed_s", "tokens_per_s", "lr", "loss")

    def __init__(self, path: str | None):
        self.path = path
        self.last: dict = {}

    def write(self, report: object) -> None:
        """Write a Progress or a Validation, which has the rate and speed of the progress before it."""
        if isinstance(report, Prepared):
            self.last = {"cell": report.material.config.cell}
        elif isinstance(report, MemberBegins):
            self.last["member"] = report.member
        if self.path is None or not isinstance(report, Progress | Validation):
            return
        self.last |= {name: getattr(report, name) for name in self.FIELDS if hasattr(report, name)}
        try:
            with open(self.path, "a") as stream:
                stream.write(json.dumps(finite(self.last | {"valid_loss": getattr(report, "valid_loss", None)})) + "\n")
        except OSError as error:
            raise describe_os_error(self.path, error) from None
