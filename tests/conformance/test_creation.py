"""windows-failover.md 4.5: a relationship is created on servers that hold leases, and a scope is added to it later."""

from __future__ import annotations

from ipaddress import IPv4Address

from connection_pair import LEASE_S, T0, ConnectionPair, address, agree, imported_lease, mac, scope

from migrate.failover.bindings import ACTIVE
from migrate.failover.codes import MessageType as M
from migrate.failover.codes import OptionCode, ServerState
from migrate.failover.effects import AskForUpdates, Order, ReplyKind, RequestKind
from migrate.failover.messages import BindingUpdate
from migrate.model.addresses import AddressRange

SECOND = scope(
    "10.30.0.11",
    "10.30.0.30",
    scope_id=IPv4Address("10.30.0.0"),
    range=AddressRange.parse("10.30.0.11", "10.30.0.30"),
)


def test_steps_three_to_five() -> None:
    """4.5: STARTUP, CONNECT, STATE, both RECOVER, UPDREQ, updates in groups of 16, UPDDONE, no wait on the first run, NORMAL."""
    leases = [imported_lease(f"10.20.0.{number}", mac(number), T0 + LEASE_S) for number in range(11, 31)]
    pair = ConnectionPair(primary_bindings=leases, audits=True).start()
    way = [ServerState.RECOVER, ServerState.RECOVER_WAIT, ServerState.RECOVER_DONE, ServerState.NORMAL]
    assert [partner.states for partner in pair.partners] == [way, way]
    assert pair.primary.sent_types()[:2] == [M.CONNECT, M.STATE]
    assert pair.secondary.sent_types()[:2] == [M.CONNECTACK, M.STATE]
    assert [kind for kind in pair.secondary.sent_types() if kind in (M.UPDREQ, M.UPDREQALL)] == [M.UPDREQ]
    groups = [len(message.transactions) for message in pair.primary.sent if message.type is M.BNDUPD]
    assert groups == [16, 4]
    assert pair.primary.sent_types().index(M.UPDDONE) > pair.primary.sent_types().index(M.BNDUPD)
    assert agree(pair)


def test_updates_carry_what_windows_demands() -> None:
    """failover-protocol.md 11: options 2, 3, 12 and 33 always; 5, 6, 13 and 18 as well for an active lease."""
    pair = ConnectionPair(primary_bindings=[imported_lease("10.20.0.11", mac(11), T0 + LEASE_S)]).start()
    message = next(message for message in pair.primary.sent if message.type is M.BNDUPD)
    codes = {option.code for option in message.options}
    assert codes >= {2, 3, 5, 6, 12, 13, 18, 33}
    update = BindingUpdate.read(message.transactions[0])
    assert update.subnet_mask == IPv4Address("255.255.255.0")
    assert update.potential_expiration_s == update.lease_expiration_s == T0 + LEASE_S


def test_events_an_administrator_sees() -> None:
    """2.7: 20254 contact, 20259 first state, 20251 into NORMAL, and the audit channel's messages."""
    pair = ConnectionPair(audits=True).start()
    assert pair.primary.event_ids[:2] == [20301, 20306]
    shown = [event for event in pair.primary.event_ids if event < 20260]
    assert shown == [20254, 20259, 20251, 20251, 20251]


def test_migrated_client_renews_for_the_whole_lease_at_once() -> None:
    """The partner has acknowledged the imported expiry, so the first renewal is not cut to MCLT when enough of it is left."""
    pair = ConnectionPair(primary_bindings=[imported_lease("10.20.0.11", mac(11), T0 + LEASE_S)]).to_normal()
    answer = pair.request(pair.owner(mac(11)), RequestKind.RENEWING, mac(11), address("10.20.0.11"))
    assert answer is not None
    assert (answer.kind, answer.lease_s) == (ReplyKind.ACK, LEASE_S)


def test_scope_added_later_is_asked_for_alone() -> None:
    """4.5, UPDREQ with a scope id list: only the leases of that scope are sent (MS-DHCPF 2.2.1)."""
    pair = ConnectionPair(scopes=[scope(), SECOND]).to_normal()
    added = [imported_lease(f"10.{subnet}.0.12", mac(subnet), T0 + LEASE_S) for subnet in (20, 30)]
    pair.crash(pair.primary)
    for lease in added:
        pair.primary.storage.bindings[lease.address] = lease
    pair.secondary.clock_ahead_s = 100
    pair.restart(pair.primary)
    assert pair.secondary.binding("10.30.0.12").state is not ACTIVE, "refused, because the clocks were apart"
    pair.secondary.clock_ahead_s = 0
    pair.primary.forget()
    pair.submit(pair.secondary, AskForUpdates((address("10.30.0.0"),)))
    assert pair.secondary.sent[-2].value(OptionCode.SCOPE_ID_LIST) == (IPv4Address("10.30.0.0"),)
    assert pair.primary.sent_types() == [M.BNDUPD, M.UPDDONE]
    assert pair.secondary.binding("10.30.0.12").client == mac(30)
    assert pair.secondary.binding("10.20.0.12").state is not ACTIVE
    assert pair.secondary.state is ServerState.NORMAL


def test_adding_a_scope_needs_normal() -> None:
    """4.5: error 20120 otherwise."""
    pair = ConnectionPair().to_normal()
    pair.cut()
    pair.submit(pair.secondary, AskForUpdates((address("10.30.0.0"),)))
    assert M.UPDREQ not in pair.secondary.sent_types()
    assert "order refused" in pair.secondary.notes[-1].text


def test_first_redistribution_after_normal_is_logged() -> None:
    """4.5, step 6."""
    pair = ConnectionPair().start()
    pair.primary.forget()
    pair.submit(pair.primary, Order.REBALANCE)
    assert pair.primary.event_ids == [20161]
