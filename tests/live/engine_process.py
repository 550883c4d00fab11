"""The engine as a partner in a process of its own: `python -m migrate.live`, steered and watched over its pipes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Any

from isc_dhcpd import FIRST, LAST, LEASE_S, MCLT_S, NAME, RECEIVE_S
from namespaces import Host
from waiting import wait_for

from migrate.failover.bindings import Binding, Client
from migrate.failover.codes import BindingState, ServerState
from migrate.failover.effects import Store
from migrate.live.journal import Journal, binding_of_json, octets
from migrate.model.server import Role


class EngineProcess:
    def __init__(self, host: Host, partner: Host, role: Role, folder: Path) -> None:
        self._host = host
        self._log_path = folder / "engine.log"
        self._journal_path = folder / "engine.journal"
        self._transcript_path = folder / "engine.transcript"
        # dhcpd sits on a BNDACK for up to two seconds, unless those for half of what it may leave unacknowledged are due.
        self._arguments = (
            *("--max-unacked", 2),
            *("--role", role, "--local", host.address, "--partner", partner.address, "--name", NAME),
            *("--scope", f"10.77.0.0/24={FIRST}-{LAST}", "--lease", LEASE_S),
            # A secondary takes MCLT and load balancing from its primary's CONNECT, so it is told nothing sensible here.
            *(("--mclt", MCLT_S) if role is Role.PRIMARY else ("--mclt", 3600, "--percent", 0)),
            *("--receive-timer", RECEIVE_S, "--retry", 1, "--journal", self._journal_path, "--trace"),
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.events: list[dict[str, Any]] = []
        """All that it has reported, over all its lives; the transcript, for whoever looks into a test that failed, is the same."""

    def import_leases(self, macs: Mapping[str, str], ends_s: int) -> None:
        """Active ones, by address, of which the partner has never heard."""
        journal = Journal(self._journal_path)
        for address, mac in macs.items():
            client = Client(b"\x01" + octets(mac))
            binding = Binding(int(IPv4Address(address)), BindingState.ACTIVE, client, expiry_s=ends_s, owed=True)
            journal.append(Store(binding, int(time.time())))

    def start(self) -> None:
        command = (sys.executable, "-m", "migrate.live", *map(str, self._arguments))
        with self._log_path.open("ab") as log:
            self._process = self._host.spawn(*command, log=log, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def _read(self, lines: IO[bytes]) -> None:
        with self._transcript_path.open("ab") as transcript:
            for line in lines:
                self.events.append(json.loads(line))
                transcript.write(line)

    def kill(self, *, lose_database: bool = False) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)
        if lose_database:
            self._journal_path.unlink()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def obey(self, command: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()

    # What it says

    @property
    def log(self) -> str:
        """Its standard error: tracebacks, or nothing."""
        return self._log_path.read_text()

    def of_kind(self, event: str) -> list[dict[str, Any]]:
        return [shown for shown in list(self.events) if shown["event"] == event]

    def answer_to(self, command: str, event: str) -> dict[str, Any] | None:
        """What it reports of this kind before it has done with the command: the last one."""
        seen, overviews = len(self.events), len(self.of_kind("overview"))
        self.obey(command)
        self.obey("show")
        wait_for(f"the engine to answer {command!r}", lambda: len(self.of_kind("overview")) > overviews)
        return next((shown for shown in reversed(self.events[seen:]) if shown["event"] == event), None)

    def overview(self) -> dict[str, Any]:
        shown = self.answer_to("", "overview")
        assert shown is not None
        return shown

    @property
    def states(self) -> list[ServerState]:
        """Every state that it has stored, in order."""
        return [ServerState(shown["state"]) for shown in self.of_kind("state")]

    @property
    def state(self) -> ServerState | None:
        return next(reversed(self.states), None)

    def bindings(self) -> dict[str, Binding]:
        return {shown["address"]: binding_of_json(shown) for shown in self.overview()["bindings"]}

    def lease(self, mac: str) -> tuple[str, int] | None:
        """Address and seconds; None when the engine stays silent."""
        return _lease_of(self.answer_to(f"lease {mac}", "answer"))

    def renew(self, mac: str, address: str) -> tuple[str, int] | None:
        return _lease_of(self.answer_to(f"renew {mac} {address}", "answer"))


def _lease_of(answer: dict[str, Any] | None) -> tuple[str, int] | None:
    return (answer["address"], answer["lease_s"]) if answer and answer["kind"] == "DHCPACK" else None
