"""Series that a model has not seen, added to what it knows when a forecast starts from it."""

from collections import Counter
from dataclasses import replace

import numpy as np

from rnncli.data.columns import Columns
from rnncli.data.equal_names import plain_name
from rnncli.data.forecast_targets import Outlook
from rnncli.data.outlook_fit import as_lists
from rnncli.data.scale import scale_of
from rnncli.data.usual_change import usual_changes


def with_series(o: Outlook, columns: Columns, values: np.ndarray, cuts: np.ndarray) -> Outlook:
    """The outlook with those of these series that it lacks, each with the scale of its rows before its cut; values
    (rows, K) as they are in the file. Series whose names do not tell them apart are as any that was never seen.
    """
    times = Counter(map(plain_name, columns.names))
    named = bool(o.number_of)
    new = [i for i, key in enumerate(columns.names) if named and key not in o.number_of and times[plain_name(key)] == 1]
    straight, every, offsets = o.straighten(values), o.scale_in_training(-1), columns.offsets
    scales = [scale_of(straight[offsets[i] : cuts[i]], every) for i in new]
    if not o.scaled and o.loss == "bernoulli":
        scales = [every] * len(new)
    more = as_lists(scales)
    usual = usual_changes(values, offsets, offsets[1:], o.season)[new]
    return replace(
        o,
        keys=[*o.keys, *(columns.names[i] for i in new)],
        mean=[*o.mean[:-1], *more["mean"], o.mean[-1]],
        std=[*o.std[:-1], *more["std"], o.std[-1]],
        flat=[*o.flat[:-1], *more["flat"], o.flat[-1]] if o.flat else [],
        floor=[*o.floor[:-1], *([o.floor[-1]] * len(new)), o.floor[-1]] if o.floor else [],
        ceiling=[*o.ceiling[:-1], *([o.ceiling[-1]] * len(new)), o.ceiling[-1]] if o.ceiling else [],
        usual=[*o.usual, *np.where(np.isnan(usual), None, usual).tolist()] if o.usual else [],
        paces=[*o.paces, *(_pace(o, columns.clocks[i]) for i in new)] if o.paces else [],
    )


def _pace(o: Outlook, clock) -> int:
    """Which of the clocks of the model a series has; the usual one where it is none of them."""
    steps = [known.steps for known in o.all_clocks()[1:]]
    return steps.index(clock.steps if clock.steps in steps else o.clock.steps)
