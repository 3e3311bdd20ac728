"""The one place that writes tensors."""

import numpy as np
from safetensors.numpy import save

from rnncli.models.output import write_whole


def write_tensors(path: str, tensors: dict[str, np.ndarray], entries: dict[str, str]) -> None:
    """A safetensors file, whole or not at all; `entries` are its metadata.

    Arrays may lie in memory in any order. safetensors 0.8.0 writes the bytes as they lie, so that of a transposed
    array the file has wrong numbers; here each is put in C order first.
    """
    write_whole(path, save({name: np.asarray(array, order="C") for name, array in tensors.items()}, entries))
