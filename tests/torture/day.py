"""A day of a stream at full speed: `python -m tests.torture.day [ROWS]`: memory and latency stay as they are.

Rows go to `predict --follow --score` of a text and of a series, ROWS of each. PARTS times, evenly apart, so many rows
are sent one by one, each when the answer to the one before is there: that is the latency.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.conftest import Here, Shell, make_text
from tests.torture.kinds import SMALL

PARTS, ALONE = 20, 50
GROWTH, SLOWER = 8 << 20, 2.0  # bytes, and times the latency, from the second part to the last one at most
KINDS = ("text", "series")


def model(folder: Path, kind: str) -> list[str]:
    """The words of a command that follows a stream of this kind, whose model is trained before."""
    here = Here(folder)
    if kind == "text":
        (folder / "text.txt").write_text(make_text(80), encoding="utf-8")
        words = ("text.txt", "--format", "lines")
    else:
        rows = "".join(f"{t},{t % 7}\n" for t in range(200))
        (folder / "series.csv").write_text(f"t,y\n{rows}")
        words = ("series.csv", "--target", "y", "--time", "t")
    done = here("train", *words, *SMALL, "--epochs", "1", "-o", kind)
    assert done.code == 0, done.err
    return ["predict", kind, "--follow", "--score", "--threads", "1"]


def day(folder: Path, kind: str, rows: int) -> tuple[list[int], list[float]]:
    """Bytes of memory and seconds from a row to its answer, of each part."""
    shell, lines = Shell(folder), make_text(100).encode().splitlines(keepends=True)
    words = model(folder, kind)
    process = shell.start(*words, bufsize=1 << 20)
    sent = iter(range(200, 1 << 62))

    def row() -> bytes:
        t = next(sent)
        return lines[t % len(lines)] if kind == "text" else b"%d,%d\n" % (t, t % 7)

    if kind == "series":
        process.stdin.write(b"t,y\n" + row())  # the first row has no score
    memory, latency = [], []
    for _ in range(PARTS):
        count = rows // PARTS - ALONE
        writer = threading.Thread(target=_write, args=(process.stdin, [row() for _ in range(count)]))
        writer.start()
        for _ in range(count):
            process.stdout.readline()
        writer.join()
        waited = []
        for _ in range(ALONE):
            begin = time.monotonic()
            _write(process.stdin, [row()])
            assert process.stdout.readline()
            waited.append(time.monotonic() - begin)
        memory.append(shell.resident(process))
        latency.append(statistics.median(waited))
    process.stdin.close()
    assert process.wait() == 0, process.stderr.read()
    shell.end()
    return memory, latency


def _write(stream, rows: list[bytes]) -> None:
    stream.writelines(rows)
    stream.flush()


def main(rows: int) -> int:
    """A line for each kind; 1 if anything grew."""
    wrong, said = 0, []
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as place:
            memory, latency = day(Path(place), kind, rows)
        wrong += memory[-1] > memory[1] + GROWTH or latency[-1] > SLOWER * latency[1]
        sizes, waits = ([each[1], each[-1]] for each in (memory, latency))
        said.append(
            f"{kind} {rows:,} rows, {sizes[0] >> 20} MB then {sizes[1] >> 20} MB, "
            f"{1e3 * waits[0]:.2f} ms then {1e3 * waits[1]:.2f} ms a row"
        )
    print("; ".join(said))
    return int(wrong > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("rows", nargs="?", type=int, default=10_000_000)
    sys.exit(main(parser.parse_args().rows))
