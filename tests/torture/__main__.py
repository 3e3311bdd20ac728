"""All of it, and what came out, as docs/reliability.md: `python -m tests.torture [PART_OF_FULL_SIZE]`."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from rnncli import __version__
from tests.torture.pieces import Part, read, row, run

ROOT = Path(__file__).parents[2]
PAGE, FOUND = ROOT / "docs" / "reliability.md", ROOT / "build" / "torture"
MEMORY = "/dev/shm"  # on a disk every fsync would be waited for, which matters to a computer that loses its power alone
MODELS = str(FOUND / "models")
PARTS = {
    "data": Part("damaged data files of every form", "tests.fuzz", 300_000, 10_000),
    "models": Part(
        *("damaged models, checkpoints and states", "tests.torture.damaged_models", 200_000, 2_500),
        ("--folder", MODELS),
    ),
    "forked": Part("trainings ended and resumed, forked, with frequent checkpoints", "tests.torture.kills", 9_500, 100),
    "shell": Part("trainings ended and resumed, from the shell", "tests.torture.kills", 500, 50, ("--shell",)),
    "ranks": Part("ranks of Open MPI and MPICH killed, trainings resumed", "tests.torture.ranks", 1_300, 1_300),
    "signals": Part("signals at random moments", "tests.cli.stress_signals", 2_100, 100),
    "rows": Part("rows of streams, one after the other", "tests.torture.day", 10_000_000, 10_000_000),
}
HEAD = f"""# Reliability

What `make torture` has tried, and what came out. Each part is a module with its own description; the tests run a small
share of it. `make torture PART=0.01` tries a hundredth. `ONLY="data models"` tries some of the parts
{", ".join(f"`{name}`" for name in PARTS)}. `GO_ON=1` goes on with a run that was
ended: what it has tried is not tried again, unless something was wrong.

A damaged file of ours has a bit, a length, a value of its JSON or a tensor changed, most with a checksum that is right
again. A damaged data file has bytes changed, cut, doubled or put in. Either has to be refused in one line, or to be
read: no traceback, no signal, no hang beyond 10 s, and no more than 300 MB of memory.

A training that was ended by SIGKILL, SIGTERM or SIGINT at random moments, and resumed each time, has to give the MODEL
of one that nobody ended, bit for bit; a kill is one that ended a process. So has a training of several ranks, of which
one is killed. A stream has to need no more memory and no more time a row at its end than at its beginning. A signal at
a random moment has to end a command within a second, with a line and the right code.

Pieces of a part run beside each other; the minutes are those of all of them. A piece in which something is wrong is
tried again when that is mended, and counts as it comes out then.

| part | tried | came out | minutes | day |
|---|---|---|---|---|
"""


def main() -> int:
    """Run the parts one after the other; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("part", nargs="?", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--go-on", action="store_true")
    parser.add_argument("--page", action="store_true", help="write what was found so far")
    options = parser.parse_args()
    if os.path.isdir(MEMORY):
        os.environ.setdefault("TMPDIR", MEMORY)
    FOUND.mkdir(parents=True, exist_ok=True)
    wrong = False
    for name in options.only or PARTS:
        part, journal = PARTS[name], FOUND / f"{name}.jsonl"
        if options.page:
            if journal.exists():
                write(row(part, read(journal)))
            continue
        if not options.go_on:
            journal.unlink(missing_ok=True)
            shutil.rmtree(FOUND / name, ignore_errors=True)
        pieces = run(part, max(1, round(options.part * part.size)), options.seed, journal, options.jobs)
        wrong |= any(piece.code for piece in pieces)
        write(row(part, pieces))
    return int(wrong)


def write(found: str) -> None:
    """The page with this row; the rows of other parts stay."""
    known = [*PAGE.read_text(encoding="utf-8").splitlines(), found]
    rows = {line.partition(" | ")[0]: line for line in known if line.startswith("| ")}
    lines = [rows[start] for part in PARTS.values() if (start := f"| {part.title}") in rows]
    PAGE.write_text(HEAD + "\n".join(lines) + f"\n\nrnncli {__version__}.\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
