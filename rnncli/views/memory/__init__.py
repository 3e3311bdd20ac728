"""`--view memory`: what of the past the state still holds, and how much it matters."""

from typing import Any

from rnncli.views.memory.view import STEPS
from rnncli.views.memory.view import view as look
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 4,
    "help": "what of the past the state holds",
    "caption": "What of the past a linear read-out still finds in the state, by lag, and how many bits it is worth to "
    "the next prediction.",
    "input": True,
    "options": {"lags": {"min": 1, "default": 200, "help": "Number of steps to look back"}},
}


class Memory(View):
    """By lag."""

    def data(self, subject: Subject) -> dict[str, Any]:
        schema = subject.model.schema
        kind = "numbers" if schema is not None and (schema.numbers or schema.outlook) else "tokens"
        return look(subject.network, subject.sequences(False, STEPS[kind]), subject.team, subject.options.lags)
