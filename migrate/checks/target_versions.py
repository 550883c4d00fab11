"""Partners of different Windows versions.

What it finds
    Two servers that migrate in place and whose exports name different Windows versions.

Why it matters
    Mixed versions work, but what the newer one can express the older one cannot. Replication started at the older one
    overwrites it.

Example
    dhcp01 is version 6.2 and dhcp02 is version 10.0; replicate only from the newer one.

Remedy
    Upgrade to one version. Until then, edit scopes and start replication on the newer server only.

References
    Microsoft, "DHCP Failover Overview" (mixed versions).
"""

from __future__ import annotations

from collections.abc import Iterator

from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.model.finding import Finding, Severity
from migrate.model.target import Strategy

ID = "target-versions"
NUMBER = "WF-049"
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    versions = [source.server.version for _, source in subject.sources]
    if subject.settings.strategy is not Strategy.IN_PLACE or len(versions) < 2 or None in versions or len(set(versions)) == 1:
        return
    shown = [f"{subject.server_name(role)} is version {_dotted(source.server.version)}" for role, source in subject.sources]
    yield Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        object="server versions",
        message=f"{' and '.join(shown)}; replicate only from the newer one.",
        remedy="Upgrade to one version, or edit and replicate on the newer server only.",
    )


def unknown(subject: Subject) -> str:
    if subject.settings.target_os:
        return ""
    if subject.settings.strategy is not Strategy.IN_PLACE or not subject.is_pair:
        return "the sources do not say which Windows the two partners will run; give --target-os"
    if any(source.server.version is None for _, source in subject.sources):
        return "a source does not say its Windows version; give --target-os"
    return ""


def _dotted(version: tuple[int, int] | None) -> str:
    return ".".join(map(str, version or ()))
