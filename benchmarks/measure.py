"""Taking turns: our side and a peer in a child process, round by round, and what other processes did meanwhile."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import ClassVar

from rnncli.kernels import ahead
from rnncli.kernels.cpus import usable_cpus

HERE = Path(__file__).parent
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # where they are set, they hold OpenBLAS below its best
BUSY = 0.03  # of the CPU time taken by others, or by the host of a virtual machine: the figures are not to be used
FEWEST = 3  # rounds that a median is taken of
SETTLE = 0.05  # seconds before each turn, for the other side's threads to fall asleep

Side = Callable[[int], tuple[float, float]]  # so many units of work -> (tokens or operations, seconds)


@dataclass
class Settings:
    """How long to measure."""

    rounds: int
    seconds: float  # of a batch of work
    starts: int = 0  # of a process
    longest: float = math.inf  # seconds after which FEWEST rounds are enough


@dataclass
class Comparison:
    """Work a second of both sides, round by round."""

    ours: list[float]
    peer: list[float]
    busy: float  # share of the CPU time that others took meanwhile

    @property
    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.peer, strict=True)]


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
        """n units of work are a request with `count` = n·scale; each unit counts as `work`. `threads` may be named."""
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
    return compare_all({name: (ours, peer)}, settings)[name]


def compare_all(pairs: dict[str, tuple[Side, Side]], settings: Settings) -> dict[str, Comparison]:
    """name -> (ours, the peer's): in every round each pair has its turns, one pair after another."""
    say(f"{next(iter(pairs))} ..")
    speeds, busy = take_turns([side for pair in pairs.values() for side in pair], settings)
    results = {name: Comparison(*speeds[2 * i : 2 * i + 2], busy) for i, name in enumerate(pairs)}
    for name, c in results.items():
        ratio = f"{median(c.ours):,.0f} / {median(c.peer):,.0f} = {median(c.ratios):.2f}"
        say(f"{name}: {ratio}, {len(c.ours)} rounds, others {busy:.0%}")
    return results


def take_turns(sides: list[Side], settings: Settings) -> tuple[list[list[float]], float]:
    """Work a second of each side, round by round, and the share of the CPU time that others took meanwhile."""
    turns = [(side, units_for(side, settings.seconds), []) for side in sides]
    while ahead.at_work():  # the second process, where the kernel cache was empty
        time.sleep(SETTLE)
    start = time.monotonic()
    others = OtherWork()
    for done in range(settings.rounds):
        if done >= FEWEST and time.monotonic() - start > settings.longest:
            break
        for side, units, speeds in turns:
            time.sleep(SETTLE)
            work, seconds = side(units)
            speeds.append(work / seconds)
    return [speeds for _, _, speeds in turns], others.share()


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
        seconds = (time.monotonic() - self.start) * usable_cpus()
        return max(0.0, (self._others() - self.others) / seconds)


def warn_if_busy() -> None:
    """Say before a long run that it will be in vain."""
    work = OtherWork()
    time.sleep(1)
    if work.share() > BUSY:
        say(f"others are using {work.share():.0%} of the CPUs: the figures will not be usable")


def publish(text: str, out: Path | None, start: float) -> None:
    """To a file, if there is one, and to stdout; then say how long it took."""
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
    print(text, end="")
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    say(f"done in {minutes}:{seconds:02d}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
