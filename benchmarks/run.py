"""The benchmark: rnncli against PyTorch, both in one run and turn by turn, and against a large NumPy product.

    python benchmarks/run.py --peer TORCH_ENVIRONMENT/bin/python --out docs/benchmarks.md [--quick]
    python benchmarks/run.py --peer TORCH_ENVIRONMENT/bin/python --only series [--rounds 15]

PyTorch lives in an environment of its own and works in a child process (torch_peer.py). In every round our side does a
batch of work, then the peer does its own; the ratio is taken round by round, so that a slow drift of the machine's
clock cancels. Other work on the machine does not cancel: PyTorch's threads spin at barriers, and where one of them has
to wait for a CPU it loses far more than we do (ten times and more was seen), which flatters us. So the CPU time of
other processes is measured in every comparison, and those above BUSY are marked on the page.

Progress goes to stderr, the page to `--out` and to stdout. `--only` measures one section, whose table goes to stdout
and to no file. Linux only (/proc).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measure import Comparison, OtherWork, Peer, Settings, compare, publish, say, warn_if_busy
from page import CELLS, PAGE, PRODUCT, TABLES, label, machine, means, warnings
from sides import (
    CHUNK,
    COLUMNS,
    DAY,
    LABELS,
    LINE_TOKENS,
    LINES,
    ROWS,
    SERIES,
    WORDS,
    V,
    classifying,
    counted,
    forecasting,
    generation,
    lstm,
    predicting,
    scoring_lines,
    scoring_stream,
    training,
    updates,
)

from rnncli.kernels.cpus import usable_cpus
from rnncli.predictors.stream import STREAM_STEPS

SIZES = ((128, 1, 32, 64), (256, 1, 50, 50), (512, 1, 64, 64), (256, 2, 50, 50))  # hidden, layers, batch, steps
OF_WORDS = (200, 2, 20, 35)
BLOCKS = ((64, 4), (64, 8), (128, 4), (128, 8))  # channels, blocks of a convolution
OF_BLOCKS = {"batch": 64, "steps": 400}
LONG = ((256, 1), (512, 1))  # hidden, layers of what has no h in its gates
OF_LONG = {"batch": 32, "steps": 256}
WHOLE = {"hidden": 128, "layers": 2, "batch": 32, "steps": 100}  # sequences that have one label each
FORECAST = {"hidden": 128, "batch": 32, "steps": 96}
SEASONS = {"--season not given": None, f"--season {DAY}": DAY}
GENERATION = ((128, 1), (256, 2), (512, 1))  # hidden, layers
SCORING = ((256, 1), (512, 1))
STREAM_VARIANTS = {  # how PyTorch reads a stream
    "step by step": {"window": 1, "onednn": True},
    "step by step, oneDNN off": {"window": 1, "onednn": False},
    f"in windows of {STREAM_STEPS}": {"window": STREAM_STEPS, "onednn": True},
}

TEXT = ("text.txt", "--format", "text")  # one stream: its lines are short and of one length, as those of a list

# -- against PyTorch ----------------------------------------------------------------------------------------------


def compare_training(peer: Peer, settings: Settings) -> dict[tuple, Comparison]:
    """(cell, hidden, layers, batch, steps) -> whole updates."""
    results = {}
    for cell in CELLS:
        for hidden, layers, batch, steps in SIZES:
            sizes = {"cell": cell, "hidden": hidden, "layers": layers, "batch": batch, "steps": steps}
            theirs = peer.side("train", "updates", 1, batch * steps, vocabulary=V, **sizes)
            name = f"training {label(cell, hidden, layers)}, {batch} x {steps}"
            results[tuple(sizes.values())] = compare(name, updates(training(**sizes)), theirs, settings)
    return results


def compare_words(peer: Peer, settings: Settings) -> dict[tuple, Comparison]:
    """The same with a vocabulary of words."""
    hidden, layers, batch, steps = OF_WORDS
    sizes = {"cell": "lstm", "hidden": hidden, "layers": layers, "batch": batch, "steps": steps}
    theirs = peer.side("train", "updates", 1, batch * steps, vocabulary=len(WORDS), **sizes)
    ours = updates(training(**sizes, vocabulary=WORDS))
    name = f"training on words, {label('lstm', hidden, layers)}, {batch} x {steps}"
    return {tuple(sizes.values()): compare(name, ours, theirs, settings)}


def compare_convolutions(peer: Peer, settings: Settings) -> dict[tuple, Comparison]:
    """(cell, hidden, layers, batch, steps) -> whole updates of stacks of convolutions."""
    results = {}
    for hidden, layers in BLOCKS:
        sizes = {"hidden": hidden, "layers": layers, **OF_BLOCKS}
        tokens = OF_BLOCKS["batch"] * OF_BLOCKS["steps"]
        theirs = peer.side("train", "updates", 1, tokens, kind="convolution", kernel=3, vocabulary=V, **sizes)
        key = ("conv", *sizes.values())
        results[key] = compare(f"training {label(*key[:3])}", updates(training("conv", **sizes)), theirs, settings)
    return results


def compare_long(_: Peer, settings: Settings) -> dict[tuple, Comparison]:
    """The same of our mingru and our LSTM."""
    results = {}
    for hidden, layers in LONG:
        ours, theirs = (updates(training(cell, hidden, layers, **OF_LONG)) for cell in ("mingru", "lstm"))
        key = "mingru", hidden, layers, *OF_LONG.values()
        results[key] = compare(f"training {label(*key[:3])} and lstm", ours, theirs, settings)
    return results


def compare_whole(peer: Peer, settings: Settings) -> dict[tuple, Comparison]:
    """(network, batch x steps) -> whole updates of a bidirectional LSTM on columns of numbers."""
    theirs = peer.side(
        "train", "updates", 1, WHOLE["batch"] * WHOLE["steps"], kind="whole", inputs=COLUMNS, labels=LABELS, **WHOLE
    )
    name = f"bidirectional {label('lstm', WHOLE['hidden'], WHOLE['layers'])}"
    size = f"{WHOLE['batch']} x {WHOLE['steps']}"
    return {(name, size): compare(f"training {name}, {size}", updates(classifying(**WHOLE)), theirs, settings)}


def compare_series(peer: Peer, settings: Settings) -> dict[tuple, Comparison]:
    """(how it is called, inputs, updates an epoch) -> whole updates of a forecast."""
    results = {}
    for how, season in SEASONS.items():
        run = forecasting(season=season, **FORECAST)
        a = run.network.architecture
        _, series, width = a.categories[-1]
        sizes = {"series": series, "width": width, "inputs": a.numbers}
        theirs = peer.side("train", "updates", 1, 1, kind="series", **sizes, **FORECAST)
        key = how, f"{a.numbers} + {width}", run.batches.windows
        results[key] = compare(f"updates of {SERIES:,} series of {ROWS:,}, {how}", counted(run), theirs, settings)
    return results


def compare_generation(peer: Peer, settings: Settings) -> dict[tuple[str, str], Comparison]:
    """(model, whether PyTorch uses oneDNN) -> drawing token by token."""
    results = {}
    for hidden, layers in GENERATION:
        name = label("lstm", hidden, layers)
        ours = generation(predicting(hidden, layers))
        for onednn, how in ((True, "as it comes"), (False, "oneDNN off")):
            theirs = peer.side("generate", "tokens", CHUNK, CHUNK, onednn=onednn, **lstm(hidden, layers))
            results[name, how] = compare(f"generation {name}, PyTorch {how}", ours, theirs, settings)
    return results


def compare_scoring(peer: Peer, settings: Settings) -> dict[tuple[str, str], Comparison]:
    """(model, input) -> independent lines side by side; one stream with PyTorch step by step and in windows."""
    results, whole = {}, {"batch": LINES, "steps": LINE_TOKENS}
    for hidden, layers in SCORING:
        name, shape, predictor = label("lstm", hidden, layers), lstm(hidden, layers), predicting(hidden, layers)

        def add(key, ours, theirs, name=name):
            results[name, key] = compare(f"scoring {name}, {key}", ours, theirs, settings)

        theirs = peer.side("score_lines", "passes", 1, LINES * LINE_TOKENS, **whole, **shape)
        add(f"{LINES} lines of {LINE_TOKENS}", scoring_lines(predictor), theirs)
        for how, variant in STREAM_VARIANTS.items():
            theirs = peer.side("score_stream", "tokens", STREAM_STEPS, STREAM_STEPS, **variant, **shape)
            add(f"one stream, PyTorch {how}", scoring_stream(predictor), theirs)
    return results


# -- against NumPy, and from the shell ----------------------------------------------------------------------------


def compare_product(_: Peer, settings: Settings) -> dict[str, Comparison]:
    """Operations a second of LSTM updates (1 x 512) against those of a large product."""
    hidden, layers, batch, steps = SIZES[2]
    run = training("lstm", hidden, layers, batch, steps)
    with Peer(sys.executable, "numpy_peer.py") as peer:
        operations = 6 * multiply_adds(run.network.cells[0].gates, hidden, layers)
        theirs = peer.side("product", "times", 1, 2 * PRODUCT**3, size=PRODUCT)
        name = "operations a second, LSTM updates against products"
        return {name: compare(name, updates(run, operations), theirs, settings)}


def multiply_adds(gates: int, hidden: int, layers: int) -> int:
    """A token's, forward: h·R of every layer, x·W of all but the first (a table), and the output."""
    return gates * hidden * hidden * (2 * layers - 1) + hidden * V


