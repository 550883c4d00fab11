"""From files to a Source: recognise, parse, and give the rows of lease listings their scope."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path

import numpy as np

from migrate.errors import UsageError
from migrate.model.finding import Finding, Severity
from migrate.model.leases import LeaseTable
from migrate.model.origin import Origin
from migrate.model.scope import Scope
from migrate.model.server import NotCarried, ObjectKind, Source
from parsers.export_xml import parse_export_xml
from parsers.lease_csv import parse_lease_csv
from parsers.netsh import parse_netsh_dump
from parsers.recognise import InputKind, recognise
from parsers.result import LeaseListing, ParseResult, ReadOptions
from parsers.show_clients import parse_show_clients

UNREADABLE_LEASE_RULE = "unreadable-lease"

LISTINGS: dict[InputKind, Callable[[Path, ReadOptions], LeaseListing]] = {
    InputKind.SHOW_CLIENTS: parse_show_clients,
    InputKind.LEASE_CSV: parse_lease_csv,
    InputKind.MMC_LIST: parse_lease_csv,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRequest:
    """One server as the command line names it."""

    path: Path
    lease_paths: tuple[Path, ...] = ()
    name: str | None = None
    """What to call the server; None: what the dump calls it, or the file's stem."""


def load_source(request: SourceRequest, options: ReadOptions) -> Source:
    """Raises InputError for a file that cannot be read or trusted, UsageError for a listing in the place of a configuration."""
    parsed = _parse_configuration(request, options)
    listings = [(path, parse_listing(path, options)) for path in request.lease_paths]
    tables, not_carried = [parsed.leases], list(parsed.not_carried)
    objects_read = Counter(dict(parsed.objects_read))
    findings = list(parsed.findings)
    for _, listing in listings:
        table, strangers = _with_scopes(listing.leases, parsed.server.scopes)
        tables.append(table)
        not_carried += [*listing.not_carried, *strangers]
        findings += [*listing.findings, *map(_stranger_finding, strangers)]
        objects_read[ObjectKind.LEASE] += len(listing.leases) + len(listing.not_carried)
    return Source(
        path=str(request.path),
        format=parsed.format,
        sha256=sha256_of(request.path),
        server=parsed.server,
        leases=LeaseTable.concatenate(tables),
        has_leases=parsed.has_leases or bool(listings),
        objects_read=objects_read,
        not_carried=tuple(not_carried),
        findings=tuple(findings),
        lease_paths=tuple((str(path), sha256_of(path)) for path, _ in listings),
    )


def _parse_configuration(request: SourceRequest, options: ReadOptions) -> ParseResult:
    kind = recognise(request.path, options)
    if kind is InputKind.EXPORT_XML:
        return parse_export_xml(request.path, options, name=request.name or request.path.stem)
    if kind is InputKind.NETSH_DUMP:
        parsed = parse_netsh_dump(request.path, options, name=request.name)
        if parsed.server.name:
            return parsed
        return replace(parsed, server=replace(parsed.server, name=request.path.stem))
    raise UsageError(
        "not-a-configuration",
        f"{request.path} is {described(kind)}, not the configuration of a server.",
        hint="Give an Export-DhcpServer file or a `netsh dhcp server dump` here, and lease listings with "
        "--primary-leases or --secondary-leases.",
        places=(Origin(str(request.path)),),
    )


def parse_listing(path: Path, options: ReadOptions) -> LeaseListing:
    kind = recognise(path, options)
    if kind in LISTINGS:
        return LISTINGS[kind](path, options)
    raise UsageError(
        "not-a-lease-listing",
        f"{path} is {described(kind)}, not a lease listing.",
        hint="Give `netsh dhcp server scope X show clients 1` text or a file of Get-DhcpServerv4Lease | Export-Csv.",
        places=(Origin(str(path)),),
    )


def described(kind: InputKind) -> str:
    return {
        InputKind.EXPORT_XML: "an Export-DhcpServer file",
        InputKind.NETSH_DUMP: "a netsh dump",
        InputKind.SHOW_CLIENTS: "a `show clients` listing",
        InputKind.LEASE_CSV: "a lease list in CSV",
        InputKind.MMC_LIST: "a lease list of the DHCP console",
        InputKind.AUDIT_LOG: "a DHCP audit log (a history, not a lease table)",
    }[kind]


def _with_scopes(table: LeaseTable, scopes: tuple[Scope, ...]) -> tuple[LeaseTable, list[NotCarried]]:
    """The rows whose scope is known, by name or by address; the others are refused one by one."""
    starts = np.array([int(scope.network.network_address) for scope in scopes], np.int64)
    ends = np.array([int(scope.network.broadcast_address) for scope in scopes], np.int64)
    address = table.address.astype(np.int64)
    found = np.searchsorted(starts, address, side="right") - 1
    inside = (found >= 0) & (address <= ends[found]) if len(scopes) else np.zeros(len(table), np.bool_)
    scope_id = table.scope_id.copy()
    unnamed = (scope_id == 0) & inside
    scope_id[unnamed] = starts[found[unnamed]]
    strangers = [_stranger(table, row) for row in np.flatnonzero(scope_id == 0).tolist()]
    return replace(table, scope_id=scope_id).take(np.flatnonzero(scope_id != 0)), strangers


def _stranger(table: LeaseTable, row: int) -> NotCarried:
    lease = table.row(row)
    return NotCarried(
        kind=ObjectKind.LEASE,
        key=f"{lease.ip_address} {lease.client_id}",
        reason="its address lies in no scope of the server it is listed for",
        origin=Origin(lease.path, lease.line),
    )


def _stranger_finding(lease: NotCarried) -> Finding:
    address = IPv4Address(lease.key.split()[0])
    return Finding(
        rule=UNREADABLE_LEASE_RULE,
        severity=Severity.WARNING,
        object=str(address),
        message=f"The lease of {address} is not taken over: {lease.reason}.",
        remedy="Check that the listing belongs to this server, and that the server's dump is not older than the listing.",
        places=(lease.origin,) if lease.origin else (),
    )


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
