"""What several hosts reach on one training, by a model of operations, bandwidth and latency; a rank a host.

hosts.py measures its constants on one machine, holds it against trainings on two hosts, and writes what it says of more
into docs/scale.md; the figures are kept as JSON beside the page.

    update    compute + whole + copies + travel + messages
    compute   the rows of the rank that has most: `pace` times the model of rnncli/network/cost.py
    whole     what every rank does alike, in the time of one process: the optimiser's step, the average of the weights,
              weights packed: `whole_ns` for each parameter
    copies    what ranks do beside: sums put in order, cut, joined: `copied_ns` for each number that is exchanged
    travel    the numbers there and back, 4 bytes each; a rank sends while it receives. Those of a layer travel while
              the layers below are still computed, which takes AFTER of their time
    messages  so many exchanges, in each of which a rank sends to each other one: the first message takes the latency of
              the network, each more `message_us`
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnncli.kernels.branches import branches_in
from rnncli.kernels.groups import ROWS
from rnncli.kernels.threads import share
from rnncli.network import cost
from rnncli.network.architecture import Architecture
from rnncli.network.inputs import TABLE_TOKENS

SMALL = 5  # exchanges of an update besides the sums of its layers: losses, three times the clock, whether to stop
USABLE = 0.94  # of a link's bits, after the headers of TCP and Ethernet


@dataclass(frozen=True)
class Machine:
    """What a rank runs on."""

    pace: float  # times that its updates take what cost.py says
    whole_ns: float  # for each parameter
    copied_ns: float  # for each number that is exchanged
    message_us: float  # for each message more than the first


@dataclass(frozen=True)
class Network:
    """What lies between the hosts."""

    gbit: float
    latency_us: float
    usable: float = USABLE


AFTER = 2 / 3  # of the operations of a layer are in its backward pass and its sums
RANKS = [2**power for power in range(1, 11)]
NETWORKS = (Network(1, 50), Network(10, 25), Network(100, 5))
HIDDEN, TOKENS, EACH, BATCH, STEPS = 512, 65, 64, 4096, 64
BEGIN, END = "<!-- benchmarks/scaling.py -->\n", "<!-- end -->\n"


def lstm(layers: int) -> Architecture:
    """The networks of the tables."""
    return Architecture("lstm", HIDDEN, layers, HIDDEN, TOKENS, TOKENS)


def parameters(a: Architecture) -> int:
    """How many numbers θ has."""
    return sum(int(np.prod(shape)) for shape in a.shapes().values())


def exchanged(a: Architecture) -> list[int]:
    """How many numbers ranks tell each other, layer by layer from the top, which comes with the output layer. Of a
    small vocabulary the table of the first layer's products with all tokens is summed up, in place of E, W and b.
    """
    cells = a.cells()
    layers = [sum(int(np.prod(shape)) for shape in cell.shapes().values()) for cell in cells]
    if not a.columns:
        table = a.tokens <= TABLE_TOKENS
        layers[0] += a.tokens * cells[0].width - (a.embed + 1) * cells[0].width if table else a.tokens * a.embed
    layers[-1] += (a.read_width + 1) * a.outputs
    return layers[::-1]


def below(a: Architecture) -> list[float]:
    """Which part of an update is left when the sums of a layer are there, from the top."""
    cells = a.cells()
    each = [
        cell.width * (cell.hidden * len(cell.recurrent) + cell.inputs * (index > 0)) for index, cell in enumerate(cells)
    ]
    total = sum(each) + a.read_width * a.outputs
    return [AFTER * sum(each[:index]) / total for index in range(len(cells) - 1, -1, -1)]


def compute_s(machine: Machine, a: Architecture, N: int, T: int, ranks: int, threads: int = 1) -> float:
    """Of the rank that has most to do."""
    groups = -(-N // ROWS)
    shares = {share(groups, number, ranks) for number in range(ranks)}
    branches = {tuple(last - first for first, last in branches_in(*ends, groups)) for ends in shares}
    most = max(sum(cost.update(a, ROWS * size, T, threads) for size in sizes) for sizes in branches)
    return machine.pace * most / 1e6


def travel_s(net: Network, a: Architecture, ranks: int, computed: float) -> float:
    """How long a rank waits for sums that travel, where an update is computed in so many seconds."""
    done = -computed
    for numbers, left in zip(exchanged(a), below(a), strict=True):
        begin = max(done, -left * computed)  # 0 is when all is computed
        done = begin + 2 * 4 * numbers * (1 - 1 / ranks) * 8 / (1e9 * net.gbit * net.usable)
    return done


def update_s(machine: Machine, net: Network, a: Architecture, N: int, T: int, ranks: int, threads: int = 1) -> float:
    """Seconds of an update."""
    computed = compute_s(machine, a, N, T, ranks, threads)
    alone = computed + 1e-9 * machine.whole_ns * parameters(a)
    if ranks == 1:
        return alone
    copies = 1e-9 * machine.copied_ns * sum(exchanged(a))
    exchanges = SMALL + 2 * a.layers
    messages = exchanges * (net.latency_us + (ranks - 2) * machine.message_us) / 1e6
    return alone + copies + travel_s(net, a, ranks, computed) + messages


def shared(machine: Machine, net: Network, a: Architecture, N: int, T: int, ranks: int) -> float:
    """Efficiency: the speed of so many ranks, in parts of so many times that of one with the same batch."""
    return update_s(machine, net, a, N, T, 1) / update_s(machine, net, a, N, T, ranks) / ranks


def grown(machine: Machine, net: Network, a: Architecture, N: int, T: int, ranks: int) -> float:
    """The same where each rank has N rows, as the one has."""
    return update_s(machine, net, a, N, T, 1) / update_s(machine, net, a, N * ranks, T, ranks)


def tables(kept: dict) -> str:
    """What hosts.py has measured, and what the model says: efficiency in percent."""
    machine = Machine(**kept["machine"])
    lines = [
        f"{kept['cpu']}, a rank of one thread: pace {machine.pace:.2f} of `rnncli/network/cost.py`, "
        f"{machine.whole_ns:.1f} ns a parameter, {machine.copied_ns:.1f} ns a number exchanged, "
        f"{machine.message_us:.0f} µs a message.",
        "",
        "| 2 hosts, measured | link | alone | together | efficiency | by the model | beside work |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in kept["measured"]:
        lines.append(
            f"| lstm {one['layers']} x {HIDDEN}, batch {EACH} | {one['gbit']:.2f} Gbit/s, {one['latency_us']:.0f} µs | "
            f"{one['alone_ms']:.0f} ms | {one['together_ms']:.0f} ms | {one['seen']:.0%} | {one['told']:.0%} | "
            f"x {one['beside']:.2f} |"
        )
    nets = ", ".join(f"{net.gbit:g}" for net in NETWORKS)
    heads = [f"1 x {HIDDEN}, {EACH} rows a rank", f"2 x {HIDDEN}, {EACH} rows a rank", f"1 x {HIDDEN}, batch {BATCH:,}"]
    lines += ["", f"| ranks | {' | '.join(f'{head}: {nets} Gbit/s' for head in heads)} |", "|---|---|---|---|"]
    one, two = lstm(1), lstm(2)
    for ranks in RANKS:
        ways = ((grown, one, EACH), (grown, two, EACH), (shared, one, BATCH))
        cells = [
            ", ".join(f"{100 * way(machine, net, a, N, STEPS, ranks):.0f}" for net in NETWORKS) for way, a, N in ways
        ]
        lines.append(f"| {ranks:,} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


class Echo:
    """A channel that copies, to measure what a rank of two does with its own sums."""

    number, of = 0, 2

    def exchange(self, sent: list[np.ndarray], sizes: list[int]) -> list[np.ndarray]:
        """As if the other one had the same."""
        return [np.resize(array, size) for array, size in zip(sent, sizes, strict=True)]


def measure(message_us: float) -> Machine:
    """The constants of this machine, by the time of its CPU; that of a message comes from rank.py."""
    from sides import training

    from rnncli.training.ranks import Ranks

    run, a = training("lstm", HIDDEN, 1, EACH, STEPS, threads=1), lstm(1)
    numbers, ranks, optimiser = sum(exchanged(a)), Ranks(Echo()), run.optimiser
    sums = np.zeros(numbers, np.float32)
    run.update()
    step = least(run.update)
    whole = least(lambda: optimiser.update(9, 1e-3, 1.0, 0.01)) + least(run.unfolded.pack)
    whole += least(run.best.average.approach) / run.best.average.EVERY
    copied = least(lambda: ranks.join(np.stack([np.concatenate([sums])]), 2).copy())
    pace = (step - whole) / (cost.update(a, EACH, STEPS, 1) / 1e6)
    return Machine(pace, 1e9 * whole / parameters(a), 1e9 * copied / numbers, message_us)


def least(work: Callable[[], object], times: int = 9) -> float:
    """Seconds of the CPU: other processes do not count, but for what they take of caches."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(times))


def keep(page: Path, kept: dict) -> None:
    """Write both, the page between its marks."""
    page.with_suffix(".json").write_text(json.dumps(kept, indent=1) + "\n")
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + BEGIN + tables(kept) + END + after)
