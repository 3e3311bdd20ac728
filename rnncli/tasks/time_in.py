"""`--time`: the column that the user names, or a guess which one holds the times of a table of series."""

from rnncli.config import NO_COLUMN, TrainConfig
from rnncli.data.schema import Schema
from rnncli.errors import UsageError, note
from rnncli.readers.form import Form
from rnncli.readers.naming import by_name, parts_of
from rnncli.readers.source import display
from rnncli.readers.time_guess import time_column
from rnncli.tasks.columns_in import roles_of

UNDO = f"--time {NO_COLUMN}"


def guessed_time(path: str, form: Form, config: TrainConfig, start: Schema | None) -> str | None:
    """The column of times: as the user says, else one that shows itself, unless a model to `start` from has none.
    UsageError if its times come again in another column's series.
    """
    if config.time is not None or start is not None:
        return config.time
    roles = by_name(roles_of(config), form.columns)
    keys = parts_of(roles.group, form.columns)
    named = {*keys, *roles.targets, *roles.inputs, roles.text, roles.label, roles.tag, roles.fold_by} - {None}
    found = time_column(path, form, config.encoding, named, keys)
    if found is None:
        return None
    name = display(path)
    if found.beside:
        raise UsageError(
            f"{name}: times of column {found.name} come again, each once for a value of column {found.beside}: "
            f"--group {found.beside} makes these series of their own; {UNDO} takes the rows in the order of the file"
        )
    if found.repeats:
        note(f"{name}: times of column {found.name} come again, so rows stay in the order of the file")
        return None
    columns = "columns" if "," in found.name else "column"
    note(f"{name}: the times of the rows are those of {columns} {found.name} ({found.first}, ..): {UNDO} undoes it")
    return found.name
