"""Long tables group by group, where the rows of each group stand together in the file: a first reading tells, of the
columns of the group alone.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from rnncli.data import polars as pl
from rnncli.data.equal_names import plain_names
from rnncli.process.spool import RowSpool
from rnncli.readers.casting import Frames
from rnncli.readers.prefetch import ahead
from rnncli.readers.reader import Piece

IN_MEMORY = 8 << 20  # bytes of hashes


def stand_together(source: Frames, group: str) -> bool:
    """Whether no group comes again after another one, and each row has one.

    Two groups with one hash count as the same: then the table is read as a whole, which is right too.
    """
    hashes, last = RowSpool(np.int64, (), IN_MEMORY), None
    for frame in ahead(source.frames(lambda _, columns: {columns.index(group): pl.String})):
        texts = frame.to_series().str.strip_chars()
        if texts.null_count() or (texts == "").any():
            return False
        starts, names = _runs(texts)
        found = np.fromiter(map(hash, names), np.int64, len(starts))
        hashes.append(found[1:] if len(found) and found[0] == last else found)
        last = found[-1] if len(found) else last
    found = hashes.array()
    found.sort()
    return not (found[1:] == found[:-1]).any()


def whole_groups(blocks: Iterable["pl.DataFrame"], column: str, piece: Piece, values: int) -> Iterator["pl.DataFrame"]:
    """The rows of blocks in pieces of whole groups, which stand together; each row has so many values."""
    held = None
    for frame in blocks:
        frame = frame if held is None else pl.concat([held, frame])
        starts, _ = _runs(frame[column].cast(pl.String).str.strip_chars())
        first = 0
        for i in range(1, len(starts)):  # the last group may go on in the next frame
            if i == len(starts) - 1 or piece.is_full(i - first, int(starts[i] - starts[first]) * values):
                yield frame[int(starts[first]) : int(starts[i])]
                first = i
        held = frame[int(starts[first]) :] if len(starts) else frame
    if held is not None and len(held):
        yield held


def _runs(texts: "pl.Series") -> tuple[np.ndarray, list[str]]:
    """Where the runs of one name begin, and their names; 1.0 is 1."""
    starts = np.flatnonzero((np.arange(len(texts)) == 0) | texts.ne_missing(texts.shift(1)).to_numpy())
    names = plain_names(texts.gather(starts).to_list())
    others = [i for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
    return starts[others], [names[i] for i in others]
