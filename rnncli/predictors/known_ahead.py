"""Known inputs have to reach as far as forecasts do: what is not there is asked for, or held if the user says so."""

import numpy as np

from rnncli.data.extent import Extent
from rnncli.errors import RnncliError


def refuse_short(extent: Extent, steps: int, name: str) -> None:
    """RnncliError if a known input is missing in one of the steps ahead of the last forecast of a series."""
    o, columns = extent.series.outlook, extent.table
    need, beside = max(steps, o.horizon), max(1, len(o.columns))
    names = o.column_of
    values = columns.numbers[:, [columns.number_names.index(known) for known in names]]
    for i, (begin, end) in enumerate(zip(columns.offsets[:-1].tolist(), columns.offsets[1:].tolist(), strict=True)):
        series = i * beside
        after = begin + int(extent.stops[series] - extent.series.offsets[series])
        there = ~np.isnan(values[after : min(end, after + need)])
        lacking = [known for k, known in enumerate(names) if there[:, k].sum() < need]
        if lacking:
            found = int(there[:, [*names].index(lacking[0])].sum())
            first, last = extent.texts(int(extent.stops[series]) - 1, [1, need])
            of = f" of {columns.names[i]}" if columns.names[i] else ""
            raise RnncliError(
                f"{name}: known input {names[lacking[0]]} in {found} of the {need} rows from {first} to {last}{of}, "
                "expected it in all: add rows that have it and no target; with --hold-known it keeps its last value"
            )
