"""The benchmark: rnncli against PyTorch, both in one run and turn by turn, and against a large NumPy product.

    python benchmarks/run.py --peer TORCH_ENVIRONMENT/bin/python --out docs/benchmarks.md [--quick]

PyTorch lives in an environment of its own and works in a child process (torch_peer.py). In every round our side does a
batch of work, then the peer does its own; the ratio is taken round by round, so that a slow drift of the machine's
clock cancels. Other work on the machine does not cancel: PyTorch's threads spin at barriers, and where one of them has
to wait for a CPU it loses far more than we do (ten times and more was seen), which flatters us. So the CPU time of
other processes is measured in every comparison, and those above BUSY are marked on the page.

Progress goes to stderr, the page to `--out` and to stdout. Linux only (/proc).
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import geometric_mean, median
from typing import ClassVar

import numba
import numpy as np

import rnncli
from rnncli.config import TrainConfig
from rnncli.kernels.team import available_cpus
from rnncli.model_file import Model
from rnncli.network import Architecture, Network
from rnncli.prediction import STREAM_STEPS, Choice, Predictor, Stream
from rnncli.sequences import Sequences
from rnncli.training import Run
from rnncli.vocabulary import Characters

HERE = Path(__file__).parent
VOCABULARY = Characters([10, *range(32, 95)])  # 65 tokens: <unk>, the line end, 63 characters
V = len(VOCABULARY)
DATA_TOKENS = 1_000_000
CELLS = ("rnn", "gru", "lstm")
SIZES = ((128, 1, 32, 64), (256, 1, 50, 50), (512, 1, 64, 64), (256, 2, 50, 50))  # hidden, layers, batch, steps
GENERATION = ((128, 1), (256, 2), (512, 1))  # hidden, layers
SCORING = ((256, 1), (512, 1))
LINES, LINE_TOKENS = 64, 128  # lines scored together; tokens of each, the line end included
CHUNK = 64  # tokens; generation is measured in multiples of it, streams in multiples of STREAM_STEPS
STREAM_VARIANTS = {  # how PyTorch reads a stream
    "step by step": {"window": 1, "onednn": True},
    "step by step, oneDNN off": {"window": 1, "onednn": False},
    f"in windows of {STREAM_STEPS}": {"window": STREAM_STEPS, "onednn": True},
}
PRODUCT = 3072
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # where they are set, they hold OpenBLAS below its best
BUSY = 0.03  # of the CPU time taken by others, or by the host of a virtual machine: the figures are not to be used
SETTLE = 0.05  # seconds before each turn, for the other side's threads to fall asleep

Side = Callable[[int], tuple[float, float]]  # so many units of work -> (tokens or operations, seconds)


@dataclass
class Settings:
    """How long to measure."""

    rounds: int
    seconds: float  # of a batch of work
    starts: int  # of a process


@dataclass
class Comparison:
    """Work a second of both sides, round by round."""

    ours: list[float]
    peer: list[float]
    busy: float  # share of the CPU time that others took meanwhile

    @property
    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.peer, strict=True)]


# -- measuring ----------------------------------------------------------------------------------------------------


class Peer:
    """A child process that answers a JSON line with a JSON line; it ends with the `with` block."""

    def __init__(self, python: str, script: str):
        environment = {name: value for name, value in os.environ.items() if name not in SLOWING}
        command = [python, str(HERE / script)]
        self.script = script
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        OtherWork.children.add(self.process.pid)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        OtherWork.children.discard(self.process.pid)
        self.process.wait()

    def ask(self, op: str, **request) -> dict:
        self.process.stdin.write(json.dumps({"op": op} | request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.script} ended without an answer to {op}; its own message is above")
        return json.loads(answer)

    def side(self, op: str, count: str, scale: int, work: float, **request) -> Side:
        """n units of work are a request with `count` = n·scale; each unit counts as `work`."""
        return lambda n: (n * work, self.ask(op, **{count: n * scale}, **request)["seconds"])


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """(what work() returns, its seconds)."""
    start = time.perf_counter()
    amount = work()
    return amount, time.perf_counter() - start


def units_for(side: Side, seconds: float) -> int:
    """Warm up, then find how many units take about so long."""
    side(1)
    units = 1
    while (took := side(units)[1]) < seconds / 4:
        units *= 2 if took > seconds / 64 else 8
    return math.ceil(units * seconds / took)


def compare(name: str, ours: Side, peer: Side, settings: Settings) -> Comparison:
    """Our turn, the peer's turn, and so on."""
    say(f"{name} ..")
    turns = [(side, units_for(side, settings.seconds), []) for side in (ours, peer)]
    others = OtherWork()
    for _ in range(settings.rounds):
        for side, units, speeds in turns:
            time.sleep(SETTLE)
            work, seconds = side(units)
            speeds.append(work / seconds)
    result = Comparison(turns[0][2], turns[1][2], others.share())
    speeds = f"{median(result.ours):,.0f} / {median(result.peer):,.0f} = {median(result.ratios):.2f}"
    say(f"{name}: {speeds}, others {result.busy:.0%}")
    return result


