"""The leases of one scope while its element is open: as columns, or one by one from the XML parser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from migrate.model.finding import Severity
from migrate.model.leases import LeaseTable, LeaseTableBuilder, Mask
from migrate.model.scope import Scope
from migrate.model.server import ObjectKind
from parsers.export_xml.account import MAX_PLACES, Account
from parsers.export_xml.lease_columns import LeaseColumns, UnreadLease
from parsers.export_xml.lease_row import read_lease
from parsers.instants import InstantReader

NO_ADDRESS = "no address"


class ScopeLeases:
    def __init__(self, account: Account, instants: InstantReader) -> None:
        self._account = account
        self._instants = instants
        self._builder = LeaseTableBuilder()
        self._unread: list[UnreadLease] = []

    def take_columns(self, columns: LeaseColumns, first_row: int, stop_row: int) -> None:
        table, unread = columns.part(first_row, stop_row)
        self._builder.append_table(table)
        self._unread += unread

    def take_row(self, texts: Mapping[str, str], line: int) -> None:
        try:
            self._builder.append(read_lease(texts, self._instants, self._account.path, line))
        except ValueError as error:
            self._unread.append(UnreadLease(texts.get("IPAddress", "").strip(), str(error), line))

    def close(self, scope: Scope | None) -> LeaseTable:
        """The leases that belong to the scope; all others are refused. None: the scope itself was refused."""
        leases = self._builder.build()
        self._report_unread()
        if scope is None:
            self._refuse(leases, np.ones(len(leases), np.bool_), "its scope is left out")
            return LeaseTable.empty()
        return self._in_place(leases, scope)

    def _in_place(self, leases: LeaseTable, scope: Scope) -> LeaseTable:
        """A lease stands in a scope that holds its address, whatever scope id it names; with an address and a scope id of
        elsewhere it is refused."""
        own_scope = leases.scope_id == int(scope.scope_id)
        if own_scope.all():
            return leases
        in_subnet = leases.address & np.uint32(int(scope.subnet_mask)) == int(scope.scope_id)
        unnamed = leases.scope_id == 0
        self._remark_misplaced(leases, ~own_scope & ~(unnamed & in_subnet), scope)
        foreign = ~own_scope & ~in_subnet
        self._refuse(leases, foreign, f"neither its address nor its scope id belongs to scope {scope.scope_id}")
        moved = replace(leases, scope_id=np.full_like(leases.scope_id, int(scope.scope_id)))
        return moved.take(np.flatnonzero(~foreign)) if foreign.any() else moved

    def _remark_misplaced(self, leases: LeaseTable, rows: Mask, scope: Scope) -> None:
        for row in np.flatnonzero(rows)[:MAX_PLACES].tolist():
            self._remark_like_others(
                "misplaced-element",
                f"scope {scope.scope_id}",
                f"Scope {scope.scope_id} holds leases that name another scope. Those with an address in {scope.network} are kept "
                "in it, the others are left out.",
                "Export the server again; if this stays, look at these leases on the server.",
                int(leases.line[row]),
                int(np.count_nonzero(rows)) if row == int(rows.argmax()) else 0,
            )

    def _report_unread(self) -> None:
        for lease in self._unread:
            self._account.refuse(ObjectKind.LEASE, lease.address or NO_ADDRESS, lease.reason, lease.line)
            self._remark_like_others(
                "unreadable-lease",
                lease.address or NO_ADDRESS,
                f"The lease of {lease.address or NO_ADDRESS} is left out: {lease.reason}.",
                "Look at these leases on the server; clients that hold them will be given another address.",
                lease.line,
                1,
            )

    def _remark_like_others(self, rule: str, thing: str, message: str, remedy: str, line: int, count: int) -> None:
        self._account.remark(rule, Severity.WARNING, thing, message, remedy, line, like=self._account.scopes_begun, count=count)

    def _refuse(self, leases: LeaseTable, rows: Mask, reason: str) -> None:
        for row in np.flatnonzero(rows).tolist():
            lease = leases.row(row)
            self._account.refuse(ObjectKind.LEASE, str(lease.ip_address), reason, lease.line)
