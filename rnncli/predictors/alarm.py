"""`--alarm RATE`: which scores are alarms, at a rate that is kept while the level of the scores drifts.

A row is an alarm where its score s is above the threshold, which is known before the row is read:

    alarm = s > θ(b)        b ← b + alarm - RATE        θ(b) = θ0 exp(h b), linear below θ0 / KNEE

b, the balance, is the number of alarms so far above the expected one, so that the rate of n rows is exactly
RATE + (b_n - b_0) / n, whatever the scores are, ties too; and b stays bounded, since θ follows it (quantile tracking:
Gibbs & Candès 2021, arXiv 2106.00170; Angelopoulos et al. 2023, arXiv 2307.16895, the proportional part).

θ0 is the (1 - RATE) quantile of the scores of the validation part. Where fewer than TAIL of them lie above it, the
tail is that of an exponential distribution: with u the quantile that p of them exceed, by β on average,
θ0 = u + β log(p / RATE). An alarm lifts the threshold by about β, h = β / θ0: alarms are e times rarer then.

What is wrong for sure is a fault: a score above max(θ, θ0) (1 + FAR β / θ0), so none that the validation part is full
of. A sound tail of exponential decay has one in exp(FAR). It leaves b as it is, and of series what is scored after it
reads it as missing (row_scores.py). But PATIENCE rows from the first of them on, unless HOLD rows on end were none, it
is a new level, which is learnt and read until HOLD rows on end are none.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypedDict

import numpy as np

from rnncli.data.ranks import Ranks
from rnncli.errors import UsageError
from rnncli.models.state_file import Holder
from rnncli.stored import Range, read

TAIL = 20  # scores that tell the tail
FAR = 12.0
HOLD = 12  # rows
PATIENCE = 24  # rows
KNEE = 16.0
LEAST_SPREAD = 0.05  # β / θ0, where scores are equal
LEAST = 1e-3  # θ0, where nothing was surprising
MOST_EXPONENT = 700.0  # that a float64 holds


class Place(NamedTuple):
    """Where a series stands: its balance, rows since the last one that was far above (HOLD at most), and how many
    rows have passed without HOLD of them being quiet (PATIENCE at most).
    """

    balance: float = 0.0
    quiet: int = HOLD
    held: int = 0


class Verdict(NamedTuple):
    """Of a score: whether it is an alarm, whether it is a fault, and where its series stands then."""

    alarm: bool
    fault: bool
    place: Place


Balance = Annotated[float, Range(-1e6, 1e6)]


class StoredAlarms(TypedDict):
    """The places of all series by name, as plain data of a state file."""

    rate: Annotated[float, Range(math.ulp(0.0), 0.5)]
    places: dict[str, tuple[Balance, Annotated[int, Range(0, HOLD)], Annotated[int, Range(0, PATIENCE)]]]


@dataclass(frozen=True)
class Threshold:
    """The rule: RATE, θ0 and β / θ0."""

    rate: float
    start: float
    spread: float

    @classmethod
    def of(cls, ranks: Ranks, rate: float) -> "Threshold":
        """The start is that of these scores of the validation part."""
        values, counts = ranks.weighted()
        share = max(rate, min(0.5, TAIL / ranks.count))
        below = np.cumsum(counts)
        least = values[int(np.searchsorted(below, math.ceil(round((1 - share) * ranks.count, 6))))]
        above = values > least
        mean = float(np.average(values[above] - least, weights=counts[above])) if counts[above].any() else 0.0
        start = float(least) + mean * math.log(share / rate)
        start = start if start > 0 else max(LEAST, float(values[-1]))
        return cls(rate, start, max(LEAST_SPREAD, mean / start))

    def at(self, balance: float) -> float:
        """θ(b)."""
        exponent, knee = self.spread * balance, -math.log(KNEE)
        if exponent < knee:
            return self.start / KNEE * (1 + exponent - knee)
        return self.start * math.exp(min(MOST_EXPONENT, exponent))

    def judge(self, place: Place, score: float) -> "Verdict":
        """Of this score, of a series that stands there."""
        threshold = self.at(place.balance)
        alarm = score > threshold
        far = score > max(threshold, self.start) * (1 + FAR * self.spread)
        quiet = 0 if far else min(HOLD, place.quiet + 1)
        held = min(PATIENCE, place.held + 1) if quiet < HOLD else 0
        fault = far and place.held < PATIENCE
        return Verdict(alarm, fault, Place(place.balance + (0 if fault else alarm - self.rate), quiet, held))


class Alarms:
    """Of all series, each with a threshold of its own. Without RATE those of a state file are kept as they are."""

    def __init__(self, rate: float | None = None, ranks: Ranks | None = None):
        """`ranks` are those of the scores of the validation part; UsageError if there are none for a RATE."""
        if rate is not None and ranks is None:
            raise UsageError(
                "--alarm and this model cannot be combined: it has no table of the surprises of a validation part, "
                "from which the threshold starts: train it again, with a validation part"
            )
        self.rate = rate
        self.threshold = Threshold.of(ranks, rate) if rate is not None and ranks is not None else None
        self.places: dict[str, Place] = {}
        self.replaced = False  # whether rows were replaced by their forecasts since this was last looked at

    def of(self, name: str, score: float) -> float:
        """1 if this score of a series is an alarm, else 0; NaN, and nothing is learnt, where there is no score."""
        return self.judge(name, score)[0]

    def judge(self, name: str, score: float) -> tuple[float, bool]:
        """The same, and whether it is a fault."""
        if self.threshold is None or math.isnan(score):
            return math.nan, False
        found = self.threshold.judge(self.places.get(name, Place()), score)
        self.places[name] = found.place
        return int(found.alarm), found.fault

    def to_json(self, places: Mapping[str, Place]) -> dict[str, Any]:
        """An entry of a state file; none where there are no places."""
        return {"alarm": {"rate": self.rate, "places": places}} if places else {}

    def take(self, entry: Any) -> dict[str, Place]:
        """The places of such an entry; Damaged if it is none, UsageError for another RATE than that asked for."""
        if entry is None:
            return {}
        found = read(StoredAlarms, entry, "alarm")
        if self.rate is not None and found["rate"] != self.rate:
            raise UsageError(
                f"--alarm {self.rate:g}: the thresholds in --state-file are those of --alarm {found['rate']:g}: use "
                "that rate, or another --state-file FILE"
            )
        self.rate = found["rate"]
        return {name: Place(*place) for name, place in found["places"].items()}


class WithAlarms:
    """A holder of a stream, with its alarms: both are kept in the same state file."""

    def __init__(self, holder: Holder, alarms: Alarms):
        self.holder, self.alarms = holder, alarms

    def state(self) -> tuple[Any, dict[str, Place]]:
        """A copy."""
        return self.holder.state(), dict(self.alarms.places)

    def set_state(self, state: tuple[Any, dict[str, Place]]) -> None:
        """Go on from what `state` gave."""
        self.holder.set_state(state[0])
        self.alarms.places = dict(state[1])

    def to_tensors(self, state: tuple[Any, dict[str, Place]]) -> tuple[dict[str, np.ndarray], dict]:
        """What `state` gave, as tensors and values of a state file."""
        tensors, entry = self.holder.to_tensors(state[0])
        return tensors, entry | self.alarms.to_json(state[1])

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> tuple[Any, dict[str, Place]]:
        """The way back; Damaged if they are of no state of this model."""
        places = self.alarms.take(entry.get("alarm"))
        return self.holder.from_tensors(tensors, {name: one for name, one in entry.items() if name != "alarm"}), places
