"""From the numbers of an axis to places on it, with round ticks.

linear    place = (value - low) / (high - low)
log       place = log(value / low) / log(high / low)
"""

import math
from dataclasses import dataclass

STEPS = (1, 2, 5, 10)  # of ticks, times a power of ten
LEAST = 3  # a scale of so many ticks has two wherever it begins
FULL = 10_000  # numbers up to here may be years, whose thousands stand together
DIGITS = 3  # after the point of 1.234e6, at least
FEW = 2  # decades: of fewer, a logarithmic axis has ticks between the powers of ten


@dataclass(frozen=True)
class Scale:
    """Of an axis from `low` to `high`."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high one."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, most: int, whole: bool = False) -> list[tuple[float, str]]:
        """At most so many round values, in words; `whole` numbers only, if there are no others between them."""
        values = _powers(self, most) if self.log else rounds(self.low, self.high, most, whole)
        return list(zip(values, written(values, self.log), strict=True))


def over(values: list[float], log: bool = False, most: int = 6, decades: float = 8) -> Scale:
    """A scale that holds all values and ends at ticks; a logarithmic one the positive values of the upper `decades`."""
    there = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = (min(there), max(there)) if there else (1.0, 1.0) if log else (0.0, 1.0)
    if log:
        low = max(low, high / 10**decades)
        return Scale(
            10 ** math.floor(math.log10(low)),
            10 ** max(math.ceil(math.log10(high)), math.floor(math.log10(low)) + 1),
            True,
        )
    if low == high:
        low, high = (low - abs(low or 1) / 2, high + abs(high or 1) / 2)
    step = _step(low, high, most, False)
    return Scale(step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9))


def tight(values: list[float]) -> Scale:
    """From the least to the largest."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    return Scale(low, high) if low < high else Scale(low - 0.5, high + 0.5)


def rounds(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from low to high: about as many as `most`, and two if there are."""
    step = _step(low, high, most, whole)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if first >= last and most < 2 * LEAST:
        return rounds(low, high, most + 1, whole)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(i * step, digits) for i in range(first, last + 1)]


def _step(low: float, high: float, most: int, whole: bool) -> float:
    span = max(high - low, 1e-300)
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(times * power for times in STEPS if span / (times * power) <= most + 1e-9)
    return max(1.0, step) if whole else step


def _powers(scale: Scale, most: int) -> list[float]:
    first, last = math.ceil(math.log10(scale.low) - 1e-9), math.floor(math.log10(scale.high) + 1e-9)
    apart = max(1, math.ceil((last - first + 1) / most))
    if last - first >= FEW:
        return [10.0**power for power in range(first, last + 1, apart)]
    between = [times * 10.0**power for power in range(first - 1, last + 1) for times in STEPS[:3]]
    return [value for value in between if scale.low * (1 - 1e-9) <= value <= scale.high * (1 + 1e-9)]


def written(values: list[float], log: bool = False) -> list[str]:
    """Ticks in words: with as many digits as tell them apart, very large and small ones as 1e6, 1e-5."""
    if log:
        return [f"{v:,.0f}" if 1 <= v < 1e5 else f"{v:g}" if 1e-3 <= v < 1 else _short(v) for v in values]
    largest = max(map(abs, values), default=0.0)
    step = min((b - a for a, b in zip(values, values[1:], strict=False)), default=1.0)
    if largest >= 1e6 or (0 < largest < 1e-3):
        digits = max(DIGITS, math.floor(math.log10(largest)) - math.floor(math.log10(step) + 1e-9))
        return [_short(v, digits) for v in values]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    apart = "," if largest >= FULL else ""
    return [f"{v + 0.0:{apart}.{decimals}f}" for v in values]


def _short(value: float, decimals: int = DIGITS) -> str:
    """1e6, 2.5e-5."""
    digits, _, power = f"{value:.{decimals}e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(power)}" if value else "0"
