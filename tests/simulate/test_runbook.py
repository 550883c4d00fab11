"""The change itself: in the right order nobody comes to harm, in a wrong one somebody does and is shown."""

from __future__ import annotations

import pytest
from test_drills import BY_NAME, estate

from migrate.failover.bindings import ACTIVE
from migrate.failover.effects import DhcpRequest, ReplyKind, RequestKind
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.relationship import FailoverMode
from migrate.model.server import Role
from migrate.model.target import Strategy
from migrate.simulate.estate import client_of, pool_addresses
from migrate.simulate.invariants import INVARIANTS
from migrate.simulate.runbook import RUNBOOKS, WRONG_ORDERS, Before, RunbookOutcome, play_runbook
from migrate.simulate.stand_alone import StandAlone

OFFICES, GUESTS = (int(scope.scope_id) for scope in estate().scopes)
HOUR = 3600


def split() -> Before:
    """The primary serves the lower part of each scope, the secondary the upper; some leases lie on either side."""
    halves = {
        Role.PRIMARY: {OFFICES: span("10.20.0.11", "10.20.0.20"), GUESTS: span("10.20.1.11", "10.20.1.25")},
        Role.SECONDARY: {OFFICES: span("10.20.0.21", "10.20.0.90"), GUESTS: span("10.20.1.26", "10.20.1.30")},
    }
    return Before.of_scopes(estate(), halves)


def span(first: str, last: str) -> AddressSet:
    return AddressSet([AddressRange.parse(first, last)])


@pytest.mark.parametrize("before", [split(), Before.one_server(estate())], ids=["split scope", "one server"])
@pytest.mark.parametrize("strategy", Strategy, ids=str)
@pytest.mark.parametrize("mode", FailoverMode, ids=str)
def test_right_order_harms_nobody(strategy: Strategy, mode: FailoverMode, before: Before) -> None:
    outcome = play_runbook(RUNBOOKS[strategy], estate(mode), before, strategy)
    assert not outcome.is_fault, outcome.victim
    assert outcome.victim == ()
    assert set(outcome.checked) == set(INVARIANTS)
    assert outcome.checked["one-client-an-address"] > 10


@pytest.fixture(scope="module", params=Strategy, ids=str)
def outcome(request: pytest.FixtureRequest) -> RunbookOutcome:
    return play_runbook(RUNBOOKS[request.param], estate(), split(), request.param)


def test_steps_follow_one_another(outcome: RunbookOutcome) -> None:
    ends = 0
    for step in outcome.steps:
        assert step.starts_s == ends
        ends += step.lasts_s
    assert ends > 4 * HOUR


def test_nobody_is_served_between_freeze_and_activation(outcome: RunbookOutcome) -> None:
    served = {step.name: sum(step.served.values()) for step in outcome.steps}
    names = list(served)
    frozen = names[names.index("freeze") : -1]
    assert [served[name] for name in frozen] == [0] * len(frozen)
    assert served["back-up"] > 0
    assert served[names[-1]] > 0


def test_leases_become_known_to_both(outcome: RunbookOutcome) -> None:
    unknown = {step.name: step.unknown_to for step in outcome.steps}
    assert min(unknown["back-up"].values()) > 0
    assert set(unknown["create"].values()) == {0}
    assert set(outcome.steps[-1].unknown_to.values()) == {0}


def test_a_rollback_forgets_what_was_leased_since_the_backup(outcome: RunbookOutcome) -> None:
    """Newcomers of the first step are after the backup; those of the last come on top."""
    costs = [step.lost_by_rollback for step in outcome.steps]
    assert costs[0] > 0
    assert costs == sorted(costs)
    assert costs[-1] > costs[0]


def test_whoever_waits_is_served_after_activation(outcome: RunbookOutcome) -> None:
    waiting = [step.waiting for step in outcome.steps]
    assert max(waiting) > waiting[-1]
    assert outcome.steps[-2].longest_wait_s > 30 * 60


@pytest.mark.parametrize("name", WRONG_ORDERS)
def test_wrong_order_is_caught_with_a_victim(name: str) -> None:
    outcome = play_runbook(WRONG_ORDERS[name], estate(), split(), Strategy.IN_PLACE)
    assert outcome.broken["one-client-an-address"] > 0
    text = "\n".join(outcome.victim)
    assert "INVARIANT  one-client-an-address" in text
    harmed = text.split("while ")[1].split(" may use it")[0]
    assert f"client {harmed} DHCPREQUEST" in text, "the victim's own lease is not in its transcript"
    assert sum(step.broken for step in outcome.steps) == sum(outcome.broken.values())


