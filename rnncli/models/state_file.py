"""`--state-file FILE`: where a stream stands, so that tomorrow's part of it goes on where today's ended.

A safetensors file: the tensors of whatever holds the stream, and a metadata entry `rnncli-state` with JSON: format
version, hash of the model, and what else is to be known of the stream. Of text these are the states `state.0, ..`
(N=1, H) of all layers, and the token that was scored last and is to be read next; of series see series_state.py.
"""

import json
import os
from typing import Any, Protocol

import numpy as np

from rnncli.errors import RnncliError
from rnncli.models.model_file import Model
from rnncli.models.output import is_null
from rnncli.models.tensors import read_tensors, write_tensors
from rnncli.stored import Damaged, Size, read

FORMAT = 1
ENTRY = "rnncli-state"


class Holder(Protocol):
    """Whatever holds a stream. What its state is, only the holder knows."""

    def state(self) -> Any:
        """The state as it is."""

    def set_state(self, state: Any) -> None:
        """Go on from this state."""

    def to_tensors(self, state: Any) -> tuple[dict[str, np.ndarray], dict]:
        """The state as arrays, and what JSON takes of it."""

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> Any:
        """The state again; Damaged if it is none of this model."""


class StateFile:
    """The file of a stream of this model; `holder` gives and takes its state."""

    def __init__(self, path: str, model: Model, holder: Holder):
        self.path, self.model, self.holder = path, model, holder

    def load(self) -> None:
        """Set the stream to what the file holds; a file that does not exist yet is a new stream."""
        if is_null(self.path) or not os.path.lexists(self.path):
            return
        file = read_tensors(self.path, "state file")
        if ENTRY not in file.entries:
            raise RnncliError(f"{self.path}: not a state file, expected one written by --state-file")
        try:
            entry = dict(read(dict[str, Any], file.values(ENTRY), "state"))
            version, model = read(Size, entry.pop("format", None), "format"), entry.pop("model", None)
            if version > FORMAT:
                raise RnncliError(f"{self.path}: state format {version}, expected at most {FORMAT}: upgrade rnncli")
            if model != self.model.fingerprint():
                raise RnncliError(
                    f"{self.path}: the state of another model: use that model, or another --state-file FILE"
                )
            entry.pop("crc32", None)
            state = self.holder.from_tensors(file.tensors, entry)
            file.refuse_changed(ENTRY)
        except Damaged as error:
            raise RnncliError(f"{self.path}: a damaged state file: {error}: begin a new one") from None
        self.holder.set_state(state)

    def save(self, state: Any) -> None:
        """Write the file whole: the stream as it is, or a state it had before."""
        tensors, entry = self.holder.to_tensors(state)
        entry = {"format": FORMAT, "model": self.model.fingerprint()} | entry
        write_tensors(self.path, tensors, {ENTRY: json.dumps(entry)})
