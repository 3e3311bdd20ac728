"""The tables of the literature, row by row: `make tables ROWS="adding-200-gru copy-500-conv"`.

    python benchmarks/tables.py --data FOLDER --out docs/tables.md [--rnncli COMMAND] [--rows ROW..]

A row is a task and a cell. The rows named are measured, one after the other, and kept as JSON beside the page; without
any the page is written from what was kept.
"""

import argparse
import json
import shlex
import sys
import tempfile
import time
from pathlib import Path

from quality import Bench, commit, written
from tables_rows import TASKS, Task

HEAD = """# The tables of the literature

What `rnncli` reaches on the tasks of the literature, beside what was published. Made by `make tables`; do not edit.
`make tables ROWS="adding-200-gru parity-mingru"` measures these rows, for a set of data with the files of the folder
DATA. The synthetic tasks are made by `sample_data/long_tasks.py`. What was published was measured by its authors, with
options of their choice. Ours are of one run, seed 0, with the options shown and defaults for all others. Seconds are
those of all its commands, start-up included, on a shared machine of 2 CPUs; - where they were not taken as a whole.
"""
COLUMNS = """
| row | published | ours | parameters | seconds | version | `rnncli train` |
|---|---|---|---|---|---|---|
"""


def measure(task: Task, cell: str, bench: Bench) -> dict:
    """One row: its figure, and what it took."""
    begin = time.monotonic()
    value = task.measure(bench, task.words(cell))
    seconds = round(time.monotonic() - begin)
    summary = json.loads(bench.run("inspect", bench.out / "model", "--json"))
    options = shlex.join(task.words(cell))
    return {"value": value, "parameters": summary["parameters"], "seconds": seconds, "options": options}


def page(kept: dict) -> str:
    """All rows; of those that were measured with other options, or fewer `sequences`, than now, these and what they
    gave.
    """
    out = HEAD
    for task in TASKS:
        out += f"\n## {task.title}\n\nFigure: {task.figure}. Published: {task.source}.\n{COLUMNS}"
        for row, cell in task.rows.items():
            found, published = kept.get(row), written(task.published.get(cell))
            if found:
                seconds = "-" if found["seconds"] is None else f"{found['seconds']:,}"
                took = f"{written(found['value'])} | {found['parameters']:,} | {seconds} | {found['version']}"
            else:
                took = "not measured | | |"
            options = found["options"] if found else shlex.join(task.words(cell))
            fewer = f", {found['sequences']:,} sequences" if found and "sequences" in found else ""
            out += f"| {row} | {published} | {took} | `{options}`{fewer} |\n"
    return out


def main() -> None:
    """Measure the rows, then write the page."""
    known = {row: (task, cell) for task in TASKS for row, cell in task.rows.items()}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rnncli", default=f"{sys.executable} -m rnncli")
    parser.add_argument("--rows", nargs="*", default=[], choices=known, metavar="ROW")
    arguments = parser.parse_args()
    file = arguments.out.with_suffix(".json")
    kept = json.loads(file.read_text()) if file.exists() else {}
    for row in arguments.rows:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(shlex.split(arguments.rnncli), arguments.data, Path(folder))
            try:
                kept[row] = measure(*known[row], bench) | {"version": commit()}
            except (RuntimeError, OSError) as error:
                print(f"{row}: {error}", file=sys.stderr)
                continue
        print(row, kept[row], flush=True)
        file.write_text(json.dumps(kept, indent=1) + "\n")
    arguments.out.write_text(page(kept))


if __name__ == "__main__":
    main()
