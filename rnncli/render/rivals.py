"""What simple models reach on the validation part, beside the network: as words."""

from typing import Any

from rnncli.render.text import nats_and_bits


def rivals_text(figures: dict[str, float], measure: str) -> str:
    """`unigram 3.298 nats (4.76 bits), 5-gram ..`; `mae: naive 23.9, seasonal naive 31.1`."""
    if measure == "nats":
        return ", ".join(f"{name} {nats_and_bits(value)}" for name, value in figures.items())
    return f"{measure}: {beside(figures)}"


def beside(figures: dict[str, float]) -> str:
    """The figures without their measure, which stands before them."""
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in figures.items())


def own_figure(summary: dict[str, Any]) -> float | None:
    """That of the network, in the measure of the rivals; None where there is none, as in older files."""
    measure = summary.get("rivals_measure", "nats")
    return summary.get("valid_loss") if measure == "nats" else (summary.get("metrics") or {}).get(measure)


def better_rival(summary: dict[str, Any]) -> list[str]:
    """A line that says so if the best rival is better than the network."""
    own, figures = own_figure(summary), summary.get("rivals")
    if own is None or not figures:
        return []
    name = min(figures, key=figures.__getitem__)
    if not figures[name] < own:
        return []
    measure = summary.get("rivals_measure", "nats")
    return [f"{name.replace('_', ' ')} is better than the network: {measure} {figures[name]:.4g} against {own:.4g}"]
