"""Messages as values: one `Message` that keeps every option in its order, and typed records to read it by and build it from.

A record is a view. It takes the options it knows by code and leaves the rest to the message; None means that the option is not
there. Which options must be there is for the endpoint to say, because the answer to a missing one differs (a BNDACK with a
reject-reason, a CONNECTACK with one, or nothing). The fields of a record stand in the order in which dhcpd writes its options.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Annotated, NamedTuple, Self, get_type_hints

from migrate.failover.codes import MessageType, OptionCode, RejectReason, ServerState
from migrate.failover.kinds import Ddns, Digest, HardwareAddress, OptionValue


class Option(NamedTuple):
    code: int
    value: OptionValue
    """As its kind in `options` decodes it; octets for a code that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    type: MessageType | int
    """A bare number where D12 6.1 has no name for it."""
    xid: int
    time_s: int
    """When it was sent, by the sender's clock: seconds since 1970 UTC."""
    options: tuple[Option, ...] = ()
    extra_header: bytes = b""
    """Whatever stands between the twelve header bytes and the payload offset; nobody has given it a meaning."""

    @classmethod
    def carrying(cls, type: MessageType, *records: Record, xid: int, time_s: int) -> Self:
        """With the options of the records, one after the other: several for a batch, none for a message without options."""
        options = tuple(option for record in records for option in record.options())
        return cls(type=type, xid=xid, time_s=time_s, options=options)

    def value(self, code: OptionCode) -> OptionValue | None:
        """Of the first option with this code."""
        return next((option.value for option in self.options if option.code == code), None)

    @property
    def transactions(self) -> tuple[tuple[Option, ...], ...]:
        """The options of a BNDUPD or BNDACK in groups, one an address, each beginning with its assigned-IP-address (D12 6.3).

        Where there is no batch the order is free, and all options make one group.
        """
        starts = [at for at, option in enumerate(self.options) if option.code == OptionCode.ASSIGNED_IP_ADDRESS]
        if len(starts) < 2:
            return (self.options,)
        return tuple(self.options[start:stop] for start, stop in zip(starts, [*starts[1:], None], strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Base of the typed records: the annotation of a field names the option that carries it."""

    @classmethod
    def read(cls, options: Iterable[Option]) -> Self:
        """From the options of a message, or of one of its transactions."""
        names = _FIELD_NAMES[cls]
        return cls(**{names[code]: value for code, value in options if code in names})

    def options(self) -> tuple[Option, ...]:
        values = [(code, getattr(self, name)) for code, name in _FIELD_NAMES[type(self)].items()]
        return tuple([Option(code, value) for code, value in values if value is not None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(Record):
    """D12 7.8."""

    relationship_name: Annotated[str | None, OptionCode.RELATIONSHIP_NAME] = None
    max_unacked_bndupd: Annotated[int | None, OptionCode.MAX_UNACKED_BNDUPD] = None
    receive_timer_s: Annotated[int | None, OptionCode.RECEIVE_TIMER] = None
    vendor_class: Annotated[str | None, OptionCode.VENDOR_CLASS_IDENTIFIER] = None
    protocol_version: Annotated[int | None, OptionCode.PROTOCOL_VERSION] = None
    tls_request: Annotated[int | None, OptionCode.TLS_REQUEST] = None
    mclt_s: Annotated[int | None, OptionCode.MCLT] = None
    hash_buckets: Annotated[bytes | None, OptionCode.HASH_BUCKET_ASSIGNMENT] = None
    """32 bytes, see `balance`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectAck(Record):
    """D12 7.9. With a reject-reason the connection is refused."""

    relationship_name: Annotated[str | None, OptionCode.RELATIONSHIP_NAME] = None
    max_unacked_bndupd: Annotated[int | None, OptionCode.MAX_UNACKED_BNDUPD] = None
    receive_timer_s: Annotated[int | None, OptionCode.RECEIVE_TIMER] = None
    vendor_class: Annotated[str | None, OptionCode.VENDOR_CLASS_IDENTIFIER] = None
    protocol_version: Annotated[int | None, OptionCode.PROTOCOL_VERSION] = None
    tls_reply: Annotated[int | None, OptionCode.TLS_REPLY] = None
    reject_reason: Annotated[RejectReason | int | None, OptionCode.REJECT_REASON] = None
    message: Annotated[str | None, OptionCode.MESSAGE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNotice(Record):
    """The options of STATE (D12 7.10)."""

    server_state: Annotated[ServerState | int | None, OptionCode.SERVER_STATE] = None
    """A bare number is one that is in no table."""
    server_flags: Annotated[int | None, OptionCode.SERVER_FLAGS] = None
    """`ServerFlags`."""
    start_time_of_state_s: Annotated[int | None, OptionCode.START_TIME_OF_STATE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingUpdate(Record):
    """One transaction of a BNDUPD (D12 7.1; MS-DHCPF 2.2 for the fields from `client_name` on)."""

    address: Annotated[IPv4Address | None, OptionCode.ASSIGNED_IP_ADDRESS] = None
    status: Annotated[int | None, OptionCode.BINDING_STATUS] = None
    """A `BindingState` under the ISC profile; under the Windows profile see `windows.binding_state`."""
    client_identifier: Annotated[bytes | None, OptionCode.CLIENT_IDENTIFIER] = None
    hardware_address: Annotated[HardwareAddress | None, OptionCode.CLIENT_HARDWARE_ADDRESS] = None
    lease_expiration_s: Annotated[int | None, OptionCode.LEASE_EXPIRATION_TIME] = None
    potential_expiration_s: Annotated[int | None, OptionCode.POTENTIAL_EXPIRATION_TIME] = None
    start_time_of_state_s: Annotated[int | None, OptionCode.START_TIME_OF_STATE] = None
    last_transaction_s: Annotated[int | None, OptionCode.CLIENT_LAST_TRANSACTION_TIME] = None
    ip_flags: Annotated[int | None, OptionCode.IP_FLAGS] = None
    """`IpFlags` or `WindowsIpFlags`; None is the same as 0."""
    client_reply_options: Annotated[bytes | None, OptionCode.CLIENT_REPLY_OPTIONS] = None
    client_request_options: Annotated[bytes | None, OptionCode.CLIENT_REQUEST_OPTIONS] = None
    ddns: Annotated[Ddns | None, OptionCode.DDNS] = None
    client_name: Annotated[str | None, OptionCode.CLIENT_NAME] = None
    client_description: Annotated[str | None, OptionCode.CLIENT_DESCRIPTION] = None
    subnet_mask: Annotated[IPv4Address | None, OptionCode.CLIENT_SUBNET_MASK] = None
    server_ip: Annotated[IPv4Address | None, OptionCode.SERVER_IP] = None
    server_name: Annotated[str | None, OptionCode.SERVER_NAME] = None
    client_type: Annotated[int | None, OptionCode.CLIENT_TYPE] = None
    nap_status: Annotated[bytes | None, OptionCode.CLIENT_NAP_STATUS] = None
    nap_probation: Annotated[bytes | None, OptionCode.CLIENT_NAP_PROBATION] = None
    nap_capable: Annotated[int | None, OptionCode.CLIENT_NAP_CAPABLE] = None
    matched_policy: Annotated[str | None, OptionCode.CLIENT_MATCHED_POLICY] = None
    extended_state: Annotated[int | None, OptionCode.EXTENDED_ADDRESS_STATE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingAck(Record):
    """One transaction of a BNDACK (D12 7.2). Without a reject-reason the update is accepted."""

    address: Annotated[IPv4Address | None, OptionCode.ASSIGNED_IP_ADDRESS] = None
    reject_reason: Annotated[RejectReason | int | None, OptionCode.REJECT_REASON] = None
    message: Annotated[str | None, OptionCode.MESSAGE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolResponse(Record):
    """D12 7.7."""

    addresses_transferred: Annotated[int | None, OptionCode.ADDRESSES_TRANSFERRED] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRequest(Record):
    """The options of UPDREQ (D12 7.3). With scope ids only those scopes are asked for (MS-DHCPF 2.2.1)."""

    scope_ids: Annotated[tuple[IPv4Address, ...] | None, OptionCode.SCOPE_ID_LIST] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect(Record):
    """D12 7.12."""

    reject_reason: Annotated[RejectReason | int | None, OptionCode.REJECT_REASON] = None
    message: Annotated[str | None, OptionCode.MESSAGE] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication(Record):
    """Comes first in a message that is authenticated (D12 11.1); see `digest`."""

    digest: Annotated[Digest | None, OptionCode.MESSAGE_DIGEST] = None


RECORDS: tuple[type[Record], ...] = (
    Connect,
    ConnectAck,
    StateNotice,
    BindingUpdate,
    BindingAck,
    PoolResponse,
    UpdateRequest,
    Disconnect,
    Authentication,
)
_FIELD_NAMES: Mapping[type[Record], Mapping[int, str]] = {
    record: {hint.__metadata__[0]: name for name, hint in get_type_hints(record, include_extras=True).items()} for record in RECORDS
}
"""By option code, in the order of the class."""
BINDING_OPTIONS = frozenset(code for record in (BindingUpdate, BindingAck) for code in _FIELD_NAMES[record])
"""Options that speak of one address."""
