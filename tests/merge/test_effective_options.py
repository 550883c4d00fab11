"""Which value a client receives, against a naive evaluator; and what the merge may change of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from naive_options import RANKINGS, Client, Got, every_client, is_disguised, naive_answer
from writers.option_worlds import CLIENTS, PHONES, SUBNETS, option_pairs
from writers.pairs import AS_OF
from writers.sources import source_of

from migrate.merge.effective import ClientGroup, EffectiveOptions, Level, PolicyName, changes
from migrate.merge.result import MergeResult
from migrate.merge.settings import Answer, Settings
from migrate.merge.target import merge
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.decision import Decision
from migrate.model.option import OptionValue
from migrate.model.policy import Policy
from migrate.model.scope import Reservation, Scope
from migrate.model.server import ACTIVATE_POLICIES, Role, Server, ServerSetting, Source

laws = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LEVELS = {"scope": Level.SCOPE_POLICY, "server": Level.SERVER_POLICY}


def group_of(client: Client) -> ClientGroup:
    return ClientGroup(
        scope_id=client.scope_id,
        reserved_for=client.client_id,
        user_class=client.user_class,
        policies=frozenset(PolicyName(LEVELS[level], name) for level, name in client.matches),
    )


@laws
@given(option_pairs())
def test_every_client_gets_what_the_naive_evaluator_says(pair: tuple[Source, Source]) -> None:
    for source in pair:
        effective = EffectiveOptions(source.server)
        for client in every_client(source.server):
            got = {space: rung.values for space, rung in effective.received(group_of(client)).items()}
            assert got == naive_answer(source.server, client), client


@laws
@given(option_pairs())
def test_changes_are_all_the_changes_there_are(pair: tuple[Source, Source]) -> None:
    """Between any two servers: each change told is one, and whoever sees a change is in the group of one that was told."""
    before, after = (source.server for source in pair)
    for scope in before.scopes:
        twin = after.scope(scope.scope_id)
        if twin is None:
            continue
        everyone = ClientGroup(scope_id=scope.scope_id)
        ladders = EffectiveOptions(before).of_scope(scope), EffectiveOptions(after).of_scope(twin)
        told = [
            change
            for space in sorted({**ladders[0], **ladders[1]})
            for change in changes(space, everyone, ladders[0].get(space, ()), ladders[1].get(space, ()))
        ]
        clients = [c for c in every_client(before, after) if c.scope_id == scope.scope_id and c.client_id is None]
        moved = {client: differing(naive_answer(before, client), naive_answer(after, client)) for client in clients}
        groups = {group_of(client): client for client in clients}
        for change in told:
            assert change.space in moved[groups[change.group]]
            assert (change.before and change.before.values) != (change.after and change.after.values)
        for client, spaces in moved.items():
            assert spaces == {change.space for change in told if sees(client, change.group)} & spaces, client


def sees(client: Client, group: ClientGroup) -> bool:
    return group.policies <= group_of(client).policies and group.user_class in ("", client.user_class)


def differing(before: Got, after: Got) -> set[tuple[int, str]]:
    return {space for space in before | after if before.get(space) != after.get(space)}


@pytest.mark.parametrize("ranking", RANKINGS)
def test_the_merge_changes_nothing_without_a_decision(ranking: str) -> None:
    @laws
    @given(option_pairs())
    def law(pair: tuple[Source, Source]) -> None:
        result = merged(*pair)
        target = result.target.server
        for role, source in result.sources.items():
            migrated = replace(source.server, scopes=tuple(s for s in source.server.scopes if target.scope(s.scope_id)))
            for client in every_client(migrated):
                before, after = naive_answer(migrated, client, ranking), naive_answer(target, client, ranking)
                for space in differing(before, after):
                    assert is_explained(result, role, client, space, ranking), (client, space, before, after)

    law()


def is_explained(result: MergeResult, role: Role, client: Client, space: tuple[int, str], ranking: str) -> bool:
    """By a decision that names the scope and the option; the option alone where the server's own values have a say in it."""
    server, target = result.sources[role].server, result.target.server
    return any(
        (
            names_option(decision, client, space)
            and (decision.scope_id is not None or any(server_has_a_say(s, client, space, ranking) for s in (server, target)))
        )
        or names_policy(decision, client)
        or (client.client_id is not None and decision.rule.startswith("reservation"))
        for decision in result.decisions
        if decision.scope_id in (None, client.scope_id)
    ) or is_reserved_on_one(result, client)


def names_option(decision: Decision, client: Client, space: tuple[int, str]) -> bool:
    option_id, vendor_class = space
    named = (
        [f"option {option_id}", f"option {option_id} ("]
        if not vendor_class
        else [f"option {option_id} (vendor class {vendor_class}"]
    )
    said = decision.object.casefold()
    about_classes = "user class" not in said or (client.user_class and f"user class {client.user_class}" in said)
    about_vendor = ("vendor class" in said) == bool(vendor_class)
    duration = space == (51, "") and decision.rule == "lease-duration-differs"
    return bool(duration or (about_classes and about_vendor and any(said == name or said.startswith(name) for name in named)))


