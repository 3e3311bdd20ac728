"""Hidden states as one binary file on stdout."""

import shutil
import sys
from collections.abc import Iterator

import numpy as np

from rnncli.errors import RnncliError, UsageError
from rnncli.process.spool import RowSpool
from rnncli.process.temporary import temporary_file

IN_MEMORY = 8 << 20  # bytes of states


def write_states(states: Iterator[np.ndarray], which: str, to: str | None, both: bool = False) -> None:
    """h (steps, layers, width) of each sequence, whole or the last of it, as one binary file on stdout.

    `both`: the second half of the units reads backwards, see `last_state`.
    """
    to = to or ("npy" if which == "last" else "npz")
    if to not in ("npy", "npz") or (to == "npy" and which == "all"):
        raise UsageError(f"--states {which} and --to {to} cannot be combined: use npz, or npy with --states last")
    if sys.stdout.isatty():
        raise UsageError("--states writes binary data: redirect it to a file or a pipe")
    kept, lengths = None, RowSpool(np.int64, (), IN_MEMORY)
    for h in states:
        rows = last_state(h, both)[None] if which == "last" else h
        kept = kept or RowSpool(rows.dtype, rows.shape[1:], IN_MEMORY)
        kept.append(rows)
        lengths.append(np.array([len(h)]))
    if kept is None:
        raise RnncliError("no input lines, expected at least one to write states of")
    with temporary_file() as whole:  # NumPy writes to a pipe past Python's buffer, so not to stdout itself
        if to == "npy":
            np.save(whole, kept.array())
        else:
            np.savez(whole, h=kept.array(), lengths=lengths.array())
        whole.seek(0)
        shutil.copyfileobj(whole, sys.stdout.buffer)


def last_state(h: np.ndarray, both: bool) -> np.ndarray:
    """(layers, width) of h (L, layers, width): where each direction has read all, as in PyTorch's h_n.

    h[L-1] of a layer that reads onwards; `both`: and h[0] of the second half of its units, which reads backwards. Of a
    sequence without steps it is the state that the network starts from, zero.
    """
    if not len(h):
        return np.zeros(h.shape[1:], h.dtype)
    last = h[-1].copy()
    if both:
        H = h.shape[2] // 2
        last[:, H:] = h[0, :, H:]
    return last
