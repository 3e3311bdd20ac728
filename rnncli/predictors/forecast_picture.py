"""What a picture of forecasts shows: of each series the rows before the first origin, the forecasts that follow each
other without an overlap, and what came.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

import numpy as np

from rnncli.data.extent import Extent
from rnncli.predictors.forecast_rows import Found
from rnncli.predictors.forecaster import Forecaster

MOST_SERIES = 8  # that a picture has
LEAST_PAST, MOST_PAST, PASTS = 24, 120, 4  # rows before the first origin: so many times those that are forecast
MOST_AHEAD = 240  # rows that are forecast, where one forecast is not longer


def forecast_picture(forecaster: Forecaster, extent: Extent, found: Iterable[Found], steps: int) -> dict[str, Any]:
    """`series` with `name`, `target`, `times` and `values` of its rows, None where nothing came, and `forecasts`, each
    with the number of its first row, `points` and the ends of its interval, `low` and `high` (None without one), of so
    many that were `made`; `levels` of these ends; `of`, how many series there are.
    """
    kept: dict[int, list[Found]] = {}
    made: Counter[int] = Counter()
    for forecast in found:
        number = extent.series.number_of(forecast[0])
        made[number] += 1
        if len(kept) < MOST_SERIES or number <= max(kept):
            _keep(kept.setdefault(number, []), forecast, steps)
        if len(kept) > MOST_SERIES:
            del kept[max(kept)]
    panels = chain.from_iterable(
        _of_series(extent, number, some, steps, made[number]) for number, some in sorted(kept.items())
    )
    has_interval = any(some[0][2] is not None for some in kept.values())
    levels = [forecaster.loss.levels[i] for i in (0, -1)] if has_interval else None
    return {
        "series": list(islice(panels, MOST_SERIES)),
        "of": len(made) * len(extent.series.outlook.targets),
        "levels": levels,
    }


def _keep(some: list[Found], forecast: Found, steps: int) -> None:
    """Add it, if it begins where the one before ends or later, and there is room."""
    if not some or (forecast[0] >= some[-1][0] + steps and forecast[0] + steps - some[0][0] <= MOST_AHEAD):
        some.append(forecast)


def _of_series(extent: Extent, number: int, some: list[Found], steps: int, made: int) -> Iterable[dict[str, Any]]:
    """One for each target."""
    s, o = extent.series, extent.series.outlook
    first, end = some[0][0], some[-1][0] + steps + 1
    past = min(MOST_PAST, max(LEAST_PAST, PASTS * (end - first)))
    begin = max(int(s.offsets[number]), first + 1 - past)
    times = extent.texts(first, range(begin - first, end - first), iso=True)
    rows = np.arange(begin, end)
    there = rows < int(s.offsets[number + 1])
    values = o.unstraighten(np.where(there[:, None], s.values[np.where(there, rows, begin)], np.nan))
    for k, target in enumerate(o.targets):
        name = s.keys[number]
        yield {
            "name": "" if o.columns else name,
            "target": name if o.columns else target,
            "times": times,
            "values": _plain(values[:, k]),
            "forecasts": [_drawn(row + 1 - begin, points[:steps, k], q, k) for row, points, q in some],
            "made": made,
        }


def _drawn(begin: int, points: np.ndarray, q: np.ndarray | None, k: int) -> dict[str, Any]:
    low, high = (None, None) if q is None else (_plain(q[: len(points), k, i]) for i in (0, -1))
    return {"begin": begin, "points": _plain(points), "low": low, "high": high}


def _plain(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
