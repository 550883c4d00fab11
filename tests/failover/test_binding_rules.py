"""Binding states, who may overrule whom, and the MCLT arithmetic (failover-protocol.md sections 6 and 10)."""

from __future__ import annotations

from itertools import product

import pytest
from connection_pair import mac
from hypothesis import given
from hypothesis import strategies as st

from migrate.failover import bindings
from migrate.failover.bindings import (
    ABANDONED,
    ACTIVE,
    BACKUP,
    CLAIMS,
    EXPIRED,
    FREE,
    IMPOSSIBLE,
    RELEASED,
    RESET,
    TRANSITIONS,
    UNLIMITED_S,
    VERDICTS,
    Binding,
    BindingEvent,
    granted_lease_time,
    judge,
    lease_time,
    next_state,
    potential_expiry,
    reusable_at,
)
from migrate.failover.codes import BindingState, RejectReason
from migrate.failover.dialect import DRAFT, ISC, WINDOWS
from migrate.model.server import Role

NOW = 1_000_000
HOUR = 3600
ADDRESS = 0x0A140010
durations = st.integers(1, 10 * 86400)
instants = st.integers(0, 2 * NOW)


# Transitions


def test_each_state_and_event_is_a_transition_or_impossible() -> None:
    rows = [(row.state, row.event) for row in TRANSITIONS]
    assert len(rows) == len(set(rows))
    wrong = [pair for pair in product(BindingState, BindingEvent) if (pair in rows) == (pair[1] in IMPOSSIBLE[pair[0]])]
    assert wrong == []


def test_an_impossible_event_names_both() -> None:
    with pytest.raises(ValueError, match="an address that is FREE cannot meet the event: client released"):
        next_state(FREE, BindingEvent.RELEASED)


def test_only_an_agreed_end_makes_a_leased_address_free() -> None:
    """D12 9.8.3: an address that a client has had is nobody else's before that."""
    ways = {(row.state, row.event) for row in TRANSITIONS if row.to is FREE}
    had = {(state, event) for state, event in ways if state in (ACTIVE, EXPIRED, RELEASED, RESET)}
    assert had == {(state, BindingEvent.ACKNOWLEDGED) for state in (EXPIRED, RELEASED, RESET)}


# D12 figure 7.1.3-1, copied cell by cell.

FIGURE = """
             ACTIVE  EXPIRED  RELEASED  FREE  BACKUP  RESET  ABANDONED
ACTIVE       (5)     t2       t1        t2    t2      ok     ok
EXPIRED      t1      ok       ok        ok    ok      ok     ok
RELEASED     t1      t1       ok        ok    ok      ok     ok
FREE         ok      ok       ok        ok    ok      ok     ok
BACKUP       ok      ok       ok        ok    ok      ok     ok
RESET        t3      ok       ok        ok    ok      ok     ok
ABANDONED    16      16       16        16    16      ok     ok
"""


def figure() -> list[tuple[BindingState, BindingState, str]]:
    head, *lines = FIGURE.strip().splitlines()
    columns = [BindingState[name] for name in head.split()]
    return [
        (BindingState[line.split()[0]], column, cell)
        for line in lines
        for column, cell in zip(columns, line.split()[1:], strict=True)
    ]


CELLS = pytest.mark.parametrize(("ours", "theirs", "cell"), figure(), ids=[f"{o.name}-{t.name}" for o, t, _ in figure()])


