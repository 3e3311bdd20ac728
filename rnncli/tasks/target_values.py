"""Which values a forecast can be of: losses of counts and bits, and the logarithm, are not of all numbers."""

import numpy as np

from rnncli.config import TrainConfig
from rnncli.data.columns import Columns
from rnncli.data.forecast_targets import Outlook
from rnncli.data.target_columns import target_values
from rnncli.errors import RnncliError, UsageError


def refuse_options(o: Outlook, config: TrainConfig) -> None:
    """Options that cannot be combined."""
    if config.shift and o.loss != "bernoulli":
        raise UsageError(f"--shift and --loss {o.loss} cannot be combined: --shift is for --loss bernoulli")
    if not o.scaled and o.transform != "none":
        raise UsageError(f"--loss {o.loss} and --transform {o.transform} cannot be combined")
    if not o.scaled and config.level:
        raise UsageError(
            f"--loss {o.loss} and --level {config.level} cannot be combined: this loss needs values without a level"
        )
    if not o.scaled and config.look_back:
        raise UsageError(
            f"--loss {o.loss} and --look-back cannot be combined: this loss reads the present values alone"
        )


def refuse_values(o: Outlook, columns: Columns, names: list[str], until: np.ndarray | None = None) -> None:
    """RnncliError with the place of the first value of these columns that the loss or the transform cannot be of; the
    rows of each sequence from `until` (sequences,) on are not looked at.
    """
    demand = _demand(o)
    if demand is None:
        return
    bad, what, option = demand
    values = target_values(columns, names)
    wrong = np.where(np.isnan(values), False, bad(values))
    if until is not None:
        wrong &= (np.arange(len(values)) < np.repeat(columns.offsets[:-1] + until, columns.lengths))[:, None]
    if wrong.any():
        row = min(np.flatnonzero(wrong.any(axis=1)).tolist(), key=columns.places.__getitem__)
        column = int(np.argmax(wrong[row]))
        name = names[column]
        if o.columns and names == o.targets:  # each a series of its own, side by side
            name = o.columns[(int(np.searchsorted(columns.offsets, row, "right")) - 1) % len(o.columns)]
        found = _written(values[row, column])
        raise RnncliError(f"{columns.place_of(row)}: {found} in column {name}, expected {what} ({option})")


def _written(value: np.float64) -> str:
    """The shortest text that is this number, of one that was read as float32 the shortest in that."""
    short = np.float32(value)
    return np.format_float_positional(short if short == value else value, trim="-")


def _demand(o: Outlook):
    """(which values (..) are wrong, what is expected, the option that wants it) or None."""
    if o.transform == "log":
        return (lambda y: y <= 0), "a value above 0", "--transform log; a model trained with --transform none takes any"
    if o.loss == "bernoulli":
        return (lambda y: (y != 0) & (y != 1)), "0 or 1", "--loss bernoulli"
    if o.loss in ("poisson", "negbin"):
        return (lambda y: (y < 0) | (y != np.round(y))), "a count, a whole number of at least 0", f"--loss {o.loss}"
    return None
