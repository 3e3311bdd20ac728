"""What the validation part says of forecasts: errors beside those of the rivals, moves of quantiles, surprises."""

from collections.abc import Sequence

import numpy as np

from rnncli.data.extent import Extent
from rnncli.network.conformal import fitted_shifts, later_coverage, needed, rounded
from rnncli.network.likelihoods import Likelihood
from rnncli.network.unfolding import Unfolding
from rnncli.tasks.forecast_outputs import outputs
from rnncli.tasks.forecast_rivals import KEPT, errors_of
from rnncli.tasks.paired import Batches
from rnncli.tasks.surprise import Excesses


def measured(u: Unfolding, loss: Likelihood, valid: Extent) -> dict:
    """The errors of the points, beside which those of the rivals stand; how far each quantile is moved, see
    network/conformal.py, and the levels that the validation part is too small for; the surprises, see surprise.py.
    """
    s, o, sums, found = valid.series, valid.series.outlook, errors_of(valid), list[tuple[np.ndarray, ...]]()
    batches = Batches(valid, sums.changes)
    excesses, of_bits = Excesses(loss, valid), loss.name == "bernoulli"
    for rows, params in outputs(u, loss, valid, valid.last):
        y = s.residuals(rows, valid.limits(rows)).reshape(params.shape[:-1])
        excesses.add(rows, params, y)
        if of_bits:
            continue
        q = loss.quantiles(params) if o.scaled else None
        if q is not None:
            found.append((rows, q, y))
        truth, points = s.truth(rows, valid.limits(rows), o.horizon), s.to_values(loss.point(params), rows)
        batches.add(rows, *sums.add(rows, *truth, {"": points}))
    if not sums.n:
        return excesses.found()
    errors = sums.metrics()
    figures = {"metrics": {name: errors[name] for name in KEPT}, **(_shifts(loss, valid, found) if found else {})}
    figures |= {"batches": batches.means().get("", [])}
    return figures | excesses.found()


def _shifts(loss: Likelihood, valid: Extent, found: Sequence[tuple[np.ndarray, ...]]) -> dict:
    """Of forecasts made at rows, with their quantiles and what they were to be; counts have those of their
    distribution.
    """
    o = valid.series.outlook
    rows, q, y = map(np.concatenate, zip(*found, strict=True))
    least = int((~np.isnan(y)).sum(axis=0).min())
    y = np.where(valid.series.still[rows][:, None], np.nan, y)  # these are forecast without it
    few = [level for level in o.levels if needed(level) > least]
    kept = {"shifts": rounded(fitted_shifts(q, y, loss)), **({"few": [least, few]} if few else {})}
    coverage = later_coverage(q, y, valid.in_later_half(rows), loss)
    return kept | ({"coverage": coverage} if coverage else {})
