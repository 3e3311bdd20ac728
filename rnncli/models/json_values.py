"""Values that JSON can write."""

import math
from typing import Any


def finite(value: Any, digits: int | None = None) -> Any:
    """The same plain data with null for numbers that JSON lacks: NaN, infinities; others with so many digits."""
    if isinstance(value, dict):
        return {key: finite(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item, digits) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}") if digits and isinstance(value, float) else value
