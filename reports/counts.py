"""How many objects of each kind were read, and what became of them: the figures that console, workbook and JSON share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from migrate.merge.result import MergeResult
from migrate.model.ledger import Disposition
from migrate.model.server import ObjectKind, Role, Server

KIND_WORDS = {
    ObjectKind.SERVER_SETTING: "Server settings",
    ObjectKind.CLASS: "Classes",
    ObjectKind.OPTION_DEFINITION: "Option definitions",
    ObjectKind.OPTION_VALUE: "Option values",
    ObjectKind.POLICY: "Policies",
    ObjectKind.FILTER: "Filters",
    ObjectKind.SUPERSCOPE: "Superscopes",
    ObjectKind.SCOPE: "Scopes",
    ObjectKind.EXCLUSION_RANGE: "Exclusion ranges",
    ObjectKind.RESERVATION: "Reservations",
    ObjectKind.LEASE: "Leases",
    ObjectKind.IPV6: "IPv6 objects",
    ObjectKind.MULTICAST: "Multicast objects",
    ObjectKind.UNKNOWN: "Unknown objects",
}

_KIND_OF_RULE = {
    "overlapping-pools": ObjectKind.SCOPE,
    "one-sided-exclusion": ObjectKind.EXCLUSION_RANGE,
    "option-values-differ": ObjectKind.OPTION_VALUE,
    "server-options-differ": ObjectKind.OPTION_VALUE,
    "dns-flags-differ": ObjectKind.OPTION_VALUE,
    "scope-policies-differ": ObjectKind.POLICY,
    "policy-conflict": ObjectKind.POLICY,
    "class-differs": ObjectKind.CLASS,
    "option-definition-differs": ObjectKind.OPTION_DEFINITION,
    "server-settings-differ": ObjectKind.SERVER_SETTING,
    "superscope-differs": ObjectKind.SUPERSCOPE,
    "lease-duration-differs": ObjectKind.SCOPE,
    "lease-conflict": ObjectKind.LEASE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCounts:
    kind: ObjectKind
    read: Mapping[Role, int]
    dispositions: Mapping[Role, Mapping[Disposition, int]]
    conflicts: int
    """Where the two servers cannot both be right: decisions, and for leases every conflict."""
    in_target: int | None
    """None for what no target holds."""

    @property
    def total_read(self) -> int:
        return sum(self.read.values())

    def became(self, disposition: Disposition) -> int:
        """On both servers together."""
        return sum(by_disposition.get(disposition, 0) for by_disposition in self.dispositions.values())

    def is_balanced(self, role: Role) -> bool:
        """Every object that the parser counted has its place in the ledger."""
        return self.read[role] == sum(self.dispositions[role].values())


def counts_by_kind(result: MergeResult) -> tuple[KindCounts, ...]:
    """In the order of ObjectKind; kinds of which no source has any are absent."""
    totals = result.ledger.totals()
    conflicts = _conflicts(result)
    targets = objects_in(result.target.server)
    targets[ObjectKind.LEASE] = len(result.leases.table)
    rows = []
    for kind in ObjectKind:
        read = {role: source.objects_read.get(kind, 0) for role, source in result.sources.items()}
        dispositions = {role: totals.get((role, kind), {}) for role in result.sources}
        if any(read.values()) or any(dispositions.values()):
            rows.append(
                KindCounts(kind=kind, read=read, dispositions=dispositions, conflicts=conflicts[kind], in_target=targets.get(kind))
            )
    return tuple(rows)


def objects_in(server: Server) -> dict[ObjectKind, int]:
    """Objects of a configuration by kind, without leases."""
    policies = [*(server.policies or ()), *(policy for scope in server.scopes for policy in scope.policies or ())]
    reservations = [reservation for scope in server.scopes for reservation in scope.reservations]
    return {
        ObjectKind.SERVER_SETTING: len(server.settings),
        ObjectKind.CLASS: len(server.classes),
        ObjectKind.OPTION_DEFINITION: len(server.option_definitions),
        ObjectKind.OPTION_VALUE: len(server.option_values)
        + sum(len(holder.option_values) for holders in (server.scopes, reservations, policies) for holder in holders),
        ObjectKind.POLICY: sum(policy.user_class_of_pseudo_policy is None for policy in policies),
        ObjectKind.FILTER: len(server.filters.entries) if server.filters else 0,
        ObjectKind.SUPERSCOPE: len({scope.superscope for scope in server.scopes if scope.superscope}),
        ObjectKind.SCOPE: len(server.scopes),
        ObjectKind.EXCLUSION_RANGE: sum(len(scope.exclusions) for scope in server.scopes),
        ObjectKind.RESERVATION: len(reservations),
    }


def _conflicts(result: MergeResult) -> Counter[ObjectKind]:
    counts = Counter(kind_of_rule(decision.rule) for decision in result.decisions)
    counts[ObjectKind.LEASE] = len(result.lease_conflicts)
    return counts


def kind_of_rule(rule: str) -> ObjectKind:
    """The kind of object that a decision of this rule is about."""
    if rule in _KIND_OF_RULE:
        return _KIND_OF_RULE[rule]
    return ObjectKind.RESERVATION if rule.startswith("reservation-") else ObjectKind.SCOPE
