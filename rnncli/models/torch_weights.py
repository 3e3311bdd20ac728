"""A state dict of PyTorch as a file of safetensors: what its layers are, and what stands beside them.

The layers are those of one nn.LSTM, nn.GRU or nn.RNN: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, with _reverse
of the second direction, whatever stands before these names. Which cell it is, and all sizes, follow from the shapes.
Anybody can have made the file: safetensors holds no code, and names and shapes are looked at before there is a network.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors

from rnncli.config import MOST_LAYERS, MOST_UNITS
from rnncli.errors import RnncliError
from rnncli.models.model_file import ENTRY
from rnncli.models.tensors import TYPES, Opened, read_tensors
from rnncli.network.architecture import REVERSE
from rnncli.stored import Damaged

MEANING = "meaning"  # the text of a state dict that is written here: what its rows stand for
GATES = {4: "lstm", 3: "gru", 1: "rnn"}  # G -> the cell
LAYER = re.compile(r"(.*?)(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(0|[1-9]\d{0,3})(_reverse)?", re.DOTALL)
PICKLES = (b"PK\x03\x04", b"\x80\x02")  # the first bytes of what torch.save writes
FLOATS = ("float16", "float32", "float64")
#: the last part of a name without `.weight`: what is an embedding, and what a read-out
EMBEDDING = re.compile(r"(.*[._])?(\w*emb\w*|encoder|wte|lookup)(\..+)?", re.IGNORECASE | re.DOTALL)
READ_OUT = re.compile(
    r"(.*[._])?(decoder|linear|lin|fc|fc_out|out|output|lm_head|head|classifier|proj|projection|dense|logits|readout"
    r"|read_out|generator|predictor|h2o|hidden2\w+)\d*(\.\d+)?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class TorchWeights:
    """The layers by their names here, `0`, `0_reverse`, .., and all other tensors by those of the file."""

    path: str
    cell: str
    hidden: int
    inputs: int  # D of the first layer
    layers: int
    bidirectional: bool
    theta: dict[str, dict[str, np.ndarray]]
    others: dict[str, np.ndarray]
    meaning: dict[str, Any]  # of a file of ours, see exports/torch_file.py; else empty

    def named(self, pattern: re.Pattern) -> list[str]:
        """The other matrices whose names say this, without `.weight`."""
        bare = [name.removesuffix(".weight") for name, array in self.others.items() if array.ndim == 2]
        matrices = [name for name in bare if f"{name}.weight" in self.others]
        return [name for name in matrices if pattern.fullmatch(name)]

    def embeddings(self) -> list[str]:
        """Names of what can be embeddings, each as wide as the layers' inputs."""
        return [name for name in self.named(EMBEDDING) if self.others[f"{name}.weight"].shape[1] == self.inputs]

    def read_outs(self) -> list[str]:
        """Names of what can be read-outs."""
        return [name for name in self.named(READ_OUT) if name not in self.embeddings()]


def holds_weights(path: str) -> bool:
    """Whether the file has layers of PyTorch and is no model of ours. RnncliError for a pickle, or what is no
    safetensors; of files that can't be opened it says nothing.
    """
    try:
        with open(path, "rb") as stream:
            if stream.read(4).startswith(PICKLES):
                raise RnncliError(
                    f"{path}: a pickle of PyTorch, which can run code as it is read, expected safetensors: write it by "
                    "safetensors.torch.save_file(model.state_dict(), FILE)"
                )
        with safetensors.safe_open(path, "numpy") as file:
            return ENTRY not in (file.metadata() or {}) and any(map(LAYER.fullmatch, file.keys()))
    except OSError:
        return False
    except safetensors.SafetensorError as error:
        raise RnncliError(
            f"{path}: not a safetensors file ({error}), expected a MODEL of rnncli, or weights of PyTorch written by "
            "safetensors.torch.save_file(model.state_dict(), FILE)"
        ) from None


