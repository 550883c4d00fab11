"""Windows' binding-status against the mapping of MS-DHCPF 3.1.4.2."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from migrate.failover.codes import BindingState, LeaseDnsFlags, LeaseStatus, PoolMove, WindowsIpFlags
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import BindingUpdate
from migrate.failover.windows import binding_state, is_pool_move, wire_form

CLIENT = HardwareAddress(1, b"\2\0\0\0\0\1")
FREE, ACTIVE, EXPIRED, RELEASED, BACKUP = (
    BindingState.FREE,
    BindingState.ACTIVE,
    BindingState.EXPIRED,
    BindingState.RELEASED,
    BindingState.BACKUP,
)


def update(status: int, flags: int | None = 0, *, client: HardwareAddress | None = None) -> BindingUpdate:
    return BindingUpdate(address=IPv4Address("10.0.0.1"), status=status, ip_flags=flags, hardware_address=client)


READINGS = [
    # (name, update, receiver has a lease record, state)
    ("free", update(PoolMove.FREE), False, FREE),
    ("free, flags left out", update(PoolMove.FREE, None), False, FREE),
    ("backup", update(PoolMove.BACKUP), False, BACKUP),
    ("taken back", update(PoolMove.RECONCILE), False, FREE),
    ("free again", update(PoolMove.FREE_UPDATE), False, FREE),
    ("backup again", update(PoolMove.BACKUP_UPDATE), False, BACKUP),
    ("free, but leased here", update(PoolMove.FREE), True, ACTIVE),
    ("backup, but leased here", update(PoolMove.BACKUP), True, EXPIRED),
    ("offered", update(LeaseStatus.OFFERED, client=CLIENT), False, ACTIVE),
    ("new lease looks like FREE", update(LeaseStatus.ACTIVE, client=CLIENT), False, ACTIVE),
    ("renewal", update(LeaseStatus.ACTIVE, client=CLIENT), True, ACTIVE),
    ("declined looks like BACKUP", update(LeaseStatus.DECLINED, client=CLIENT), False, EXPIRED),
    ("doomed", update(LeaseStatus.DOOMED, client=CLIENT), True, EXPIRED),
    ("released", update(LeaseStatus.ACTIVE, WindowsIpFlags.RELEASED, client=CLIENT), True, RELEASED),
    ("released and doomed", update(LeaseStatus.DOOMED, WindowsIpFlags.RELEASED, client=CLIENT), True, RELEASED),
    ("active with DNS bits", update(LeaseStatus.ACTIVE | LeaseDnsFlags.BOTH_RECORDS | 0x0C, client=CLIENT), True, ACTIVE),
    ("doomed with DNS bits", update(LeaseStatus.DOOMED | LeaseDnsFlags.CLEANUP, client=CLIENT), True, EXPIRED),
    ("no pool move is numbered 3", update(3), False, EXPIRED),
]


@pytest.mark.parametrize(("said", "has_lease", "state"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS])
def test_binding_state(said: BindingUpdate, has_lease: bool, state: BindingState) -> None:
    assert binding_state(said, has_lease=has_lease) is state


@pytest.mark.parametrize("state", list(BindingState), ids=lambda state: state.name)
def test_what_is_said_is_understood(state: BindingState) -> None:
    """Windows has neither ABANDONED nor RESET on the wire: the partner understands EXPIRED."""
    status, flags = wire_form(state)
    is_free = state in (FREE, BACKUP)
    said = update(status, flags, client=None if is_free else CLIENT)
    assert is_pool_move(said) is is_free
    understood = binding_state(said, has_lease=not is_free)
    assert understood is (EXPIRED if state in (BindingState.ABANDONED, BindingState.RESET) else state)


def test_every_status_byte_is_read() -> None:
    for status in range(256):
        for has_lease in (False, True):
            assert binding_state(update(status, client=CLIENT), has_lease=has_lease) in (ACTIVE, EXPIRED)


def test_a_client_identifier_alone_is_a_client() -> None:
    assert not is_pool_move(BindingUpdate(status=1, client_identifier=b"\1"))


def test_an_update_without_a_status_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="without a binding-status"):
        binding_state(BindingUpdate(), has_lease=False)
