"""What one input file is: for `unsplit inspect`, before anything is merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from migrate.model.finding import Finding
from migrate.model.leases import LeaseState, LeaseTable
from migrate.model.server import NotCarried, ObjectKind, Server
from reports.counts import KIND_WORDS
from reports.machine import findings_data
from reports.text import write_findings
from reports.visible import on_one_line

SCOPE_HEADINGS = ("scope", "name", "state", "range", "excluded", "reservations", "leases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """`server` is None for a lease listing."""

    path: str
    kind: str
    sha256: str
    leases: LeaseTable
    server: Server | None = None
    objects_read: Mapping[ObjectKind, int] | None = None
    not_carried: Sequence[NotCarried] = ()
    findings: Sequence[Finding] = ()

    @property
    def facts(self) -> list[tuple[str, str]]:
        facts = [("is", self.kind)]
        if self.server:
            facts.append(("server", self.server.name))
        if self.server and self.server.version:
            facts.append(("export version", ".".join(map(str, self.server.version))))
        read = self.objects_read or {ObjectKind.LEASE: len(self.leases)}
        for kind in ObjectKind:
            if read.get(kind):
                facts.append((KIND_WORDS[kind], f"{read[kind]:,}"))
            if kind is ObjectKind.LEASE:
                facts += [(f"  {state.word}", f"{number:,}") for state, number in self.lease_states.items()]
        facts.append(("sha256", self.sha256))
        return facts

    @property
    def lease_states(self) -> dict[LeaseState, int]:
        counts = np.bincount(self.leases.state, minlength=len(LeaseState)).tolist()
        return {state: counts[state] for state in LeaseState if counts[state]}

    def scope_rows(self) -> list[tuple[str, str, str, str, int, int, int]]:
        ids, counts = np.unique(self.leases.scope_id, return_counts=True)
        leased = {IPv4Address(scope_id): count for scope_id, count in zip(ids.tolist(), counts.tolist(), strict=True)}
        return [
            (
                str(scope.network),
                scope.name,
                scope.state.value,
                str(scope.range or ""),
                (scope.range_set & scope.excluded).address_count,
                len(scope.reservations),
                leased.get(scope.scope_id, 0),
            )
            for scope in (self.server.scopes if self.server else ())
        ]


def inspection_data(inspection: Inspection) -> dict[str, Any]:
    server = inspection.server
    return {
        "path": inspection.path,
        "kind": inspection.kind,
        "sha256": inspection.sha256,
        "server": server.name if server else None,
        "export_version": list(server.version) if server and server.version else None,
        "objects_read": {kind.value: number for kind, number in (inspection.objects_read or {}).items() if number},
        "leases": {state.word: number for state, number in inspection.lease_states.items()},
        "scopes": [dict(zip(SCOPE_HEADINGS, row, strict=True)) for row in inspection.scope_rows()],
        "not_carried": [
            {"kind": item.kind.value, "key": item.key, "reason": item.reason, "line": item.origin.line if item.origin else None}
            for item in inspection.not_carried
        ],
        "findings": findings_data(inspection.findings),
    }


def write_inspection(console: Console, inspection: Inspection, *, verbose: bool = False) -> None:
    console.print(Text(on_one_line(inspection.path), style="bold"))
    width = max(len(label) for label, _ in inspection.facts)
    for label, value in inspection.facts:
        console.print(Text(f"  {label:<{width}}  {on_one_line(value)}"))
    rows = inspection.scope_rows()
    if rows:
        console.print()
        console.print(_scope_table(rows))
    if inspection.findings:
        console.print()
        write_findings(console, inspection.findings, verbose=verbose)


def _scope_table(rows: list[tuple[str, str, str, str, int, int, int]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    for heading in SCOPE_HEADINGS:
        numeric = heading in SCOPE_HEADINGS[4:]
        width = len(heading) if numeric else len("255.255.255.255/32") if heading == "scope" else 8
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=True, overflow="ellipsis", min_width=width)
    for row in rows:
        table.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else on_one_line(cell)) for cell in row))
    return table
