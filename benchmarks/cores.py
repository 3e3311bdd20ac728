"""The benchmark over the cores of one machine: rnncli against PyTorch with 1, 2, 4, .. threads, up to all cores.

    python benchmarks/cores.py --peer TORCH_ENVIRONMENT/bin/python --out docs/cores.md [--quick]

Both sides work turn by turn as in run.py, and here all numbers of threads take turns too: a round is ours with 1
thread, PyTorch with 1, ours with 2, and so on. So the columns of the page may be compared with each other. Linux only.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from cores_page import H100, Scaling, page
from measure import OtherWork, Peer, Settings, Side, compare_all, publish, warn_if_busy
from page import label
from sides import (
    CHUNK,
    LINE_TOKENS,
    LINES,
    V,
    generation,
    lstm,
    predicting,
    scoring_lines,
    scoring_stream,
    threads_of_training,
    training,
    updates,
)

from rnncli.kernels.cpus import usable_cpus
from rnncli.predictors.stream import STREAM_STEPS

SCORED = ((128, 1), (256, 1), (256, 2), (512, 1))  # hidden, layers of an LSTM
GENERATED = ((256, 2), (512, 1))
Sides = Callable[[int], tuple[Side, Side]]  # number of threads -> ours and the peer's


def thread_counts(default: int) -> list[int]:
    """1, 2, 4, .., all cores, and what a command takes that is not told."""
    cores = usable_cpus()
    return sorted({*(2**i for i in range(cores.bit_length())), cores, default})


def measure(name: str, sides: Sides, settings: Settings, default: int) -> Scaling:
    """Both sides with every number of threads."""
    names = {threads: f"{name}, threads {threads}" for threads in thread_counts(default)}
    results = compare_all({names[threads]: sides(threads) for threads in names}, settings)
    return Scaling({threads: results[names[threads]] for threads in names}, default)


def over_training(peer: Peer, settings: Settings) -> dict[tuple, Scaling]:
    """(cell, hidden, layers, batch, steps) -> whole updates."""
    results = {}
    for key in H100:
        sizes = dict(zip(("cell", "hidden", "layers", "batch", "steps"), key, strict=True))

        def sides(threads: int, sizes=sizes) -> tuple[Side, Side]:
            tokens = sizes["batch"] * sizes["steps"]
            theirs = peer.side("train", "updates", 1, tokens, vocabulary=V, threads=threads, **sizes)
            return updates(training(**sizes, threads=threads)), theirs

        results[key] = measure(f"training {label(*key[:3])}", sides, settings, threads_of_training(**sizes))
    return results


def lines_of(peer: Peer, shape: dict) -> Sides:
    """Independent lines, scored side by side."""
    sizes = {"batch": LINES, "steps": LINE_TOKENS} | lstm(**shape)
    return lambda threads: (
        scoring_lines(predicting(**shape, threads=threads)),
        peer.side("score_lines", "passes", 1, LINES * LINE_TOKENS, threads=threads, **sizes),
    )


def stream_of(peer: Peer, shape: dict) -> Sides:
    """One stream, scored with its state carried; PyTorch's in windows."""
    how = {"window": STREAM_STEPS, "onednn": True} | lstm(**shape)
    return lambda threads: (
        scoring_stream(predicting(**shape, threads=threads)),
        peer.side("score_stream", "tokens", STREAM_STEPS, STREAM_STEPS, threads=threads, **how),
    )


def generation_of(peer: Peer, shape: dict) -> Sides:
    """Token by token at batch 1; PyTorch's without oneDNN, which is faster there."""
    how = {"onednn": False} | lstm(**shape)
    return lambda threads: (
        generation(predicting(**shape, threads=threads)),
        peer.side("generate", "tokens", CHUNK, CHUNK, threads=threads, **how),
    )


PREDICTED = {"lines": (lines_of, SCORED), "stream": (stream_of, SCORED), "generation": (generation_of, GENERATED)}


def over_prediction(peer: Peer, settings: Settings) -> dict[tuple[str, str], Scaling]:
    """(network, what it does) -> tokens."""
    results = {}
    for what, (sides_of, shapes) in PREDICTED.items():
        for hidden, layers in shapes:
            name, shape = label("lstm", hidden, layers), {"hidden": hidden, "layers": layers}
            results[name, what] = measure(f"{what} {name}", sides_of(peer, shape), settings, usable_cpus())
    return results


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", required=True, metavar="PYTHON", help="the interpreter of an environment with torch")
    parser.add_argument("--out", type=Path, default=Path("docs/cores.md"), help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="1 short round, to try the benchmark itself")
    return parser.parse_args()


def main() -> None:
    arguments, start = parse_arguments(), time.monotonic()
    warn_if_busy()
    settings = Settings(1, 0.05) if arguments.quick else Settings(rounds=7, seconds=0.4, longest=25)
    others = OtherWork()
    with Peer(arguments.peer, "torch_peer.py") as peer:
        version = peer.ask("about")["version"]
        trained, predicted = over_training(peer, settings), over_prediction(peer, settings)
    text = page(trained, predicted, version, settings, arguments.quick, others.share())
    publish(text, arguments.out, start)


if __name__ == "__main__":
    main()
