"""The server states: every move between them, as literal tables. Nothing outside this file decides which state comes next.

Theory of operation. A server has a state, communications with its partner are either up or not, and while they are up it knows
its partner's state. `JOINT` says, for each combination of the three, which state the server must be in: it is consulted when
the partner reports a state or communications change, and again after each move it makes, until nothing changes. It is not
consulted after a move of `EVENTS`: a secondary that has just left POTENTIAL-CONFLICT still knows its partner in CONFLICT-DONE.
`EVENTS` says what a finished update, a timer or an operator does to a state. `STARTUP` says in which state a server that has
just started continues, given the state it finds in stable storage. `SERVICE` says whom a server answers in each state.

A row without flavour is the draft's, and Windows' too unless a row below it says otherwise; a row with a flavour replaces it for
that flavour. A combination with no row is in one of the IMPOSSIBLE lists, with the reason; looking it up raises `IllegalMove`.
`asks` marks the rows in which the server asks its partner for updates (UPDREQ or UPDREQALL, as the dialect says), once on each
link and state.

Sources: D12 is draft-ietf-dhc-failover-12, ISC is dhcpd 4.4.3, DHCPF is MS-DHCPF; SET, EXA are Windows' failover topics
"Settings" and "Examples". Not here: when timers run out, and what is sent on the way (`endpoint`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from migrate.failover.codes import ServerState
from migrate.failover.dialect import Flavour
from migrate.failover.errors import ProtocolError
from migrate.model.server import Role

NORMAL = ServerState.NORMAL
INTERRUPTED = ServerState.COMMUNICATIONS_INTERRUPTED
PARTNER_DOWN = ServerState.PARTNER_DOWN
POTENTIAL_CONFLICT = ServerState.POTENTIAL_CONFLICT
RESOLUTION_INTERRUPTED = ServerState.RESOLUTION_INTERRUPTED
CONFLICT_DONE = ServerState.CONFLICT_DONE
RECOVER = ServerState.RECOVER
RECOVER_WAIT = ServerState.RECOVER_WAIT
RECOVER_DONE = ServerState.RECOVER_DONE
PAUSED = ServerState.PAUSED
SHUTDOWN = ServerState.SHUTDOWN
STARTING = ServerState.STARTUP

ALL = tuple(ServerState)
REPORTED = tuple(state for state in ServerState if state is not STARTING)
"""What a partner may report: STARTUP is a flag beside the previous state, never a state on the wire (D12 9.3)."""
CONFLICTING = (POTENTIAL_CONFLICT, RESOLUTION_INTERRUPTED, CONFLICT_DONE)
ISC, WINDOWS = Flavour.ISC, Flavour.WINDOWS


class IllegalMove(ProtocolError):
    """A combination that cannot come about between two servers that keep to the protocol."""


class Event(Enum):
    UPDATE_DONE = "update done"
    """UPDDONE has come, for the request sent in this state."""
    WAIT_OVER = "wait over"
    """RECOVER-WAIT has lasted long enough."""
    SAFE_PERIOD_OVER = "safe period over"
    """Windows: the state switch interval."""
    PARTNER_DOWN_ORDERED = "operator: partner is down"
    PAUSE_ORDERED = "operator: pause"
    SHUTDOWN_ORDERED = "operator: shut down"


class Start(Enum):
    """What ends STARTUP."""

    CONNECTED = "connected"
    """A STATE has come and the partner is not in PARTNER-DOWN."""
    PARTNER_DOWN_SINCE = "partner down since"
    """It is, and has been only since after this server's last operation."""
    PARTNER_DOWN_BEFORE = "partner down before"
    """It is, and was while this server still operated."""
    TIMER = "timer"


class JointRow(NamedTuple):
    own: ServerState
    partner: Sequence[ServerState] | None
    """None: no communications."""
    to: ServerState
    source: str
    asks: bool = False
    role: Role | None = None
    flavour: Flavour | None = None


