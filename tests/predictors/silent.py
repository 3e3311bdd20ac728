"""A forecast model whose network says the same at every step: what is forecast is then plain arithmetic."""

from rnncli.config import TrainConfig
from rnncli.data.forecast_targets import Outlook
from rnncli.data.schema import Schema
from rnncli.models.model_file import Model
from rnncli.network.network import Network
from rnncli.readers.forms import recognise
from rnncli.readers.numerals import Writing
from rnncli.tasks.columns_in import roles_of
from rnncli.tasks.forecast import Forecast


def silent(path: str, outlook: Outlook, says: float = 0.0, summary: dict | None = None, **columns: str) -> Model:
    """A model of the columns of a table, whose network puts out `says`; numbers beside the targets are read as they
    are.
    """
    config = TrainConfig(task="forecast", format="table", hidden=3, layers=1, embed=2, **columns)
    form = recognise(path, "table", roles_of(config), "utf-8", "forecast", Writing())
    aside = {*outlook.targets, *outlook.columns, config.group, config.time}
    numbers = [name for name in form.columns if name not in aside]
    n = len(numbers)
    schema = Schema(numbers=numbers, mean=[0.0] * n, std=[1.0] * n, unit=[0.0] * n, outlook=outlook)
    network = Network.initialised(Forecast(schema, form, config).architecture(config), 0)
    network.theta["output.W"][...], network.theta["output.b"][...] = 0.0, says
    return Model(network, config, None, [], "", summary or {}, schema, form)
