"""What one partner is told before it starts: its relationship, and its scopes as ranges of addresses it may lease.

Made from the model, in the form the engine wants: addresses as numbers, durations in whole seconds. Nothing here changes while the
engine runs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from migrate.failover.dialect import WINDOWS, Dialect
from migrate.model.addresses import EMPTY, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.option import LEASE_TIME
from migrate.model.policy import Policy
from migrate.model.relationship import FailoverMode, FailoverRelationship
from migrate.model.scope import ClientKind, Scope, ScopeState
from migrate.model.server import Role
from migrate.model.timespan import seconds_of_timespan

DEFAULT_LEASE_S = 8 * 86400
"""Windows' for a scope that does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRange:
    """Addresses that are shared out together: those of one policy, or what is left of the scope."""

    scope: int
    """Place of the scope in the configuration."""
    policy: str
    """Empty for the rest of the scope."""
    addresses: AddressSet
    """Without exclusions and reservations."""

    def numbers(self) -> Iterable[int]:
        return (number for start, stop in self.addresses.spans for number in range(start, stop))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeConfiguration:
    scope_id: int
    network: IPv4Network
    lease_s: int
    is_active: bool = True
    delay_ms: int = 0
    """How long an OFFER is held back."""
    superscope: str = ""
    pools: tuple[PoolRange, ...] = ()
    """Policy ranges in processing order, the rest last."""
    policies: tuple[Policy, ...] = ()
    """Enabled ones, in processing order."""
    policy_lease_s: Mapping[str, int] = field(default_factory=dict)
    reservations: Mapping[int, bytes] = field(default_factory=dict)
    """Address to the client's octets."""
    reserved_for: Mapping[bytes, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One partner's view: the two copies of a relationship differ in `role` and `server_id` only (MS-DHCPF 1.5)."""

    name: str
    role: Role
    server_id: int
    """The address that clients know the server by (option 54)."""
    mclt_s: int = 3600
    mode: FailoverMode = FailoverMode.LOAD_BALANCE
    load_balance_percent: int | None = 50
    reserve_percent: int | None = None
    safe_period_s: int | None = None
    """State switch interval; None: never into PARTNER-DOWN by itself."""
    dialect: Dialect = WINDOWS
    audits: bool = False
    """Whether there is a note for every message, as in Windows' audit channel."""
    scopes: tuple[ScopeConfiguration, ...] = ()

    @classmethod
    def of_model(
        cls,
        relationship: FailoverRelationship,
        scopes: Iterable[Scope],
        role: Role,
        server_id: IPv4Address,
        dialect: Dialect = WINDOWS,
        *,
        audits: bool = False,
    ) -> Configuration:
        """From a relationship and the scopes that are in it, in any order."""
        interval = relationship.state_switch_interval if relationship.auto_state_transition else None
        ordered = sorted(scopes, key=lambda scope: scope.scope_id)
        return cls(
            name=relationship.name,
            role=role,
            server_id=int(server_id),
            mclt_s=seconds_of_timespan(relationship.max_client_lead_time),
            mode=relationship.mode,
            load_balance_percent=relationship.load_balance_percent,
            reserve_percent=relationship.reserve_percent,
            safe_period_s=None if interval is None else seconds_of_timespan(interval),
            dialect=dialect,
            audits=audits,
            scopes=tuple(scope_configuration(scope, place) for place, scope in enumerate(ordered)),
        )

    @cached_property
    def pools(self) -> tuple[PoolRange, ...]:
        """Of all scopes; the place in this tuple is the number of a pool."""
        return tuple(pool for scope in self.scopes for pool in scope.pools)

    @cached_property
    def pool_numbers(self) -> Mapping[tuple[int, str], int]:
        """By scope and policy; an empty policy stands for the rest of the scope."""
        return {(pool.scope, pool.policy): number for number, pool in enumerate(self.pools)}

    @cached_property
    def _spans(self) -> tuple[list[int], list[tuple[int, int]]]:
        spans = sorted((start, stop, number) for number, pool in enumerate(self.pools) for start, stop in pool.addresses.spans)
        return [start for start, _, _ in spans], [(stop, number) for _, stop, number in spans]

    def pool_of(self, address: int) -> int | None:
        """The number of the pool that holds the address; None for one that is excluded, reserved or foreign."""
        starts, ends = self._spans
        at = bisect_right(starts, address) - 1
        if at < 0 or address >= ends[at][0]:
            return None
        return ends[at][1]

    @cached_property
    def _networks(self) -> tuple[list[int], list[int]]:
        order = sorted(range(len(self.scopes)), key=lambda place: self.scopes[place].scope_id)
        return [self.scopes[place].scope_id for place in order], order

    def scope_of(self, address: int) -> int | None:
        """The place of the scope in whose subnet the address lies."""
        ids, order = self._networks
        at = bisect_right(ids, address) - 1
        if at < 0 or address > int(self.scopes[order[at]].network.broadcast_address):
            return None
        return order[at]

    def is_ours(self, address: int) -> bool:
        """Whether the relationship tracks the address: it is in a pool, or reserved."""
        return self.pool_of(address) is not None or self.is_reserved(address)

    def is_reserved(self, address: int) -> bool:
        scope = self.scope_of(address)
        return scope is not None and address in self.scopes[scope].reservations

    @cached_property
    def wires(self) -> tuple[tuple[int, ...], ...]:
        """For each scope the scopes a client behind it can be served from: itself first, then the rest of its superscope."""
        members: dict[str, list[int]] = {}
        for place, scope in enumerate(self.scopes):
            members.setdefault(scope.superscope.casefold(), []).append(place)
        return tuple(
            (place, *(other for other in members[scope.superscope.casefold()] if scope.superscope and other != place))
            for place, scope in enumerate(self.scopes)
        )


def scope_configuration(scope: Scope, place: int) -> ScopeConfiguration:
    """The engine's form of a scope. BOOTP-only reservations serve no DHCP client, but keep their addresses out of the pools."""
    reservations = {int(entry.ip_address): entry.client_id for entry in scope.reservations if entry.type is not ClientKind.BOOTP}
    policies = _policies(scope)
    return ScopeConfiguration(
        scope_id=int(scope.scope_id),
        network=scope.network,
        lease_s=DEFAULT_LEASE_S if scope.lease_duration is None else seconds_of_timespan(scope.lease_duration),
        is_active=scope.state is ScopeState.ACTIVE,
        delay_ms=scope.delay_ms or 0,
        superscope=scope.superscope or "",
        pools=_pools(scope, place, policies),
        policies=policies,
        policy_lease_s={policy.name: seconds for policy in policies if (seconds := _lease_of(policy)) is not None},
        reservations={address: client.octets for address, client in reservations.items()},
        reserved_for=_addresses_by_client(reservations),
    )


def _policies(scope: Scope) -> tuple[Policy, ...]:
    if scope.activate_policies is False:
        return ()
    return tuple(sorted((p for p in scope.policies or () if p.enabled), key=lambda policy: policy.processing_order))


def _pools(scope: Scope, place: int, policies: Iterable[Policy]) -> tuple[PoolRange, ...]:
    left = scope.serves - AddressSet.of_addresses(entry.ip_address for entry in scope.reservations)
    pools = []
    for policy in policies:
        if policy.ip_ranges:
            own = left & AddressSet(policy.ip_ranges)
            pools.append(PoolRange(scope=place, policy=policy.name, addresses=own))
            left = left - own
    if left != EMPTY:
        pools.append(PoolRange(scope=place, policy="", addresses=left))
    return tuple(pools)


def _addresses_by_client(reservations: Mapping[int, ClientId]) -> dict[bytes, int]:
    return {client.octets: address for address, client in sorted(reservations.items(), reverse=True)}


def _lease_of(policy: Policy) -> int | None:
    """The lease duration a policy sets, as its option 51 (Windows Server 2012 R2 and later)."""
    values = next((value.values for value in policy.option_values if value.option_id == LEASE_TIME), ())
    return int(values[0]) if values and values[0].isdigit() else None
