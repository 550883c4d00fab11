"""What an update to dhcpd must say beyond the draft, found by watching what dhcpd makes of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from connection_pair import LOAD_BALANCE, SERVER_IDS, T0, address, mac, scope

from migrate.failover.bindings import ABANDONED, ACTIVE, RELEASED, Binding, judge
from migrate.failover.codes import RejectReason
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import ISC
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import BindingUpdate
from migrate.failover.updates import read_update, update_of
from migrate.model.server import Role

CONFIGURATION = Configuration.of_model(LOAD_BALANCE, [scope()], Role.PRIMARY, SERVER_IDS[Role.PRIMARY], ISC)


def test_an_abandoned_address_says_until_when() -> None:
    """dhcpd takes lease-expiration-time as the end of the quarantine, and makes the address free at once when it is 0."""
    update = update_of(Binding(address("10.20.0.15"), ABANDONED, mac(1), stos_s=T0, owed=True), CONFIGURATION)
    assert update.address == IPv4Address("10.20.0.15")
    assert update.lease_expiration_s == T0 + ISC.timers.abandoned_s
    assert update.hardware_address is None


def test_a_release_of_dhcpd_is_as_late_as_its_lease_expiration_time() -> None:
    """dhcpd keeps neither the partner's CLTT nor its own at a release, but ends the lease at that instant.

    A client that renewed here and then released there has released.
    """
    here = address("10.20.0.15")
    ours = Binding(here, ACTIVE, mac(1), expiry_s=T0 + 3600, cltt_s=T0 + 100)
    released = BindingUpdate(
        address=IPv4Address(here),
        status=RELEASED,
        hardware_address=HardwareAddress(1, mac(1).hardware[1:]),
        lease_expiration_s=T0 + 200,
        potential_expiration_s=T0 + 200,
        start_time_of_state_s=T0,
        last_transaction_s=T0,
    )
    for update, reject in ((released, None), (replace(released, lease_expiration_s=T0 + 50), RejectReason.FATAL_CONFLICT)):
        claim = read_update(update, ours, CONFIGURATION)
        assert isinstance(claim, Binding)
        assert judge(ours, claim, T0 + 200, Role.PRIMARY, unacked=False, in_normal=True, dialect=ISC) is reject
