"""The two number spaces of server states, and that no number is used twice."""

from __future__ import annotations

import pytest

from migrate.failover import codes
from migrate.failover.codes import (
    FSM_STATES,
    LEASE_STATUS_MASK,
    STATES_BY_FSM_NUMBER,
    STATES_BY_WIRE_NUMBER,
    WIRE_STATES,
    LeaseDnsFlags,
    LeaseStatus,
    ServerState,
)

# D12 12.24 (254: dhcpd's); MS-DHCPM 2.2.1.1.20.
NUMBERS = [
    ("STARTUP", 1, 2),
    ("NORMAL", 2, 3),
    ("COMMUNICATIONS-INTERRUPTED", 3, 4),
    ("PARTNER-DOWN", 4, 5),
    ("POTENTIAL-CONFLICT", 5, 6),
    ("RECOVER", 6, 9),
    ("PAUSED", 7, 12),
    ("SHUTDOWN", 8, 13),
    ("RECOVER-DONE", 9, 11),
    ("RESOLUTION-INTERRUPTED", 10, 8),
    ("CONFLICT-DONE", 11, 7),
    ("RECOVER-WAIT", 254, 10),
]


@pytest.mark.parametrize(("name", "wire", "fsm"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_server_states(name: str, wire: int, fsm: int) -> None:
    state = ServerState(name)
    assert (WIRE_STATES[state], FSM_STATES[state]) == (wire, fsm)
    assert STATES_BY_WIRE_NUMBER[wire] is STATES_BY_FSM_NUMBER[fsm] is state


def test_every_state_has_both_numbers() -> None:
    assert set(WIRE_STATES) == set(FSM_STATES) == set(ServerState)
    assert len(STATES_BY_WIRE_NUMBER) == len(STATES_BY_FSM_NUMBER) == len(NUMBERS) == len(ServerState)


def test_no_number_has_two_names() -> None:
    for group in (codes.MessageType, codes.OptionCode, codes.RejectReason, codes.BindingState, codes.PoolMove, codes.LeaseStatus):
        assert len(group.__members__) == len(set(group)), group


def test_the_parts_of_a_lease_status_byte_do_not_overlap() -> None:
    assert max(LeaseStatus) == LEASE_STATUS_MASK
    assert sum(LeaseDnsFlags) | LEASE_STATUS_MASK | 3 << codes.DHCID_KIND_SHIFT == 0xFF
