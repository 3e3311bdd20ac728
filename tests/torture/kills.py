"""Trainings that are killed and resumed: `python -m tests.torture.kills [KILLS] [--shell]`.

A training of some kind is started, ended at a random moment by SIGKILL, SIGTERM or SIGINT, and started again with
--resume, until it has been ended LIVES times; then it runs to its end. Right is the MODEL of a training that nobody
ended, bit for bit, and nothing beside it. Trainings are forked from a process that has all modules, and write a
checkpoint every OFTEN seconds; those from the shell are commands of their own, with that interval or the usual one.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from pathlib import Path

from rnncli.cli import exits
from rnncli.data import signals
from rnncli.training import loop
from tests.conftest import COMMAND, command_line
from tests.torture.kinds import KINDS, SMALL, write_inputs

LIVES = 10  # times that a training is ended
OFTEN = 0.02  # seconds from one checkpoint to the next
EPOCHS = "40"
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
#: the signal itself ends what has not come to its first line
CODES = {0, *(-number for number in SIGNALS), 128 + signal.SIGTERM, 128 + signal.SIGINT}
TRAINED = [name for name, kind in KINDS.items() if kind.trained]
SET_OFTEN = "import sys; from rnncli.training import loop; loop.CHECKPOINT_SECONDS = float(sys.argv.pop(1)); "
RUN = "from rnncli.cli import main; sys.exit(main())"


class Trainings:
    """In a folder with the inputs."""

    def __init__(self, folder: Path, shell: bool):
        self.folder, self.shell, self.number = folder, shell, 0
        self.sound = cache(self._sound)

    def _sound(self, name: str) -> tuple[bytes, float]:
        """The MODEL of a training that nobody ends, and how long it takes."""
        begin = time.monotonic()
        code = self.wait(self.start(name, f"{name}.sound", OFTEN))
        assert code == 0, (name, code, (self.folder / "stderr").read_text())
        return (self.folder / f"{name}.sound").read_bytes(), time.monotonic() - begin

    def start(self, name: str, output: str, interval: float) -> int:
        """Its process."""
        words = ["train", KINDS[name].file, *SMALL, *KINDS[name].train, "--epochs", EPOCHS, "--resume", "-o", output]
        if self.shell:
            often = [sys.executable, "-c", SET_OFTEN + RUN, str(interval)]
            command = [*(often if interval == OFTEN else COMMAND), *words]
            with open(self.folder / "stderr", "w") as err:
                return subprocess.Popen(command, cwd=self.folder, stderr=err, stdin=subprocess.DEVNULL).pid
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # so that none comes to the child before it is one
        child = os.fork()
        if child:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        else:
            os.chdir(self.folder)
            for end, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY)):
                os.dup2(os.open(os.devnull, flags), end)
            os.dup2(os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            signals.catch()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            loop.CHECKPOINT_SECONDS, sys.argv = interval, ["rnncli", *words]
            exits.run(command_line())
        return child

    @staticmethod
    def wait(process: int) -> int:
        """Its exit code, negative where a signal ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def life(self, name: str, rng: random.Random, kills: int) -> str | None:
        """What is wrong after a training was ended so often."""
        self.number += 1
        output, (sound, seconds) = f"m{self.number}", self.sound(name)
        for _ in range(kills):
            process = self.start(name, output, rng.choice((OFTEN, 60.0)) if self.shell else OFTEN)
            time.sleep(rng.random() * seconds)
            os.kill(process, rng.choice(SIGNALS))
            code = self.wait(process)
            if code not in CODES:
                return f"exit code {code}: {self._said()}"
        code = self.wait(self.start(name, output, OFTEN))
        if code:
            return f"exit code {code} when it was resumed: {self._said()}"
        if (self.folder / output).read_bytes() != sound:
            return "another MODEL"
        left = [path.name for path in self.folder.iterdir() if output in path.name and path.name != output]
        (self.folder / output).unlink()
        return f"left behind: {left}" if left else None

    def _said(self) -> str:
        return (self.folder / "stderr").read_text()[-300:]


def torture(kills: int, shell: bool, seed: int = 0) -> Counter:
    """How many were resumed to the same bytes, and how many not."""
    counts: Counter = Counter()
    with tempfile.TemporaryDirectory() as place:
        write_inputs(Path(place))
        trainings = Trainings(Path(place), shell)
        before = set(os.listdir(place))
        for number in range(0, kills, LIVES):
            rng = random.Random(f"{seed} {number}")
            name, count = rng.choice(TRAINED), min(LIVES, kills - number)
            wrong = trainings.life(name, rng, count)
            counts["lost" if wrong else "same bytes"] += count
            if wrong:
                print(f"{number}: {name}: {wrong}", flush=True)
        expected = before | {f"{name}.sound" for name in TRAINED} | {"stderr"}
        left = set(os.listdir(place)) - expected
        if left:
            print(f"left behind: {sorted(left)[:10]}", flush=True)
        counts["left behind"] += len(left)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kills", nargs="?", type=int, default=9_500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shell", action="store_true")
    options = parser.parse_args()
    counts = torture(options.kills, options.shell, options.seed)
    print(", ".join(f"{name} {count:,}" for name, count in sorted(counts.items())))
    sys.exit(bool(counts["lost"] or counts["left behind"]))
