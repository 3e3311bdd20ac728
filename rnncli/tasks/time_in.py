"""`--time`: the column that the user names, or a guess which one holds the times of a table of series."""

from rnncli.config import NO_COLUMN, TrainConfig, refuse_without_times
from rnncli.data.schema import Schema
from rnncli.data.times import month_names
from rnncli.data.times.stamps import MONTHS
from rnncli.errors import RnncliError, UsageError, note
from rnncli.readers.form import Form
from rnncli.readers.forms import word_columns
from rnncli.readers.naming import by_name, listed, parts_of
from rnncli.readers.source import display
from rnncli.readers.times.table_head import TimeColumn
from rnncli.readers.times.time_guess import absent_time, counters, named_rows, odd_row, time_column
from rnncli.registry import learns
from rnncli.tasks.columns_in import roles_of
from rnncli.tasks.row_numbers import row_numbers

UNDO = f"--time {NO_COLUMN}"


def timed(path: str, form: Form, config: TrainConfig, start: Schema | None) -> TrainConfig:
    """The options with the column of times: as the user says, else one that shows itself, unless a model to `start`
    from has none. Where times come again, it is left out of what is read: it is no category.
    """
    found = guessed_time(path, form, config, start)
    if found is None or not found.repeats:
        config = config.having(time=found.name if found else config.time)
        if start is None and learns(config.task) == "series" and form.name == "table":
            _say_counters(path, form, config)
        if config.time is None and start is None:
            refuse_without_times(config)
            if learns(config.task) == "series" and form.name == "table":
                _say_names(path, form, config)
        return config
    refuse_without_times(config)
    others = [name for name in form.columns if name != found.name and name not in _of_rows(form, config)]
    if config.inputs is not None or not others or any("," in name for name in others):
        return config
    config = config.having(inputs=",".join(others))
    if config.target or config.label_from:
        return config
    words = word_columns(path, form, config.encoding)
    return config.having(target=",".join(name for name in others if name not in words) or None)


def _say_counters(path: str, form: Form, config: TrainConfig) -> None:
    """Where all columns are forecast, those among them that are more like a clock, or a count of the rows."""
    roles = by_name(roles_of(config), form.columns)
    if roles.targets or roles.inputs or config.known or config.time == NO_COLUMN:
        return
    times, keys = parts_of(config.time, form.columns), parts_of(roles.group, form.columns)
    named = {*_of_rows(form, config), *times, row_numbers(path, form, config) or ""}
    if found := counters(path, form, config.encoding, named, keys, bool(times)):
        what = "counting the rows" if times else "growing from row to row"
        way = f"--time {found[0]} makes it the time of the rows, " if not times and len(found) == 1 else ""
        note(f"{display(path)}: {what}, and forecast too: {listed(found)}: {way}--target names what to forecast")


def _say_names(path: str, form: Form, config: TrainConfig) -> None:
    """Rows without times, which have a name of their own each, may be series: UsageError, or a note if a target says
    what is forecast. RnncliError where the names are times but for a few.
    """
    roles = by_name(roles_of(config), form.columns)
    if roles.inputs or roles.group:
        return
    if absent := absent_time(path, form, config.encoding, {*roles.targets, *(config.known or "").split(",")}):
        raise _odd(path, *absent)
    found = named_rows(path, form, config.encoding, roles.targets)
    if found is None:
        return
    if odd := odd_row(path, form, config.encoding, found[0]):
        raise _odd(path, found[0], *odd)
    ways = f"--format wide if each row is a series, --time {found[0]} --time-format FORM if these are times"
    text = f"{display(path)}: column {found[0]} has another word in each row ({found[1]}, ..): {ways}, "
    if not config.target:
        raise UsageError(f"{text}--target COLUMN if rows are steps")
    note(f"{text}--inputs to leave it out")


def _odd(path: str, name: str, row: int, text: str) -> RnncliError:
    return RnncliError(
        f"{display(path)}: {text!r} in row {row:,} of column {name}, expected a time as in other rows: remove what is "
        f"no row; {UNDO} takes the rows in the order of the file"
    )


def _of_rows(form: Form, config: TrainConfig) -> set[str]:
    """Columns that tell what a row belongs to."""
    roles = by_name(roles_of(config), form.columns)
    return {*parts_of(roles.group, form.columns), roles.fold_by or ""}


def guessed_time(path: str, form: Form, config: TrainConfig, start: Schema | None) -> TimeColumn | None:
    """The column of times that nobody names, said in a line; None where --time says it, there is none, or a model to
    `start` from has none. UsageError if its times come again in another column's series.
    """
    if config.time is not None or start is not None or form.name != "table":
        return None
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
        note(f"{name}: times of column {found.name} come again: it is not read, rows stay in the order of the file")
        return found
    columns = "columns" if "," in found.name else "column"
    note(f"{name}: the times of the rows are those of {columns} {found.name} ({found.first}, ..): {UNDO} undoes it")
    if not roles.targets and (months := _months(form.columns)):
        note(
            f"{name}: columns {months[0]} to {months[-1]} are a series each, of this month of all years: for one "
            "series write each month in a row of its own"
        )
    return found


def _months(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Twelve columns in a row that are called as the months are, in whatever language."""
    named = [month_names.NAMES.number_of(name.strip()) or _english(name.strip().lower()) for name in columns]
    begin = next((i for i in range(len(named) - 11) if named[i : i + 12] == [*range(1, 13)]), None)
    return () if begin is None else columns[begin : begin + 12]


def _english(name: str) -> int:
    return next((i for i, month in enumerate(MONTHS, 1) if name in (month.lower(), month[:3].lower())), 0)
