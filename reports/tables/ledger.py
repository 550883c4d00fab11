"""The ledger, its totals, and what the run was made from."""

from __future__ import annotations

from migrate.merge.result import MergeResult
from migrate.model.ledger import Disposition
from reports.counts import KIND_WORDS, counts_by_kind
from reports.ledger_rows import all_rows, row_count
from reports.tables.table import Column, Kind, Table, Value, facts
from reports.tables.words import role_heading
from reports.verdict import RunRecord


def ledger_totals_table(result: MergeResult) -> Table:
    columns = (
        Column("Kind"),
        Column("Read on", max_width=30),
        Column("Read", Kind.NUMBER, 14),
        *(Column(disposition.value.capitalize(), Kind.NUMBER, 14) for disposition in Disposition),
        Column("Adds up", max_width=10),
    )
    rows = [
        (
            KIND_WORDS[counts.kind],
            role_heading(result, role),
            counts.read[role],
            *(counts.dispositions[role].get(disposition, 0) for disposition in Disposition),
            "yes" if counts.is_balanced(role) else "NO",
        )
        for counts in counts_by_kind(result)
        for role in result.sources
    ]
    lead = "Read is counted by the parser while it reads; the other columns are counted in the ledger. They must add up."
    return Table(
        sheet="Ledger totals",
        title="Ledger totals",
        lead=lead,
        columns=columns,
        rows=rows,
        empty="Nothing was read.",
        fixed_columns=2,
    )


def ledger_table(result: MergeResult, limit: int) -> Table:
    columns = (
        Column("Read on", max_width=12),
        Column("Kind", max_width=20),
        Column("Scope", Kind.ADDRESS),
        Column("Object", Kind.ADDRESS, 50),
        Column("Became", max_width=14),
        Column("Why", max_width=70),
        Column("Line", Kind.CODE),
    )
    count = row_count(result)
    if count > limit:
        empty = f"The {count:,} rows of the ledger do not fit here (limit {limit:,}, --workbook-leases): they are in ledger.csv."
    else:
        empty = "Nothing was read."
    rows: list[tuple[Value, ...]] = list(all_rows(result)) if count <= limit else []
    lead = "Every object read, and what became of it: first the configuration, then the leases of each server."
    return Table(sheet="Ledger", title="Ledger", lead=lead, columns=columns, rows=rows, empty=empty)


def sources_tables(result: MergeResult, run: RunRecord) -> tuple[Table, ...]:
    columns = (
        Column("Role", max_width=14),
        Column("Server", max_width=24),
        Column("File", max_width=48),
        Column("Form", max_width=14),
        Column("Server version", max_width=14, is_optional=True),
        Column("Scopes", Kind.NUMBER),
        Column("Leases", Kind.NUMBER),
        Column("SHA-256", Kind.ADDRESS, 66),
    )
    rows: list[tuple[Value, ...]] = []
    for role, source in result.sources.items():
        server = source.server
        version = ".".join(map(str, server.version)) if server.version else None
        leases = len(source.leases) if source.has_leases else None
        rows.append((role.value, server.name, source.path, source.format.value, version, len(server.scopes), leases, source.sha256))
        rows += [(role.value, server.name, path, "lease listing", None, None, None, sha) for path, sha in source.lease_paths]
    known = {(path, sha) for _, _, path, _, _, _, _, sha in rows}
    rows += [
        (file.purpose, None, file.path, None, None, None, None, file.sha256)
        for file in run.inputs
        if (file.path, file.sha256) not in known
    ]
    options = [(name, value) for name, value in run.options]
    return (
        Table(
            sheet="Sources",
            title="Sources",
            lead="The files this workbook was made from, and their digests. No figure under Leases: the file holds no lease list.",
            columns=columns,
            rows=rows,
        ),
        facts("Sources", "Options in force", [("Command line", run.command_line), ("Version", run.version), *options]),
    )
