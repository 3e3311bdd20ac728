"""Short notes on stderr."""

import sys


def note_compilation(quiet: bool) -> None:
    """Say it when kernels have to be compiled: the first run on a machine takes some seconds longer."""
    if quiet:
        return
    from rnncli.kernels.compiler import notify_compilation

    notify_compilation(
        lambda: print("compiling kernels for this machine, once; the next run starts at once", file=sys.stderr)
    )
