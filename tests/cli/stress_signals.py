"""Signals at random moments of real commands, from the first line of the program on.

    python -m tests.cli.stress_signals [300] [--first 0] [--seed 0]

Each command is started, gets SIGINT or SIGTERM at a random moment, half of the trainings a second one soon after, and
has to end in time, with the exit code of the signal and without a traceback. `Case.problem` says what was wrong.
Moments count from our first lines, before which Python itself begins.
"""

import argparse
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S, SOON_S = 1.0, 0.1  # from the last signal to the end
TRAIN = ("train", "text.txt", "--hidden", "64", "--batch", "16", "--steps", "32", "--minutes", "5", "--threads", "2")
#: name -> the command, and the seconds in which signals come
COMMANDS = {
    "train text": ((*TRAIN, "-o", "a.st"), 4.0),
    "train table": (("train", "table.csv", "--target", "v", "--minutes", "5", "-o", "b.st"), 4.0),
    "train --tune": ((*TRAIN, "--tune", "-o", "c.st"), 4.0),
    "generate": (("predict", "m.st", "--prompt", "the ", "--length", "100000000"), 2.0),
    "score": (("predict", "m.st", "--score", "long.txt"), 2.0),
    "follow": (("predict", "m.st", "--score", "--follow", "--state-file", "s.state"), 2.0),
    "inspect": (("inspect", "m.st", "text.txt", "--report", "r.html"), 2.0),
    "help": (("--help",), 0.08),
}
ENDING = ("score", "inspect", "help")  # by themselves


@dataclass
class Case:
    """One command that got a signal."""

    name: str
    number: int
    moments: list[float]
    code: int
    wait_s: float  # from the last signal to the end
    err: str

    @property
    def problem(self) -> str | None:
        """What is wrong with how it ended."""
        if self.code != 128 + self.number:
            return f"exit code {self.code}, expected {128 + self.number}"
        if "Traceback" in self.err or "Exception ignored" in self.err:
            return "a traceback"
        if not re.search(r"^rnncli: \S", self.err, re.M):
            return "no message"
        return f"{self.wait_s:.2f} s" if self.wait_s > PATIENCE_S else None


def prepare(folder: Path) -> None:
    """The files of the commands."""
    text = "".join(f"{random.Random(i).choice(['the cat sat', 'a dog ran off', 'on we go'])} {i}\n" for i in range(900))
    (folder / "text.txt").write_text(text)
    (folder / "long.txt").write_text(text * 400)
    (folder / "table.csv").write_text("v,w\n" + "".join(f"{i % 7},{i % 11}\n" for i in range(3000)))
    command = [*program(), "train", "text.txt", "--hidden", "16", "--epochs", "1", "-o", "m.st", "--quiet"]
    subprocess.run(command, cwd=folder, check=True)


def program() -> list[str]:
    """The command as users have it."""
    return [str(Path(sys.executable).with_name("rnncli"))]


def cases(folder: Path, count: int, seed: int, names: list[str], first: int = 0) -> Iterator[Case]:
    """So many commands, each with a signal; those that had ended before it, or had done all, are left out."""
    for index in range(first, first + count):
        rng = random.Random(f"{seed} {index}")
        name = rng.choice(names)
        number = rng.choice([signal.SIGINT, signal.SIGTERM])
        moments = [rng.uniform(0, COMMANDS[name][1])]
        if name.startswith("train") and rng.random() < 0.5:
            moments.append(rng.uniform(0.001, 0.3))
        case = one(folder, name, number, moments)
        if case:
            yield case


def one(folder: Path, name: str, number: int, moments: list[float]) -> Case | None:
    """Run the command; `moments` are the seconds before each signal."""
    for left in (*folder.glob("*.checkpoint"), *folder.glob("*.state")):
        left.unlink()
    command = [*program(), *COMMANDS[name][0]]
    with open(folder / "stdout", "wb") as stdout:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE)
    sent: list[float] = []
    until_caught(process.pid)
    for moment in moments:
        try:
            process.wait(moment)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            sent.append(moment)
    begin = time.monotonic()
    try:
        _, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        _, err = process.communicate()
    wait_s = time.monotonic() - begin
    if process.returncode == 0 and name in ENDING:  # the signal came while it left
        whole = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
        sent = [] if (folder / "stdout").read_bytes() == whole else sent
    return Case(name, number, sent, process.returncode, wait_s, err.decode()) if sent else None


def until_caught(process: int) -> None:
    """Wait until the process catches SIGTERM, or has ended. Before, Python itself begins, which a SIGINT may end with
    code 1 and a traceback.
    """
    bit = 1 << (signal.SIGTERM - 1)
    while True:
        status = Path(f"/proc/{process}/status").read_text()
        if "State:\tZ" in status or int(re.search(r"^SigCgt:\s*(\w+)", status, re.M)[1], 16) & bit:
            return
        time.sleep(0.001)


def torture(count: int, first: int, seed: int, names: list[str]) -> Counter:
    """How soon commands ended after their last signal, and how many wrongly; what was wrong is printed."""
    counts = Counter(dict.fromkeys(("commands", "signals", "ended within a tenth of a second", "later", "wrong"), 0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for case in cases(folder, count, seed, names, first):
            soon = case.wait_s < SOON_S
            counts.update({"commands": 1, "signals": len(case.moments), "later": not soon, "wrong": bool(case.problem)})
            counts["ended within a tenth of a second"] += soon
            if case.problem:
                moments = " + ".join(f"{m:.3f}" for m in case.moments)
                print(f"{case.name}, signal {case.number} at {moments} s: {case.problem}", flush=True)
                print("".join(f"    {line}\n" for line in case.err.splitlines()[-3:]), end="")
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("count", nargs="?", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=COMMANDS, action="append")
    options = parser.parse_args()
    counts = torture(options.count, options.first, options.seed, options.only or list(COMMANDS))
    print(", ".join(f"{name} {count:,}" for name, count in counts.items()))
    sys.exit(counts["wrong"] > 0)