class OtherWork:
    """CPU time of other processes, stolen time included, since this was made."""

    children: ClassVar[set[int]] = set()  # of ours that are running

    def __init__(self):
        self.start, self.others = time.monotonic(), self._others()

    @staticmethod
    def _others() -> float:
        """Seconds that our CPUs were busy, less those of this process and of its children."""
        ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
        lines = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
        values = [list(map(int, line[1:])) for line in lines if line[0] in ours]
        busy = sum(sum(v[:3]) + sum(v[5:8]) for v in values)  # user, nice, system; irq, softirq, steal
        running = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2] for child in OtherWork.children]
        children = sum(sum(map(int, text.split()[11:13])) for text in running)  # utime, stime
        return (busy - children) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])

    def share(self) -> float:
        """Of all CPU time that there was."""
        seconds = (time.monotonic() - self.start) * available_cpus()
        return max(0.0, (self._others() - self.others) / seconds)


def warn_if_busy() -> None:
    """Say before a long run that it will be in vain."""
    work = OtherWork()
    time.sleep(1)
    if work.share() > BUSY:
        say(f"others are using {work.share():.0%} of the CPUs: the figures will not be usable")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# -- our side -----------------------------------------------------------------------------------------------------


def random_stream() -> Sequences:
    tokens = np.random.default_rng(0).integers(V, size=DATA_TOKENS).astype(VOCABULARY.dtype)
    return Sequences(tokens, np.array([0]))


def random_lines() -> Sequences:
    """LINES lines of random characters with their ends."""
    first = VOCABULARY.newline + 1
    tokens = np.random.default_rng(0).integers(first, V, size=(LINES, LINE_TOKENS)).astype(VOCABULARY.dtype)
    tokens[:, -1] = VOCABULARY.newline
    return Sequences(tokens.ravel(), np.arange(LINES) * LINE_TOKENS)


def training(cell: str, hidden: int, layers: int, batch: int, steps: int) -> Run:
    """A run as `rnncli train` makes it, on random tokens; `update` may be called for ever."""
    config = TrainConfig(
        task="language", format="text", cell=cell, hidden=hidden, layers=layers, embed=hidden, dropout=0.0,
        batch=batch, steps=steps, epochs=1e6, optimizer="adamw", lr=1e-3, schedule="constant", clip=1.0,
    )  # fmt: skip
    run = Run(network(cell, hidden, layers), config, random_stream(), None, VOCABULARY, available_cpus())
    run.unfolded.pack()
    return run


def network(cell: str, hidden: int, layers: int) -> Network:
    return Network.initialised(Architecture(cell, hidden, layers, hidden, V, V), 0)


def updates(run: Run, worth: float = 1) -> Side:
    """A token counts as `worth`."""
    return lambda n: timed(lambda: worth * sum(run.update()[2] for _ in range(n)))


def predicting(hidden: int, layers: int) -> Predictor:
    """An LSTM at work as `rnncli predict` makes it."""
    config = TrainConfig(task="language", format="text")
    model = Model(network("lstm", hidden, layers), config, VOCABULARY, [], "", {})
    return Predictor(model, available_cpus())


def generation(predictor: Predictor) -> Side:
    """Draw, decode, step, as `rnncli predict` does it."""

    def pieces(count: int) -> int:
        return sum(1 for _ in predictor.generate("A", count, Choice(), 0, 0))

    return lambda n: timed(lambda: pieces(n * CHUNK))


def scoring_lines(predictor: Predictor) -> Side:
    """All of the lines, independent of each other."""
    lines = random_lines()
    return lambda n: timed(lambda: sum(len(predictor.losses(lines)) for _ in range(n)))


