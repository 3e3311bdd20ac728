"""One network of a model of several, with what is known of its own training."""

from dataclasses import replace
from typing import Any, cast

from rnncli.models.model_file import Model
from rnncli.models.summary import History

#: what the summary tells of all networks together, or of the last one
TOGETHER = ("members", "metrics", "batches", "rivals_batches", "coverage", "reach", "tried", "ways", "tuned", "cells")


def alone(model: Model, k: int) -> Model:
    """The model of network k. Its loss and its validations are its own, and these count from its own first update; of
    figures of all together there is none.
    """
    entries: list[dict[str, Any]] = [dict(entry) for entry in model.history]
    before: dict[str, Any] = next((entry for entry in reversed(entries) if entry.get("member", k) < k), {})
    history = [entry for entry in entries if entry.pop("member", None) == k]
    for entry in history:
        entry |= {name: entry[name] - before.get(name, 0) for name in ("update", "tokens") if name in entry}
    losses = model.summary.get("members") or []
    summary: dict[str, Any] = {name: value for name, value in model.summary.items() if name not in TOGETHER}
    summary["valid_loss"] = losses[k] if k < len(losses) else None
    if history:
        last, best = history[-1], min(history, key=lambda entry: entry.get("valid_loss") or float("inf"))
        summary |= {"updates": last.get("update"), "tokens": last.get("tokens"), "best_update": best.get("update")}
    return replace(model, network=model.network.members[k], history=cast(History, history), summary=summary)
