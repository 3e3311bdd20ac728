"""A part of `make torture` in pieces: one process each, some beside each other, whose counts add up.

A piece is `python -m MODULE COUNT --first NUMBER --seed SEED WORDS`: the numbers NUMBER, NUMBER + 1, .. of what the
module draws by this seed. A part that is all one piece is `python -m MODULE COUNT WORDS`. The last line says what came
out. It is written down when the piece ends, so that a run that was ended can go on.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

COUNTS = re.compile(r"[a-z ]+ [\d,]+(, [a-z ]+ [\d,]+)*")  # a last line that adds up: `read 1,071, refused 4,929`


@dataclass(frozen=True)
class Part:
    """What is done, as the page says it; its module and other words; how often, and how often by one process."""

    title: str
    module: str
    size: int
    piece: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """What came of a number of tries."""

    seed: int
    first: int
    count: int
    code: int
    said: str
    seconds: float
    day: str


def run(part: Part, count: int, seed: int, journal: Path, jobs: int) -> list[Piece]:
    """Run what the journal does not have yet, or has as wrong; all pieces that it has, of other seeds too."""
    starts = {first: min(part.piece, count - first) for first in range(0, count, part.piece)}
    done = {(piece.seed, piece.first, piece.count) for piece in read(journal) if piece.code == 0}
    left = [piece for piece in starts.items() if (seed, *piece) not in done]
    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(_run, part, *piece, seed) for piece in left]
        for future in as_completed(waiting):
            with open(journal, "a") as file:
                file.write(json.dumps(asdict(future.result())) + "\n")
    return read(journal)


def read(journal: Path) -> list[Piece]:
    """The pieces that were run, as they came out the last time."""
    lines = journal.read_text().splitlines() if journal.exists() else []
    pieces = [Piece(**json.loads(line)) for line in lines]
    return list({(piece.seed, piece.first): piece for piece in pieces}.values())


def _run(part: Part, first: int, count: int, seed: int) -> Piece:
    begin = time.monotonic()
    where = () if part.piece == part.size else ("--first", str(first), "--seed", str(seed))
    command = [sys.executable, "-m", part.module, str(count), *where, *part.words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(f"{part.title}, {count:,} from {first:,}:\n{done.stdout}", flush=True)
    said = [line for line in ("nothing was said", *done.stdout.splitlines()) if line][-1]
    return Piece(seed, first, count, done.returncode, said, time.monotonic() - begin, date.today().isoformat())


def row(part: Part, pieces: list[Piece]) -> str:
    """The line of the page."""
    tried, minutes = sum(piece.count for piece in pieces), sum(piece.seconds for piece in pieces) / 60
    said = "; ".join(dict.fromkeys(piece.said for piece in pieces))
    if all(COUNTS.fullmatch(piece.said) for piece in pieces):
        total: Counter = Counter()
        for entry in (entry for piece in pieces for entry in piece.said.split(", ")):
            name, number = entry.rsplit(" ", 1)
            total[name] += int(number.replace(",", ""))
        said = ", ".join(f"{name} {number:,}" for name, number in total.items())
    return f"| {part.title} | {tried:,} | {said} | {minutes:.1f} | {max(piece.day for piece in pieces)} |"
