"""What streams have taught a network (training/adaptation.py) in the state file of their holder.

Of stream i the tensors `adapt.i.change, squares` (parameters,), and of the piece under way `x.0, .., y, starts` (steps,
N, ..) and the states before it, `state.0, ..`; entry `adapt`: the RATE, and the pieces of each stream by name.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

import numpy as np

from rnncli.data.batches import Batch
from rnncli.data.window import Window, arrays_of
from rnncli.errors import UsageError
from rnncli.models.state_file import Holder
from rnncli.models.tensors import refuse_others
from rnncli.stored import Count, Range, expect, read
from rnncli.training.adaptation import Adaptation, Learnt

ENTRY = "adapt"


class Stored(TypedDict):
    """The entry of a state file."""

    rate: Annotated[float, Range(math.ulp(0.0), 1.0)]
    pieces: dict[str, Count]


class WithLearnt:
    """A holder of streams, with what these have taught; both are kept in the same state file."""

    def __init__(self, holder: Holder, adaptation: Adaptation):
        self.holder, self.adaptation = holder, adaptation

    def state(self) -> tuple[Any, dict[str, Learnt]]:
        """As it is; what was learnt does not change any more."""
        return self.holder.state(), dict(self.adaptation.learnt)

    def set_state(self, state: tuple[Any, dict[str, Learnt]]) -> None:
        """Go on from what `state` gave."""
        self.holder.set_state(state[0])
        self.adaptation.learnt = dict(state[1])

    def to_tensors(self, state: tuple[Any, dict[str, Learnt]]) -> tuple[dict[str, np.ndarray], dict]:
        """What `state` gave, as tensors and values of a state file."""
        tensors, entry = self.holder.to_tensors(state[0])
        for i, one in enumerate(state[1].values()):
            tensors |= {f"{ENTRY}.{i}.{name}": array for name, array in _arrays(one).items()}
        pieces = {name: one.pieces for name, one in state[1].items()}
        return tensors, entry | ({ENTRY: {"rate": self.adaptation.rate, "pieces": pieces}} if pieces else {})

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> tuple[Any, dict[str, Learnt]]:
        """The way back; Damaged if they are of no state of this model, UsageError for another RATE."""
        entry, learnt = dict(entry), {}
        if ENTRY in entry:
            found = read(Stored, entry.pop(ENTRY), ENTRY)
            if found["rate"] != self.adaptation.rate:
                raise _of_other_rate(f"--adapt {self.adaptation.rate:g}", found["rate"])
            for i, (name, pieces) in enumerate(found["pieces"].items()):
                prefix = f"{ENTRY}.{i}."
                own = {n.removeprefix(prefix): array for n, array in tensors.items() if n.startswith(prefix)}
                learnt[name] = _learnt(self.adaptation, own, pieces, prefix)
                tensors = {n: array for n, array in tensors.items() if not n.startswith(prefix)}
        return self.holder.from_tensors(tensors, entry), learnt


class WithoutLearnt:
    """A holder where nothing is learnt: a file of streams that have taught something is refused."""

    def __init__(self, holder: Holder):
        self.state, self.set_state, self.to_tensors = holder.state, holder.set_state, holder.to_tensors
        self.holder = holder

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> Any:
        """The state again."""
        if ENTRY in entry:
            raise _of_other_rate("no --adapt RATE", read(Stored, entry[ENTRY], ENTRY)["rate"])
        return self.holder.from_tensors(tensors, entry)


def with_learnt(holder: Holder, adaptation: Adaptation | None) -> Holder:
    """The holder with what its streams teach, if they do."""
    return WithLearnt(holder, adaptation) if adaptation else WithoutLearnt(holder)


def _of_other_rate(given: str, rate: float) -> UsageError:
    return UsageError(
        f"{given}: the weights in --state-file are those of --adapt {rate:g}: use that rate, or another --state-file "
        "FILE"
    )


def _arrays(one: Learnt) -> dict[str, np.ndarray]:
    arrays = {"change": one.change, "squares": one.squares}
    if one.held is None:
        return arrays
    arrays |= {f"x.{j}": array for j, array in enumerate(arrays_of(one.held.x))}
    arrays |= {f"state.{j}": state for j, state in enumerate(one.states)}
    return arrays | {"y": one.held.y, "starts": one.held.starts}


def _learnt(adaptation: Adaptation, arrays: Mapping[str, np.ndarray], pieces: int, where: str) -> Learnt:
    """One stream's; Damaged if the arrays are none of this network."""
    flat = adaptation.trained.theta.flat
    expected: dict[str, tuple[tuple[int, ...], Any]] = dict.fromkeys(("change", "squares"), (flat.shape, np.float32))
    states = [state for u in adaptation.each for state in u.states()]
    inputs: list[np.ndarray] = []
    if under_way := "starts" in arrays:
        steps = len(arrays["starts"]) if arrays["starts"].ndim else 0
        expect(0 < steps < adaptation.piece, f"{where}starts", steps, f"from 1 to {adaptation.piece - 1} steps")
        sample = adaptation.sample(steps)
        inputs = arrays_of(sample.x)
        expected |= {f"x.{j}": (array.shape, array.dtype) for j, array in enumerate(inputs)}
        expected |= {f"state.{j}": (state.shape, state.dtype) for j, state in enumerate(states)}
        expected |= {name: (getattr(sample, name).shape, getattr(sample, name).dtype) for name in ("y", "starts")}
    refuse_others(dict(arrays), expected, missing=("y",))
    expect((arrays["squares"] >= 0).all(), f"{where}squares", float(arrays["squares"].min()), "squares")
    if not under_way:
        return Learnt(arrays["change"], arrays["squares"], pieces)
    inputs = [arrays[f"x.{j}"] for j in range(len(inputs))]
    x: Any = Window(inputs[:-1], inputs[-1]) if isinstance(sample.x, Window) else inputs[0]
    batch = Batch(x, arrays["y"], arrays["starts"], 0, steps)
    batch.count = int((batch.y >= 0).sum() if batch.y.ndim == 2 else np.isfinite(batch.y).sum())
    adaptation.refuse_damage(batch, where)
    return Learnt(
        arrays["change"], arrays["squares"], pieces, batch, [arrays[f"state.{j}"] for j in range(len(states))]
    )
