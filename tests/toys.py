"""A copy of the package with a file more, used from the shell: what is new in it nobody else has named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import rnncli

ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "NUMBA_DISABLE_JIT": "1"}  # its kernels are in no cache yet
#: Imports what every command needs once, then runs each in a process that is a copy of this one: the words of a command
#: are a line of stdin, its exit code a line of stdout, and what it writes is in the files `out` and `err`.
STARTER = """
import json, os, runpy, sys
from rnncli import cli
from rnncli.tasks import trained

for line in sys.stdin:
    command = os.fork()
    if not command:
        sys.argv = ["rnncli", *json.loads(line)]
        for number, name in enumerate((os.devnull, "out", "err")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
        runpy.run_module("rnncli", run_name="__main__", alter_sys=True)
        os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]), flush=True)
"""


class Toy:
    """The package with `text` as its file `path`; `toy(*words)` runs it in the folder and gives its stdout. `compiled`:
    the file has no kernels, so that those of the package are taken as they are.
    """

    def __init__(self, folder: Path, path: str, text: str, compiled: bool = False):
        self.folder = folder
        writing = shutil.ignore_patterns("*.pyc.*")  # other processes, which rename these; the bytecode still fits
        shutil.copytree(Path(rnncli.__file__).parent, folder / "rnncli", ignore=writing)
        (folder / "rnncli" / path).write_text(text, encoding="utf-8")
        ends = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        environment = os.environ | ENVIRONMENT | ({"NUMBA_DISABLE_JIT": "0"} if compiled else {})
        self.starter = subprocess.Popen([sys.executable, "-c", STARTER], cwd=folder, env=environment, **ends)

    def __call__(self, *words: str) -> str:
        print(json.dumps(words), file=self.starter.stdin, flush=True)
        code = int(self.starter.stdout.readline())
        out, err = ((self.folder / name).read_text(encoding="utf-8") for name in ("out", "err"))
        assert code == 0, err
        return out

    def __enter__(self) -> "Toy":
        return self

    def __exit__(self, *_) -> None:
        self.starter.communicate()
