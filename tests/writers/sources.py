"""A Source out of a model server, with its objects counted anew: what a faithful parser would say."""

from __future__ import annotations

from collections import Counter

from migrate.model.leases import LeaseTable
from migrate.model.server import ObjectKind, Server, Source, SourceFormat


def source_of(
    server: Server,
    leases: LeaseTable | None = None,
    *,
    path: str = "",
    format: SourceFormat = SourceFormat.EXPORT_XML,
    has_leases: bool = True,
) -> Source:
    table = LeaseTable.empty() if leases is None else leases
    return Source(
        path=path or f"{server.name}.xml",
        format=format,
        sha256="0" * 64,
        server=server,
        leases=table,
        has_leases=has_leases,
        objects_read=objects_of(server) + Counter({ObjectKind.LEASE: len(table)}),
    )


def objects_of(server: Server) -> Counter[ObjectKind]:
    counts: Counter[ObjectKind] = Counter()
    policies = [*(server.policies or ()), *(p for scope in server.scopes for p in scope.policies or ())]
    reservations = [r for scope in server.scopes for r in scope.reservations]
    holders = [server, *server.scopes, *policies, *reservations]
    counts[ObjectKind.SERVER_SETTING] = len(server.settings)
    counts[ObjectKind.CLASS] = len(server.classes)
    counts[ObjectKind.OPTION_DEFINITION] = len(server.option_definitions)
    counts[ObjectKind.OPTION_VALUE] = sum(len(holder.option_values) for holder in holders)
    counts[ObjectKind.POLICY] = len(policies)
    counts[ObjectKind.FILTER] = len(server.filters.entries) if server.filters else 0
    counts[ObjectKind.SUPERSCOPE] = len({scope.superscope for scope in server.scopes if scope.superscope})
    counts[ObjectKind.SCOPE] = len(server.scopes)
    counts[ObjectKind.EXCLUSION_RANGE] = sum(len(scope.exclusions) for scope in server.scopes)
    counts[ObjectKind.RESERVATION] = len(reservations)
    return counts
