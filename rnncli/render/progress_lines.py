"""`train --progress json`: a JSON line on stderr for each report of a training."""

import json
import sys
from typing import Any

from rnncli.models.json_values import finite
from rnncli.training.reports import Finished, MemberBegins, Prepared, Progress, Tried, Trying, Tuned, Validation

DIGITS = 6  # that are written
#: field -> that of the report
FIELDS = {
    "update": "step",
    "epoch": "epoch",
    "done": "done",
    "loss": "loss",
    "validation": "valid_loss",
    "rate": "lr",
    "tokens": "tokens",
    "tokens_per_second": "tokens_per_s",
    "reach": "reach",
    "seconds": "elapsed_s",
    "left": "left_s",
}


class Lines:
    """Shows a training as lines that all have the same fields, null where a report does not tell."""

    def __init__(self):
        self.stage: dict[str, Any] = {"cell": None, "member": None, "trial": None}
        self.validation: float | None = None

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, report: Any) -> None:
        """A line of a Progress, a Validation or the end; of another report what the lines after it are of."""
        match report:
            case Prepared():
                self._begin(cell=report.material.config.cell, member=None, trial=None)
            case Trying():
                self._begin(trial=report.way)
            case Tried() | Tuned():
                self._begin(trial=None)
            case MemberBegins():
                self._begin(member=report.member)
            case Progress() | Validation() | Finished():
                self._print(report)

    def _begin(self, **stage: Any) -> None:
        self.stage |= stage
        self.validation = None

    def _print(self, report: Progress | Validation | Finished) -> None:
        kind = type(report).__name__.lower()
        found = {name: getattr(report, of, None) for name, of in FIELDS.items()}
        if isinstance(report, Progress):
            found["validation"] = self.validation
        self.validation = found["validation"]
        if isinstance(report, Finished):
            found |= {"done": 1.0, "left": 0.0}
        print(json.dumps(finite({"report": kind} | found | self.stage, DIGITS)), file=sys.stderr, flush=True)
