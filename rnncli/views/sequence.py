"""What a view reads: the beginning of INPUT as one row of steps with targets, and the loss on them."""

import numpy as np

from rnncli.batches import Batch, whole_batch
from rnncli.errors import RnncliError
from rnncli.losses import CROSS_ENTROPY, Loss
from rnncli.model_file import Model

MOST_STEPS = 2000


def of_text(model: Model, text: str | bytes) -> tuple[Batch, Loss]:
    """Tokens, each to be predicted from those before it; where a model of lines begins one, from a state of zero."""
    newline = model.vocabulary.newline
    y = model.vocabulary.encode(text)[:MOST_STEPS].astype(np.int32)
    x = np.append(np.int32(newline), y[:-1]).astype(np.int32)
    starts = x == newline if model.config.format == "lines" else np.arange(len(x)) == 0
    return Batch(x[:, None], y[:, None], starts.astype(np.uint8)[:, None], len(y), len(y)), CROSS_ENTROPY


def of_columns(model: Model, path: str) -> tuple[Batch, Loss]:
    """The first series of a forecast model, or the first sequence of another."""
    return (_series if model.config.task == "forecast" else _example)(model, path)


def _series(model: Model, path: str) -> tuple[Batch, Loss]:
    from rnncli.forecasting import Forecaster
    from rnncli.series import Part

    forecaster = Forecaster(model)
    span = forecaster.read([path], None, None, None, 0)
    s, stop = span.series, span.stops
    begin = s.offsets[:-1]
    rows = np.arange(begin[0], min(stop[0], begin[0] + MOST_STEPS))[:, None]
    starts = np.zeros(rows.shape, np.uint8)
    starts[0] = 1
    return Part(s, begin, begin, stop, stop).batch(rows, np.ones(rows.shape, bool), starts), forecaster.loss


def _example(model: Model, path: str) -> tuple[Batch, Loss]:
    from rnncli.rows import ColumnPredictor

    predictor = ColumnPredictor(model)
    _, examples = predictor.read([path], None)
    if examples.targets is None:
        raise RnncliError(f"{path}: no column to be predicted, so that there is no loss to follow")
    return whole_batch(examples, np.array([0]), 1), predictor.task.loss
