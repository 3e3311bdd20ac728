"""What is kept of series between two parts of their rows, so that the parts are forecast as the whole would be.

Of each group: how many rows there were; the last of them, on which the inputs of the next ones look back, what is
missing in the first of these filled by the last value before it; and the states of the network before the very last
ones, which are read again: one, for its forecast speaks of the first new row, and as many as known inputs are read
ahead.

A series never seen is scaled by all its rows, and read anew with them, until there are LEARNING of them; then its
scale stays as it is. So at every row its forecasts are those that `predict --from` gives there, on the whole file, or
that `--from` LEARNING gives at later rows.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnncli.data.columns import Columns, offsets_of, series_names, stretch_of
from rnncli.data.equal_names import ByName
from rnncli.data.extent import Extent
from rnncli.data.scale import Scale
from rnncli.data.times.public_holidays import of_a_place
from rnncli.data.times.stamps import offset_of
from rnncli.errors import RnncliError, UsageError, note
from rnncli.models.model_file import Model
from rnncli.predictors.series_tensors import Kept, from_tensors, to_tensors
from rnncli.process.temporary import in_blocks
from rnncli.readers.naming import listed
from rnncli.readers.text_codes import merge

LEARNING = 128  # rows that a series never seen is scaled by


class Carry:
    """The groups of a model, by key."""

    def __init__(self, model: Model):
        o = model.schema.outlook
        self.model, self.outlook, self.grouped = model, o, bool(model.config.group)
        self.again = max([1, *o.looks_ahead])
        self.reach = o.memory - 1 + self.again + (o.season if o.anchor in ("season", "linear") else 0)
        self.beside = max(1, len(o.columns))  # M
        self.groups: dict[str, Kept] = ByName()

    @property
    def last(self) -> dict:
        """The times of the last rows, by group."""
        return {key: kept.tail.times[-1] for key, kept in self.groups.items() if kept.tail.times is not None}

    # -- before new rows are read -------------------------------------------------------------------------------

    def of(self, names: list[str]) -> list[Kept | None]:
        """What is kept of the groups of these names."""
        return [self.groups.get(key) for key in names]

    def tails(self, names: list[str]) -> np.ndarray:
        """(groups,) how many rows are kept."""
        return np.array([kept.tail.total if kept else 0 for kept in self.of(names)], np.int64)

    def numbers(self, names: list[str]) -> np.ndarray:
        """(groups,) the number of the first row that is kept in its series, steps put in counted."""
        return np.array([kept.steps - kept.tail.total if kept else 0 for kept in self.of(names)], np.int64)

    def reads(self, names: list[str]) -> np.ndarray:
        """(groups,) the row of the tail that the network begins at."""
        begins = [0 if kept is None or kept.learning else kept.tail.total - self.again for kept in self.of(names)]
        return np.maximum(0, np.array(begins, np.int64))

    def scales(self, names: list[str]) -> dict[str, Scale]:
        """The scales, (K,) each, of series that were found before, by their keys."""
        found: dict[str, Scale] = {}
        for key, kept in zip(names, self.of(names), strict=True):
            if kept and kept.scale:
                scales = [Scale(*parts) for parts in zip(*kept.scale, strict=True)]
                found |= dict(zip(self._series(key), scales, strict=True))
        return found

    def initial(self, names: list[str]) -> list[np.ndarray] | None:
        """The states (groups · M, H) of each layer; None if there are none."""
        given = [kept.states if kept else None for kept in self.of(names)]
        some = next(filter(None, given), None)
        if some is None:
            return None
        zero = [np.zeros_like(state) for state in some]
        return [np.concatenate(layer) for layer in zip(*(states or zero for states in given), strict=True)]

    def join(self, new: Columns) -> Columns:
        """The new rows behind those that are kept of their groups."""
        kept, tails = self.of(new.names), self.tails(new.names)
        if not tails.any():
            return replace(new, order=in_blocks(new.total, np.arange), where=new.place_of)
        parts, lengths = [*(k.tail for k in kept if k), new], tails + new.lengths
        begin = np.repeat(offsets_of(lengths)[:-1], lengths)
        later = np.arange(len(begin)) - begin >= np.repeat(tails, lengths)
        rows = np.empty(len(begin), np.int64)  # where each row stands in the parts, one after the other
        rows[~later], rows[later] = np.arange(tails.sum()), tails.sum() + np.arange(new.total)
        together = replace(
            new,
            numbers=np.concatenate([part.numbers for part in parts]),
            coded={name: merge([part.coded[name] for part in parts]) for name in new.coded},
            times=None if new.times is None else np.concatenate([part.times for part in parts]),
            numbering=np.concatenate([*(k.numbering for k in kept if k), _numbered(new, kept)]),
            order=np.concatenate([np.full(tails.sum(), -1), np.arange(new.total)]),
            where=new.place_of,
        )
        return together.taken(rows, lengths)

    def late(self, new: Columns) -> Iterator[tuple[int, str]]:
        """Rows that come after later ones of their group, or are there twice, and what is to be said of it."""
        if new.times is None:
            return
        text = self.outlook.clock_of(new).text
        for i, key in enumerate(new.names):
            begin, end = new.offsets[i : i + 2].tolist()
            before = self.groups[key].tail.times[-1:] if key in self.groups else new.times[:0]
            times = np.concatenate([before, new.times[begin:end]])
            for at in np.flatnonzero(times[1:] <= times[:-1]).tolist():
                of = f" of group {key}" if self.grouped else ""
                row = begin + at + 1 - len(before)
                yield row, f"a row{of} at {text(times[at + 1])}, and one at {text(times[at])} was read before it"

    def learns(self, key: str) -> bool:
        """Whether the scale of a group is still to be found."""
        return self.groups[key].learning if key in self.groups else self._is_new(key)

    def settled(self, names: list[str], scaled_by: np.ndarray) -> np.ndarray:
        """(groups,) whether the scales of these groups, which so many rows tell, do not change any more."""
        few = (scaled_by < LEARNING).tolist()
        return np.array([not (f and self.learns(key)) for key, f in zip(names, few, strict=True)], bool)

    def note_looking_ahead(self, names: list[str], name: str) -> None:
        """Say it where a series never seen is scaled by all of its rows, those after a row that is scored too."""
        unseen = [key for key, kept in zip(names, self.of(names), strict=True) if self._never_seen(key, kept)]
        if unseen:
            series = f"series never seen in training ({listed(tuple(unseen), 4)})" if any(unseen) else "a new series"
            note(
                f"{name}: {series}: scaled by all rows, so metrics of early rows depend on later ones: --from ROW "
                "scales by the rows before it, --follow by the rows so far"
            )

    def refuse_unnamed(self, columns: Columns) -> None:
        """Each series has to have a name of its own, to be found again."""
        keys = columns.names
        if len(set(keys)) < len(keys):
            raise UsageError(
                "--state-file and several series without names cannot be combined: use a file with one series, or a "
                "model trained with --group"
            )

    def refuse_other_offset(self, new: Columns, name: str) -> None:
        """RnncliError where the clock was moved since, and the days of holidays depend on what it shows."""
        for kept in self.of(new.names) if self.outlook.holidays and not new.zone else []:
            before = kept.tail.time_sample if kept else ""
            if before and offset_of(before) != offset_of(new.time_sample):
                raise RnncliError(
                    f"{name}: times as {new.time_sample}, those in --state-file as {before}, expected the same offset "
                    f"from UTC: {of_a_place(self.outlook.holidays)}"
                )

    def _series(self, key: str) -> list[str]:
        """The names of the series of a group."""
        return series_names([key], self.outlook.columns) if self.outlook.columns else [key]

    def _is_new(self, key: str) -> bool:
        """Whether a series of the group has no scale of training."""
        return any(map(self.outlook.finds_scale, self._series(key)))

    def _never_seen(self, key: str, kept: Kept | None) -> bool:
        known = self.outlook.number_of
        own = any(name not in known and self.outlook.finds_scale(name) for name in self._series(key))
        return own and not (kept and kept.scale)

    # -- after they were read -----------------------------------------------------------------------------------

    def origins(self, extent: Extent) -> np.ndarray:
        """The rows of series before which states are to be kept: those of groups with new rows and a known scale."""
        groups, M = self._settled(extent), self.beside
        series = (groups[:, None] * M + np.arange(M)).ravel()
        return extent.series.offsets[series] + np.maximum(0, np.repeat(extent.past[groups], M) - self.again)

    def settled_names(self, extent: Extent) -> list[str]:
        """The names of these groups."""
        return [extent.table.names[i] for i in self._settled(extent).tolist()]

    def keep(self, extent: Extent, states: list[np.ndarray]) -> None:
        """The rows of the past have been read: the next ones of these groups go on from there. `states` (rows, H) of
        each layer are those before the `origins`.
        """
        places, M = {i: at for at, i in enumerate(self._settled(extent).tolist())}, self.beside
        layers = [state.reshape(-1, M, *state.shape[1:]) for state in states]
        found = {}
        for i in self._read(extent).tolist():
            key, end = extent.table.names[i], int(extent.past[i])
            begin = int(extent.table.offsets[i])
            count = int(extent.table.row_numbers[begin : begin + end].max(initial=-1)) + 1
            steps = int(extent.numbers[i]) + end
            if i not in places:
                zero = [np.zeros(layer.shape[1:], layer.dtype) for layer in layers]
                found[key] = Kept(count, stretch_of(extent.table, i, 0, end), True, zero, None, steps)
                continue
            mine, s = slice(i * M, (i + 1) * M), extent.series
            scale = Scale(s.mean[mine], s.std[mine], s.flat[mine]) if self._is_new(key) else None
            tail = self._tail(extent, i, max(0, end - self.reach), end)
            own = [layer[places[i]].copy() for layer in layers]
            found[key] = Kept(count, tail, False, own, scale, steps)
        self.groups |= found

    def _read(self, extent: Extent) -> np.ndarray:
        """The numbers of the groups that have new rows."""
        return np.flatnonzero(extent.past > self.tails(extent.table.names))

    def _settled(self, extent: Extent) -> np.ndarray:
        """Of these, those whose scale does not change any more."""
        read = self._read(extent)
        return read[self.settled([extent.table.names[i] for i in read.tolist()], extent.scaled_by[read])]

    def _tail(self, extent: Extent, i: int, begin: int, end: int) -> Columns:
        """Rows begin to end of group i. Targets that its first season lacks, which is only looked back on, are as the
        whole series has filled them; other numbers that its first row lacks are the last before it.
        """
        o, M, columns = self.outlook, self.beside, extent.table
        tail = stretch_of(columns, i, begin, end)
        count = max(1, tail.total - (o.memory - 1 + self.again)) if begin else 0
        for k, name in enumerate(o.columns or o.targets):
            number, column = (i * M + k, 0) if o.columns else (i, k)
            mine = tail.numbers[:count, tail.number_names.index(name)]
            rows = np.flatnonzero(np.isnan(mine))
            series = extent.series
            mine[rows] = o.unstraighten(series.filled.lag(series.offsets[number] + begin + rows, 0))[:, column]
        first = int(columns.offsets[i])
        for d in np.flatnonzero(np.isnan(tail.numbers[0])):
            there = np.flatnonzero(~np.isnan(columns.numbers[first : first + begin, d]))
            if len(there):
                tail.numbers[0, d] = columns.numbers[first + there[-1], d]
        return tail

    # -- as a file ----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Kept]:
        """What is kept of all groups; it does not change any more."""
        return dict(self.groups)

    def set_state(self, groups: dict[str, Kept]) -> None:
        """Go on from what `state` gave."""
        self.groups = ByName(groups)

    def to_tensors(self, groups: dict[str, Kept]) -> tuple[dict[str, np.ndarray], dict]:
        """What `state` gave, as tensors and values of a state file."""
        return to_tensors(groups, self.beside, len(self.outlook.targets))

    def from_tensors(self, tensors: dict[str, np.ndarray], entry: dict) -> dict[str, Kept]:
        """The way back; Damaged if they are no state of this model."""
        return from_tensors(tensors, entry, self.model, self.beside, self.grouped)


def _numbered(new: Columns, kept: list[Kept | None]) -> np.ndarray:
    """The numbers of new rows in their series, which go on from those that were kept."""
    return new.row_numbers + np.repeat([k.count if k else 0 for k in kept], new.lengths)
