"""`--view dynamics`: where a network can stay, and how fast its states drift apart."""

from typing import Any

from rnncli.views.dynamics.trajectory import course_of
from rnncli.views.dynamics.view import view as look
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 5,
    "help": "fixed points, Lyapunov exponents",
    "caption": "The network as a dynamical system: where it can stay under a held input, how fast it comes back "
    "there, and whether near states come together or part.",
    "input": True,
    "options": {
        "hold": {
            "metavar": "TOKEN|VALUE,..",
            "help": "Input held at the fixed points",
            "unset": "the usual one",
        },
        "dt": {
            "metavar": "TIME",
            "above": 0.0,
            "help": "Time of a step",
            "unset": "by the time column",
        },
    },
    "unfit": {
        "bidirectional": "the network reads both ways: its state is not made from the past alone, as a system's is"
    },
}


class Dynamics(View):
    """Of the course that the input takes."""

    def data(self, subject: Subject) -> dict[str, Any]:
        way = course_of(subject)
        subject.read = subject.read or (way.steps, way.of)
        return look(way, subject.options.dt)
