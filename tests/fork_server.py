"""`rnncli` for shells, each call a fork of one process that has imported all of it: that spares most of a second each
time. Streams, arguments, folder, environment and exit code are those of the call; the view of dynamics is brief.
"""

import gc
import os
import pkgutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.views.helpers import brief_dynamics

ROOT = Path(__file__).parents[1]
MOST = 1 << 17  # bytes of arguments and environment
FAILED = "99"  # if the server was killed
#: What stands in the folder of programs: it hands everything over and waits.
PROGRAM = """#!{python} -ISE
import os, socket
from sys import argv
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({address!r})
socket.send_fds(server, [repr((os.getcwd(), argv, dict(os.environ))).encode()], [0, 1, 2])
os.closerange(0, 3)
os._exit(int(server.recv(8) or {failed}))
"""


@contextmanager
def commands() -> Iterator[dict[str, str]]:
    """The environment of a shell in which `rnncli` is such a call."""
    with TemporaryDirectory() as folder:  # of a short name: that of a socket has 100 letters
        address, program = f"{folder}/server", Path(folder, "rnncli")
        program.write_text(PROGRAM.format(python=sys.executable, address=address, failed=FAILED))
        program.chmod(0o755)
        command = [sys.executable, "-m", "tests.fork_server", address]
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            assert server.stdout.readline() == b"ready\n"
            path = os.pathsep.join([folder, str(Path(sys.executable).parent), os.environ["PATH"]])
            yield os.environ | {"PATH": path}
        finally:
            server.kill()
            server.communicate()


def import_all() -> None:
    """All modules that a command may need, so that its forks have them."""
    import rnncli

    for module in pkgutil.walk_packages(rnncli.__path__, "rnncli."):
        with suppress(ImportError):  # of an extra that is not installed
            import_module(module.name)
    import_module("polars")  # with the first table
    gc.collect()
    gc.freeze()  # else the search for garbage of each fork would copy the memory of all modules


def serve(address: str) -> None:
    """Answer calls until this process is killed."""
    import_all()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    listener.listen(64)
    os.write(1, b"ready\n")
    while True:
        call, _ = listener.accept()
        with suppress(ChildProcessError):  # none is left
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if os.fork() == 0:
            listener.close()
            _answer(call)
        call.close()


def _answer(call: socket.socket) -> None:
    """In a fork: the command is a fork of this one, which waits for it and tells its exit code."""
    request, streams, _, _ = socket.recv_fds(call, MOST, 3)
    command = os.fork()
    if command:
        for stream in streams:
            os.close(stream)
        code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        with suppress(OSError):  # a caller that was killed
            call.send(str(code % 256).encode())
        os._exit(0)
    call.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    folder, sys.argv, environment = eval(request)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    from rnncli.__main__ import main

    main()
    os._exit(0)


if __name__ == "__main__":
    with brief_dynamics():
        serve(sys.argv[1])
