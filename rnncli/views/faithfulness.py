"""Whether an attribution names what the prediction rests on: the network is asked again without the named inputs.

    drop(S) = ± (F(X) - F(X without S))     X without S has the baseline B at the steps of S

The sign is that of F(X) - F(B). S are the steps with the largest attribution of this sign, a share of all at most. The
drop of other sets of as many steps, drawn at random from the rest, is what is lost by chance. Both have the unit of F.
"""

from typing import Any

import numpy as np

from rnncli.views.predicted import Output

SHARE = 0.1  # of the inputs is left out, one at least
DRAWS = 20  # sets of others
SEED = 0


def faithfulness(path: Any, output: Output, attribution: np.ndarray, value: float, baseline: float) -> dict | None:
    """Of the inputs of a `path` (see attribution.py) with their `attribution` (count,), as plain data:

    `steps` left out; `direction`, 1 if they raised the prediction, -1 if they lowered it; `drop` by leaving them out;
    `others`, the mean of the drops of `draws` sets of as many others, of which `as_large` drop by no less. None if
    there are fewer than two inputs.
    """
    count = len(attribution)
    if count < 2:
        return None
    direction = -1 if value < baseline else 1
    moved = int((direction * attribution > 0).sum())
    size = max(1, min(round(SHARE * count), moved, count // 2))
    order = np.argsort(-direction * attribution, kind="stable")
    named, rest = np.sort(order[:size]), order[size:]
    draw = np.random.default_rng(SEED)
    sets = [named, *(draw.choice(rest, size, replace=False) for _ in range(DRAWS))]
    there = np.ones((count, len(sets)))
    for i, steps in enumerate(sets):
        there[steps, i] = 0
    drops = direction * (value - path.values(there, output))
    return {
        "steps": (path.first + named).tolist(),
        "direction": direction,
        "drop": float(drops[0]),
        "others": float(drops[1:].mean()),
        "draws": DRAWS,
        "as_large": int((drops[1:] >= drops[0]).sum()),
    }
