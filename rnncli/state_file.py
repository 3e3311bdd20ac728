"""`--state FILE`: where a carried stream stands, so that tomorrow's part of a log goes on where today's ended.

A safetensors file: the states (N=1, H) of all layers, and a metadata entry `rnncli-state` with JSON: format version,
hash of the model, the token that was scored last and is to be read next.
"""

import json

import numpy as np
import safetensors
from safetensors.numpy import save

from rnncli.errors import RnncliError, UsageError, describe_os_error
from rnncli.model_file import check_writable, write_whole
from rnncli.prediction import Predictor

FORMAT = 1
ENTRY = "rnncli-state"


class StateFile:
    """The file of a predictor's stream."""

    def __init__(self, path: str, predictor: Predictor):
        if not predictor.carry:
            raise UsageError("--state and --no-carry do not go together (a model of lines needs --carry for it)")
        check_writable(path)
        self.path, self.predictor = path, predictor

    def load(self) -> None:
        """Set the stream to what the file holds; a file that does not exist yet is a new stream."""
        try:
            with open(self.path, "rb") as stream:
                data = stream.read()
        except FileNotFoundError:
            return
        except OSError as error:
            raise describe_os_error(self.path, error) from None
        states, entry = self._parsed(data)
        if entry["model"] != self.predictor.model.fingerprint():
            raise RnncliError(f"{self.path}: the state of another model: give that model, or another --state")
        self.predictor.stream.set_state(states, entry["last"])

    def _parsed(self, data: bytes) -> tuple[list[np.ndarray], dict]:
        try:
            length = int.from_bytes(data[:8], "little")
            entry = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][ENTRY])
            tensors = safetensors.numpy.load(data)
            states = [tensors[f"state.{index}"] for index in range(len(tensors))]
            if entry["format"] > FORMAT:
                raise ValueError(f"format {entry['format']}, this version reads up to {FORMAT}")
            shapes = [state.shape for state in self.predictor.stream.u.states()]
            if entry["model"] == self.predictor.model.fingerprint() and [s.shape for s in states] != shapes:
                raise ValueError("states of other shapes")
            return states, {"model": str(entry["model"]), "last": int(entry["last"])}
        except (KeyError, ValueError, TypeError, safetensors.SafetensorError) as error:
            raise RnncliError(f"{self.path}: not a state file ({error}): expected one written by --state") from None

    def save(self, state: tuple[list[np.ndarray], int] | None = None) -> None:
        """Write the file whole: the stream as it is, or a state it had before."""
        states, last = state or self.predictor.stream.state()
        entry = {"format": FORMAT, "model": self.predictor.model.fingerprint(), "last": last}
        write_whole(self.path, save({f"state.{i}": s for i, s in enumerate(states)}, {ENTRY: json.dumps(entry)}))