class EventRow(NamedTuple):
    own: Sequence[ServerState]
    event: Event
    to: ServerState | None
    """None: nothing changes."""
    source: str
    role: Role | None = None


class StartRow(NamedTuple):
    saved: Sequence[ServerState | None]
    """None: nothing is stored."""
    ends: Sequence[Start]
    to: ServerState | None
    """None: the saved state itself."""
    source: str
    flavour: Flavour | None = None


class Impossible(NamedTuple):
    own: Sequence[ServerState]
    partner: Sequence[ServerState]
    why: str
    role: Role | None = None


JOINT = (
    JointRow(NORMAL, None, INTERRUPTED, "D12 9.8.3, SET"),
    JointRow(NORMAL, (NORMAL,), NORMAL, "D12 9.8.3"),
    # The draft leaves for COMMUNICATIONS-INTERRUPTED and comes back at once; the outcome is what counts here.
    JointRow(NORMAL, (INTERRUPTED, RECOVER_DONE), NORMAL, "D12 9.8.3, ISC"),
    JointRow(NORMAL, (PARTNER_DOWN, *CONFLICTING), POTENTIAL_CONFLICT, "D12 9.8.3 by way of 9.9.3"),
    JointRow(NORMAL, CONFLICTING, SHUTDOWN, "ISC: an illegal combination", flavour=ISC),
    JointRow(NORMAL, (RECOVER, RECOVER_WAIT, PAUSED), INTERRUPTED, "D12 9.8.3, SET"),
    JointRow(NORMAL, (RECOVER,), PARTNER_DOWN, "ISC", flavour=ISC),
    JointRow(NORMAL, (RECOVER_WAIT,), NORMAL, "ISC", flavour=ISC),
    JointRow(NORMAL, (SHUTDOWN,), PARTNER_DOWN, "D12 9.8.3, SET"),
    JointRow(INTERRUPTED, None, INTERRUPTED, "D12 9.9"),
    JointRow(INTERRUPTED, (NORMAL, INTERRUPTED, RECOVER_DONE), NORMAL, "D12 9.9.3, SET"),
    JointRow(INTERRUPTED, (RECOVER, RECOVER_WAIT, PAUSED), INTERRUPTED, "D12 9.9.3"),
    JointRow(INTERRUPTED, (RECOVER,), PARTNER_DOWN, "ISC", flavour=ISC),
    JointRow(INTERRUPTED, (RECOVER_WAIT,), NORMAL, "ISC", flavour=ISC),
    JointRow(INTERRUPTED, (SHUTDOWN,), PARTNER_DOWN, "D12 9.9.3, SET"),
    JointRow(INTERRUPTED, (PARTNER_DOWN, *CONFLICTING), POTENTIAL_CONFLICT, "D12 9.9.3, SET"),
    JointRow(PARTNER_DOWN, None, PARTNER_DOWN, "D12 9.4"),
    JointRow(PARTNER_DOWN, (RECOVER, RECOVER_WAIT, PAUSED, SHUTDOWN), PARTNER_DOWN, "D12 9.4.3"),
    JointRow(PARTNER_DOWN, (RECOVER_DONE,), NORMAL, "D12 9.4.3, EXA"),
    JointRow(PARTNER_DOWN, (NORMAL, INTERRUPTED, PARTNER_DOWN, *CONFLICTING), POTENTIAL_CONFLICT, "D12 9.4.3"),
    JointRow(RECOVER, None, RECOVER, "D12 9.5"),
    JointRow(
        RECOVER,
        (NORMAL, INTERRUPTED, PARTNER_DOWN, RECOVER, RECOVER_WAIT, RECOVER_DONE, PAUSED, SHUTDOWN),
        RECOVER,
        "D12 9.5.2, DHCPF 3.1.3 (dhcpd does not ask a partner in RECOVER-WAIT, RECOVER-DONE or PAUSED, and can wait for ever)",
        asks=True,
    ),
    JointRow(RECOVER, (NORMAL,), POTENTIAL_CONFLICT, "ISC", flavour=ISC),
    JointRow(RECOVER, (SHUTDOWN,), PARTNER_DOWN, "ISC", flavour=ISC),
    JointRow(RECOVER, CONFLICTING, POTENTIAL_CONFLICT, "D12 9.5.3, SET"),
    JointRow(RECOVER_WAIT, None, RECOVER_WAIT, "D12 9.6"),
    JointRow(RECOVER_WAIT, REPORTED, RECOVER_WAIT, "D12 9.6"),
    JointRow(RECOVER_DONE, None, RECOVER_DONE, "D12 9.7, SET"),
    JointRow(RECOVER_DONE, (NORMAL, RECOVER_DONE), NORMAL, "D12 9.7.3, SET"),
    JointRow(
        RECOVER_DONE,
        (INTERRUPTED, PARTNER_DOWN, RECOVER, RECOVER_WAIT, PAUSED, SHUTDOWN),
        RECOVER_DONE,
        "D12 9.7.3",
    ),
    JointRow(RECOVER_DONE, CONFLICTING, POTENTIAL_CONFLICT, "D12 figure 9.2-1"),
    JointRow(RECOVER_DONE, CONFLICTING, RECOVER_DONE, "ISC", flavour=ISC),
    JointRow(RECOVER_DONE, (SHUTDOWN,), PARTNER_DOWN, "ISC", flavour=ISC),
    JointRow(POTENTIAL_CONFLICT, None, RESOLUTION_INTERRUPTED, "D12 9.10.3, SET"),
    JointRow(POTENTIAL_CONFLICT, REPORTED, POTENTIAL_CONFLICT, "D12 9.10.2: the primary asks first", asks=True, role=Role.PRIMARY),
    JointRow(
        POTENTIAL_CONFLICT,
        tuple(state for state in REPORTED if state is not CONFLICT_DONE),
        POTENTIAL_CONFLICT,
        "D12 9.10.2: the secondary waits for its turn",
        role=Role.SECONDARY,
    ),
    JointRow(POTENTIAL_CONFLICT, (CONFLICT_DONE,), POTENTIAL_CONFLICT, "D12 9.10.2", asks=True, role=Role.SECONDARY),
    JointRow(POTENTIAL_CONFLICT, (NORMAL,), SHUTDOWN, "ISC: an illegal combination", flavour=ISC),
    JointRow(POTENTIAL_CONFLICT, (RECOVER,), RECOVER, "ISC", flavour=ISC),
    JointRow(POTENTIAL_CONFLICT, (SHUTDOWN,), PARTNER_DOWN, "ISC", flavour=ISC),
    JointRow(RESOLUTION_INTERRUPTED, None, RESOLUTION_INTERRUPTED, "D12 9.11"),
    JointRow(RESOLUTION_INTERRUPTED, REPORTED, POTENTIAL_CONFLICT, "D12 9.11.3, SET"),
    JointRow(RESOLUTION_INTERRUPTED, (PAUSED,), RESOLUTION_INTERRUPTED, "ISC", flavour=ISC),
    JointRow(RESOLUTION_INTERRUPTED, (SHUTDOWN,), PARTNER_DOWN, "ISC", flavour=ISC),
    JointRow(CONFLICT_DONE, None, CONFLICT_DONE, "D12 9.12, SET", role=Role.PRIMARY),
    JointRow(CONFLICT_DONE, (NORMAL,), NORMAL, "D12 9.12.3, SET", role=Role.PRIMARY),
    JointRow(
        CONFLICT_DONE,
        tuple(state for state in REPORTED if state is not NORMAL),
        CONFLICT_DONE,
        "D12 9.12.3 (where dhcpd aborts)",
        role=Role.PRIMARY,
    ),
    JointRow(CONFLICT_DONE, (SHUTDOWN,), SHUTDOWN, "ISC", role=Role.PRIMARY, flavour=ISC),
    JointRow(PAUSED, None, PAUSED, "D12 9.13"),
    JointRow(PAUSED, REPORTED, PAUSED, "D12 9.13"),
    JointRow(SHUTDOWN, None, SHUTDOWN, "D12 9.14"),
    JointRow(SHUTDOWN, REPORTED, SHUTDOWN, "D12 9.14"),
)