def read_weights(path: str) -> TorchWeights:
    """The state dict in a file; RnncliError for what no cell here can hold."""
    file = read_tensors(path, "state dict of nn.LSTM, nn.GRU or nn.RNN", TYPES | {"F16": "float16"}, "one in float32")
    tensors = dict(file.tensors)
    # safetensors.torch.save_model writes shared weights once, and the other names beside them
    tensors |= {name: tensors[kept] for name, kept in file.entries.items() if kept in tensors and name not in tensors}
    layers, others = _sorted(path, tensors)
    _refuse_unfit(path, layers)
    first = layers["0"]
    hidden, inputs = first["weight_hh"].shape[1], first["weight_ih"].shape[1]
    gates, over = divmod(len(first["weight_hh"]), max(1, hidden))
    ways = 2 if f"0{REVERSE}" in layers else 1
    if gates not in GATES or over or max(hidden, inputs) > MOST_UNITS or not inputs:
        found = " and ".join(str(first[name].shape) for name in ("weight_ih", "weight_hh"))
        raise RnncliError(
            f"{path}: weight_ih_l0 and weight_hh_l0 of {found}, expected those of nn.LSTM, nn.GRU or nn.RNN"
        )
    depth = len(layers) // ways
    for index in range(depth):
        for end in ("", REVERSE)[:ways]:
            name = f"{index}{end}"
            if name not in layers:
                raise RnncliError(f"{path}: {len(layers)} layers without one of _l{name}, expected all of them")
            layers[name] = _whole(
                path, name, layers[name], gates * hidden, hidden, inputs if not index else ways * hidden
            )
    return TorchWeights(path, GATES[gates], hidden, inputs, depth, ways == 2, layers, others, _meaning(file))


def _sorted(
    path: str, tensors: dict[str, np.ndarray]
) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Tensors of layers, and the others; RnncliError for those of several modules."""
    layers: dict[str, dict[str, np.ndarray]] = {}
    others, modules = {}, []
    for name, array in tensors.items():
        if found := LAYER.fullmatch(name):
            modules.append(found[1])
            layers.setdefault(f"{int(found[3])}{found[4] or ''}", {})[found[2]] = array
        else:
            others[name] = array
    if len(several := sorted(set(modules))) > 1:
        named = ", ".join(f"{prefix}weight_ih_l0" for prefix in several[:3])
        raise RnncliError(
            f"{path}: layers of {len(several)} modules ({named}), expected those of one: write its state dict"
        )
    return layers, others


def _refuse_unfit(path: str, layers: dict[str, dict[str, np.ndarray]]) -> None:
    """RnncliError for layers that are cut, too many, or have a projection."""
    if any("weight_hr" in one for one in layers.values()):
        raise RnncliError(f"{path}: weight_hr_l0, an nn.LSTM with proj_size, which no cell here has: train it without")
    for name in ("weight_ih", "weight_hh"):
        if name not in (first := layers.get("0", {})) or first[name].ndim != 2:
            raise RnncliError(f"{path}: no matrix {name}_l0, expected all weights of an nn.LSTM, nn.GRU or nn.RNN")
    if len(layers) > 2 * MOST_LAYERS:
        raise RnncliError(f"{path}: {len(layers)} layers, expected at most {MOST_LAYERS}")


def _whole(
    path: str, layer: str, found: dict[str, np.ndarray], width: int, hidden: int, inputs: int
) -> dict[str, np.ndarray]:
    """The four tensors of a layer in float32, biases of zero where it was made with bias=False."""
    shapes = {"weight_ih": (width, inputs), "weight_hh": (width, hidden), "bias_ih": (width,), "bias_hh": (width,)}
    if not {"bias_ih", "bias_hh"} & set(found):
        found = found | {name: np.zeros(width, np.float32) for name in ("bias_ih", "bias_hh")}
    for name, shape in shapes.items():
        theirs = found[name].shape if name in found else None
        if theirs != shape:
            raise RnncliError(f"{path}: {name}_l{layer} of {theirs or 'no'} shape, expected {shape}")
    return {name: as_weights(path, f"{name}_l{layer}", found[name]) for name in shapes}


def _meaning(file: Opened) -> dict[str, Any]:
    """What a file of `--export torch` says of its rows; it is compared, and never used."""
    try:
        found = file.values(MEANING) if MEANING in file.entries else {}
    except Damaged:
        return {}
    return found if isinstance(found, dict) else {}


def as_weights(path: str, name: str, array: np.ndarray) -> np.ndarray:
    """In float32; RnncliError unless all are finite numbers."""
    with np.errstate(over="ignore"):
        found = array.astype(np.float32)
    if array.dtype.name not in FLOATS or not np.isfinite(found).all():
        raise RnncliError(f"{path}: {name} has NaN, infinite or whole numbers, expected finite ones of float32")
    return found
