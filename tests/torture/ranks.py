"""Ranks that are killed, and trainings resumed: `python -m tests.torture.ranks [KILLS] [--library NAME]`.

A training of two or three ranks is started by a launcher, and one of them, drawn, is killed by SIGKILL at a random
moment: of all its time, or of the time after its first update, as often. The launcher has to end with another code than
0 and a line that says why, within LONGEST_S, with no rank left running and no MODEL. Then the training is resumed by a
random number of ranks, or killed again, until it has been killed LIVES times. Right is the MODEL of one process that
nobody killed, bit for bit, and nothing beside it. A checkpoint is written every OFTEN seconds. Needs `make mpi`.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import COMMAND, make_text
from tests.launchers import LIBRARIES, end_ranks, environment, ranks_below, start, wait_for_an_update
from tests.torture.kills import OFTEN, RUN, SET_OFTEN

LIVES = 4  # times that a training is killed
LONGEST_S = 10.0  # from a kill to the end of the launcher
TRAIN = ("train", "t.txt", "--hidden", "16", "--batch", "16", "--steps", "24", "--dropout", "0.1", "--threads", "1")
#: name -> options of what is trained, each ending within some seconds
KINDS = {"text": ("--epochs", "80"), "members": ("--epochs", "30", "--members", "3")}
SAID = ("signal 9", "Killed")  # by the launchers, of a rank


@dataclass
class Found:
    """What came out."""

    kills: int = 0
    begun: int = 0  # of them after the first update
    resumed: int = 0  # of them in a training that went on from a checkpoint
    seconds: list[float] = field(default_factory=list)  # from a kill to the end
    wrong: list[str] = field(default_factory=list)


class Killed:
    """Trainings in a folder, under one launcher."""

    def __init__(self, library: str, folder: Path, rng: random.Random):
        self.library, self.folder, self.rng, self.found = library, folder, rng, Found()
        self.env = environment(library, dict(os.environ) | {"LANG": "C.UTF-8"})
        self.command = [sys.executable, "-c", SET_OFTEN + RUN, str(OFTEN)]
        (folder / "t.txt").write_text(make_text(300), encoding="utf-8")

    def whole(self, options: tuple[str, ...]) -> bytes:
        """The MODEL of one process."""
        command = [*COMMAND, *TRAIN, *options, "-o", "whole", "--restart", "-q"]
        subprocess.run(command, cwd=self.folder, check=True, stdin=subprocess.DEVNULL)
        return (self.folder / "whole").read_bytes()

    def start(self, options: tuple[str, ...]) -> subprocess.Popen:
        """Two or three ranks."""
        words = [*self.command, *TRAIN, *options, "-o", "m", "--resume"]
        return start(self.library, self.rng.choice((2, 3)), words, self.folder, self.env)

    def to_the_end(self, options: tuple[str, ...]) -> float:
        """The seconds that it takes."""
        begin, process = time.monotonic(), self.start(options)
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return time.monotonic() - begin

    def kill_one(self, options: tuple[str, ...], seconds: float) -> None:
        """A random rank, within this time."""
        process, moment = self.start(options), self.rng.random() * seconds
        said = wait_for_an_update(process) if self.rng.random() < 0.5 else ""
        time.sleep(moment / 2 if said else moment)
        ranks = ranks_below(process.pid, self.command)
        if not ranks:  # it has not begun, or has ended
            process.communicate(timeout=300)
            return
        began = time.monotonic()
        os.kill(self.rng.choice(ranks), signal.SIGKILL)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            end_ranks(process, self.command)
            self.found.wrong.append(f"{moment:.2f} s: it does not end")
            return
        took = time.monotonic() - began
        err = said + err
        self.found.kills += 1
        self.found.begun += "update " in err
        self.found.resumed += "continuing from update" in err
        self.found.seconds.append(took)
        self._judge(process, out + err, moment, took)

    def _judge(self, process: subprocess.Popen, said: str, moment: float, took: float) -> None:
        written = (self.folder / "m").exists()
        problems = {
            f"exit code {process.returncode}": process.returncode == 0 and not written,
            f"{took:.1f} s to the end": took > LONGEST_S,
            f"nobody says why: {said[-500:]}": "t.txt" in said and not any(word in said for word in SAID),
            "ranks are left": bool(ranks_below(process.pid, self.command)),
            "a traceback": "Traceback" in said,
        }
        self.found.wrong += [f"{moment:.2f} s: {what}" for what, is_so in problems.items() if is_so]

    def life(self, name: str, kills: int) -> None:
        """Kill a training so often, resume it, compare."""
        options, before = KINDS[name], self.found.kills
        sound = self.whole(options)
        seconds = self.to_the_end(options)
        (self.folder / "m").unlink()
        while self.found.kills < before + kills:
            for _ in range(LIVES):
                if self.found.kills < before + kills:
                    self.kill_one(options, seconds)
            self.to_the_end(options)
            if (self.folder / "m").read_bytes() != sound:
                self.found.wrong.append(f"{name}: another MODEL")
            left = sorted(path.name for path in self.folder.iterdir() if path.name not in ("t.txt", "whole", "m"))
            if left:
                self.found.wrong.append(f"left behind: {left}")
            (self.folder / "m").unlink()


def torture(kills: int, library: str, seed: int = 0, names: tuple[str, ...] = tuple(KINDS)) -> Found:
    """So many kills under a launcher, of each kind as many."""
    with tempfile.TemporaryDirectory() as place:
        killed = Killed(library, Path(place), random.Random(f"{seed} {library}"))
        for number, name in enumerate(names):
            killed.life(name, (kills + number) // len(names))
        return killed.found


def main(kills: int, libraries: list[str], seed: int) -> int:
    """Both libraries, half of the kills each; 1 if anything is wrong."""
    said, wrong = [], 0
    for library in libraries:
        if not LIBRARIES[library].exists():
            print(f"{library}: not tried, make mpi sets it up")
            continue
        found = torture(max(1, kills // len(libraries)), library, seed)
        for line in found.wrong:
            print(f"{library}: {line}", flush=True)
        wrong += len(found.wrong)
        resumed = f"{found.begun} after the first update, {found.resumed} of a training that was resumed"
        said.append(f"{library} {found.kills} kills, {resumed}, the longest end {max(found.seconds):.1f} s")
    print(f"{'; '.join(said)}: {wrong} wrong" if said else "not tried")
    return int(wrong > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kills", nargs="?", type=int, default=40)
    parser.add_argument("--library", choices=LIBRARIES)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sys.exit(main(options.kills, [options.library] if options.library else [*LIBRARIES], options.seed))
