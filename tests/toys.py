"""A copy of the package with a file more, used from the shell: what is new in it nobody else has named."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import rnncli

ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "NUMBA_DISABLE_JIT": "1"}  # its kernels are in no cache yet


class Toy:
    """The package with `text` as its file `path`; `toy(*words)` runs it in the folder and gives its stdout. `compiled`:
    the file has no kernels, so that those of the package are taken as they are.
    """

    def __init__(self, folder: Path, path: str, text: str, compiled: bool = False):
        self.folder, self.compiled = folder, compiled
        writing = shutil.ignore_patterns("*.pyc.*")  # other processes, which rename these; the bytecode still fits
        shutil.copytree(Path(rnncli.__file__).parent, folder / "rnncli", ignore=writing)
        (folder / "rnncli" / path).write_text(text, encoding="utf-8")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "rnncli", *words],
            cwd=self.folder,
            env=os.environ | ENVIRONMENT | ({"NUMBA_DISABLE_JIT": "0"} if self.compiled else {}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
