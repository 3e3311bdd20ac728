"""The text of the page about cores."""

from dataclasses import dataclass
from statistics import geometric_mean, median

from measure import Comparison, Settings
from page import label, machine, mark, table, warnings
from sides import LINE_TOKENS, LINES, V

from rnncli.kernels.cpus import usable_cpus
from rnncli.predictors.stream import STREAM_STEPS

FEW = 8  # cores; with fewer, the page says what it does not show

#: (cell, hidden, layers, batch, steps) -> tokens a second of PyTorch 2.11.0 with cuDNN on one NVIDIA H100. Measured
#: once, on the same updates; not by this program, which needs no GPU.
H100 = {
    ("lstm", 128, 1, 32, 64): 845_000,
    ("lstm", 256, 1, 50, 50): 577_000,
    ("lstm", 512, 1, 64, 64): 818_000,
    ("lstm", 256, 2, 50, 50): 378_000,
    ("lstm", 1024, 1, 64, 64): 841_000,
    ("gru", 512, 1, 64, 64): 909_000,
    ("rnn", 256, 1, 50, 50): 1_467_000,
}

PAGE = """# Cores, and when a GPU pays

Made by `make bench-cores`; do not edit.{warnings}

{machine}
Other processes took {busy:.1%} of the CPU time during the run.

The process could use {cores}.{few}

## How it was measured

- Both sides in one run, turn by turn: ours with 1 thread, PyTorch with 1 thread, ours with 2, and so on, round by
  round, after a warm-up. Rounds: {rounds}; a turn takes about {seconds:g} s, or longer for work that cannot be shorter.
- A cell is `ours/PyTorch = ratio`: medians of the rounds, in thousand tokens a second, and the median of
  ours / PyTorch of each round. Above 1 we are faster.
- *Default against best*: ours with its default number of threads (`--threads` not given) against PyTorch with the
  number that is best for PyTorch in this row. The numbers of threads are in brackets; the last brackets hold the least
  and the greatest ratio of a round.
- *Default of our best*: our speed with the default number of threads, in percent of our speed with the number that is
  best for us in this row, which is in brackets.
- The work is that of [benchmarks.md](benchmarks.md#how-it-was-measured): float32, vocabulary {V}, embedding as wide as
  the hidden layer, random tokens. PyTorch scores the stream in windows of {window} tokens and generates with oneDNN
  off, its fastest ways there.

## Training

{training}

Default against best: geometric mean **{training_mean:.2f}**, least {training_least:.2f}.

## Prediction

*lines*: {lines} lines of {line_tokens} tokens are scored side by side. *stream*: one stream is scored, its state
carried from its first token to its last. *generation*: every token is drawn and fed back, batch 1.

{prediction}

Default against best: geometric mean **{prediction_mean:.2f}**, least {prediction_least:.2f}.

## When a GPU pays

The wider the network, the more a GPU gains. For training, on an NVIDIA H100:

{words}

So a GPU pays for wide networks that train for hours. A narrow network that trains for minutes saves minutes: the H100
trains `lstm 1 x 1024` as fast as `lstm 1 x 128`, which leaves most of it idle. rnncli itself does not use a GPU: to use
one is to write the training in PyTorch or in another framework.

In thousand tokens a second:

{gpu}

- Source: the H100's figures were not measured in this run. They are of another machine with one H100, PyTorch 2.11.0
  with cuDNN, and the same networks, batches and windows.
- rnncli's figures are those of *Training* above, with its default number of threads.
- *An hour of rnncli*: how long the H100 takes for what rnncli does in an hour here.
- Prediction was not measured on a GPU.
"""


@dataclass
class Scaling:
    """One kind of work with several numbers of threads."""

    by_threads: dict[int, Comparison]
    default: int  # threads of ours

    @property
    def ours_best(self) -> int:
        return max(self.by_threads, key=lambda threads: median(self.by_threads[threads].ours))

    @property
    def peer_best(self) -> int:
        return max(self.by_threads, key=lambda threads: median(self.by_threads[threads].peer))

    @property
    def ours(self) -> list[float]:
        """Round by round, with the default number of threads."""
        return self.by_threads[self.default].ours

    @property
    def against_best(self) -> Comparison:
        """Ours at its default, the peer at its best."""
        best = self.by_threads[self.peer_best]
        return Comparison(self.ours, best.peer, best.busy)

    @property
    def of_best(self) -> float:
        """Our speed at the default, in parts of our best one."""
        return median(Comparison(self.ours, self.by_threads[self.ours_best].ours, 0).ratios)


