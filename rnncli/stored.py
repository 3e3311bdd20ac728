"""What stands in a file of ours, against the declaration of what may stand there.

A model, a checkpoint or a state comes from anywhere, so nothing of it is used before it was looked at. Each part of
such a file is a dataclass or a TypedDict, whose annotations say what may stand there:

    hidden: Annotated[int, Range(1, 16384)]      pool: list[Annotated[str, OneOf("last", "mean", "max")]]
    names: list[str]                             scale: dict[str, float] | None

A whole number may stand for a float, which is finite. A class may have a method `refuse_damage`, for what its fields
have to do with one another.
"""

import math
import types
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from functools import cache
from typing import Annotated, Any, NamedTuple, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

LARGEST = 1 << 53  # of a whole number: from there on a float has not all of them
SHOWN = 60  # characters of what was found
Reader = Callable[[Any, str], Any]  # value, and the name of its place -> the value as it is declared


class Damaged(ValueError):
    """What is wrong, and where: `schema.mean[2]: found "x", expected a number`."""


class Range(NamedTuple):
    """Least and largest of a number, both allowed."""

    least: float = -math.inf
    most: float = math.inf


class OneOf(tuple[str, ...]):
    """The texts that are allowed: `OneOf("last", "mean")`."""

    def __new__(cls, *allowed: str) -> "OneOf":
        return super().__new__(cls, allowed)


Count = Annotated[int, Range(0)]
Size = Annotated[int, Range(1)]
Positive = Annotated[float, Range(math.ulp(0.0))]
Unbounded = Annotated[float, "infinite"]  # or NaN


def read(declared: Any, value: Any, where: str) -> Any:
    """The value as the declared type has it, dataclasses as objects. Damaged if it is none; `where` names its place."""
    return _reader(declared)(value, where)


def fields_of(found: Any) -> dict[str, Any]:
    """The fields of a dataclass with their values, as they are and no copy: what a file keeps of it."""
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def expect(sound: Any, where: str, found: Any, expected: str) -> None:
    """Damaged, unless it is sound."""
    if not sound:
        text = repr(found[:SHOWN] if isinstance(found, str) else found)
        raise Damaged(f"{where}: found {text if len(text) <= SHOWN else text[:SHOWN] + '..'}, expected {expected}")


def expect_count(values: Any, count: int, where: str) -> None:
    """Damaged, unless there are so many of them."""
    if len(values) != count:
        raise Damaged(f"{where}: found {len(values):,} entries, expected {count:,}")


def expect_table(rows: Any, shape: tuple[int, ...], where: str) -> None:
    """Damaged, unless lists of lists have this shape."""
    expect_count(rows, shape[0], where)
    for i, row in enumerate(rows if len(shape) > 1 else ()):
        expect_table(row, shape[1:], f"{where}[{i}]")


def expect_distinct(values: Iterable, where: str) -> None:
    """Damaged, if one of them is there twice."""
    seen = set()
    for value in values:
        if value in seen:
            raise Damaged(f"{where}: found {value!r} twice, expected it once")
        seen.add(value)


# -- a reader for each type -----------------------------------------------------------------------------------------


@cache
def _reader(declared: Any) -> Reader:
    origin, arguments = get_origin(declared), get_args(declared)
    if declared in PLAIN:
        return PLAIN[declared]
    if origin is Required:
        return _reader(arguments[0])
    if declared == Unbounded:
        return _unbounded
    if origin is Annotated:
        return (_allowed if isinstance(arguments[1], OneOf) else _within)(_reader(arguments[0]), arguments[1])
    if origin in (Union, types.UnionType):
        return _any_of([_reader(one) for one in arguments])
    if origin is list or (origin is tuple and arguments[-1] is ...):
        return _sequence(_reader(arguments[0]), origin)
    if origin is tuple:
        return _row([_reader(one) for one in arguments])
    if origin is dict:
        return _mapping(_reader(arguments[1]))
    if is_typeddict(declared):
        return _entries(declared, dict, declared.__required_keys__)
    needed = frozenset(f.name for f in fields(declared) if f.default is MISSING and f.default_factory is MISSING)
    return _entries(declared, declared, needed)