OPERATING = tuple(state for state in ServerState if state not in (STARTING, PAUSED, SHUTDOWN))

EVENTS = (
    EventRow((RECOVER,), Event.UPDATE_DONE, RECOVER_WAIT, "D12 9.5.2, DHCPF 3.1.3"),
    EventRow((POTENTIAL_CONFLICT,), Event.UPDATE_DONE, CONFLICT_DONE, "D12 9.10.2, SET", Role.PRIMARY),
    EventRow((POTENTIAL_CONFLICT,), Event.UPDATE_DONE, NORMAL, "D12 9.10.2, SET", Role.SECONDARY),
    EventRow(
        tuple(state for state in ALL if state not in (RECOVER, POTENTIAL_CONFLICT)),
        Event.UPDATE_DONE,
        None,
        "EXA: also asked for on return from COMMUNICATIONS-INTERRUPTED and for added scopes; no move depends on it",
    ),
    EventRow((RECOVER_WAIT,), Event.WAIT_OVER, RECOVER_DONE, "D12 9.6.2, EXA"),
    EventRow((INTERRUPTED, RESOLUTION_INTERRUPTED), Event.SAFE_PERIOD_OVER, PARTNER_DOWN, "D12 9.9.3, 9.11.3, SET"),
    EventRow(
        (NORMAL, INTERRUPTED, RESOLUTION_INTERRUPTED),
        Event.PARTNER_DOWN_ORDERED,
        PARTNER_DOWN,
        "D12 9.8.3, 9.9.3, 9.11.3; Set-DhcpServerv4Failover documents COMMUNICATIONS-INTERRUPTED only",
    ),
    EventRow(
        tuple(state for state in ALL if state not in (NORMAL, INTERRUPTED, RESOLUTION_INTERRUPTED)),
        Event.PARTNER_DOWN_ORDERED,
        None,
        "no move is defined: the order is refused",
    ),
    EventRow(OPERATING, Event.PAUSE_ORDERED, PAUSED, "D12 9.13"),
    EventRow((STARTING, PAUSED, SHUTDOWN), Event.PAUSE_ORDERED, None, "D12 9.13: not in operation"),
    EventRow((*OPERATING, PAUSED), Event.SHUTDOWN_ORDERED, SHUTDOWN, "D12 9.14"),
    EventRow((STARTING, SHUTDOWN), Event.SHUTDOWN_ORDERED, None, "D12 9.14: not in operation"),
)

