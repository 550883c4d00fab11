"""Every invariant can fail: each is shown a small wrong, and the same without it. Mistakes of the engine are in test_mutants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from connection_pair import mac
from simulations import FIRST, START_S, simulation, to_normal

from migrate.failover.bindings import ABANDONED, ACTIVE, BACKUP, EXPIRED, FREE, Binding, Client
from migrate.failover.codes import ServerState
from migrate.failover.effects import Answer, DhcpRequest, Order, ReplyKind, RequestKind, Store
from migrate.model.addresses import AddressRange, AddressSet
from migrate.model.server import Role
from migrate.simulate.estate import Simulation
from migrate.simulate.happenings import Asked, Move
from migrate.simulate.invariants import INVARIANTS, Rules
from migrate.simulate.promises import Promise

ALICE, BOB = mac(2), mac(5)
"""Both the primary's by load balancing."""
M = 3600
NO_RULES = Rules(AddressSet(), {})


def verdicts(name: str, sim: Simulation, rules: Rules = NO_RULES) -> list[bool]:
    """For each judgement whether it holds."""
    return [judgement is None for judgement in INVARIANTS[name](sim.world, rules)]


def asked(
    kind: RequestKind = RequestKind.SELECTING,
    *,
    client: Client = ALICE,
    state: ServerState = ServerState.NORMAL,
    before: Binding | None = None,
    reply: ReplyKind | None = ReplyKind.ACK,
    lease_s: int = M,
    role: Role = Role.PRIMARY,
    since_s: int = START_S,
    clock_s: int = START_S,
) -> Asked:
    request = DhcpRequest(kind, client, FIRST, FIRST)
    given = lease_s if reply is not ReplyKind.NAK else None
    answer = None if reply is None else Answer(reply, client, 1, 0 if reply is ReplyKind.NAK else FIRST, given)
    return Asked(role, state, since_s, clock_s, request, before or Binding(FIRST, FREE), answer, False)


def running() -> Simulation:
    sim = to_normal(simulation())
    sim.world.happenings.clear()
    sim.world.unsettled.clear()
    return sim


def seen(sim: Simulation, event: Asked) -> Simulation:
    sim.world.happenings.asked.append(event)
    return sim


def test_two_clients_on_one_address() -> None:
    sim = seen(running(), asked(client=BOB))
    assert verdicts("one-client-an-address", sim) == [True]
    sim.world.promises.make(FIRST, Promise(ALICE.identity, sim.world.now + 1, None, START_S))
    assert verdicts("one-client-an-address", sim) == [False]
    sim.world.run(1)
    assert verdicts("one-client-an-address", sim) == [True]


@pytest.mark.parametrize(
    ("lease_s", "known_s", "whose", "holds"),
    [
        (M, 0, ALICE, True),
        (M + 1, 0, ALICE, False),
        (M + 500, 500, ALICE, True),
        (M + 501, 500, ALICE, False),
        (M + 500, 500, BOB, False),
    ],
    ids=["first", "longer than MCLT", "known", "beyond what is known", "known for somebody else"],
)
def test_promise_beyond_mclt(lease_s: int, known_s: int, whose: Client, holds: bool) -> None:
    sim = seen(running(), asked(lease_s=lease_s))
    binding = Binding(FIRST, ACTIVE, whose, received_pe_s=START_S + known_s)
    sim.world.hosts[Role.SECONDARY].store(Store(binding, START_S))
    assert verdicts("promise-within-mclt", sim) == [holds]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (asked(RequestKind.REBINDING, before=Binding(FIRST, ACTIVE, ALICE)), [True]),
        (asked(RequestKind.REBINDING, before=Binding(FIRST, ACTIVE, ALICE), reply=None, state=ServerState.PARTNER_DOWN), [False]),
        (asked(RequestKind.REBINDING, before=Binding(FIRST, ACTIVE, ALICE), reply=ReplyKind.NAK), [False]),
        (asked(RequestKind.INIT_REBOOT, before=Binding(FIRST, FREE), reply=ReplyKind.NAK), [False]),
        (asked(RequestKind.REBINDING, before=Binding(FIRST, ACTIVE, ALICE), reply=None, state=ServerState.RECOVER), []),
        (asked(RequestKind.REBINDING, before=Binding(FIRST, FREE), reply=None, state=ServerState.PARTNER_DOWN), []),
        (asked(RequestKind.REBINDING, client=BOB, before=Binding(FIRST, ACTIVE, BOB), reply=ReplyKind.NAK), []),
    ],
    ids=["kept", "unanswered", "refused", "refused after reboot", "silent state", "lease unknown to the server", "lease over"],
)
def test_client_that_reaches_a_server(event: Asked, expected: list[bool]) -> None:
    sim = seen(running(), event)
    sim.world.promises.make(FIRST, Promise(ALICE.identity, sim.world.now + 100, None, START_S))
    assert verdicts("client-keeps-its-address", sim) == expected


