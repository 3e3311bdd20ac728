"""`memory`: the lossy summary. What of the input k steps back is still in the state, and how much it still matters.

    recall[k]          how well a linear read-out of h[t], all layers side by side, gives x[t-k]: on steps that it was
                       not fitted on the part of the tokens that is right, or R², the mean over the columns of numbers
    capacity           Σ_k R²[k], of all columns (Jaeger 2002, "Short term memory in echo state networks"); of tokens
                       Σ_k (recall[k] - chance[k]) / (1 - chance[k]): so many of them as if they were known for sure
    ablation_bits[k]   another input of the same data stands at t-k, and the network is run again from there: by how
                       many bits the prediction at t is another one, see ablation.py

The capacity counts from lag 0, the input just read. Of independent inputs it is at most the number of units. Where the
input is regular, so that x[t] alone tells of x[t-k], that counts too: `input_alone` says how much of it there is.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rnncli.data.window import take
from rnncli.errors import RnncliError
from rnncli.kernels.threads import Team
from rnncli.network.inputs import embedded
from rnncli.network.network import Network
from rnncli.views.memory.ablation import ablation
from rnncli.views.memory.readout import Fit, Recalled, Score, bands, blocks
from rnncli.views.reading import LAGS, Reading, needs_end, states_of
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 4,
    "help": "what of the past the state holds",
    "caption": "What of the past a linear read-out still finds in the state, by lag, and by how many bits another "
    "input there would change the prediction.",
    "input": True,
    "options": {"lags": {"min": 1, "default": 200, "help": "Number of steps to look back"}},
}

STEPS = {"tokens": 8_000, "numbers": 20_000}  # that are read: a token has a read-out for each of the alphabet
LEAST = 150, 60  # steps with a lag before them that are fitted, and scored
MOST_COLUMNS = 96  # different tokens, or columns of numbers
MOST_WEIGHTS = 1 << 26  # of all read-outs
STRETCHES, SCORED = 10, (3, 6, 9)  # that the input is cut into, and those of them that are not fitted but scored


class Memory(View):
    """By lag."""

    def data(self, subject: Subject) -> dict[str, Any]:
        schema = subject.model.schema
        kind = "numbers" if schema is not None and (schema.numbers or schema.outlook) else "tokens"
        return view(subject.network, subject.sequences(False, STEPS[kind]), subject.team, subject.options.lags)


@np.errstate(all="ignore")  # of large states what comes out is anything
def view(network: Network, reading: Reading, team: Team, lags: int = LAGS) -> dict:
    """`kind` (tokens or numbers), `lags`, and by lag `recall`, `chance` (the most frequent token, or the mean),
    `ablation_bits` (None where nothing was measured); `by_layer` and `by_column`, the recall from each layer alone and
    of each column; `input_alone`, the recall from x[t] without a state; `capacity`, and `input_capacity`, that of x[t]
    without a state; `fitted` and `scored` steps.

    RnncliError if the input is too short.
    """
    fitted, scored = split(network, reading)
    recalled, columns = what_is_read(reading, fitted)
    a = network.architecture
    most = MOST_WEIGHTS // ((a.layers * a.width + a.input_width) * recalled.width)
    lags = _longest(reading, fitted, scored, min(lags, most))
    fit = Fit(recalled, reading.age, bands(reading.age[fitted], lags))
    for steps, H in states_and_inputs(network, reading, team, fitted):
        fit.add(steps, H)
    layers = [slice(i * a.width, (i + 1) * a.width) for i in range(a.layers)]
    parts = [slice(a.layers * a.width), slice(a.layers * a.width, None), *(layers if a.layers > 1 else [])]
    whole, inputs, *alone = measured(network, reading, team, fit, scored, parts)
    return {
        "kind": "numbers" if recalled.classes is None else "tokens",
        "lags": list(range(lags + 1)),
        "recall": joined(whole, Score.recall).tolist(),
        "chance": joined(whole, Score.chance).tolist(),
        "input_alone": joined(inputs, Score.recall).tolist(),
        "capacity": capacity(whole),
        "input_capacity": capacity(inputs),
        "ablation_bits": ablation(network, reading, team, lags),
        "by_layer": [joined(scores, Score.recall).tolist() for scores in alone],
        "by_column": dict(zip(columns, joined(whole, Score.r2).T.tolist(), strict=False)),
        "units": a.layers * a.width,
        "fitted": len(fitted),
        "scored": len(scored),
    }


def split(network: Network, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """Steps to fit and steps to score: other sequences, or other stretches of a single one."""
    sequences = len(reading.bounds) - 1
    if sequences >= STRETCHES:
        part = np.random.default_rng(0).permutation(sequences) * STRETCHES // sequences
        part = np.repeat(part, np.diff(reading.bounds))
    elif needs_end(network):
        raise RnncliError(f"{sequences} sequence(s) are too few to fit a read-out, expected at least {STRETCHES}")
    else:
        part = np.arange(reading.steps) * STRETCHES // reading.steps
    chosen = np.isin(part, SCORED)
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def what_is_read(reading: Reading, fitted: np.ndarray) -> tuple[Recalled, list[str]]:
    """The numbers, if there are any, and their names, without columns that do not vary, of which nothing can be told;
    else the tokens, the frequent ones of the fitted steps.
    """
    if reading.numbers:
        values = reading.batch.x.numbers[: reading.steps, 0]
        names = [name for name, d in reading.numbers.items() if np.ptp(values[:, d])] or list(reading.numbers)
        names = names[:MOST_COLUMNS]
        values = values[:, [reading.numbers[name] for name in names]]
        return Recalled(None, values.astype(np.float64), len(names)), names
    tokens = reading.tokens + 1  # a value that is missing is -1
    counts = np.bincount(tokens[fitted], minlength=tokens.max() + 1)
    order = np.argsort(-counts, kind="stable")[: min(MOST_COLUMNS, np.count_nonzero(counts))]
    classes = np.full(len(counts), -1)
    classes[order] = np.arange(len(order))
    return Recalled(classes[tokens], None, len(order)), []


def _longest(reading: Reading, fitted: np.ndarray, scored: np.ndarray, lags: int) -> int:
    """The longest of the lags that enough steps have before them."""
    found = lags
    for steps, least in zip((fitted, scored), LEAST, strict=True):
        ages = np.sort(reading.age[steps])
        found = min(found, int(ages[-least]) if len(ages) >= least else -1)
    if found < 0:
        least = math.ceil(LEAST[0] / (1 - len(SCORED) / STRETCHES)) + STRETCHES
        raise RnncliError(f"{reading.steps} steps are too few to fit a read-out, expected at least {least}")
    return found


def measured(
    network: Network, reading: Reading, team: Team, fit: Fit, scored: np.ndarray, parts: list[slice]
) -> list[list[Score]]:
    """The scores of read-outs from each of these parts of the state, by group of lags."""
    readouts = [fit.solve(part) for part in parts]
    scores = [[Score(fit.recalled, len(readout.lags)) for readout in group] for group in readouts]
    for steps, H in states_and_inputs(network, reading, team, scored):
        for g, sums in enumerate(fit.sums):
            for _, h, X in blocks(fit, steps, H, sums.lags):
                for group, score in zip(readouts, scores, strict=True):
                    score[g].add(X, h, group[g])
    return scores


def joined(scores: list[Score], what: Callable[[Score], np.ndarray]) -> np.ndarray:
    """Of all groups of lags, one after the other."""
    return np.concatenate([what(score) for score in scores])


def capacity(scores: list[Score]) -> float:
    """As above: what is right beyond chance, over all lags and columns."""
    if not scores[0].tokens:
        return float(joined(scores, Score.r2).sum())
    chance = joined(scores, Score.chance)
    gained = (joined(scores, Score.recall) - chance) / np.maximum(1 - chance, 1e-9)
    return float(np.maximum(0, gained).sum())


def states_and_inputs(
    network: Network, reading: Reading, team: Team, wanted: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(steps, [h of all layers, what the first one reads]) of the steps that are wanted, some at a time."""
    for steps, h in states_of(network, reading, team, wanted):
        x = take(reading.batch.x, (steps[:, None], 0))
        yield steps, np.concatenate([h, embedded(network.architecture, network.theta, x)[:, 0]], axis=1)
