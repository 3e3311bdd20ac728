"""The tasks of docs/tables.md: what was published, and with which options each cell is trained here."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quality import Bench, archive, characters

MAKER = Path(__file__).parents[1] / "sample_data" / "long_tasks.py"
CELLS = ("lstm", "gru", "rnn", "conv", "mingru")
PARITY = 40, 5000, 640, 1000  # steps and sequences, of training and of the test
BAI = "[Bai, Kolter & Koltun 2018](https://arxiv.org/abs/1803.01271), table 1"
FENG = "[Feng et al. 2024](https://arxiv.org/abs/2410.01201)"


@dataclass
class Task:
    """One table, with a row for each cell.

    `common` and `options` (by cell) are those of `train`; `measure(bench, options)` trains, which leaves the model in
    `bench.out`, and gives the figure.
    """

    name: str
    title: str
    figure: str
    source: str  # of what is published
    published: dict[str, float]
    common: str
    options: dict[str, str]
    measure: Callable[[Bench, list[str]], float]

    @property
    def rows(self) -> dict[str, str]:
        """Name of a row -> its cell."""
        return {f"{self.name}-{cell}": cell for cell in CELLS}

    def words(self, cell: str) -> list[str]:
        """The options of `train` for a cell, which may say its own options."""
        own = self.options.get(cell, "")
        return shlex.split(f"{self.common} {own if '--cell' in own else f'--cell {cell} {own}'}")


def made(bench: Bench, task: str, name: str, steps: int, size: int, seed: int) -> Path:
    """A file of a synthetic task."""
    path, numbers = bench.out / f"{name}.npz", {"--steps": steps, "--size": size, "--seed": seed}
    words = [str(word) for pair in numbers.items() for word in pair]
    subprocess.run([sys.executable, str(MAKER), task, str(path), *words], check=True)
    return path


def adding(steps: int, size: int):
    """Mean squared error on 1,000 other sequences."""

    def measure(bench, options):
        model = bench.train(made(bench, "adding", "train", steps, size, 0), *options)
        return bench.evaluate(model, made(bench, "adding", "test", steps, 1000, 1))["rmse"] ** 2

    return measure


def copy(steps: int, size: int):
    """Nats a step on 1,000 other sequences, by which the weights are chosen too."""

    def measure(bench, options):
        valid = made(bench, "copy", "valid", steps, 1000, 1)
        model = bench.train(made(bench, "copy", "train", steps, size, 0), *options, "--valid", valid)
        return json.loads(bench.run("inspect", model, "--json"))["valid_loss"]

    return measure


def parity(bench, options):
    """Trained on sequences of 40 steps, tested at all 640 of longer ones."""
    steps, size, longer, tested = PARITY
    model = bench.train(made(bench, "parity", "train", steps, size, 0), *options)
    return bench.evaluate(model, made(bench, "parity", "test", longer, tested, 1))["accuracy"]


def chorales(bench, options):
    """The split as given, the weights chosen by the validation file."""
    folder = bench.data / "jsb_chorales"
    model = bench.train(folder / "jsb.train.csv", "--valid", folder / "jsb.valid.csv", *options)
    return bench.evaluate(model, folder / "jsb.test.csv")["nats_per_step"]


def treebank(bench, options):
    """Characters of the words, one blank between them, a line end behind each sentence."""
    files = {}
    for part in ("train", "valid", "test"):
        files[part] = bench.out / f"ptb.{part}.txt"
        lines = (bench.data / "ptb" / f"ptb.{part}.txt").read_text().splitlines()
        files[part].write_text("".join(f"{line.strip()}\n" for line in lines))
    model = bench.train(files["train"], "--valid", files["valid"], *options)
    return bench.evaluate(model, files["test"])["bits_per_token"]


def shakespeare(bench, options):
    """As in docs/quality.md."""
    return characters(bench, bench.data / "tinyshakespeare", options)["nats_per_token"]


def univariate(bench, options):
    """As in docs/quality.md; the model that is left is that of the last set."""
    return archive(bench, bench.data / "ucr", options)["mean accuracy"]


ADDING = "--task regress --no-bidirectional --pool last --dropout 0"
OF_ADDING = {  # 70,000 parameters
    "lstm": "--hidden 130",
    "gru": "--hidden 150",
    "rnn": "--cell rnn:activation=relu,recurrent=orthogonal --hidden 260",
    "conv": "--cell conv:kernel=7 --hidden 30",
    "mingru": "--hidden 150 --layers 2 --epochs 3",
}
#: few paths of a convolution lead to the far end of what it reads: two layers more than cover 600 steps
OF_LONG_ADDING = OF_ADDING | {"conv": "--cell conv:kernel=7 --layers 8 --hidden 25 --epochs 10 --patience 0"}
COPY = "--task tag --no-bidirectional --dropout 0"
OF_COPY = {  # 16,000 parameters
    "lstm": "--hidden 60",
    "gru": "--hidden 70",
    "rnn": "--cell rnn:activation=linear,recurrent=orthogonal,turn=0.01 --hidden 120 --lr 0.012 --epochs 8",
    "conv": "--cell conv:kernel=8 --hidden 12",
    "mingru": "--hidden 70 --layers 2",
}
MSE, NATS = "mean squared error", "nats a step"

TASKS = [
    Task("adding-200", "Adding problem, T = 200", MSE, "no table", {}, ADDING, OF_ADDING, adding(200, 20_000)),
    Task("adding-600", "Adding problem, T = 600, 50,000 sequences", MSE, f"{BAI}, 70 k parameters",
         {"lstm": 0.164, "gru": 5.3e-5, "rnn": 0.177, "conv": 5.8e-5}, ADDING, OF_LONG_ADDING, adding(600, 50_000)),
    Task("copy-500", "Copy memory, T = 500", NATS, "no table", {}, COPY, OF_COPY, copy(500, 10_000)),
    Task("copy-1000", "Copy memory, T = 1000", NATS, f"{BAI}, 16 k parameters",
         {"lstm": 0.0204, "gru": 0.0197, "rnn": 0.0202, "conv": 3.5e-5}, COPY, OF_COPY, copy(1000, 10_000)),
    Task("parity", "Parity, trained at 40 steps, tested at 640", "accuracy of a step", "no table", {},
         "--task tag --no-bidirectional --dropout 0 --noise 0.3 --hidden 64 --lr 0.01 --epochs 8", {}, parity),
    Task("jsb", "JSB chorales, the best weights by the validation file", "nats a frame", f"{BAI}, 300 k parameters",
         {"lstm": 8.45, "gru": 8.43, "rnn": 8.91, "conv": 8.10}, "--group series --time t", {}, chorales),
    Task("ptb-char", "Penn Treebank, characters", "bits a character", f"{BAI}, 3 M parameters",
         {"lstm": 1.36, "gru": 1.37, "rnn": 1.48, "conv": 1.31}, "--minutes 55", {}, treebank),
    Task("tinyshakespeare", "tinyshakespeare, 3 minutes, median of seeds 0 to 2", "nats a character",
         FENG, {"mingru": 1.548}, "--minutes 3", {}, shakespeare),
    Task("ucr", "UCR, 16 sets, trained networks (docs/quality.md has the default, which is frozen)", "mean accuracy",
         "no table for these sets", {}, "--format wide --label 1", {}, univariate),
]  # fmt: skip
