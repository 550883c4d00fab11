"""No conflict detection during the change.

What it finds
    A target whose conflict detection is off, which is Windows' default.

Why it matters
    Between the last export and the cut-over a server may still give out an address that nobody else knows of. With one or two
    detection attempts the new pair pings an address before it offers it, and such a conflict shows as a declined address
    instead of two clients on one address.

Example
    Conflict detection is off in the target; leases given out after the export cannot be noticed.

Remedy
    Set it to 1 or 2 for the change window (Set-DhcpServerSetting -ConflictDetectionAttempts), and back afterwards.

References
    Cmdlet reference: Set-DhcpServerSetting; RFC 2131 section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.server import CONFLICT_DETECTION

ID = "conflict-detection-off"
NUMBER = None
SEVERITY = Severity.INFO
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    if (subject.merged.target.server.setting(CONFLICT_DETECTION) or "").strip() != "0":
        return
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object=CONFLICT_DETECTION,
        message="Conflict detection is off in the target; leases given out after the export cannot be noticed.",
        remedy="Set it to 1 or 2 for the change window, and back afterwards.",
    )


def unknown(subject: Subject) -> str:
    value = subject.merged.target.server.setting(CONFLICT_DETECTION)
    return "the sources do not say whether conflict detection is on" if value is None else ""
