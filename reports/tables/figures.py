"""The few figures that stand at the top of the page, each with the place that tells more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migrate.merge.result import MergeResult
from migrate.model.finding import Finding, Severity
from migrate.model.server import ObjectKind
from reports.counts import counts_by_kind
from reports.tables.table import Table
from reports.verdict import count_of


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    label: str
    value: str
    note: str = ""
    section: str = ""
    """The sheet that tells more."""
    severity: str = ""
    """The word of the severity whose findings are counted."""


def key_figures(result: MergeResult, findings: Sequence[Finding], capacity: Table) -> tuple[KeyFigure, ...]:
    return (*_questions(result, findings), *_objects(result), *_fullest(capacity))


def _questions(result: MergeResult, findings: Sequence[Finding]) -> Iterator[KeyFigure]:
    counts = Counter(finding.severity for finding in findings if not finding.waived)
    labels = {Severity.BLOCK: "Blocking", Severity.ERROR: "Errors", Severity.WARNING: "Warnings"}
    for severity, label in labels.items():
        yield KeyFigure(label=label, value=f"{counts[severity]:,}", note="findings", section="Findings", severity=severity.word)
    open_decisions = f"{len(result.open_decisions):,}"
    yield KeyFigure(label="Open decisions", value=open_decisions, note=f"of {len(result.decisions):,}", section="Decisions")


def _objects(result: MergeResult) -> Iterator[KeyFigure]:
    by_kind = {counts.kind: counts for counts in counts_by_kind(result)}
    sections = {ObjectKind.SCOPE: "Scopes", ObjectKind.RESERVATION: "Reservations", ObjectKind.LEASE: "Capacity"}
    for kind, section in sections.items():
        if counts := by_kind.get(kind):
            note = f"of {counts.total_read:,} read" if counts.total_read else ""
            yield KeyFigure(label=f"{kind.value.capitalize()}s", value=f"{counts.in_target or 0:,}", note=note, section=section)


def _fullest(capacity: Table) -> Iterator[KeyFigure]:
    """The scope of the target that is used most."""
    headings = [column.heading for column in capacity.columns]
    scope, free, used = (headings.index(heading) for heading in ("Scope", "Free, target", "Used, target"))
    rows = [row for row in capacity.rows if isinstance(row[used], int)]
    if rows:
        row = max(rows, key=lambda row: row[used])  # type: ignore[arg-type, return-value]
        free_addresses = row[free]
        assert isinstance(free_addresses, int)
        note = f"{row[scope]}, {count_of(free_addresses, 'address', 'addresses')} free"
        yield KeyFigure(label="Fullest scope", value=f"{row[used]} %", note=note, section="Capacity")
