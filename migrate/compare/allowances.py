"""What Windows adds, drops or spells in its own way, and nobody has changed: taken out of both sides before they are compared.

Each allowance is a function of one configuration, or of one and what the other side has. None of them hides a value that a
client could receive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrate.model.built_in import is_built_in_class, is_standard_option
from migrate.model.option import LEASE_TIME, OptionDefinition, OptionKey, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ExclusionRange, Scope
from migrate.model.server import NAP_ENABLED, NPS_UNREACHABLE_ACTION, DhcpClass, Server
from migrate.model.timespan import timespan_of_seconds

FIRST_WITHOUT_NAP = (10, 0)
"""Version of Windows Server 2016."""


def comparable(expected: Server, found: Server) -> tuple[Server, Server]:
    """Both as they compare: what is left between them is a difference that somebody made."""
    expected, found = _in_one_spelling(expected), _in_one_spelling(found)
    if not (_knows_nap(expected) and _knows_nap(found)):
        expected, found = _without_nap(expected), _without_nap(found)
    expected, found = _without_lone_built_ins(expected, found)
    return _in_common_order(expected, found)


def _in_one_spelling(server: Server) -> Server:
    option_values, policies = _user_class_options(server.option_values, server.policies)
    return replace(
        server,
        classes=tuple(map(_as_every_windows_describes, server.classes)),
        option_definitions=tuple(map(_as_every_windows_defines, server.option_definitions)),
        option_values=option_values,
        policies=policies,
        scopes=tuple(map(_scope_in_one_spelling, server.scopes)),
    )


def _scope_in_one_spelling(scope: Scope) -> Scope:
    option_values, policies = _user_class_options(scope.option_values, scope.policies)
    places = {exclusion.range: exclusion.origin for exclusion in scope.exclusions}
    exclusions = tuple(
        ExclusionRange(range=excluded, origin=places.get(excluded, scope.origin)) for excluded in scope.excluded.ranges
    )
    scope = replace(scope, option_values=option_values, policies=policies, exclusions=exclusions, gaps=())
    return _without_repeated_lease_time(scope)


# -- classes and definitions ----------------------------------------------------------------------------------------------------


def _as_every_windows_describes(cls: DhcpClass) -> DhcpClass:
    """Descriptions of the built-in classes differ by Windows version (formats.md 1.3)."""
    return replace(cls, description="") if is_built_in_class(cls.name) else cls


def _as_every_windows_defines(definition: OptionDefinition) -> OptionDefinition:
    """Names of the standard options are localised, their descriptions and defaults differ by version (formats.md 1.4)."""
    if not _is_standard(definition):
        return definition
    return replace(definition, name="", description="", default_values=())


def _is_standard(definition: OptionDefinition) -> bool:
    return is_standard_option(definition.option_id, definition.vendor_class)


def _without_lone_built_ins(expected: Server, found: Server) -> tuple[Server, Server]:
    """A new server has every built-in class and definition, an export need not list them; the class of NAP went with NAP. But a
    standard definition that was expected and is gone was deleted, and an option that needs it cannot be replicated."""
    expected_classes = {cls.key for cls in expected.classes}
    found_classes = {cls.key for cls in found.classes}
    expected_definitions = {definition.key for definition in expected.option_definitions}
    return (
        replace(expected, classes=_without_lone(expected.classes, found_classes)),
        replace(
            found,
            classes=_without_lone(found.classes, expected_classes),
            option_definitions=tuple(
                definition
                for definition in found.option_definitions
                if definition.key in expected_definitions or not _is_standard(definition)
            ),
        ),
    )


def _without_lone(classes: Iterable[DhcpClass], others: set[tuple[str, str]]) -> tuple[DhcpClass, ...]:
    return tuple(cls for cls in classes if cls.key in others or not is_built_in_class(cls.name))


# -- option values and policies -------------------------------------------------------------------------------------------------


def _without_repeated_lease_time(scope: Scope) -> Scope:
    """Option 51 of a scope repeats its lease duration, or is all that a dump says of it (formats.md 1.5)."""
    lease_time = next((value for value in scope.option_values if value.key == OptionKey(LEASE_TIME)), None)
    if lease_time is None or len(lease_time.values) != 1 or not lease_time.values[0].isdecimal():
        return scope
    duration = timespan_of_seconds(int(lease_time.values[0]))
    if scope.lease_duration not in (None, duration):
        return scope
    others = tuple(value for value in scope.option_values if value is not lease_time)
    return replace(scope, lease_duration=duration, option_values=others)


def _user_class_options(
    values: tuple[OptionValue, ...], policies: tuple[Policy, ...] | None
) -> tuple[tuple[OptionValue, ...], tuple[Policy, ...] | None]:
    """Since 2012 a server shows the options of a user class as a policy of its name (formats.md 1.6); netsh shows the options."""
    if policies is None:
        return values, None
    by_key = {value.key: value for value in values}
    real = []
    for policy in policies:
        user_class = policy.user_class_of_pseudo_policy if policy.enabled else None
        if user_class is None:
            real.append(replace(policy, conditions=tuple(map(_without_case, policy.conditions))))
            continue
        for value in policy.option_values:
            shown = replace(value, user_class=user_class)
            by_key.setdefault(shown.key, shown)
    return tuple(by_key[key] for key in sorted(by_key)), tuple(real)


def _without_case(condition: PolicyCondition) -> PolicyCondition:
    """Class names, domain names and hexadecimal digits all compare without regard to case."""
    return replace(condition, values=tuple(value.casefold() for value in condition.values))


def _in_common_order(expected: Server, found: Server) -> tuple[Server, Server]:
    """Policies are numbered among those that both sides have, so that one more or one less does not renumber all others."""
    there = {scope.scope_id: scope for scope in found.scopes}
    pairs = {
        scope.scope_id: _ranked(scope.policies, there[scope.scope_id].policies)
        for scope in expected.scopes
        if scope.scope_id in there
    }
    server_level = _ranked(expected.policies, found.policies)
    sides = []
    for side, server in enumerate((expected, found)):
        scopes = tuple(
            replace(scope, policies=pairs[scope.scope_id][side]) if scope.scope_id in pairs else scope for scope in server.scopes
        )
        sides.append(replace(server, policies=server_level[side], scopes=scopes))
    return sides[0], sides[1]


_Policies = tuple[Policy, ...] | None


def _ranked(expected: _Policies, found: _Policies) -> tuple[_Policies, _Policies]:
    if expected is None or found is None:
        return expected, found
    common = {policy.name.casefold() for policy in expected} & {policy.name.casefold() for policy in found}
    return _renumbered(expected, common), _renumbered(found, common)


def _renumbered(policies: tuple[Policy, ...], common: set[str]) -> tuple[Policy, ...]:
    ordered = sorted(policies, key=lambda policy: policy.processing_order)
    names = [policy.name.casefold() for policy in ordered]
    ranks = {name: rank for rank, name in enumerate((name for name in names if name in common), 1)}
    numbered = (replace(policy, processing_order=ranks.get(policy.name.casefold(), 0)) for policy in ordered)
    return tuple(sorted(numbered, key=lambda policy: (policy.processing_order, policy.name.casefold())))


# -- network access protection --------------------------------------------------------------------------------------------------


def _knows_nap(server: Server) -> bool:
    return server.version is not None and server.version < FIRST_WITHOUT_NAP


def _without_nap(server: Server) -> Server:
    return replace(
        server,
        settings=tuple(setting for setting in server.settings if setting.name not in (NAP_ENABLED, NPS_UNREACHABLE_ACTION)),
        scopes=tuple(replace(scope, nap_enable=None, nap_profile=None) for scope in server.scopes),
    )
