"""Clients receive other options afterwards.

What it finds
    A group of clients (of a scope, a user class, a policy or a reservation) that receives another value of an option after the
    migration than it does from one of the servers today, although no other finding names that option, policy or reservation.
    Every level is followed in the order in which a server asks it.

Why it matters
    The levels shadow each other: a switch that turns policies on, or a policy that moves ahead of another, changes what
    telephones boot from without any value being touched. Nobody looks for it there.

Example
    Scope 10.20.0.0: clients that match scope policy Phones get option 66 = tftp1 (scope policy Phones) from dhcp01 and option 66 =
    tftp2 (scope) from dhcp02 today; after the migration both partners give tftp1 (scope policy Phones).

Remedy
    Decide which value is right, make both servers give it, and export again.

References
    Cmdlet reference: Set-DhcpServerv4OptionValue, Set-DhcpServerv4Setting -ActivatePolicies, Set-DhcpServerv4Scope
    -ActivatePolicies; RFC 2132.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address

from migrate.checks.explained_changes import Explanations
from migrate.checks.rule import TARGET
from migrate.checks.subject import Subject
from migrate.merge.effective import (
    LEASE_TIME_SPACE,
    Change,
    ClientGroup,
    EffectiveOptions,
    Ladder,
    Ladders,
    Level,
    OptionSpace,
    Rung,
    answer,
    changes,
)
from migrate.model.client_id import ClientId
from migrate.model.finding import Finding, Severity
from migrate.model.option import OptionKey
from migrate.model.scope import Reservation, Scope
from migrate.model.server import Role, Server

ID = "effective-options-change"
NUMBER = None
SEVERITY = Severity.WARNING
LOOKS_AT = TARGET


def check(subject: Subject) -> Iterator[Finding]:
    target = EffectiveOptions(subject.merged.target.server)
    today = {role: EffectiveOptions(source.server) for role, source in subject.sources}
    explanations = Explanations(subject)
    for merge in subject.scopes:
        if merge.target is None:
            continue
        after = _View(target, merge.target, subject.merged.target.server)
        before = {role: _View(today[role], copy, subject.merged.sources[role].server) for role, copy in merge.copies}
        told: set[tuple[OptionSpace, ClientGroup]] = set()
        for view in before.values():
            for change, reserved in _changes(view, after):
                key = change.space, change.group
                if key not in told and view.is_known(change) and not explanations.explain(change, reserved):
                    told.add(key)
                    yield _finding(subject, change, before, after)


@dataclass(frozen=True)
class _View:
    """One scope as one server answers for it."""

    options: EffectiveOptions
    scope: Scope
    server: Server

    @cached_property
    def ladders(self) -> Ladders:
        return self.options.of_scope(self.scope)

    @cached_property
    def reservations(self) -> Mapping[ClientId, Reservation]:
        return {reservation.client_id: reservation for reservation in self.scope.reservations}

    @property
    def clients_with_options(self) -> Iterator[ClientId]:
        return (reservation.client_id for reservation in self.scope.reservations if reservation.option_values)

    def ladder(self, space: OptionSpace, client: ClientId | None) -> Ladder:
        reservation = self.reservations.get(client) if client else None
        own = self.options.of_reservation(reservation, self.ladders) if reservation else {}
        return own.get(space) or self.ladders.get(space, ())

    def is_known(self, change: Change) -> bool:
        """False where the source cannot say what it gives to this group: a netsh dump holds no policies."""
        levels = {policy.level for policy in change.group.policies}
        if change.space == LEASE_TIME_SPACE and change.before is None:
            return False
        return not (
            (Level.SCOPE_POLICY in levels and self.scope.policies is None)
            or (Level.SERVER_POLICY in levels and self.server.policies is None)
        )


def _changes(before: _View, after: _View) -> Iterator[tuple[Change, tuple[IPv4Address, ...]]]:
    """For clients without a reservation, and then for each reserved client in the options that its reservation sets."""
    everyone = ClientGroup(scope_id=after.scope.scope_id)
    if before.ladders != after.ladders:
        for space in sorted({*before.ladders, *after.ladders}):
            for change in changes(space, everyone, before.ladders.get(space, ()), after.ladders.get(space, ())):
                yield change, ()
    for client in sorted({*before.clients_with_options, *after.clients_with_options}):
        reserved = [view.reservations[client] for view in (before, after) if client in view.reservations]
        addresses = tuple(reservation.ip_address for reservation in reserved)
        group = ClientGroup(scope_id=after.scope.scope_id, reserved_for=client)
        values = [value for reservation in reserved for value in reservation.option_values]
        for space in sorted({(value.option_id, value.vendor_class.casefold()) for value in values}):
            for change in changes(space, group, before.ladder(space, client), after.ladder(space, client)):
                yield change, addresses


def _finding(subject: Subject, change: Change, before: Mapping[Role, _View], after: _View) -> Finding:
    def given(view: _View) -> Rung | None:
        return answer(view.ladder(change.space, change.group.reserved_for), change.group)

    today = {role: given(view) for role, view in before.items()}
    option = str(OptionKey(*change.space))
    who = _who(change)
    gets = " and ".join(_gets(option, rung, subject.server_name(role)) for role, rung in today.items())
    rungs = (*today.values(), change.after)
    return Finding(
        rule=ID,
        number=NUMBER,
        severity=SEVERITY,
        scope_id=change.group.scope_id,
        object=f"{option}, {who}",
        message=f"Scope {change.group.scope_id}: {who} get {gets} today; after the migration both partners give "
        f"{_shown(change.after)}.",
        remedy="Decide which value is right, make both servers give it, and export again.",
        places=tuple(dict.fromkeys(rung.origin for rung in rungs if rung and rung.origin)),
    )


def _gets(option: str, rung: Rung | None, server: str) -> str:
    return f"{option} = {_shown(rung)} from {server}" if rung else f"no {option} from {server}"


def _shown(rung: Rung | None) -> str:
    if rung is None:
        return "none"
    place = f"{rung.level} {rung.policy_spelling}".strip() if rung.policy else rung.level.value
    return f"{', '.join(rung.values)} ({place}{f', user class {rung.class_spelling}' if rung.user_class else ''})"


def _who(change: Change) -> str:
    """`clients of user class Kiosk that match scope policy Phones`."""
    group = change.group
    spelled = {rung.policy: rung.policy_spelling for rung in (change.after, change.before) if rung and rung.policy}
    policies = [f"{policy.level} {spelled.get(policy, policy.name)}" for policy in sorted(group.policies)]
    words = [f"the client {group.reserved_for}"] if group.reserved_for else ["clients"]
    words += [f"of user class {group.user_class}"] if group.user_class else []
    words += [f"that match {' and '.join(policies)}"] if policies else []
    return " ".join(words) if len(words) > 1 or group.reserved_for else "all clients"


def unknown(subject: Subject) -> str:
    return subject.without_policies
