"""What a network puts out of forecasts."""

from collections.abc import Iterator

import numpy as np

from rnncli.data.extent import Extent
from rnncli.data.series_windows import read
from rnncli.network.likelihoods import Likelihood
from rnncli.network.unfolding import Unfolding


def outputs(u: Unfolding, loss: Likelihood, extent: Extent, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows (n,), parameters (n, H, K, W)) of the forecasts made at the rows first <= r < end of each series; `u` is
    packed.
    """
    s, o = extent.series, extent.series.outlook
    shape = (o.horizon, len(o.targets), loss.width)
    for rows, inside, _, count in read(u, s, extent.reads, end, extent.initial):
        wanted = inside & extent.counts(rows)
        for t, steps in u.blocks(count):
            chosen = wanted[t : t + steps]
            if chosen.any():
                yield rows[t : t + steps][chosen], u.outputs(t, steps)[chosen].reshape(-1, *shape)
