"""The parser's own account of a dump: what it met, what it could not keep, and what it has to say about it.

Objects are counted where their line is met, before anything about them is judged.
"""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address

from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from migrate.model.server import NotCarried, ObjectKind


class Account:
    def __init__(self) -> None:
        self.objects_read: Counter[ObjectKind] = Counter()
        self.not_carried: list[NotCarried] = []
        self.findings: list[Finding] = []

    def met(self, kind: ObjectKind) -> None:
        self.objects_read[kind] += 1

    def refuse(self, kind: ObjectKind, key: str, reason: str, origin: Origin | None, scope_id: IPv4Address | None = None) -> None:
        self._not_carried(kind, key, reason, origin, scope_id, unsupported=False)

    def unsupported(
        self, kind: ObjectKind, key: str, reason: str, origin: Origin | None, scope_id: IPv4Address | None = None
    ) -> None:
        self._not_carried(kind, key, reason, origin, scope_id, unsupported=True)

    def find(
        self,
        rule: str,
        severity: Severity,
        thing: str,
        message: str,
        remedy: str,
        *places: Origin | None,
        scope_id: IPv4Address | None = None,
    ) -> None:
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                object=thing,
                message=message,
                remedy=remedy,
                scope_id=scope_id,
                places=tuple(place for place in places if place),
            )
        )

    def _not_carried(
        self,
        kind: ObjectKind,
        key: str,
        reason: str,
        origin: Origin | None,
        scope_id: IPv4Address | None,
        *,
        unsupported: bool,
    ) -> None:
        self.not_carried.append(
            NotCarried(kind=kind, key=key, reason=reason, scope_id=scope_id, unsupported=unsupported, origin=origin)
        )
