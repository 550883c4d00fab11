"""The server-state tables: complete, without contradiction, and settled (style.md, after h11's own tests of its tables)."""

from __future__ import annotations

from collections import Counter

import pytest

from migrate.failover import states
from migrate.failover.codes import ServerState
from migrate.failover.dialect import Flavour
from migrate.failover.states import Event, IllegalMove, Start, event_move, joint_move, startup_move, state_diagram
from migrate.model.server import Role

PARTNERS = (None, *ServerState)


def has_joint_row(flavour: Flavour, role: Role, own: ServerState, partner: ServerState | None) -> bool:
    try:
        joint_move(flavour, role, own, partner)
    except IllegalMove:
        return False
    return True


def impossible_joint(role: Role, own: ServerState, partner: ServerState | None) -> bool:
    listed = states.IMPOSSIBLE if partner else states.IMPOSSIBLE_ALONE
    return any(own in row.own and (partner is None or partner in row.partner) and row.role in (None, role) for row in listed)


@pytest.mark.parametrize("flavour", Flavour)
@pytest.mark.parametrize("role", Role)
def test_each_joint_combination_is_a_row_or_impossible(flavour: Flavour, role: Role) -> None:
    wrong = [
        (own.value, partner and partner.value)
        for own in ServerState
        for partner in PARTNERS
        if has_joint_row(flavour, role, own, partner) == impossible_joint(role, own, partner)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", Role)
def test_each_event_is_a_row_or_impossible(role: Role) -> None:
    wrong = []
    for own in ServerState:
        for event in Event:
            impossible = any(event in events and own in owns for events, owns, _ in states.IMPOSSIBLE_EVENTS)
            try:
                event_move(role, own, event)
                found = True
            except IllegalMove:
                found = False
            if found == impossible:
                wrong.append((own.value, event.value))
    assert wrong == []


@pytest.mark.parametrize("flavour", Flavour)
def test_each_start_is_a_row_or_impossible(flavour: Flavour) -> None:
    wrong = []
    for saved in PARTNERS:
        for end in Start:
            stopped = saved in (ServerState.PAUSED, ServerState.SHUTDOWN)
            impossible = any(saved in owns for owns, _ in states.IMPOSSIBLE_STARTS) and not (stopped and flavour is Flavour.ISC)
            try:
                startup_move(flavour, saved, end)
                found = True
            except IllegalMove:
                found = False
            if found == impossible:
                wrong.append((saved and saved.value, end.value))
    assert wrong == []


def test_no_combination_has_two_rows() -> None:
    def roles(role: Role | None) -> tuple[Role, ...]:
        return tuple(Role) if role is None else (role,)

    joint = Counter(
        (row.flavour, role, row.own, partner)
        for row in states.JOINT
        for role in roles(row.role)
        for partner in (row.partner if row.partner is not None else (None,))
    )
    events = Counter((role, own, row.event) for row in states.EVENTS for role in roles(row.role) for own in row.own)
    starts = Counter((row.flavour, saved, end) for row in states.STARTUP for saved in row.saved for end in row.ends)
    assert [key for counted in (joint, events, starts) for key, times in counted.items() if times > 1] == []


def test_a_flavour_only_replaces_rows_of_the_draft() -> None:
    """An exception for a combination that the draft does not have would be a row about nothing."""
    for row in states.JOINT:
        if row.flavour:
            for partner in row.partner or (None,):
                assert has_joint_row(Flavour.DRAFT, row.role or Role.PRIMARY, row.own, partner), row


@pytest.mark.parametrize("flavour", Flavour)
@pytest.mark.parametrize("role", Role)
def test_joint_moves_settle(flavour: Flavour, role: Role) -> None:
    """Applied again and again to an unchanged partner the table comes to rest, after three moves at most."""
    for own in ServerState:
        for partner in PARTNERS:
            if not has_joint_row(flavour, role, own, partner):
                continue
            state, moves = own, 0
            while (following := joint_move(flavour, role, state, partner).to) is not state:
                state, moves = following, moves + 1
                assert moves <= 3, (own, partner)


@pytest.mark.parametrize("flavour", Flavour)
def test_every_row_cites_its_source(flavour: Flavour) -> None:
    rows = [*states.JOINT, *states.EVENTS, *states.STARTUP, *states.SERVICE.values()]
    keys = ("D12 ", "ISC", "DHCPF ", "SET", "EXA", "no move is defined")
    assert [row for row in rows if not row.source.startswith(keys)] == []


def test_an_illegal_move_names_role_state_and_partner() -> None:
    with pytest.raises(IllegalMove, match="secondary in CONFLICT-DONE cannot meet a partner in NORMAL"):
        joint_move(Flavour.DRAFT, Role.SECONDARY, ServerState.CONFLICT_DONE, ServerState.NORMAL)
    with pytest.raises(IllegalMove, match="primary in NORMAL cannot meet the event: wait over"):
        event_move(Role.PRIMARY, ServerState.NORMAL, Event.WAIT_OVER)


def test_every_state_can_be_reached_and_left() -> None:
    """Walking the drawn arrows from the start reaches all twelve states; only SHUTDOWN ends there (D12 9.14)."""
    arrows = [line.split(":")[0].split(" --> ") for line in state_diagram().splitlines()[1:]]
    pairs = [(own.strip(), to.strip()) for own, to in arrows]
    reached = {"[*]"}
    for _ in pairs:
        reached |= {to for own, to in pairs if own in reached}
    assert reached - {"[*]"} == {state.value.replace("-", "_") for state in ServerState}
    assert reached - {own for own, _ in pairs} == {"SHUTDOWN"}


def test_the_diagram_is_that_of_the_tables() -> None:
    drawn = state_diagram(Flavour.WINDOWS)
    assert "    NORMAL --> COMMUNICATIONS_INTERRUPTED: link lost; partner RECOVER; partner PAUSED; partner RECOVER-WAIT\n" in drawn
    assert "    POTENTIAL_CONFLICT --> CONFLICT_DONE: update done (primary)\n" in drawn
    assert "    NORMAL --> SHUTDOWN: operator shut down\n" in drawn
    assert "partner PAUSED; partner SHUTDOWN; partner" in drawn.split("RESOLUTION_INTERRUPTED --> POTENTIAL_CONFLICT")[1]
    assert state_diagram(Flavour.ISC) != drawn


# failover-protocol.md section 5.1, copied cell by cell: own state, then the state after a report of each of the twelve columns.
COLUMNS = ["NORMAL", "CI", "PD", "PC", "RI", "CD", "RECOVER", "REC-WAIT", "REC-DONE", "PAUSED", "SHUTDOWN"]
ABBREVIATED = {
    "NRM": ServerState.NORMAL,
    "NORMAL": ServerState.NORMAL,
    "CI": ServerState.COMMUNICATIONS_INTERRUPTED,
    "PD": ServerState.PARTNER_DOWN,
    "PC": ServerState.POTENTIAL_CONFLICT,
    "RI": ServerState.RESOLUTION_INTERRUPTED,
    "CD": ServerState.CONFLICT_DONE,
    "RECOVER": ServerState.RECOVER,
    "REC": ServerState.RECOVER,
    "REC-WAIT": ServerState.RECOVER_WAIT,
    "REC-DONE": ServerState.RECOVER_DONE,
    "PAUSED": ServerState.PAUSED,
    "SHUTDOWN": ServerState.SHUTDOWN,
    "SD": ServerState.SHUTDOWN,
}
DRAFT_TABLE = """
NORMAL    NRM NRM PC  PC  PC  PC  CI  CI  NRM CI  PD
CI        NRM NRM PC  PC  PC  PC  =   =   NRM =   PD
PD        PC  PC  PC  PC  PC  PC  =   =   NRM =   =
RECOVER   =   =   =   PC  PC  PC  =   =   =   =   =
REC-WAIT  =   =   =   =   =   =   =   =   =   =   =
REC-DONE  NRM =   =   PC  PC  PC  =   =   NRM =   =
PC        =   =   =   =   =   =   =   =   =   =   =
RI        PC  PC  PC  PC  PC  PC  PC  PC  PC  PC  PC
CD        NRM =   =   =   =   =   =   =   =   =   =
"""
ISC_TABLE = """
NORMAL    NRM NRM PC  SD  SD  SD  PD  =   =   CI  PD
CI        NRM NRM PC  PC  PC  PC  PD  NRM NRM =   PD
PD        PC  PC  PC  PC  PC  PC  =   =   NRM =   =
RECOVER   PC  =   =   PC  PC  PC  =   =   =   =   PD
REC-WAIT  =   =   =   =   =   =   =   =   =   =   =
REC-DONE  NRM =   =   =   =   =   =   =   NRM =   PD
PC        SD  =   =   =   =   =   REC =   =   =   PD
RI        PC  PC  PC  PC  PC  PC  PC  PC  PC  =   PD
"""


@pytest.mark.parametrize(
    ("flavour", "table"), [(Flavour.DRAFT, DRAFT_TABLE), (Flavour.WINDOWS, DRAFT_TABLE), (Flavour.ISC, ISC_TABLE)]
)
def test_the_table_of_the_protocol_notes_cell_by_cell(flavour: Flavour, table: str) -> None:
    """failover-protocol.md 5.1 (D12 figure 9.2-1; dhcpd's fsm), the outcome of each cell. Windows: no difference documented."""
    wrong = []
    for line in table.strip().splitlines():
        name, *cells = line.split()
        own = ABBREVIATED[name]
        for column, cell in zip(COLUMNS, cells, strict=True):
            expected = own if cell == "=" else ABBREVIATED[cell]
            got = joint_move(flavour, Role.PRIMARY, own, ABBREVIATED[column]).to
            if got is not expected:
                wrong.append((name, column, cell, got.value))
    assert wrong == []
