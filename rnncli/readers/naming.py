"""Which column the user means: by its name, or by its number from 1 on."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import combinations

from rnncli.data.columns import Roles
from rnncli.errors import RnncliError, UsageError
from rnncli.registry import learns

#: field of Roles -> the option that sets it
OPTIONS = {field.name: f"--{field.name}" for field in fields(Roles)} | {"targets": "--target", "fold_by": "--fold-by"}
SEVERAL = ("targets", "inputs")  # that may be several columns
JOINED = ("group", "time", "fold_by")  # that may be several columns, which are read as one
#: fields that cannot name the same column; but folds may be by a part of a group or of a time, such as a day
APART = (
    *combinations(("group", "time", "text", "label", "tag"), 2),
    *((several, field) for field in ("group", "label", "tag", "fold_by") for several in ("inputs", "targets")),
    *(("fold_by", field) for field in ("text", "label", "tag")),
)
MANY = 1 << 31  # columns; no file has so many
LONGEST = 40  # characters of a name in a message


class NoColumn(UsageError):
    """An `option` names a column that there is not."""

    def __init__(self, option: str, name: str, columns: tuple[str, ...]):
        super().__init__(f"{option} {name}: no such column, found {listed(columns)}")
        self.option, self.name, self.columns = option, name, columns


def position(columns: tuple[str, ...], option: str, name: str) -> int:
    """The index of the column; a number stands for a place where no column has it for a name."""
    if name in columns:
        return columns.index(name)
    if name.isdecimal() and 1 <= int(name) <= len(columns):
        return int(name) - 1
    raise NoColumn(option, name, columns)


def parts_of(given: str | None, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that `--time date,time` or `--group store,item` names; one whose name has a comma is one."""
    if given is None:
        return ()
    return (given,) if given in columns or "," not in given else tuple(given.split(","))


def listed(columns: Iterable[str], most: int = 12) -> str:
    """The names with commas, on one line; the middle of a long row, the end of a long name left out."""
    columns = [" ".join(name.split()) for name in columns]
    columns = [name if len(name) <= LONGEST else name[: LONGEST - 2] + ".." for name in columns]
    if len(columns) <= most:
        return ", ".join(columns)
    return ", ".join((*columns[: most - 2], "..", columns[-1]))


def by_name(roles: Roles, columns: tuple[str, ...]) -> Roles:
    """The roles with names of columns only; a name that there is not is wrong usage, and so is a column that is named
    twice; but a time, or what is forecast, may be an input too.
    """
    found: dict[str, tuple[str, ...]] = {}
    for field, option in OPTIONS.items():
        names = _parts(roles, field, columns)
        if field in JOINED:
            refuse_twice(option, names)
        found[field] = tuple(columns[position(columns, option, name)] for name in names)
        if again := [name for name in found[field] if columns.count(name) > 1]:
            raise RnncliError(f"{option} {again[0]}: several columns have this name, expected one: rename the others")
    refuse_twice("--target", found["targets"])
    for one, other in APART:
        for name in found[other]:
            if name in found[one]:
                raise UsageError(f"{OPTIONS[one]} {name} and {OPTIONS[other]} {name}: a column can be only one of them")
    joined = {field: names if field in SEVERAL else ",".join(names) or None for field, names in found.items()}
    return Roles(**joined)  # type: ignore[arg-type]


def _parts(roles: Roles, field: str, columns: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The columns that a field names."""
    given = getattr(roles, field)
    if field in JOINED:
        return parts_of(given, columns)
    return given if field in SEVERAL else () if given is None else (given,)


def refuse_twice(option: str, names: tuple[str, ...]) -> None:
    """UsageError if one of them comes again."""
    again = [name for i, name in enumerate(names) if name in names[:i]]
    if again:
        raise UsageError(f"{option} {','.join(names)}: {again[0]} is named twice")


def names_in(roles: Roles) -> list[str]:
    """All that the user wrote; of names that are joined with their commas too."""
    whole = {name for field in JOINED if (name := getattr(roles, field)) is not None}
    return [*whole, *(name for field in OPTIONS for name in _parts(roles, field) if name not in whole)]


def answer_names(roles: Roles, task: str) -> tuple[str, ...]:
    """What answers are called in a file that has names for them but not for the columns: as the user says, else y."""
    named = tuple(name for name in (roles.label, roles.tag) if name is not None)
    return named or (roles.targets if learns(task) == "numbers" else ()) or ("y",)


def refuse_unknown_answer(roles: Roles, wanted: tuple[str, ...], there: tuple[str, ...], what: str) -> None:
    """UsageError for a name of an answer that the user gave, and that there is not."""
    option = next((OPTIONS[field] for field in ("label", "tag", "targets") if getattr(roles, field)), None)
    if option and (absent := [name for name in wanted if name not in there]):
        file = "file, and no array of this name" if what == "array" and "." in absent[0] else what
        raise UsageError(f"{option} {absent[0]}: no such {file}, found {listed(there)}")


def refuse(roles: Roles, meaningless: tuple[str, ...], form: str, why: str) -> None:
    """UsageError for the first of these fields of Roles that was given."""
    for field in meaningless:
        if getattr(roles, field):
            raise UsageError(f"{OPTIONS[field]} and {form} cannot be combined: {why}")


@dataclass(frozen=True)
class Widths:
    """How many columns a file may have whose columns are called by their numbers."""

    least: int = 1
    most: int = MANY

    @classmethod
    def of(cls, roles: Roles, trained: tuple[str, ...] | None) -> "Widths":
        """As many as in training, where these were read; of columns that were chosen there, all of them."""
        if not trained:
            return cls()
        chosen = [int(name) for name in (*roles.inputs, *roles.targets) if name.isdecimal()]
        return cls(max(chosen)) if roles.inputs and chosen else cls(len(trained), len(trained))

    def __contains__(self, width: int) -> bool:
        return self.least <= width <= self.most

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"at least {self.least}"
