"""A small migration built by hand: two servers, three scopes, every kind of row that a report can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address

import numpy as np

from migrate.merge.result import (
    ExclusionProof,
    LeaseConflict,
    LeaseConflictKind,
    LeaseSource,
    MergedLeases,
    MergeResult,
    ScopeMerge,
)
from migrate.merge.settings import Settings
from migrate.model.addresses import EMPTY, AddressRange, AddressSet
from migrate.model.client_id import ClientId
from migrate.model.decision import DecidedBy, Decision
from migrate.model.finding import Finding, Severity
from migrate.model.leases import Lease, LeaseState, LeaseTable, WordColumn
from migrate.model.ledger import DISPOSITIONS, Disposition, LeaseFates, Ledger, LedgerRow
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.relationship import FailoverRelationship
from migrate.model.scope import ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import (
    ClassKind,
    DhcpClass,
    Filters,
    MacFilter,
    ObjectKind,
    Role,
    Server,
    ServerSetting,
    Source,
    SourceFormat,
)
from migrate.model.target import Strategy, Target, TargetSource
from reports.verdict import InputFile, RunRecord, Verdict

AS_OF_S = 1_795_197_600
"""2026-11-20 18:00 UTC."""
SHARED, LONE, LEFT_OUT = IPv4Address("10.1.0.0"), IPv4Address("10.2.0.0"), IPv4Address("10.3.0.0")
MASK = IPv4Address("255.255.255.0")


@dataclass(frozen=True)
class Report:
    result: MergeResult
    findings: tuple[Finding, ...]
    verdict: Verdict
    run: RunRecord


def report(*, name: str = "Print server", lease_count: int = 6, is_pair: bool = True) -> Report:
    """`name` goes wherever a file may put text of its own; `is_pair` False leaves the secondary out, as for a cluster."""
    result = merge_result(name=name, lease_count=lease_count, is_pair=is_pair)
    findings = sample_findings(name)
    run = RunRecord(
        command="migrate",
        version="0.1.0",
        arguments=("migrate", "primary.xml", "secondary.xml", "--out", "plan"),
        inputs=(InputFile(purpose="primary", path="primary.xml", sha256="a" * 64),),
        options=(("mode", "load-balance"), ("load-balance-percent", "50"), ("relationship", name)),
        out="plan",
    )
    return Report(result, findings, Verdict.of(findings, result.decisions), run)


def sample_findings(name: str = "Print server") -> tuple[Finding, ...]:
    where = (Origin("primary.xml", 412), Origin("secondary.xml", 88))
    findings = [
        Finding(
            rule="overlapping-pools",
            number="WF-020",
            severity=Severity.BLOCK,
            object="10.1.0.0",
            scope_id=SHARED,
            message="Scope 10.1.0.0: both servers hand out 10.1.0.101 - 10.1.0.110; 3 leases of two clients stand there.",
            remedy="Decide in decisions.toml, or align the exclusions and export again.",
            places=where,
        ),
        Finding(
            rule="lease-conflict",
            number="WF-028",
            severity=Severity.ERROR,
            object="10.1.0.12",
            scope_id=SHARED,
            message=f"10.1.0.12 is leased to two clients; {name} has the later expiry.",
            remedy="The later expiry wins unless you decide otherwise.",
            places=where,
        ),
        Finding(
            rule="option-values-differ",
            number="WF-035",
            severity=Severity.WARNING,
            object=f"reservation {name}",
            scope_id=SHARED,
            message="Option 6 is 10.1.0.2 on the primary and 10.1.0.3 on the secondary.",
            remedy="The primary's value is the default.",
            places=where,
        ),
        *(
            Finding(
                rule="scope-on-both",
                number="WF-014",
                severity=Severity.INFO,
                object=f"10.1.{i}.0",
                scope_id=IPv4Address(f"10.1.{i}.0"),
                message=f"Scope 10.1.{i}.0 is on both servers.",
                remedy="Nothing to do.",
            )
            for i in range(3)
        ),
        Finding(
            rule="guessed-encoding", severity=Severity.INFO, object="dump.txt", message="Read as cp850.", remedy="Use --encoding."
        ),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.sort_key))


def merge_result(*, name: str = "Print server", lease_count: int = 6, is_pair: bool = True) -> MergeResult:
    primary = server("dhcp01", name, exclude=("10.1.0.101", "10.1.0.200"))
    secondary = server("dhcp02", name, exclude=("10.1.0.1", "10.1.0.110"))
    if not is_pair:
        return _single(primary, name, lease_count)
    shared = primary.scopes[0]
    target_scope = scope(SHARED, "Head office", name, exclude=())
    target_server = Server(
        name="dhcp01",
        settings=primary.settings,
        classes=primary.classes,
        option_definitions=primary.option_definitions,
        option_values=primary.option_values,
        policies=primary.policies,
        filters=primary.filters,
        scopes=(target_scope, primary.scopes[1]),
    )
    sources = {
        Role.PRIMARY: source("primary.xml", primary, leases(lease_count, 1), "a"),
        Role.SECONDARY: source("secondary.xml", secondary, leases(lease_count, 2), "b"),
    }
    left_out = secondary.scopes[2]
    return MergeResult(
        settings=Settings(as_of_s=AS_OF_S, primary_server="dhcp01", secondary_server="dhcp02"),
        sources=sources,
        target=target(target_server, sources),
        leases=merged(sources[Role.PRIMARY].leases),
        ledger=ledger(sources, name),
        decisions=decisions(name),
        scopes=(
            ScopeMerge(scope_id=SHARED, primary=shared, secondary=secondary.scopes[0], target=target_scope),
            ScopeMerge(scope_id=LONE, primary=primary.scopes[1], secondary=None, target=primary.scopes[1]),
            ScopeMerge(scope_id=LEFT_OUT, primary=None, secondary=left_out, target=None, left_out="--skip-scope"),
        ),
        exclusion_proofs=(
            proof(Role.PRIMARY, "10.1.0.101", "10.1.0.200", Disposition.DISSOLVED, "dhcp02 serves all of it"),
            proof(Role.SECONDARY, "10.1.0.1", "10.1.0.110", Disposition.TRIMMED, f"{name} keeps one address"),
        ),
        lease_conflicts=conflicts(),
    )


def _single(primary: Server, name: str, lease_count: int) -> MergeResult:
    cluster = Server(name="dhcp01", option_values=primary.option_values, scopes=primary.scopes[:2])
    sources = {Role.PRIMARY: source("cluster.xml", cluster, leases(lease_count, 1), "c")}
    return MergeResult(
        settings=Settings(as_of_s=AS_OF_S, primary_server="dhcp01", secondary_server="dhcp02"),
        sources=sources,
        target=target(cluster, sources),
        leases=merged(sources[Role.PRIMARY].leases),
        ledger=ledger(sources, name),
        decisions=(),
        scopes=tuple(ScopeMerge(scope_id=s.scope_id, primary=s, secondary=None, target=s) for s in cluster.scopes),
        exclusion_proofs=(),
        lease_conflicts=(),
    )


def server(server_name: str, name: str, exclude: tuple[str, str]) -> Server:
    return Server(
        name=server_name,
        version=(6, 2),
        settings=(ServerSetting(name="ConflictDetectionAttempts", value="0" if server_name == "dhcp01" else "2"),),
        classes=(DhcpClass(name="Phones", kind=ClassKind.VENDOR, data=b"phone", description=name),),
        option_definitions=(OptionDefinition(option_id=6, name="DNS Servers", type=OptionType.IPV4_ADDRESS, multi_valued=True),),
        option_values=(OptionValue(option_id=6, values=("10.1.0.2", "10.1.0.3")),),
        policies=(
            Policy(
                name=name,
                processing_order=1,
                conditions=(PolicyCondition(field="VendorClass", operator="EQ", values=("Phones",)),),
                option_values=(OptionValue(option_id=66, values=(name,)),),
            ),
        ),
        filters=Filters(allow_enabled=True, entries=(MacFilter(list="Allow", mac_address="00-15-5D-*-*-*", description=name),)),
        scopes=(
            scope(SHARED, "Head office", name, exclude),
            scope(LONE, name, name, exclude=()),
            scope(LEFT_OUT, "Laboratory", name, exclude=()),
        ),
    )


def scope(scope_id: IPv4Address, scope_name: str, name: str, exclude: tuple[str, ...]) -> Scope:
    first = IPv4Address(int(scope_id) + 1)
    return Scope(
        scope_id=scope_id,
        subnet_mask=MASK,
        name=scope_name,
        description=name,
        state=ScopeState.ACTIVE,
        lease_duration=timedelta(days=8),
        range=AddressRange(first, IPv4Address(int(first) + 199)),
        exclusions=(ExclusionRange(range=AddressRange.parse(*exclude)),) if exclude else (),
        reservations=(
            Reservation(
                ip_address=IPv4Address(int(scope_id) + 50),
                client_id=ClientId.parse("00155d000001"),
                name=name,
                description=name,
                option_values=(OptionValue(option_id=12, values=(name,)),),
            ),
        ),
        option_values=(OptionValue(option_id=3, values=(str(first),)),),
        policies=(),
        origin=Origin("primary.xml", 100),
    )


def source(path: str, server: Server, table: LeaseTable, digit: str) -> Source:
    return Source(
        path=path,
        format=SourceFormat.EXPORT_XML,
        sha256=digit * 64,
        server=server,
        leases=table,
        has_leases=True,
        objects_read={ObjectKind.SCOPE: len(server.scopes), ObjectKind.RESERVATION: 1, ObjectKind.LEASE: len(table)},
    )


def leases(count: int, server_number: int) -> LeaseTable:
    first = int(IPv4Address("10.1.0.10"))
    return LeaseTable.of_rows(
        Lease(
            ip_address=IPv4Address(first + i),
            scope_id=SHARED,
            client_id=ClientId(bytes([0, 21, 93, server_number, i >> 8 & 255, i & 255])),
            host_name=f"pc-{i:05}.corp.example",
            state=LeaseState.ACTIVE,
            expiry_s=AS_OF_S + 3600 * (i + server_number),
            line=1000 + i,
            path="primary.xml",
        )
        for i in range(count)
    )


def merged(table: LeaseTable) -> MergedLeases:
    return MergedLeases(
        table=table, source=np.full(len(table), LeaseSource.BOTH, np.uint8), reserved=np.arange(len(table)) % 5 == 0
    )


def target(server: Server, sources: dict[Role, Source]) -> Target:
    relationship = FailoverRelationship(
        name="dhcp01-dhcp02", primary_server="dhcp01", secondary_server="dhcp02", scope_ids=(SHARED, LONE)
    )
    return Target(
        as_of_s=AS_OF_S,
        strategy=Strategy.IN_PLACE,
        sources=tuple(
            TargetSource(role=role, server=s.server.name, path=s.path, format=s.format, sha256=s.sha256)
            for role, s in sources.items()
        ),
        relationships=(relationship,),
        server=server,
        leased={SHARED: 6},
    )


def ledger(sources: dict[Role, Source], name: str) -> Ledger:
    rows = [
        LedgerRow(
            source=role,
            kind=kind,
            key=key,
            disposition=Disposition.JOINED if key else Disposition.KEPT,
            reason="the same on both servers",
            scope_id=found.scope_id,
            line=100 * number,
        )
        for role, read in sources.items()
        for number, found in enumerate(read.server.scopes, 1)
        for kind, key in ((ObjectKind.SCOPE, str(found.scope_id)),)
    ]
    rows += [
        LedgerRow(
            source=role, kind=ObjectKind.RESERVATION, key=name, disposition=Disposition.KEPT, reason=name, scope_id=SHARED, line=7
        )
        for role in sources
    ]
    fates = {role: fates_of(len(read.leases)) for role, read in sources.items()}
    return Ledger(rows=tuple(rows), leases=fates)


def fates_of(count: int) -> LeaseFates:
    codes = np.full(count, DISPOSITIONS.index(Disposition.KEPT), np.uint8)
    codes[2:3] = DISPOSITIONS.index(Disposition.DROPPED)
    reasons = WordColumn.of_values("the later expiry is on the other server" if i == 2 else "active" for i in range(count))
    return LeaseFates(codes, reasons)


def decisions(name: str) -> tuple[Decision, ...]:
    return (
        Decision(
            id="option-values-differ/10.1.0.0/option 6",
            rule="option-values-differ",
            scope_id=SHARED,
            object="option 6",
            alternatives={"primary": "10.1.0.2", "secondary": name},
            default="primary",
            choice="primary",
            decided_by=DecidedBy.DEFAULT,
            evidence="dhcp01 serves more addresses of the scope",
        ),
        Decision(
            id="overlapping-pools/10.1.0.0/10.1.0.101",
            rule="overlapping-pools",
            scope_id=SHARED,
            object="10.1.0.101 - 10.1.0.110",
            alternatives={"share": "both servers' clients keep their leases", "exclude": "the overlap stays excluded"},
            default="",
            choice="",
            decided_by=DecidedBy.OPEN,
            evidence="3 leases stand in the overlap",
            places=(Origin("primary.xml", 412),),
        ),
    )


def proof(role: Role, first: str, last: str, disposition: Disposition, reason: str) -> ExclusionProof:
    excluded = AddressRange.parse(first, last)
    whole = AddressSet((excluded,))
    kept = AddressSet((AddressRange.parse(first, first),)) if disposition is Disposition.TRIMMED else EMPTY
    return ExclusionProof(
        scope_id=SHARED,
        source=role,
        range=excluded,
        disposition=disposition,
        reason=reason,
        kept=kept,
        dissolved=whole - kept,
        outside=EMPTY,
        origin=Origin(f"{role.value}.xml", 120),
    )


def conflicts() -> tuple[LeaseConflict, ...]:
    return (
        LeaseConflict(
            kind=LeaseConflictKind.TWO_CLIENTS,
            scope_id=SHARED,
            loser_source=Role.PRIMARY,
            loser=2,
            winner_source=Role.SECONDARY,
            winner=2,
        ),
        LeaseConflict(
            kind=LeaseConflictKind.RESERVED_FOR_OTHER,
            scope_id=SHARED,
            loser_source=Role.SECONDARY,
            loser=2,
            reserved_client="00-15-5d-00-00-01",
        ),
    )
