"""What the tool reaches at bare defaults on the data sets of a folder: `make quality`.

    python benchmarks/quality.py --data FOLDER --out docs/quality.md [--rnncli COMMAND] [--only SET..]

Each set is split as its literature does, trained with nothing but the columns named, and evaluated on its test part. A
set that is not there is left out. The page has the figures of this commit beside those of the commit measured before
it; both are kept as JSON beside the page.
"""

import argparse
import csv
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

HEAD = """# What it reaches

Bare defaults: nothing is named but columns, the horizon and what the split needs. Made by `make quality`; do not edit.
`now` is of version {now}, `before` of {before}. Seconds include start-up and compiled kernels, on a shared machine
of {cpus} CPUs.

| set | task | trained with | split | figure | before | now | seconds |
|---|---|---|---|---|---|---|---|
"""


@dataclass
class Bench:
    """The command, the data folder, and a folder for what is written."""

    command: list[str]
    data: Path
    out: Path

    def run(self, *arguments) -> str:
        """What it prints."""
        words = [str(argument) for argument in arguments]
        done = subprocess.run([*self.command, *words], check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(words)}: {done.stderr.strip().splitlines()[-1]}")
        return done.stdout

    def train(self, *arguments) -> Path:
        """The model."""
        self.run("train", *arguments, "-o", self.out / "model", "--quiet")
        return self.out / "model"

    def evaluate(self, model: Path, *arguments) -> dict:
        """Its figures on the test part."""
        return json.loads(self.run("predict", model, *arguments, "--evaluate"))


@dataclass
class Set:
    """A set of data: where it lies, how it is trained, and what is measured."""

    name: str
    task: str
    options: str  # of `train`, beside the file
    split: str
    measure: Callable[[Bench, Path, list[str]], dict[str, float]]
    folder: str = ""  # default: the name

    def run(self, bench: Bench) -> dict[str, float]:
        """The figures by name."""
        return self.measure(bench, bench.data / (self.folder or self.name), shlex.split(self.options))


def given(train: str, test: str, *keys: str):
    """Trained on one file, evaluated on another; keys such as `per_class.spam.f1`."""

    def measure(bench, folder, options):
        model = bench.train(folder / train, *options)
        return picked(bench.evaluate(model, folder / test), keys)

    return measure


def picked(found: dict, keys) -> dict[str, float]:
    """The figures of these names."""
    out = {}
    for key in keys:
        value = found
        for part in key.split("."):
            value = value[part] if value is not None else None
        out[key] = value
    return out


def in_time(file: str, begin: str, *keys: str, until: str | None = None, free: int = 0):
    """Trained on the rows before `begin`, evaluated on those from it on."""

    def measure(bench, folder, options):
        model = bench.train(folder / file, *options, "--until", begin)
        end = ["--until", until] if until else []
        run = ["--free-run", free] if free else []
        found = bench.evaluate(model, folder / file, "--from", begin, *end, *run)
        if "mse" in found:
            found["rmse"] = math.sqrt(found["mse"])
        return picked(found, keys)

    return measure