def rnncli_command() -> list[str]:
    script = Path(sys.executable).with_name("rnncli")
    return [str(script)] if script.exists() else [sys.executable, "-m", "rnncli"]


def shell_times(_: Peer, settings: Settings) -> dict[str, list[float]]:
    """What was called -> seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(0)
        lines = ["".join(map(chr, rng.integers(97, 123, size=40))) for _ in range(500)]
        Path(folder, "text.txt").write_text("\n".join(lines))
        Path(folder, "one.txt").write_text(lines[0] + "\n")
        size = ["--hidden", "128", "--epochs", "1", "--quiet"]
        process_seconds(["train", *TEXT, "-o", "model.safetensors", *size], folder)
        score = ["predict", "model.safetensors", "one.txt", "--score"]
        results = {"`rnncli --help`": starts(["--help"], folder, settings)}
        results["`rnncli predict MODEL --score`, one line"] = starts(score, folder, settings)
        return results | first_updates(folder)


def starts(arguments: list[str], folder: str, settings: Settings) -> list[float]:
    """Seconds of several processes, after one that warms the caches."""
    say(f"rnncli {' '.join(arguments)} ..")
    return [process_seconds(arguments, folder) for _ in range(1 + settings.starts)][1:]


def process_seconds(arguments: list[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run([*rnncli_command(), *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def first_updates(folder: str) -> dict[str, list[float]]:
    """A training from its start to its first update, with an empty kernel cache, then with the one it left."""
    say("rnncli train, first update on an empty kernel cache ..")
    with tempfile.TemporaryDirectory() as cache:
        return {
            f"`rnncli train`, to its first update, {kernels}": [
                first_update_seconds(folder, cache, f"{model}.safetensors")
            ]
            for kernels, model in (("empty kernel cache", "cold"), ("kernels in the cache", "warm"))
        }


def first_update_seconds(folder: str, cache: str, model: str) -> float:
    """From the start of the process to the line `update 1`; then the process is ended, and leaves its checkpoint."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    command, line = [*rnncli_command(), "train", *TEXT, "-o", model], "nothing"
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stderr:
            if line.startswith("update 1 "):
                seconds = time.perf_counter() - start
                process.terminate()
                process.stderr.read()
                return seconds
    raise SystemExit(f"rnncli train ended before its first update; it said last: {line.strip()}")


