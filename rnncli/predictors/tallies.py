"""The figures of `--evaluate` of all examples, what the model has seen of them, and the figures of the others alone."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnncli.data.examples import Examples
from rnncli.data.seen import FEW, Known
from rnncli.errors import note
from rnncli.models.model_file import Model
from rnncli.tasks.tally import Tally


class Tallies:
    """One tally of everything, and one of what the model has not seen, where all that it has seen is known."""

    def __init__(self, model: Model, tally: Callable[[], Tally]):
        self.known = Known.of(model.summary)
        self.all, self.others = tally(), tally()
        self.others.unheard = self.all.unheard  # in the same order, wherever the pieces end

    def add(self, predictions: Any, examples: Examples) -> None:
        """As that of a Tally."""
        self.all.add(predictions, examples)
        if self.known is None:
            return
        new = ~self.known.look_at(examples.hashes, examples.related)
        if self.known.whole and new.any():
            rows = np.repeat(new, examples.lengths) if examples.by_step else new
            self.others.add(predictions[rows], examples.select(np.flatnonzero(new)))

    def figures(self, source: str) -> dict:
        """Those of everything; `seen`, see seen.py; and `unseen`, those of the others, where there are both."""
        found = self.all.figures() | self.all.details() | seen_figures(self.known, source, ("sequence", "sequences"))
        if self.known and self.known.tells_apart:
            found["unseen"] = self.others.figures() | self.others.details()
        return found


def seen_figures(known: Known | None, source: str, units: tuple[str, str]) -> dict:
    """`seen`, see seen.py, and a line on it, if the model has seen something; nothing of models of before. `units` are
    what one and several are called.
    """
    if known is None:
        return {}
    seen = known.figures()
    if line := seen_text(seen, units):
        note(f"{source}: {line}")
    return {"seen": seen}


def seen_text(seen: dict, units: tuple[str, str]) -> str:
    """The figures in words; nothing where nothing was seen, of enough that could be checked."""
    n, checked, trained, validated = seen["n"], seen["checked"], seen["trained"], seen["validated"]
    all_of_them, related = f"{n:,} {units[n != 1]}", seen.get("related")
    if not trained and not validated and not related:
        few = f"only {checked:,} of {all_of_them} can be looked up: the model has seen too many to keep all"
        return few if checked < min(n, FEW) else ""
    about, told = ("", "") if checked == n else ("about ", f" (estimated from {checked:,} of them)")
    parts = [f"the model was trained on {about}{trained:,}"] if trained else []
    parts += (
        [f"{about}{validated:,} chose {'it' if trained else 'the model'} as its validation part"] if validated else []
    )
    parts += [f"{about}{related:,} {'more ' if parts else ''}are of folds that the model has seen"] if related else []
    return f"of {all_of_them} {' and '.join(parts)}{told}: figures of new ones may be worse"
