"""Temporary files, which have no name and go away with the process, however that ends."""

import os
import tempfile
from typing import IO

from rnncli.errors import RnncliError

ADVICE = "set TMPDIR to a writable folder with free space"


def temporary_file() -> IO[bytes]:
    """A file to write and to read; RnncliError if there is nowhere to put it."""
    try:
        return tempfile.TemporaryFile()  # noqa: SIM115
    except OSError as error:
        raise no_room(error) from None


def no_room(error: OSError) -> RnncliError:
    """What it means that a temporary file cannot be made or written."""
    tried = tempfile.tempdir or "TMPDIR, /tmp"
    if os.name == "nt":
        tried = tempfile.tempdir or "TEMP"
    reason = "no folder can be written" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
    return RnncliError(f"cannot write temporary data ({tried}: {reason.lower()}): {ADVICE}")