# -- the sections of the page: name -> what is measured -----------------------------------------------------------

SECTIONS = {
    "shell": shell_times,  # first: it is short, and what is amiss with a command is seen at once
    "training": compare_training,
    "words": compare_words,
    "convolutions": compare_convolutions,
    "long": compare_long,
    "whole": compare_whole,
    "series": compare_series,
    "generation": compare_generation,
    "scoring": compare_scoring,
    "product": compare_product,
}


def measure(arguments, settings: Settings, names: list[str]) -> tuple[dict[str, dict], dict]:
    """The results of these sections by name, and what the peer says about itself."""
    with Peer(arguments.peer, "torch_peer.py") as peer:
        about = peer.ask("about", threads=arguments.peer_threads)
        return {name: SECTIONS[name](peer, settings) for name in names}, about


def comparisons(results: dict[str, dict]) -> list[Comparison]:
    """All that are in the results; seconds in the shell are none."""
    return [c for section in results.values() for c in section.values() if isinstance(c, Comparison)]


def page(arguments, settings: Settings) -> str:
    """Measure everything and write it down."""
    others = OtherWork()
    results, about = measure(arguments, settings, list(SECTIONS))
    mean, by_cell = means(results["training"])
    return PAGE.format(
        warnings=warnings(arguments.quick, comparisons(results)),
        busy=others.share(),
        machine=machine(about["version"]),
        rounds=settings.rounds,
        seconds=settings.seconds,
        V=V,
        ours=usable_cpus(),
        theirs=f"{about['threads']}, {'as told' if arguments.peer_threads else 'its default'}",
        mean=mean,
        by_cell=by_cell,
        vocabulary=len(WORDS),
        inputs=COLUMNS,
        labels=LABELS,
        series_count=SERIES,
        rows=ROWS,
        series_batch=FORECAST["batch"],
        series_steps=FORECAST["steps"],
        series_hidden=FORECAST["hidden"],
        multiply_adds=multiply_adds(4, *SIZES[2][:2]),
        **{name: TABLES[name](result) for name, result in results.items()},
    )


def section(arguments, settings: Settings) -> str:
    """One table."""
    results, _ = measure(arguments, settings, [arguments.only])
    return TABLES[arguments.only](results[arguments.only]) + warnings(arguments.quick, comparisons(results)) + "\n"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", required=True, metavar="PYTHON", help="the interpreter of an environment with torch")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"), help="default: %(default)s")
    parser.add_argument("--only", choices=SECTIONS, help="measure this section and print its table; writes no page")
    parser.add_argument("--peer-threads", type=int, default=0, metavar="N", help="of PyTorch; default: its own choice")
    parser.add_argument("--rounds", type=int, default=7, help="of every comparison; default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="2 short rounds, to try the benchmark itself")
    return parser.parse_args()


def main() -> None:
    arguments, start = parse_arguments(), time.monotonic()
    warn_if_busy()
    quick = Settings(rounds=2, seconds=0.1, starts=2)
    settings = quick if arguments.quick else Settings(arguments.rounds, seconds=0.6, starts=7)
    if arguments.only:
        publish(section(arguments, settings), None, start)
    else:
        publish(page(arguments, settings), arguments.out, start)


if __name__ == "__main__":
    main()
