"""What an input has that training had not, gathered over its pieces and said once."""

from collections.abc import Iterable, Mapping

from rnncli.data.columns import Columns
from rnncli.data.far import Distances
from rnncli.data.schema import Schema
from rnncli.errors import note
from rnncli.readers.naming import listed
from rnncli.tasks.tally import Unheard

Values = dict[str, dict[str, None]]  # by column


class Unknown:
    """Values of categories, gaps and labels that the schema does not know, and numbers that are far off."""

    def __init__(self, schema: Schema):
        self.schema, self.values, self.columns, self.unheard = schema, Values(), set[str](), Unheard()
        self.distances = Distances(schema)

    def look_at(self, columns: Columns) -> None:
        """A piece of the input, before it is encoded."""
        for name, found in self.schema.strange(columns).items():
            self.values.setdefault(name, {}).update(dict.fromkeys(found))
        self.columns.update(self.schema.unflagged(columns))
        self.distances.look_at(columns)
        self.unheard.numbers_of(tuple(self.schema.unheard(columns)))

    @property
    def gaps(self) -> list[str]:
        """Columns of numbers with missing values, of which training had none."""
        return [name for name in self.schema.numbers if name in self.columns]


def note_gaps(names: list[str]) -> None:
    """Say that columns have missing values which the model has no flag for."""
    if names:
        what = "as the last value before them in the sequence, else as the mean"
        note(f"missing values in {listed(tuple(names))}, but none in training: read {what}")


def note_values(values: Mapping[str, Iterable[str]]) -> None:
    """Say which values of categories, but for words, are all read as one."""
    for column, found in values.items():
        found = list(found)
        quoted = ", ".join(found[:3]) + ", .." * (len(found) > 3)
        note(f"{len(found):,} of the values in column {column} are read as unknown, not in training: {quoted}")