def scoring_stream(predictor: Predictor) -> Side:
    """One stream, its state carried."""
    stream, ids = Stream(predictor), random_stream().tokens
    return lambda n: timed(lambda: len(stream.losses(ids[: n * STREAM_STEPS])))


# -- against PyTorch ----------------------------------------------------------------------------------------------


def label(cell: str, hidden: int, layers: int) -> str:
    return f"{cell} {layers} x {hidden}"


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


def lstm(hidden: int, layers: int) -> dict:
    return {"cell": "lstm", "hidden": hidden, "layers": layers, "vocabulary": V}


# -- against NumPy, and from the shell ----------------------------------------------------------------------------


def compare_product(settings: Settings) -> Comparison:
    """Operations a second of LSTM updates (1 x 512) against those of a large product."""
    hidden, layers, batch, steps = SIZES[2]
    run = training("lstm", hidden, layers, batch, steps)
    with Peer(sys.executable, "numpy_peer.py") as peer:
        operations = 6 * multiply_adds(run.network.cells[0].gates, hidden, layers)
        theirs = peer.side("product", "times", 1, 2 * PRODUCT**3, size=PRODUCT)
        return compare("operations a second, LSTM updates against products", updates(run, operations), theirs, settings)


def multiply_adds(gates: int, hidden: int, layers: int) -> int:
    """A token's, forward: h·R of every layer, x·W of all but the first (a table), and the output."""
    return gates * hidden * hidden * (2 * layers - 1) + hidden * V


def rnncli_command() -> list[str]:
    script = Path(sys.executable).with_name("rnncli")
    return [str(script)] if script.exists() else [sys.executable, "-m", "rnncli"]


def shell_times(settings: Settings) -> dict[str, list[float]]:
    """What was called -> seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.default_rng(0)
        lines = ["".join(map(chr, rng.integers(97, 123, size=40))) for _ in range(500)]
        Path(folder, "text.txt").write_text("\n".join(lines))
        Path(folder, "one.txt").write_text(lines[0] + "\n")
        size = ["--hidden", "128", "--epochs", "1", "--quiet"]
        process_seconds(["train", "text.txt", "-o", "model.safetensors", *size], folder)
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
            "`rnncli train`, to its first update, empty kernel cache": [first_update_seconds(folder, cache)],
            "`rnncli train`, to its first update, kernels in the cache": [first_update_seconds(folder, cache)],
        }


def first_update_seconds(folder: str, cache: str) -> float:
    """From the start of the process to the line `update 1`; then the process is ended."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    command = [*rnncli_command(), "train", "text.txt", "-o", "first.safetensors"]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stderr:
            if line.startswith("update 1 "):
                seconds = time.perf_counter() - start
                process.terminate()
                process.stderr.read()
                return seconds
    raise SystemExit("rnncli train ended before its first update")


# -- the page -----------------------------------------------------------------------------------------------------

