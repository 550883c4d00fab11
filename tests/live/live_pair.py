"""dhcpd and the engine as partners on a network of their own, in either role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

from engine_process import EngineProcess
from isc_dhcpd import ADDRESS_COUNT, FIRST, Dhcpd, LeaseRecord
from namespaces import two_hosts
from relayed_client import RelayedClients
from waiting import wait_for

from migrate.failover.balance import load_balance_hash
from migrate.failover.bindings import Binding
from migrate.failover.codes import BindingState, ServerState
from migrate.model.server import Role

ADDRESSES = tuple(str(IPv4Address(FIRST) + number) for number in range(ADDRESS_COUNT))
View = tuple[BindingState, str | None, int]
"""What both must say of an address: its state, and of a lease the client and the end."""


class LivePair:
    def __init__(self, dhcpd: Dhcpd, engine: EngineProcess, clients: RelayedClients, engine_role: Role) -> None:
        self.dhcpd = dhcpd
        self.engine = engine
        self.clients = clients
        """Of dhcpd. Those of the engine exist only in its commands."""
        self.engine_role = engine_role
        self.dhcpd_role = Role.SECONDARY if engine_role is Role.PRIMARY else Role.PRIMARY
        self._client_count = 0

    def to_normal(self) -> LivePair:
        self.dhcpd.start()
        self.engine.start()
        self.await_states(ServerState.NORMAL)
        self.await_agreement()
        return self

    def await_states(self, state: ServerState, *, timeout_s: float = 15) -> None:
        self.await_dhcpd(state, timeout_s=timeout_s)
        self.await_engine(state, timeout_s=timeout_s)

    def await_dhcpd(self, state: ServerState, *, timeout_s: float = 15) -> None:
        wait_for(f"dhcpd to be in {state}", lambda: self.dhcpd.state is state, timeout_s)

    def await_engine(self, state: ServerState, *, timeout_s: float = 15) -> None:
        wait_for(f"the engine to be in {state}", lambda: self.engine.state is state, timeout_s)

    def await_agreement(self) -> None:
        """Both databases say the same, and dhcpd has acknowledged it: it may take two seconds over that."""
        wait_for("both databases to agree", lambda: self.differences() == [])
        wait_for("dhcpd to acknowledge", lambda: not any(binding.owed for binding in self.engine.bindings().values()))

    def wait(self, seconds: float) -> None:
        """For something that is expected not to happen, or a time that must have passed."""
        time.sleep(seconds)

    def differences(self) -> list[tuple[str, View, View]]:
        """Address, and what dhcpd and the engine say of it."""
        leases, bindings = self.dhcpd.leases(), self.engine.bindings()
        views = [(address, _dhcpds(leases.get(address)), _engines(bindings.get(address))) for address in ADDRESSES]
        return [(address, dhcpds, engines) for address, dhcpds, engines in views if dhcpds != engines]

    def holders(self) -> dict[str, tuple[str | None, str | None]]:
        """Of each address its last client by dhcpd and by the engine, also once the lease is over."""
        leases, bindings = self.dhcpd.leases(), self.engine.bindings()
        both = [address for address in ADDRESSES if address in leases and address in bindings]
        return {address: (leases[address].mac, _mac_of(bindings[address])) for address in both}

    def new_mac(self, role: Role) -> str:
        """Of a client that `role` answers in NORMAL and that nobody has seen yet."""
        while True:
            self._client_count += 1
            mac = f"02:00:00:00:00:{self._client_count:02x}"
            if is_answered_by(role, bytes.fromhex(mac.replace(":", ""))):
                return mac

    def dhcpds_mac(self) -> str:
        return self.new_mac(self.dhcpd_role)

    def engines_mac(self) -> str:
        return self.new_mac(self.engine_role)


def is_answered_by(role: Role, identity: bytes) -> bool:
    """In NORMAL, with `split 128`."""
    return (load_balance_hash(identity) < 128) == (role is Role.PRIMARY)


def _dhcpds(record: LeaseRecord | None) -> View:
    if record is None or record.state != "active":
        return BindingState[record.state.upper()] if record else BindingState.FREE, None, 0
    return BindingState.ACTIVE, record.mac, record.ends_s


def _engines(binding: Binding | None) -> View:
    if binding is None or binding.state is not BindingState.ACTIVE:
        return binding.state if binding else BindingState.FREE, None, 0
    return BindingState.ACTIVE, _mac_of(binding), binding.expiry_s


def _mac_of(binding: Binding) -> str | None:
    return binding.client and binding.client.hardware[1:].hex(":")


@contextmanager
def live_pair(engine_role: Role, folder: Path, program: str) -> Iterator[LivePair]:
    dhcpd_role = Role.SECONDARY if engine_role is Role.PRIMARY else Role.PRIMARY
    with two_hosts("10.77.0.1/24", "10.77.0.2/24") as (dhcpd_host, engine_host):
        clients = RelayedClients(engine_host, dhcpd_host)
        dhcpd = Dhcpd(dhcpd_host, engine_host, dhcpd_role, folder, program)
        engine = EngineProcess(engine_host, dhcpd_host, engine_role, folder)
        try:
            yield LivePair(dhcpd, engine, clients, engine_role)
        finally:
            clients.close()
