"""Which value of an option a client receives, and from which level (windows-failover.md section 9.2).

For each option space a server has a ladder: its values from the first that is asked to the last. A client gets the first rung that
is meant for it. A rung may be meant for the clients that match a policy, for those of a user class, or for all. Whether a client
matches a policy is not computed here: clients are described by the policies they match.

    reservation (user class, then plain), scope policies, server policies, scope (user class, then plain), server (likewise)

Within a policy, too, a value for a user class goes before its plain value. What Export-DhcpServer shows as a policy but is the
options of a user class ranks as such values; the policy switches do not reach it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import IPv4Address
from itertools import product

from migrate.model.client_id import ClientId
from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionValue
from migrate.model.origin import Origin
from migrate.model.policy import Policy
from migrate.model.scope import Reservation, Scope
from migrate.model.server import ACTIVATE_POLICIES, Server
from migrate.model.timespan import seconds_of_timespan

OptionSpace = tuple[int, str]
"""Option id and vendor class, in lower case: options of different vendor classes never stand for each other."""

DNS_FLAGS_SPACE = (DNS_FLAGS, "")
LEASE_TIME_SPACE = (LEASE_TIME, "")
IMPLICIT_DNS_FLAGS = ("5",)
"""What a server does when no level sets option 81 (formats.md section 1.5)."""


class Level(StrEnum):
    RESERVATION = "reservation"
    SCOPE_POLICY = "scope policy"
    SERVER_POLICY = "server policy"
    SCOPE = "scope"
    SERVER = "server"
    IMPLICIT = "Windows"
    """Set nowhere: what the server does by itself."""


@dataclass(frozen=True, slots=True, order=True)
class PolicyName:
    """Policies of a scope and of its server may have the same name. Names compare in lower case."""

    level: Level
    name: str

    @classmethod
    def of(cls, level: Level, policy: Policy) -> PolicyName:
        return cls(level, policy.name.casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Equal rungs give the same to the same clients; from which level does not count."""

    values: tuple[str, ...]
    policy: PolicyName | None = None
    """Only for clients that match it; None: for all."""
    user_class: str = ""
    """Only for clients of it, in lower case; empty: for all."""
    level: Level = field(compare=False)
    policy_spelling: str = field(default="", compare=False)
    class_spelling: str = field(default="", compare=False)
    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def is_for_all(self) -> bool:
        return self.policy is None and not self.user_class

    def is_for(self, group: ClientGroup) -> bool:
        return (self.policy is None or self.policy in group.policies) and self.user_class in ("", group.user_class)


Ladder = tuple[Rung, ...]
Ladders = Mapping[OptionSpace, Ladder]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGroup:
    """Clients of one scope that get the same answers; `reserved_for` makes it a single client."""

    scope_id: IPv4Address
    policies: frozenset[PolicyName] = frozenset()
    user_class: str = ""
    """In lower case."""
    reserved_for: ClientId | None = None


class EffectiveOptions:
    """What one server answers. Ladders end at the first rung that is for all: no client gets past it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._enforces_policies = (server.setting(ACTIVATE_POLICIES) or "true").casefold() != "false"
        policies = server.policies or () if self._enforces_policies else ()
        self._policies = _by_space(_policy_rungs(Level.SERVER_POLICY, policies))
        self._values = _by_space(_server_rungs(server))

    def received(self, group: ClientGroup) -> dict[OptionSpace, Rung]:
        """Everything that a client of the group gets. Raises KeyError for a scope that the server does not have."""
        scope = self._server.scope(group.scope_id)
        if scope is None:
            raise KeyError(group.scope_id)
        ladders = self.of_scope(scope)
        for reservation in scope.reservations:
            if reservation.client_id == group.reserved_for:
                ladders |= self.of_reservation(reservation, ladders)
        answers = {space: answer(ladders[space], group) for space in sorted(ladders)}
        return {space: rung for space, rung in answers.items() if rung}

    def of_scope(self, scope: Scope) -> dict[OptionSpace, Ladder]:
        """The ladder of every option space that is set at any level, for clients without a reservation."""
        enforces = self._enforces_policies and scope.activate_policies is not False
        policies = _by_space(_policy_rungs(Level.SCOPE_POLICY, scope.policies or () if enforces else ()))
        values = _by_space(_scope_rungs(scope))
        ladders = dict(self._values)
        for space in dict.fromkeys((*policies, *self._policies, *values)):
            parts = policies.get(space, ()), self._policies.get(space, ()), values.get(space, ()), self._values.get(space, ())
            ladders[space] = _until_for_all(rung for part in parts for rung in part)
        return ladders

    def of_reservation(self, reservation: Reservation, of_scope: Ladders) -> dict[OptionSpace, Ladder]:
        """The ladders of a reserved client, for the spaces that its reservation sets; in the others it is a client of the scope."""
        values = reservation.option_values
        own = _by_space((*_class_rungs(Level.RESERVATION, values), *_plain_rungs(Level.RESERVATION, values)))
        return {space: _until_for_all((*rungs, *of_scope.get(space, ()))) for space, rungs in own.items()}


def answer(ladder: Ladder, group: ClientGroup) -> Rung | None:
    """What clients of the group get; None when nothing is set for them."""
    return next((rung for rung in ladder if rung.is_for(group)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The smallest group of clients that see it; `before` and `after` None: the option was, or is, not given."""

    space: OptionSpace
    group: ClientGroup
    before: Rung | None
    after: Rung | None


