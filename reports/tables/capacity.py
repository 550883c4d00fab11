"""How full each scope is, on every server today and once both serve it together."""

from __future__ import annotations

import numpy as np

from migrate.checks.lease_columns import TakenAddresses, holds_address, is_declined, lease_keys, taken_addresses
from migrate.checks.subject import distributable
from migrate.merge.result import MergeResult
from migrate.model.leases import LeaseTable
from migrate.model.scope import Scope
from reports.tables.table import Column, Kind, Table, Value

MEASURES = ("Addresses", "Taken", "Free", "Used")


def capacity_table(result: MergeResult) -> Table:
    as_of_s = result.settings.as_of_s
    taken = [_taken(source.leases, as_of_s) for source in result.sources.values()] + [taken_addresses(result)]
    owners = (*(role.value for role in result.sources), "target")
    columns = (
        Column("Scope", Kind.ADDRESS),
        Column("Name", max_width=30),
        *(
            Column(f"{measure}, {owner}", Kind.PERCENT if measure == "Used" else Kind.NUMBER, 12, group=owner.capitalize())
            for owner in owners
            for measure in MEASURES
        ),
    )
    rows: list[tuple[Value, ...]] = []
    for merge in result.scopes:
        copies = dict(merge.copies)
        read = [copies.get(role) for role in result.sources]
        known = merge.target or next(iter(copies.values()), None)
        figures = [_figures(scope, of) for scope, of in zip([*read, merge.target], taken, strict=True)]
        rows.append((str(merge.scope_id), known.name if known else None, *(figure for side in figures for figure in side)))
    return Table(
        sheet="Capacity",
        title="Utilisation before and after",
        lead="Addresses for clients: the range less exclusions and reservations. Taken: leased or declined.",
        columns=columns,
        rows=rows,
        empty="No source holds a scope.",
        fixed_columns=2,
    )


def _taken(table: LeaseTable, as_of_s: int) -> TakenAddresses:
    return TakenAddresses(np.unique(lease_keys(table)[holds_address(table, as_of_s) | is_declined(table)]))


def _figures(scope: Scope | None, taken: TakenAddresses) -> tuple[Value, ...]:
    if scope is None:
        return (None,) * len(MEASURES)
    pool = distributable(scope)
    size, used = pool.address_count, taken.count(scope.scope_id, pool)
    return size, used, size - used, used * 100 // size if size else None
