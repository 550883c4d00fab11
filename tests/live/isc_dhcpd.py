"""A real ISC dhcpd as one partner: its configuration, its life, and what its lease file says."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from namespaces import INTERFACE, Host

from migrate.failover.codes import WIRE_STATES, ServerState
from migrate.model.server import Role

NAME = "live"
MCLT_S = 6
LEASE_S = 60
RECEIVE_S = 5
FIRST, LAST = "10.77.0.100", "10.77.0.119"
ADDRESS_COUNT = 20
OMAPI_PORT = 7911
_TIME = "%Y/%m/%d %H:%M:%S"

_CONFIGURATION = """\
authoritative;
ddns-update-style none;
ping-check false;
dhcp-cache-threshold 0;
default-lease-time {lease_s};
max-lease-time {lease_s};
min-lease-time 1;
omapi-port {omapi_port};
failover peer "{name}" {{
  {role};
  address {address};
  port 647;
  peer address {partner};
  peer port 647;
  max-response-delay {receive_s};
  max-unacked-updates 10;
  load balance max seconds 3;
  {primary_only}
}}
subnet 10.77.0.0 netmask 255.255.255.0 {{
  pool {{ failover peer "{name}"; range {first} {last}; }}
}}
"""


@dataclass(frozen=True)
class LeaseRecord:
    """The last record of an address in dhcpd.leases."""

    state: str
    mac: str | None
    ends_s: int
    """0 when it never ends."""


class Dhcpd:
    def __init__(self, host: Host, partner: Host, role: Role, folder: Path, program: str) -> None:
        self._host = host
        self._log_path = folder / "dhcpd.log"
        self._lease_path = folder / "dhcpd.leases"
        self._configuration_path = folder / "dhcpd.conf"
        self._process: subprocess.Popen[bytes] | None = None
        # An AppArmor profile goes by the path of the program, and dhcpd's would keep it from files in this folder.
        self._program = shutil.copy2(program, folder)
        self._lease_path.touch()
        self._configuration_path.write_text(
            _CONFIGURATION.format(
                name=NAME,
                role=role,
                address=host.address,
                partner=partner.address,
                receive_s=RECEIVE_S,
                primary_only=f"mclt {MCLT_S}; split 128;" if role is Role.PRIMARY else "",
                first=FIRST,
                last=LAST,
                lease_s=LEASE_S,
                omapi_port=OMAPI_PORT,
            )
        )

    def import_leases(self, macs: Mapping[str, str], ends_s: int) -> None:
        """Active ones, by address, as another server's lease file would bring them."""
        ends = datetime.fromtimestamp(ends_s, UTC).strftime(_TIME)
        with self._lease_path.open("a") as leases:
            for address, mac in macs.items():
                leases.write(
                    f"lease {address} {{\n  starts 1 2025/01/06 00:00:00;\n  ends 1 {ends};\n"
                    f"  binding state active;\n  hardware ethernet {mac};\n}}\n"
                )

    def start(self) -> None:
        files = ("-cf", self._configuration_path, "-lf", self._lease_path)
        with self._log_path.open("ab") as log:
            self._process = self._host.spawn(self._program, "-4", "-f", "-d", "--no-pid", *files, INTERFACE, log=log)

    def kill(self, *, lose_database: bool = False) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)
        if lose_database:
            self._lease_path.write_text("")

    def freeze(self) -> None:
        """It lives and its connections stay, but it says nothing any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def put_in(self, state: ServerState) -> None:
        """As an operator does, over OMAPI."""
        script = (
            f"server 127.0.0.1\nport {OMAPI_PORT}\nconnect\n"
            f'new failover-state\nset name = "{NAME}"\nopen\nset local-state = {WIRE_STATES[state]}\nupdate\n'
        )
        self._host.run("omshell", given=script)

    @property
    def log(self) -> str:
        return self._log_path.read_text(errors="replace")

    @property
    def states(self) -> list[ServerState]:
        """Every state that it has stored since the file was begun, in order and each once at a time."""
        found = re.findall(r"^  my state (\S+) at", self._lease_path.read_text(), re.MULTILINE)
        return [ServerState(state.upper()) for place, state in enumerate(found) if place == 0 or found[place - 1] != state]

    @property
    def state(self) -> ServerState | None:
        return next(reversed(self.states), None)

    def leases(self) -> dict[str, LeaseRecord]:
        found = re.findall(r"^lease (\S+) \{\n(.*?)^\}", self._lease_path.read_text(), re.MULTILINE | re.DOTALL)
        return {address: _lease_record(body) for address, body in found}


def _lease_record(body: str) -> LeaseRecord:
    def value(pattern: str) -> str | None:
        match = re.search(rf"^  {pattern};", body, re.MULTILINE)
        return match and match[1]

    state, mac, ends = value(r"binding state (\S+)"), value(r"hardware ethernet (\S+)"), value(r"ends \d (\S+ \S+)")
    ends_s = int(datetime.strptime(ends, _TIME).replace(tzinfo=UTC).timestamp()) if ends else 0
    return LeaseRecord(state or "", mac, ends_s)
