"""`train` and `predict` in several processes that a launcher started (mpirun, srun): one shows and writes, all end
together.
"""

import io
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rnncli.errors import RnncliError, UsageError
from rnncli.process import signals
from rnncli.process.launched import Launched, launched

if TYPE_CHECKING:  # it takes time, and the list of verbs needs none of it
    from rnncli.config import TrainConfig
    from rnncli.training.ranks import Ranks

LINGERS_S = 0.3  # which launchers need to pass on a line
ENDED_BY_SIGNAL = 128  # exit codes above
LAST_WORDS_S = 2.0  # that the other processes leave the first one to say what is wrong
STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")


class _Plain(io.TextIOWrapper):
    """A stream that is no terminal, whatever a launcher makes of it: no colour, no picture that is redrawn."""

    lines: ClassVar[set[str]] = set()  # that were written to any of them

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        self.lines.update(text.splitlines())
        return super().write(text)


class _Now:
    parts_open = False  # whether other processes still wait for what comes of a prediction


def run(work: Callable[[], int]) -> int:
    """The exit code of `work`, which is the command line. Under a launcher, of what all do together, the first process
    alone is heard, and whatever ends one of them ends all.
    """
    said = launched() if _is_joint(sys.argv[1:]) else None
    if said is None:
        return work()
    signals.linger(LINGERS_S)
    sys.stdin = None  # it reaches the first process alone, or nobody
    held, streams = io.StringIO(), (sys.stdout, sys.stderr)
    if said.number:
        sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), held
    else:
        sys.stdout, sys.stderr = (
            _Plain(stream.buffer, stream.encoding, errors, line_buffering=lines)
            for stream, errors, lines in ((sys.stdout, "replace", False), (sys.stderr, "backslashreplace", True))
        )
    try:
        code = work()
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        code = 1
    sys.stderr.flush()
    if not said.number:  # else what they write to would be closed with them
        for stream in (sys.stdout, sys.stderr):
            stream.detach()
    sys.stdout, sys.stderr = streams
    here = _here()
    channel: Any = here.channel if here else None
    if channel and said.number and code > ENDED_BY_SIGNAL:
        code = 0  # all have stopped after the same update: the first one ends all, once it has written what there is
    if code and said.number:
        time.sleep(LAST_WORDS_S)  # by then the first one has ended all, if it met the same
        words = held.getvalue().splitlines() or [f"rnncli: ended with code {code}"]
        if channel or code != UsageError.exit_code:  # of options all say the same
            print(f"rank {said.number}: {words[-1]}", file=sys.stderr)
    sys.stderr.flush()
    if code:
        time.sleep(LINGERS_S)
    if channel:
        channel.end(code, _Now.parts_open)
    return code


def _is_joint(words: list[str]) -> bool:
    """Whether all processes do one thing together: not where each is told its part."""
    return words[:1] == ["train"] or (
        words[:1] == ["predict"] and not any(word.partition("=")[0] == "--shard" for word in words)
    )


class Follower:
    """The training of a process that does not lead: a signal says that all are to stop after this update. It does not
    end by itself, for the first one would be ended with it, which has the checkpoint to write.
    """

    breaks = False

    def __init__(self, experiment: Any):
        self.experiment = experiment

    def stop(self, number: int) -> str:
        """After this update, with nothing to say."""
        return self.pause()

    def pause(self) -> str:
        """As soon as there has been an update, with nothing to say."""
        self.experiment.pause()
        return ""

    def abandon(self) -> None:
        """A second signal ends it at once."""


def join(data: list[str], options: "TrainConfig", chosen: Mapping[str, Any]) -> None:
    """Meet the other processes, if a launcher started some; UsageError for what they cannot do together."""
    said = launched()
    if said is None:
        return
    _refuse(said, data, options, chosen)
    _meet(said)


def _meet(said: Launched) -> "Ranks":
    from rnncli.training.mpi import Mpi
    from rnncli.training.ranks import Ranks

    Ranks.here = Ranks(Mpi(said))
    return Ranks.here


