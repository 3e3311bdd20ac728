"""Numbers and little pictures as text, shared by the terminal and the plain lines."""

import math
from collections.abc import Collection, Sequence
from itertools import pairwise

from rnncli import registry
from rnncli.config import TrainConfig
from rnncli.values import duration

ACCENT = "cyan"  # the one colour of names and titles
WARNING = "yellow"
ENDS = ("\\n", "<end>")  # tokens that end a line
NARROW = 60  # columns: in fewer, tables leave out what can be spared
BLOCKS = "▁▂▃▄▅▆▇█"


def count(n: float) -> str:
    """1234567 -> 1.2 M; below 10,000 in full with commas."""
    if n < 10_000:
        return f"{n:,.0f}"
    for limit, divisor, unit in ((1e6, 1e3, "k"), (1e9, 1e6, "M"), (math.inf, 1e9, "G")):
        if n < 0.9995 * limit:
            return f"{n / divisor:.{0 if n / divisor >= 99.95 else 1}f} {unit}"
    return f"{n:g}"


def clock(seconds: float) -> str:
    """3:07, or 1:02:33."""
    minutes, s = divmod(int(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02d}:{s:02d}" if hours else f"{m}:{s:02d}"


def number(value: float | None) -> str:
    """0.5, or ? where a file does not say it."""
    return "?" if value is None else f"{value:g}"


def nats_and_bits(nats: float) -> str:
    """1.0 -> 1.000 nats (1.44 bits)."""
    return f"{nats:.3f} nats ({nats / math.log(2):.2f} bits)"


def loss_text(task: str, loss: float) -> str:
    """A validation loss with its unit."""
    return registry.declared("tasks")[task]["loss"].format(nats=loss, bits=loss / math.log(2))


def budget(config: TrainConfig | dict) -> str:
    """`3 min`, `1 epoch`: of a TrainConfig or its JSON."""
    values = config if isinstance(config, dict) else vars(config)
    if values["minutes"]:
        return duration(values["minutes"])
    return f"{number(values['epochs'])} epoch{'s' * (values['epochs'] != 1)}"


def visible(text: str) -> str:
    """Line ends as ↵, tabs as →, and no other character that a terminal would act on."""
    named = {"\n": "↵", "\t": "→"}
    return "".join(named.get(c, c if c.isprintable() else "·") for c in text)


def symbol(token: str) -> str:
    """A token as the views name it, with line ends, ends of records, tabs and unknown ones as one sign."""
    return {"\\n": "↵", "\\t": "→", "<end>": "¶", "<unk>": "�"}.get(token) or visible(token)


def rows_of(tokens: Sequence[str], wide: Sequence[float], room: float, breaks: Collection[int] = ()) -> list[list[int]]:
    """The tokens, so `wide` each, as lines: their indices. A line ends where it is full, if it can after a space; after
    line ends; and before the tokens of `breaks`.
    """
    rows: list[list[int]] = [[]]
    for i, token in enumerate(tokens):
        row = rows[-1]
        if row and (i in breaks or (tokens[i - 1] in ENDS and token not in ENDS)):
            rows.append([])
        elif row and token != " " and sum(wide[j] for j in row) + wide[i] > room:
            whole = next((at for at in range(len(row), 0, -1) if tokens[row[at - 1]] == " "), len(row))
            rows.append(row[whole:])
            del row[whole:]
        rows[-1].append(i)
    return rows


def thinned(values: list[float], width: int) -> list[float]:
    """At most `width` values: means of neighbours."""
    if len(values) <= width:
        return list(values)
    edges = [round(i * len(values) / width) for i in range(width + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def sparkline(values: list[float], width: int = 24) -> str:
    """The values as little bars, averaged down to `width` of them."""
    if not values:
        return ""
    values = thinned(values, width)
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(BLOCKS[min(7, int(8 * (v - low) / span))] for v in values)


def spread(count: int) -> list[int]:
    """0, 1, 2, 3, .. and then about a third further each time."""
    out, lag = [], 0
    while lag < count:
        out.append(lag)
        lag = max(lag + 1, round(lag * 1.35))
    return out


def members_text(summary: dict) -> str:
    """The losses of several networks on the validation part, and that of their mean."""
    alone = ", ".join(f"{loss:.4g}" for loss in summary["members"])
    return f"loss {alone} alone, {summary['valid_loss']:.4g} together"


def tried_text(tried: dict[str, float], measure: str = "loss") -> str:
    """What was compared by its loss, or error, on the validation part, and which was kept."""
    kept = min(tried, key=tried.__getitem__)
    return "; ".join(f"{name}: {measure} {error:.4g}{', kept' * (name == kept)}" for name, error in tried.items())


def aligned(table: list[list[str]], left: int) -> list[str]:
    """Rows as lines: the first `left` columns stand on the left, the others on the right; the last may be longer."""
    widths = [max(len(row[i]) for row in table) for i in range(min(map(len, table)))]
    return [
        "  ".join(
            text.ljust(width) if i < left else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, [*widths, 0], strict=False))
        ).rstrip()
        for row in table
    ]
