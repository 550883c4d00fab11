"""Reservations, merged leases, and the leases that could not both be right."""

from __future__ import annotations

import numpy as np

from migrate.merge.result import LeaseConflict, LeaseConflictKind, LeaseSource, MergeResult
from migrate.model.lease_text import dotted_quads, hex_ids
from migrate.model.leases import NEVER, Lease, LeaseClientType, LeaseState, LeaseTable
from migrate.model.server import Role
from reports.tables.table import Column, Kind, Table, Value

_CONFLICT_WORDS = {
    LeaseConflictKind.TWO_CLIENTS: "two clients on one address",
    LeaseConflictKind.TWO_ADDRESSES: "one client with two addresses",
    LeaseConflictKind.RESERVED_FOR_OTHER: "address reserved for another client",
}


def reservations_table(result: MergeResult) -> Table:
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Address", Kind.ADDRESS),
        Column("Client id", Kind.ADDRESS, 30),
        Column("Name", max_width=34),
        Column("Description", max_width=40, is_optional=True),
        Column("Type", max_width=10),
        Column("Options", Kind.NUMBER),
        Column("Read on", max_width=14),
    )
    read_on = _reservations_read_on(result)
    rows = [
        (
            str(scope.scope_id),
            str(reservation.ip_address),
            str(reservation.client_id),
            reservation.name,
            reservation.description,
            reservation.type.value,
            len(reservation.option_values),
            _source_word(read_on.get((int(reservation.ip_address), reservation.client_id.octets), ())),
        )
        for scope in result.target.server.scopes
        for reservation in scope.reservations
    ]
    lead = "Every reservation of the target; both partners get all of them."
    return Table(
        sheet="Reservations",
        title="Reservations",
        lead=lead,
        columns=columns,
        rows=rows,
        empty="No scope has a reservation.",
        fixed_columns=2,
    )


def _reservations_read_on(result: MergeResult) -> dict[tuple[int, bytes], tuple[Role, ...]]:
    found: dict[tuple[int, bytes], tuple[Role, ...]] = {}
    for role, source in result.sources.items():
        for scope in source.server.scopes:
            for reservation in scope.reservations:
                key = int(reservation.ip_address), reservation.client_id.octets
                found[key] = (*found.get(key, ()), role)
    return found


def _source_word(roles: tuple[Role, ...]) -> str | None:
    return "both" if len(roles) > 1 else next((role.value for role in roles), None)


def lease_conflicts_table(result: MergeResult) -> Table:
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Conflict", max_width=36),
        *(
            Column(f"{heading}, {side}", kind, width, group="Stays" if side == "stays" else "Goes")
            for side in ("stays", "goes")
            for heading, kind, width in (
                ("Address", Kind.ADDRESS, 16),
                ("Client id", Kind.ADDRESS, 24),
                ("Host", Kind.TEXT, 28),
                ("State", Kind.TEXT, 18),
                ("Expiry UTC", Kind.TIMESTAMP, 20),
                ("Server", Kind.TEXT, 12),
            )
        ),
        Column("Why", max_width=44),
    )
    lead = "Leases that cannot both be carried over: which one stays, which one goes, and why."
    rows = [_conflict_row(result, conflict) for conflict in result.lease_conflicts]
    return Table(
        sheet="Lease conflicts",
        title="Lease conflicts",
        lead=lead,
        columns=columns,
        rows=rows,
        empty="No two leases contradict each other.",
    )


def _conflict_row(result: MergeResult, conflict: LeaseConflict) -> tuple[Value, ...]:
    loser = result.sources[conflict.loser_source].leases.row(conflict.loser)
    if conflict.winner_source is None or conflict.winner is None:
        winner: tuple[Value, ...] = str(loser.ip_address), conflict.reserved_client, None, "reservation", None, None
    else:
        row = result.sources[conflict.winner_source].leases.row(conflict.winner)
        winner = *_lease_cells(row), conflict.winner_source.value
    return (
        str(conflict.scope_id),
        _CONFLICT_WORDS[conflict.kind],
        *winner,
        *_lease_cells(loser),
        conflict.loser_source.value,
        result.ledger.leases[conflict.loser_source].reason[conflict.loser],
    )


def _lease_cells(lease: Lease) -> tuple[Value, ...]:
    expiry = "never" if lease.expiry_s >= NEVER else lease.expiry_s
    return str(lease.ip_address), str(lease.client_id), lease.host_name, lease.state.word, expiry


def leases_table(result: MergeResult, limit: int) -> Table:
    columns = (
        Column("Address", Kind.ADDRESS),
        Column("Scope", Kind.ADDRESS),
        Column("Client id", Kind.ADDRESS, 30),
        Column("Host", max_width=34),
        Column("State", max_width=20),
        Column("Expiry UTC", Kind.TIMESTAMP),
        Column("Client type", max_width=12),
        Column("Description", max_width=34, is_optional=True),
        Column("Policy", max_width=24, is_optional=True),
        Column("Read on", max_width=12),
        Column("Reserved", max_width=10),
    )
    count = len(result.leases.table)
    if count > limit:
        empty = f"The {count:,} merged leases do not fit here (limit {limit:,}, --workbook-leases): they are in leases.csv."
    else:
        empty = "There are no leases to carry over."
    rows = _lease_rows(result) if 0 < count <= limit else []
    lead = "The leases that both partners start with, each with the server it was read on."
    return Table(sheet="Leases", title="Merged leases", lead=lead, columns=columns, rows=rows, empty=empty)


def _lease_rows(result: MergeResult) -> list[tuple[Value, ...]]:
    merged = result.leases
    table = merged.table
    states = {state.value: state.word for state in LeaseState}
    types = {client_type.value: client_type.word for client_type in LeaseClientType}
    sources = {source.value: source.word for source in LeaseSource}
    return list(
        zip(
            dotted_quads(table.address),
            dotted_quads(table.scope_id),
            hex_ids(table.client_id),
            [name.decode() for name in table.host_name.values()],
            [states[code] for code in table.state.tolist()],
            _expiries(table),
            [types[code] for code in table.client_type.tolist()],
            [text.decode() for text in table.description.values()],
            table.policy_name.values(),
            [sources[code] for code in merged.source.tolist()],
            np.where(merged.reserved, "yes", "").tolist(),
            strict=True,
        )
    )


def _expiries(table: LeaseTable) -> list[Value]:
    return ["never" if expiry >= NEVER else expiry for expiry in table.expiry_s.tolist()]
