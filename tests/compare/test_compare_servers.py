"""Every object and every field tells two configurations apart, and equal ones give no difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from comparison_samples import GUESTS, PHONES, RESERVATION, SCOPE, SERVER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.servers import servers

from migrate.compare.objects import inventory
from migrate.compare.servers import Difference, Outcome, compare, compare_inventories, compare_servers
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.option import OptionDefinition, OptionType, OptionValue
from migrate.model.policy import Policy, PolicyCondition
from migrate.model.scope import ClientKind, ExclusionRange, Reservation, Scope, ScopeState
from migrate.model.server import ClassKind, DhcpClass, Filters, MacFilter, ObjectKind, Server, ServerSetting

Edit = Callable[[Server], Server]


def with_scope(**changes: Any) -> Edit:
    return lambda server: replace(server, scopes=(replace(SCOPE, **changes),))


def with_reservation(**changes: Any) -> Edit:
    return with_scope(reservations=(replace(RESERVATION, **changes),))


def with_class(**changes: Any) -> Edit:
    return lambda server: replace(server, classes=(replace(server.classes[0], **changes), *server.classes[1:]))


def with_definition(**changes: Any) -> Edit:
    known, own = SERVER.option_definitions
    return lambda server: replace(server, option_definitions=(known, replace(own, **changes)))


def with_option(**changes: Any) -> Edit:
    return lambda server: replace(server, option_values=(replace(server.option_values[0], **changes),))


def with_policy(**changes: Any) -> Edit:
    return lambda server: replace(server, policies=(replace(PHONES, **changes), GUESTS))


def with_condition(**changes: Any) -> Edit:
    return with_policy(conditions=(replace(PHONES.conditions[0], **changes),))


def with_filters(**changes: Any) -> Edit:
    return lambda server: replace(server, filters=replace(server.filters, **changes))


def with_filter(**changes: Any) -> Edit:
    return with_filters(entries=(replace(SERVER.filters.entries[0], **changes),))


def with_setting(**changes: Any) -> Edit:
    return lambda server: replace(server, settings=(replace(server.settings[0], **changes), *server.settings[1:]))


GONE_AND_NEW = (Outcome.EXTRA, Outcome.MISSING)
K = ObjectKind

EDITS: dict[tuple[type, str], tuple[Edit, ObjectKind, str | tuple[Outcome, ...]]] = {
    (ServerSetting, "value"): (with_setting(value="false"), K.SERVER_SETTING, "value"),
    (DhcpClass, "name"): (with_class(name="other"), K.CLASS, GONE_AND_NEW),
    (DhcpClass, "kind"): (with_class(kind=ClassKind.VENDOR), K.CLASS, GONE_AND_NEW),
    (DhcpClass, "data"): (with_class(data=b"ipxe"), K.CLASS, "data"),
    (DhcpClass, "description"): (with_class(description=""), K.CLASS, "description"),
    (DhcpClass, "vendor_id"): (with_class(vendor_id=311), K.CLASS, "enterprise number"),
    (OptionDefinition, "option_id"): (with_definition(option_id=151), K.OPTION_DEFINITION, GONE_AND_NEW),
    (OptionDefinition, "name"): (with_definition(name="TFTP "), K.OPTION_DEFINITION, "name"),
    (OptionDefinition, "type"): (with_definition(type=OptionType.STRING), K.OPTION_DEFINITION, "type"),
    (OptionDefinition, "multi_valued"): (with_definition(multi_valued=True), K.OPTION_DEFINITION, "array"),
    (OptionDefinition, "vendor_class"): (with_definition(vendor_class="iPXE"), K.OPTION_DEFINITION, GONE_AND_NEW),
    (OptionDefinition, "default_values"): (with_definition(default_values=()), K.OPTION_DEFINITION, "default value"),
    (OptionDefinition, "description"): (with_definition(description="x"), K.OPTION_DEFINITION, "description"),
    (OptionValue, "option_id"): (with_option(option_id=5), K.OPTION_VALUE, GONE_AND_NEW),
    (OptionValue, "values"): (with_option(values=("10.0.0.2", "10.0.0.1")), K.OPTION_VALUE, "values"),
    (OptionValue, "vendor_class"): (with_option(vendor_class="V"), K.OPTION_VALUE, GONE_AND_NEW),
    (OptionValue, "user_class"): (with_option(user_class="U"), K.OPTION_VALUE, GONE_AND_NEW),
    (Policy, "enabled"): (with_policy(enabled=False), K.POLICY, "enabled"),
    (Policy, "condition"): (with_policy(condition="AND"), K.POLICY, "conditions joined by"),
    (Policy, "description"): (with_policy(description=""), K.POLICY, "description"),
    (Policy, "conditions"): (with_policy(conditions=()), K.POLICY, "conditions"),
    (Policy, "ip_ranges"): (with_policy(ip_ranges=()), K.POLICY, "address ranges"),
    (Policy, "option_values"): (with_policy(option_values=()), K.OPTION_VALUE, (Outcome.MISSING,)),
    (Policy, "dns_suffix"): (with_policy(dns_suffix=None), K.POLICY, "DNS suffix"),
    (PolicyCondition, "field"): (with_condition(field="ClientId"), K.POLICY, "conditions"),
    (PolicyCondition, "operator"): (with_condition(operator="NE"), K.POLICY, "conditions"),
    (PolicyCondition, "values"): (with_condition(values=("80-5e-c1*",)), K.POLICY, "conditions"),
    (Filters, "allow_enabled"): (with_filters(allow_enabled=True), K.FILTER, "enabled"),
    (Filters, "deny_enabled"): (with_filters(deny_enabled=True), K.FILTER, "enabled"),
    (Filters, "entries"): (with_filters(entries=()), K.FILTER, (Outcome.MISSING,)),
    (MacFilter, "list"): (with_filter(list="Allow"), K.FILTER, GONE_AND_NEW),
    (MacFilter, "mac_address"): (with_filter(mac_address="00-11-22-33-44-56"), K.FILTER, GONE_AND_NEW),
    (MacFilter, "description"): (with_filter(description="found"), K.FILTER, "description"),
    (Scope, "subnet_mask"): (with_scope(subnet_mask=IPv4Address("255.255.254.0")), K.SCOPE, "subnet mask"),
    (Scope, "name"): (with_scope(name="office"), K.SCOPE, "name"),
    (Scope, "description"): (with_scope(description=""), K.SCOPE, "description"),
    (Scope, "state"): (with_scope(state=ScopeState.INACTIVE), K.SCOPE, "state"),
    (Scope, "type"): (with_scope(type=ClientKind.BOTH), K.SCOPE, "type"),
    (Scope, "lease_duration"): (with_scope(lease_duration=timedelta(hours=1)), K.SCOPE, "lease duration"),
    (Scope, "delay_ms"): (with_scope(delay_ms=1000), K.SCOPE, "offer delay in ms"),
    (Scope, "max_bootp_clients"): (with_scope(max_bootp_clients=11), K.SCOPE, "max BOOTP clients"),
    (Scope, "nap_enable"): (with_scope(nap_enable=True), K.SCOPE, "NAP enabled"),
    (Scope, "nap_profile"): (with_scope(nap_profile=None), K.SCOPE, ()),
    (Scope, "activate_policies"): (with_scope(activate_policies=False), K.SCOPE, "policies in force"),
    (Scope, "superscope"): (with_scope(superscope="Kampus"), K.SUPERSCOPE, "superscope"),
    (Scope, "range"): (with_scope(range=AddressRange.parse("10.20.0.10", "10.20.0.201")), K.SCOPE, "range"),
    (Scope, "gaps"): (with_scope(gaps=(AddressRange.parse("10.20.0.70", "10.20.0.79"),)), K.EXCLUSION_RANGE, (Outcome.EXTRA,)),
    (Scope, "exclusions"): (with_scope(exclusions=SCOPE.exclusions[:1]), K.EXCLUSION_RANGE, (Outcome.MISSING,)),
    (Scope, "option_values"): (with_scope(option_values=()), K.OPTION_VALUE, (Outcome.MISSING,)),
    (ExclusionRange, "range"): (
        with_scope(exclusions=(ExclusionRange(range=AddressRange.parse("10.20.0.21", "10.20.0.31")), SCOPE.exclusions[1])),
        K.EXCLUSION_RANGE,
        "range",
    ),
    (Reservation, "ip_address"): (
        with_reservation(ip_address=IPv4Address("10.20.0.8"), option_values=()),
        K.RESERVATION,
        GONE_AND_NEW,
    ),
    (Reservation, "client_id"): (with_reservation(client_id=ClientId(b"\1\2\3\4\5\6")), K.RESERVATION, "client"),
    (Reservation, "name"): (with_reservation(name=""), K.RESERVATION, "name"),
    (Reservation, "description"): (with_reservation(description=""), K.RESERVATION, "description"),
    (Reservation, "type"): (with_reservation(type=ClientKind.BOTH), K.RESERVATION, "type"),
    (Reservation, "option_values"): (with_reservation(option_values=()), K.OPTION_VALUE, (Outcome.MISSING,)),
}

ELSEWHERE = {
    (Server, "name"): "what the server is called is no part of its configuration",
    (Server, "version"): "the partners may run different releases",
    (ServerSetting, "name"): "its key: a setting that a source does not have is not said",
    (ServerSetting, "carried"): "says what an import can do",
    (Policy, "name"): "test_a_policy_by_another_name_is_another",
    (Policy, "processing_order"): "test_policies_in_another_order",
    (Scope, "scope_id"): "test_a_scope_that_is_missing_takes_its_contents_with_it",
    (Scope, "reservations"): "test_a_reservation_that_is_missing",
    (Scope, "policies"): "test_a_source_that_cannot_say_contradicts_nothing",
    **dict.fromkeys(((Server, each.name) for each in fields(Server)), "the records in it"),
}


def records() -> list[type]:
    return [
        Server, ServerSetting, DhcpClass, OptionDefinition, OptionValue, Policy, PolicyCondition, Filters, MacFilter, Scope,
        ExclusionRange, Reservation,
    ]  # fmt: skip


def test_every_field_of_every_record_is_thought_of() -> None:
    known = {(record, each.name) for record in records() for each in fields(record) if each.name != "origin"}
    assert known == set(EDITS) | set(ELSEWHERE)


@pytest.mark.parametrize(("record", "field"), EDITS, ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_a_changed_field_is_the_only_difference(record: type, field: str) -> None:
    edit, kind, expected = EDITS[record, field]
    changed = edit(SERVER)
    assert changed != SERVER
    for before, after in ((SERVER, changed), (changed, SERVER)):
        differences = compare_servers(before, after)
        if expected == ():  # a text that is gone is not one that the source does not say
            assert [each.setting for each in differences] == ["NAP profile"]
        elif isinstance(expected, str):
            assert [(each.kind, each.setting) for each in differences] == [(kind, expected)]
            assert differences[0].expected != differences[0].found
        else:
            outcomes = expected if before is SERVER else tuple(_turned(outcome) for outcome in expected)
            assert {each.kind for each in differences if each.kind is kind} == {kind}
            assert sorted(each.outcome for each in differences if each.kind is kind and not each.setting) == sorted(outcomes)


def _turned(outcome: Outcome) -> Outcome:
    return {Outcome.MISSING: Outcome.EXTRA, Outcome.EXTRA: Outcome.MISSING}[outcome]


def test_a_reservation_that_is_missing() -> None:
    without = with_scope(reservations=())(SERVER)
    assert [(each.kind, each.key, each.outcome) for each in compare_servers(SERVER, without)] == [
        (K.OPTION_VALUE, "option 12 of reservation 10.20.0.9", Outcome.MISSING),
        (K.RESERVATION, "10.20.0.9", Outcome.MISSING),
    ]


def test_a_scope_that_is_missing_takes_its_contents_with_it() -> None:
    without = replace(SERVER, scopes=())
    differences = compare_servers(SERVER, without)
    assert Counter(each.kind for each in differences) == {
        K.SCOPE: 1, K.SUPERSCOPE: 1, K.EXCLUSION_RANGE: 2, K.RESERVATION: 1, K.OPTION_VALUE: 3, K.POLICY: 2,
    }  # fmt: skip
    assert {each.outcome for each in differences} == {Outcome.MISSING}
    assert {each.scope_id for each in differences} == {SCOPE.scope_id}


def test_a_policy_by_another_name_is_another() -> None:
    other = replace(SERVER, policies=(replace(PHONES, name="Telephones"), GUESTS))
    policies = [each for each in compare_servers(SERVER, other) if each.kind is K.POLICY]
    assert [(each.key, each.outcome) for each in policies] == [("Phones", Outcome.MISSING), ("Telephones", Outcome.EXTRA)]


def test_policies_in_another_order() -> None:
    turned = replace(SERVER, policies=(replace(GUESTS, processing_order=1), replace(PHONES, processing_order=2)))
    differences = compare_servers(SERVER, turned)
    assert [(each.key, each.setting) for each in differences] == [("Guests", "processing order"), ("Phones", "processing order")]


def test_one_policy_less_does_not_renumber_the_others() -> None:
    without = replace(SERVER, policies=(replace(GUESTS, processing_order=1),))
    policies = [each for each in compare_servers(SERVER, without) if each.kind is K.POLICY]
    assert [(each.key, each.outcome) for each in policies] == [("Phones", Outcome.MISSING)]


@pytest.mark.parametrize(
    ("silent", "kinds"),
    [
        (replace(SERVER, policies=None), {K.POLICY, K.OPTION_VALUE}),
        (with_scope(policies=None)(SERVER), {K.POLICY, K.OPTION_VALUE}),
        (replace(SERVER, filters=None), {K.FILTER}),
        (replace(SERVER, settings=SERVER.settings[1:]), {K.SERVER_SETTING}),
        (with_scope(delay_ms=None, max_bootp_clients=None)(SERVER), {K.SCOPE}),
    ],
    ids=["policies", "scope-policies", "filters", "setting", "scope-properties"],
)
def test_a_source_that_cannot_say_contradicts_nothing(silent: Server, kinds: set[ObjectKind]) -> None:
    assert compare_servers(silent, SERVER) == ()
    comparison = compare(SERVER, silent)
    assert comparison.differences == ()
    assert {each.kind for each in comparison.unsaid} == kinds


def test_one_value_with_a_comma_is_not_two_values() -> None:
    one = replace(SERVER, option_values=(OptionValue(option_id=6, values=("a, b",)),))
    two = replace(SERVER, option_values=(OptionValue(option_id=6, values=("a", "b")),))
    (difference,) = compare_servers(one, two)
    assert difference.expected != difference.found


# -- laws over random servers ----------------------------------------------------------------------------------------------------

LAW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def near_pairs(draw: st.DrawFn) -> tuple[Server, Server]:
    """Two servers that have much in common: every field is that of the first or that of a second draw."""
    first, other = draw(servers()), draw(servers())
    chosen = {
        each.name: getattr(draw(st.sampled_from([first, first, other])), each.name)
        for each in fields(Server)
        if each.name != "scopes"
    }
    there = {scope.scope_id: scope for scope in other.scopes}
    scopes = []
    for scope in first.scopes:
        donor = there.get(scope.scope_id)
        if donor is None:
            scopes += [scope] * draw(st.integers(0, 1))
            continue
        names = [each.name for each in fields(Scope) if draw(st.sampled_from([False, False, True]))]
        scopes.append(replace(scope, **{name: getattr(donor, name) for name in names}))
    scopes += [scope for scope in other.scopes if first.scope(scope.scope_id) is None and draw(st.booleans())]
    return first, Server(**chosen, scopes=tuple(sorted(scopes, key=lambda scope: scope.scope_id)))


@LAW
@given(servers())
def test_a_server_equals_itself(server: Server) -> None:
    comparison = compare(server, replace(server, name="other"))
    assert comparison.differences == ()
    assert comparison.unsaid == ()
    assert set(comparison.outcomes.values()) <= {Outcome.SAME}


@LAW
@given(near_pairs())
def test_to_the_letter_only_the_same_configuration_gives_no_difference(pair: tuple[Server, Server]) -> None:
    first, second = map(without_what_does_not_count, pair)
    differences = compare_inventories(*map(inventory, pair)).differences
    assert (differences == ()) == (first == second)


def without_what_does_not_count(server: Server) -> Server:
    scopes = tuple(
        replace(scope, nap_profile=scope.nap_profile or None, policies=_case_folded(scope.policies)) for scope in server.scopes
    )
    return replace(server, name="", version=None, scopes=scopes, policies=_case_folded(server.policies), classes=tuple(
        replace(cls, name=cls.name.casefold()) for cls in server.classes
    ))  # fmt: skip


def _case_folded(policies: tuple[Policy, ...] | None) -> tuple[Policy, ...] | None:
    if policies is None:
        return None
    return tuple(replace(policy, name=policy.name.casefold()) for policy in policies)


@LAW
@given(near_pairs())
def test_the_differences_lead_from_one_server_to_the_other(pair: tuple[Server, Server]) -> None:
    first, second = pair
    comparison = compare_inventories(inventory(first), inventory(second))
    state = _flat(first)
    for difference in comparison.differences:
        _apply(difference, state)
    target = _flat(second)
    assert state.keys() == target.keys()
    for place, settings_there in target.items():
        known = state[place]
        assert known is EXTRA or known == settings_there


Place = tuple[ObjectKind, IPv4Address | None, str]
EXTRA: dict[str, str] = {"": "all of it is new"}


def _flat(server: Server) -> dict[Place, dict[str, str]]:
    """By kind, scope and name; names without regard to case."""
    from migrate.compare.objects import KINDS, scope_of, spelled

    return {
        (KINDS[key.kind], scope_of(key), thing.label.casefold()): {
            setting: spelled(value) for setting, value in thing.settings.items() if value is not None
        }
        for key, thing in inventory(server).objects.items()
    }


def _apply(difference: Difference, state: dict[Place, dict[str, str]]) -> None:
    place = difference.kind, difference.scope_id, difference.key.casefold()
    if difference.outcome is Outcome.MISSING:
        del state[place]
    elif difference.outcome is Outcome.EXTRA:
        assert place not in state
        state[place] = EXTRA
    else:
        assert state[place][difference.setting] == difference.expected
        assert difference.found is not None
        state[place][difference.setting] = difference.found
        if difference.kind is ObjectKind.EXCLUSION_RANGE:  # named by its range
            state[difference.kind, difference.scope_id, difference.found] = state.pop(place)


@LAW
@given(near_pairs())
def test_turned_round_the_same_things_differ(pair: tuple[Server, Server]) -> None:
    first, second = map(inventory, pair)
    there = Counter((d.kind, d.scope_id, d.setting, d.expected, d.found) for d in compare_inventories(first, second).differences)
    back = Counter((d.kind, d.scope_id, d.setting, d.found, d.expected) for d in compare_inventories(second, first).differences)
    assert there == back


@LAW
@given(near_pairs())
def test_every_object_is_accounted_for(pair: tuple[Server, Server]) -> None:
    first, second = map(inventory, pair)
    comparison = compare_inventories(first, second)
    tally = comparison.tally()
    for kind in ObjectKind:
        counts = tally.get(kind, Counter())
        in_first = sum(list(ObjectKind)[key.kind] is kind for key in first.objects)
        in_second = sum(list(ObjectKind)[key.kind] is kind for key in second.objects)
        assert counts[Outcome.SAME] + counts[Outcome.DIFFERS] + counts[Outcome.MISSING] == in_first
        assert counts[Outcome.SAME] + counts[Outcome.DIFFERS] + counts[Outcome.EXTRA] == in_second
