"""A model as a state dict of PyTorch: a file of safetensors that nn.LSTM, nn.GRU or nn.RNN loads."""

import json

from rnncli import __version__
from rnncli.errors import RnncliError, note
from rnncli.models.json_values import finite
from rnncli.models.model_file import Model, to_torch
from rnncli.models.tensors import packed
from rnncli.models.torch_weights import MEANING
from rnncli.network.network import Network

MODULES = {"lstm": "nn.LSTM", "gru": "nn.GRU", "rnn": "nn.RNN"}
ACTIVATIONS = ("tanh", "relu")  # of nn.RNN


def to_state_dict(model: Model, path: str) -> bytes:
    """The file of a model of one network, which came from `path`. RnncliError for what PyTorch has no module for; what
    is left outside is said.
    """
    network = model.network
    _refuse(network, path)
    tensors = to_torch(network)
    own = [name for name in tensors if name.startswith("task.")]
    if own:
        note(f"{path}: {', '.join(own)}: the scores of pairs of tags, for which PyTorch has no module")
    if network.architecture.grams:
        note(f"{path}: grams.weight has the n-grams of words, whose mean stands beside the word: see docs/exports.md")
    if model.schema is not None and model.schema.outlook is not None:
        note(f"{path}: the network alone: without scales, calendar, level and calibrated intervals of the forecast")
    meaning = {
        "version": __version__,
        "task": model.config.task,
        "module": MODULES[network.architecture.cell],
        "architecture": network.to_json(),
    } | model.meaning()
    if "temperature" in model.summary:  # by which what comes out is divided before it is a probability
        meaning["temperature"] = model.summary["temperature"]
    return packed(tensors, {MEANING: json.dumps(finite(meaning), sort_keys=True)})


def _refuse(network: Network, path: str) -> None:
    """RnncliError for what is none of these modules."""
    a, begin = network.architecture, f"{path}: --export torch:"
    if a.frozen:
        raise RnncliError(
            f"{begin} frozen features (--learn readout) have no module of PyTorch: train with --learn all"
        )
    if a.cell not in MODULES:
        raise RnncliError(
            f"{begin} the cell {a.cell} has no module of PyTorch, as {', '.join(MODULES)} have: see --export onnx"
        )
    chosen = network.cells[0].chosen
    if float(chosen.get("leak", 1)) != 1 or chosen.get("activation", ACTIVATIONS[0]) not in ACTIVATIONS:
        options = ", ".join(f"{name}={value}" for name, value in a.cell_options.items())
        raise RnncliError(f"{begin} nn.RNN has no {options}: it knows tanh and relu, without a leak: see --export onnx")
