"""Plain data against declarations: types, ranges, lists and objects; what is wrong is named by its place."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Required, TypedDict

import pytest

from rnncli import stored
from rnncli.stored import Count, Damaged, OneOf, Positive, Range, Unbounded, read


class Entry(TypedDict, total=False):
    """An entry is needed, another is not."""

    name: Required[str]
    share: float | None


@dataclass
class Part:
    """One of each type."""

    size: Annotated[int, Range(1, 8)]
    kind: Annotated[str, OneOf("a", "b")] = "a"
    on: bool = False
    scale: list[Positive] = field(default_factory=list)
    pairs: list[tuple[str, Count]] = field(default_factory=list)
    names: tuple[str, ...] = ()
    entries: dict[str, Entry] = field(default_factory=dict)
    loss: Unbounded | None = None
    free: Any = None

    def refuse_damage(self, where: str) -> None:
        """As many scales as its size."""
        stored.expect_count(self.scale, self.size if self.scale else 0, f"{where}.scale")


SOUND = {
    "size": 2,
    "kind": "b",
    "on": True,
    "scale": [1, 0.5],
    "pairs": [["x", 0], ["y", 3]],
    "names": ["n", "m"],
    "entries": {"e": {"name": "f", "share": None}},
    "loss": float("inf"),
    "free": {"of": ["anything"]},
}


def test_sound_data_are_the_object():
    part = read(Part, json.loads(json.dumps(SOUND)), "part")
    assert part == Part(
        2, "b", True, [1, 0.5], [("x", 0), ("y", 3)], ("n", "m"), SOUND["entries"], float("inf"), SOUND["free"]
    )
    assert read(Part, {"size": 8}, "part") == Part(8)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"size": 0}, "part.size: found 0, expected at least 1 and at most 8"),
        ({"size": True}, "part.size: found True, expected a whole number"),
        ({"size": 2.0}, "part.size: found 2.0, expected a whole number"),
        ({"size": 1 << 60}, f"part.size: found {1 << 60}, expected a whole number"),
        ({"size": None}, "part.size: found None, expected a whole number"),
        ({"kind": "c"}, "part.kind: found 'c', expected one of 'a', 'b'"),
        ({"kind": ["a"]}, "part.kind: found ['a'], expected a text"),
        ({"on": 1}, "part.on: found 1, expected true or false"),
        ({"scale": [1.0, 0.0]}, "part.scale[1]: found 0.0, expected at least 4.94066e-324"),
        ({"scale": [1.0, float("nan")]}, "part.scale[1]: found nan, expected a number"),
        ({"scale": [1.0, 10**400]}, "part.scale[1]: found 1000"),
        ({"scale": [1.0]}, "part.scale: found 1 entries, expected 2"),
        ({"scale": {"0": 1.0}}, "part.scale: found {'0': 1.0}, expected a list"),
        ({"pairs": [["x", 0, 1]]}, "part.pairs[0]: found 3 entries, expected 2"),
        ({"pairs": [["x", 0], ["x", -1]]}, "part.pairs[1][1]: found -1, expected at least 0"),
        ({"names": "nm"}, "part.names: found 'nm', expected a list"),
        ({"entries": {"e": {"share": 1}}}, "part.entries.e: no name"),
        ({"entries": {"e": {"name": "f", "share": "1"}}}, "part.entries.e.share: found '1', expected a number"),
        ({"entries": []}, "part.entries: found [], expected an object"),
        ({"loss": "x" * 999}, f"part.loss: found '{'x' * 59}.., expected a number"),
        ({"other": 1}, "part: found 'other', which is no part of it"),
    ],
)
def test_what_is_damaged_is_named_by_its_place(changed, message):
    with pytest.raises(Damaged) as caught:
        read(Part, SOUND | changed, "part")
    assert str(caught.value).startswith(message)


def test_what_is_needed_and_what_is_none():
    with pytest.raises(Damaged, match="^part: no size$"):
        read(Part, {}, "part")
    with pytest.raises(Damaged, match=r"^part: found \[\], expected an object$"):
        read(Part, [], "part")
    with pytest.raises(Damaged, match="^names: found 'a' twice, expected it once$"):
        stored.expect_distinct(["a", "b", "a"], "names")
    with pytest.raises(Damaged, match=r"^mean\[1\]: found 3 entries, expected 2$"):
        stored.expect_table([[1, 2], [1, 2, 3]], (2, 2), "mean")
