"""`--init` with a state dict of PyTorch: a network that starts from its layers.

What tokens, columns and answers mean is not in such a file: it comes from the data of the training. An embedding and a
read-out are taken where names and shapes say that they are some, and have as many rows as the data need.
"""

import json
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from rnncli.config import TrainConfig, option_name
from rnncli.errors import RnncliError, UsageError
from rnncli.models.torch_weights import TorchWeights, as_weights, read_weights
from rnncli.network.architecture import Architecture
from rnncli.network.network import Network
from rnncli.readers.naming import NoColumn
from rnncli.registry import meant_for
from rnncli.tasks.task import Material, Task
from rnncli.values import parse_cell

MOST_NAMED = 4  # tensors that are not taken
ORDERS = {"char": "characters by code point", "byte": "bytes", "word": "words by falling frequency"}


@dataclass
class Taken:
    """Parameter -> its new values in PyTorch's shape, and the row that the first of them is; and words on each."""

    values: dict[str, tuple[np.ndarray, int]]
    said: list[str]
    names: set[str]  # of the tensors


class WeightsStart:
    """The weights that a network starts from; `config` has their sizes."""

    model = None  # that says what the data mean

    def __init__(self, path: str, config: TrainConfig, given: set[str]):
        """`given` are the options that the user wrote."""
        self.path, self.weights = path, read_weights(path)
        w = self.weights
        if config.new_vocabulary:
            raise UsageError(f"--init {path} and --new-vocabulary cannot be combined: weights have no vocabulary")
        sizes = {"hidden": w.hidden, "layers": w.layers, "bidirectional": w.bidirectional}
        for name, theirs in ({"cell": w.cell} | sizes).items():
            ours = getattr(config, name)
            if name in given and (parse_cell(ours)[0] if name == "cell" else ours) != theirs:
                raise UsageError(
                    f"--init {path} and {option_name(name)} {ours} cannot be combined: the weights have {theirs}"
                )
        config = config.having(cell=config.cell or w.cell, embed=config.embed or w.inputs, **sizes)
        self.config = config.having(tied=True) if "tied" not in given and _are_tied(w) else config

    # -- as of a warm start, see warm_start.py ------------------------------------------------------------------

    def check(self, task: str, path: str) -> None:
        """RnncliError for weights that a network of the task cannot have."""
        if self.weights.bidirectional and task not in meant_for()["bidirectional"]:
            raise RnncliError(
                f"{self.path}: layers that read both ways (weight_ih_l0_reverse), expected ones that read onwards, as "
                f"task {task} does"
            )

    def explained(self, error: NoColumn, data: str) -> RnncliError:
        """The same: the weights name no columns."""
        return error

    def calibration(self) -> dict:
        """Nothing is known of probabilities and quantiles."""
        return {}

    def fingerprint(self) -> str:
        """A hash of the tensors."""
        w, found = self.weights, sha256()
        layers = [(f"{name}_l{layer}", array) for layer, one in w.theta.items() for name, array in one.items()]
        for name, array in sorted([*layers, *w.others.items()], key=lambda item: item[0]):
            found.update(f"{name} {array.dtype} {array.shape}".encode())
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()

    def seen(self) -> None:
        """Nobody knows what they were trained on."""

    def architecture(self, fresh: Architecture) -> Architecture:
        """That of the data, with an embedding as wide as the layers read; RnncliError if none fits."""
        D = self.weights.inputs
        if not fresh.columns and fresh.embed != D:
            raise UsageError(
                f"--init {self.path} and --embed {fresh.embed} cannot be combined: its first layer reads {D} values"
            )
        rest = D - fresh.numbers
        grams = fresh.grams and (fresh.grams[0], rest // 2)
        if len(fresh.categories) == 1 and rest > bool(grams):
            ((name, size, _),) = fresh.categories
            width = rest - (grams[1] if grams else 0)
            fresh = replace(fresh, categories=[(name, size, width)], grams=grams)
        if fresh.input_width != D:
            raise RnncliError(
                f"{self.path}: its first layer reads {D} values a step, the data give {_counted(fresh)}: choose "
                "columns with --inputs"
            )
        return fresh

    def note(self, m: Material) -> str:
        """`weights.safetensors, lstm 1 x 64 of PyTorch: layers, read-out fc; embedding freshly drawn (..)`."""
        w, task = self.weights, m.task
        found = taken(w, self.architecture(task.architecture(m.config)), task)
        both = ", both ways" if w.bidirectional else ""
        unused = [name for name in w.others if name not in found.names]
        said = f"{self.path}, {w.cell} {w.layers} x {w.hidden}{both} of PyTorch: {'; '.join(['layers', *found.said])}"
        if unused:
            more = f" and {len(unused) - MOST_NAMED} more" if len(unused) > MOST_NAMED else ""
            said += f". Not taken: {', '.join(unused[:MOST_NAMED])}{more}"
        if task.schema is not None and (task.schema.numbers or task.schema.outlook is not None or task.schema.targets):
            said += ". Scales of numbers are those of the data"
        if w.cell == "rnn" and "activation" not in parse_cell(self.config.cell or "")[1]:
            said += ". Activation tanh: --cell rnn:activation=relu is the other one"
        return said

    def copy(self, network: Network, task: Task, member: int = 0) -> None:
        """The weights; what they lack stays as it was drawn."""
        a, theta = network.architecture, network.theta
        for layer, cell in a.named_cells():
            for name, array in cell.from_torch(self.weights.theta[layer]).items():
                theta[f"{layer}.{name}"][...] = array
        for name, (array, first) in taken(self.weights, a, task).values.items():
            if name.startswith("output."):
                theta[name][..., first:] = array.T
            else:
                theta[name][first:] = array


# -- embedding and read-out -----------------------------------------------------------------------------------------


def taken(w: TorchWeights, a: Architecture, task: Task) -> Taken:
    """What a network of this architecture takes beside the layers."""
    found = Taken({}, [], set())
    if _means_others(w, task):
        found.said.append("embedding and read-out, which are of other tokens, categories or labels, freshly drawn")
        return found
    _take_embedding(found, w, a, task)
    _take_read_out(found, w, a, task)
    return found


def _take_embedding(found: Taken, w: TorchWeights, a: Architecture, task: Task) -> None:
    """Rows of the table that is all that the first layer reads, if there is one."""
    tables = {"embedding.E": (a.tokens, a.embed)} if not a.columns else {}
    tables |= {name: (size, width) for name, (_, size, width) in zip(a.category_names(), a.categories, strict=True)}
    whole = [(name, size) for name, (size, width) in tables.items() if width == w.inputs == a.input_width]
    names = w.embeddings()
    if not whole:
        found.said += ["embeddings freshly drawn"] if tables else []
        return
    (table, rows), unknown = whole[0], task.vocabulary is None or task.vocabulary.unknown == 0
    if len(names) == 1:
        array = w.others[f"{names[0]}.weight"]
        if (first := _first(len(array), rows, unknown)) is not None:
            found.values[table] = _finite(w, f"{names[0]}.weight"), first
            found.names.add(f"{names[0]}.weight")
            found.said.append(f"embedding {names[0]} ({_order(task, first)})")
            return
        few = "; --min-count 1 keeps rare ones" if unknown and len(array) > rows else ""
        found.said.append(
            f"embedding freshly drawn ({names[0]}.weight has {len(array):,} rows, the data {rows:,}{few})"
        )
    elif names:
        found.said.append(f"embedding freshly drawn (it may be {' or '.join(names)})")
    elif (first := _first(w.inputs, rows, unknown)) is not None:
        found.values[table] = np.eye(w.inputs, dtype=np.float32), first
        found.said.append(f"embedding one-hot ({_order(task, first)})")
    else:
        found.said.append("embedding freshly drawn")


def _take_read_out(found: Taken, w: TorchWeights, a: Architecture, task: Task) -> None:
    """The output layer; that of tied weights has a bias alone."""
    names, language = w.read_outs(), task.vocabulary is not None
    if not names:
        found.said.append("read-out freshly drawn")
        return
    if len(names) > 1:
        found.said.append(f"read-out freshly drawn (it may be {' or '.join(names)})")
        return
    (name,) = names
    (rows, width), bias = w.others[f"{name}.weight"].shape, w.others.get(f"{name}.bias")
    first = _first(rows, a.outputs, language and task.vocabulary.unknown == 0)
    if first is None or width != a.read_width or (bias is not None and bias.shape != (rows,)):
        fits = "; --pool last, mean or max fits" if a.pool and width == a.width and first is not None else ""
        ours = f"{a.outputs:,} x {a.read_width:,}"
        found.said.append(f"read-out freshly drawn ({name}.weight is {rows:,} x {width:,}, expected {ours}{fits})")
        return
    if a.tied and not np.array_equal(w.others[f"{name}.weight"], found.values.get("embedding.E", (None,))[0]):
        raise UsageError(f"--init {w.path} and --tied cannot be combined: {name}.weight is not the embedding")
    if not a.tied:
        found.values["output.W"] = _finite(w, f"{name}.weight"), first
    zeros = np.zeros(rows, np.float32)
    found.values["output.b"] = zeros if bias is None else _finite(w, f"{name}.bias"), first
    found.names |= {f"{name}.weight", f"{name}.bias"}
    labels = " (labels in sorted order)" if task.schema is not None and task.schema.labels else ""
    found.said.append(f"{'tied ' * a.tied}read-out {name}{labels}")


def _means_others(w: TorchWeights, task: Task) -> bool:
    """Whether a file that says what its rows stand for says something else than the data do."""
    if task.vocabulary is not None:
        return "vocabulary" in w.meaning and w.meaning["vocabulary"] != task.vocabulary.to_json()
    theirs, ours = w.meaning.get("schema", {}), task.schema.to_json()
    names = ("categories", "labels") if isinstance(theirs, dict) else ()
    return any(name in theirs and theirs[name] != json.loads(json.dumps(ours[name])) for name in names)


def _first(rows: int, ours: int, unknown: bool) -> int | None:
    """The row here that is the first one there: the next one, if all but `<unk>` are there; None if they do not fit."""
    return 0 if rows == ours else 1 if unknown and rows == ours - 1 else None


def _order(task: Task, first: int) -> str:
    """What the rows are taken for."""
    kind = ORDERS[task.vocabulary.kind] if task.vocabulary is not None else "values by falling frequency"
    unknown = task.vocabulary is None or task.vocabulary.unknown is not None
    return f"rows: {'<unk>, ' if unknown and not first else ''}{kind}"


def _finite(w: TorchWeights, name: str) -> np.ndarray:
    return as_weights(w.path, name, w.others[name])


def _are_tied(w: TorchWeights) -> bool:
    """Whether one embedding and one read-out are the same numbers."""
    embeddings, read_outs = w.embeddings(), w.read_outs()
    if len(embeddings) != 1 or len(read_outs) != 1:
        return False
    return np.array_equal(w.others[f"{embeddings[0]}.weight"], w.others[f"{read_outs[0]}.weight"])


def _counted(a: Architecture) -> str:
    """`7: 3 numbers and embeddings of 4`."""
    embedded = a.input_width - a.numbers
    parts = [f"{a.numbers} numbers"] * bool(a.numbers) + [f"embeddings of {embedded}"] * bool(embedded)
    return f"{a.input_width}: {' and '.join(parts)}"