def _plain(kind: type, expected: str, sound: Callable[[Any], bool] = lambda value: True) -> Reader:
    def reader(value: Any, where: str) -> Any:
        if type(value) is not kind or not sound(value):
            expect(False, where, value, expected)
        return value

    return reader


def _number(value: Any, where: str) -> Any:
    if not (type(value) is float and math.isfinite(value)) and not (type(value) is int and abs(value) <= LARGEST):
        expect(False, where, value, "a number")
    return value


def _unbounded(value: Any, where: str) -> Any:
    expect(type(value) in (int, float), where, value, "a number")
    return value


def _as_it_is(value: Any, where: str) -> Any:
    return value


PLAIN: dict[Any, Reader] = {
    Any: _as_it_is,
    int: _plain(int, "a whole number", lambda value: abs(value) <= LARGEST),
    float: _number,
    bool: _plain(bool, "true or false"),
    str: _plain(str, "a text"),
    type(None): _plain(type(None), "null"),
}


def _within(reader: Reader, range: Range) -> Reader:
    def ranged(value: Any, where: str) -> Any:
        found = reader(value, where)
        if not range.least <= found <= range.most:
            most = "" if range.most == math.inf else f" and at most {range.most:g}"
            expect(False, where, value, f"at least {range.least:g}{most}")
        return found

    return ranged


def _any_of(readers: list[Reader]) -> Reader:
    def reader(value: Any, where: str) -> Any:
        wrong = None
        for one in readers:
            try:
                return one(value, where)
            except Damaged as error:
                wrong = wrong or error  # of the first type: None stands last
        raise wrong

    return reader


def _allowed(reader: Reader, allowed: OneOf) -> Reader:
    def one_of(value: Any, where: str) -> Any:
        expect(reader(value, where) in allowed, where, value, f"one of {', '.join(map(repr, allowed))}")
        return value

    return one_of


def _sequence(reader: Reader, kind: type) -> Reader:
    def sequence(value: Any, where: str) -> Any:
        expect(isinstance(value, list), where, value, "a list")
        found: list = []
        try:
            found.extend(reader(one, "") for one in value)
        except Damaged:  # there may be a million entries: only of one that is wrong the place is named
            reader(value[len(found)], f"{where}[{len(found)}]")
        return kind(found)

    return sequence


def _row(readers: list[Reader]) -> Reader:
    def row(value: Any, where: str) -> Any:
        expect(isinstance(value, list), where, value, "a list")
        expect_count(value, len(readers), where)
        return tuple(reader(one, f"{where}[{i}]") for i, (reader, one) in enumerate(zip(readers, value, strict=True)))

    return row


def _mapping(reader: Reader) -> Reader:
    def mapping(value: Any, where: str) -> Any:
        expect(isinstance(value, dict), where, value, "an object")
        return {name: reader(one, f"{where}.{name}") for name, one in value.items()}

    return mapping


def _entries(declared: Any, make: Callable[..., Any], needed: frozenset[str]) -> Reader:
    """Of a class: the entries that it declares, all of those that it needs, and no others."""
    readers = {name: _reader(one) for name, one in get_type_hints(declared, include_extras=True).items()}

    def entries(value: Any, where: str) -> Any:
        expect(isinstance(value, dict), where, value, "an object")
        for name in needed - set(value):
            raise Damaged(f"{where}: no {name}")
        for name in set(value) - set(readers):
            raise Damaged(f"{where}: found {name!r}, which is no part of it")
        found = make(**{name: readers[name](one, f"{where}.{name}") for name, one in value.items()})
        if hasattr(found, "refuse_damage"):
            found.refuse_damage(where)
        return found

    return entries