@CELLS
@pytest.mark.parametrize("dialect", [DRAFT, WINDOWS], ids=lambda dialect: dialect.flavour)
@pytest.mark.parametrize("role", Role)
def test_figure_cell_by_cell(ours: BindingState, theirs: BindingState, cell: str, dialect, role: Role) -> None:  # type: ignore[no-untyped-def]
    """Each condition of the figure is met, then just not met: t1 later transaction, t2 lease over, t3 later than our reset."""
    mine = Binding(ADDRESS, ours, mac(1), expiry_s=NOW, stos_s=NOW - 100, cltt_s=NOW - 100)
    outdated = RejectReason.OUTDATED_BINDING_INFORMATION

    def verdict(*, cltt_s: int, now: int, client: int = 1, unacked: bool = False) -> RejectReason | None:
        claim = Binding(ADDRESS, theirs, mac(client), cltt_s=cltt_s)
        return judge(mine, claim, now, role, unacked=unacked, in_normal=True, dialect=dialect)

    match cell:
        case "ok":
            assert verdict(cltt_s=0, now=NOW - 50) is None
        case "16" if dialect is WINDOWS and theirs in (ACTIVE, EXPIRED, RELEASED):
            assert verdict(cltt_s=NOW - 99, now=NOW - 50) is None, "C12: or BAD_ADDRESS here, active there, for ever (K3)"
            assert verdict(cltt_s=NOW - 101, now=NOW - 50) is outdated
        case "16":
            over = mine.stos_s + dialect.timers.abandoned_s
            assert verdict(cltt_s=NOW, now=over - 1) is RejectReason.LESS_CRITICAL_BINDING_INFORMATION
            assert verdict(cltt_s=NOW, now=over) is None, "not in the figure: our own quarantine is over too"
        case "t3":
            assert verdict(cltt_s=NOW - 99, now=NOW - 50) is None
            assert verdict(cltt_s=NOW - 100, now=NOW - 50) is outdated
        case "t1":
            assert verdict(cltt_s=NOW - 99, now=NOW - 50) is None
            assert verdict(cltt_s=NOW - 101, now=NOW - 50) is outdated
            assert verdict(cltt_s=NOW - 100, now=NOW - 50) is None, "the same second"
            tie = verdict(cltt_s=NOW - 100, now=NOW - 50, unacked=True)
            assert tie is (outdated if role is Role.PRIMARY else None), "the same second, crossing"
            assert verdict(cltt_s=0, now=NOW - 50) is outdated, "a missing transaction time is never later"
        case "t2":
            assert verdict(cltt_s=NOW, now=NOW) is None
            assert verdict(cltt_s=NOW, now=NOW - 1) is outdated
        case "(5)":
            expected = RejectReason.FATAL_CONFLICT if role is Role.PRIMARY else None
            assert verdict(cltt_s=NOW, now=NOW - 50, client=2) is expected
            assert verdict(cltt_s=NOW, now=NOW, client=2) is None, "nobody is hurt: our lease is over"
            assert verdict(cltt_s=NOW - 100, now=NOW - 50) is None
            assert verdict(cltt_s=NOW - 101, now=NOW - 50) is outdated
        case _:
            raise AssertionError(cell)


def test_figure_is_complete() -> None:
    assert set(VERDICTS) == set(BindingState) == set(CLAIMS)
    assert {len(row) for row in VERDICTS.values()} == {len(CLAIMS)}


@pytest.mark.parametrize("claimed", [FREE, BACKUP, EXPIRED, RELEASED, RESET], ids=lambda state: state.name)
@pytest.mark.parametrize("dialect", [WINDOWS, DRAFT, ISC], ids=lambda dialect: dialect.flavour)
def test_crossing_claims_leave_a_free_address_where_the_primary_says(claimed: BindingState, dialect) -> None:  # type: ignore[no-untyped-def]
    """D12 5.4. Accepted on both sides the address would be free for both: the primary's as it was given back, the secondary's as
    it was given away."""
    given, ended = Binding(ADDRESS, BACKUP, owed=True), Binding(ADDRESS, claimed, mac(1), expiry_s=NOW - 1, cltt_s=NOW)
    at_primary = judge(given, ended, NOW, Role.PRIMARY, unacked=True, in_normal=True, dialect=dialect)
    at_secondary = judge(ended, given, NOW, Role.SECONDARY, unacked=True, in_normal=True, dialect=dialect)
    assert (at_primary, at_secondary) == (RejectReason.LESS_CRITICAL_BINDING_INFORMATION, None)


FATAL = RejectReason.FATAL_CONFLICT
ISC_CASES = [
    (
        "in NORMAL the primary keeps an active lease",
        ACTIVE,
        EXPIRED,
        Role.PRIMARY,
        True,
        False,
        NOW + HOUR,
        RejectReason.FATAL_CONFLICT,
    ),
    ("even one that has run out", ACTIVE, FREE, Role.PRIMARY, True, False, NOW - HOUR, FATAL),
    ("but hears a release", ACTIVE, RELEASED, Role.PRIMARY, True, False, NOW + HOUR, None),
    ("the secondary's own clock says it runs", ACTIVE, EXPIRED, Role.SECONDARY, True, False, NOW + 66, FATAL),
    ("within the tolerance it does not", ACTIVE, EXPIRED, Role.SECONDARY, True, False, NOW + 65, None),
    (
        "outside NORMAL an active lease is not freed",
        ACTIVE,
        BACKUP,
        Role.PRIMARY,
        False,
        False,
        NOW - 1,
        RejectReason.FATAL_CONFLICT,
    ),
    ("an abandoned address is freed", ABANDONED, FREE, Role.PRIMARY, False, False, 0, None),
    ("a duel goes to the lease", FREE, ACTIVE, Role.PRIMARY, True, True, 0, None),
    ("or else to the primary", FREE, BACKUP, Role.PRIMARY, True, True, 0, RejectReason.LESS_CRITICAL_BINDING_INFORMATION),
    ("whom the secondary believes", BACKUP, FREE, Role.SECONDARY, True, True, 0, None),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "role", "in_normal", "unacked", "expiry_s", "expected"),
    [case[1:] for case in ISC_CASES],
    ids=[case[0] for case in ISC_CASES],
)
def test_dhcpd_judges_by_its_own_rules(
    ours: BindingState,
    theirs: BindingState,
    role: Role,
    in_normal: bool,
    unacked: bool,
    expiry_s: int,
    expected: RejectReason | None,
) -> None:
    """failover-protocol.md section 10, points 2 and 5."""
    mine = Binding(ADDRESS, ours, mac(1), expiry_s=expiry_s)
    assert judge(mine, Binding(ADDRESS, theirs, mac(1)), NOW, role, unacked=unacked, in_normal=in_normal, dialect=ISC) is expected