def every_fifth(file: str, header: bool, *keys: str):
    """Every fifth row is for the test."""

    def measure(bench, folder, options):
        lines = (folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
        top, rows = (lines[:1], lines[1:]) if header else ([], lines)
        parts = {"train": [], "test": []}
        for number, row in enumerate(rows):
            parts["test" if number % 5 == 4 else "train"].append(row)
        for name, part in parts.items():
            (bench.out / f"{name}.tsv").write_text("".join(top + part), encoding="utf-8")
        model = bench.train(bench.out / "train.tsv", *options)
        return picked(bench.evaluate(model, bench.out / "test.tsv"), keys)

    return measure


def archive(bench, folder, options):
    """The mean accuracy over all sets of the folder, and the accuracy of each."""
    out = {}
    for train in sorted(folder.glob("*_TRAIN.tsv")):
        model = bench.train(train, *options)
        test = train.with_name(train.name.replace("TRAIN", "TEST"))
        out[train.name.removesuffix("_TRAIN.tsv")] = bench.evaluate(model, test)["accuracy"]
    return {"mean accuracy": mean(out.values())} | out


def characters(bench, folder, options):
    """The first nine tenths for training, the rest for the test; the median of three seeds."""
    text, found = (folder / "input.txt").read_text(), []
    cut = len(text) * 9 // 10
    (bench.out / "train.txt").write_text(text[:cut])
    (bench.out / "test.txt").write_text(text[cut:])
    for seed in range(3):
        model = bench.train(bench.out / "train.txt", *options, "--seed", seed)
        found.append(bench.evaluate(model, bench.out / "test.txt")["nats_per_token"])
    return {"nats_per_token": median(found)}


def m4(bench, folder, options):
    """sMAPE and MASE of the competition, whose answers lie in a second file. Its MASE is by changes from week to week,
    where the model's is by those of the season that it found.
    """
    file, answers = folder / "Weekly-train.csv", rows_of(folder / "Weekly-test.csv")
    model, ahead = bench.train(file, *options), defaultdict(list)
    for line in bench.run("predict", model, file).splitlines():
        key, _, value, *_ = line.split("\t")
        ahead[key].append(float(value))
    scaled = [
        mean(abs(y - f) for y, f in zip(answers[key], ahead[key], strict=True))
        / mean(abs(after - before) for before, after in pairwise(known))
        for key, known in rows_of(file).items()
    ]
    found = bench.evaluate(model, file, "--answers", folder / "Weekly-test.csv")
    return {"smape": 100 * found["smape"], "mase": mean(scaled)}


def rows_of(file: Path) -> dict[str, list[float]]:
    """The values of each series by its name, the first of its row."""
    with file.open(newline="") as opened:
        next(rows := csv.reader(opened))
        return {name: [float(value) for value in values if value] for name, *values in rows}


def taxi(bench, folder, options):
    """Coverage of the interval, and how many of the five windows the twelve oddest days touch."""
    begin, file = "2014-10-01", folder / "nyc_taxi.csv"
    model = bench.train(file, *options, "--until", begin)
    found = picked(bench.evaluate(model, file, "--from", begin), ["coverage", "mase"])
    days = defaultdict(float)
    for line in bench.run("predict", model, file, "--from", begin, "--score").splitlines():
        at, nats = line.split("\t")
        days[at[:10]] += 0.0 if nats == "NaN" else float(nats)
    oddest = sorted(days, key=days.get)[-12:]
    windows = json.loads((folder / "windows.json").read_text())["nyc_taxi.csv"]
    return found | {"windows of 5": sum(any(a[:10] <= day <= b[:10] for day in oddest) for a, b in windows)}


SERIES = "--group series --time t"
SETS = [
    Set("airpassengers", "forecast", "--time Month --target Passengers --horizon 12", "last 24 months",
        in_time("airline-passengers.csv", "120", "mape", "mase", "coverage")),
    Set("sunspots", "forecast", "--time Month --target Sunspots --horizon 12", "last 20 %",
        in_time("monthly-sunspots.csv", "2256", "mae", "naive.mae", "seasonal_naive.mae", "coverage")),
    Set("etth1", "forecast", "--time date --horizon 96", "rows 11,520 to 14,400",
        in_time("ETTh1.csv", "11520", "mse_scaled", "mae_scaled", "coverage", until="14400")),
    Set("m4_weekly", "forecast", "--format wide --task forecast --group V1 --horizon 13", "given", m4),
    Set("lorenz", "forecast", "--time t", "last 20 %, 20 free runs of 400 steps",
        in_time("lorenz.csv", "16000", "valid_steps", free=400), folder="chaos"),
    Set("mackey_glass_17", "forecast", "--time t", "last 20 %",
        in_time("mackey_glass_17.csv", "8000", "rmse", "coverage"), folder="chaos"),
    Set("nab_nyc_taxi", "forecast", "--time timestamp --target value", "from 2014-10-01", taxi),
    Set("jsb_chorales", "forecast", SERIES, "given", given("jsb.train.csv", "jsb.test.csv", "nats_per_step")),
    Set("italy_power", "classify", f"--label label {SERIES}", "given", given("train.csv", "test.csv", "accuracy")),
    Set("japanese_vowels", "classify", f"--label label {SERIES}", "given", given("train.csv", "test.csv", "accuracy")),
    Set("covid3month", "regress", f"--task regress --target target {SERIES}", "given",
        given("train.csv", "test.csv", "rmse")),
    Set("ucr", "classify", "--format wide --label 1", "given, 16 sets", archive),
    Set("sms_spam", "classify", "--label 1 --text 2", "every fifth row",
        every_fifth("SMSSpamCollection.tsv", False, "per_class.spam.f1", "accuracy")),
    Set("names", "classify", "--text name --label language", "every fifth row",
        every_fifth("names.tsv", True, "accuracy", "macro_f1")),
    Set("conll2000", "tag", "--task tag", "given", given("train.txt", "test.txt", "f1", "accuracy")),
    Set("ud_english_ewt", "tag", "--task tag", "dev, test",
        given("dev.word_upos.tsv", "test.word_upos.tsv", "accuracy")),
    Set("ptb", "language", "--tokens word --vocabulary 10000", "given",
        given("ptb.train.txt", "ptb.test.txt", "perplexity")),
    Set("tinyshakespeare", "language", "--minutes 3", "last 10 %, median of seeds 0 to 2", characters),
]  # fmt: skip


def written(figure) -> str:
    """Four digits."""
    return "-" if figure is None else f"{figure:.4g}" if isinstance(figure, float) else str(figure)


def page(runs: dict, out: Path) -> None:
    """Write the table."""
    now, before = runs["now"], runs.get("before", {})
    lines = [HEAD.format(now=now["version"], before=before.get("version", "none"), cpus=os.cpu_count())]
    for s in SETS:
        if s.name not in now["figures"]:
            continue
        old = before.get("figures", {}).get(s.name, {})
        for number, (figure, value) in enumerate(now["figures"][s.name].items()):
            what = f"{s.name} | {s.task} | `{s.options}` | {s.split}" if number == 0 else " | | | "
            seconds = now["seconds"][s.name] if number == 0 else ""
            lines.append(f"| {what} | {figure} | {written(old.get(figure))} | {written(value)} | {seconds} |\n")
    out.write_text("".join(lines))


def commit() -> str:
    """What is measured."""
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True)
    return said.stdout.strip()


