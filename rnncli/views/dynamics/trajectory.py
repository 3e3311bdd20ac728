"""The course of an input through a system: what drives it, where it passes, and how it goes on by itself.

driven    s[t] = F(s[t-1], X[t])         X from INPUT
held      s[t] = F(s[t-1], X)            X by --hold; of a forecast the targets are fed back
free      s[t] = F(s[t-1], X(s[t-1]))    tokens drawn from the outputs, or forecasts fed back
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnncli.data.times.calendar import DAY, Calendar
from rnncli.data.window import Window
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.views.dynamics.held_input import Held, held_columns, held_series, held_token
from rnncli.views.dynamics.self_fed import Feedback
from rnncli.views.dynamics.system import System
from rnncli.views.reading import MOST_STEPS, Text, of_columns, of_text
from rnncli.views.subject import Subject

FREE_STEPS = 1200  # of a free run

Inputs = Callable[[int, np.ndarray], np.ndarray]


@dataclass
class Free:
    """How it goes on by itself: runs of `system` with `inputs(steps)`, from the states that `join` makes of those that
    the driven system had at these steps (B,).
    """

    system: System
    inputs: Callable[[np.ndarray], Inputs]
    how: str
    join: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda states, steps: states


@dataclass
class Course:
    """`X` (T, D) and `starts` (T,) drive `system`. `dt` is the time of a step, in `unit`. `says` tells in words what
    the outputs are at a state (n,) of `still`, if each step has some. The input has `of` steps.
    """

    system: System
    X: np.ndarray
    starts: np.ndarray
    held: Held
    free: Free | None = None
    says: Callable[[np.ndarray], str] | None = None
    dt: float | None = None
    unit: str | None = None
    notes: tuple[str, ...] = ()
    of: int | None = None

    @property
    def steps(self) -> int:
        return len(self.X)

    @property
    def still(self) -> System:
        """The system under the held input."""
        return self.free.system if self.held.fed_back else self.system

    def driven(self, t: int, S: np.ndarray) -> np.ndarray:
        """X[t]; a sequence starts from a state of zero."""
        if self.starts[t]:
            S[...] = 0
        return self.X[t]

    def visited(self, steps: np.ndarray) -> np.ndarray:
        """The states (B, n) of the driven system that these steps start from."""
        return self._states[steps]

    @cached_property
    def _states(self) -> np.ndarray:
        """Those of all steps (T, n)."""
        S, out = np.zeros((1, self.system.n)), np.zeros((self.steps, self.system.n))
        for t in range(self.steps):
            X = self.driven(t, S)
            out[t] = S[0]
            S = self.system.step(S, X)
        return out


def course_of(subject: Subject) -> Course:
    """Of a text, a series or whole sequences, as the model reads them."""
    model, hold = subject.model, subject.options.hold
    if model.vocabulary is not None:
        return course_of_text(model, subject.text(), hold, subject.team)
    course = course_of_series if model.schema.outlook else course_of_examples
    return course(model, subject.input, hold, subject.team)


def course_of_text(model: Model, text: Text, hold: str | None, team: Team) -> Course:
    """A language model reads a text, and writes one of its own: tokens drawn by their probability."""
    reading, v, system = of_text(model, text), model.vocabulary, System(model.network, team)
    batch, by_record = reading.batch, model.config.of_records

    def sampled(steps: np.ndarray) -> Inputs:
        rng = np.random.default_rng(0)

        def inputs(t, S):
            logits = system.outputs(S)
            if v.unknown is not None:
                logits[:, v.unknown] = -np.inf
            ids = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1).astype(np.int32)
            if by_record:
                S[ids == v.end] = 0
            return system.embedded(ids[:, None])[:, 0]

        return inputs

    X = system.embedded(batch.x)[:, 0]
    free, symbols = Free(system, sampled, "drawing its own tokens"), [v.symbol(i) for i in range(len(v))]
    return Course(system, X, batch.starts[:, 0], held_token(v, system, hold), free, _likeliest(system, symbols))


def course_of_examples(model: Model, path: str, hold: str | None, team: Team) -> Course:
    """A model that reads whole sequences, which have no answer that could be fed back; as many as are MOST_STEPS."""
    reading, system = of_columns(model, path), System(model.network, team)
    X, starts = system.embedded(reading.batch.x)[:, 0], reading.batch.starts[:, 0]
    dt, unit = time_of(reading.clock)
    at_each_step = model.schema.labels and not model.network.architecture.pool
    says = _likeliest(system, model.schema.labels) if at_each_step else None
    return Course(system, X, starts, held_columns(model.schema, system, hold), None, says, dt, unit, (), reading.of)


def course_of_series(model: Model, path: str, hold: str | None, team: Team) -> Course:
    """A forecast model reads its first series, and goes on with its own forecasts."""
    from rnncli.predictors.forecaster import Forecaster
    from rnncli.predictors.series_reader import SeriesReader

    forecaster, system, o = Forecaster(model), System(model.network, team), model.schema.outlook
    ahead = FREE_STEPS if len(o.keys) == 1 else 0  # of many series these would be many rows
    extent = SeriesReader(model).read([path], None, None, None, ahead)
    s = extent.series
    begin, end = int(s.offsets[0]), int(extent.stops[0])
    rows = np.arange(begin, min(end, begin + MOST_STEPS))
    follow = np.minimum(np.arange(begin, rows[-1] + FREE_STEPS + 1), int(s.offsets[1]) - 1)
    window = Window([np.ascontiguousarray(ids[follow, None]) for ids in s.ids], s.X.take(follow, axis=0)[:, None])
    X = system.embedded(window)[:, 0]
    starts = np.arange(len(rows)) == 0
    times = None if s.times is None else s.times[rows[-1]]
    dt, unit = time_of(o.clock)
    free: Free | None = None
    notes: tuple[str, ...] = ()
    try:
        loop = Feedback(forecaster, team, s.mean[0], s.std[0])
    except ValueError as error:  # the network alone is then the system
        notes = (f"no free run: {error}",)
    else:
        free = Free(
            loop,
            lambda steps: lambda t, S: X[np.minimum(steps + t, len(X) - 1)],
            "fed its own forecasts",
            lambda states, steps: np.concatenate([states, loop.window(s.z, rows[steps], begin)], axis=1),
        )
    held = held_series(model, system, s.keys[0], times, hold, free is not None)
    says = _values(o, s.mean[0], s.std[0]) if held.fed_back else None
    return Course(
        system, X[: len(rows)], starts, held, free, says, dt, unit, notes, int((extent.stops - s.offsets[:-1]).sum())
    )


def _likeliest(system: System, names: list[str]) -> Callable[[np.ndarray], str]:
    return lambda state: names[int(system.outputs(state[None]).argmax())]


def _values(o, mean: np.ndarray, std: np.ndarray) -> Callable[[np.ndarray], str]:
    """The targets that are fed back, in the units of the file."""

    def says(state):
        values = o.unstraighten(state[-len(o.targets) :] * std + mean)
        return ", ".join(f"{name} {value:.3g}" for name, value in zip(o.targets, values, strict=True))

    return says


def time_of(calendar: Calendar) -> tuple[float | None, str | None]:
    """How long a step is, and in which unit; of the numbers of rows nothing is known."""
    if calendar.kind == "row":
        return None, None
    if calendar.kind == "time":
        return calendar.step / DAY, "day"
    return calendar.step, "month" if calendar.kind == "month" else "unit of time"
