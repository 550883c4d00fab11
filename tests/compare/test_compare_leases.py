"""Leases that moved on told from leases lost: the columns against a naive reading, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.compare.leases import FreshLeases, LeaseComparison, LeaseOutcome, compare_leases
from migrate.model.addresses import AddressRange
from migrate.model.client_id import ClientId
from migrate.model.leases import NEVER, Lease, LeaseState, LeaseTable, PackedColumn, WordColumn
from migrate.model.scope import Reservation, Scope
from migrate.model.server import Role, Server

AS_OF = 1_000_000
SCOPE_ID = IPv4Address("10.0.0.0")
ANNA, BERT, CARL = (ClientId(bytes([0, 0, 0, 0, 0, number])) for number in (1, 2, 3))
LONG = ClientId(b"a client id of many octets")
SAME_BEGINNING = ClientId(b"a client id of many octetz")
O = LeaseOutcome  # noqa: E741


def lease(number: int, client: ClientId = ANNA, expiry_s: int = AS_OF + 10, state: LeaseState = LeaseState.ACTIVE) -> Lease:
    return Lease(ip_address=SCOPE_ID + number, scope_id=SCOPE_ID, client_id=client, expiry_s=expiry_s, state=state)


def server(*reserved: tuple[int, ClientId]) -> Server:
    reservations = tuple(Reservation(ip_address=SCOPE_ID + number, client_id=client) for number, client in reserved)
    pool = AddressRange.parse("10.0.0.1", "10.0.0.254")
    scope = Scope(scope_id=SCOPE_ID, subnet_mask=IPv4Address("255.255.255.0"), range=pool, reservations=reservations)
    return Server(name="dhcp", scopes=(scope,))


def fresh(*leases: Lease, reserved: tuple[tuple[int, ClientId], ...] = ()) -> FreshLeases:
    return FreshLeases(table=LeaseTable.of_rows(leases), server=server(*reserved))


def compared(planned: Lease, primary: FreshLeases, secondary: FreshLeases) -> LeaseComparison:
    return compare_leases(LeaseTable.of_rows([planned]), {Role.PRIMARY: primary, Role.SECONDARY: secondary}, AS_OF)


NOTHING = fresh()
RESERVED = lease(1, ANNA, NEVER, LeaseState.ACTIVE_RESERVATION)

CASES: dict[str, tuple[Lease, FreshLeases, FreshLeases, LeaseOutcome]] = {
    "as-it-was": (lease(1), fresh(lease(1)), fresh(lease(1)), O.UNCHANGED),
    "renewed": (lease(1), fresh(lease(1, expiry_s=AS_OF + 90)), fresh(lease(1, expiry_s=AS_OF + 90)), O.MOVED_ON),
    "cut-to-the-mclt": (lease(1), fresh(lease(1, expiry_s=AS_OF + 1)), fresh(lease(1, expiry_s=AS_OF + 1)), O.MOVED_ON),
    "renewed-after-its-planned-end": (lease(1, expiry_s=AS_OF - 5), fresh(lease(1)), fresh(lease(1)), O.MOVED_ON),
    "ended-and-cleared": (lease(1, expiry_s=AS_OF - 5), NOTHING, NOTHING, O.ENDED),
    "ends-this-second": (lease(1, expiry_s=AS_OF), NOTHING, NOTHING, O.ENDED),
    "ended-and-given-to-another": (lease(1, expiry_s=AS_OF), fresh(lease(1, BERT)), fresh(lease(1, BERT)), O.ENDED),
    "an-offer-that-lapsed": (lease(1, state=LeaseState.OFFERED), NOTHING, NOTHING, O.ENDED),
    "released": (
        lease(1), fresh(lease(1, state=LeaseState.EXPIRED)), fresh(lease(1, state=LeaseState.EXPIRED)), O.RELEASED,
    ),
    "released-and-cleared-on-one": (lease(1), fresh(lease(1, state=LeaseState.INACTIVE)), NOTHING, O.RELEASED),
    "absent-on-both": (lease(1), NOTHING, NOTHING, O.LOST),
    "one-second-too-early": (lease(1, expiry_s=AS_OF + 1), NOTHING, NOTHING, O.LOST),
    "without-end-and-absent": (lease(1, expiry_s=NEVER), NOTHING, NOTHING, O.LOST),
    "held-by-another-on-both": (lease(1), fresh(lease(1, BERT)), fresh(lease(1, BERT)), O.LOST),
    "declined-on-both": (
        lease(1), fresh(lease(1, BERT, state=LeaseState.DECLINED)), fresh(lease(1, BERT, state=LeaseState.DECLINED)), O.LOST,
    ),
    "on-one-partner": (lease(1), fresh(lease(1)), NOTHING, O.ONE_SIDED),
    "another-on-the-partner": (lease(1), fresh(lease(1)), fresh(lease(1, BERT)), O.ONE_SIDED),
    "the-last-octet-of-a-long-id": (lease(1, LONG), fresh(lease(1, SAME_BEGINNING)), fresh(lease(1, SAME_BEGINNING)), O.LOST),
    "reservation-in-use": (RESERVED, fresh(RESERVED), fresh(RESERVED), O.UNCHANGED),
    "reservation-idle": (
        RESERVED,
        fresh(lease(1, ANNA, 0, LeaseState.INACTIVE_RESERVATION)),
        fresh(lease(1, ANNA, 0, LeaseState.INACTIVE_RESERVATION)),
        O.MOVED_ON,
    ),
    "reservation-without-a-record": (RESERVED, fresh(reserved=((1, ANNA),)), fresh(reserved=((1, ANNA),)), O.UNCHANGED),
    "reservation-for-another": (RESERVED, fresh(reserved=((1, BERT),)), fresh(reserved=((1, BERT),)), O.LOST),
    "reserved-since": (lease(1), fresh(RESERVED), fresh(RESERVED), O.MOVED_ON),
    "reserved-but-in-use-by-another": (
        RESERVED, fresh(lease(1, BERT), reserved=((1, ANNA),)), fresh(lease(1, BERT), reserved=((1, ANNA),)), O.LOST,
    ),
    "an-old-record-beside-the-lease": (
        lease(1), fresh(lease(1, BERT, AS_OF - 1), lease(1)), fresh(lease(1), lease(1, BERT, AS_OF - 1)), O.UNCHANGED,
    ),
    "a-released-record-that-would-end-later": (
        lease(1),
        fresh(lease(1, BERT, AS_OF + 99, LeaseState.EXPIRED), lease(1)),
        fresh(lease(1), lease(1, BERT, AS_OF + 99, LeaseState.EXPIRED)),
        O.UNCHANGED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_outcome(name: str) -> None:
    planned, primary, secondary, expected = CASES[name]
    for one, other in ((primary, secondary), (secondary, primary)):
        result = compared(planned, one, other)
        assert [LeaseOutcome(code) for code in result.outcome.tolist()] == [expected]
        assert [wrong.lease for wrong in result.wrong] == ([planned] if expected.is_wrong else [])


def test_who_has_a_lost_address_and_where_its_client_is_now() -> None:
    here = fresh(lease(1, BERT), lease(7, ANNA))
    (wrong,) = compared(lease(1), here, here).wrong
    assert {role: holder.client_id if holder else None for role, holder in wrong.holders.items()} == dict.fromkeys(Role, BERT)
    assert wrong.now_at == IPv4Address("10.0.0.7")


def test_two_clients_on_one_address() -> None:
    result = compared(lease(9, CARL), fresh(lease(1, ANNA), lease(9, CARL)), fresh(lease(1, BERT), lease(9, CARL)))
    assert [(contest.ip_address, contest.leases[Role.SECONDARY].client_id) for contest in result.contested] == [
        (IPv4Address("10.0.0.1"), BERT)
    ]
    assert result.wrong_count == 1


def test_new_leases_are_counted_once_and_are_not_wrong() -> None:
    result = compared(lease(1), fresh(lease(1), lease(2), lease(3, BERT)), fresh(lease(1), lease(2)))
    assert (result.new, result.new_on_one_side, result.wrong_count) == (2, 1, 0)


def test_a_long_list_is_counted_whole_and_shown_in_part() -> None:
    planned = LeaseTable.of_rows(lease(number) for number in range(1, 9))
    result = compare_leases(planned, {Role.PRIMARY: NOTHING}, AS_OF, most_shown=3)
    assert [int(wrong.lease.ip_address) - int(SCOPE_ID) for wrong in result.wrong] == [1, 2, 3]
    assert result.counts()[O.LOST] == result.wrong_count == 8


# -- against a naive reading -----------------------------------------------------------------------------------------------------

EXPIRIES = st.sampled_from([AS_OF - 1, AS_OF, AS_OF + 1, AS_OF + 2, NEVER])
CLIENTS = st.sampled_from([ANNA, BERT, CARL, LONG, SAME_BEGINNING, ClientId(b"")])
RECORDS = st.builds(lease, st.integers(1, 6), CLIENTS, EXPIRIES, st.sampled_from([LeaseState.ACTIVE] * 4 + list(LeaseState)))
RESERVATIONS = st.lists(st.tuples(st.integers(1, 6), CLIENTS), max_size=2, unique_by=lambda each: each[0])


@st.composite
def partner_lists(draw: st.DrawFn) -> tuple[list[Lease], list[tuple[int, ClientId]]]:
    leases = draw(st.lists(RECORDS, max_size=6, unique_by=lambda each: each.ip_address))
    return leases, sorted(draw(RESERVATIONS))


@settings(max_examples=300, deadline=None)
@given(st.lists(RECORDS, max_size=6, unique_by=lambda each: each.ip_address), partner_lists(), partner_lists())
def test_columns_agree_with_a_naive_reading(
    planned: list[Lease],
    primary: tuple[list[Lease], list[tuple[int, ClientId]]],
    secondary: tuple[list[Lease], list[tuple[int, ClientId]]],
) -> None:
    partners = {Role.PRIMARY: primary, Role.SECONDARY: secondary}
    result = compare_leases(
        LeaseTable.of_rows(planned),
        {role: fresh(*leases, reserved=tuple(reserved)) for role, (leases, reserved) in partners.items()},
        AS_OF,
    )
    assert [LeaseOutcome(code) for code in result.outcome.tolist()] == [_naive_outcome(each, partners) for each in planned]
    in_use = {role: {(x.ip_address, x.client_id) for x in leases if _in_use(x)} for role, (leases, _) in partners.items()}
    known = {(each.ip_address, each.client_id) for each in planned}
    everywhere = in_use[Role.PRIMARY] | in_use[Role.SECONDARY]
    assert result.new == len(everywhere - known)
    assert result.new_on_one_side == len((in_use[Role.PRIMARY] ^ in_use[Role.SECONDARY]) - known)
    owners = {role: dict(pairs) for role, pairs in in_use.items()}
    contested = [a for a, c in sorted(owners[Role.PRIMARY].items()) if owners[Role.SECONDARY].get(a, c) != c]
    assert [contest.ip_address for contest in result.contested] == contested


def _in_use(record: Lease) -> bool:
    return record.state is LeaseState.ACTIVE_RESERVATION or (record.state is LeaseState.ACTIVE and record.expiry_s > AS_OF)


Partners = Mapping[Role, tuple[list[Lease], list[tuple[int, ClientId]]]]


def _naive_outcome(planned: Lease, partners: Partners) -> LeaseOutcome:
    number = int(planned.ip_address) - int(SCOPE_ID)
    held, over, same_end = [], [], []
    for leases, reserved in partners.values():
        record = next((each for each in leases if each.ip_address == planned.ip_address), None)
        mine = record is not None and record.client_id == planned.client_id
        taken = record is not None and not mine and (_in_use(record) or record.state is LeaseState.DECLINED)
        has = mine and (_in_use(record) or "Reservation" in record.state.word)
        held.append(has or ((number, planned.client_id) in reserved and not taken))
        over.append(mine and not held[-1])
        same_end.append(record is None or record.expiry_s == planned.expiry_s)
    if all(held):
        return O.UNCHANGED if any(same_end) else O.MOVED_ON
    if any(held):
        return O.ONE_SIDED
    ends = planned.state is not LeaseState.ACTIVE_RESERVATION and planned.expiry_s <= AS_OF
    if ends or planned.state is LeaseState.OFFERED:
        return O.ENDED
    return O.RELEASED if any(over) else O.LOST


def test_the_order_of_the_lists_is_of_no_account() -> None:
    rows = [lease(number, client) for number, client in zip(range(1, 60), [ANNA, BERT, CARL] * 20, strict=False)]
    shuffled = LeaseTable.of_rows(rows).take(np.random.default_rng(5).permutation(len(rows)))
    sides = {Role.PRIMARY: fresh(*rows), Role.SECONDARY: replace(fresh(*rows), table=shuffled)}
    assert compare_leases(LeaseTable.of_rows(rows), sides, AS_OF).counts()[O.UNCHANGED] == len(rows)


def test_a_hundred_thousand_leases_do_not_become_a_hundred_thousand_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    table = _many(100_000)
    rows_made = []
    monkeypatch.setattr(LeaseTable, "row", lambda self, index: rows_made.append(index))
    side = FreshLeases(table=table, server=server())
    result = compare_leases(table, dict.fromkeys(Role, side), AS_OF)
    assert result.counts()[O.UNCHANGED] == len(table)
    assert rows_made == []


def _many(count: int) -> LeaseTable:
    numbers = np.arange(count, dtype=np.uint32)
    no_word, no_text = WordColumn(np.zeros(count, np.uint32), ("",)), PackedColumn.of_values([b""] * count)
    return LeaseTable(
        address=numbers + np.uint32(int(SCOPE_ID)),
        scope_id=np.full(count, int(SCOPE_ID), np.uint32),
        expiry_s=np.full(count, AS_OF + 1, np.int64),
        state=np.zeros(count, np.uint8),
        client_type=np.ones(count, np.uint8),
        client_id=PackedColumn.of_lengths(numbers.astype(">u8").tobytes(), np.full(count, 8, np.int64)),
        host_name=no_text,
        description=no_text,
        policy_name=no_word,
        dns_rr=no_word,
        dns_registration=no_word,
        nap_capable=np.zeros(count, np.bool_),
        nap_status=no_word,
        probation_ends_s=np.full(count, NEVER, np.int64),
        line=numbers,
        path=no_word,
    )
