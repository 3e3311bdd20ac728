"""The text of the page."""

import platform
from datetime import UTC, datetime
from pathlib import Path
from statistics import geometric_mean, median

import numba
import numpy as np
from measure import BUSY, Comparison

import rnncli
from rnncli.kernels.cpus import usable_cpus

CELLS = ("rnn", "gru", "lstm")
PRODUCT = 3072  # rows and columns of the large product

PAGE = """# Benchmarks

Made by `python benchmarks/run.py --peer PYTHON_WITH_TORCH --out docs/benchmarks.md`; do not edit.{warnings}

{machine}
Other processes took {busy:.1%} of the CPU time during the run.

## How it was measured

- Both sides in one run, turn by turn: ours, PyTorch, ours, .., {rounds} rounds of about {seconds:g} s each, after a
  warm-up (kernels compiled). Speeds are medians of the rounds; *ratio* is the median of ours / PyTorch of each round,
  and behind it are its least and greatest values. Above 1 we are faster.
- float32, vocabulary {V}, embedding as wide as the hidden layer, random tokens. Threads: ours {ours}, PyTorch {theirs}.
- Training: whole updates. Ours is `Training.update`: the batch cut from the data, forward, loss, backward, clipping to
  norm 1, AdamW, state carried, weights packed anew. PyTorch's: `nn.Embedding`, `nn.RNN/GRU/LSTM`, `nn.Linear`,
  cross-entropy, `clip_grad_norm_`, `Adam(fused=True)`, state carried; its batch is made beforehand.
- Prediction: PyTorch in `inference_mode`. Called for one step at batch 1, its LSTM is much slower through oneDNN, which
  is its default, than without (`torch.backends.mkldnn.flags(enabled=False)`); both are shown. The fair rival is the
  faster one: for a stream that is known beforehand, the windows.

## Training

Tokens a second.

{training}

Geometric mean of the ratios: **{mean:.2f}** ({by_cell}).

A language model of {vocabulary:,} words, where the output layer is most of the work:

{words}

Convolutions over time, of kernel 3, against a stack of the same blocks of `nn.Conv1d`, with `weight_norm`:

{convolutions}

Our mingru, which has no h in its gates, against our LSTM:

{long}

## Columns and series

Sequences of {inputs} numbers a step, {labels} labels, read by a bidirectional LSTM; the output layer reads its last
state and the mean and maximum over time. Ours is the run of `rnncli train --task classify`; PyTorch's pools alike.
Steps a second:

{whole}

{series_count:,} generated series of {rows:,} rows, one target, an embedding of the series among the inputs: `rnncli
train series.csv --group series`. LSTM 1 x {series_hidden}, {series_batch} x {series_steps} windows, three quantiles a
step with the pinball loss. PyTorch's has as many inputs, and its one batch is made beforehand; ours makes its windows
as it goes, targets and all: with a season these are what a linear forecast leaves. Seconds an epoch, by the updates
that were measured:

{series}

## Generation

Tokens a second at batch 1, every token drawn from the softmax and fed back.

{generation}

## Scoring

Tokens a second, nats of every token. The lines are independent and stand side by side; the stream is one row whose
state is carried, which we read in pieces side by side, each verified to start from the state that the one before ends
with.

{scoring}

## Against a large product

{product}

The update is that of the LSTM 1 x 512, counted as 6 operations a multiply-add (forward, and twice that backward),
{multiply_adds:,} multiply-adds a token: G·H²·(2L - 1) + H·V. The products that make the first layer's token table are
not counted, nor is anything that is no product.

## From the shell

Seconds of the whole process, on a file of 20,000 characters.

{shell}
"""


