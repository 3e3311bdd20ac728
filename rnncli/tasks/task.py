"""The task contract: what is read, what the network's outputs mean, how it is validated.

A task is made twice: from files when a model is trained (`prepare`), and of what the model file holds afterwards.

A task's file declares it by a literal at its top, which is read without importing the file:

    rank             its place among the tasks
    help             what it learns, in a few words
    learns           text, label, labels, numbers, tags or series: what it finds in the files
    told_by          "options" and "forms" of a file that alone tell the task
    asked_by         form of a file that does not tell it -> the options that ask for it
    train            the shared options of `train` that it has a use for
    fixed            those that say what its outputs mean: with --init they are the model's
    train_options    its own options of `train`: name -> declaration, see `rnncli/registry.py`; fields of TrainConfig
    predict          kind of prediction -> the options of `predict` that it has a use for; the first kind is the default
    predict_options  its own options of `predict`
    beside           kind of prediction (the empty text: the default) -> options that cannot be combined
    needs            kind of prediction -> option -> the option that it needs
    no_stream        why it has no --follow and no --state-file
    loss, start      words for the screen: a loss, and what the loss before training is
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any

import numpy as np

from rnncli.config import CELL, TrainConfig
from rnncli.data.batches import Batch
from rnncli.data.schema import Schema
from rnncli.data.seen import in_pieces
from rnncli.data.vocabulary import Vocabulary
from rnncli.kernels.threads import Team
from rnncli.models.model_file import Model
from rnncli.models.summary import MadeOf
from rnncli.network.architecture import Architecture, refuse_options
from rnncli.network.losses import CROSS_ENTROPY, Loss
from rnncli.network.members import Members
from rnncli.network.network import Network
from rnncli.process.temporary import permutation, places
from rnncli.readers.form import Form
from rnncli.stored import expect
from rnncli.values import parse_cell

SHAPES = ("tokens", "embed", "numbers", "outputs", "bidirectional", "pool", "own")  # of a network, by its task
ORDERS = 20  # of folds, to choose from those that are held out
MOST_COUNTS = 1 << 24  # of folds times strata; of more the strata are not looked at


@dataclass
class Plain:
    """Both parts of whole sequences with numbers as they are, and what their columns mean then."""

    schema: Schema
    train: Any
    valid: Any


@dataclass
class Material:
    """What `prepare` has read: the two parts of the data, the options, and words about it."""

    task: "Task"
    config: TrainConfig
    train: Any
    valid: Any
    data: str  # for the first line on the screen
    held: str  # what the validation part is
    digests: list[str]  # hashes of the data and of what it means
    cells: tuple[str, ...] = ()  # to choose from by the validation part, where only a read-out is fitted
    plain: Callable[[], Plain] | None = None  # numbers as they are, where far ones are drawn nearer in these parts

    def become(self, plain: Plain) -> None:
        """The numbers are as they are from now on; the digests are those of what was read first."""
        self.train, self.valid, self.plain = plain.train, plain.valid, None
        self.task.schema = plain.schema

    def made_of(self, warm: bool, apart: bool) -> MadeOf:
        """What a model keeps of it, to know its data again."""
        trained, validated, meaning = self.digests
        meaning = sha256(meaning.encode()).hexdigest()
        return {"trained": trained, "validated": validated, "meaning": meaning, "warm": warm, "apart": apart}


@dataclass(frozen=True)
class Rivals:
    """What simple models reach on the validation part, by name: `nats` a token, or another of the task's metrics."""

    figures: dict[str, float]
    measure: str = "nats"
    batches: dict[str, list[float]] = field(default_factory=dict)  # mean errors of each, see paired.py
    nats: dict[str, np.ndarray] = field(default_factory=dict)  # of the first tokens of a text


