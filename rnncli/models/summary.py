"""What a model file tells of its training: declared here, so that it is checked when the file is read."""

from typing import Annotated, Any, TypedDict

from rnncli.config import TrainConfig
from rnncli.data.ranks import Ranks
from rnncli.data.seen import SeenParts
from rnncli.stored import Count, Range, Unbounded, expect, read

Figures = dict[str, float | None]  # None for what is no number, such as an error that has diverged


class Validated(TypedDict, total=False):
    """A validation during the training: an entry of the history."""

    update: Count
    tokens: Count
    loss: Unbounded | None
    valid_loss: Unbounded | None
    member: Count


History = list[Validated]


class Ways(TypedDict):
    """Ways to learn the same, of which the best was taken."""

    errors: Figures
    measure: str


class Row(TypedDict):
    """A candidate of --tune."""

    changes: dict[str, Any]
    errors: list[float | None]


class Tuned(TypedDict):
    """What --tune has tried."""

    measure: str
    rows: list[Row]
    kept: Count
    minutes: float | None


class OfCell(TypedDict):
    """A network of --cells."""

    cell: str
    layers: Count
    hidden: Count
    parameters: Count
    valid_loss: float
    metrics: dict[str, Any]
    tokens_per_s: float | None
    reads: Count | None
    model: str


class ReadOut(TypedDict, total=False):
    """How a read-out in closed form was fitted."""

    strength: float
    features: Count
    weights: dict[str, float]
    errors: Any
    tried: Figures


class OfLabel(TypedDict, total=False):
    """How often a label of the validation part is the true one, among its figures."""

    n: Count


class Metrics(TypedDict, total=False):
    """Those that the verdict on a training reads. Others are the task's."""

    n: Count
    accuracy: Annotated[float, Range(0, 1)] | None
    r2: float | None
    r2_se: Annotated[float, Range(0)] | None
    r2_chance: Annotated[float, Range(0)] | None
    per_class: dict[str, dict[str, Any]]


class Coverage(TypedDict):
    """The share of values within an interval: which it stands for, and which the later half of validation has where
    the interval was fitted to the earlier one.
    """

    nominal: Annotated[float, Range(0, 1)]
    later: Annotated[float, Range(0, 1)]


class MadeOf(TypedDict):
    """Hashes of the data as it was encoded, its two parts and what its tokens or columns mean; whether its meaning is
    that of a model it starts from, and whether the validation part is a file of its own.
    """

    trained: str
    validated: str
    meaning: str
    warm: bool
    apart: bool


class Summary(TypedDict, total=False):
    """All of it. Other entries are those of other versions."""

    updates: Count | None
    tokens: Count | None
    best_update: Count | None
    valid_loss: float | None
    stopped: str | None
    reach: Count | None
    rivals: dict[str, float]
    rivals_measure: str
    batches: list[float]
    rivals_batches: dict[str, list[float]]
    temperature: Annotated[float, Range(1e-3, 1e3)]
    shifts: list[list[list[float]]] | None
    spread: list[list[float]] | None
    coverage: Coverage
    few: tuple[Count, list[float]]
    line_ranks: Any
    row_ranks: Any
    line_bits: list[float]
    metrics: dict[str, Any] | None
    members: list[float | None]
    tried: Figures
    ways: Ways | None
    tuned: Tuned | None
    cells: list[OfCell] | None
    readout: ReadOut
    seen: SeenParts
    made_of: MadeOf


def checked(values: Any, where: str = "summary") -> dict[str, Any]:
    """The summary of a file as it is; Damaged if an entry is not what it is declared as."""
    values = read(dict[str, Any], values, where)
    known = {name: value for name, value in values.items() if name in Summary.__annotations__}
    found = read(Summary, known, where)
    _check_metrics(found.get("metrics") or {}, f"{where}.metrics")
    for name in ("line_ranks", "row_ranks"):
        if name in found:
            Ranks.from_json(found[name], f"{where}.{name}")
    if tuned := found.get("tuned"):
        expect(tuned["kept"] < len(tuned["rows"]), f"{where}.tuned.kept", tuned["kept"], "the number of a row")
        for i, row in enumerate(tuned["rows"]):
            TrainConfig.from_json(row["changes"], f"{where}.tuned.rows[{i}].changes")
    return values


def _check_metrics(metrics: dict[str, Any], where: str) -> None:
    """Damaged, if one that the verdict reads is not what it is declared as."""
    found = read(Metrics, {name: value for name, value in metrics.items() if name in Metrics.__annotations__}, where)
    for label, figures in found.get("per_class", {}).items():
        count = read(OfLabel, {"n": figures.get("n", 0)}, f"{where}.per_class.{label}")["n"]
        expect(count <= found.get("n", count), f"{where}.per_class.{label}.n", count, "at most that of all")