@pytest.mark.parametrize("state", [FREE, BACKUP, RELEASED], ids=lambda state: state.name)
def test_not_even_dhcpds_rules_free_a_lease_that_is_newer_than_the_claim(state: BindingState) -> None:
    mine = Binding(ADDRESS, ACTIVE, mac(1), expiry_s=NOW + 10, cltt_s=NOW - 5)
    claim = Binding(ADDRESS, state, mac(1), cltt_s=NOW - 6)
    for unacked in (False, True):
        for in_normal in (False, True):
            assert judge(mine, claim, NOW, Role.SECONDARY, unacked=unacked, in_normal=in_normal, dialect=ISC) is FATAL


# MCLT arithmetic

OBSERVED = [
    ("new lease", 120, 20, None, 20, 130),
    ("renewal soon after the ack", 120, 20, 127, 120, 180),
    ("rebind, S - t + M", 120, 20, 99, 119, 179),
    ("rebind later", 120, 20, 74, 94, 167),
    ("migrated lease", 120, 20, 3000, 120, 180),
]


@pytest.mark.parametrize(
    ("desired", "mclt", "known", "lease", "told"), [row[1:] for row in OBSERVED], ids=[row[0] for row in OBSERVED]
)
def test_lease_times_observed_on_dhcpd(desired: int, mclt: int, known: int | None, lease: int, told: int) -> None:
    """failover-protocol.md section 6, "Checked LIVE"."""
    known_s = 0 if known is None else NOW + known
    assert lease_time(desired, known_s, NOW, mclt) == lease
    assert potential_expiry(desired, lease, NOW) == NOW + told


@given(durations, instants, durations)
def test_lease_time_is_the_branches_of_dhcpd(desired: int, known: int, mclt: int) -> None:
    """The four branches as failover-protocol.md section 6 writes them, against our one line."""
    if desired <= mclt:
        expected = desired
    elif known <= NOW:
        expected = mclt
    elif NOW + desired > known + mclt:
        expected = (known - NOW) + mclt
    else:
        expected = desired
    assert lease_time(desired, known, NOW, mclt) == expected


@given(durations, instants, durations, st.booleans())
def test_no_promise_goes_beyond_mclt_past_what_is_known(desired: int, known: int, mclt: int, cut_off: bool) -> None:
    """The rule of D12 5.2.1: lease end <= max(acked, received, now) + MCLT; and never nothing at all."""
    for dialect in (WINDOWS, ISC, DRAFT):
        lease = granted_lease_time(desired, known, NOW, mclt, cut_off=cut_off, dialect=dialect)
        assert 0 < lease <= desired
        assert NOW + lease <= max(known, NOW) + mclt


