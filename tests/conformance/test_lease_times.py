"""windows-failover.md 2.6: the client lease times of Windows' topic "Failover Examples" (EXA), step by step, in both modes.

L is the scope's lease duration, M is MCLT. The draft's arithmetic (failover-protocol.md section 6) is tested beside it where it
gives more than EXA does.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from connection_pair import HOT_STANDBY, LEASE_S, LOAD_BALANCE, MCLT_S, ConnectionPair, Partner, address, agree, scope

from migrate.failover.bindings import ACTIVE, Client
from migrate.failover.codes import MessageType, ServerState
from migrate.failover.dialect import DRAFT, ISC, WINDOWS, CutOffLease, Dialect
from migrate.failover.effects import Answer, Order, ReplyKind, RequestKind, Send, Store
from migrate.failover.notes import NOT_OUR_CLIENT
from migrate.model.relationship import FailoverRelationship

M, L = MCLT_S, LEASE_S
MODES = pytest.mark.parametrize("mode", [LOAD_BALANCE, HOT_STANDBY], ids=lambda mode: mode.mode)


def pair_and_client(mode: FailoverRelationship, dialect: Dialect = WINDOWS) -> tuple[ConnectionPair, Client]:
    pair = ConnectionPair(dialect, relationship=mode).to_normal()
    return pair, pair.client_of(pair.primary)


def renewed(pair: ConnectionPair, partner: Partner, kind: RequestKind, client: Client, lease: Answer) -> int | None:
    """The lease that the partner grants, None when it is silent."""
    answer = pair.request(partner, kind, client, lease.address)
    if answer is None:
        return None
    assert answer.kind is ReplyKind.ACK
    assert answer.address == lease.address
    return answer.lease_s


@MODES
def test_first_lease_is_mclt_and_never_more(mode: FailoverRelationship) -> None:
    """EXA, "first lease in a failover scope": M, never L; the update follows the client's ACK (lazy update)."""
    pair, client = pair_and_client(mode)
    offer = pair.discover(pair.primary, client)
    assert offer is not None
    pair.primary.forget()
    answer = pair.request(pair.primary, RequestKind.SELECTING, client, offer.address)
    assert answer is not None
    assert (answer.kind, answer.lease_s) == (ReplyKind.ACK, M)
    order = [type(effect) for effect in pair.primary.effects if isinstance(effect, Store | Answer | Send)]
    assert order[:3] == [Store, Answer, Send]
    assert pair.primary.sent_types() == [MessageType.BNDUPD]
    assert MessageType.BNDACK in pair.secondary.sent_types()


@MODES
def test_first_lease_is_the_shorter_of_lease_time_and_mclt(mode: FailoverRelationship) -> None:
    """The draft: min(L, M), where the scope's leases are shorter than MCLT (D12 5.2.1)."""
    pair = ConnectionPair(relationship=mode, scopes=[scope(lease_s=600)]).to_normal()
    assert pair.lease(pair.client_of(pair.primary)).lease_s == 600


