"""One `.safetensors` file: tensors with PyTorch's names, shapes and gate order, and a metadata entry with JSON.

`torch.nn.LSTM/GRU/RNN.load_state_dict` takes the tensors `rnn.*` as they are. LSTM and rnn hold one bias: written as
bias_ih with bias_hh zero, summed on reading. GRU keeps bias_hh of n apart, the rest of it is zero too.
A checkpoint is the same file with the state of training beside it (`training.*` tensors, entry `training`).
"""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Required, TypedDict

import numpy as np

from rnncli.config import MOST_MEMBERS, TrainConfig
from rnncli.data.schema import Schema
from rnncli.data.vocabulary import Vocabulary, from_json
from rnncli.errors import RnncliError
from rnncli.frozen.architecture import FrozenArchitecture
from rnncli.frozen.network import FrozenNetwork
from rnncli.models.json_values import finite
from rnncli.models.summary import History, checked
from rnncli.models.tensors import read_tensors, refuse_others, write_tensors
from rnncli.network.architecture import Architecture
from rnncli.network.members import JOINS, SOFTMAX, Members
from rnncli.network.network import Network
from rnncli.readers.form import Form
from rnncli.stored import Damaged, Range, Size, expect, read

FORMAT = 1
CHECKPOINT = ".checkpoint"  # ends the name of the file of a training under way
ENTRY, TRAINING = "rnncli", "training"  # texts of the file; the second one is that of a checkpoint


class Stored(TypedDict, total=False):
    """The text of a model."""

    format: Required[Size]
    architecture: Required[dict[str, Any]]
    config: Required[dict[str, Any]]
    history: Required[History]
    data_hash: Required[str]
    summary: Required[dict[str, Any]]
    vocabulary: dict[str, Any]
    schema: dict[str, Any]
    form: dict[str, Any]
    crc32: int  # see tensors.py


@dataclass
class Model:
    """What a file holds: the network, how it was trained, and what its tokens mean."""

    network: Any  # a Network, Members or a FrozenNetwork
    config: TrainConfig
    vocabulary: Vocabulary | None  # of a language model
    history: History
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


def from_file(values: dict, tensors: dict[str, np.ndarray]) -> Network | Members | FrozenNetwork:
    """The network of these tensors; Damaged if they do not fit the architecture, before there is room for it."""
    network = _empty(values, sum(array.size for array in tensors.values()))
    own = {name: array for name, array in tensors.items() if not name.startswith(f"{TRAINING}.")}
    refuse_others(own, {name: (array.shape, np.float32) for name, array in to_torch(network).items()})
    if isinstance(network, Members):
        for k, one in enumerate(network.members):
            own = {n.removeprefix(_prefix(k)): array for n, array in tensors.items() if n.startswith(_prefix(k))}
            _put(one, own)
        network.average_own()
    elif isinstance(network, FrozenNetwork):
        for name, array in network.theta.items():
            array[...] = tensors[name]
        network.refuse_damage("tensors")
    else:
        _put(network, tensors)
    return network


def _empty(values: dict, numbers: int) -> Network | Members | FrozenNetwork:
    """A network of θ = 0, if a file with so many numbers can hold one of this architecture."""
    where, several, values = "architecture", "members" in values, dict(values)
    count = read(Annotated[int, Range(1, MOST_MEMBERS)], values.pop("members", 1), f"{where}.members")
    links = tuple(read(list[str], values.pop("links", []), f"{where}.links"))
    frozen = read(bool, values.get("frozen", False), f"{where}.frozen")
    kind: Any = FrozenArchitecture if frozen else Architecture
    architecture = read(kind, values, where)
    size = count * sum(map(math.prod, architecture.shapes().values()))
    expect(size <= numbers, where, f"{size:,} parameters", f"no more than there are in the file, {numbers:,}")
    if frozen:
        return FrozenNetwork(architecture)
    if not several:
        return Network(architecture)
    sound = links == SOFTMAX or (links and not set(links) - set(JOINS) and architecture.outputs % len(links) == 0)
    expect(sound, f"{where}.links", links, f"{SOFTMAX}, or some of {', '.join(JOINS)}")
    return Members(architecture, links, count)


