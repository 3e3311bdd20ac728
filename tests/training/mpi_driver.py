"""What each rank of a launcher finds of `Mpi`, as a line of JSON: `mpirun -n N python -m tests.training.mpi_driver`."""

import json
import os
import sys

import numpy as np

from rnncli.errors import Notes
from rnncli.kernels.branches import joined
from rnncli.process.launched import launched
from rnncli.training import mpi
from rnncli.training.ranks import Ranks
from tests.training.branch_sum import branch_sum

SIZES = (1, 1000, 5000, 20_000, 100_000)  # numbers: messages in each of the bands of sizes that libraries know


def main() -> None:
    """Move arrays in pieces, join sums, share cores."""
    mpi.PIECE = 3001
    channel = mpi.Mpi(launched())
    ranks, groups, wrong = Ranks(channel), 3 * channel.of + 1, []
    rng = np.random.default_rng(5)
    for size in SIZES:
        sums = rng.standard_normal((groups, size)).astype(np.float32)  # the same in all ranks
        known = {
            branch: branch_sum(sums, *branch) for rank in range(ranks.of) for branch in ranks._branches(rank, groups)
        }
        own = np.stack([known[branch] for branch in ranks.own(groups)])
        found = ranks.join(np.asfortranarray(own), groups)
        if found.tobytes() != joined(known, groups).tobytes():
            wrong.append(f"sums of {size}")
        rows = rng.standard_normal((ranks.of + 1, size, 2))
        mine = rows[ranks.number : ranks.number + 1 + (ranks.number == ranks.of - 1)]
        counts = [1] * (ranks.of - 1) + [2]
        for like in (np.asfortranarray, lambda array: array[:, ::-1][:, ::-1]):
            if ranks.gather(like(mine), counts).tobytes() != rows.tobytes():
                wrong.append(f"rows of {size}")
    notes: list[str] = []
    Notes.begin(notes.append)
    usable, os.cpu_count = len(os.sched_getaffinity(0)), lambda: 64
    found = {"wrong": wrong, "of": ranks.of, "usable": usable, "cpus": channel.cpus(usable), "of 8": channel.cpus(8)}
    told = ranks.to_first(json.dumps(found | {"notes": notes}).encode())
    if ranks.leads:
        sys.stdout.write("".join(f"{one.decode()}\n" for one in told))
        sys.stdout.flush()
    channel.end(0)


if __name__ == "__main__":
    main()
