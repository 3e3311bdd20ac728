"""One `.safetensors` file: tensors with PyTorch's names, shapes and gate order, and a metadata entry with JSON.

`torch.nn.LSTM/GRU/RNN.load_state_dict` takes the tensors `rnn.*` as they are. LSTM and rnn hold one bias: written as
bias_ih with bias_hh zero, summed on reading. GRU keeps bias_hh of n apart, the rest of it is zero too.
A checkpoint is the same file with the state of training beside it (`training.*` tensors, entry `training`).
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import safetensors

from rnncli.config import TrainConfig
from rnncli.data.schema import Schema
from rnncli.data.vocabulary import Vocabulary, from_json
from rnncli.errors import RnncliError, UsageError, describe_os_error
from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.network import FrozenNetwork
from rnncli.models.json_values import finite
from rnncli.models.tensors import write_tensors
from rnncli.network.architecture import Architecture
from rnncli.network.members import JOINS, SOFTMAX, Members
from rnncli.network.network import Network
from rnncli.readers.form import Form

FORMAT = 1
ENTRY = "rnncli"


@dataclass
class Model:
    """What a file holds: the network, how it was trained, and what its tokens mean."""

    network: Any  # a Network, Members or a FrozenNetwork
    config: TrainConfig
    vocabulary: Vocabulary | None  # of a language model
    history: list[dict]
    data_hash: str
    summary: dict
    schema: Schema | None = None  # of all other models, and the form of their data
    form: Form | None = None  # of a language model only where it has records of several lines
    read: list | None = None  # architecture and meaning as they stand in the file that it was read from

    def meaning(self) -> dict:
        """What inputs and outputs stand for, as plain data."""
        if self.vocabulary is not None:
            return {"vocabulary": self.vocabulary.to_json()} | ({"form": self.form.to_json()} if self.form else {})
        return {"schema": self.schema.to_json(), "form": self.form.to_json()}

    def fingerprint(self) -> str:
        """A hash of the weights and of what they mean; of a file that lacks later entries, without them."""
        meaning = self.read or [self.network.to_json(), *self.meaning().values()]
        return sha256(json.dumps(meaning, sort_keys=True).encode() + self.network.theta.flat.tobytes()).hexdigest()


def to_torch(network: Network | Members | FrozenNetwork) -> dict[str, np.ndarray]:
    """θ under PyTorch's names; what is frozen has its own. Those of members begin with `members.0.`, .."""
    theta = network.theta
    if isinstance(network, FrozenNetwork):
        return dict(theta)
    if isinstance(network, Members):
        each = enumerate(map(to_torch, network.members))
        return {f"{_prefix(k)}{name}": array for k, tensors in each for name, array in tensors.items()}
    out = {torch: theta[name] for name, torch in _as_they_are(network.architecture).items()}
    for name, cell in network.architecture.named_cells():
        out |= {cell.tensor_name(name, own): array for own, array in cell.to_torch(theta.layer(name)).items()}
    out["output.weight"] = theta["embedding.E"] if network.architecture.tied else theta["output.W"].T
    out["output.bias"] = theta["output.b"]
    return out


def _prefix(member: int) -> str:
    return f"members.{member}."


def _as_they_are(architecture: Architecture) -> dict[str, str]:
    """Parameters that are written as they are -> their names in PyTorch: embeddings and the task's own."""
    names = [name for name in architecture.shapes() if name.startswith(("embedding.", "grams.", "task."))]
    return {name: name if name.startswith("task.") else f"{name.rpartition('.')[0]}.weight" for name in names}


def from_file(architecture: dict, tensors: dict[str, np.ndarray]) -> Network | Members | FrozenNetwork:
    """The network of these tensors; KeyError, TypeError or ValueError if they do not fit the architecture."""
    if "members" in architecture:
        return _members(dict(architecture), tensors)
    if architecture.get("frozen"):
        frozen = FrozenNetwork(FrozenArchitecture(**architecture))
        return _with_values(frozen, {name: tensors[name] for name in frozen.theta})
    return from_torch(Architecture(**architecture), tensors)


