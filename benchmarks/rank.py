"""A rank that hosts.py starts: `mpirun -n R python rank.py SIZES`, SIZES being JSON. The first one prints JSON.

In each round all ranks train alone, at once, then together, then together without messages beside the work, so that
what else the machine does meets all of them.

    alone_s, together_s, apart_s   of an update, round by round: the mean over the ranks
    busy                  the share of the time alone in which others had the core
    latency_s, message_s  of the exchange of a few bytes, and of each message more
    bytes_s               that a rank sends while it receives as many
"""

import json
import sys
import time

import numpy as np
from sides import training

from rnncli.process.launched import launched
from rnncli.training.mpi import Mpi
from rnncli.training.ranks import Ranks

SMALL, LARGE = 200, 8 << 20  # exchanges, and bytes of one
MANY = 100  # messages at a time


class Waiting(Ranks):
    """Ranks that do nothing while messages travel."""

    def joining(self, sums, groups):
        """At once."""
        whole = self.join(sums, groups)
        return lambda: whole


def main() -> None:
    sizes = json.loads(sys.argv[1])
    rounds, updates = sizes.pop("rounds"), sizes.pop("updates")
    ranks = Ranks(Mpi(launched()))
    alone = training(**sizes, threads=1)
    Ranks.here = ranks
    together = training(**sizes, threads=1)
    Ranks.here = Waiting(ranks.channel)
    ways = {"alone_s": alone, "together_s": together, "apart_s": training(**sizes, threads=1)}
    for run in ways.values():
        timed(ranks, run, 2)
    found = {name: [] for name in ways} | {"latency_s": latency(ranks), "bytes_s": bandwidth(ranks)}
    found["message_s"] = latency(ranks, MANY) / MANY
    wall = cpu = 0.0
    for _ in range(rounds):
        for name, run in ways.items():
            began = time.process_time()
            found[name].append(timed(ranks, run, updates))
            if run is alone:
                wall, cpu = wall + found[name][-1] * updates, cpu + time.process_time() - began
    found["busy"] = max(0.0, 1 - cpu / wall)
    if ranks.leads:
        print(json.dumps(found), flush=True)
    ranks.channel.end(0)


def timed(ranks: Ranks, run, updates: int) -> float:
    """Seconds of an update, the mean over the ranks; with what the loop asks the others besides."""
    meet(ranks)
    start = time.perf_counter()
    for _ in range(updates):
        run.update()
        for _ in range(3):
            run.clock()
        run.ranks.any(False)
    took = (time.perf_counter() - start) / updates
    return float(ranks.gather(np.array([took]), [1] * ranks.of).mean())


def latency(ranks: Ranks, messages: int = 1) -> float:
    """Seconds of an exchange of a few bytes with the next rank, each in so many messages."""
    meet(ranks)
    mpi, comm = ranks.channel.mpi, ranks.channel.comm
    there, here = (np.zeros((messages, 8), np.uint8) for _ in range(2))
    after, before = (ranks.number + 1) % ranks.of, (ranks.number - 1) % ranks.of
    start = time.perf_counter()
    for _ in range(SMALL):
        requests = [comm.Irecv(row, before) for row in here] + [comm.Isend(row, after) for row in there]
        mpi.Request.Waitall(requests)
    return (time.perf_counter() - start) / SMALL


def bandwidth(ranks: Ranks) -> float:
    """Bytes a second that a rank sends, and receives at once: the best of three."""
    part = LARGE // (ranks.of - 1)
    data, best = np.zeros(part, np.uint8), 0.0
    for _ in range(3):
        meet(ranks)
        start = time.perf_counter()
        ranks.channel.exchange([data] * ranks.of, [part] * ranks.of)
        best = max(best, part * (ranks.of - 1) / (time.perf_counter() - start))
    return best


def meet(ranks: Ranks) -> None:
    """All of them are here."""
    ranks.any(False)


if __name__ == "__main__":
    main()