@pytest.mark.parametrize(("client", "holds"), [(ALICE, True), (BOB, False)], ids=["its client", "another"])
@pytest.mark.parametrize("reply", [ReplyKind.ACK, ReplyKind.OFFER], ids=lambda reply: reply.value)
def test_reserved_address(client: Client, holds: bool, reply: ReplyKind) -> None:
    sim = seen(running(), asked(client=client, reply=reply))
    assert verdicts("reserved-to-its-client", sim, Rules(AddressSet(), {FIRST: ALICE.identity})) == [holds]
    assert verdicts("reserved-to-its-client", sim) == []


def test_excluded_address() -> None:
    sim = seen(running(), asked(reply=ReplyKind.OFFER))
    excluded = AddressSet([AddressRange(IPv4Address(FIRST), IPv4Address(FIRST))])
    assert verdicts("excluded-to-nobody", sim) == [True]
    assert verdicts("excluded-to-nobody", sim, Rules(excluded, {})) == [False]
    assert verdicts("excluded-to-nobody", sim, Rules(excluded, {FIRST: ALICE.identity})) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "holds"),
    [
        (Binding(FIRST, ACTIVE, ALICE, expiry_s=9), Binding(FIRST, ACTIVE, ALICE, expiry_s=9), True),
        (Binding(FIRST, ACTIVE, ALICE, expiry_s=9), Binding(FIRST, ACTIVE, ALICE, expiry_s=8), False),
        (Binding(FIRST, ACTIVE, ALICE, expiry_s=9), Binding(FIRST, ACTIVE, BOB, expiry_s=9), False),
        (Binding(FIRST, ACTIVE, ALICE, expiry_s=9), Binding(FIRST, FREE), False),
        (Binding(FIRST, FREE, ALICE), Binding(FIRST, FREE, BOB), True),
        (Binding(FIRST, FREE), Binding(FIRST, BACKUP), False),
        (Binding(FIRST, ABANDONED), Binding(FIRST, FREE), True),
        (Binding(FIRST, EXPIRED, ALICE), Binding(FIRST, FREE), False),
    ],
    ids=["same", "other end", "other client", "unknown", "last clients differ", "other owner", "declined", "ended on one side"],
)
def test_databases(ours: Binding, theirs: Binding, holds: bool) -> None:
    sim = running()
    for role, binding in zip(Role, (ours, theirs), strict=True):
        sim.world.hosts[role].store(Store(binding, START_S))
    sim.world.unsettled[FIRST] = None
    assert verdicts("partners-agree", sim) == [holds]
    assert verdicts("partners-agree", sim) == []


@pytest.mark.parametrize("trouble", ["down", "cut", "under way", "clocks"])
def test_databases_are_not_compared_while_they_may_differ(trouble: str) -> None:
    sim = running()
    sim.world.unsettled[FIRST] = None
    spoil: dict[str, Callable[[], object]] = {
        "down": lambda: sim.world.crash(Role.PRIMARY),
        "cut": lambda: (sim.world.cut(), sim.world.run(1)),
        "under way": lambda: setattr(sim.world, "messages_under_way", 1),
        "clocks": lambda: sim.world.set_clock(Role.PRIMARY, 61),
    }
    spoil[trouble]()
    sim.world.unsettled[FIRST] = None
    assert verdicts("partners-agree", sim) == []


def test_shares_of_the_free_pool() -> None:
    sim = running()
    assert verdicts("free-pool-in-ratio", sim) == []
    sim.world.happenings.has_redistributed = True
    assert verdicts("free-pool-in-ratio", sim) == [True]
    primary = sim.world.hosts[Role.PRIMARY]
    for address in (FIRST, FIRST + 1):
        primary.store(Store(Binding(address, BACKUP), START_S))
    assert verdicts("free-pool-in-ratio", sim) == [False]
    primary.store(Store(Binding(FIRST + 1, BACKUP, owed=True), START_S))
    assert verdicts("free-pool-in-ratio", sim) == [True]


P, S = Role.PRIMARY, Role.SECONDARY
INTERRUPTED, DOWN = ServerState.COMMUNICATIONS_INTERRUPTED, ServerState.PARTNER_DOWN


