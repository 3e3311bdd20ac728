"""Gradcheck: proof that the backward pass is right on this machine with these weights.

    error = |g·d - (L(θ + εd) - L(θ - εd)) / 2ε| / (‖g‖ / √n)

g is the gradient by back-propagation of the mean loss L of a window of random inputs and targets, in float64; d a
random direction of length 1, of all n parameters or of one tensor's. ‖g‖ / √n is how steep such a direction is.

A relu has a kink. Where one lies between θ - εd and θ + εd, for every ε, the difference is that of neither side. Then
each side is compared by itself, ±(4 L(θ ± εd) - L(θ ± 2εd) - 3 L(θ)) / 2ε: a wrong gradient agrees with neither.
"""

import math
from typing import Any

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.tasks import task_of
from rnncli.tasks.task import Task
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 8,
    "help": "gradients against finite differences",
    "caption": "Proof that the backward pass is right on this machine: its gradients against finite differences.",
}

STEPS, ROWS = 16, 4  # of the window
DIRECTIONS = 3  # of each tensor, and of all parameters
EPSILONS = 1e-4, 1e-5, 1e-6
TOLERANCE = 1e-5
FLAT = 1e-7  # nats a unit of length: of a flatter slope, rounding in float64 leaves too little to compare
WORDS, GRAMS = 5, 3  # different words, and n-grams of each, where words are read by them


class Gradcheck(View):
    """Of the model alone."""

    def data(self, subject: Subject) -> dict[str, Any]:
        return view(subject.model)

    def fault(self, data: dict[str, Any]) -> str | None:
        wrong = "the gradients are not those of the loss on this machine: please report it with the table"
        return None if data["passed"] else wrong


def view(model: Model) -> dict:
    """`parameters`: the largest relative error of each tensor (`0.W` is W of layer 0);
    `directions`: that along directions of all parameters; `passed`: whether none is above `tolerance`; `kinks`: in how
    many directions only one side could be compared.
    """
    check = Differences(model)
    parameters = [
        {"name": name, "shape": list(array.shape), "max_relative_error": check.error(slice(end - array.size, end))}
        for (name, array), end in zip(check.theta.items(), check.ends, strict=True)
    ]
    whole = check.error(slice(None))
    return {
        "parameters": parameters,
        "directions": whole,
        "tolerance": TOLERANCE,
        "kinks": check.kinks,
        "passed": all(error <= TOLERANCE for error in [whole, *(p["max_relative_error"] for p in parameters)]),
    }


class Differences:
    """A model in float64 on a random window, and the gradient of its loss."""

    def __init__(self, model: Model):
        task = task_of(model)
        self.loss, self.batch = task.loss, random_batch(model, task, np.random.default_rng(0))
        network = model.network.astype(np.float64)
        self.theta = network.theta
        self.ends = np.cumsum([array.size for array in self.theta.values()]).tolist()  # of tensors in the flat vector
        self.unfolded = network.unfold(STEPS, ROWS, Team(1), training=True)
        self.rng = np.random.default_rng(1)
        self.kinks, self.here = 0, self.mean_loss()
        self.gradient = self.unfolded.grads.flat.copy()

    def mean_loss(self) -> float:
        """Nats a target, from states of zero; leaves the gradient in `unfolded.grads`."""
        u, batch = self.unfolded, self.batch
        u.pack()
        u.set_states()
        u.gradients(batch, self.loss.gradient)
        self.loss.own_gradients(u)
        return self.loss.mean(u, batch)

    def error(self, part: slice) -> float:
        """The largest relative error along directions of these parameters."""
        return max(self._error(part) for _ in range(DIRECTIONS))

    def _error(self, part: slice) -> float:
        """Along a random direction; a difference that may have crossed a kink of a relu is taken again, shorter, and at
        last on each side.
        """
        d = self.rng.standard_normal(self.theta.flat[part].size)
        d /= np.linalg.norm(d)
        found = []
        for slope in (self._slope, self._slope_above, self._slope_below):
            for epsilon in EPSILONS:
                found.append(self._error_of(slope(part, epsilon * d) / epsilon, part, d))
                if found[-1] <= TOLERANCE:
                    self.kinks += len(found) > len(EPSILONS)
                    return found[-1]
        return min(found)

    def _error_of(self, slope: float, part: slice, d: np.ndarray) -> float:
        gradient = self.gradient[part]
        steepness = float(np.linalg.norm(gradient)) / math.sqrt(d.size)
        return abs(float(gradient @ d) - slope) / max(steepness, FLAT)

    def _slope(self, part: slice, step: np.ndarray) -> float:
        return (self._loss_at(part, step) - self._loss_at(part, -step)) / 2

    def _slope_above(self, part: slice, step: np.ndarray) -> float:
        return (4 * self._loss_at(part, step) - self._loss_at(part, 2 * step) - 3 * self.here) / 2

    def _slope_below(self, part: slice, step: np.ndarray) -> float:
        return -self._slope_above(part, -step)

    def _loss_at(self, part: slice, step: np.ndarray) -> float:
        theta, before = self.theta.flat[part], self.theta.flat[part].copy()
        theta += step
        loss = self.mean_loss()
        theta[...] = before
        return loss


def random_batch(model: Model, task: Task, rng: np.random.Generator) -> Batch:
    """Inputs that the network can read, and targets that its loss understands."""
    a, starts = model.network.architecture, np.zeros((STEPS, ROWS), np.uint8)
    y = task.random_targets(rng, 1 if a.pool else STEPS, ROWS, a.outputs)
    count = len(y) * ROWS
    if model.schema is None:
        return Batch(rng.integers(a.tokens, size=starts.shape).astype(np.int32), y, starts, count, STEPS)
    starts[0] = 1
    lengths = None if task.carries else np.full(ROWS, STEPS, np.int32)
    return Batch(_columns(a, rng), y, starts, count, STEPS, lengths)


def _columns(a, rng: np.random.Generator) -> Window:
    ids = [rng.integers(values, size=(STEPS, ROWS)).astype(np.int32) for _, values, _ in a.categories]
    grams = None
    if a.grams:
        ids.append(rng.integers(WORDS, size=(STEPS, ROWS)).astype(np.int32))
        grams = (
            GRAMS * np.arange(WORDS + 1, dtype=np.int32),
            rng.integers(a.grams[0], size=WORDS * GRAMS, dtype=np.int32),
        )
    return Window(ids, rng.standard_normal((STEPS, ROWS, a.numbers)), grams)
