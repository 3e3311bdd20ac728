"""Values that JSON can write."""

import math
from typing import Any


def finite(value: Any) -> Any:
    """The same plain data with null for numbers that JSON lacks: NaN, infinities."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
