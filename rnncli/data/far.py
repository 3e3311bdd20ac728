"""Numbers that are on average far from where training had them, as in other units."""

from collections.abc import Mapping

import numpy as np

from rnncli.data.columns import Columns, refuse_lacking, series_names
from rnncli.data.forecast_targets import Outlook
from rnncli.data.schema import Schema
from rnncli.data.series_encoding import straightened
from rnncli.errors import note
from rnncli.process.temporary import blocks

FAR = 3.0  # deviations: what is so far from where it was on average, is said
LEAST = 10  # values that tell
LONG = 1e6  # deviations, which are written in short
NAMED = 3  # that a line has


def far_ones(means: Mapping[str, float]) -> str:
    """The first of these means, in deviations from the mean of training, that are far off; empty if there is none."""
    far = [
        f"{name} is {mean:{'+.1f' if abs(mean) < LONG else '+.1e'}} deviations off"
        for name, mean in means.items()
        if abs(mean) > FAR
    ]
    return ", ".join(far[:NAMED]) + ", .." * (len(far) > NAMED)


class Distances:
    """Means in deviations from those of training, by name, gathered over pieces of the input."""

    def __init__(self, schema: Schema):
        self.schema = schema
        self.counts = np.zeros(len(schema.numbers), np.int64)
        self.sums, self.are_flags = np.zeros(len(schema.numbers)), np.ones(len(schema.numbers), bool)
        self.targets: dict[str, float] = {}  # of series

    @np.errstate(over="ignore", invalid="ignore")
    def look_at(self, columns: Columns) -> None:
        """The columns of numbers of a piece; those of zeros and ones alone say nothing of their units."""
        s = self.schema
        places = {name: d for d, name in enumerate(columns.number_names)} if columns.numbers is not None else {}
        for d, name in enumerate(s.numbers):
            for begin, end in blocks(len(columns.numbers) if name in places else 0):
                values = columns.numbers[begin:end, places[name]]
                values = values[~np.isnan(values)].astype(np.float64)
                self.are_flags[d] &= bool(((values == 0) | (values == 1)).all())
                self.counts[d] += len(values)
                self.sums[d] += float(s.deviations(name, values).sum())

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def look_at_series(self, columns: Columns) -> None:
        """The inputs of series, and the targets of those that training had."""
        self.look_at(columns)
        o, groups = self.schema.outlook, len(columns)
        names = o.columns or o.targets
        refuse_lacking(names, columns.number_names, "forecasts")
        kept = [columns.number_names.index(name) for name in names]
        sums, counts = np.zeros((groups, len(names))), np.zeros((groups, len(names)), np.int64)
        for begin, end in blocks(len(columns.numbers)):
            values = straightened(columns.numbers[begin:end][:, kept].astype(np.float64), o)
            there = ~np.isnan(values)
            number = np.searchsorted(columns.offsets, np.arange(begin, end), "right") - 1
            np.add.at(sums, number, np.where(there, values, 0))
            np.add.at(counts, number, there)
        for i, group in enumerate(columns.names):
            for k, name in enumerate(names):
                if counts[i, k] >= LEAST and (mean := _off(o, group, k, sums[i, k] / counts[i, k])) is not None:
                    self.targets[f"{group} {name}".strip()] = mean

    def say(self) -> None:
        """A line, if some are far off."""
        told = (self.counts >= LEAST) & ~self.are_flags
        means = {name: self.sums[d] / self.counts[d] for d, name in enumerate(self.schema.numbers) if told[d]}
        if far := far_ones(self.targets | means):
            note(f"compared with training, on average {far}: the units or the level may differ")


def _off(o: Outlook, group: str, k: int, mean: float) -> float | None:
    """The mean of target k of a group in deviations; None of a series that has a scale of its own."""
    key = series_names([group], o.columns)[k if o.columns else 0]
    if key not in o.number_of or o.finds_scale(key):
        return None
    scale, at = o.scale_in_training(o.number_of[key]), 0 if o.columns else k
    return float((mean - scale.mean[at]) / scale.std[at])
