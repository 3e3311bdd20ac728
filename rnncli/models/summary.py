"""What a model file tells of its training: declared here, so that it is checked when the file is read."""

from typing import Any, TypedDict

from rnncli.config import TrainConfig
from rnncli.stored import Count, Positive, Unbounded, expect, read

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
    temperature: Positive
    shifts: list[list[list[float]]] | None
    spread: list[list[float]] | None
    few: tuple[Count, list[float]]
    line_ranks: Any
    line_bits: list[float]
    metrics: dict[str, Any] | None
    members: list[float | None]
    tried: Figures
    ways: Ways | None
    tuned: Tuned | None
    cells: list[OfCell] | None
    readout: ReadOut


def checked(values: Any, where: str = "summary") -> dict[str, Any]:
    """The summary of a file as it is; Damaged if an entry is not what it is declared as."""
    values = read(dict[str, Any], values, where)
    known = {name: value for name, value in values.items() if name in Summary.__annotations__}
    found = read(Summary, known, where)
    if tuned := found.get("tuned"):
        expect(tuned["kept"] < len(tuned["rows"]), f"{where}.tuned.kept", tuned["kept"], "the number of a row")
        for i, row in enumerate(tuned["rows"]):
            TrainConfig.from_json(row["changes"], f"{where}.tuned.rows[{i}].changes")
    return values
