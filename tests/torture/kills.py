"""Trainings that are killed and resumed: `python -m tests.torture.kills [KILLS] [--shell]`.

A training of some kind, of a cell that is drawn, is started, ended at a random moment by SIGKILL, SIGTERM or SIGINT,
and started again with --resume, until LIVES of its processes have been ended; then it runs to its end. One that comes
to its end before its signal is no kill, and is begun again. Right is the MODEL of a training that nobody ended, bit for
bit, and nothing beside it. Trainings are forked from a process that has all modules, and write a checkpoint every OFTEN
seconds; AT_ONCE of them do not wait for the end of the update that a signal comes in, as it is with a long one. Those
from the shell are commands of their own, with that interval or, USUALLY of them, the usual one.
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

from rnncli import registry
from rnncli.cli import exits
from rnncli.process import signals
from rnncli.training import loop
from tests.cli.stress_signals import until_caught
from tests.conftest import COMMAND, command_line
from tests.fork_server import import_all
from tests.torture.kinds import KINDS, SMALL, write_inputs

OUTPUT, LIVES = "model", 10  # kills of a training
OFTEN = 0.02  # seconds from one checkpoint to the next
USUAL_S, USUALLY = 60.0, 0.5
AT_ONCE = 0.5
SOONER = 0.7  # the longest time to a signal, where a training has ended before its own
EPOCHS = "40"
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
#: the signal itself ends what has not come to its first line
CODES = {0, *(-number for number in SIGNALS), 128 + signal.SIGTERM, 128 + signal.SIGINT}
CELLS = registry.names("cells")
TRAINED = [name for name, kind in KINDS.items() if kind.trained]
#: signals are caught first, as by the program
SET_OFTEN = (
    "import sys; often = float(sys.argv.pop(1)); from rnncli.data import signals; signals.catch(); "
    "from rnncli.training import loop; loop.CHECKPOINT_SECONDS = often; "
)
RUN = "from rnncli.cli import main; sys.exit(main())"


class Trainings:
    """In a folder with the inputs."""

    def __init__(self, folder: Path, shell: bool):
        self.folder, self.shell, self.counts = folder, shell, Counter[str]()
        self.sound = cache(self._sound)

    def _sound(self, name: str, cell: str) -> tuple[bytes, float]:
        """The MODEL of a training that nobody ends, and how long it takes."""
        begin = time.monotonic()
        code = self.wait(self.start(name, cell, "sound", OFTEN))
        assert code == 0, (name, cell, code, self._said())
        seconds, path = time.monotonic() - begin, self.folder / "sound"
        data = path.read_bytes()
        path.unlink()
        return data, seconds

    def start(self, name: str, cell: str, output: str, interval: float, at_once: bool = False) -> int:
        """Its process."""
        words = ["train", KINDS[name].file, *SMALL, *_of_cell(KINDS[name].train, cell)]
        words += ["--epochs", EPOCHS, "--resume", "-o", output]
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
            if at_once:
                loop.LONG_S = signals.GRACE_S = signals.SAME_S = 0.0
            exits.run(command_line())
        return child

    @staticmethod
    def wait(process: int) -> int:
        """Its exit code, negative where a signal ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def life(self, name: str, cell: str, rng: random.Random, kills: int) -> str | None:
        """What is wrong after a training was ended so often."""
        sound, seconds = self.sound(name, cell)
        while kills:
            usual, at_once = self.shell and rng.random() < USUALLY, not self.shell and rng.random() < AT_ONCE
            resumed = (self.folder / f"{OUTPUT}.checkpoint").exists()
            process = self.start(name, cell, OUTPUT, USUAL_S if usual else OFTEN, at_once)
            if self.shell:
                until_caught(process)
            time.sleep(rng.random() * seconds)
            os.kill(process, rng.choice(SIGNALS))
            code = self.wait(process)
            if code not in CODES:
                return f"exit code {code}: {self._said()}"
            if code == 0:
                if wrong := self._end(sound):
                    return wrong
                seconds *= SOONER
                continue
            kills -= 1
            self.counts["kills"] += 1
            self.counts["with the usual interval"] += usual
            self.counts["in an update"] += code > 0 and "everything but the update" in self._said()
            self.counts["of a resumed training"] += resumed
        code = self.wait(self.start(name, cell, OUTPUT, OFTEN))
        if code:
            return f"exit code {code} when it was resumed: {self._said()}"
        return self._end(sound)

    def _end(self, sound: bytes) -> str | None:
        """What is wrong with the files of a training that has come to its end."""
        files = self.files()
        if files.pop(OUTPUT, None) != sound:
            return "another MODEL"
        return f"left behind: {sorted(files)}" if files else None

    def files(self) -> dict[str, bytes]:
        """What a training has written, by name; it is removed."""
        found = {path.name: path.read_bytes() for path in self.folder.iterdir() if OUTPUT in path.name}
        for name in found:
            (self.folder / name).unlink()
        return found

    def _said(self) -> str:
        return (self.folder / "stderr").read_text()[-300:]


def _of_cell(words: tuple[str, ...], cell: str) -> list[str]:
    """The words of `train` with this cell in place of another."""
    kept = list(words)
    if "--cell" in kept:
        at = kept.index("--cell")
        del kept[at : at + 2]
    return [*kept, "--cell", cell]


def torture(kills: int, shell: bool, seed: int = 0, first: int = 0) -> Counter:
    """How often a training was ended, and how many of its kills were lost."""
    if not shell:
        import_all()
    with tempfile.TemporaryDirectory() as place:
        write_inputs(Path(place))
        trainings = Trainings(Path(place), shell)
        counts, before = trainings.counts, {*os.listdir(place), "stderr"}
        counts.update(dict.fromkeys(("kills", "lost", "left behind"), 0))
        for number in range(first, first + kills, LIVES):
            rng = random.Random(f"{seed} {number}")
            name, cell, count = rng.choice(TRAINED), rng.choice(CELLS), min(LIVES, first + kills - number)
            if wrong := trainings.life(name, cell, rng, count):
                counts["lost"] += count
                trainings.files()
                print(f"{number}: {name} {cell}: {wrong}", flush=True)
        if left := set(os.listdir(place)) - before:
            print(f"left behind: {sorted(left)[:10]}", flush=True)
        counts["left behind"] += len(left)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kills", nargs="?", type=int, default=9_500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shell", action="store_true")
    options = parser.parse_args()
    counts = torture(options.kills, options.shell, options.seed, options.first)
    print(", ".join(f"{name} {count:,}" for name, count in counts.items()))
    sys.exit(bool(counts["lost"] or counts["left behind"]))
