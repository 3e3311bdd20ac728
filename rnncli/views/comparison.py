"""Several models side by side: what each was made of, what it reached, and whether these figures may be compared."""

import re
from collections.abc import Callable
from typing import Any

from rnncli import registry
from rnncli.models.model_file import Model
from rnncli.registry import learns
from rnncli.views.subject import Subject
from rnncli.views.summary import Summary

EFFORT = ("updates", "best_update", "tokens", "stopped")  # of the training


def compared(paths: list[str], load: Callable[[str], Model]) -> dict[str, Any]:
    """The facts of each, read by `load` one after the other:

    `models`, the facts of each; `metrics`, the names of those that any has; `comparable`, whether all losses have one
    unit and were measured on the same validation part; `why`, what speaks against it; `best`, the number of the model
    with the least loss, None unless they are comparable.
    """
    models, validated = [], []
    for path in paths:
        model = load(path)
        models.append(_facts(path, model))
        validated.append(_validated(model))
    names = list(dict.fromkeys(name for one in models for name in one["metrics"]))
    why = _reasons(models, validated)
    best = None if why else min(range(len(models)), key=lambda i: models[i]["valid_loss"])
    return {"models": models, "metrics": names, "comparable": not why, "why": why, "best": best}


def _facts(path: str, model: Model) -> dict[str, Any]:
    """Of one model; None, or an empty dictionary, for what it does not have."""
    found = Summary().data(Subject(model, path, "-"))
    c, a, v = found["config"], found["architecture"], found["verdict"]
    frozen = bool(a.get("frozen"))
    metrics = {name: value for name, value in (found["metrics"] or {}).items() if _is_number(value)}
    return {
        "model": path,
        "task": c["task"],
        "data": found["data_hash"],
        "cell": "frozen" if frozen else c["cell"],
        "bidirectional": bool(a.get("bidirectional")),
        "layers": None if frozen else a["layers"],
        "units": None if frozen else a["hidden"],
        "members": len(found["members"]) if found["members"] else 1,
        "parameters": found["parameters"],
        "valid_loss": found["valid_loss"],
        "loss_unit": loss_unit(model),
        "metrics": metrics,
        "measure": v["measure"] if v["rival"] else None,
        "rival": v["rival"],
        "rival_figure": v["rival_figure"],
        **{name: found["training"].get(name) for name in EFFORT},
        "epochs": c["epochs"] if not c["minutes"] else None,
        "minutes": c["minutes"],
        "seed": c["seed"],
    }


def loss_unit(model: Model) -> str:
    """What the loss is measured in: two losses of different units cannot be compared."""
    task, o = model.config.task, model.schema.outlook if model.schema is not None else None
    if learns(task) == "text":
        return f"nats a {'token' if model.vocabulary is None else model.vocabulary.kind}"
    unit = re.sub(r" *\{.*?\} *", "", registry.declared("tasks")[task]["loss"])
    return f"{unit}, {o.loss}, {o.horizon} ahead" if o is not None else unit


def _validated(model: Model) -> str | None:
    """What is kept of the validation part, if anything is."""
    return (model.summary.get("seen") or {}).get("validated", {}).get("hashes")


def _reasons(facts: list[dict[str, Any]], validated: list[str | None]) -> list[str]:
    """Why the losses of these cannot be compared; the same data in the same parts have the same hash."""
    if any(one["valid_loss"] is None for one in facts):
        return ["not each has a loss on a validation part"]
    if len({one["task"] for one in facts}) > 1:
        return ["they learnt different tasks"]
    why = []
    if len({one["loss_unit"] for one in facts}) > 1:
        why.append("their losses have different units")
    if len({one["data"] for one in facts}) > 1 and (None in validated or len(set(validated)) > 1):
        why.append("they were validated on different data")
    return why


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