def server_has_a_say(server: Server, client: Client, space: tuple[int, str], ranking: str) -> bool:
    silent = replace(server, option_values=())
    disguised = replace(silent, policies=tuple(p for p in server.policies or () if not is_disguised(p)))
    here, quiet = (naive_answer(s, client, ranking).get(space) for s in (server, disguised))
    return here != quiet or quiet is None or (quiet == ("5",) and space == (81, ""))


def names_policy(decision: Decision, client: Client) -> bool:
    said = decision.object.casefold()
    level = "server" if decision.scope_id is None else "scope"
    if said in ("policy activation", "activatepolicies"):
        return bool(client.matches)
    return (
        any(said == f"policy {name}" for owner, name in client.matches if owner == level) or said == f"policy {client.user_class}"
    )


def is_reserved_on_one(result: MergeResult, client: Client) -> bool:
    copies = [copy for source in result.sources.values() for copy in source.server.scopes if copy.scope_id == client.scope_id]
    holding = [any(r.client_id == client.client_id for r in copy.reservations) for copy in copies]
    return any(holding) and not all(holding)


# --- the corners by name


def world(
    values: tuple[OptionValue, ...] = (),
    *scope_values: OptionValue,
    policies: tuple[Policy, ...] = (),
    scope_policies: tuple[Policy, ...] = (),
    on_server: str = "true",
    **scope: Any,
) -> Source:
    """One server with values of its own, and scope 10.0.0.0 with the others."""
    made = Scope(
        scope_id=SUBNETS[0],
        subnet_mask=IPv4Address("255.255.255.0"),
        range=AddressRange(SUBNETS[0] + 1, SUBNETS[0] + 20),
        option_values=scope_values,
        policies=scope_policies,
        **scope,
    )
    switch = ServerSetting(name=ACTIVATE_POLICIES, value=on_server)
    return source_of(Server(name="dhcp", settings=(switch,), option_values=values, policies=policies, scopes=(made,)))


def dns(value: str, user_class: str = "", vendor_class: str = "") -> OptionValue:
    return OptionValue(option_id=6, values=(value,), user_class=user_class, vendor_class=vendor_class)


def policy(name: str, *values: OptionValue, order: int = 1, **properties: Any) -> Policy:
    return Policy(name=name, processing_order=order, conditions=PHONES, option_values=values, **properties)


Told = tuple[str, Level] | None


def told(source: Source, *policies: PolicyName, user_class: str = "", reserved_for: ClientId | None = None) -> Told:
    group = ClientGroup(scope_id=SUBNETS[0], policies=frozenset(policies), user_class=user_class, reserved_for=reserved_for)
    rung = EffectiveOptions(source.server).received(group).get((6, ""))
    return (rung.values[0], rung.level) if rung else None


IN_SCOPE, ON_SERVER = PolicyName(Level.SCOPE_POLICY, "phones"), PolicyName(Level.SERVER_POLICY, "phones")
EVERYWHERE = world(
    (dns("server"), dns("server-staff", "Staff")),
    dns("scope"),
    dns("scope-staff", "STAFF"),
    policies=(policy("Phones", dns("server-policy")),),
    reservations=(Reservation(ip_address=SUBNETS[0] + 5, client_id=CLIENTS[0], option_values=(dns("reservation"),)),),
)


@pytest.mark.parametrize(
    ("source", "who", "expected"),
    [
        (EVERYWHERE, {}, ("scope", Level.SCOPE)),
        (EVERYWHERE, {"user_class": "staff"}, ("scope-staff", Level.SCOPE)),
        (EVERYWHERE, {"user_class": "guest"}, ("scope", Level.SCOPE)),
        (EVERYWHERE, {"reserved_for": CLIENTS[0]}, ("reservation", Level.RESERVATION)),
        (EVERYWHERE, {"reserved_for": CLIENTS[1]}, ("scope", Level.SCOPE)),
        (world((dns("server"), dns("server-staff", "Staff")), dns("scope")), {"user_class": "staff"}, ("scope", Level.SCOPE)),
        (world((dns("server"), dns("server-staff", "Staff"))), {"user_class": "staff"}, ("server-staff", Level.SERVER)),
        (world((dns("other", vendor_class="MSFT"),)), {}, None),
        (world((dns("server"),)), {}, ("server", Level.SERVER)),
    ],
    ids=[
        "scope before server",
        "user class before plain",
        "another class",
        "reservation first",
        "somebody else's reservation",
        "scope before the server's user class",
        "the server's user class",
        "vendor classes are spaces of their own",
        "server last",
    ],
)
def test_precedence(source: Source, who: dict[str, Any], expected: Told) -> None:
    assert told(source, **who) == expected


