"""A scope's option values for user classes, out of both copies.

How such a value ranks against server policies and against plain values of the other level is documented loosely, so nothing here
leans on it: what stands in the target gives the clients of a class what both copies gave them whichever way Windows ranks, or it is
a decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from migrate.merge.context import MergeContext
from migrate.merge.option_conflicts import settle_option
from migrate.model.option import LEASE_TIME, OptionKey, OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import Scope
from migrate.model.server import Role, Server
from migrate.model.timespan import seconds_of_timespan

Values = Mapping[OptionKey, OptionValue]


@dataclass(frozen=True, slots=True)
class ServerClassOptions:
    """What stands at the server level of one server and matters to the user classes of its scopes."""

    values: Values
    for_classes: Values
    """For user classes only; with those that the source shows as policies."""
    in_policies: frozenset[OptionKey]
    """Plain keys of every option that some policy of the server sets."""
    in_disguise: frozenset[OptionKey]
    """Plain keys of every option with values for a class that stand in what the source shows as a policy."""

    @classmethod
    def of(cls, server: Server) -> ServerClassOptions:
        policies = server.policies or ()
        explicit = [policy for policy in policies if policy.user_class_of_pseudo_policy is None]
        return cls(
            values={value.key: value for value in server.option_values},
            for_classes=class_values(server.option_values, policies),
            in_policies=frozenset(plain_key(value.key) for policy in explicit for value in policy.option_values),
            in_disguise=frozenset(plain_key(key) for key in class_values((), policies)),
        )


def plain_key(key: OptionKey) -> OptionKey:
    """The same option for clients of no class."""
    return OptionKey(key.option_id, key.vendor_class)


def class_values(values: Iterable[OptionValue], policies: Iterable[Policy]) -> dict[OptionKey, OptionValue]:
    """The values for user classes of one level, however the source shows them."""
    shown_as_policies = [
        replace(value, user_class=policy.user_class_of_pseudo_policy)
        for policy in policies
        if policy.enabled and policy.user_class_of_pseudo_policy
        for value in policy.option_values
    ]
    return {value.key: value for value in (*shown_as_policies, *values) if value.user_class}


def tied_options(options: Collection[ServerClassOptions], servers: Iterable[Server]) -> set[OptionKey]:
    """Plain keys of options that cannot leave the server level: they have values for user classes there, and in a scope these would
    go before something that goes before them today, or stay behind."""
    for_classes = {plain_key(key) for option in options for key in option.for_classes}
    in_scopes = {value.key for server in servers for scope in server.scopes for value in scope.option_values}
    in_policies = {key for option in options for key in option.in_policies | option.in_disguise}
    return for_classes & (in_scopes | in_policies)


def merge_class_values(
    context: MergeContext,
    copies: Mapping[Role, Scope],
    servers: Mapping[Role, ServerClassOptions],
    merged: Values,
    moving: Mapping[OptionKey, Role],
) -> dict[OptionKey, OptionValue]:
    """The values for user classes of the merged scope, whose plain values are `merged`.

    `moving` are values that leave the server level, with the server whose value was chosen for scopes that stand on both.
    """
    own = {role: _own_values(copy) for role, copy in copies.items()}
    seen = {role: _Seen(own[role], class_values((), copy.policies or ()), servers[role]) for role, copy in copies.items()}
    keys = {key for values in own.values() for key in values if key.user_class}
    if len(copies) == 2:
        keys |= _uncovered(own, servers)
    chosen = {}
    for key in sorted(keys | set(moving)):
        if len(copies) == 1:
            [only] = seen.values()
            value = only.own.get(key) if only.in_scope(key) else only.server.values.get(key)
        elif any(copy.in_scope(key) for copy in seen.values()) or key not in moving:
            value = _merge_one(context, key, seen, merged.get(plain_key(key)), copies)
        else:
            value = servers[moving[key]].values.get(key)
        if value:
            chosen[key] = value
    return chosen


def _own_values(scope: Scope) -> dict[OptionKey, OptionValue]:
    """The lease duration of a scope is its option 51, whether the source repeats it there or not."""
    own = {value.key: value for value in scope.option_values}
    if scope.lease_duration is not None:
        own[OptionKey(LEASE_TIME)] = OptionValue(option_id=LEASE_TIME, values=(str(seconds_of_timespan(scope.lease_duration)),))
    return own


def _uncovered(own: Mapping[Role, Values], servers: Mapping[Role, ServerClassOptions]) -> set[OptionKey]:
    """Server-level values for classes over which the merged scope has a plain value, where one of its copies had none."""
    return {
        key
        for server in servers.values()
        for key in server.for_classes
        if len({plain_key(key) in values for values in own.values()}) == 2
    }


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one copy of the scope gives to the clients of a user class."""

    own: Values
    shown_as_policies: Values
    server: ServerClassOptions

    def in_scope(self, key: OptionKey) -> OptionValue | None:
        return self.own.get(key) or self.shown_as_policies.get(key)

    def candidates(self, key: OptionKey) -> tuple[OptionValue | None, OptionValue | None]:
        """With the scope's plain value before the server's value for the class, and after it."""
        stands = self.in_scope(key)
        if stands:
            return stands, stands
        scope, server = self.own.get(plain_key(key)), self.server.for_classes.get(key)
        last = self.server.values.get(plain_key(key))
        return scope or server or last, server or scope or last


def _merge_one(
    context: MergeContext, key: OptionKey, seen: Mapping[Role, _Seen], plain: OptionValue | None, copies: Mapping[Role, Scope]
) -> OptionValue | None:
    read = next((copy.own[key] for copy in seen.values() if key in copy.own), None)
    candidates = {role: copy.candidates(key) for role, copy in seen.items()}
    every = {_content(value) for pair in candidates.values() for value in pair}
    if len(every) > 1 or (read and _meets_policies(key, seen)):
        scope_id = next(iter(copies.values())).scope_id
        _, value = settle_option(context, {role: _named(pair[0], key, read) for role, pair in candidates.items()}, scope_id)
    else:
        value = _named(candidates[Role.PRIMARY][0], key, read)
    return value if read or _content(value) != _content(plain) else None


def _meets_policies(key: OptionKey, seen: Mapping[Role, _Seen]) -> bool:
    """Only one copy has the value itself, so for clients of the class it may rank otherwise against a server policy."""
    covered = {copy.in_scope(key) is not None for copy in seen.values()}
    return len(covered) == 2 and any(plain_key(key) in copy.server.in_policies for copy in seen.values())


def _content(value: OptionValue | None) -> tuple[str, ...] | None:
    return value.values if value else None


def _named(value: OptionValue | None, key: OptionKey, read: OptionValue | None) -> OptionValue | None:
    """The value as one for the user class of `key`, with the class spelled as it was read."""
    if value is None or value.key == key:
        return value
    return replace(value, user_class=read.user_class if read else key.user_class)
