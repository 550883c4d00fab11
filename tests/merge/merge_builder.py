"""Small servers for merge tests, in few words: `server("dhcp01", scope(...), ...)`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from writers.sources import source_of

from migrate.merge.result import MergeResult
from migrate.merge.settings import Answer, Settings
from migrate.merge.target import merge
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import Lease, LeaseState, LeaseTable
from migrate.model.ledger import Disposition
from migrate.model.option import OptionValue
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import ObjectKind, Role, Server, Source

AS_OF = 1_000_000_000
LATER = AS_OF + 3600
LATEST = AS_OF + 7200


def address(tail: int | str) -> IPv4Address:
    """`17` is 10.0.0.17."""
    return IPv4Address(f"10.0.0.{tail}" if isinstance(tail, int) else tail)


def span(text: str) -> AddressRange:
    """`10-20` is 10.0.0.10 to 10.0.0.20; one number is one address."""
    first, _, last = text.partition("-")
    return AddressRange(address(int(first)), address(int(last or first)))


def client(number: int) -> ClientId:
    return ClientId(bytes([0, 0, 0, 0, 0, number]))


def scope(pool: str = "10-100", excluded: tuple[str, ...] = (), **fields: Any) -> Scope:
    base = Scope(
        scope_id=address(0),
        subnet_mask=IPv4Address("255.255.255.0"),
        range=span(pool) if pool else None,
        exclusions=tuple(ExclusionRange(range=span(text)) for text in excluded),
    )
    return replace(base, **fields)


def reserve(tail: int, number: int, **fields: Any) -> Reservation:
    return Reservation(ip_address=address(tail), client_id=client(number), **fields)


def lease(tail: int, number: int, expiry_s: int = LATER, state: LeaseState = LeaseState.ACTIVE) -> Lease:
    return Lease(
        ip_address=address(tail), scope_id=address(0), client_id=client(number), expiry_s=expiry_s, state=state, path="x.xml"
    )


def option(number: int, *values: str, vendor: str = "", user: str = "") -> OptionValue:
    return OptionValue(option_id=number, values=values, vendor_class=vendor, user_class=user)


def server(name: str, *scopes: Scope, leases: tuple[Lease, ...] = (), **fields: Any) -> Source:
    return source_of(replace(Server(name=name, scopes=scopes), **fields), LeaseTable.of_rows(leases))


def merged(primary: Source, secondary: Source | None = None, answers: dict[str, str] | None = None, **fields: Any) -> MergeResult:
    settings = Settings(
        as_of_s=AS_OF,
        primary_server="dhcp01",
        secondary_server="dhcp02",
        answers={id: Answer(choice=choice, alternatives={}, path="d.toml") for id, choice in (answers or {}).items()},
        **fields,
    )
    return merge(primary, secondary, settings)


def target_scope(result: MergeResult) -> Scope:
    (only,) = result.target.server.scopes
    return only


def decided(result: MergeResult) -> dict[str, tuple[str, str]]:
    """Each decision's choice and who made it, by id."""
    return {decision.id: (decision.choice, decision.decided_by.value) for decision in result.decisions}


def fate(result: MergeResult, role: Role, kind: ObjectKind, key: str) -> Disposition:
    (row,) = [r for r in result.ledger.rows if (r.source, r.kind, r.key) == (role, kind, key)]
    return row.disposition


def held(result: MergeResult) -> dict[str, int]:
    """The client number of each carried lease, by address."""
    return {str(row.ip_address): row.client_id.octets[-1] for row in result.leases.table.rows()}
