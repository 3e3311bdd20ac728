"""What a training came to, in one or two sentences, from what the model file keeps of it.

    gain = 1 - own / rival     of an error or of nats, where the rival's figure is above 0
    gain = own - rival         of accuracy and R²

The validation part is too small to tell the network from its rival where their difference is within what chance has it
in 95 of 100 cases:

    accuracies   |p - q| ≤ 1.96 √((p (1 - p) + q (1 - q)) / n), the interval of a difference of two independent shares;
                 they are measured on the same n sequences, which mostly makes their difference more certain than that
    R²           |R²| ≤ 1.96 r2_chance, see tasks/regress.py
    forecasts    by the paired errors of batches, see tasks/paired.py; nats of a text likewise
"""

import math
from dataclasses import dataclass, field
from typing import Any

from rnncli.models.model_file import Model
from rnncli.models.summary import History
from rnncli.tasks.paired import told_apart
from rnncli.training.window import advice

NORMAL_95 = 1.96  # standard errors on each side
NOTABLE = 0.01  # of the first validation loss: a fall at the end that is worth more updates
LEAST_VALIDATIONS = 4  # that show a course
DRIFTED = 0.1  # of the values that an interval is to hold and does not
MORE_IS_BETTER = {"accuracy", "r2"}  # where more is better
WARNINGS = ("start_not_beaten", "rival_not_beaten", "too_small_to_tell")


@dataclass(frozen=True)
class Verdict:
    """The figures, and what they mean.

    `kind` is unfinished, no_validation, start_not_beaten, rival_not_beaten, too_small_to_tell, rival_beaten or
    no_rival.
    """

    kind: str
    measure: str | None = None
    own: float | None = None
    rival: str | None = None  # the best one
    rival_figure: float | None = None
    gain: float | None = None  # None too where the figure of the rival is not above 0
    overfit_since: int | None = None  # update
    still_falling: float | None = None  # by what the validation loss fell in the last interval, where that is much
    coverage: dict[str, float] | None = None  # `nominal`, and of the `later` half of validation by the earlier one
    reach: int | None = None  # steps
    sentences: list[str] = field(default_factory=list)

    @property
    def warns(self) -> bool:
        """Whether there is something to do about it."""
        return self.kind in WARNINGS or self.overfit_since is not None

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {**vars(self), "warns": self.warns}


def of_model(model: Model) -> Verdict:
    """The verdict on a model's training; of a stream with what the reach says about its window."""
    config, reach, advised = model.config, model.summary.get("reach"), None
    if reach and config.window and config.format == "text":
        advised = advice(model.network.architecture, config.batch or 1, config.window, reach)
    return verdict(model.summary, model.history, advised)


def verdict(summary: dict[str, Any], history: History, advised: str | None = None) -> Verdict:
    """Of a training that has ended: `summary` and `history` of its model, and what is advised on its window."""
    if "valid_loss" not in summary:
        return Verdict("unfinished")  # of a checkpoint
    if summary["valid_loss"] is None:
        return Verdict("no_validation", sentences=["nothing was held out: how good the model is, is not known"])
    measure, own, rivals = _against(summary)
    since = _overfit_since(summary, history)
    fell = _still_falling(summary, history)
    kind, rival, figure, gain = "no_rival", None, None, None
    if own is not None and rivals:
        rival = (max if measure in MORE_IS_BETTER else min)(rivals, key=rivals.__getitem__)
        figure = rivals[rival]
        gain, kind = _gain(measure, own, figure), _kind(own, figure, measure)
        if own != figure and _by_chance(summary, measure, own, rival, figure):
            kind = "too_small_to_tell"
    if history and summary.get("best_update") == 0:
        kind = "start_not_beaten"
    coverage, reach = summary.get("coverage"), summary.get("reach")
    said = [*_sentence(kind, measure, own, rival, figure, gain), *_course(fell, since), *_drift(coverage)]
    said += [advised] if advised else []
    return Verdict(kind, measure, own, rival, figure, gain, since, fell, coverage, reach, said)


def own_figure(summary: dict[str, Any]) -> float | None:
    """That of the network, in the measure of the rivals; None where there is none, as in older files."""
    measure = summary.get("rivals_measure", "nats")
    own = summary.get("valid_loss") if measure == "nats" else (summary.get("metrics") or {}).get(measure)
    return own if isinstance(own, int | float) else None


