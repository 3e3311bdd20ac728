"""All of it, and what came out, as docs/reliability.md: `python -m tests.torture [PART_OF_FULL_SIZE]`."""

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from rnncli import __version__

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
#: what is done -> (module, its full size, its other words)
PARTS = {
    "damaged models, checkpoints and states": ("tests.torture.damaged_models", 200_000, ()),
    "damaged data files of every form": ("tests.fuzz", 300_000, ()),
    "trainings ended and resumed, forked, with frequent checkpoints": ("tests.torture.kills", 9_500, ()),
    "trainings ended and resumed, from the shell": ("tests.torture.kills", 500, ("--shell",)),
    "ranks of Open MPI and MPICH killed, trainings resumed": ("tests.torture.ranks", 1_300, ()),
    "signals at random moments": ("tests.cli.stress_signals", 2_000, ()),
    "rows of streams, one after the other": ("tests.torture.day", 10_000_000, ()),
}
HEAD = """# Reliability

What `make torture` has tried, and what came out. Each part is a module with its own description; the tests run a small
share of it. `make torture PART=0.01` tries a hundredth.

A damaged file of ours has a bit, a length, a value of its JSON or a tensor changed, most with a checksum that is right
again. It has to be refused in one line, or to be read: no traceback, no signal, no hang beyond 10 s, and no more than
300 MB of memory.

A training that was ended by SIGKILL, SIGTERM or SIGINT at random moments, and resumed each time, has to give the MODEL
of one that nobody ended, bit for bit; so has a training of several ranks, of which one is killed. A stream has to need
no more memory and no more time a row at its end than at its beginning. A signal at a random moment has to end a command
within a second, with a line and the right code.

| part | tried | came out | minutes |
|---|---|---|---|
"""


def main(part: float) -> int:
    """Run them one after the other; 1 if anything is wrong."""
    rows, wrong = [], 0
    for name, (module, size, words) in PARTS.items():
        count, begin = max(1, round(part * size)), time.monotonic()
        print(f"{name}: {count:,}", flush=True)
        command = [sys.executable, "-m", module, str(count), *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(done.stdout, flush=True)
        wrong += bool(done.returncode)
        last = [line for line in ("nothing was said", *done.stdout.splitlines()) if line][-1]
        rows.append(f"| {name} | {count:,} | {last} | {(time.monotonic() - begin) / 60:.1f} |\n")
    PAGE.write_text(HEAD + "".join(rows) + f"\nrnncli {__version__}, {date.today().isoformat()}.\n", encoding="utf-8")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