def test_a_drill_may_follow_the_change() -> None:
    """The relationship that the runbook creates is the one the drills play on."""
    assert BY_NAME["steady"].relationship(estate().relationship) == estate().relationship


# The stand-alone server

CLIENT, OTHER = client_of(b"\2\0\0\0\0\1"), client_of(b"\2\0\0\0\0\2")


def server(serves: AddressSet | None = None) -> StandAlone:
    from migrate.failover.configuration import Configuration
    from migrate.simulate.estate import SERVER_IDS

    configuration = Configuration.of_model(estate().relationship, estate().scopes, Role.PRIMARY, SERVER_IDS[Role.PRIMARY])
    return StandAlone(configuration, {GUESTS: pool_addresses(estate().scopes[1]) if serves is None else serves}, {})


def ask(standing: StandAlone, kind: RequestKind, client=CLIENT, address: int = 0, now: int = 0):  # type: ignore[no-untyped-def]
    server_id = standing._configuration.server_id if kind is RequestKind.SELECTING else 0
    effects = standing.submit(DhcpRequest(kind, client, GUESTS + 1, address, server_id), now)
    return effects[-1] if effects else None


def leased(standing: StandAlone, client=CLIENT, now: int = 0) -> int:  # type: ignore[no-untyped-def]
    offer = ask(standing, RequestKind.DISCOVER, client, now=now)
    assert ask(standing, RequestKind.SELECTING, client, offer.address, now).kind is ReplyKind.ACK
    return int(offer.address)


def test_stand_alone_server_leases_its_own_part_only() -> None:
    standing = server(span("10.20.1.26", "10.20.1.27"))
    assert leased(standing) & 0xFF == 26
    assert leased(standing, OTHER) & 0xFF == 27
    assert ask(standing, RequestKind.DISCOVER, client_of(b"\2\0\0\0\0\3")) is None


def test_stand_alone_server_renews_what_it_knows_and_is_silent_of_the_rest() -> None:
    standing = server()
    address = leased(standing)
    assert ask(standing, RequestKind.RENEWING, address=address).kind is ReplyKind.ACK
    assert ask(standing, RequestKind.REBINDING, OTHER, address).kind is ReplyKind.NAK
    assert ask(standing, RequestKind.REBINDING, OTHER, address + 1) is None


def test_stand_alone_server_gives_an_address_away_after_its_lease() -> None:
    standing = server(span("10.20.1.26", "10.20.1.26"))
    leased(standing)
    lease_s = standing._configuration.scopes[1].lease_s
    assert ask(standing, RequestKind.DISCOVER, OTHER, now=lease_s - 1) is None
    assert leased(standing, OTHER, now=lease_s)


def test_stand_alone_server_forgets_released_and_keeps_off_declined_addresses() -> None:
    standing = server(span("10.20.1.26", "10.20.1.26"))
    address = leased(standing)
    ask(standing, RequestKind.RELEASE, address=address)
    assert leased(standing, OTHER) == address
    ask(standing, RequestKind.DECLINE, OTHER, address)
    assert ask(standing, RequestKind.DISCOVER) is None


def test_stand_alone_server_answers_nobody_while_inactive_or_elsewhere() -> None:
    standing = server()
    standing.is_active = False
    assert ask(standing, RequestKind.DISCOVER) is None
    standing.is_active = True
    assert standing.submit(DhcpRequest(RequestKind.DISCOVER, CLIENT, OFFICES + 1), 0) == ()
    assert ask(standing, RequestKind.INFORM).lease_s is None


def test_stores_come_before_answers() -> None:
    standing = server()
    offer = ask(standing, RequestKind.DISCOVER)
    request = DhcpRequest(RequestKind.SELECTING, CLIENT, GUESTS + 1, offer.address, standing._configuration.server_id)
    store, answer = standing.submit(request, 0)
    assert store.record.state is ACTIVE  # type: ignore[union-attr]
    assert answer.kind is ReplyKind.ACK  # type: ignore[union-attr]