def table(header: tuple[str, ...], rows: list[tuple]) -> str:
    """Markdown; columns of numbers stand right."""
    numeric = [all(str(row[i]).replace(",", "").replace(".", "").isdigit() for row in rows) for i in range(len(header))]
    lines = [header, ["--:" if right else "---" for right in numeric], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def versus(rows: list[tuple[tuple, Comparison]], *names: str, sides: tuple[str, str] = ("ours", "PyTorch")) -> str:
    """A table of comparisons."""
    header = (*names, *sides, "ratio", "min-max")
    return table(header, [(*key, *speeds(c), *ratio(c)) for key, c in rows])


def series_table(results: dict[tuple, Comparison]) -> str:
    """Seconds an epoch, from updates a second."""
    header = ("series", "inputs", "updates an epoch", "ours, s", "PyTorch, s", "ratio", "min-max")

    def seconds(updates: int, c: Comparison) -> tuple[str, str]:
        return f"{updates / median(c.ours):.2f}", f"{updates / median(c.peer):.2f}"

    return table(header, [(*key, *seconds(key[-1], c), *ratio(c)) for key, c in results.items()])


def speeds(c: Comparison) -> tuple[str, str]:
    return f"{median(c.ours):,.0f}", f"{median(c.peer):,.0f}"


def ratio(c: Comparison) -> tuple[str, str]:
    return f"{median(c.ratios):.2f}", f"{min(c.ratios):.2f}-{max(c.ratios):.2f}{mark(c)}"


def mark(c: Comparison) -> str:
    return " †" if c.busy > BUSY else ""


def machine(torch_version: str) -> str:
    """The CPU, its memory, the versions, the day."""
    cpu = proc_value("/proc/cpuinfo", "model name") or platform.processor()
    memory = int(proc_value("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, Numba {numba.__version__}"
    return (
        f"{cpu}, {usable_cpus()} CPUs, {memory:.0f} GiB; {platform.system()}.\n"
        f"rnncli {rnncli.__version__}, {versions}; PyTorch {torch_version}. {datetime.now(UTC).date()}."
    )


def proc_value(path: str, name: str) -> str:
    """The first value of a name in a file of lines `name : value`; empty if there is none."""
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def label(cell: str, hidden: int, layers: int) -> str:
    return f"{cell} {layers} x {hidden}"


def training_rows(results: dict[tuple, Comparison]) -> list[tuple[tuple, Comparison]]:
    return [((label(*key[:3]), f"{key[3]} x {key[4]}"), c) for key, c in results.items()]


def means(results: dict[tuple, Comparison]) -> tuple[float, str]:
    """The geometric mean of all ratios, and those of each cell in words."""

    def mean(chosen):
        return geometric_mean(median(c.ratios) for key, c in results.items() if key[0] in chosen)

    return mean(CELLS), ", ".join(f"{cell} {mean((cell,)):.2f}" for cell in CELLS)


def product_table(results: dict[str, Comparison]) -> str:
    (c,) = results.values()
    rows = [
        (f"NumPy, {PRODUCT} x {PRODUCT} x {PRODUCT}", f"{median(c.peer) / 1e9:.0f} GFLOP/s"),
        ("our update", f"{median(c.ours) / 1e9:.0f} GFLOP/s"),
        ("efficiency", f"{median(c.ratios):.0%} ({min(c.ratios):.0%}-{max(c.ratios):.0%}){mark(c)}"),
    ]
    return table(("float32", f"{usable_cpus()} threads"), rows)


def shell_table(times: dict[str, list[float]]) -> str:
    def spread(values):
        return f"{min(values):.2f}-{max(values):.2f} of {len(values)}" if len(values) > 1 else "once"

    return table(("command", "seconds", "min-max"), [(n, f"{median(v):.2f}", spread(v)) for n, v in times.items()])


#: section -> its table of results
TABLES = {
    "training": lambda results: versus(training_rows(results), "network", "batch x steps"),
    "words": lambda results: versus(training_rows(results), "network", "batch x steps"),
    "convolutions": lambda results: versus(training_rows(results), "network", "batch x steps"),
    "long": lambda results: versus(training_rows(results), "network", "batch x steps", sides=("mingru", "lstm")),
    "whole": lambda results: versus(list(results.items()), "network", "batch x steps"),
    "series": series_table,
    "generation": lambda results: versus(list(results.items()), "network", "PyTorch is"),
    "scoring": lambda results: versus(list(results.items()), "network", "input"),
    "product": product_table,
    "shell": shell_table,
}


def warnings(quick: bool, comparisons: list[Comparison]) -> str:
    """Why the page should not be believed."""
    texts = ["A quick run, for trying the benchmark out: its figures mean little."] * quick
    if disturbed := sum(c.busy > BUSY for c in comparisons):
        texts.append(
            f"In {disturbed} of {len(comparisons)} comparisons, marked †, other processes took more than {BUSY:.0%} of "
            "the CPU time. PyTorch suffers more from that than we do: these figures, and means over them, are not to "
            "be used."
        )
    return "".join(f"\n\n**{text}**" for text in texts)
