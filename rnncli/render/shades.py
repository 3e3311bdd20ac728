"""Colours of signed values."""


def shade(value: float) -> str:
    """Red for -1, green for +1, the background's own colour for 0."""
    strength = int(200 * min(1.0, abs(value)))
    if strength < 12:
        return ""
    return f"default on rgb({strength},0,0)" if value < 0 else f"default on rgb(0,{int(0.75 * strength)},0)"