def _refuse(said: Launched, data: list[str], options: "TrainConfig", chosen: Mapping[str, Any]) -> None:
    from rnncli.config import FULL

    by = f"{said.by} started {said.of} processes"
    if any(path in STDIN for path in [*data, chosen["valid"]]):
        raise UsageError(f"{by}, of which stdin reaches one at most: give a file in place of -")
    several = (("--tune", options.tune), ("--members", options.members > 1), ("--cells", chosen["cells"]))
    whole = [name for name, given in several if given]
    if options.minutes is not None and whole:
        raise UsageError(f"{by}, and {whole[0]} with --minutes is not for several: --epochs says how long")
    alone = {
        "--memory": options.memory is not None,
        "--steps full": options.steps == FULL,
        "--dry-run": chosen["dry_run"],
        "--explain": chosen["explain"],
    }
    for option, given in alone.items():
        if given:
            raise UsageError(f"{by}, and {option} is not for several: start one process for it")


# -- predict --------------------------------------------------------------------------------------------------------


@contextmanager
def parted(inputs: list[str] | None, chosen: dict[str, Any]) -> Iterator[None]:
    """In here each process has its --shard of the input, or with --folds of the models, if a launcher started several
    and no shard was given.
    """
    said = launched()
    if said is None or not _is_joint(sys.argv[1:]):
        yield
        return
    by = f"{said.by} started {said.of} processes"
    if not chosen["shard"].is_whole:
        raise UsageError(f"{by}: give --shard on the command line, not in a file of options")
    if not chosen["prompt"] and any(path in STDIN for path in [*(inputs or ["-"]), chosen["answers"]]):
        raise UsageError(f"{by}, of which stdin reaches one at most: give a file in place of -, or start one process")
    from rnncli.data.shards import Shard
    from rnncli.kernels.cpus import usable_cpus

    try:
        ranks = _meet(said)
    except RnncliError as error:
        raise RnncliError(f"{error}; without that, give each process its --shard I/N") from None
    chosen["threads"] = chosen["threads"] or ranks.cpus(usable_cpus())
    if not chosen["folds"]:
        chosen["shard"] = Shard(said.number + 1, said.of)
    try:
        yield
    except UsageError as error:
        if "--shard" not in str(error):
            raise
        raise UsageError(f"{by}, each with its --shard of the input: {error}") from None


def have_met() -> bool:
    """Whether this process is one of several. MPICH 5.0.2 tells its launcher in an exit handler of the C library that a
    rank has ended as it should; else the launcher kills those that are still ending.
    """
    here = _here()
    return bool(here and here.channel)


def leads() -> bool:
    """Whether this process writes what comes of all."""
    here = _here()
    return here is None or here.leads


def _here() -> "Ranks | None":
    """The ranks, if this process has met others."""
    ranks = getattr(sys.modules.get("rnncli.training.ranks"), "Ranks", None)
    return ranks.here if ranks else None


@contextmanager
def in_order() -> Iterator[None]:
    """What the processes write in here goes out by the first one, in their order."""
    here, own = _here(), sys.stdout
    if here is None or here.channel is None:
        yield
        return
    from rnncli.process.temporary import temporary_file

    _Now.parts_open = True
    if here.leads:
        yield
        here.pass_on(None, _rows_out().write)
    else:
        with temporary_file() as file:
            sys.stdout = io.TextIOWrapper(cast(Any, file), own.encoding, own.errors)
            yield
            sys.stdout.flush()
            sys.stdout.detach()
            sys.stdout = own
            here.pass_on(cast(Any, file), lambda _: 0)
    words = here.to_first(sys.stderr.getvalue().encode() if isinstance(sys.stderr, io.StringIO) else b"")
    for line in [line for said in words for line in said.decode().splitlines()] if here.leads else ():
        if line not in _Plain.lines:
            print(line, file=sys.stderr)
    _Now.parts_open = False


def _rows_out() -> Any:
    from rnncli.render.escapes import data_out
    from rnncli.render.row_file import RowFile

    return RowFile.here or data_out()
