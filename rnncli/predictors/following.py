"""A stream of rows, each forecast or scored before the next one is waited for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rnncli.data.extent import Extent
from rnncli.data.times.zones import to_instants
from rnncli.errors import RnncliError
from rnncli.predictors.series_reader import SeriesReader
from rnncli.readers.tables import Grown, grow_table


@dataclass(frozen=True)
class Arrived:
    """Rows that have come, with what was kept of their groups before them."""

    extent: Extent
    grown: Grown

    def place(self, row: int) -> int:
        """When a row of the series came, among the rows that are new."""
        return int(self.grown.order[self.extent.table.order[self.extent.place_of(row)]])


def follow(reader: SeriesReader, path: str, encoding: str | None, mode: str, ahead: int) -> Iterator[Arrived]:
    """Rows as they come. All that are there go together, but one by one where the scale of a series is found meanwhile,
    where forecasts run on for `ahead` steps from inputs as they are, and where one of the rows comes too late.

    Before the next ones are asked for, `Carry.keep` has to be told of them.
    """
    carry, zone = reader.carry, reader.outlook.clock.zone
    for grown in grow_table(path, replace(reader.request(encoding), known=None, numbers=reader.numbers)):
        grown = replace(grown, columns=to_instants(grown.columns, zone, "the input", carry.last, in_order=False))
        apart = ahead or any(map(carry.learns, grown.columns.names)) or any(carry.late(grown.columns))
        for rows in grown.alone() if apart else [grown]:
            for row, what in carry.late(rows.columns):
                raise RnncliError(f"{rows.place(int(rows.order[row]))}: {what}, expected rows in the order of time")
            yield Arrived(reader.arrived(rows.columns, mode, ahead), rows)
