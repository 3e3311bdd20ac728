"""Series in the rows of a table, where nobody names its form: columns that are called by times show it, or rows that
end sooner or later.
"""

from dataclasses import replace

from rnncli.config import TrainConfig
from rnncli.data.columns import Roles
from rnncli.errors import note
from rnncli.readers.forms import recognise
from rnncli.readers.source import display
from rnncli.readers.timed_steps import series_in_rows
from rnncli.readers.wide_guess import has_names_first
from rnncli.tasks.columns_in import roles_of, writing_of


def with_rows(path: str, config: TrainConfig) -> TrainConfig:
    """The options with the form, and the columns that tell the series apart, where no column but these is named."""
    if config.format != "auto" or replace(roles_of(config), group=None) != Roles() or config.univariate:
        return config
    form = recognise(path, "auto", roles_of(config), config.encoding, "auto", writing_of(config))
    found = series_in_rows(path, form, config.encoding)
    if found is None:
        if not has_names_first(path, form, config.encoding):
            return config
        steps = "its numbers are the steps: --format table reads columns as series"
        note(f"{display(path)}: each row is a series, {steps}")
        return config.having(format="wide")
    note(
        f"{display(path)}: each row is a series, its steps are the columns from {found.begin} to {found.end}: "
        "--format table reads columns as series"
    )
    return config.having(format="wide", group=config.group or found.group)
