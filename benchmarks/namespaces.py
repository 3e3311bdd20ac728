"""Hosts on one machine: network namespaces of Linux, joined by links of a given rate and delay. For root only.

Each host has a network, a host name and one link, and shares the rest with the machine: files, cores, memory. The links
meet in a namespace of their own, which is a switch:

    rate     a token bucket (tc tbf) at both ends of each link
    delay    a relay that holds every frame (wire.py), since not every kernel has netem
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
BURST, WAIT = "256kb", "50ms"  # of a token bucket: what passes at once, and how long a frame may wait in it
AGENT = """#!/bin/sh
# In place of ssh: HOST COMMAND.., where the last number of the address is that of the host.
while case "$1" in -*) true;; *) false;; esac; do shift; done
host={prefix}${{1##*.}}; shift
exec ip netns exec $host unshare --uts sh -c "hostname $host; $*"
"""


@dataclass(frozen=True)
class Link:
    """Of a host to the switch. `gbit` is a second's, `delay_ms` what a message takes from host to host at least."""

    gbit: float = 1.0
    delay_ms: float = 0.0


class Hosts:
    """`with Hosts(2, Link()) as hosts: ..`; all of it is gone at the end of the block."""

    def __init__(self, count: int, link: Link):
        self.count, self.link, self.prefix = count, link, f"h{os.getpid()}-"
        self.names = [f"{self.prefix}{number + 1}" for number in range(count)]
        self.addresses = [f"10.77.0.{number + 1}" for number in range(count)]
        self.switch, self.relay = f"{self.prefix}switch", None
        self.folder = tempfile.TemporaryDirectory()
        self.agent = Path(self.folder.name) / "agent"

    def __enter__(self) -> "Hosts":
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        if self.relay:
            self.relay.kill()
            self.relay.wait()
        for name in (*self.names, self.switch):
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)
        self.folder.cleanup()

    def _make(self) -> None:
        ports = [f"port{number + 1}" for number in range(self.count)]
        bucket = f"tbf rate {self.link.gbit}gbit burst {BURST} latency {WAIT}"
        for name in (self.switch, *self.names):
            do(f"ip netns add {name}")
            do(f"ip -n {name} link set lo up")
        for name, address, port in zip(self.names, self.addresses, ports, strict=True):
            do(f"ip -n {self.switch} link add {port} type veth peer name eth0 netns {name}")
            do(f"ip -n {name} addr add {address}/24 dev eth0")
            for where, device in ((name, "eth0"), (self.switch, port)):
                do(f"ip -n {where} link set {device} up")
                do(f"tc -n {where} qdisc add dev {device} root {bucket}")
        if self.link.delay_ms:
            wire = [sys.executable, str(HERE / "wire.py"), str(self.link.delay_ms), *ports]
            self.relay = subprocess.Popen(["ip", "netns", "exec", self.switch, *wire], stdout=subprocess.PIPE)
            self.relay.stdout.readline()  # it is ready
        else:
            do(f"ip -n {self.switch} link add bridge type bridge")
            for device in (*ports, "bridge"):
                do(f"ip -n {self.switch} link set {device} up" + " master bridge" * (device != "bridge"))
        self.agent.write_text(AGENT.format(prefix=self.prefix))
        self.agent.chmod(0o755)

    def command(self, number: int, command: list[str]) -> list[str]:
        """The command on one of the hosts."""
        name = self.names[number]
        return ["ip", "netns", "exec", name, "unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', name, *command]

    def mpirun(self, launcher: Path, command: list[str]) -> list[str]:
        """The command on all of them, a rank each, by the launcher of Open MPI or MPICH."""
        options = mpich(self) if (launcher.parent / "mpiexec.hydra").exists() else open_mpi(self)
        return self.command(0, [str(launcher), *options, "-n", str(self.count), *command])


def open_mpi(hosts: Hosts) -> list[str]:
    """Options of its launcher."""
    at = ",".join(f"{address}:1" for address in hosts.addresses)
    ways = {"btl": "tcp,self", "pml": "ob1", "btl_tcp_if_include": "eth0"}
    chosen = [word for name, value in ways.items() for word in ("--mca", name, value)]
    agent = ["--prtemca", "plm_ssh_agent", str(hosts.agent), "--prtemca", "prte_if_include", "eth0"]
    return [*agent, *chosen, "--host", at, "--bind-to", "none"]


def mpich(hosts: Hosts) -> list[str]:
    """Options of its launcher."""
    agent = ["-launcher", "ssh", "-launcher-exec", str(hosts.agent)]
    return [*agent, "-localhost", hosts.addresses[0], "-hosts", ",".join(hosts.addresses)]


def environment(launcher: Path) -> dict[str, str]:
    """Of a launcher that pip has installed, and of its ranks."""
    root = dict.fromkeys(("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"), "1")
    return os.environ | root | {"LD_LIBRARY_PATH": str(launcher.parents[1] / "lib"), "FI_PROVIDER": "tcp"}


def do(command: str) -> None:
    """Run it; SystemExit with what it says where that fails."""
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr.strip()}; hosts are network namespaces, which root alone can make")
