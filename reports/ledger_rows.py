"""The ledger as rows of text, in its one order: the configuration first, then the leases of each source."""

from __future__ import annotations

from collections.abc import Iterator

from migrate.merge.result import MergeResult
from migrate.model.lease_text import dotted_quads, hex_ids
from migrate.model.ledger import DISPOSITIONS
from migrate.model.server import ObjectKind, Role

COLUMNS = ("source", "kind", "scope_id", "key", "disposition", "reason", "line")
LedgerText = tuple[str, str, str, str, str, str, int | None]
CHUNK = 1 << 16


def row_count(result: MergeResult) -> int:
    return len(result.ledger.rows) + sum(len(fates.disposition) for fates in result.ledger.leases.values())


def configuration_rows(result: MergeResult) -> Iterator[LedgerText]:
    for row in result.ledger.rows:
        scope = "" if row.scope_id is None else str(row.scope_id)
        yield row.source.value, row.kind.value, scope, row.key, row.disposition.value, row.reason, row.line or None


def lease_rows(result: MergeResult, role: Role, first: int, last: int) -> Iterator[LedgerText]:
    """Leases `first` up to, not including, `last` of a source; the key is address and client id."""
    table, fates = result.sources[role].leases, result.ledger.leases[role]
    part = slice(first, last)
    keys = map(" ".join, zip(dotted_quads(table.address[part]), hex_ids(table.client_id, first, last), strict=True))
    words = [disposition.value for disposition in DISPOSITIONS]
    dispositions = [words[code] for code in fates.disposition[part].tolist()]
    lines = [line or None for line in table.line[part].tolist()]
    source, kind = role.value, ObjectKind.LEASE.value
    scopes = dotted_quads(table.scope_id[part])
    for scope, key, disposition, reason, line in zip(
        scopes, keys, dispositions, fates.reason.values(first, last), lines, strict=True
    ):
        yield source, kind, scope, key, disposition, reason, line


def all_rows(result: MergeResult) -> Iterator[LedgerText]:
    """Streamed: no more than CHUNK rows of text exist at a time."""
    yield from configuration_rows(result)
    for role in Role:
        if role in result.ledger.leases:
            count = len(result.ledger.leases[role].disposition)
            for first in range(0, count, CHUNK):
                yield from lease_rows(result, role, first, min(first + CHUNK, count))
