"""Whether somebody has been told of a change in what clients receive (windows-failover.md section 9.2).

A decision explains a change when it names the scope and the option; the option alone for values of the server level, the name for
a policy or class, the address for a reservation.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from ipaddress import IPv4Address

from migrate.checks import reservation_one_sided
from migrate.checks.subject import Subject
from migrate.merge.effective import LEASE_TIME_SPACE, Change, Level, PolicyName, Rung
from migrate.model.decision import Decision
from migrate.model.option import OptionKey

_LEASE_DURATION = "lease-duration-differs"
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_SERVER_LEVEL = (Level.SERVER, Level.IMPLICIT)


class Explanations:
    def __init__(self, subject: Subject) -> None:
        self._objects: defaultdict[IPv4Address | None, set[str]] = defaultdict(set)
        self._addresses: defaultdict[IPv4Address | None, set[str]] = defaultdict(set)
        self._durations: set[IPv4Address | None] = set()
        for decision in subject.merged.decisions:
            self._objects[decision.scope_id].add(decision.object.casefold())
            if decision.rule.startswith("reservation-"):
                self._addresses[decision.scope_id].update(_addresses_in(decision))
            elif decision.rule == _LEASE_DURATION:
                self._durations.add(decision.scope_id)
        for finding in reservation_one_sided.check(subject):
            self._addresses[finding.scope_id].add(finding.object)

    def explain(self, change: Change, reserved: Iterable[IPv4Address] = ()) -> bool:
        """`reserved`: the addresses that are reserved for the client, when the group is one."""
        scope_id = change.group.scope_id
        here, server = self._objects.get(scope_id, set()), self._objects.get(None, set())
        names = {str(OptionKey(*change.space, user_class)) for user_class in ("", change.group.user_class)}
        return bool(
            names & here
            or (change.space == LEASE_TIME_SPACE and scope_id in self._durations)
            or (names & server and any(_is_server_level(rung) for rung in (change.before, change.after)))
            or any(self._names_policy(scope_id, policy) for policy in _policies(change))
            or (self._addresses.get(scope_id, set()) & {str(address) for address in reserved})
        )

    def _names_policy(self, scope_id: IPv4Address, policy: PolicyName) -> bool:
        owner = scope_id if policy.level is Level.SCOPE_POLICY else None
        return f"policy {policy.name}" in self._objects.get(owner, set())


def _is_server_level(rung: Rung | None) -> bool:
    return rung is None or rung.level in _SERVER_LEVEL


def _policies(change: Change) -> Iterable[PolicyName]:
    """The policies that give the values before and after; a class may be one in disguise."""
    for rung in (change.before, change.after):
        if rung and rung.policy:
            yield rung.policy
        elif rung and rung.user_class:
            level = Level.SCOPE_POLICY if rung.level is Level.SCOPE else Level.SERVER_POLICY
            yield PolicyName(level, rung.user_class)


def _addresses_in(decision: Decision) -> Iterable[str]:
    for text in (decision.object, *decision.alternatives.values()):
        yield from _ADDRESS.findall(text)
