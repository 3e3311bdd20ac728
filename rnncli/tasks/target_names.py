"""Which columns are forecast."""

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns
from rnncli.data.schema import Schema
from rnncli.errors import RnncliError, UsageError
from rnncli.readers.form import Form
from rnncli.readers.naming import listed, position


def target_names(columns: Columns, config: TrainConfig, form: Form, name: str, start: Schema | None) -> list[str]:
    """The columns to forecast: those that are named, else all of numbers but the inputs; of a model to start from its
    own.
    """
    if start is not None:
        names = start.outlook.columns or start.outlook.targets
        given = meant(config.target, form, "--target") or names
        if set(given) != set(names):
            raise UsageError(
                f"--init, a model of {listed(tuple(names))}, and --target {config.target} cannot be combined: the "
                "targets must be the same"
            )
        return list(names)
    aside = [*meant(config.known, form, "--known"), *meant(config.inputs, form, "--inputs")]
    names = meant(config.target, form, "--target") or [n for n in columns.number_names if n not in aside]
    if not names:
        raise UsageError(f"{name}: every column of numbers is an input, expected one to forecast: --target names it")
    refuse_missing(columns, names, name)
    return names


def meant(text: str | None, form: Form, option: str) -> list[str]:
    """The columns of a list with commas, by their names; one whose name has a comma stands there by its number."""
    given = text.split(",") if text else []
    return [form.columns[position(form.columns, option, name)] for name in given] if form.columns else given


def refuse_missing(columns: Columns, names: list[str], name: str) -> None:
    """A target that is no column of numbers of the file."""
    missing = [n for n in names if n not in columns.number_names]
    if missing:
        found = listed(tuple(columns.number_names)) or "none"
        raise RnncliError(f"{name}: no column of numbers {missing[0]} to forecast, found {found}")
