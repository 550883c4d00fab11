"""Option values of servers and scopes: what a client receives is what counts (design.md section 5, rule 6).

A scope's effective value is its own, or its server's. Where both servers give the same, it stays as it is. Server-level values that
differ cannot both survive, because failover replicates no server level: they leave it, and each scope that relied on one gets it
at its own level. What no level can reconcile is a decision.

Values for user classes rank between the plain ones (`migrate.merge.effective`), so an option that has any at server level moves
down with all its values or not at all. Where moving would change who goes before whom, it stays at server level as decided. A
scope's values for user classes are the business of `class_options`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from migrate.merge.book import option_key
from migrate.merge.class_options import ServerClassOptions, merge_class_values, plain_key, tied_options
from migrate.merge.context import MergeContext
from migrate.merge.effective import IMPLICIT_DNS_FLAGS
from migrate.merge.option_conflicts import ByRole, settle_option
from migrate.model.ledger import Disposition
from migrate.model.option import DNS_FLAGS, LEASE_TIME, OptionKey, OptionValue
from migrate.model.scope import Scope
from migrate.model.server import ObjectKind, Role
from migrate.model.timespan import seconds_of_timespan

IMPLICIT_VALUES = {OptionKey(DNS_FLAGS): IMPLICIT_DNS_FLAGS}
LEASE_TIME_KEY = OptionKey(LEASE_TIME)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """`values` stay at server level. `differing` leave it, a value of an option with all its values: for each, what both servers
    have and whose stands in scopes on both of them."""

    values: tuple[OptionValue, ...]
    differing: Mapping[OptionKey, tuple[ByRole, Role]]
    own: Mapping[Role, Mapping[OptionKey, OptionValue]]
    """The server-level values as they were read."""
    for_classes: Mapping[Role, ServerClassOptions]


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    values: tuple[OptionValue, ...]
    pushed_down: tuple[tuple[Role, OptionKey], ...]
    """Which server-level values this scope took over."""


def merge_server_options(context: MergeContext) -> ServerOptions:
    own = {role: _by_key(source.server.option_values) for role, source in context.sources.items()}
    for_classes = {role: ServerClassOptions.of(source.server) for role, source in context.sources.items()}
    tied = tied_options(for_classes.values(), (source.server for source in context.sources.values())) | {LEASE_TIME_KEY}
    settled: dict[OptionKey, tuple[ByRole, Role]] = {}
    leaving: set[OptionKey] = set()
    for key in sorted({key for values in own.values() for key in values}):
        values = {role: own.get(role, {}).get(key) for role in Role}
        if all(_same(key, values[role], next(filter(None, values.values()))) for role in own):
            settled[key] = values, Role.PRIMARY if values[Role.PRIMARY] else Role.SECONDARY
        else:
            settled[key] = values, settle_option(context, values)[0]
            leaving |= {plain_key(key)} - tied
    kept = [values[role] for key, (values, role) in settled.items() if plain_key(key) not in leaving]
    differing = {key: how for key, how in settled.items() if plain_key(key) in leaving}
    return ServerOptions(tuple(value for value in kept if value), differing, own, for_classes)


def merge_scope_options(
    context: MergeContext, server: ServerOptions, copies: Mapping[Role, Scope], lease_duration: timedelta | None
) -> ScopeOptions:
    """The option values of the merged scope, sorted by key; option 51 follows the lease duration that was settled."""
    own = {role: _by_key(copy.option_values) for role, copy in copies.items()}
    merged: dict[OptionKey, OptionValue] = {}
    plain = {key for values in (*own.values(), server.differing) for key in values if not key.user_class}
    for key in sorted(plain):
        values = {role: own[role].get(key) or server.own[role].get(key) for role in copies}
        stands_here = any(key in own[role] for role in copies)
        if key == LEASE_TIME_KEY:
            value = _lease_time(own, lease_duration)
        elif len(copies) == 1:
            value = next(iter(values.values()))
        elif not stands_here:
            value = values[server.differing[key][1]]
        elif _same(key, *values.values()):
            value = next((value for value in values.values() if value), None)
        else:
            _, value = settle_option(context, values, copies[Role.PRIMARY].scope_id)
        if value:
            merged[key] = value
    moving = {key: role for key, (_, role) in server.differing.items() if key.user_class}
    merged |= merge_class_values(context, copies, server.for_classes, merged, moving)
    _enter(context, own, copies, merged)
    pushed = [
        (role, key)
        for key in server.differing
        for role in copies
        if key in merged and key not in own[role] and merged[key] is server.own[role].get(key)
    ]
    return ScopeOptions(tuple(merged[key] for key in sorted(merged)), tuple(pushed))


def enter_server_options(context: MergeContext, server: ServerOptions, pushed: Counter[tuple[Role, OptionKey]]) -> None:
    """The ledger rows of the server level, once it is known how many scopes took each value over."""
    kept = _by_key(server.values)
    for role, values in server.own.items():
        for key, value in values.items():
            disposition, reason = _server_fate(role, value, kept.get(key), pushed[role, key], first=next(iter(server.own)))
            context.book.enter(role, ObjectKind.OPTION_VALUE, option_key("server", value), disposition, reason, origin=value.origin)


def _by_key(values: tuple[OptionValue, ...]) -> dict[OptionKey, OptionValue]:
    return {value.key: value for value in values}


def _effective(key: OptionKey, value: OptionValue | None) -> tuple[str, ...] | None:
    return value.values if value else IMPLICIT_VALUES.get(key)


def _same(key: OptionKey, *values: OptionValue | None) -> bool:
    return len({_effective(key, value) for value in values}) == 1


def _lease_time(own: Mapping[Role, Mapping[OptionKey, OptionValue]], duration: timedelta | None) -> OptionValue | None:
    read = next((values[LEASE_TIME_KEY] for values in own.values() if LEASE_TIME_KEY in values), None)
    if read is None or duration is None:
        return read
    return replace(read, values=(str(seconds_of_timespan(duration)),))


def _enter(
    context: MergeContext,
    own: Mapping[Role, Mapping[OptionKey, OptionValue]],
    copies: Mapping[Role, Scope],
    merged: Mapping[OptionKey, OptionValue],
) -> None:
    first = next(iter(copies))
    for role, values in own.items():
        for key, value in values.items():
            target = merged.get(key)
            if target is None:
                disposition, reason = Disposition.DROPPED, "the partner sets nothing here, and that stands, as decided"
            elif target.values != value.values:
                disposition, reason = Disposition.REPLACED, f"{target.text} stands instead"
            elif role is first or key not in own[first]:
                disposition, reason = Disposition.KEPT, "stands on both partners after the migration"
            else:
                disposition, reason = Disposition.JOINED, "equal on both servers"
            scope_id = copies[role].scope_id
            context.book.enter(
                role,
                ObjectKind.OPTION_VALUE,
                option_key("scope", value),
                disposition,
                reason,
                scope_id=scope_id,
                origin=value.origin,
            )


def _server_fate(
    role: Role, value: OptionValue, target: OptionValue | None, scopes: int, *, first: Role
) -> tuple[Disposition, str]:
    if target and target.values == value.values:
        if role is first:
            return Disposition.KEPT, "stands at server level on both partners"
        return Disposition.JOINED, "equal at server level on both servers"
    if target:
        return Disposition.REPLACED, f"{target.text} stands instead, as decided"
    if scopes:
        return Disposition.KEPT, f"differs between the servers: moved down to the {scopes} scopes that relied on it"
    return Disposition.REPLACED, "differs between the servers, and no scope relies on this value any more"