SETTLED = (PARTNER_DOWN, CONFLICT_DONE, RECOVER_WAIT, RECOVER_DONE)
"""States that survive the loss of communications."""

STARTUP = (
    StartRow(
        (NORMAL, INTERRUPTED), (Start.CONNECTED, Start.PARTNER_DOWN_BEFORE, Start.TIMER), INTERRUPTED, "D12 9.3.2, DHCPF 3.1.6.3"
    ),
    StartRow((NORMAL,), (Start.PARTNER_DOWN_BEFORE,), RECOVER, "ISC: no comparison of times", ISC),
    StartRow(
        (POTENTIAL_CONFLICT, RESOLUTION_INTERRUPTED),
        (Start.CONNECTED, Start.PARTNER_DOWN_BEFORE, Start.TIMER),
        RESOLUTION_INTERRUPTED,
        "D12 9.3.2",
    ),
    StartRow(SETTLED, (Start.CONNECTED, Start.PARTNER_DOWN_BEFORE, Start.TIMER), None, "D12 9.3.2"),
    StartRow(
        (NORMAL, INTERRUPTED, POTENTIAL_CONFLICT, RESOLUTION_INTERRUPTED, *SETTLED),
        (Start.PARTNER_DOWN_SINCE,),
        RECOVER,
        "D12 9.3.2, EXA",
    ),
    StartRow((INTERRUPTED,), (Start.PARTNER_DOWN_SINCE,), INTERRUPTED, "ISC: PARTNER-DOWN then makes a conflict of it", ISC),
    StartRow(
        (POTENTIAL_CONFLICT, RESOLUTION_INTERRUPTED),
        (Start.PARTNER_DOWN_SINCE,),
        RESOLUTION_INTERRUPTED,
        "ISC: no comparison of times",
        ISC,
    ),
    StartRow(SETTLED, (Start.PARTNER_DOWN_SINCE,), None, "ISC: no comparison of times", ISC),
    StartRow((RECOVER, None), tuple(Start), RECOVER, "D12 9.3.2, DHCPF 3.1.3"),
    StartRow((None,), (Start.TIMER,), INTERRUPTED, "DHCPF 3.1.6.3", WINDOWS),
    StartRow((PAUSED, SHUTDOWN), tuple(Start), None, "ISC: left only by an operator", ISC),
)

