"""The unified failover configuration: what plan.json holds, and all that an emitter may read besides the merged leases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from migrate.model.addresses import AddressSet
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import Scope
from migrate.model.server import Role, Server, SourceFormat


class Strategy(StrEnum):
    IN_PLACE = "in-place"
    NEW_SERVERS = "new-servers"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSource:
    role: Role
    server: str
    path: str
    format: SourceFormat
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`server` is the merged configuration, named after the primary; its scopes are those of the relationships."""

    as_of_s: int
    strategy: Strategy
    sources: tuple[TargetSource, ...]
    relationships: tuple[FailoverRelationship, ...]
    server: Server
    leased: Mapping[IPv4Address, int]
    """Merged leases that hold an address, by scope id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCounts:
    """Addresses of a scope: in its range; excluded in it; reserved in it outside exclusions; left for the two partners to share;
    and leased (reservations in use included)."""

    range: int
    excluded: int
    reserved: int
    distributable: int
    leased: int


def address_counts(scope: Scope, leased: int) -> AddressCounts:
    reserved = AddressSet.of_addresses(r.ip_address for r in scope.reservations) & scope.serves
    return AddressCounts(
        range=scope.range_set.address_count,
        excluded=(scope.range_set & scope.excluded).address_count,
        reserved=reserved.address_count,
        distributable=(scope.serves - reserved).address_count,
        leased=leased,
    )
