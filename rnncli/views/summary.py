"""`summary`: what the model is, how it was trained, how large its tensors are."""

from typing import Any

import numpy as np

from rnncli.models.model_file import to_torch
from rnncli.training.verdict import of_model
from rnncli.views.subject import Subject
from rnncli.views.view import View

VIEW = {
    "rank": 0,
    "help": "sizes, training, tensors",
    "frozen": True,
    "members": True,
    "caption": "What was reached on the validation part, beside what simple rivals reach: a network that is no better "
    "than they are is not worth its training.",
}
COUNTED = ("updates", "tokens", "best_update", "stopped")  # of the training


class Summary(View):
    """Of the model alone."""

    def data(self, subject: Subject) -> dict[str, Any]:
        model, a, v = subject.model, subject.network.architecture, subject.model.vocabulary
        return {
            "config": model.config.to_json(),
            "architecture": model.network.to_json(),
            "receptive_field": a.receptive_field,
            "parameters": int(model.network.theta.flat.size),
            "tensors": [_tensor(name, array) for name, array in to_torch(model.network).items()],
            "vocabulary": v and {"kind": v.kind, "size": len(v), "symbols": [v.symbol(i) for i in range(len(v))]},
            "schema": model.schema.to_json() if model.schema is not None else None,
            "metrics": model.summary.get("metrics"),
            "history": model.history,
            "valid_loss": model.summary.get("valid_loss"),
            "training": {name: model.summary[name] for name in COUNTED if name in model.summary},
            "data_hash": model.data_hash,
            "tried": model.summary.get("tried"),
            "ways": model.summary.get("ways"),
            "tuned": model.summary.get("tuned"),
            "cells": model.summary.get("cells"),
            "members": model.summary.get("members"),
            "readout": model.summary.get("readout"),
            "rivals": model.summary.get("rivals", {}),
            "rivals_measure": model.summary.get("rivals_measure", "nats"),
            "verdict": of_model(model).to_json(),
        }


def _tensor(name: str, array: np.ndarray) -> dict:
    values = array.astype(np.float64)
    return {
        "name": name,
        "shape": list(array.shape),
        "mean": float(values.mean()),
        "std": float(values.std()),
        "largest": float(np.abs(values).max()),
    }
