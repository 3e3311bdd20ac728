"""`train` in several processes that a launcher started (mpirun, srun): one shows and writes, all end together."""

import io
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rnncli.data import signals
from rnncli.data.launched import Launched, launched
from rnncli.errors import UsageError

if TYPE_CHECKING:  # it takes time, and the list of verbs needs none of it
    from rnncli.config import TrainConfig

LINGERS_S = 0.1  # which launchers need to pass on a line
LAST_WORDS_S = 2.0  # that the other processes leave the first one to say what is wrong
STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")


class _Plain(io.TextIOWrapper):
    """A stderr that is no terminal, whatever a launcher makes of it: no colour, no picture that is redrawn."""

    def isatty(self) -> bool:
        return False


def run(work: Callable[[], int]) -> int:
    """The exit code of `work`, which is the command line. Under a launcher, of a training, the first process alone is
    heard, and whatever ends one of them ends all.
    """
    said = launched() if sys.argv[1:2] == ["train"] else None
    if said is None:
        return work()
    signals.linger(LINGERS_S)
    sys.stdin = None  # it reaches the first process alone, or nobody
    held, streams = io.StringIO(), (sys.stdout, sys.stderr)
    if said.number:
        sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), held
    else:
        sys.stderr = _Plain(sys.stderr.buffer, sys.stderr.encoding, "backslashreplace", line_buffering=True)
    try:
        code = work()
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        code = 1
    sys.stderr.flush()
    if not said.number:
        sys.stderr.detach()  # else what it writes to would be closed with it
    sys.stdout, sys.stderr = streams
    ranks = getattr(sys.modules.get("rnncli.training.ranks"), "Ranks", None)
    channel = ranks.here.channel if ranks else None
    if code and said.number and (channel or code != UsageError.exit_code):  # of options all say the same
        time.sleep(LAST_WORDS_S)  # by then the first one has ended all, if it met the same
        words = held.getvalue().splitlines() or [f"rnncli: ended with code {code}"]
        print(f"rank {said.number}: {words[-1]}", file=sys.stderr)
    sys.stderr.flush()
    if channel:
        channel.end(code)
    return code


class Follower:
    """The training of a process that does not lead: a signal says that all are to stop after this update. It does not
    end by itself, for the first one would be ended with it, which has the checkpoint to write.
    """

    breaks = False

    def __init__(self, experiment: Any):
        self.experiment = experiment

    def stop(self, number: int) -> str:
        """After this update, with nothing to say."""
        if self.experiment.training:
            self.experiment.training.stop = True
        return ""

    def abandon(self) -> None:
        """A second signal ends it at once."""


def join(data: list[str], options: "TrainConfig", chosen: Mapping[str, Any]) -> None:
    """Meet the other processes, if a launcher started some; UsageError for what they cannot do together."""
    said = launched()
    if said is None:
        return
    _refuse(said, data, options, chosen)
    from rnncli.training.mpi import Mpi
    from rnncli.training.ranks import Ranks

    Ranks.here = Ranks(Mpi(said))


def _refuse(said: Launched, data: list[str], options: "TrainConfig", chosen: Mapping[str, Any]) -> None:
    from rnncli.config import FULL

    by = f"{said.by} started {said.of} processes"
    if any(path in STDIN for path in [*data, chosen["valid"]]):
        raise UsageError(f"{by}, of which stdin reaches one at most: give a file in place of -")
    alone = {
        "--minutes": options.minutes is not None,
        "--tune": options.tune,
        "--members": options.members > 1,
        "--memory": options.memory is not None,
        "--steps full": options.steps == FULL,
        "--cells": chosen["cells"],
        "--dry-run": chosen["dry_run"],
        "--explain": chosen["explain"],
    }
    for option, given in alone.items():
        if given:
            instead = ": --epochs says how long" if option == "--minutes" else ": start one process for it"
            raise UsageError(f"{by}, and {option} is not for several{instead}")