@given(durations, durations)
def test_renewal_at_half_time_gets_the_desired_lease_once_acknowledged(desired: int, mclt: int) -> None:
    """Why the potential expiry is what it is (EXA: renewal at M/2 gets L)."""
    first = lease_time(desired, 0, NOW, mclt)
    told = potential_expiry(desired, first, NOW)
    assert lease_time(desired, told, NOW + first // 2, mclt) == desired


def test_unlimited_leases_stay_unlimited_and_fit_the_wire() -> None:
    assert lease_time(UNLIMITED_S, 0, NOW, HOUR) == HOUR, "not before the partner knows"
    assert potential_expiry(UNLIMITED_S, HOUR, NOW) == UNLIMITED_S
    assert lease_time(UNLIMITED_S, UNLIMITED_S, NOW, HOUR) == UNLIMITED_S
    lease = bindings.leased(Binding(ADDRESS, FREE), mac(1), UNLIMITED_S, UNLIMITED_S, NOW)
    assert lease.expiry_s == lease.sent_pe_s == UNLIMITED_S


def test_a_shorter_promise_bounds_what_the_partner_is_counted_on_to_know() -> None:
    """failover-protocol.md section 6: "if P < S: S = P"."""
    before = Binding(ADDRESS, ACTIVE, mac(1), NOW + 10, acked_pe_s=NOW + 90_000, received_pe_s=NOW + 80_000)
    after = bindings.leased(before, mac(1), HOUR, HOUR, NOW)
    assert after.sent_pe_s == NOW + HOUR + HOUR // 2
    assert after.known_pe_s == after.sent_pe_s


def test_another_client_starts_with_nothing_known() -> None:
    before = bindings.free(Binding(ADDRESS, RELEASED, mac(1), acked_pe_s=NOW + 90_000), FREE, NOW, owed=False)
    after = bindings.leased(before, mac(2), HOUR, HOUR, NOW)
    assert (after.acked_pe_s, after.received_pe_s) == (0, 0)


def test_an_ended_lease_is_resumed_with_nothing_known() -> None:
    """The partner may have agreed to the end and forgotten its expiry."""
    ended = Binding(ADDRESS, RELEASED, mac(1), acked_pe_s=NOW + 90_000, received_pe_s=NOW + 90_000)
    assert ended.known_pe_s == 0
    assert bindings.leased(ended, mac(1), HOUR, HOUR, NOW).known_pe_s == 0


def test_acknowledgement_of_an_older_update_is_not_taken_for_the_present_one() -> None:
    first = bindings.leased(Binding(ADDRESS, FREE), mac(1), 10 * HOUR, HOUR, NOW)
    second = bindings.leased(first, mac(1), 10 * HOUR, HOUR, NOW + 600)
    after = bindings.acknowledged(second, first, NOW + 601, by_memory=True)
    assert after.owed
    assert after.acked_pe_s == first.sent_pe_s
    settled = bindings.acknowledged(after, after, NOW + 602, by_memory=True)
    assert not settled.owed
    assert settled.acked_pe_s == second.sent_pe_s


@pytest.mark.parametrize("state", [EXPIRED, RELEASED, RESET], ids=lambda state: state.name)
def test_accepted_end_is_free_on_both_sides(state: BindingState) -> None:
    """failover-protocol.md section 10, point 7."""
    ours = Binding(ADDRESS, ACTIVE, mac(1), expiry_s=NOW, sent_pe_s=NOW + 50, received_pe_s=NOW + 60)
    receiver = bindings.accepted(ours, Binding(ADDRESS, state, mac(1), cltt_s=NOW), NOW)
    sent = Binding(ADDRESS, state, mac(1), owed=True)
    sender = bindings.acknowledged(sent, sent, NOW, by_memory=True)
    for side in (receiver, sender):
        assert (side.state, side.client, side.expiry_s, side.latest_s, side.owed) == (FREE, mac(1), 0, 0, False)


def test_end_agreed_to_by_a_partner_that_forgot_its_promises_waits_for_its_recovery() -> None:
    """It may have renewed the lease in the minute before it lost its database (random history 668)."""
    sent = Binding(ADDRESS, EXPIRED, mac(1), expiry_s=NOW, received_pe_s=NOW + 900, owed=True)
    agreed = bindings.acknowledged(sent, sent, NOW + 1, by_memory=False)
    assert (agreed.state, agreed.owed, agreed.latest_s) == (EXPIRED, False, NOW + 900)
    assert bindings.settled(agreed, NOW + 2).state is FREE
    assert bindings.settled(sent, NOW + 2) is sent


REUSE = [
    ("own free address", Binding(ADDRESS, FREE), 0),
    ("own free address, not agreed yet", Binding(ADDRESS, FREE, owed=True), NOW + HOUR),
    ("partner's free address", Binding(ADDRESS, BACKUP), NOW + HOUR),
    ("lease that may run on", Binding(ADDRESS, EXPIRED, expiry_s=NOW + 10, received_pe_s=NOW + 70), NOW + 70 + HOUR),
    ("lease that we promised", Binding(ADDRESS, EXPIRED, expiry_s=NOW + 10, sent_pe_s=NOW + 80), NOW + 80 + HOUR),
    ("lease long over", Binding(ADDRESS, RELEASED, expiry_s=NOW - 9000), NOW + HOUR),
    ("unlimited lease", Binding(ADDRESS, EXPIRED, received_pe_s=UNLIMITED_S), None),
    ("abandoned address", Binding(ADDRESS, ABANDONED), None),
]


@pytest.mark.parametrize(("binding", "at"), [row[1:] for row in REUSE], ids=[row[0] for row in REUSE])
def test_reuse_in_partner_down(binding: Binding, at: int | None) -> None:
    """D12 9.4.2, for the primary in PARTNER-DOWN since NOW."""
    assert reusable_at(binding, Role.PRIMARY, NOW, HOUR) == at


def test_recover_wait_ends_mclt_after_the_failure() -> None:
    """D12 9.6.1, EXA; two new servers do not wait."""
    assert bindings.recover_wait_end(NOW - 600, NOW, HOUR, partner_is_new_too=False) == NOW + 3000
    assert bindings.recover_wait_end(None, NOW, HOUR, partner_is_new_too=False) == NOW + HOUR
    assert bindings.recover_wait_end(None, NOW, HOUR, partner_is_new_too=True) <= NOW
