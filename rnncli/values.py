"""Values of options: whether their declarations allow them, and texts that have parts. UsageError for all others."""

import math
import operator
import re
from collections.abc import Mapping
from typing import Any

from rnncli import registry
from rnncli.errors import UsageError

#: bounds of declarations -> the comparison that holds
BOUNDS = {"min": operator.ge, "above": operator.gt, "max": operator.le, "below": operator.lt}

AMOUNT = r"(\d+(?:\.\d+)?) ?"  # of hours, minutes or seconds
SIZES = {"k": 10**3, "m": 10**6, "g": 10**9}  # bytes

POINTS = ("bernoulli", "mse", "mae")  # losses without quantiles
QUANTILES = "0.1,0.5,0.9"
CELLS = ("lstm", "gru", "conv")  # an example of some to compare


def check(option: str, value: Any, said: Mapping[str, Any]) -> None:
    """UsageError if the value is none of those that the option's declaration allows; None always is."""
    if value is None or value in said.get("words", ()):
        return
    if "pattern" in said and not re.fullmatch(said["pattern"], value):
        raise UsageError(f"{option} {value}: expected {said['metavar']}")
    if "values" in said:
        for one in value.split(",") if said.get("joined") else [value]:
            one_of(option, one, said["values"])
    bounds = range_of(said)
    within = all(compare(value, said[name]) for name, compare in BOUNDS.items() if name in said)
    if bounds and not (within and math.isfinite(value)):
        kind = "a whole number" if isinstance(value, int) else "a number"
        raise UsageError(f"{option} {value}: expected {kind} {bounds}")


def bytes_of(option: str, text: str) -> int:
    """`500MB` -> 500,000,000; 500 mb and 500M are the same."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmg])b?", text.lower())
    if not found or not float(found[1]):
        raise UsageError(f"{option} {text}: expected a size in kB, MB or GB, such as 500MB")
    return int(float(found[1]) * SIZES[found[2]])


def minutes_of(option: str, text: str) -> float:
    """`30s` -> 0.5; `2h`, `1h30m` and a bare number of minutes are others. UsageError for all else."""
    try:
        return float(text)
    except ValueError:
        found = re.fullmatch(rf"(?:{AMOUNT}h)? ?(?:{AMOUNT}m(?:in)?)? ?(?:{AMOUNT}s)?", text.strip().lower())
    if not found or not any(found.groups()):
        raise UsageError(f"{option} {text}: expected minutes such as 0.5, or a time such as 30s, 2h or 1h30m")
    hours, minutes, seconds = (float(amount or 0) for amount in found.groups())
    return 60 * hours + minutes + seconds / 60


def duration(minutes: float) -> str:
    """0.5 -> `30 s`, 90 -> `1 h 30 min`, as a person writes it and `minutes_of` reads it; to a second, a shorter one to
    three digits.
    """
    seconds = 60 * minutes
    if seconds < 59.5:
        return f"{float(f'{seconds:.3g}'):g} s"
    left, said = round(seconds), []
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        amount, left = divmod(left, size)
        said += [f"{amount} {unit}"] if amount else []
    return " ".join(said)


def number(option: str, text: str) -> float:
    """The value of an option that is part of a text."""
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{option}={text}: expected a number") from None


def range_of(said: Mapping[str, Any]) -> str:
    """`from 1 to 64`, `of at least 0`, `above 0, up to 100`: the bounds that a declaration has, in words."""
    above, high = "above" in said, said.get("max", said.get("below"))
    if not above and "min" not in said:
        return ""
    if high is None:
        return f"above {said['above']:g}" if above else f"of at least {said['min']:g}"
    start = f"above {said['above']:g}, up" if above else f"from {said['min']:g}"
    return f"{start} to {'below ' * ('below' in said)}{high}"


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    """UsageError if the value is not among the allowed ones."""
    if value not in allowed:
        raise UsageError(f"{option} {value}: expected one of {', '.join(allowed)}")


def parse_missing(text: str | None) -> tuple[str, ...]:
    """`-,n.a.,-999` -> the tokens, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, (text or "").split(",")))))


def parse_weights(text: str | None) -> dict[str, float]:
    """`spam=3,ham=1` -> {"spam": 3.0, "ham": 1.0}; of `balanced`, and of None, nothing."""
    weights = {}
    for item in [] if text in (None, "balanced") else text.split(","):
        label, _, value = item.rpartition("=")
        try:
            weights[label] = float(value)
        except ValueError:
            weights[label] = -1.0
        if not 0 < weights[label] < float("inf"):
            raise UsageError(f"--class-weights {item}: expected balanced, or LABEL=WEIGHT,.. with weights above 0")
    return weights


def check_time_format(text: str | None) -> None:
    """Whether these are directives of strptime that say a date, a time or both."""
    if text in (None, "number"):
        return
    letters = re.findall(r"%[-^#]?\d?(?:\[\w+\.?\](?=[AB]))?(.)", text)
    if not letters or set(letters) - set("aAbBdDfGhHIjKmMnNpqsSuVyYz%") or len(set(letters)) < len(letters):
        raise UsageError(f"--time-format {text}: expected a strptime format such as %d/%m/%Y %H:%M, or number")


def parse_cell(text: str) -> tuple[str, dict[str, str]]:
    """`rnn:activation=relu` -> ("rnn", {"activation": "relu"}); options are checked by the cell's own file."""
    name, _, rest = text.partition(":")
    one_of("--cell", name, registry.names("cells"))
    options = {}
    for item in filter(None, rest.split(",")):
        key, equals, value = item.partition("=")
        if not equals or not key or not value:
            raise UsageError(f"--cell {text}: expected NAME:key=value,key=value, found {item!r}")
        options[key] = value
    return name, options


def parse_cells(text: str) -> tuple[str, ...]:
    """`lstm,rnn:radius=0.9,inputs=0.1,conv` -> the cells with their options; UsageError for one, or one given twice."""
    cells: list[str] = []
    for item in text.split(","):
        if cells and "=" in item and ":" not in item:  # a further option of the cell before it
            cells[-1] += f",{item}"
        else:
            cells.append(item)
    for cell in cells:
        parse_cell(cell)
    if len(cells) < 2 or len(set(cells)) < len(cells):
        raise UsageError(f"--cells {text}: expected several cells, each once, such as {','.join(CELLS)}")
    return tuple(cells)


def parse_levels(text: str | None) -> tuple[float, ...]:
    """`0.1,0.5,0.9` -> ascending levels between 0 and 1."""
    try:
        levels = tuple(sorted({float(item) for item in (text or QUANTILES).split(",")}))
    except ValueError:
        levels = ()
    if not levels or not 0 < levels[0] <= levels[-1] < 1:
        raise UsageError(f"--quantiles {text}: expected levels between 0 and 1 such as {QUANTILES}")
    return levels


def refuse_quantiles(loss: str) -> None:
    """Where a loss has none."""
    if loss in POINTS:
        raise UsageError(f"--quantiles and --loss {loss} cannot be combined: this loss has no quantiles")