@MODES
def test_renewal_at_half_time_gets_the_whole_lease(mode: FailoverRelationship) -> None:
    """EXA, "renewal at M/2": L, because the partner has acknowledged."""
    pair, client = pair_and_client(mode)
    lease = pair.lease(client)
    pair.advance(M // 2)
    assert renewed(pair, pair.primary, RequestKind.RENEWING, client, lease) == L
    pair.advance(L // 2)
    assert renewed(pair, pair.primary, RequestKind.RENEWING, client, lease) == L


@MODES
def test_survivor_takes_over_the_clients_of_a_lost_owner(mode: FailoverRelationship) -> None:
    """EXA, "owner lost": COMMUNICATION INTERRUPTED, answers everyone; at 7/8 L the client keeps its address and gets M."""
    pair, client = pair_and_client(mode)
    lease = pair.lease(client)
    pair.advance(M // 2)
    renewed(pair, pair.primary, RequestKind.RENEWING, client, lease)
    pair.crash(pair.primary)
    assert pair.secondary.state is ServerState.COMMUNICATIONS_INTERRUPTED
    pair.advance(L * 7 // 8)
    assert renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease) == M


@MODES
def test_a_silent_owner_is_given_up_after_three_minutes(mode: FailoverRelationship) -> None:
    """EXA, "error or silence, drop TCP": without a reset the survivor notices by its receive timer (4.2)."""
    pair, client = pair_and_client(mode)
    pair.cut(noticed=False)
    pair.advance(179)
    assert pair.secondary.state is ServerState.NORMAL
    assert pair.discover(pair.secondary, client) is None
    pair.advance(1)
    assert pair.secondary.state is ServerState.COMMUNICATIONS_INTERRUPTED
    assert pair.discover(pair.secondary, client) is not None


@MODES
def test_new_client_meanwhile_is_served_from_the_survivors_own_share(mode: FailoverRelationship) -> None:
    """EXA, "new client meanwhile": an address of the survivor's own free share, the reserve in hot standby."""
    pair, client = pair_and_client(mode)
    pair.crash(pair.primary)
    own = [binding.address for binding in pair.secondary.running.table.records()]
    lease = pair.lease(client)
    assert lease.lease_s == M
    assert lease.address in own
    assert len(own) == (10 if mode is LOAD_BALANCE else 1)


@MODES
def test_owner_back_grants_the_whole_lease_again(mode: FailoverRelationship) -> None:
    """EXA, "owner back": CONNECT, UPDREQ, BNDUPD, UPDDONE, both NORMAL; M/2 to the non-owner unanswered, 7/8 M to the owner: L."""
    pair, client = pair_and_client(mode)
    lease = pair.lease(client)
    pair.advance(M // 2)
    renewed(pair, pair.primary, RequestKind.RENEWING, client, lease)
    pair.crash(pair.primary)
    pair.advance(L * 7 // 8)
    renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease)
    for partner in pair.partners:
        partner.forget()
    pair.restart(pair.primary)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]
    assert pair.primary.sent_types()[0] is MessageType.CONNECT
    assert MessageType.UPDREQ in pair.primary.sent_types()
    updates = [kind for kind in pair.secondary.sent_types() if kind in (MessageType.BNDUPD, MessageType.UPDDONE)]
    assert updates == [MessageType.BNDUPD, MessageType.UPDDONE]
    assert agree(pair)
    pair.advance(M // 2)
    assert renewed(pair, pair.secondary, RequestKind.RENEWING, client, lease) is None
    assert pair.secondary.notes[-1].kind is NOT_OUR_CLIENT
    pair.advance(M * 3 // 8)
    assert renewed(pair, pair.primary, RequestKind.REBINDING, client, lease) == L


@MODES
def test_every_lease_in_partner_down_is_mclt(mode: FailoverRelationship) -> None:
    """EXA, "PARTNER DOWN": every lease M, new and rebound, also where the partner once knew of a longer one."""
    pair = ConnectionPair(relationship=mode, scopes=[scope(last="10.20.0.60")]).to_normal()
    client = pair.client_of(pair.primary)
    lease = pair.lease(client)
    pair.advance(M // 2)
    renewed(pair, pair.primary, RequestKind.RENEWING, client, lease)
    pair.crash(pair.primary)
    pair.submit(pair.secondary, Order.PARTNER_DOWN)
    assert renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease) == M
    assert pair.lease(pair.client_of(pair.primary, number=1)).lease_s == M


@MODES
def test_partners_free_addresses_wait_for_mclt(mode: FailoverRelationship) -> None:
    """EXA, "PARTNER DOWN (manual or timer)": own free addresses first, after a second timer of M also the partner's."""
    pair, _ = pair_and_client(mode)
    own = [binding.address for binding in pair.secondary.running.table.records()]
    pair.crash(pair.primary)
    pair.submit(pair.secondary, Order.PARTNER_DOWN)

    def offered() -> list[int]:
        clients = (pair.client_of(pair.primary, number=number) for number in range(30))
        return sorted(offer.address for client in clients if (offer := pair.discover(pair.secondary, client)))

    assert offered() == own
    pair.advance(M - 1)
    assert offered() == own
    pair.advance(1)
    assert offered() == [address("10.20.0.11") + place for place in range(20)]


@MODES
@pytest.mark.parametrize("away_s", [0, 60, M - 60], ids=["at once", "a minute", "nearly M"])
def test_failed_server_that_was_away_less_than_mclt_waits(mode: FailoverRelationship, away_s: int) -> None:
    """EXA, "failed server returns": RECOVER, UPDREQ, RECOVER WAIT (silent) until M has passed, RECOVER DONE, NORMAL."""
    pair, client = pair_and_client(mode)
    pair.lease(client)
    failed_at = pair.now
    pair.crash(pair.primary)
    pair.advance(1)
    pair.submit(pair.secondary, Order.PARTNER_DOWN)
    pair.advance(away_s)
    pair.primary.forget()
    pair.restart(pair.primary)
    assert pair.primary.states == [ServerState.RECOVER, ServerState.RECOVER_WAIT]
    assert MessageType.UPDREQ in pair.primary.sent_types()
    assert pair.discover(pair.primary, client) is None
    pair.advance(failed_at + M - pair.now - 1)
    assert pair.primary.state is ServerState.RECOVER_WAIT
    pair.advance(1)
    assert [partner.state for partner in pair.partners] == [ServerState.NORMAL, ServerState.NORMAL]
    assert pair.primary.states[-2:] == [ServerState.RECOVER_DONE, ServerState.NORMAL]


@MODES
def test_failed_server_that_was_away_longer_does_not_wait(mode: FailoverRelationship) -> None:
    pair, client = pair_and_client(mode)
    pair.lease(client)
    pair.crash(pair.primary)
    pair.submit(pair.secondary, Order.PARTNER_DOWN)
    pair.advance(M)
    pair.primary.forget()
    pair.restart(pair.primary)
    assert pair.primary.state is ServerState.NORMAL
    assert agree(pair)


@MODES
def test_broken_link_leaves_both_serving_disjoint_shares(mode: FailoverRelationship) -> None:
    """EXA, "link broken, both alive": each renews what it leased, rebinding clients get leases, free shares are disjoint."""
    pair, client = pair_and_client(mode)
    lease = pair.lease(client)
    pair.cut()
    assert [partner.state for partner in pair.partners] == [ServerState.COMMUNICATIONS_INTERRUPTED] * 2
    assert renewed(pair, pair.primary, RequestKind.RENEWING, client, lease) == M
    assert renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease) == M
    newcomers = [pair.client_of(pair.primary, number=number) for number in range(1, 41)]
    offered = [[offer.address for c in newcomers if (offer := pair.discover(partner, c))] for partner in pair.partners]
    assert offered[0]
    assert offered[1]
    assert not {*offered[0]} & {*offered[1]}


@MODES
def test_partner_down_on_both_sides_makes_duplicates_possible(mode: FailoverRelationship) -> None:
    """EXA, "both reach PARTNER DOWN": once MCLT is over both use the whole pool, and two clients can hold one address."""
    pair, _ = pair_and_client(mode)
    pair.cut()
    for partner in pair.partners:
        pair.submit(partner, Order.PARTNER_DOWN)
    pair.advance(M)
    held: list[set[int]] = []
    newcomers = [pair.client_of(pair.primary, number=number) for number in range(40)]
    for partner, clients in zip((pair.primary, pair.secondary), (newcomers[:20], newcomers[20:]), strict=True):
        for client in clients:
            offer = pair.discover(partner, client)
            assert offer is not None
            pair.request(partner, RequestKind.SELECTING, client, offer.address)
        held.append({binding.address for binding in partner.running.table.records() if binding.state is ACTIVE})
    assert len(held[0] & held[1]) == 20


# What the draft allows instead (failover-protocol.md section 6, measured on dhcpd 4.4.3).


@pytest.mark.parametrize("dialect", [ISC, DRAFT], ids=lambda dialect: dialect.flavour)
def test_draft_survivor_gives_up_to_mclt_beyond_what_is_known(dialect: Dialect) -> None:
    """While cut off: L as long as S - t + M >= L, later exactly S - t + M, where S is the potential expiry told."""
    pair, client = pair_and_client(LOAD_BALANCE, dialect)
    lease = pair.lease(client)
    pair.advance(M // 2)
    renewed(pair, pair.primary, RequestKind.RENEWING, client, lease)
    told = pair.secondary.running.table.get(lease.address).received_pe_s
    assert told == pair.now + L + L // 2
    pair.crash(pair.primary)
    pair.advance(L // 4)
    assert renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease) == L
    pair.advance(L // 2)
    expected = min(pair.secondary.running.table.get(lease.address).known_pe_s - pair.now + M, L)
    assert renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease) == expected


def test_windows_survivor_can_be_told_to_follow_the_draft() -> None:
    pair, client = pair_and_client(LOAD_BALANCE, replace(WINDOWS, cut_off_lease=CutOffLease.KNOWN_EXPIRY_PLUS_MCLT))
    lease = pair.lease(client)
    pair.advance(M // 2)
    renewed(pair, pair.primary, RequestKind.RENEWING, client, lease)
    pair.crash(pair.primary)
    assert renewed(pair, pair.secondary, RequestKind.REBINDING, client, lease) == L