def main() -> None:
    """Measure, then write the page and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rnncli", default=f"{sys.executable} -m rnncli")
    parser.add_argument("--only", nargs="*", default=[s.name for s in SETS])
    parser.add_argument("--version", default="", help="what this run is called on the page; default: the commit")
    arguments = parser.parse_args()
    kept = arguments.out.with_suffix(".json")
    runs = json.loads(kept.read_text()) if kept.exists() else {}
    version = arguments.version or commit()
    if runs.get("now", {}).get("version") != version:
        runs["before"] = runs.pop("now", {})
    now = runs.setdefault("now", {"version": version, "figures": {}, "seconds": {}})
    for s in SETS:
        if s.name not in arguments.only or not (arguments.data / (s.folder or s.name)).exists():
            continue
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                now["figures"][s.name] = s.run(Bench(shlex.split(arguments.rnncli), arguments.data, Path(folder)))
            except RuntimeError as error:
                print(f"{s.name}: {error}", file=sys.stderr)
                continue
        now["seconds"][s.name] = round(time.monotonic() - begin)
        print(s.name, now["figures"][s.name], now["seconds"][s.name], "s", flush=True)
        kept.write_text(json.dumps(runs, indent=1) + "\n")
        page(runs, arguments.out)


if __name__ == "__main__":
    main()
