"""The parser's own account of an export: what it met, what it could not keep, and what it has to say about it.

Equal remarks are joined, so that one oddity repeated a million times is one finding with a count and its first places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from migrate.model.finding import Finding, Severity
from migrate.model.origin import Origin
from migrate.model.server import NotCarried, ObjectKind

MAX_PLACES = 10


@dataclass(slots=True)
class _Remark:
    finding: Finding
    count: int = 1
    places: list[Origin] = field(default_factory=list)

    def as_finding(self) -> Finding:
        message = self.finding.message
        if self.count > 1:
            message += f" This occurs {self.count:,} times; the first places are given."
        return replace(self.finding, message=message, places=tuple(self.places))


class Account:
    def __init__(self, path: str) -> None:
        self.path = path
        self.objects_read: Counter[ObjectKind] = Counter()
        self.not_carried: list[NotCarried] = []
        self._remarks: list[_Remark] = []
        self._joined: dict[tuple[str, Hashable], _Remark] = {}
        self.scopes_begun = 0
        self._scope_began = (0, 0)

    def met(self, kind: ObjectKind, count: int = 1) -> None:
        self.objects_read[kind] += count

    def refuse(self, kind: ObjectKind, key: str, reason: str, line: int) -> None:
        """An object that cannot be used."""
        self.not_carried.append(NotCarried(kind=kind, key=key, reason=reason, origin=Origin(self.path, line)))

    def list_unsupported(self, kind: ObjectKind, key: str, reason: str, line: int) -> None:
        """A sound object that nothing can carry over."""
        self.not_carried.append(NotCarried(kind=kind, key=key, reason=reason, unsupported=True, origin=Origin(self.path, line)))

    def remark(
        self,
        rule: str,
        severity: Severity,
        thing: str,
        message: str,
        remedy: str,
        line: int,
        *,
        like: Hashable = None,
        count: int = 1,
    ) -> None:
        """A finding. Remarks of one rule that are `like` one another are joined and keep the words of the first."""
        known = self._joined.get((rule, like)) if like is not None else None
        if known:
            known.count += count
        else:
            known = _Remark(Finding(rule=rule, severity=severity, object=thing, message=message, remedy=remedy), count)
            self._remarks.append(known)
            if like is not None:
                self._joined[rule, like] = known
        if len(known.places) < MAX_PLACES:
            known.places.append(Origin(self.path, line))

    def has_remark(self, rule: str, like: Hashable) -> bool:
        return (rule, like) in self._joined

    def begin_scope(self) -> None:
        self.scopes_begun += 1
        self._scope_began = len(self.not_carried), len(self._remarks)

    def end_scope(self, scope_id: IPv4Address | None) -> None:
        """Everything since `begin_scope` belongs to this scope; its id may stand anywhere in its element, even last."""
        first_object, first_remark = self._scope_began
        self.not_carried[first_object:] = [replace(each, scope_id=scope_id) for each in self.not_carried[first_object:]]
        for remark in self._remarks[first_remark:]:
            remark.finding = replace(remark.finding, scope_id=scope_id)

    def findings(self) -> tuple[Finding, ...]:
        return tuple(sorted((remark.as_finding() for remark in self._remarks), key=lambda finding: finding.sort_key))
