"""Laws of the merge on random servers (design.md section 5). Conservation is checked inside `merge` on every one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers.pairs import AS_OF, pairs
from writers.servers import leases_of, servers
from writers.sources import source_of

from migrate.merge.result import LeaseSource, MergeResult
from migrate.merge.settings import Answer, Settings
from migrate.merge.target import merge
from migrate.model.addresses import AddressSet
from migrate.model.decision import Decision
from migrate.model.leases import LeaseState, LeaseTable
from migrate.model.ledger import Disposition
from migrate.model.scope import ExclusionRange, Scope
from migrate.model.server import ObjectKind, Role, Server, Source

laws = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def ask(primary: str = "dhcp01", secondary: str = "dhcp02", **more: object) -> Settings:
    return Settings(as_of_s=AS_OF, primary_server=primary, secondary_server=secondary, **more)  # type: ignore[arg-type]


def normal(server: Server) -> Server:
    """What the merge promises to keep of a server: maximal exclusions inside the range, policies numbered from 1, no delay,
    option 51 as the lease duration says, a range that holds every reservation."""
    return replace(server, scopes=tuple(normal_scope(scope) for scope in server.scopes))


def normal_scope(scope: Scope) -> Scope:
    held = scope.range_set | AddressSet.of_addresses(r.ip_address for r in scope.reservations)
    hull = AddressSet((held.hull,)) if held.hull else held
    return replace(
        scope,
        range=held.hull,
        exclusions=tuple(ExclusionRange(range=r) for r in (hull - scope.serves).ranges),
        delay_ms=None if scope.delay_ms is None else 0,
        superscope=scope.superscope or None,
        policies=renumbered(scope.policies),
    )


def renumbered(policies: tuple | None) -> tuple | None:
    return None if policies is None else tuple(replace(p, processing_order=n) for n, p in enumerate(policies, 1))


@laws
@given(st.data(), servers())
def test_merging_a_server_with_itself_gives_that_server(data: st.DataObject, server: Server) -> None:
    leases = data.draw(leases_of(server))
    alone = merge(source_of(server, leases), None, ask())
    twice = merge(source_of(server, leases), source_of(server, leases), ask())
    answered = {d.id: Answer(choice="primary", alternatives=d.alternatives, path="d.toml") for d in twice.open_decisions}
    twice = merge(source_of(server, leases), source_of(server, leases), ask(answers=answered))
    assert {decision.rule for decision in twice.decisions} <= {"overlapping-pools", "reservation-outside-range"}
    assert twice.target.server == alone.target.server
    assert rows(twice) == rows(alone)
    expected = normal(replace(server, policies=renumbered(server.policies)))
    got = alone.target.server
    for mine, wanted in zip(got.scopes, expected.scopes, strict=True):
        lease_time = {
            value.option_id: value.values for value in wanted.option_values if value.option_id == 51 and not value.user_class
        }
        assert mine == replace(wanted, option_values=mine.option_values)
        assert {v.key: v.values for v in mine.option_values if v.option_id != 51} == {
            v.key: v.values for v in wanted.option_values if v.option_id != 51
        }
        assert bool(lease_time) == any(v.option_id == 51 and not v.user_class and not v.vendor_class for v in mine.option_values)
    assert replace(got, scopes=(), settings=()) == replace(expected, scopes=(), settings=())
    assert sorted(got.settings, key=str) == sorted(expected.settings, key=str)


def rows(result: MergeResult) -> list[tuple]:
    table = result.leases.table
    return [(lease.ip_address, lease.scope_id, lease.client_id, lease.expiry_s) for lease in table.rows()]


@laws
@given(pairs())
def test_the_merged_pool_serves_exactly_the_union(pair: tuple[Source, Source]) -> None:
    result = merge(*pair, ask())
    for merged in result.scopes:
        if merged.target is None:
            assert merged.left_out
            continue
        assert merged.target.serves == merged.served, merged.scope_id
        assert list(merged.target.excluded.ranges) == [exclusion.range for exclusion in merged.target.exclusions]


@laws
@given(pairs())
def test_exclusion_proofs_take_every_range_apart(pair: tuple[Source, Source]) -> None:
    result = merge(*pair, ask())
    for proof in result.exclusion_proofs:
        parts = (proof.kept, proof.dissolved, proof.outside)
        assert sum(part.address_count for part in parts) == proof.range.address_count
        assert parts[0] | parts[1] | parts[2] == AddressSet((proof.range,))


@laws
@given(pairs())
def test_exchanging_the_sources_changes_only_roles_and_defaults(pair: tuple[Source, Source]) -> None:
    primary, secondary = pair
    exchange = {"primary": "secondary", "secondary": "primary"}
    answers = answers_to(merge(primary, secondary, ask()).open_decisions)
    answers = answers_to(merge(primary, secondary, ask(answers=answers)).decisions)
    exchanged = {id: replace(answer, choice=exchange.get(answer.choice, answer.choice)) for id, answer in answers.items()}
    one = merge(primary, secondary, ask(answers=answers))
    other = merge(secondary, primary, ask("dhcp02", "dhcp01", answers=exchanged))
    assert [d.id for d in one.decisions] == [d.id for d in other.decisions]
    for mine, theirs in zip(one.decisions, other.decisions, strict=True):
        assert {exchange.get(k, k): v for k, v in theirs.alternatives.items()} == dict(mine.alternatives)
    assert [scope_content(s) for s in one.target.server.scopes] == [scope_content(s) for s in other.target.server.scopes]
    assert rows(one) == rows(other)
    assert one.target.leased == other.target.leased
    for role, partner in ((Role.PRIMARY, Role.SECONDARY), (Role.SECONDARY, Role.PRIMARY)):
        assert objects(one, role) == objects(other, partner)


def answers_to(decisions: tuple[Decision, ...]) -> dict[str, Answer]:
    return {d.id: Answer(choice=d.choice or next(iter(d.alternatives)), alternatives={}, path="d.toml") for d in decisions}


def scope_content(scope: Scope) -> Scope:
    """Without what carries no meaning: the spelling of class names in equal values, the order of equally numbered policies."""
    values = tuple(
        replace(v, vendor_class=v.vendor_class.casefold(), user_class=v.user_class.casefold()) for v in scope.option_values
    )
    return replace(scope, option_values=values, policies=None)


def objects(result: MergeResult, role: Role) -> dict[ObjectKind, int]:
    return {kind: sum(counts.values()) for (owner, kind), counts in result.ledger.totals().items() if owner is role}


@laws
@given(pairs())
def test_leases_against_a_model_that_looks_at_one_by_one(pair: tuple[Source, Source]) -> None:
    result = merge(*pair, ask())
    leases = list(result.leases.table.rows())
    assert len({lease.ip_address for lease in leases}) == len(leases), "an address twice"
    assert len({(lease.scope_id, lease.client_id) for lease in leases}) == len(leases), "a client twice in a scope"
    assert [(lease.scope_id, lease.ip_address) for lease in leases] == sorted(
        (lease.scope_id, lease.ip_address) for lease in leases
    )
    reserved = {r.ip_address: r.client_id for scope in result.target.server.scopes for r in scope.reservations}
    scopes = {scope.scope_id: scope for scope in result.target.server.scopes}
    for lease, own in zip(leases, result.leases.reserved.tolist(), strict=True):
        assert lease.state not in (LeaseState.DECLINED, LeaseState.EXPIRED, LeaseState.INACTIVE_RESERVATION, LeaseState.INACTIVE)
        assert lease.expiry_s > AS_OF or lease.state is LeaseState.ACTIVE_RESERVATION
        assert lease.ip_address in scopes[lease.scope_id].network
        assert own == (lease.ip_address in reserved)
        assert reserved.get(lease.ip_address, lease.client_id) == lease.client_id
    assert {s: n for s, n in result.target.leased.items() if n} == Counter(lease.scope_id for lease in leases)
    nothing_lost(result, pair, leases, reserved, scopes)


def nothing_lost(
    result: MergeResult, pair: tuple[Source, Source], leases: list, reserved: dict, scopes: dict[IPv4Address, Scope]
) -> None:
    """Every lease in use is carried, or something better holds its address, or its client holds a better one."""
    by_address = {lease.ip_address: lease for lease in leases}
    by_client = {(lease.scope_id, lease.client_id): lease for lease in leases}
    for source in pair:
        for lease in source.leases.rows():
            in_use = lease.state is LeaseState.ACTIVE and lease.expiry_s > AS_OF
            if not in_use or lease.scope_id not in scopes or lease.ip_address not in scopes[lease.scope_id].network:
                continue
            holder = by_address.get(lease.ip_address)
            if holder is None or holder.client_id != lease.client_id:
                elsewhere = by_client.get((lease.scope_id, lease.client_id))
                assert (
                    reserved.get(lease.ip_address, lease.client_id) != lease.client_id
                    or elsewhere is not None
                    or (holder is not None and holder.expiry_s >= lease.expiry_s)
                    or result.decisions
                )


@laws
@given(pairs())
def test_each_lease_says_where_it_was_read(pair: tuple[Source, Source]) -> None:
    result = merge(*pair, ask())
    read = {
        role: {(lease.ip_address, lease.client_id) for lease in source.leases.rows()}
        for role, source in zip(Role, pair, strict=True)
    }
    for lease, number in zip(result.leases.table.rows(), result.leases.source.tolist(), strict=True):
        here = (lease.ip_address, lease.client_id)
        wanted = {LeaseSource.PRIMARY: [Role.PRIMARY], LeaseSource.SECONDARY: [Role.SECONDARY], LeaseSource.BOTH: list(Role)}
        assert all(here in read[role] for role in wanted[LeaseSource(number)])


@laws
@given(pairs())
def test_what_a_client_gets_from_its_scope_is_what_one_server_gave(pair: tuple[Source, Source]) -> None:
    """Scope over server, for every option key: unchanged where both servers agreed, one of the two values elsewhere."""
    result = merge(*pair, ask())
    target_server = {v.key: v.values for v in result.target.server.option_values}
    for merged in result.scopes:
        if merged.target is None:
            continue
        after = target_server | {v.key: v.values for v in merged.target.option_values}
        before = []
        for role, copy in merged.copies:
            server = result.sources[role].server
            before.append({v.key: v.values for v in server.option_values} | {v.key: v.values for v in copy.option_values})
        for key in {key for values in (after, *before) for key in values}:
            decided = any(d.scope_id is None and d.object == str(key) for d in result.decisions)
            if key.user_class or decided or (key.option_id in (51, 81) and not key.vendor_class):
                continue  # test_effective_options looks at those
            assert after.get(key) in [values.get(key) for values in before], (merged.scope_id, key)


@laws
@given(servers())
def test_every_object_of_a_skipped_scope_is_dropped_by_name(server: Server) -> None:
    skipped = frozenset(scope.scope_id for scope in server.scopes)
    result = merge(source_of(server), None, ask(skip_scopes=skipped))
    assert result.target.server.scopes == ()
    assert result.target.relationships == ()
    inside = [row for row in result.ledger.rows if row.scope_id is not None]
    assert {row.disposition for row in inside} <= {Disposition.DROPPED}
    assert len([row for row in inside if row.kind is ObjectKind.RESERVATION]) == sum(len(s.reservations) for s in server.scopes)


def test_relationship_takes_windows_defaults() -> None:
    server = Server(name="x", scopes=(Scope(scope_id=IPv4Address("10.0.0.0"), subnet_mask=IPv4Address("255.255.255.0")),))
    left_out = merge(source_of(server), None, ask())
    assert left_out.scopes[0].left_out, "no range and no reservation: nothing to fail over"
    assert left_out.target.relationships == ()
    from migrate.model.addresses import AddressRange

    scope = replace(server.scopes[0], range=AddressRange.parse("10.0.0.10", "10.0.0.20"))
    (relationship,) = merge(source_of(replace(server, scopes=(scope,))), None, ask()).target.relationships
    assert relationship.name == "dhcp01-dhcp02"
    assert relationship.load_balance_percent == 50
    assert relationship.max_client_lead_time == timedelta(hours=1)
    assert relationship.auto_state_transition is False
    assert relationship.scope_ids == (scope.scope_id,)


def test_empty_sources_give_an_empty_target() -> None:
    result = merge(source_of(Server(name="a")), source_of(Server(name="b")), ask("a", "b"))
    assert result.target.server == Server(name="a")
    assert len(result.leases.table) == 0
    assert LeaseTable.empty().rows() is not None