def changes(space: OptionSpace, everyone: ClientGroup, before: Ladder, after: Ladder) -> Iterator[Change]:
    """Every pair of rungs with different values between which some client moves, each for the smallest group that does.

    Two rungs decide over each client, one before and one after. A client that matches no more than these two ask for moves in the
    same way, so groups with the policies of one rung of either ladder are all that must be tried.
    """
    if before == after:
        return
    seen: set[tuple[Rung | None, Rung | None]] = set()
    groups = {_joined(everyone, rungs) for rungs in product((None, *before), (None, *after))} - {None}
    for group in sorted((group for group in groups if group), key=_by_size):
        moved = answer(before, group), answer(after, group)
        if _values(moved[0]) != _values(moved[1]) and moved not in seen:
            seen.add(moved)
            yield Change(space=space, group=group, before=moved[0], after=moved[1])


def _values(rung: Rung | None) -> tuple[str, ...] | None:
    return rung.values if rung else None


def _joined(everyone: ClientGroup, rungs: tuple[Rung | None, Rung | None]) -> ClientGroup | None:
    """Clients that both rungs are meant for; None when they are for different user classes."""
    given = [rung for rung in rungs if rung]
    classes = {rung.user_class for rung in given if rung.user_class}
    if len(classes) > 1:
        return None
    return ClientGroup(
        scope_id=everyone.scope_id,
        reserved_for=everyone.reserved_for,
        policies=frozenset(rung.policy for rung in given if rung.policy),
        user_class=next(iter(classes), ""),
    )


def _by_size(group: ClientGroup) -> tuple[int, list[PolicyName], str]:
    return len(group.policies) + bool(group.user_class), sorted(group.policies), group.user_class


Placed = tuple[OptionSpace, Rung]


def _by_space(placed: Iterable[Placed]) -> dict[OptionSpace, Ladder]:
    found: dict[OptionSpace, list[Rung]] = {}
    for space, rung in placed:
        found.setdefault(space, []).append(rung)
    return {space: _until_for_all(rungs) for space, rungs in found.items()}


def _until_for_all(rungs: Iterable[Rung]) -> Ladder:
    ladder = []
    for rung in rungs:
        ladder.append(rung)
        if rung.is_for_all:
            break
    return tuple(ladder)


def _server_rungs(server: Server) -> Iterator[Placed]:
    yield from _class_rungs(Level.SERVER, server.option_values, server.policies or ())
    yield from _plain_rungs(Level.SERVER, server.option_values)
    yield DNS_FLAGS_SPACE, Rung(values=IMPLICIT_DNS_FLAGS, level=Level.IMPLICIT)


def _scope_rungs(scope: Scope) -> Iterator[Placed]:
    """The lease duration of a scope is its option 51, whether the source repeats it there or not."""
    yield from _class_rungs(Level.SCOPE, scope.option_values, scope.policies or ())
    if scope.lease_duration is not None:
        seconds = str(seconds_of_timespan(scope.lease_duration))
        yield LEASE_TIME_SPACE, Rung(values=(seconds,), level=Level.SCOPE, origin=scope.origin)
    yield from _plain_rungs(Level.SCOPE, scope.option_values)


def _class_rungs(level: Level, values: Iterable[OptionValue], policies: Iterable[Policy] = ()) -> Iterator[Placed]:
    """Values for user classes, however the source shows them."""
    for value in values:
        if value.user_class:
            yield _placed(value, level)
    for policy in policies:
        if policy.enabled and policy.user_class_of_pseudo_policy:
            for value in policy.option_values:
                yield _placed(replace(value, user_class=policy.user_class_of_pseudo_policy), level)


def _plain_rungs(level: Level, values: Iterable[OptionValue]) -> Iterator[Placed]:
    for value in values:
        if not value.user_class:
            yield _placed(value, level)


def _policy_rungs(level: Level, policies: Iterable[Policy]) -> Iterator[Placed]:
    for policy in sorted(policies, key=lambda policy: policy.processing_order):
        if policy.enabled and policy.user_class_of_pseudo_policy is None:
            for value in sorted(policy.option_values, key=lambda value: not value.user_class):
                yield _placed(value, level, policy)


def _placed(value: OptionValue, level: Level, policy: Policy | None = None) -> Placed:
    rung = Rung(
        values=value.values,
        level=level,
        policy=PolicyName.of(level, policy) if policy else None,
        policy_spelling=policy.name if policy else "",
        user_class=value.user_class.casefold(),
        class_spelling=value.user_class,
        origin=value.origin,
    )
    return (value.option_id, value.vendor_class.casefold()), rung
