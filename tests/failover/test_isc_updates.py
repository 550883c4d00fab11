"""What an update to dhcpd must say beyond the draft, found by watching what dhcpd makes of it."""

from __future__ import annotations

from ipaddress import IPv4Address

from connection_pair import LOAD_BALANCE, SERVER_IDS, T0, address, mac, scope

from migrate.failover.bindings import ABANDONED, Binding
from migrate.failover.configuration import Configuration
from migrate.failover.dialect import ISC
from migrate.failover.updates import update_of
from migrate.model.server import Role

CONFIGURATION = Configuration.of_model(LOAD_BALANCE, [scope()], Role.PRIMARY, SERVER_IDS[Role.PRIMARY], ISC)


def test_an_abandoned_address_says_until_when() -> None:
    """dhcpd takes lease-expiration-time as the end of the quarantine, and makes the address free at once when it is 0."""
    update = update_of(Binding(address("10.20.0.15"), ABANDONED, mac(1), stos_s=T0, owed=True), CONFIGURATION)
    assert update.address == IPv4Address("10.20.0.15")
    assert update.lease_expiration_s == T0 + ISC.timers.abandoned_s
    assert update.hardware_address is None