IMPOSSIBLE = (
    Impossible((STARTING,), ALL, "STARTUP ends by its own table before the partner's state counts (D12 9.3.2)"),
    Impossible(ALL, (STARTING,), "STARTUP is never reported: a flag beside the previous state says it (D12 9.3)"),
    Impossible((CONFLICT_DONE,), ALL, "CONFLICT-DONE is the primary's (D12 9.12)", Role.SECONDARY),
)
IMPOSSIBLE_ALONE = (
    Impossible((STARTING,), (), "the startup timer decides"),
    Impossible((CONFLICT_DONE,), (), "CONFLICT-DONE is the primary's (D12 9.12)", Role.SECONDARY),
)
"""The same without communications."""
IMPOSSIBLE_EVENTS = (
    ((Event.WAIT_OVER,), tuple(state for state in ALL if state is not RECOVER_WAIT), "the wait runs in RECOVER-WAIT only"),
    (
        (Event.SAFE_PERIOD_OVER,),
        tuple(state for state in ALL if state not in (INTERRUPTED, RESOLUTION_INTERRUPTED)),
        "the safe period runs in COMMUNICATIONS-INTERRUPTED and RESOLUTION-INTERRUPTED only",
    ),
)
IMPOSSIBLE_STARTS = (
    ((STARTING,), "what is saved is the state before STARTUP (D12 9.3)"),
    ((PAUSED, SHUTDOWN), "a server that restarts resumes the state before the stop (D12 9.13, 9.14); dhcpd stays stopped"),
)


class Pool(Enum):
    """From which free addresses a client without a lease is served."""

    OWN = "own"
    OWN_THEN_PARTNERS = "own, after MCLT the partner's"


class Service(NamedTuple):
    """Whom a server answers in a state."""

    new_clients: bool
    renewals: bool
    by_owner: bool
    """Load balancing, or the standby's silence, decides who answers."""
    pool: Pool
    source: str


SERVICE = {
    NORMAL: Service(True, True, True, Pool.OWN, "D12 9.8.2, EXA"),
    INTERRUPTED: Service(True, True, False, Pool.OWN, "D12 9.9.2, EXA"),
    PARTNER_DOWN: Service(True, True, False, Pool.OWN_THEN_PARTNERS, "D12 9.4.2, EXA"),
    RESOLUTION_INTERRUPTED: Service(True, True, False, Pool.OWN, "D12 9.11.2, SET"),
    CONFLICT_DONE: Service(True, True, False, Pool.OWN, "D12 9.12.2, SET"),
    RECOVER_DONE: Service(False, True, False, Pool.OWN, "D12 9.7.2, SET"),
    STARTING: Service(False, False, False, Pool.OWN, "D12 9.3.1"),
    POTENTIAL_CONFLICT: Service(False, False, False, Pool.OWN, "D12 9.10.1, SET"),
    RECOVER: Service(False, False, False, Pool.OWN, "D12 9.5.1"),
    RECOVER_WAIT: Service(False, False, False, Pool.OWN, "D12 9.6.1, EXA"),
    PAUSED: Service(False, False, False, Pool.OWN, "D12 9.13.1"),
    SHUTDOWN: Service(False, False, False, Pool.OWN, "D12 9.14.1"),
}
UNSETTLED = (RECOVER_DONE, RESOLUTION_INTERRUPTED, CONFLICT_DONE)
"""Where dhcpd answers nobody (Dialect.serves_while_unsettled)."""


