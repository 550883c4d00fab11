"""A binding as the options of a binding update, in either profile, and back.

Which options must be there is decided here, because a missing one has its own reject-reason (failover-protocol.md sections 3.1 and
11). Whether what an update says is believed is decided in `bindings`.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from migrate.failover import windows
from migrate.failover.bindings import (
    ABANDONED,
    ACTIVE,
    BACKUP,
    EXPIRED,
    FREE,
    RELEASED,
    RESET,
    Binding,
    Client,
    instant_after,
)
from migrate.failover.codes import (
    CLIENT_TYPE_RESERVATION,
    LEASE_STATUS_MASK,
    BindingState,
    ClientType,
    IpFlags,
    LeaseStatus,
    Profile,
    RejectReason,
    WindowsIpFlags,
)
from migrate.failover.configuration import Configuration
from migrate.failover.kinds import HardwareAddress
from migrate.failover.messages import BindingUpdate

STATES_BY_NUMBER = {int(state): state for state in BindingState}
_OVERHEAD_SIZE = 100
"""Bytes that a Windows update takes at most besides its client identifier."""


def encoded_size(binding: Binding) -> int:
    """An upper bound of what the update takes in a message."""
    identifier = b"" if binding.client is None else binding.client.identifier or b""
    return _OVERHEAD_SIZE + len(identifier)


def update_of(binding: Binding, configuration: Configuration) -> BindingUpdate:
    if configuration.dialect.profile is Profile.ISC:
        return _isc_update(binding, configuration)
    return _windows_update(binding, configuration)


def _isc_update(binding: Binding, configuration: Configuration) -> BindingUpdate:
    """D12 7.1. dhcpd writes all three times whatever the state, 0 for none, and no client for ABANDONED.

    Of an abandoned address it takes the lease-expiration-time as the instant from which the address is free again.
    """
    client = None if binding.state is ABANDONED else binding.client
    ends = {ACTIVE: binding.expiry_s, ABANDONED: instant_after(binding.stos_s, configuration.dialect.timers.abandoned_s)}
    return BindingUpdate(
        address=IPv4Address(binding.address),
        status=binding.state,
        client_identifier=client.identifier if client else None,
        hardware_address=HardwareAddress(client.hardware[0], client.hardware[1:]) if client else None,
        lease_expiration_s=ends.get(binding.state, 0),
        potential_expiration_s=binding.sent_pe_s if binding.state is ACTIVE else 0,
        start_time_of_state_s=binding.stos_s,
        last_transaction_s=binding.cltt_s or None,
    )


def _windows_update(binding: Binding, configuration: Configuration) -> BindingUpdate:
    """MS-DHCPF 3.1.4.2: option 33 always, a client and its last transaction with every lease update, none with a pool move."""
    status, flags = windows.wire_form(binding.state)
    scope = configuration.scope_of(binding.address)
    mask = None if scope is None else configuration.scopes[scope].network.netmask
    address = IPv4Address(binding.address)
    if binding.state in (FREE, BACKUP):
        return BindingUpdate(
            address=address, status=status, ip_flags=flags, subnet_mask=mask, start_time_of_state_s=binding.stos_s or None
        )
    client = binding.client or _stand_in(binding.address)
    is_active = binding.state is ACTIVE
    return BindingUpdate(
        address=address,
        status=status,
        client_identifier=client.identifier,
        hardware_address=HardwareAddress(client.hardware[0], client.hardware[1:]),
        lease_expiration_s=binding.expiry_s if is_active else None,
        potential_expiration_s=binding.sent_pe_s if is_active else None,
        start_time_of_state_s=binding.stos_s,
        last_transaction_s=binding.cltt_s,
        ip_flags=flags,
        subnet_mask=mask,
        server_ip=IPv4Address(configuration.server_id),
        client_type=ClientType.DHCP | (CLIENT_TYPE_RESERVATION if configuration.is_reserved(binding.address) else 0),
    )


def _stand_in(address: int) -> Client:
    """Windows lists a declined address with its own octets, last first, as the client."""
    return Client(b"\x01" + address.to_bytes(4, "little"))


def read_update(update: BindingUpdate, ours: Binding, configuration: Configuration) -> Binding | RejectReason:
    """What the partner claims, its potential expiry in `received_pe_s`; or why the update cannot be considered.

    `ours` is the binding as this server has it. Its address must be the update's.
    """
    if not configuration.is_ours(ours.address):
        return RejectReason.ILLEGAL_IP_ADDRESS
    if configuration.dialect.profile is Profile.ISC:
        return _read_isc(update, ours, configuration)
    return _read_windows(update, ours, configuration)


def _read_isc(update: BindingUpdate, ours: Binding, configuration: Configuration) -> Binding | RejectReason:
    state = STATES_BY_NUMBER.get(update.status or 0)
    if state is None or (update.hardware_address is None and state in (ACTIVE, EXPIRED, RELEASED)):
        return RejectReason.MISSING_BINDING_INFORMATION
    if state is ACTIVE and (update.lease_expiration_s is None or update.potential_expiration_s is None):
        return RejectReason.MISSING_BINDING_INFORMATION
    if state is ABANDONED and (update.hardware_address is not None or update.client_identifier is not None):
        return RejectReason.MISCELLANEOUS
    if state is BACKUP and (update.ip_flags or 0) & IpFlags.RESERVED and not configuration.is_reserved(ours.address):
        return RejectReason.ADDRESS_NOT_RESERVED
    claim = _claim(update, ours.address, state)
    if state is RELEASED:  # dhcpd ends the lease when it is released, and leaves the CLTT as it was
        return claim._replace(cltt_s=max(claim.cltt_s, update.lease_expiration_s or 0))
    return claim


def _read_windows(update: BindingUpdate, ours: Binding, configuration: Configuration) -> Binding | RejectReason:
    if update.status is None or update.ip_flags is None or update.subnet_mask is None:
        return RejectReason.MISSING_BINDING_INFORMATION
    state = windows.binding_state(update, has_lease=ours.state is ACTIVE)
    if not windows.is_pool_move(update) and update.status & LEASE_STATUS_MASK == LeaseStatus.DECLINED:
        state = ABANDONED
    if update.ip_flags & (WindowsIpFlags.DELETED | WindowsIpFlags.DELETED_WHILE_CUT_OFF):
        state = RESET  # an administrator's word, which a lease that runs does not outweigh
    if update.ip_flags & WindowsIpFlags.DELETED_WHILE_CUT_OFF:
        return _claim(update, ours.address, state)
    if state in (FREE, BACKUP):
        if update.lease_expiration_s or update.last_transaction_s:
            return RejectReason.MISSING_BINDING_INFORMATION  # a lease update that lacks its client, not a pool move
        if configuration.is_reserved(ours.address):
            return RejectReason.OUTDATED_BINDING_INFORMATION
        return _claim(update, ours.address, state)
    required = [update.hardware_address, update.last_transaction_s]
    if state is ACTIVE:
        required += [update.lease_expiration_s, update.potential_expiration_s]
    if None in required:
        return RejectReason.MISSING_BINDING_INFORMATION
    return _claim(update, ours.address, state)


def _claim(update: BindingUpdate, address: int, state: BindingState) -> Binding:
    hardware = update.hardware_address
    client = None if hardware is None else Client(bytes((hardware.htype,)) + hardware.address, update.client_identifier)
    is_active = state is ACTIVE
    return Binding(
        address,
        state,
        client,
        expiry_s=(update.lease_expiration_s or 0) if is_active else 0,
        received_pe_s=update.potential_expiration_s or 0,
        stos_s=update.start_time_of_state_s or 0,
        cltt_s=update.last_transaction_s or 0,
    )
