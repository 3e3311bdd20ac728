"""A free run: a forecast model reads its own forecasts as the next rows."""

import numpy as np

from rnncli.data.lagged_values import Past
from rnncli.data.schema import Schema
from rnncli.data.series import Series
from rnncli.data.window import Window
from rnncli.network.conformal import Calibration
from rnncli.network.unfolding import Unfolding


class FreeRun:
    """B runs side by side; a step reads a row, of which the targets are the run's own."""

    def __init__(self, u: Unfolding, calibration: Calibration, schema: Schema, s: Series, rows: np.ndarray):
        """`u` unfolds the network over one step of B rows; its states are those before the `rows` (B,)."""
        self.u, self.calibration, self.s, self.rows, self.o = u, calibration, s, rows.copy(), s.outlook
        self.fed = False
        memory = self.o.memory
        back = np.arange(memory - 1, -1, -1)
        self.z = s.z[np.maximum(rows[:, None] - back, s.first[rows][:, None])]  # (B, memory, K)
        flags = self.o.own_width  # of the run's own values none is missing
        self.flags = slice(flags, flags + self.o.flagged * len(self.o.targets))
        names = [*schema.numbers, *(schema.numbers[d] for d in schema.flagged)]
        self.columns = self.flags.stop + np.array([i for i, n in enumerate(names) if n not in self.o.known], np.int64)
        self.start, self.ids = s.X[rows], [ids[rows] for ids in s.ids]
        self.series, self.last = s.series_of(rows), s.offsets[1:][s.series_of(rows)] - 1
        self.still = s.still[rows]
        self.now = np.arange(1, len(rows) + 1) * memory - 1
        self.first = np.repeat(np.arange(len(rows)) * memory, memory)
        self.pace = None if s.pace is None else np.repeat(s.pace[s.series_of(rows)], memory)

    def ahead(self, count: int, block: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Points (B, count, K) and quantiles (B, count, K, Q) or None of the next steps, `block` of them a look."""
        points: list[np.ndarray] = []
        quantiles: list[np.ndarray | None] = []
        while len(points) < count:
            z, p, q = self.look()
            for k in range(min(block, count - len(points))):
                points.append(p[:, k])
                quantiles.append(None if q is None else q[:, k])
                if k:
                    self.look()
                self.feed(z[:, k])
        return np.stack(points, axis=1), None if quantiles[0] is None else np.stack(quantiles, axis=1)

    def look(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Read the present row; z, points (B, H, K) and quantiles (B, H, K, Q) or None of what follows."""
        s, o, u = self.s, self.o, self.u
        past = Past(self.z.reshape(-1, self.z.shape[2]), self.first, self.pace)
        X = s.X[self.rows].copy()
        X[:, : o.own_width] = o.inputs(past, self.now)
        X[:, self.columns] = self.start[:, self.columns]
        X[:, self.flags] = 0.0 if self.fed else self.start[:, self.flags]
        u.step(Window([np.ascontiguousarray(ids[None]) for ids in self.ids], X[None]))
        params = u.logits[0].reshape(len(self.rows), o.horizon, self.z.shape[2], -1)
        point, q = self.calibration(params)
        mean, std = s.mean[self.series][:, None], s.std[self.series][:, None]
        if o.scaled:
            anchor = o.anchors(past, self.now)
            z = point * np.array(o.width) + np.array(o.bias) + anchor
            point, q = o.unscale(point, anchor, mean, std), None if q is None else o.unscale(q, anchor, mean, std)
        else:
            z = (point - mean) / std
        z = np.where(self.still[:, None], 0.0, z)
        low, high = (of_all[self.series][:, None] for of_all in s.bounds)
        z = np.where(low, np.maximum(z, -mean / std), z) if low.any() else z
        z = np.where(high, np.minimum(z, (o.straighten(np.ones(1)) - mean) / std), z) if high.any() else z
        point, q = (None if one is None else s.held(one, self.series, self.still) for one in (point, q))
        return z, point, q

    def feed(self, z: np.ndarray) -> None:
        """The next row has these values (B, K)."""
        self.z = np.concatenate([self.z[:, 1:], z[:, None]], axis=1)
        self.rows, self.fed = np.minimum(self.rows + 1, self.last), True