def thousands(speeds: list[float]) -> str:
    """Three digits of the median, at least."""
    value = median(speeds) / 1e3
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def pair(c: Comparison, ours: str = "", peer: str = "") -> str:
    return f"{thousands(c.ours)}{ours}/{thousands(c.peer)}{peer} = {median(c.ratios):.2f}"


def scaling_table(rows: dict[tuple[str, str], Scaling], *names: str) -> str:
    """A column for each number of threads, then the default."""
    first, *others = counts = sorted({threads for scaling in rows.values() for threads in scaling.by_threads})
    header = (*names, f"{first} thread", *others, "default against best", "default of our best")
    return table(header, [(*key, *scaling_cells(scaling, counts)) for key, scaling in rows.items()])


def scaling_cells(s: Scaling, counts: list[int]) -> list[str]:
    """A number of threads that is the default of other rows alone was not measured here."""
    c = s.against_best
    spread = f"({min(c.ratios):.2f}-{max(c.ratios):.2f})"
    default = f"{pair(c, f' ({s.default})', f' ({s.peer_best})')} {spread}{mark(c)}"
    pairs = [pair(s.by_threads[threads]) if threads in s.by_threads else "-" for threads in counts]
    return [*pairs, default, f"{s.of_best:.0%} ({s.ours_best})"]


def ratios(rows: dict[tuple, Scaling]) -> list[float]:
    return [median(s.against_best.ratios) for s in rows.values()]


def gains(trained: dict[tuple, Scaling]) -> dict[tuple, float]:
    """How many times as fast as ours the H100 is."""
    return {key: H100[key] / median(s.ours) for key, s in trained.items()}


def gpu_table(trained: dict[tuple, Scaling]) -> str:
    """The H100 beside this machine, the least gain first."""
    rows = []
    for key, gain in sorted(gains(trained).items(), key=lambda item: item[1]):
        ours = thousands(trained[key].ours) + mark(trained[key].against_best)
        rows.append((label(*key[:3]), f"{key[3]} x {key[4]}", ours, f"{H100[key] // 1000:,}", *times(gain)))
    return table(("network", "batch x steps", f"rnncli, {cores()}", "H100", "H100 / rnncli", "an hour of rnncli"), rows)


def cores() -> str:
    return f"{usable_cpus()} core{'s' * (usable_cpus() > 1)}"


def times(gain: float) -> tuple[str, str]:
    return f"{gain:.1f}", f"{60 / gain:.1f} min"


def gpu_words(trained: dict[tuple, Scaling]) -> str:
    """A line for each width: least and greatest gain of its networks."""
    by_width: dict[int, list[float]] = {}
    for key, gain in gains(trained).items():
        by_width.setdefault(key[1], []).append(gain)
    lines = []
    for width, values in sorted(by_width.items()):
        span = " to ".join(dict.fromkeys(f"{value:.0f}" for value in (min(values), max(values))))
        lines.append(f"- {width:,} hidden units: {span} times as fast as rnncli on {cores()} of this CPU.")
    return "\n".join(lines)


def page(
    trained: dict[tuple, Scaling],
    predicted: dict[tuple[str, str], Scaling],
    torch_version: str,
    settings: Settings,
    quick: bool,
    busy: float,
) -> str:
    """All of it; `busy` is the share of the CPU time that others took."""
    compared = [s.against_best for s in (*trained.values(), *predicted.values())]
    rounds = {len(c.ours) for c in compared}
    in_words = {(label(*key[:3]), f"{key[3]} x {key[4]}"): s for key, s in trained.items()}
    return PAGE.format(
        warnings=warnings(quick, compared),
        machine=machine(torch_version),
        busy=busy,
        cores=cores(),
        few=" Nothing here was measured with more." * (usable_cpus() < FEW),
        rounds=" to ".join(map(str, sorted({min(rounds), max(rounds)}))),
        seconds=settings.seconds,
        V=V,
        window=STREAM_STEPS,
        lines=LINES,
        line_tokens=LINE_TOKENS,
        training=scaling_table(in_words, "network", "batch x steps"),
        training_mean=geometric_mean(ratios(trained)),
        training_least=min(ratios(trained)),
        prediction=scaling_table(predicted, "network", "work"),
        prediction_mean=geometric_mean(ratios(predicted)),
        prediction_least=min(ratios(predicted)),
        gpu=gpu_table(trained),
        words=gpu_words(trained),
    )
