"""Numbers of the rows, as pandas, polars and R write them in front of a table, below no name: no column of its own."""

import re

from rnncli.config import TrainConfig
from rnncli.data.schema import Schema
from rnncli.errors import note
from rnncli.readers.form import Form
from rnncli.readers.forms import word_columns
from rnncli.readers.naming import by_name, parts_of
from rnncli.readers.source import display
from rnncli.readers.times.time_guess import numbers_rows
from rnncli.registry import learns
from rnncli.tasks.columns_in import roles_of

NAMELESS = re.compile(r"1_?|Unnamed: 0(\.\d+)?")  # no name on top, and as pandas calls that


def row_numbers(path: str, form: Form, config: TrainConfig) -> str | None:
    """The column that holds them, if there is one that no option names."""
    if form.name != "table" or not form.header or not NAMELESS.fullmatch(name := form.columns[0]):
        return None
    return name if name not in _named(form, config) and numbers_rows(path, form, config.encoding) else None


def _named(form: Form, config: TrainConfig) -> set[str | None]:
    """Columns that an option names, but for --inputs."""
    roles = by_name(roles_of(config), form.columns)
    several = (roles.group, roles.time, roles.fold_by)
    parts = {part for one in several for part in parts_of(one, form.columns)}
    return {*parts, *roles.targets, roles.text, roles.label, roles.tag, *(config.known or "").split(",")}


def without_row_numbers(path: str, form: Form, config: TrainConfig, start: Schema | None) -> TrainConfig:
    """The options without them: numbers that tell the place in the file are no input, nor forecast."""
    if start is not None or config.inputs or not (name := row_numbers(path, form, config)):
        return config
    others = [one for one in form.columns[1:] if one not in _named(form, config)]
    series, targets = learns(config.task) == "series", (config.target or "").split(",") if config.target else []
    inputs = [*others, *(targets if series else ())]
    if not inputs or any("," in one for one in inputs):
        return config
    ways = f"--time {name} or --inputs reads it"
    note(f"{display(path)}: the first column, without a name, numbers the rows: left out; {ways}")
    if series and not targets:
        words = word_columns(path, form, config.encoding)
        targets = [one for one in others if one not in words]
    return config.having(inputs=",".join(inputs), target=",".join(targets) or None)