class Task:
    """Base of the tasks."""

    name: str
    unit = "steps"  # what is read, in the plural
    loss: Loss = CROSS_ENTROPY
    features: tuple[str, ...] = ()  # kinds of those that a frozen network reads, see frozen/architecture.py
    early: tuple[float, ...] = ()  # parts of the run at which there is a validation before those of every tenth
    floor = 0.02  # the schedule ends at this part of the rate
    sizes: str  # which table of training/search.py chooses what is left to `auto`: text, sequences or series
    carries = False  # whether states go from window to window
    vocabulary: Vocabulary | None = None  # of a language model
    schema: Schema | None = None  # of all others
    form: Form | None = None  # that the model keeps

    def __init__(self, schema: Schema, form: Form, config: TrainConfig):
        self.schema, self.form, self.config = schema, form, config

    @classmethod
    def of(cls, model: Model) -> "Task":
        """The task that a model was trained for."""
        return cls(model.schema, model.form, model.config)

    @classmethod
    def chosen(cls, model: Model) -> dict[str, Any]:
        """Option -> its value, of what the network of a model shows, whatever the model's config left to be chosen."""
        a = model.network.architecture
        return {"bidirectional": a.bidirectional, "pool": ",".join(a.pool) or None}

    def architecture(self, config: TrainConfig) -> Any:
        """The shapes of the network: an Architecture, or with `--learn readout` a FrozenArchitecture."""
        raise NotImplementedError

    def refuse_misfit(self, model: Model) -> None:
        """Damaged, if the network of a file is none of this task: what it reads, or what is read of it, would lie
        beyond its arrays. How large its layers and embeddings are, it says itself.
        """
        found: Architecture = model.network.architecture
        own = {"cell": found.cell, "hidden": found.hidden, "layers": found.layers, "tied": found.tied, "learn": "all"}
        both, pool = found.bidirectional and self.sizes == "sequences", ",".join(found.pool) or "last"
        embed = found.embed or found.hidden
        expected = self.architecture(model.config.having(**own, embed=embed, bidirectional=both, pool=pool))
        for name in SHAPES:
            theirs, ours = getattr(found, name), getattr(expected, name)
            expect(theirs == ours, f"architecture.{name}", theirs, f"{ours} by what it reads and writes")
        theirs, ours = ([(name, size) for name, size, _ in one.categories] for one in (found, expected))
        expect(theirs == ours, "architecture.categories", theirs, f"{ours} by the schema")
        theirs, ours = (one.grams[:1] if one.grams else None for one in (found, expected))
        expect(theirs == ours, "architecture.grams", theirs, f"{ours} by the schema")
        if isinstance(model.network, Members):
            links = self.loss.links
            expect(model.network.links == links, "architecture.links", model.network.links, f"{links} by the loss")

    def initialise(self, network: Network, train: Any) -> None:
        """Parameters that start from the data."""

    def meet(self, rivals: Rivals) -> None:
        """What the network will be measured beside."""

    def rivals(self, train: Any, valid: Any) -> Rivals:
        """What simple models of the training part reach on the validation part."""
        return Rivals({})

    def feed(self, train: Any, config: TrainConfig) -> Any:
        """The training windows: `Epochs` (rnncli/data/batches.py), or what gives batches as it does."""
        raise NotImplementedError

    def columns(self) -> dict[str, Any]:
        """Option -> the columns that were found to be what it names, as far as the task can tell."""
        return {}

    def ways(self) -> dict[str, dict[str, Any]]:
        """Ways to learn the same, in words -> the options that ask for each; the first is how it was prepared. Of
        several the best by validation is taken.
        """
        return {}

    def fits_read_out(self) -> bool:
        """Whether a read-out in closed form can be tried beside a training, and is compared with it by the loss."""
        return False

    def perturb(self, batch: Batch, seed: int, update: int) -> None:
        """Noise on a training window, by seed and update."""

    def hashes(self, part: Any) -> Iterator[np.ndarray] | None:
        """Of what is learnt from in a part of the data, in blocks, by which the model knows it again; None without."""
        found = getattr(part, "hashes", None)
        return None if found is None else in_pieces(found)

    def related(self, *parts: Any) -> Iterator[np.ndarray] | None:
        """Hashes of the folds of these parts, in blocks; None without folds."""
        found = [one for part in parts if (one := getattr(part, "related", None)) is not None]
        return chain.from_iterable(map(in_pieces, found)) if found else None

    def chance(self) -> float:
        """The loss of even odds: one far above it has exploded."""
        raise NotImplementedError

    def random_targets(self, rng: np.random.Generator, steps: int, rows: int, outputs: int) -> np.ndarray:
        """Some that the loss understands (steps, rows, ..): choices of one, or numbers of any size."""
        if self.schema is not None and self.schema.targets:
            return rng.standard_normal((steps, rows, outputs))
        return rng.integers(outputs, size=(steps, rows)).astype(np.int32)

    def sample(self, valid: Any, expected: float) -> Any:
        """The validation part, or what the final loss is measured on where training will read as few tokens as are
        `expected`.
        """
        return valid

    def validator(self, network: Network | Members, valid: Any, team: Team, expected: float) -> Any:
        """`quick()` and `whole()` losses on the validation part, see validation.py."""
        raise NotImplementedError

    def unheld(self, network: Network | Members, train: Any, team: Team) -> dict:
        """What the training part says in place of a validation part, where there is none."""
        return {}


def cell_options(config: TrainConfig) -> tuple[str, dict[str, str]]:
    """The cell's name and its options, checked against those that its file declares."""
    name, options = parse_cell(config.cell or CELL)
    refuse_options(name, options, config.layers)
    return name, options


def split(count: int, fraction: float, seed: int, strata: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Indices to train on and held out ones, by seed, both ascending; of each stratum its share as far as it goes."""
    order = permutation(count, np.random.default_rng([seed, 1]))
    if strata is None:
        held = order[: int(count * fraction)]
    else:
        parts = [order[strata[order] == value] for value in np.unique(strata)]
        held = np.concatenate([part[: round(len(part) * fraction)] for part in parts])
    return _apart(count, held)


def split_folds(
    folds: np.ndarray, fraction: float, seed: int, strata: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The same in whole folds: folds (sequences,) are numbers from 0 on, of which at least one is held out and one is
    left. Of some orders by seed the one is taken whose first folds come nearest to the fraction: the sum of the squared
    distances, in sequences, of all and of each stratum is least.
    """
    F = int(folds.max()) + 1
    counts = np.bincount(folds, minlength=F)[:, None]
    if strata is not None and F * (K := int(strata.max()) + 1) <= MOST_COUNTS:
        by_stratum = np.bincount(folds[strata >= 0] * K + strata[strata >= 0], minlength=F * K)
        counts = np.concatenate([counts, by_stratum.reshape(F, K)], axis=1)
    rng, wanted, least, held = np.random.default_rng([seed, 1]), fraction * counts.sum(axis=0), np.inf, folds[:0]
    for _ in range(ORDERS):
        order = rng.permutation(F)
        far = ((np.cumsum(counts[order], axis=0)[:-1] - wanted) ** 2).sum(axis=1)
        if far.min() < least:
            least, held = far.min(), order[: int(np.argmin(far)) + 1]
    return _apart(len(folds), np.isin(folds, held))


def _apart(count: int, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mask = np.zeros(count, bool)
    mask[held] = True
    return places(~mask), places(mask)
