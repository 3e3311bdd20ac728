"""A model as a file of ONNX: the nodes of its members, inputs and outputs, and metadata that says what they mean."""

import json
from typing import Any

import numpy as np

from rnncli import __version__
from rnncli.errors import RnncliError, note
from rnncli.exports.graph import Graph
from rnncli.exports.inputs import Inputs, inputs_of
from rnncli.exports.networks import NEXT, logits
from rnncli.exports.outputs import add_outputs
from rnncli.models.model_file import Model
from rnncli.network.losses import PathLoss
from rnncli.tasks import task_of

MOST_BYTES = (1 << 31) - (1 << 24)  # of weights: a file of ONNX holds less than 2 GiB


def to_onnx(model: Model, path: str) -> bytes:
    """The file of a model, which came from `path`. RnncliError for what has no nodes; what is left outside is said."""
    _refuse(model, path)
    task, members = task_of(model), model.network.members
    g = Graph()
    inputs = inputs_of(g, model)
    lengths = None if _streams(model) else _lengths(g, inputs)
    suffixes = [""] if len(members) == 1 else [f"_member_{k}" for k in range(len(members))]
    zs = [logits(g, one, inputs, lengths, suffix) for one, suffix in zip(members, suffixes, strict=True)]
    properties = add_outputs(g, model, task, zs)
    g.outputs.sort(key=lambda output: output.name.startswith(NEXT))  # what is predicted comes first
    _say_what_is_outside(model, task, path)
    meaning = _properties(model) | properties
    named = {f"rnncli.{name}": text for name, text in meaning.items()}
    return g.model(model.config.task, "rnncli", __version__, named).SerializeToString(deterministic=True)


def _lengths(g: Graph, inputs: Inputs) -> str:
    """Those of whole sequences (batch,). One beyond the steps that are there is an error of the runtime: looked up in
    0, 1, .., T.
    """
    given = g.input("lengths", np.int64, ["batch"])
    steps = g.node("Squeeze", g.size(inputs.any, 0), g.whole([0]))
    all_lengths = g.node("Range", g.whole(0), g.node("Add", steps, g.whole(1)), g.whole(1))
    return g.node("Gather", all_lengths, given)


def _streams(model: Model) -> bool:
    """Whether states go in and out; else whole sequences are read, each of a length."""
    return model.schema is None or model.schema.outlook is not None


def _refuse(model: Model, path: str) -> None:
    """RnncliError for what cannot be exported."""
    a, begin = model.network.architecture, f"{path}: --export onnx:"
    if a.frozen:
        raise RnncliError(f"{begin} frozen features (--learn readout) have no ONNX nodes: train with --learn all")
    size = sum(array.nbytes for one in model.network.members for array in one.theta.values())
    if size > MOST_BYTES:
        raise RnncliError(f"{begin} {size:,} bytes of weights, expected at most {MOST_BYTES:,}, all that a file holds")


def _say_what_is_outside(model: Model, task: Any, path: str) -> None:
    """What `predict` does beside the network."""
    if isinstance(task.loss, PathLoss):
        note(
            f"{path}: without the search for the best path of tags: the file gives the scores of tags (emissions), its "
            "metadata those of transitions"
        )
    if model.network.architecture.grams:
        note(f"{path}: without the hashing of the n-grams of words: the input ngrams takes their numbers")
    if model.schema is not None and model.schema.outlook is not None:
        width = model.network.architecture.numbers
        note(
            f"{path}: the network alone, from the {width} scaled inputs of a step to scaled outputs: scales, calendar, "
            "level and calibrated intervals of the forecast are left outside"
        )


def _properties(model: Model) -> dict[str, str]:
    """What ids and columns are, and how the model was made."""
    found: dict[str, Any] = {
        "version": __version__,
        "task": model.config.task,
        "architecture": model.network.to_json(),
        "config": model.config.to_json(),
    }
    if model.vocabulary is not None:
        found["vocabulary"] = model.vocabulary.to_json()
    if s := model.schema:
        series = {s.series_category: s.outlook.keys} if s.outlook is not None and s.outlook.by_series else {}
        found |= (
            {"categories": s.categories | series, "numbers": s.numbers}
            | ({"buckets": s.buckets} if s.word else {})
            | ({"shaped": True} if s.shaped else {})
        )
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
