"""`dynamics`: the network as a driven dynamical system, s[t] = F(s[t-1], X[t]; θ).

Under a held input: its fixed points, whether they are stable, and how fast the state comes back to them or leaves them
(fixed_points.py). On its way, driven by INPUT and running free: its largest Lyapunov exponents (lyapunov.py), which say
whether small differences of the state die out (contracting), grow (chaotic), or neither (edge).
"""

from typing import Any

import numpy as np

from rnncli.views.dynamics.fixed_points import search
from rnncli.views.dynamics.lyapunov import Growth, exponents
from rnncli.views.dynamics.trajectory import FREE_STEPS, Course, course_of
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
        "bidirectional": "the network is bidirectional: its state depends on more than the past",
        "receptive_field": "the network is a convolution: it has no state that a map from step to step moves",
    },
}

LARGE = 256  # values of a state: of larger ones there are fewer of the following
STARTS = (256, 64)  # states that the search begins with
RUNS = (8, 4)  # free runs side by side
SETTLING = 200  # steps under the held input, from a quarter of them
FLOOR = 0.1  # of the spread of the noise
WARM = 200  # steps of a free run until it is where it belongs
WARM_DRIVEN = 100


class Dynamics(View):
    """Of the course that the input takes."""

    def data(self, subject: Subject) -> dict[str, Any]:
        way = course_of(subject)
        subject.read = subject.read or (way.steps, way.of)
        return view(way, subject.options.dt)


def view(course: Course, dt: float | None = None) -> dict:
    """`verdict`, of the free run if there is one; `state`, what s is made of; `held`, the input at the fixed points;
    `fixed_points` and `slow_points` (see fixed_points.search), each with the `output` there in words; `lyapunov` with
    `driven` and `free` (see lyapunov.Growth.to_json), None where there is nothing to follow; `free`, how it runs free;
    `dt` in `unit`s, the time of a step, which the argument overrides.
    """
    dt, unit = (course.dt, course.unit) if dt is None else (dt, "unit of time")
    with np.errstate(all="ignore"):  # of states that explode
        starts = starting_states(course)
        fixed, slow = search(course.still, course.held.X, starts)
    for point in fixed + slow:
        point["output"] = course.says and course.says(np.array(point["h"]))
    driven, free = driven_growth(course), free_growth(course)
    notes = list(course.notes)
    if driven is None or (course.free and free is None):
        notes.append(f"{'the driven run' if driven is None else 'the free run'} leaves all bounds")
    grown = {name: found and found.to_json(dt) for name, found in (("driven", driven), ("free", free))}
    return {
        "verdict": (free or driven).verdict if free or driven else None,
        "steps": course.steps,
        "state": [{"name": name, "layer": layer, "size": size} for name, layer, size in course.still.parts],
        "held": {"input": course.held.text, "fed_back": course.held.fed_back},
        "starts": len(starts),
        "fixed_points": fixed,
        "slow_points": slow,
        "lyapunov": grown,
        "free": course.free and course.free.how,
        "dt": dt,
        "unit": unit,
        "notes": notes,
    }


def starting_states(course: Course) -> np.ndarray:
    """States (N, n): visited ones, some with noise of as much spread as they have, and where some of these settle."""
    system, rng = course.still, np.random.default_rng(0)
    count = STARTS[system.n > LARGE]
    steps = np.unique(np.linspace(0, course.steps - 1, count // 2).round().astype(int))
    states = course.visited(steps)
    if course.held.fed_back:
        states = course.free.join(states, steps)
    states = states[np.isfinite(states).all(axis=1)]
    noise = (states.std(axis=0) + FLOOR) * rng.standard_normal((count - len(states), system.n))
    noisy = states[rng.integers(len(states), size=len(noise))] + noise
    settled = noisy[: count // 4]
    for _ in range(SETTLING):
        settled = system.step(settled, course.held.X)
    found = np.concatenate([states, settled, noisy[len(settled) :]])
    return found[np.isfinite(found).all(axis=1)]


def driven_growth(course: Course) -> Growth | None:
    """Along INPUT, from a state of zero."""
    warm = min(WARM_DRIVEN, course.steps // 4)
    start = np.zeros((1, course.system.n))
    return exponents(course.system, start, course.driven, course.steps - warm, warm)


def free_growth(course: Course) -> Growth | None:
    """Of runs that begin at several steps of INPUT."""
    if course.free is None:
        return None
    steps = np.linspace(0, course.steps - 1, RUNS[course.free.system.n > LARGE] + 1).round().astype(int)[1:]
    states = course.free.join(course.visited(np.unique(steps)), np.unique(steps))
    return exponents(course.free.system, states, course.free.inputs(np.unique(steps)), FREE_STEPS - WARM, WARM)