def _against(summary: dict[str, Any]) -> tuple[str, float | None, dict[str, float]]:
    """(measure, own figure, those of the rivals). Of labels and numbers the rivals follow from the metrics: the label
    that is the most frequent in the validation part, and the mean of that part.
    """
    if summary.get("rivals"):
        return summary.get("rivals_measure", "nats"), own_figure(summary), summary["rivals"]
    metrics = summary.get("metrics") or {}
    if metrics.get("per_class") and metrics.get("n") and metrics.get("accuracy") is not None:
        most = max(one.get("n", 0) for one in metrics["per_class"].values())
        return "accuracy", metrics["accuracy"], {"the most frequent label": most / metrics["n"]}
    if metrics.get("r2") is not None:
        return "r2", metrics["r2"], {"the mean": 0.0}
    return "loss", summary["valid_loss"], {}


def _gain(measure: str, own: float, rival: float) -> float | None:
    if measure in MORE_IS_BETTER:
        return own - rival
    return 1 - own / rival if rival > 0 else None


def _kind(own: float, rival: float, measure: str) -> str:
    if own == rival:
        return "rival_not_beaten"
    return "rival_beaten" if (own > rival) == (measure in MORE_IS_BETTER) else "rival_not_beaten"


def _by_chance(summary: dict[str, Any], measure: str, own: float, rival: str, figure: float) -> bool:
    """Whether so large a difference is not rare where the two are equally good; False too where that is not known."""
    metrics = summary.get("metrics") or {}
    if measure == "accuracy":
        error = math.sqrt((own * (1 - own) + figure * (1 - figure)) / metrics["n"])
        return abs(own - figure) <= NORMAL_95 * error
    if measure == "r2":
        chance = metrics.get("r2_chance", metrics.get("r2_se"))  # the same thing in models of before
        return chance is not None and abs(own - figure) <= NORMAL_95 * chance
    batches, others = summary.get("batches") or [], (summary.get("rivals_batches") or {}).get(rival, [])
    return 0 < len(batches) == len(others) and not told_apart(batches, others)


def _sentence(
    kind: str, measure: str, own: float | None, rival: str | None, figure: float | None, gain: float | None
) -> list[str]:
    if kind == "start_not_beaten":
        return ["nothing was learnt, the start was not beaten: try another --lr, other inputs or more data"]
    if rival is None:
        return []
    name, against = rival.replace("_", " "), f"{measure} {own:.4g} against {figure:.4g}"
    if kind == "rival_beaten":
        much = (
            "" if gain is None else f", {gain:.3f} more" if measure in MORE_IS_BETTER else f", {100 * gain:.1f} % less"
        )
        return [f"better than {name}: {against}{much}"]
    if kind == "too_small_to_tell":
        return [f"the validation part is too small to tell the network from {name}: {against}"]
    return [f"not better than {name}: {against}; more --epochs or --minutes may help, else use {name}"]


def _course(fell: float | None, since: int | None) -> list[str]:
    """What the history of the validation loss says."""
    if fell:
        return [f"the validation loss still fell at the end, by {fell:.4g}: --epochs or --minutes may help"]
    return [f"overfit since update {since:,}: its weights were kept; more data or --dropout may help"] if since else []


def _drift(coverage: dict[str, float] | None) -> list[str]:
    """Where intervals that held before do not hold later."""
    if not coverage or coverage["later"] > coverage["nominal"] - DRIFTED:
        return []
    nominal, later = (f"{100 * coverage[name]:.0f} %" for name in ("nominal", "later"))
    fits = f"{nominal} intervals of the earlier half of validation hold {later} of the later half"
    return [f"{fits}: expect less of them"]


def _still_falling(summary: dict[str, Any], history: History) -> float | None:
    """By what the last validation was better than the one before it, and than all, at the end of the schedule."""
    losses = [one["valid_loss"] for one in history if one.get("valid_loss") is not None]
    if "members" in summary or summary.get("stopped") in ("patience", "enough") or len(losses) < LEAST_VALIDATIONS:
        return None
    fell = losses[-2] - losses[-1]
    return fell if losses[-1] == min(losses) and fell >= NOTABLE * abs(losses[0]) else None


def _overfit_since(summary: dict[str, Any], history: History) -> int | None:
    """The update with the best weights, if the loss of training fell from there to the end while that of validation was
    above it at every validation, twice at least. Of several networks it is not asked.
    """
    best = summary.get("best_update") or 0
    if "members" in summary:
        return None
    rest = [one for one in history if one.get("update", 0) >= best]
    losses = [(one.get("loss"), one.get("valid_loss")) for one in rest]
    if not best or len(rest) < 3 or rest[0].get("update") != best or any(None in pair for pair in losses):
        return None
    (training, valid), *later = losses
    return best if later[-1][0] < training and all(loss > valid for _, loss in later) else None
