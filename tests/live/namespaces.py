"""Two hosts on one cable that exist for one test only: network namespaces, so that no packet reaches a real network.

Whatever runs on them ends with them, also when a test fails. What a killed test run left behind goes with the next one.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PREFIX = "unsplit-live"
INTERFACE = "eth0"
CLONE_NEWNET = 0x40000000
_numbers = itertools.count()


class Host:
    """One namespace: programs can be run and sockets opened in it."""

    def __init__(self, namespace: str, address: str) -> None:
        self.namespace = namespace
        self.address = address

    def spawn(self, *command: str | Path, log: IO[bytes], **pipes: int) -> subprocess.Popen[bytes]:
        """`ip netns exec` becomes the program, so the process is the program's own."""
        return subprocess.Popen(self._exec(command), **{"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **pipes})

    def run(self, *command: str | Path, given: str = "") -> str:
        done = subprocess.run(self._exec(command), input=given, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def _exec(self, command: tuple[str | Path, ...]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, *map(str, command)]

    def socket(self, kind: socket.SocketKind, port: int = 0) -> socket.socket:
        """Bound to the host's address. A socket stays in the namespace in which it was made, whoever uses it."""
        made: list[socket.socket] = []

        def make() -> None:
            with Path("/run/netns", self.namespace).open("rb") as handle:
                if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), CLONE_NEWNET):
                    return
            made.append(socket.socket(socket.AF_INET, kind))

        thread = threading.Thread(target=make)  # the namespace is the thread's, and ends with it
        thread.start()
        thread.join()
        [opened] = made
        opened.bind((self.address, port))
        return opened


@contextmanager
def two_hosts(first: str, second: str) -> Iterator[tuple[Host, Host]]:
    """With these addresses, as ADDRESS/LENGTH, on one cable. Raises OSError where namespaces cannot be made."""
    remove_left_behind()
    name = f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
    hosts = [Host(f"{name}-{end}", address.partition("/")[0]) for end, address in (("dhcpd", first), ("engine", second))]
    try:
        for host in hosts:
            ip("netns", "add", host.namespace)
        near, far = (host.namespace for host in hosts)
        ip("-n", near, "link", "add", INTERFACE, "type", "veth", "peer", "name", INTERFACE, "netns", far)
        for host, address in zip(hosts, (first, second), strict=True):
            ip("-n", host.namespace, "address", "add", address, "dev", INTERFACE)
            for device in ("lo", INTERFACE):
                ip("-n", host.namespace, "link", "set", device, "up")
        yield hosts[0], hosts[1]
    finally:
        for host in hosts:
            remove(host.namespace)


def ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def existing() -> list[str]:
    return [line.split()[0] for line in ip("netns", "list").splitlines() if line.startswith(PREFIX)]


def remove(namespace: str) -> None:
    """With all that runs in it."""
    if namespace in existing():
        for process in ip("netns", "pids", namespace).split():
            os.kill(int(process), signal.SIGKILL)
        ip("netns", "delete", namespace)


def remove_left_behind() -> None:
    for namespace in existing():
        if not Path(f"/proc/{namespace.removeprefix(PREFIX).split('-')[1]}").exists():
            remove(namespace)
