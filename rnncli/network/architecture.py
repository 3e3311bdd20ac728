"""The shapes of a network's parameters θ, and the one vector that holds them all."""

from dataclasses import asdict, dataclass, field
from typing import Annotated

import numpy as np

from rnncli.cells import cell_class
from rnncli.cells.cell import Cell
from rnncli.config import MOST_LAYERS, MOST_UNITS
from rnncli.data.columns import Coded
from rnncli.errors import UsageError
from rnncli.kernels.product import aligned
from rnncli.registry import names
from rnncli.stored import Count, Damaged, OneOf, Range, Size, expect, expect_distinct
from rnncli.values import check, number

REVERSE = "_reverse"
Units = Annotated[int, Range(1, MOST_UNITS)]


@dataclass(frozen=True)
class Architecture:
    """Everything that fixes the shapes of the parameters.

    Inputs are either `tokens` with an embedding of width `embed`, or columns: `categories` (name, values, width of the
    embedding), `grams` (buckets, width) of hashed n-grams of bytes, and so many `numbers`. `pool` names what is read
    from whole sequences; without it there is an output at every step. `own` are the shapes of the task's parameters.
    """

    cell: str
    hidden: Units
    layers: Annotated[int, Range(1, MOST_LAYERS)]
    embed: Annotated[int, Range(0, MOST_UNITS)]
    tokens: Count
    outputs: Size
    tied: bool = False
    cell_options: dict[str, str] = field(default_factory=dict)
    bidirectional: bool = False
    categories: list[tuple[str, Size, Units]] = field(default_factory=list)
    grams: tuple[Size, Units] | None = None
    numbers: Count = 0
    pool: list[Annotated[str, OneOf("last", "mean", "max")]] = field(default_factory=list)
    own: dict[str, list[Size]] = field(default_factory=dict)

    def refuse_damage(self, where: str) -> None:
        """Damaged, if this is no network, or one whose input and output do not go together."""
        expect(self.cell in names("cells"), f"{where}.cell", self.cell, f"one of {', '.join(names('cells'))}")
        try:
            refuse_options(self.cell, self.cell_options, self.layers)
        except UsageError as error:
            raise Damaged(f"{where}: {error}") from None
        expect(self.columns != bool(self.tokens), f"{where}.tokens", self.tokens, "either tokens or columns")
        expect(
            self.columns != bool(self.embed), f"{where}.embed", self.embed, "an embedding of tokens, and of columns 0"
        )
        expect_distinct(self.category_names(), f"{where}.categories")
        expect_distinct(self.pool, f"{where}.pool")
        if self.tied:
            table = self.tokens, self.embed
            expect(table == (self.outputs, self.read_width), f"{where}.tied", table, "the shape of the output layer")

    @property
    def frozen(self) -> bool:
        """Whether only its read-out is fitted; then it is a FrozenArchitecture."""
        return False

    @property
    def columns(self) -> bool:
        """Whether the inputs are columns."""
        return bool(self.categories or self.numbers or self.grams)

    @property
    def input_width(self) -> int:
        """D of the first layer."""
        if not self.columns:
            return self.embed
        return sum(width for _, _, width in self.categories) + (self.grams[1] if self.grams else 0) + self.numbers

    @property
    def width(self) -> int:
        """Of a layer's outputs."""
        return self.hidden * (2 if self.bidirectional else 1)

    @property
    def read_width(self) -> int:
        """What the output layer reads."""
        return self.width * max(1, len(self.pool))

    def category_names(self) -> list[str]:
        """The parameters of the categories' embeddings."""
        return [f"embedding.{name}.E" for name, _, _ in self.categories]

    def cells(self) -> list[Cell]:
        """One for each layer; both directions of a layer are the same cell with parameters of their own."""
        widths = [self.input_width] + [self.width] * (self.layers - 1)
        return cell_class(self.cell).stack(widths, self.hidden, self.cell_options)

    @property
    def receptive_field(self) -> int | None:
        """How many of the last steps an output depends on, in both directions of as many next ones too; None of a
        recurrent network, which has no such bound.
        """
        cells = self.cells()
        return None if cells[0].recursive else 1 + sum(cell.reads[-1] for cell in cells)

    def layer_names(self) -> list[str]:
        """`0`, `0_reverse`, `1`, ..: the prefixes of the layers' parameters."""
        ends = ["", REVERSE] if self.bidirectional else [""]
        return [f"{index}{end}" for index in range(self.layers) for end in ends]

    def named_cells(self) -> list[tuple[str, Cell]]:
        """The cells with those prefixes."""
        cells = self.cells()
        return [(name, cells[int(name.removesuffix(REVERSE))]) for name in self.layer_names()]

    @property
    def orthogonal(self) -> dict[str, float]:
        """The parameters that are orthogonal matrices, also in training -> their rate beside that of all else."""
        return {f"{layer}.{own}": rate for layer, cell in self.named_cells() for own, rate in cell.orthogonal.items()}

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter name -> shape: matrices first, then biases (which are not decayed)."""
        if self.columns:
            sizes = [(size, width) for _, size, width in self.categories]
            shapes: dict[str, tuple[int, ...]] = dict(zip(self.category_names(), sizes, strict=True))
            shapes |= {"grams.G": tuple(self.grams)} if self.grams else {}
        else:
            shapes = {"embedding.E": (self.tokens, self.embed)}
        for name, cell in self.named_cells():
            shapes |= {f"{name}.{parameter}": shape for parameter, shape in cell.shapes().items()}
        if not self.tied:
            shapes["output.W"] = (self.read_width, self.outputs)
        shapes["output.b"] = (self.outputs,)
        shapes |= {f"task.{name}": tuple(shape) for name, shape in self.own.items()}
        return dict(sorted(shapes.items(), key=lambda item: len(item[1]) == 1))

    def to_json(self) -> dict:
        """Plain data; what is as it is by default in a language model is left out."""
        return {name: value for name, value in asdict(self).items() if name in LANGUAGE or value}


LANGUAGE = ("cell", "hidden", "layers", "embed", "tokens", "outputs", "tied", "cell_options")


class Parameters(dict):
    """Name -> array, all of them views of one flat buffer, so that the optimiser sees a single vector.

    `matrix_count` is the length of the leading part of the vector that belongs to matrices. The buffer may be `flat`, a
    part of another.
    """

    def __init__(
        self,
        shapes: dict[str, tuple[int, ...]],
        dtype: np.dtype | type = np.float32,
        flat: np.ndarray | None = None,
    ):
        sizes = {name: int(np.prod(shape)) for name, shape in shapes.items()}
        self.flat = aligned((sum(sizes.values()),), dtype) if flat is None else flat
        self.matrix_count = sum(size for name, size in sizes.items() if len(shapes[name]) > 1)
        start = 0
        for name, shape in shapes.items():
            self[name] = self.flat[start : start + sizes[name]].reshape(shape)
            start += sizes[name]

    def layer(self, name: str) -> dict[str, np.ndarray]:
        """The parameters of a layer: those whose names begin with its own and a dot, without them."""
        prefix = f"{name}."
        return {name.removeprefix(prefix): array for name, array in self.items() if name.startswith(prefix)}


def refuse_options(name: str, chosen: dict[str, str], layers: int | None) -> None:
    """UsageError for options that the cell does not have, values that they cannot have, and too many layers."""
    cell = cell_class(name)
    if layers is not None and layers > cell.most_layers:
        raise UsageError(f"--layers {layers}: --cell {name} has at most {cell.most_layers}")
    for key, value in chosen.items():
        option = f"--cell {name}:{key}"
        if key not in cell.options:
            has = ", ".join(cell.options) or "none"
            raise UsageError(f"{option}={value}: {name} has no option {key!r}, but {has}")
        if isinstance(said := cell.options[key], dict):
            check(option, number(option, value), said)
        elif value not in said:
            raise UsageError(f"{option}={value}: expected {key} to be one of {', '.join(said)}")
    if wrong := cell.conflict(chosen):
        raise UsageError(f"--cell {name}: {wrong}")


def category_width(values: int) -> int:
    """Of the embedding of a category with so many values."""
    return max(2, min(50, round(1.6 * values**0.56)))


def gram_buckets(words: Coded | None) -> int:
    """Of the hashed n-grams of a column of words, or 0: about one for each different word's n-gram."""
    return 0 if words is None else 1 << min(16, max(12, (4 * len(words.symbols)).bit_length()))
