"""Channels of (stamp, value) pairs, `(2024-01-31 12:00:00,1.5),(..)`, with `:` between them as inside the stamps."""

import re
from collections.abc import Callable
from datetime import datetime

from rnncli.errors import RnncliError

PAIR = r"\s*\([^()]*\)\s*"
CHANNEL = re.compile(rf"{PAIR}(?:,{PAIR})*(:|$)")
INSIDE = re.compile(r"\(([^()]*)\)")

Fail = Callable[[str, str], RnncliError]  # of what was found, and what was expected


def pairs_of(text: str, fail: Fail) -> list[list[str]]:
    """The values of each channel, in the order of growing stamps, which are those of all channels."""
    channels: list[list[str]] = []
    first, found = None, None
    while found is None or found[1]:
        place = found.end() if found else 0
        found = CHANNEL.match(text, place)
        if not found:
            raise fail(repr(text[place : place + 40]), "(stamp, value) pairs with commas between them")
        pairs = [pair.rpartition(",") for pair in INSIDE.findall(found[0])]
        stamps = _stamps([stamp.strip() for stamp, _, _ in pairs], fail)
        first = first or stamps
        if stamps != first:
            raise fail(f"other stamps in channel {len(channels) + 1}", "those of the first channel")
        channels.append([value for _, _, value in pairs])
    return channels


def _stamps(texts: list[str], fail: Fail) -> list:
    """Numbers or dates; each must be later than the one before it."""
    kinds = (int, float, lambda text: datetime.fromisoformat(text.strip("\"'")))  # int: exact, however large
    stamps = next(filter(None, (_read(texts, kind) for kind in kinds)), None)
    if not stamps:
        raise fail(f"stamps {texts[0]} to {texts[-1]}", "numbers, or dates as 2024-01-31 12:00:00")
    for before, after, text in zip(stamps, stamps[1:], texts[1:], strict=False):
        if not before < after:
            raise fail(f"stamp {text} behind one that is not earlier", "growing stamps")
    return stamps


def _read(texts: list[str], kind: Callable) -> list:
    """All of them, or none."""
    try:
        stamps = [kind(text) for text in texts]
        return stamps if len({getattr(stamp, "tzinfo", None) is None for stamp in stamps}) == 1 else []
    except ValueError:
        return []