PAGE = """# Benchmarks

Made by `python benchmarks/run.py --peer PYTHON_WITH_TORCH --out docs/benchmarks.md`; do not edit.{warnings}

{machine}
Other processes took {busy:.1%} of the CPU time during the run.

## How it was measured

- Both sides in one run, turn by turn: ours, PyTorch, ours, .., {rounds} rounds of about {seconds:g} s each, after a
  warm-up (kernels compiled). Speeds are medians of the rounds; *ratio* is the median of ours / PyTorch of each round,
  and behind it are its least and greatest values. Above 1 we are faster.
- float32, vocabulary {V}, embedding as wide as the hidden layer, random tokens. Threads: ours {ours}, PyTorch {theirs}.
- Training: whole updates. Ours is `Run.update`: the batch cut from the data, forward, loss, backward, clipping to
  norm 1, AdamW, state carried, weights packed anew. PyTorch's: `nn.Embedding`, `nn.RNN/GRU/LSTM`, `nn.Linear`,
  cross-entropy, `clip_grad_norm_`, `Adam(fused=True)`, state carried; its batch is made beforehand.
- Prediction: PyTorch in `inference_mode`. Called for one step at batch 1, its LSTM is much slower through oneDNN, which
  is its default, than without (`torch.backends.mkldnn.flags(enabled=False)`); both are shown. The fair rival is the
  faster one: for a stream that is known beforehand, the windows.

## Training

Tokens a second.

{training}

Geometric mean of the ratios: **{mean:.2f}** ({by_cell}).

## Generation

Tokens a second at batch 1, every token drawn from the softmax and fed back.

{generation}

## Scoring

Tokens a second, nats of every token. The lines are independent and stand side by side; the stream is one row whose
state is carried, which we read in windows of {window} tokens.

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


def versus(rows: list[tuple[tuple, Comparison]], *names: str) -> str:
    """A table of comparisons with PyTorch."""
    header = (*names, "ours", "PyTorch", "ratio", "min-max")
    return table(header, [(*key, *speeds(c), *ratio(c)) for key, c in rows])


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
        f"{cpu}, {available_cpus()} CPUs, {memory:.0f} GiB; {platform.system()}.\n"
        f"rnncli {rnncli.__version__}, {versions}; PyTorch {torch_version}. {datetime.now(UTC).date()}."
    )


def proc_value(path: str, name: str) -> str:
    """The first value of a name in a file of lines `name : value`; empty if there is none."""
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def training_rows(results: dict[tuple, Comparison]) -> list[tuple[tuple, Comparison]]:
    return [((label(*key[:3]), f"{key[3]} x {key[4]}"), c) for key, c in results.items()]


def means(results: dict[tuple, Comparison]) -> tuple[float, str]:
    """The geometric mean of all ratios, and those of each cell in words."""

    def mean(chosen):
        return geometric_mean(median(c.ratios) for key, c in results.items() if key[0] in chosen)

    return mean(CELLS), ", ".join(f"{cell} {mean((cell,)):.2f}" for cell in CELLS)


def product_table(c: Comparison) -> str:
    rows = [
        (f"NumPy, {PRODUCT} x {PRODUCT} x {PRODUCT}", f"{median(c.peer) / 1e9:.0f} GFLOP/s"),
        ("our update", f"{median(c.ours) / 1e9:.0f} GFLOP/s"),
        ("efficiency", f"{median(c.ratios):.0%} ({min(c.ratios):.0%}-{max(c.ratios):.0%}){mark(c)}"),
    ]
    return table(("float32", f"{available_cpus()} threads"), rows)


def shell_table(times: dict[str, list[float]]) -> str:
    def spread(values):
        return f"{min(values):.2f}-{max(values):.2f} of {len(values)}" if len(values) > 1 else "once"

    return table(("command", "seconds", "min-max"), [(n, f"{median(v):.2f}", spread(v)) for n, v in times.items()])


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


def page(arguments, settings: Settings) -> str:
    """Measure everything and write it down."""
    others = OtherWork()
    with Peer(arguments.peer, "torch_peer.py") as peer:
        about = peer.ask("about", threads=arguments.peer_threads)
        trained = compare_training(peer, settings)
        generation = compare_generation(peer, settings)
        scoring = compare_scoring(peer, settings)
    product, shell = compare_product(settings), shell_times(settings)
    (mean, by_cell), busy = means(trained), others.share()
    comparisons = [*trained.values(), *generation.values(), *scoring.values(), product]
    return PAGE.format(
        warnings=warnings(arguments.quick, comparisons),
        busy=busy,
        machine=machine(about["version"]),
        rounds=settings.rounds,
        seconds=settings.seconds,
        V=V,
        ours=available_cpus(),
        theirs=f"{about['threads']}, {'as told' if arguments.peer_threads else 'its default'}",
        training=versus(training_rows(trained), "network", "batch x steps"),
        mean=mean,
        by_cell=by_cell,
        generation=versus(list(generation.items()), "network", "PyTorch is"),
        window=STREAM_STEPS,
        scoring=versus(list(scoring.items()), "network", "input"),
        product=product_table(product),
        multiply_adds=multiply_adds(4, *SIZES[2][:2]),
        shell=shell_table(shell),
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", required=True, metavar="PYTHON", help="the interpreter of an environment with torch")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"), help="default: %(default)s")
    parser.add_argument("--peer-threads", type=int, default=0, metavar="N", help="of PyTorch; default: its own choice")
    parser.add_argument("--rounds", type=int, default=7, help="of every comparison; default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="2 short rounds, to try the benchmark itself")
    return parser.parse_args()


def main() -> None:
    arguments, start = parse_arguments(), time.monotonic()
    warn_if_busy()
    quick = Settings(rounds=2, seconds=0.1, starts=2)
    text = page(arguments, quick if arguments.quick else Settings(arguments.rounds, seconds=0.6, starts=7))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text)
    print(text, end="")
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    say(f"done in {minutes}:{seconds:02d}")


if __name__ == "__main__":
    main()
