"""Ticks of an axis whose steps have times in words: dates, or numbers of steps."""

import re
from collections.abc import Sequence
from datetime import date

from rnncli.render.chart.scales import rounds, written

DATED = re.compile(r"\d{4}-\d\d")
#: from the finest unit on: where it ends in an ISO time, the first of its numbers, and steps between ticks
UNITS = (
    (19, 0, (1, 5, 15, 30)),
    (16, 0, (1, 5, 15, 30)),
    (13, 0, (1, 3, 6, 12)),
    (10, 0, (1, 2, 4, 7, 14)),
    (7, 1, (1, 3, 6)),
    (4, 0, (1, 2, 5, 10, 20, 50, 100)),
)
DAYS, HOURS, MINUTES = 10, 13, 16


def time_ticks(times: Sequence[str], most: int) -> list[tuple[float, str]]:
    """At most `most` of the steps with their times: of dates those where a round number of a unit begins."""
    most = max(1, min(most, len(times)))
    if all(DATED.match(text) for text in times):
        for cut, first, steps in UNITS:
            for apart in steps:
                found = [i for i in _begins(times, cut) if (_number(times[i], cut) - first) % apart == 0]
                if 1 < len(found) <= most:
                    end = MINUTES if cut == HOURS else cut
                    return [(float(i), times[i][:end].replace("T", " ")) for i in found]
    if all(map(str.isdecimal, times)) and int(times[-1]) - int(times[0]) == len(times) - 1 > 0:
        numbers = rounds(int(times[0]), int(times[-1]), most, whole=True)
        return [(number - int(times[0]), text) for number, text in zip(numbers, written(numbers), strict=True)]
    apart = -(-len(times) // most)
    return [(float(i), times[i].replace("T", " ")) for i in range(0, len(times), apart)]


def _begins(times: Sequence[str], cut: int) -> list[int]:
    """The steps in which another year, month, .. begins than the one before is in."""
    long_enough = [i for i in range(1, len(times)) if len(times[i]) >= cut]
    return [i for i in long_enough if times[i][:cut] != times[i - 1][:cut]]


def _number(text: str, cut: int) -> int:
    """That of the unit which ends there; days are counted on from month to month."""
    if cut == DAYS:
        return date.fromisoformat(text[:cut]).toordinal()
    digits = re.search(r"\d+$", text[:cut])
    return int(digits.group()) if digits else 0
