"""What simple models reach on the validation part, beside the network: as words."""

from rnncli.render.text import nats_and_bits


def rivals_text(figures: dict[str, float], measure: str) -> str:
    """`unigram 3.298 nats (4.76 bits), 5-gram ..`; `mae: naive 23.9, seasonal naive 31.1`."""
    if measure == "nats":
        return ", ".join(f"{name} {nats_and_bits(value)}" for name, value in figures.items())
    return f"{measure}: {beside(figures)}"


def beside(figures: dict[str, float]) -> str:
    """The figures without their measure, which stands before them."""
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in figures.items())
