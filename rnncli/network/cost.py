"""How threads share a network's work, and how many of them pay, by a model of what an update costs.

The model knows sizes and numbers of threads. It never measures: the same command makes the same choice on every machine
with as many cores, and no choice changes a bit of a result. Times are in microseconds.

    product     2·rows·K·M operations; or the bytes of the weights, if they come more slowly: from the cache of a core
                where they fit, else from the one that all cores share
    step        the product with R and the gates of a thread's rows and units, there and, in training, back; and what
                the members of a group tell each other: h[t] there and dz[t] back, and a barrier each. Without R only
                the gates are left
    update      the steps of all layers, all other products, elements that are read and written, the panels that other
                threads have packed, barriers and turns of the team
    whole       the update, and what takes as long for any number of steps: optimiser, averages, panels

Its constants were measured on a server CPU of 2024 (x86-64, AVX-512, 2 MiB of cache a core). On two of its cores it
is up to 20 % too fast, since it leaves much out; it serves to compare.
"""

from collections.abc import Callable
from math import prod

from rnncli.cells.cell import Cell
from rnncli.kernels.parts import most_members
from rnncli.kernels.tile import PANEL
from rnncli.network.architecture import Architecture

RATE = 170e3  # operations of one core, in tiles of many rows; SUMS of Aᵀ·B
SUMS = 125e3
TILE_ROWS = 1.5  # a tile of r rows reaches r / (r + 1.5) of the rate
OWN_CACHE = 1.6e6  # bytes of weights that stay in the cache of a core beside all else
OWN = 94e3  # bytes from the cache of a core
COMMON, ALL_COMMON = 30e3, 230e3  # from the common one, for a core and for all of them
EXCHANGE = 1.6e3  # bytes that another core has just written, for two cores; for 16 less than half
BARRIER = 0.08  # of two threads, for each of them
GATE, BACK = 1e-3, 0.6  # a gate of a unit forward, beside products; backward this share of it
ELEMENT = 2e-4  # a number that is read or written once
TURN = 2.5  # for a team to begin and end a step
PHASES = 12  # barriers of the team in an update
HANDOVERS = 4  # turns of the team in an update
OUTSIDE = 100.0  # between the compiled parts of an update
STEP = 0.8  # a step of a layer, whatever its size
PARAMETER = 5e-3  # a parameter, to be updated, averaged and packed
GAIN = 0.9  # members have to cost less than this share of what one costs,
WORTH = 8.0  # and to save as much at each meeting: on a busy machine some end with a sleep, which costs 50
NEARLY = 1.02  # a number of threads is as good as the best one up to this


def barrier(threads: int) -> float:
    """0.16, 0.4, 1.0 and 2.6 for 2, 4, 8 and 16 threads."""
    return 0.0 if threads < 2 else BARRIER * threads * (1 + threads / 16)


def product(rows: float, K: float, M: float, threads: int) -> float:
    """A thread's rows times a matrix (K, M), while other threads do the same."""
    held = 4 * K * M
    speed = OWN if held <= OWN_CACHE else min(COMMON, ALL_COMMON / threads)
    return max(2 * rows * K * M * (1 + TILE_ROWS / rows) / RATE, held / speed)


def step(cell: Cell, N: int, threads: int, members: int, training: bool) -> float:
    """One step of a layer of N rows."""
    H, rows = cell.hidden, -(-N * members // threads)
    units = PANEL * -(-H // (PANEL * members)) if members > 1 else H
    gates = GATE * rows * units * cell.gates + STEP
    away = 4 * rows * H * (1 - 1 / members) * (1 + threads / 10) / EXCHANGE
    if not cell.recurrent:
        return gates * (1 + BACK * training)
    there = product(rows, H, cell.gates * units, threads) + gates + away + barrier(members)
    back = product(rows, cell.width, units, threads) + BACK * gates + cell.gates * away + barrier(members)
    return there + back * training


def best_members(cell: Cell, N: int, threads: int, training: bool) -> int:
    """How many threads share the units of the same rows: a divisor of `threads`."""
    choices = [m for m in range(1, most_members(cell.hidden, threads) + 1) if threads % m == 0]
    return _if_it_pays(choices, lambda members: step(cell, N, threads, members, training), 1 + training)


def best_team(cells: list[Cell], N: int, most: int) -> int:
    """How many threads share the units in single steps through all layers, as in generation."""

    def cost(members: int) -> float:
        return sum(step(cell, N, members, members, False) for cell in cells) + TURN * (members > 1)

    return _if_it_pays([m for m in range(1, most + 1) if most_members(cells[0].hidden, m) == m], cost, len(cells))


def _if_it_pays(choices: list[int], cost: Callable[[int], float], meetings: int) -> int:
    best = min(choices, key=cost)
    return best if cost(best) < min(GAIN * cost(1), cost(1) - WORTH * meetings) else 1


def update(architecture: Architecture, N: int, T: int, threads: int) -> float:
    """One update of a network, N rows and T steps."""
    a, cells = architecture, architecture.cells()
    directions = 1 + a.bidirectional
    steps = sum(step(cell, N, threads, best_members(cell, N, threads, True), True) for cell in cells) * T * directions
    recurrent = sum(cell.hidden * cell.width * len(cell.recurrent) for cell in cells) * directions
    inputs = sum(cell.inputs * cell.width for cell in cells) * directions
    if not a.columns:  # those of the first layer come from a table
        inputs -= cells[0].inputs * cells[0].width
    others = inputs + a.read_width * a.outputs
    operations = 2 * N * T * (2 * others / RATE + (others + recurrent) / SUMS)
    elements = ELEMENT * N * T * directions * sum(3 * cell.width for cell in cells)
    together = PHASES * barrier(threads) + HANDOVERS * TURN * (threads > 1)
    packed = 8 * (others + recurrent) * (1 - 1 / threads) / EXCHANGE  # there and back, by the other threads
    return OUTSIDE + together + packed + steps + (operations + elements) / threads


def least_steps(architecture: Architecture, N: int, T: int, dearer: float) -> int:
    """The fewest steps of a window, up to T, whose tokens cost at most so many times those of T steps, on one core."""
    fixed = PARAMETER * sum(prod(shape) for shape in architecture.shapes().values())

    def token(steps: int) -> float:
        return (update(architecture, N, steps, 1) + fixed) / steps

    return next(steps for steps in range(1, T + 1) if token(steps) <= dearer * token(T))


def best_threads(architecture: Architecture, N: int, T: int, most: int) -> int:
    """The least number of threads that trains nearly as fast as the best number of them up to `most`."""
    times = {threads: update(architecture, N, T, threads) for threads in range(1, most + 1)}
    return min(threads for threads, time in times.items() if time <= NEARLY * min(times.values()))
