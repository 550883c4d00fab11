"""Rule `effective-options-change`: it tells every change that nobody has been told of, and no other."""

from __future__ import annotations

import time
from dataclasses import replace
from ipaddress import IPv4Address

from checks_estate import condition, found, option, other_scope, partner, policy, reservation, scope, source, span, subject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_options import every_client, naive_answer
from writers.option_worlds import option_pairs, policies, scope_at, values
from writers.pairs import AS_OF

from migrate.checks import Subject
from migrate.checks.effective_options_change import check
from migrate.merge.result import MergeResult
from migrate.merge.settings import Settings
from migrate.merge.target import merge
from migrate.model.scope import ExclusionRange, Scope
from migrate.model.server import ACTIVATE_POLICIES, Server, ServerSetting, Source, SourceFormat

RULE = "effective-options-change"
OFF = (ServerSetting(name=ACTIVATE_POLICIES, value="false"),)


def merged(pair: tuple[Source, Source]) -> MergeResult:
    return merge(*pair, Settings(as_of_s=AS_OF, primary_server="dhcp01", secondary_server="dhcp02"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), option_pairs())
def test_against_the_naive_evaluator_when_the_target_is_another(data: st.DataObject, pair: tuple[Source, Source]) -> None:
    """The target is one that no merge makes, and only reservations have been decided: whatever else differs must be told."""
    result = merged(pair)
    target = tampered(data, result.target.server)
    scopes = tuple(replace(s, target=target.scope(s.scope_id)) for s in result.scopes)
    decisions = tuple(decision for decision in result.decisions if decision.rule.startswith("reservation-"))
    made = Subject(merged=replace(result, decisions=decisions, scopes=scopes, target=replace(result.target, server=target)))
    told = {(finding.scope_id, option_of(finding.object)) for finding in check(made)}
    assert told == naive_changes(made, target)


def tampered(data: st.DataObject, server: Server) -> Server:
    drawn = [data.draw(scope_at(s.scope_id)) for s in server.scopes]
    return replace(
        server,
        option_values=data.draw(values()),
        policies=data.draw(policies()),
        scopes=tuple(
            replace(s, option_values=d.option_values, policies=d.policies, activate_policies=d.activate_policies)
            for s, d in zip(server.scopes, drawn, strict=True)
        ),
    )


def option_of(obj: str) -> tuple[int, str]:
    """`option 6 (vendor class msft), clients ...`"""
    number, _, rest = obj.removeprefix("option ").partition(",")[0].partition(" (vendor class ")
    return int(number), rest.rstrip(")")


def naive_changes(made: Subject, target: Server) -> set[tuple[IPv4Address, tuple[int, str]]]:
    found_changes = set()
    for _, one in made.sources:
        shared = replace(one.server, scopes=tuple(s for s in one.server.scopes if target.scope(s.scope_id)))
        for client in every_client(shared, replace(target, scopes=tuple(target.scope(s.scope_id) for s in shared.scopes))):
            if client.client_id and is_told_of(made, client.scope_id, client.client_id):
                continue
            before, after = naive_answer(shared, client), naive_answer(target, client)
            found_changes |= {(client.scope_id, space) for space in before | after if before.get(space) != after.get(space)}
    return found_changes


def is_told_of(made: Subject, scope_id: IPv4Address, client_id: object) -> bool:
    """The reservation is on one server only, or decided; a scope of this world has one at most on each."""
    copies = [copy for merge in made.scopes if merge.scope_id == scope_id for _, copy in merge.copies]
    holding = [any(r.client_id == client_id for r in copy.reservations) for copy in copies]
    alone = len(copies) == 2 and any(holding) and not all(holding)
    return alone or any(decision.scope_id == scope_id for decision in made.merged.decisions)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(option_pairs())
def test_after_a_merge_only_the_policy_switches_are_left_to_tell(pair: tuple[Source, Source]) -> None:
    """Every other change comes with a decision that names it."""
    result = merged(pair)
    switches = [d for d in result.decisions if d.object in (ACTIVATE_POLICIES, "policy activation")]
    told = list(check(Subject(merged=result)))
    assert not told or switches, told


# --- by name


SPLIT = {"excluded": ["100-200"]}, {"excluded": ["10-99"]}
PHONES = policy(option_values=(option(66, "tftp1"),))


def told(primary: Source, secondary: Source) -> list[str]:
    return [finding.message for finding in found(subject(primary, secondary), RULE)]


def test_a_decided_value_is_not_told_again() -> None:
    assert told(source(scope(options=[option(66, "a")], **SPLIT[0])), partner(scope(options=[option(66, "b")], **SPLIT[1]))) == []
    assert told(source(scope(**SPLIT[0]), option_values=(option(66, "a"),)), partner(scope(**SPLIT[1]))) == []


def test_a_reservation_on_one_server_is_not_told_again() -> None:
    held = reservation("50", option_values=(option(66, "a"),))
    assert told(source(scope(reserved=[held], **SPLIT[0])), partner(scope(**SPLIT[1]))) == []


def test_a_switch_of_a_scope_is_told_with_what_it_does() -> None:
    ours, theirs = (scope(policies=(PHONES,), activate_policies=on, **s) for on, s in zip((True, False), SPLIT, strict=True))
    assert told(source(ours), partner(theirs)) == [
        "Scope 10.20.0.0: clients that match scope policy Phones get option 66 = tftp1 (scope policy Phones) from dhcp01 and no "
        "option 66 from dhcp02 today; after the migration both partners give tftp1 (scope policy Phones)."
    ]


def test_policies_that_set_what_the_scope_sets_change_nothing() -> None:
    same = {"options": [option(66, "tftp1")], "policies": (PHONES,)}
    assert told(source(scope(**same, **SPLIT[0])), partner(scope(**same, **SPLIT[1]), settings=OFF)) == []


def test_a_dump_cannot_contradict_policies() -> None:
    dump = partner(scope(policies=None, **SPLIT[1]), policies=None, format=SourceFormat.NETSH_DUMP)
    assert told(source(scope(policies=(PHONES,), **SPLIT[0])), dump) == []


def test_a_class_that_one_source_shows_as_a_policy_is_the_same_class() -> None:
    shown = policy("Kiosk", 1, condition("UserClass", "Kiosk"), option_values=(option(66, "a"),))
    dump = scope(policies=None, options=[option(66, "a", user="Kiosk")], **SPLIT[1])
    assert told(source(scope(policies=(shown,), **SPLIT[0])), partner(dump, policies=None)) == []


SCOPES = 250


def estate(excluded: str) -> list[Scope]:
    """Scopes with eight reservations each, all with options."""
    made = []
    for number in range(SCOPES):
        network = f"10.20.{number}"
        first, last = excluded.split("-")
        made.append(
            other_scope(
                number,
                exclusions=(ExclusionRange(range=span(f"{network}.{first}-{network}.{last}")),),
                policies=(PHONES,),
                reservations=tuple(
                    reservation(f"{network}.{place}", place, option_values=(option(12, f"p{place}"),)) for place in range(11, 19)
                ),
            )
        )
    return made


def test_many_scopes_take_no_time() -> None:
    """A lax bound, ten times what it takes: what is quadratic in the scopes goes over it."""
    servers = [
        source(*estate(excluded), option_values=(option(42, value),))
        for excluded, value in (("100-200", "10.0.0.1"), ("10-99", "10.0.0.2"))
    ]
    made = subject(*servers)
    began = time.process_time()
    assert list(check(made)) == []
    assert time.process_time() - began < SCOPES / 50