@pytest.mark.parametrize(
    ("event", "holds"),
    [
        (asked(before=Binding(FIRST, FREE)), True),
        (asked(before=Binding(FIRST, FREE, owed=True)), False),
        (asked(before=Binding(FIRST, BACKUP)), False),
        (asked(before=Binding(FIRST, BACKUP), role=S), True),
        (asked(before=Binding(FIRST, FREE), role=S, state=INTERRUPTED), False),
        (asked(before=Binding(FIRST, FREE), role=S, state=DOWN, clock_s=START_S + M - 1), False),
        (asked(before=Binding(FIRST, FREE), role=S, state=DOWN, clock_s=START_S + M), True),
        (asked(before=Binding(FIRST, ACTIVE, ALICE)), True),
        (asked(before=Binding(FIRST, ACTIVE, BOB)), False),
        (asked(before=Binding(FIRST, EXPIRED, ALICE)), True),
        (asked(before=Binding(FIRST, EXPIRED, BOB)), False),
        (asked(before=Binding(FIRST, ABANDONED)), False),
    ],
    ids=[
        "own",
        "own, not agreed yet",
        "the partner's",
        "own of the secondary",
        "the partner's, interrupted",
        "the partner's, before MCLT",
        "the partner's, after MCLT",
        "renewed",
        "another's",
        "resumed",
        "ended, of another",
        "declined",
    ],
)
def test_share_from_which_a_lease_is_given(event: Asked, holds: bool) -> None:
    assert verdicts("new-lease-from-own-share", seen(running(), event)) == [holds]


@pytest.mark.parametrize("state", list(ServerState), ids=str)
def test_states_that_are_silent(state: ServerState) -> None:
    serves = state in (ServerState.NORMAL, INTERRUPTED, DOWN, ServerState.RESOLUTION_INTERRUPTED, ServerState.CONFLICT_DONE)
    sim = seen(running(), asked(state=state))
    assert verdicts("silent-states-are-silent", sim) == [serves]
    sim.world.happenings.asked[:] = [asked(RequestKind.RENEWING, state=state)]
    assert verdicts("silent-states-are-silent", sim) == [serves or state is ServerState.RECOVER_DONE]
    sim.world.happenings.asked[:] = [asked(state=state, reply=None)]
    assert verdicts("silent-states-are-silent", sim) == []


@pytest.mark.parametrize(("away_s", "holds"), [(M - 1, False), (M, True)], ids=["too early", "in time"])
@pytest.mark.parametrize("before", [ServerState.RECOVER, ServerState.RECOVER_WAIT], ids=str)
def test_end_of_the_wait(away_s: int, holds: bool, before: ServerState) -> None:
    sim = running()
    sim.world.crash(P)
    sim.world.run(1)
    sim.world.order(S, Order.PARTNER_DOWN)
    sim.world.hosts[P].last_promise_s = sim.world.now
    sim.world.run(away_s)
    sim.world.happenings.moves.append(Move(P, before, ServerState.RECOVER_DONE))
    assert verdicts("recovery-waits-for-mclt", sim) == [holds]
    sim.world.happenings.moves[:] = [Move(P, before, ServerState.RECOVER)]
    assert verdicts("recovery-waits-for-mclt", sim) == []


@pytest.mark.parametrize(
    ("stored", "holds"),
    [
        (Binding(FIRST, ACTIVE, ALICE, expiry_s=START_S + M), True),
        (Binding(FIRST, ACTIVE, ALICE, expiry_s=START_S + M - 1), False),
        (Binding(FIRST, ACTIVE, BOB, expiry_s=START_S + M), False),
        (Binding(FIRST, FREE, ALICE), False),
        (None, False),
    ],
    ids=["stored", "shorter", "for another", "free", "nothing"],
)
def test_promise_without_a_record(stored: Binding | None, holds: bool) -> None:
    sim = seen(running(), asked())
    sim.world.hosts[P].storage.bindings.pop(FIRST, None)
    if stored is not None:
        sim.world.hosts[P].store(Store(stored, START_S))
    assert verdicts("promise-is-stored", sim) == [holds]


def test_judge_counts_what_it_looked_at_and_says_what_is_wrong() -> None:
    sim = running()
    sim.world.promises.make(FIRST, Promise(ALICE.identity, sim.world.now + 100, None, START_S))
    counts = dict(sim.judge.checked)
    seen(sim, asked(client=BOB))
    sim.world.judge()
    assert sim.judge.checked["one-client-an-address"] == counts["one-client-an-address"] + 1
    assert [violation.clients for violation in sim.judge.violations if violation.invariant == "one-client-an-address"] == [
        (ALICE.identity, BOB.identity)
    ]
    assert "INVARIANT  one-client-an-address: 10.20.0.11 promised to 02-00-00-00-00-05" in "\n".join(sim.world.transcript.lines())
    assert replace(sim.judge.violations[0], at_s=0).address == FIRST