@pytest.mark.parametrize(
    ("switches", "matching", "expected"),
    [
        ({}, (IN_SCOPE, ON_SERVER), "scope-policy"),
        ({}, (ON_SERVER,), "server-policy"),
        ({}, (), "scope"),
        ({"activate_policies": False}, (IN_SCOPE, ON_SERVER), "server-policy"),
        ({"on_server": "false"}, (IN_SCOPE, ON_SERVER), "scope"),
        ({"enabled": False}, (IN_SCOPE, ON_SERVER), "server-policy"),
    ],
    ids=["scope policy", "server policy", "no policy", "off in the scope", "off on the server", "policy disabled"],
)
def test_policies_and_their_switches(switches: dict[str, Any], matching: tuple[PolicyName, ...], expected: str) -> None:
    source = world(
        (),
        dns("scope"),
        policies=(policy("Phones", dns("server-policy")),),
        scope_policies=(policy("Phones", dns("scope-policy"), enabled=switches.pop("enabled", True)),),
        on_server=switches.pop("on_server", "true"),
        **switches,
    )
    got = told(source, *matching)
    assert got and got[0] == expected


def test_the_order_of_policies_is_their_number() -> None:
    later, first = policy("Phones", dns("later"), order=7), policy("Tills", dns("first"), order=2)
    source = world(scope_policies=(later, first))
    tills = PolicyName(Level.SCOPE_POLICY, "tills")
    assert told(source, IN_SCOPE, tills) == ("first", Level.SCOPE_POLICY)
    assert told(source, IN_SCOPE) == ("later", Level.SCOPE_POLICY)


# --- what the merge does at the corners


def merged(primary: Source, secondary: Source, **more: Any) -> MergeResult:
    return merge(primary, secondary, Settings(as_of_s=AS_OF, primary_server="dhcp01", secondary_server="dhcp02", **more))


def contents(values: tuple[OptionValue, ...]) -> dict[str, str]:
    return {value.label: value.text for value in values}


def test_a_plain_value_that_differs_moves_down() -> None:
    result = merged(world((dns("1"),)), world((dns("2"),)))
    assert contents(result.target.server.scopes[0].option_values) == {"option 6": "1"}
    assert result.target.server.option_values == ()


def test_an_option_moves_down_with_all_its_values() -> None:
    """Left behind, the value for the class would come after the plain one."""
    result = merged(world((dns("1"), dns("3", "Staff"))), world((dns("2"), dns("3", "Staff"))))
    assert result.target.server.option_values == ()
    expected = {"option 6": "1", "option 6 (user class Staff)": "3"}
    assert contents(result.target.server.scopes[0].option_values) == expected
    assert [d.id for d in result.decisions if "option" in d.rule] == ["server-options-differ/server/option 6"]


def test_an_option_that_a_policy_sets_stays_at_server_level_with_its_values_for_classes() -> None:
    """In the scope, the value for the class may go before the policy."""
    phones = policy("Phones", dns("4"))
    servers = (world((dns(value), dns("3", "Staff")), policies=(phones,)) for value in "12")
    result = merged(*servers)
    assert contents(result.target.server.option_values) == {"option 6": "1", "option 6 (user class Staff)": "3"}
    assert result.target.server.scopes[0].option_values == ()
    assert [d.id for d in result.decisions if "option" in d.rule] == ["server-options-differ/server/option 6"]


def test_a_class_that_gets_the_same_from_another_level_needs_no_decision() -> None:
    result = merged(world((), dns("1"), dns("1", "Staff")), world((), dns("1")))
    assert [d.id for d in result.decisions if "option" in d.rule] == []
    assert contents(result.target.server.scopes[0].option_values) == {"option 6": "1", "option 6 (user class Staff)": "1"}


def test_a_class_keeps_what_both_gave_it_when_the_plain_value_is_decided_otherwise() -> None:
    result = merged(world((), dns("1"), dns("2", "Staff")), world((), dns("2")))
    assert [d.id for d in result.decisions if "option" in d.rule] == ["option-values-differ/10.0.0.0/option 6"]
    assert contents(result.target.server.scopes[0].option_values) == {"option 6": "1", "option 6 (user class Staff)": "2"}


def test_a_plain_value_that_comes_to_stand_over_the_server_s_class_is_asked_about() -> None:
    of_server = (dns("1"), dns("2", "Staff"))
    result = merged(world(of_server, dns("1")), world(of_server))
    [decision] = [d for d in result.decisions if "option" in d.rule]
    assert decision.id == "option-values-differ/10.0.0.0/option 6 (user class Staff)"
    assert dict(decision.alternatives) == {"primary": "1", "secondary": "2"}


def test_one_server_s_numbers_do_not_reorder_policies() -> None:
    """Only the options of Phones differ; taken from the server that counts from 5, it must not fall behind Tills."""
    ours = (policy("Phones", dns("1"), order=1), policy("Tills", dns("2"), order=2))
    theirs = (policy("Guests", dns("4"), order=1), policy("Phones", dns("3"), order=5), policy("Tills", dns("2"), order=6))
    answer = Answer(choice="secondary", alternatives={}, path="d.toml")
    answers = {f"scope-policies-differ/10.0.0.0/policy {name}": answer for name in ("Phones", "Guests")}
    result = merged(world(scope_policies=ours), world(scope_policies=theirs), answers=answers)
    assert [p.name for p in result.target.server.scopes[0].policies or ()] == ["Guests", "Phones", "Tills"]