def _members(architecture: dict, tensors: dict[str, np.ndarray]) -> Members:
    count, links = architecture.pop("members"), tuple(architecture.pop("links"))
    if set(links) - {*JOINS, *SOFTMAX}:
        raise ValueError(f"links {links}, expected some of {', '.join(JOINS)}")
    network = Members(Architecture(**architecture), links, count)
    for k, one in enumerate(network.members):
        own = {n.removeprefix(_prefix(k)): array for n, array in tensors.items() if n.startswith(_prefix(k))}
        one.theta.flat[...] = from_torch(network.architecture, own).theta.flat
    return network


def from_torch(architecture: Architecture, tensors: dict[str, np.ndarray]) -> Network:
    """The same of tensors by PyTorch's names."""
    network = Network(architecture)
    theta = network.theta
    values = {name: tensors[torch] for name, torch in _as_they_are(architecture).items()}
    values["output.b"] = tensors["output.bias"]
    if not architecture.tied:
        values["output.W"] = tensors["output.weight"].T
    for name, cell in architecture.named_cells():
        own = {own: tensors[cell.tensor_name(name, own)] for own in cell.to_torch(theta.layer(name))}
        values |= {f"{name}.{parameter}": array for parameter, array in cell.from_torch(own).items()}
    return _with_values(network, values)


def _with_values(network: Any, values: dict[str, np.ndarray]) -> Any:
    theta = network.theta
    for name, value in values.items():
        if value.shape != theta[name].shape:
            raise ValueError(f"{name} has shape {value.shape}, expected {theta[name].shape}")
        theta[name][...] = value
    return network


def save_model(path: str, model: Model, training: tuple[dict, dict] | None = None) -> None:
    """Write the file whole or not at all. `training` is (tensors, JSON values) for a checkpoint."""
    meta = {
        "format": FORMAT,
        "architecture": model.network.to_json(),
        "config": model.config.to_json(),
        "history": model.history,
        "data_hash": model.data_hash,
        "summary": model.summary,
    } | model.meaning()
    tensors, entries = to_torch(model.network), {ENTRY: json.dumps(finite(meta), sort_keys=True)}
    if training is not None:
        tensors |= {f"training.{name}": array for name, array in training[0].items()}
        entries["training"] = json.dumps(training[1], sort_keys=True)
    write_tensors(path, tensors, entries)


def load_model(path: str) -> Model:
    """Read a model or a checkpoint."""
    return load_checkpoint(path)[0]


def load_checkpoint(path: str) -> tuple[Model, dict[str, np.ndarray], dict]:
    """Model, tensors and values of a checkpoint; the values are empty for a finished model."""
    tensors, entries = _read(path)
    if ENTRY not in entries:
        raise RnncliError(f"{path}: a safetensors file without the entry {ENTRY!r}, expected one made by rnncli train")
    try:
        meta = json.loads(entries[ENTRY])
        if meta["format"] > FORMAT:
            raise RnncliError(f"{path}: model format {meta['format']}, expected at most {FORMAT}: upgrade rnncli")
        model = Model(
            network=from_file(meta["architecture"], tensors),
            config=TrainConfig.from_json(meta["config"]),
            vocabulary=from_json(meta["vocabulary"]) if "vocabulary" in meta else None,
            history=list(meta["history"]),
            data_hash=meta["data_hash"],
            summary=dict(meta["summary"]),
            schema=Schema.from_json(meta["schema"]) if "schema" in meta else None,
            form=Form.from_json(meta["form"]) if "form" in meta else None,
            read=[meta[name] for name in ("architecture", "vocabulary", "schema", "form") if name in meta],
        )
        if model.vocabulary is None and model.schema is None:
            raise KeyError("vocabulary")
        if model.vocabulary is not None and len(model.vocabulary) != model.network.architecture.tokens:
            raise ValueError(f"{len(model.vocabulary)} tokens for {model.network.architecture.tokens} embeddings")
        training = json.loads(entries.get("training", "{}"))
    except (KeyError, ValueError, TypeError, AttributeError, UsageError) as error:
        raise RnncliError(f"{path}: a damaged model file ({type(error).__name__}: {error}): train it again") from None
    prefix = "training."
    extra = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    return model, extra, training


def _read(path):
    try:
        with open(path, "rb") as stream:
            stream.read(1)
        with safetensors.safe_open(path, "numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except OSError as error:
        raise describe_os_error(path, error) from None
    except safetensors.SafetensorError as error:
        raise RnncliError(f"{path}: not a model file ({error}), expected one made by rnncli train") from None
