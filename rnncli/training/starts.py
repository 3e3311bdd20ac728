"""What `--init` starts from: a model, or weights of PyTorch."""

from rnncli.config import TrainConfig
from rnncli.models.torch_weights import holds_weights
from rnncli.training.warm_start import WarmStart
from rnncli.training.weights_start import WeightsStart


def start_from(path: str, config: TrainConfig, given: set[str], data: str) -> WarmStart | WeightsStart:
    """`given` are the options that the user wrote, `data` is the first file."""
    return WeightsStart(path, config, given) if holds_weights(path) else WarmStart(path, config, given, data)
