"""Small estates for the rules: what the tests do not mention is in good order, so that a finding has one cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from migrate.checks import Subject, check_all
from migrate.merge.book import members, option_members, policy_members
from migrate.merge.settings import Answer, Settings
from migrate.merge.target import merge
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.finding import Finding
from migrate.model.leases import Lease, LeaseState, LeaseTable
from migrate.model.option import OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ExclusionRange, Reservation, Scope
from migrate.model.server import CONFLICT_DETECTION, NotCarried, ObjectKind, Server, ServerSetting, Source, SourceFormat

AS_OF = datetime(2026, 11, 20, 18, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def span(text: str) -> AddressRange:
    """`10-99` means 10.20.0.10 to 10.20.0.99; whole addresses may be given too."""
    first, last = text.split("-")
    return AddressRange(address(first), address(last))


def address(text: str) -> IPv4Address:
    return IPv4Address(text if "." in text else f"10.20.0.{text}")


def client(number: int, lead: str = "") -> ClientId:
    return ClientId.parse(f"{lead}00155d{number:06x}")


def scope(
    pool: str | None = "10-200",
    excluded: Iterable[str] = (),
    reserved: Iterable[Reservation] = (),
    options: Iterable[OptionValue] = (),
    **properties: Any,
) -> Scope:
    """10.20.0.0/24 with a router outside the pool and a DNS server."""
    standard = (option(3, "10.20.0.1"), option(6, "10.20.0.2"))
    own = {value.key for value in options}
    made = Scope(
        scope_id=IPv4Address("10.20.0.0"),
        subnet_mask=IPv4Address("255.255.255.0"),
        lease_duration=timedelta(days=8),
        range=span(pool) if pool else None,
        exclusions=tuple(ExclusionRange(range=span(text)) for text in excluded),
        reservations=tuple(reserved),
        option_values=tuple(sorted((*options, *(v for v in standard if v.key not in own)), key=lambda v: v.key)),
        policies=(),
    )
    return replace(made, **properties)


def other_scope(number: int, **properties: Any) -> Scope:
    """10.20.`number`.0/24 with a pool of its own."""
    network = f"10.20.{number}"
    return scope(
        f"{network}.10-{network}.200",
        scope_id=IPv4Address(f"{network}.0"),
        option_values=(option(3, f"{network}.1"), option(6, "10.20.0.2")),
        **properties,
    )


def option(option_id: int, *values: str, vendor: str = "", user: str = "") -> OptionValue:
    return OptionValue(option_id=option_id, values=values, vendor_class=vendor, user_class=user)


def reservation(last: str, number: int = 1, name: str = "printer-1", **properties: Any) -> Reservation:
    return Reservation(ip_address=address(last), name=name, **{"client_id": client(number)} | properties)


def policy(name: str = "Phones", order: int = 1, *conditions: PolicyCondition, **properties: Any) -> Policy:
    default = (PolicyCondition(field="MacAddress", operator="EQ", values=("00155D*",)),)
    return Policy(name=name, processing_order=order, conditions=conditions or default, **properties)


def condition(field: str, *values: str) -> PolicyCondition:
    return PolicyCondition(field=field, operator="EQ", values=values)


def lease(last: str, number: int = 1, name: str = "pc1", until: datetime | None = TOMORROW, **properties: Any) -> Lease:
    given: dict[str, Any] = {"scope_id": IPv4Address("10.20.0.0"), "client_id": client(number), "state": LeaseState.ACTIVE}
    if until:
        given["expiry_s"] = int(until.timestamp())
    return Lease(ip_address=address(last), host_name=name, **given | properties)


def server(*scopes: Scope, **properties: Any) -> Server:
    defaults: dict[str, Any] = {
        "name": "",
        "version": (10, 0),
        "settings": (ServerSetting(name=CONFLICT_DETECTION, value="1"),),
        "policies": (),
    }
    return Server(scopes=scopes, **defaults | properties)


def source(
    *scopes: Scope,
    leases: Iterable[Lease] | None = (),
    path: str = "dhcp01.xml",
    format: SourceFormat = SourceFormat.EXPORT_XML,
    not_carried: tuple[NotCarried, ...] = (),
    findings: tuple[Finding, ...] = (),
    **properties: Any,
) -> Source:
    """`leases=None`: a source without a lease list."""
    made = server(*sorted(scopes, key=lambda s: s.scope_id), **properties)
    table = LeaseTable.of_rows(leases or ())
    return Source(
        path=path,
        format=format,
        sha256="0" * 64,
        server=made,
        leases=table,
        has_leases=leases is not None,
        objects_read=_count(made, table, not_carried),
        not_carried=not_carried,
        findings=findings,
    )


def partner(*scopes: Scope, **properties: Any) -> Source:
    return source(*scopes, **{"path": "dhcp02.xml"} | properties)


def subject(primary: Source, secondary: Source | None = None, answers: dict[str, str] | None = None, **settings: Any) -> Subject:
    given = {name: Answer(choice=choice, alternatives={}, path="decisions.toml") for name, choice in (answers or {}).items()}
    names = {"primary_server": "dhcp01", "secondary_server": "dhcp02"}
    chosen = Settings(as_of_s=int(AS_OF.timestamp()), answers=given, **names | settings)
    return Subject(merged=merge(primary, secondary, chosen))


def with_relationships(made: Subject, *relationships: Any) -> Subject:
    """For plans that the merge itself never makes."""
    target = replace(made.merged.target, relationships=relationships)
    return Subject(merged=replace(made.merged, target=target))


def found(made: Subject, rule: str) -> list[Finding]:
    return [finding for finding in check_all(made) if finding.rule == rule]


def rules_found(made: Subject) -> list[str]:
    return [finding.rule for finding in check_all(made)]


def _count(made: Server, leases: LeaseTable, not_carried: tuple[NotCarried, ...]) -> dict[ObjectKind, int]:
    counts = Counter(item.kind for item in not_carried)
    for one in made.scopes:
        counts.update(kind for kind, _, _ in members(one))
    counts.update(kind for kind, _, _ in option_members(made.option_values, "server"))
    for one_policy in made.policies or ():
        counts.update(kind for kind, _, _ in policy_members(one_policy, "server"))
    counts[ObjectKind.SERVER_SETTING] += len(made.settings)
    counts[ObjectKind.CLASS] += len(made.classes)
    counts[ObjectKind.OPTION_DEFINITION] += len(made.option_definitions)
    counts[ObjectKind.FILTER] += len(made.filters.entries) if made.filters else 0
    counts[ObjectKind.SUPERSCOPE] += len({one.superscope for one in made.scopes if one.superscope})
    counts[ObjectKind.LEASE] += len(leases)
    return dict(counts)
