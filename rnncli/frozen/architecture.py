"""What fixes the shapes of a frozen network: its groups of features, each of the series or of their differences."""

from dataclasses import dataclass
from typing import Any

from rnncli import stored
from rnncli.frozen.contests import Contests
from rnncli.frozen.filters import Filters
from rnncli.frozen.group import Group
from rnncli.frozen.intervals import Intervals
from rnncli.frozen.signals import MIXES, SOURCES
from rnncli.kernels.filters import MIDDLE
from rnncli.stored import Size, expect, expect_distinct

GROUPS: dict[str, Any] = {kind.kind: kind for kind in (Filters, Contests, Intervals)}


@dataclass(frozen=True)
class FrozenArchitecture:
    """The groups of features as plain data, and the width of the read-out."""

    features: list[dict[str, Any]]  # kind, and the sizes of the group
    outputs: Size
    frozen: bool = True
    bidirectional: bool = True  # filters look at both sides of a step
    pool: tuple[str, ...] = ("share",)

    def refuse_damage(self, where: str) -> None:
        """Damaged, if the groups are none, or not all of the same columns."""
        expect(self.features, f"{where}.features", self.features, "at least one group")
        for i, one in enumerate(self.features):
            place, sizes = f"{where}.features[{i}]", dict(one)
            kind = sizes.pop("kind", None)
            expect(kind in list(GROUPS), f"{place}.kind", kind, f"one of {', '.join(GROUPS)}")
            GROUPS[kind](**stored.read(GROUPS[kind].sizes, sizes, place)).refuse_damage(place)
        expect_distinct(((one["kind"], one["source"]) for one in self.features), f"{where}.features")
        columns = {one["columns"] for one in self.features}
        expect(len(columns) == 1, f"{where}.features", f"groups of {columns} columns", "the same number in all")

    @property
    def receptive_field(self) -> int:
        """Steps that a filter reaches over at most."""
        return 1 + 2 * MIDDLE * max(max(one.get("dilations", [0])) for one in self.features)

    @classmethod
    def sized(cls, kinds: tuple[str, ...], steps: int, columns: int, outputs: int) -> "FrozenArchitecture":
        """Groups of these kinds for sequences of so many steps, typically, of the series and of their differences."""
        signals = 1 if columns == 1 else MIXES
        groups = [
            {"kind": kind} | GROUPS[kind].sized(source, max(1, steps - changes), columns, signals).to_json()
            for changes, source in enumerate(SOURCES)
            for kind in kinds
        ]
        return cls(groups, outputs)

    def groups(self) -> dict[str, Group]:
        """`filters.series`, `contests.series`, ..: the groups by the prefixes of what they draw."""
        made = [GROUPS[one["kind"]](**{k: v for k, v in one.items() if k != "kind"}) for one in self.features]
        return {f"{group.kind}.{group.source}": group for group in made}

    @property
    def input_width(self) -> int:
        """How many numbers a step has."""
        return self.features[0]["columns"]

    @property
    def width(self) -> int:
        """How many features there are."""
        return sum(sum(group.parts) for group in self.groups().values())

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Parameter -> shape: what is drawn, then the read-out."""
        drawn = {
            f"{name}.{own}": shape for name, group in self.groups().items() for own, shape in group.shapes().items()
        }
        return drawn | {"readout.W": (self.width, self.outputs), "readout.b": (self.outputs,)}

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"frozen": True, "features": self.features, "outputs": self.outputs}