def joint_move(flavour: Flavour, role: Role, own: ServerState, partner: ServerState | None) -> JointRow:
    """The row for these states; `partner` is None without communications. Raises IllegalMove where there is none."""
    row = _JOINT.get((flavour, role, own, partner)) or _JOINT.get((None, role, own, partner))
    if row is None:
        raise IllegalMove(f"the {role} in {own} cannot meet a partner in {partner or 'no state'}")
    return row


def event_move(role: Role, own: ServerState, event: Event) -> ServerState:
    """The state after the event, which may be the same. Raises IllegalMove where the event cannot happen."""
    row = _EVENTS.get((role, own, event))
    if row is None:
        raise IllegalMove(f"the {role} in {own} cannot meet the event: {event.value}")
    return own if row.to is None else row.to


def startup_move(flavour: Flavour, saved: ServerState | None, end: Start) -> ServerState:
    """The state in which a server that found `saved` in stable storage leaves STARTUP; `JOINT` then applies to it."""
    row = _STARTUP.get((flavour, saved, end)) or _STARTUP.get((None, saved, end))
    if row is None:
        raise IllegalMove(f"no server starts from {saved}")
    state = row.to or saved
    assert state is not None  # the row for nothing saved always names a state
    return state


def state_diagram(flavour: Flavour = WINDOWS) -> str:
    """Every move of the tables as a mermaid state diagram, the conditions of equal moves joined into one arrow."""
    labels: dict[tuple[ServerState, ServerState], dict[str, None]] = {}
    for own, to, label in _moves(flavour):
        if own is not to:
            labels.setdefault((own, to), {})[label] = None
    lines = ["stateDiagram-v2", f"    [*] --> {_node(STARTING)}"]
    lines += [f"    {_node(own)} --> {_node(to)}: {'; '.join(words)}" for (own, to), words in labels.items()]
    return "\n".join(lines) + "\n"


def _moves(flavour: Flavour) -> Iterator[tuple[ServerState, ServerState, str]]:
    for saved in (None, *REPORTED):
        for end in Start:
            if row := _STARTUP.get((flavour, saved, end)) or _STARTUP.get((None, saved, end)):
                yield STARTING, startup_move(flavour, saved, end), f"was {saved or 'new'}" if row.to else "as before"
    for own in REPORTED:
        for partner in (None, *REPORTED):
            for role in Role:
                if joint := _JOINT.get((flavour, role, own, partner)) or _JOINT.get((None, role, own, partner)):
                    yield own, joint.to, f"partner {partner}" if partner else "link lost"
        for event in Event:
            for role in Role:
                if moved := _EVENTS.get((role, own, event)):
                    yield own, moved.to or own, event.value.replace(":", "") + (f" ({role})" if moved.role else "")


def _node(state: ServerState) -> str:
    return state.value.replace("-", "_")


def _roles(role: Role | None) -> tuple[Role, ...]:
    return tuple(Role) if role is None else (role,)


_JOINT = {
    (row.flavour, role, row.own, partner): row
    for row in JOINT
    for role in _roles(row.role)
    for partner in (row.partner if row.partner is not None else (None,))
}
_EVENTS = {(role, own, row.event): row for row in EVENTS for role in _roles(row.role) for own in row.own}
_STARTUP = {(row.flavour, saved, end): row for row in STARTUP for saved in row.saved for end in row.ends}
