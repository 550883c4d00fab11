"""From the plan to a world: scopes and leases of one relationship, the two hosts that share them, and a client for each lease."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from random import Random
from typing import NamedTuple

from migrate.failover.bindings import ACTIVE, BACKUP, FREE, UNLIMITED_S, Binding, Client
from migrate.failover.configuration import DEFAULT_LEASE_S, Configuration
from migrate.failover.dialect import WINDOWS, Dialect
from migrate.failover.effects import Storage
from migrate.model.addresses import EMPTY, AddressSet
from migrate.model.leases import NEVER, LeaseState, LeaseTable
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import ClientKind, Scope
from migrate.model.server import Role
from migrate.model.timespan import seconds_of_timespan
from migrate.simulate.clients import SimulatedClient
from migrate.simulate.host import Host
from migrate.simulate.invariants import Rules
from migrate.simulate.judge import Judge
from migrate.simulate.promises import Promise
from migrate.simulate.world import World

SERVER_IDS = {Role.PRIMARY: IPv4Address("192.0.2.1"), Role.SECONDARY: IPv4Address("192.0.2.2")}
"""Addresses for documentation: an export does not say what its server's address is, and nothing here depends on it."""

HOLDS_ADDRESS = (LeaseState.ACTIVE, LeaseState.ACTIVE_RESERVATION)


class KnownLease(NamedTuple):
    address: int
    scope_id: int
    client: Client
    expiry_s: int
    """UNLIMITED_S where it has no end."""
    server: Role | None = None
    """Who gave it and still answers at the same address; None when nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """One relationship with its scopes and leases, or a sample of them."""

    relationship: FailoverRelationship
    scopes: tuple[Scope, ...]
    leases: tuple[KnownLease, ...]
    rules: Rules
    start_s: int

    @property
    def lease_s_by_scope(self) -> dict[int, int]:
        return {int(scope.scope_id): lease_seconds(scope) for scope in self.scopes}


def lease_seconds(scope: Scope) -> int:
    return DEFAULT_LEASE_S if scope.lease_duration is None else seconds_of_timespan(scope.lease_duration)


def client_of(octets: bytes) -> Client:
    """A client as the lease lists know it: six octets are a MAC address, anything else an identifier with a MAC that ends alike."""
    if len(octets) == 6:
        return Client(b"\x01" + octets)
    return Client(b"\x01" + octets[-6:].rjust(6, b"\0"), octets)


def known_lease(table: LeaseTable, row: int) -> KnownLease:
    """A row of the table, which must be one that holds an address."""
    expiry_s = int(table.expiry_s[row])
    return KnownLease(
        address=int(table.address[row]),
        scope_id=int(table.scope_id[row]),
        client=client_of(table.client_id[row]),
        expiry_s=UNLIMITED_S if expiry_s >= NEVER else min(expiry_s, UNLIMITED_S),
    )


def rules_of(scopes: Iterable[Scope]) -> Rules:
    excluded, reserved = EMPTY, {}
    for scope in scopes:
        excluded = excluded | scope.excluded
        for entry in scope.reservations:
            if entry.type is not ClientKind.BOOTP:
                reserved[int(entry.ip_address)] = entry.client_id.octets
    return Rules(excluded, reserved)


def estate_of(
    relationship: FailoverRelationship,
    scopes: Iterable[Scope],
    leases: Sequence[KnownLease],
    start_s: int,
    rules: Rules | None = None,
) -> Estate:
    """`rules`: where the scopes are not the whole truth about what is excluded and reserved."""
    scopes = tuple(sorted(scopes, key=lambda scope: scope.scope_id))
    return Estate(relationship=relationship, scopes=scopes, leases=tuple(leases), rules=rules or rules_of(scopes), start_s=start_s)


def imported(lease: KnownLease, now: int) -> Binding:
    """As Import-DhcpServer leaves it: a lease that the partner has never heard of."""
    return Binding(lease.address, ACTIVE, lease.client, expiry_s=lease.expiry_s, stos_s=now, cltt_s=now, owed=True)


class Simulation:
    """A world made of an estate, its judge, and its clients by number. The leases stand on the primary, as after an import."""

    def __init__(
        self, estate: Estate, *, seed: int = 1, dialect: Dialect = WINDOWS, details: bool = False, audits: bool = False
    ) -> None:
        self.estate = estate
        self.judge = Judge(estate.rules)
        self.dialect = dialect
        hosts = []
        for role in Role:
            bindings = {lease.address: imported(lease, estate.start_s) for lease in estate.leases} if role is Role.PRIMARY else {}
            configuration = Configuration.of_model(
                estate.relationship, estate.scopes, role, SERVER_IDS[role], dialect, audits=audits
            )
            hosts.append(Host(configuration, Storage(bindings=bindings)))
        self.world = World(*hosts, start_s=estate.start_s, seed=seed, judge=self.judge, details=details)
        self.clients: list[SimulatedClient] = []
        self._draw = Random(f"{seed}:clients").random
        self._lease_s = estate.lease_s_by_scope

    def wake_lease_holders(self) -> None:
        """A client for each lease; from now on it renews at its own times."""
        for lease in self.estate.leases:
            client = SimulatedClient(self.world, lease.client, lease.scope_id)
            lease_s = self._lease_s[lease.scope_id]
            expiry_s = lease.expiry_s
            if expiry_s >= UNLIMITED_S > lease_s:  # a reservation in use: somewhere in the first half of its lease
                expiry_s = self.world.now + lease_s // 2 + int(self._draw() * (lease_s // 2))
            self.world.promises.make(lease.address, Promise(lease.client.identity, expiry_s, lease.server, self.world.now))
            client.holds(lease.address, expiry_s, lease_s, lease.server)
            self.clients.append(client)

    def newcomer(self, scope_id: int) -> SimulatedClient:
        """A client nobody has seen before, on the wire of this scope; switched off."""
        client = SimulatedClient(self.world, client_of(newcomer_mac(len(self.clients) + 1)), scope_id)
        self.clients.append(client)
        return client

    def free_addresses(self, scope_id: int) -> int:
        """As the disk of a running server has it."""
        host = next((host for host in self.world.hosts.values() if host.is_up), self.world.hosts[Role.PRIMARY])
        scopes = host.configuration.scopes
        numbers = (n for pool in host.configuration.pools if scopes[pool.scope].scope_id == scope_id for n in pool.numbers())
        return sum(host.stored(number).state in (FREE, BACKUP) for number in numbers)

    def numbered(self, number: int) -> SimulatedClient:
        """The client with this number, counted from 1; those that are not there yet come into being in the first scope."""
        while len(self.clients) < number:
            self.newcomer(int(self.estate.scopes[0].scope_id))
        return self.clients[number - 1]


def newcomer_mac(number: int) -> bytes:
    """Locally administered, so that it is nobody's in the estate."""
    return b"\x02\x00" + number.to_bytes(4, "big")


def pool_addresses(scope: Scope) -> AddressSet:
    """What the partners share of a scope: no exclusions, no reservations."""
    return scope.serves - AddressSet.of_addresses(entry.ip_address for entry in scope.reservations)