def from_torch(architecture: Architecture, tensors: dict[str, np.ndarray]) -> Network:
    """The network of tensors by PyTorch's names."""
    return _put(Network(architecture), tensors)


def _put(network: Network, tensors: dict[str, np.ndarray]) -> Network:
    architecture, theta = network.architecture, network.theta
    values = {name: tensors[torch] for name, torch in _as_they_are(architecture).items()}
    values["output.b"] = tensors["output.bias"]
    if not architecture.tied:
        values["output.W"] = tensors["output.weight"].T
    for name, cell in architecture.named_cells():
        own = {own: tensors[cell.tensor_name(name, own)] for own in cell.to_torch(theta.layer(name))}
        values |= {f"{name}.{parameter}": array for parameter, array in cell.from_torch(own).items()}
    for name, value in values.items():
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
        tensors |= {f"{TRAINING}.{name}": array for name, array in training[0].items()}
        entries[TRAINING] = json.dumps(training[1], sort_keys=True)
    write_tensors(path, tensors, entries)


@contextmanager
def damage_in(path: str) -> Iterator[None]:
    """What is damaged, is so in this file."""
    try:
        yield
    except Damaged as error:
        advice = "begin again with --restart" if path.endswith(CHECKPOINT) else "train it again"
        raise RnncliError(f"{path}: a damaged model file: {error}: {advice}") from None


def load_checkpoint(path: str) -> tuple[Model, dict[str, np.ndarray], dict]:
    """Model, tensors and values of a checkpoint; the values are empty for a finished model. RnncliError for a file that
    is none, or damaged.
    """
    file = read_tensors(path, "model file")
    if ENTRY not in file.entries:
        more = (
            ": weights of PyTorch are for train --init" if any("weight_ih_l" in name for name in file.tensors) else ""
        )
        raise RnncliError(
            f"{path}: a safetensors file without the entry {ENTRY!r}, expected one made by rnncli train{more}"
        )
    with damage_in(path):
        meta = file.values(ENTRY)
        version = meta.get("format", 0) if isinstance(meta, dict) else 0
        if type(version) is int and version > FORMAT:
            raise RnncliError(f"{path}: model format {version}, expected at most {FORMAT}: upgrade rnncli")
        model = _model(read(Stored, meta, "model"), file.tensors)
        training = read(dict[str, Any], file.values(TRAINING), TRAINING) if TRAINING in file.entries else {}
        file.refuse_changed(ENTRY)
    prefix = f"{TRAINING}."
    extra = {name.removeprefix(prefix): array for name, array in file.tensors.items() if name.startswith(prefix)}
    return model, extra, training


def _model(meta: Stored, tensors: dict[str, np.ndarray]) -> Model:
    """All that can be checked without the task that it was trained for, see tasks/trained.py."""
    expect(("vocabulary" in meta) != ("schema" in meta), "model", sorted(meta), "a vocabulary, or a schema and a form")
    expect("schema" not in meta or "form" in meta, "model", sorted(meta), "a form beside the schema")
    model = Model(
        network=from_file(meta["architecture"], tensors),
        config=TrainConfig.from_json(meta["config"]),
        vocabulary=from_json(meta["vocabulary"]) if "vocabulary" in meta else None,
        history=meta["history"],
        data_hash=meta["data_hash"],
        summary=checked(meta["summary"]),
        schema=Schema.from_json(meta["schema"]) if "schema" in meta else None,
        form=Form.from_json(meta["form"]) if "form" in meta else None,
        read=[meta[name] for name in ("architecture", "vocabulary", "schema", "form") if name in meta],
    )
    expect(model.config.task != "auto", "config.task", "auto", "the task that was learnt")
    return model
