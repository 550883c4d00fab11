"""The option table: code, name, kind of value, section; one for each profile.

A code that the table does not have is kept as octets (D12 6.2: unknown options are ignored), so nothing is lost in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from migrate.failover.codes import BUCKET_COUNT, WIRE_STATES, BindingState, OptionCode, Profile, RejectReason
from migrate.failover.errors import ProtocolError
from migrate.failover.kinds import (
    ADDRESS,
    ANY_OCTETS,
    BYTE,
    Ddns,
    Digest,
    HardwareAddress,
    HostOrderAddresses,
    Kind,
    Named,
    Octets,
    OptionValue,
    Prefixed,
    Text,
    Unsigned,
    Utf16,
)


@dataclass(frozen=True, slots=True)
class OptionSpec:
    code: OptionCode
    name: str
    """D12's own; MS- in front where the option is Microsoft's."""
    kind: Kind
    section: str


SECONDS = Unsigned(4)
TIME = Unsigned(4)
"""Absolute: seconds since 1970 UTC."""
COUNT = Unsigned(4)
TEXT = Text()
UTF16 = Utf16()
HARDWARE_ADDRESS = Prefixed(HardwareAddress, 1, has_colons=True)
SERVER_STATE = Named(WIRE_STATES, {state: state.value for state in WIRE_STATES})
BINDING_STATE = Named({state: state.value for state in BindingState}, {state: state.name for state in BindingState})
REJECT_REASON = Named({reason: reason.value for reason in RejectReason}, {})

_D12 = (
    OptionSpec(OptionCode.ADDRESSES_TRANSFERRED, "addresses-transferred", COUNT, "D12 12.1"),
    OptionSpec(OptionCode.ASSIGNED_IP_ADDRESS, "assigned-IP-address", ADDRESS, "D12 12.2"),
    OptionSpec(OptionCode.BINDING_STATUS, "binding-status", BINDING_STATE, "D12 12.3"),
    OptionSpec(OptionCode.CLIENT_IDENTIFIER, "client-identifier", ANY_OCTETS, "D12 12.4"),
    OptionSpec(OptionCode.CLIENT_HARDWARE_ADDRESS, "client-hardware-address", HARDWARE_ADDRESS, "D12 12.5"),
    OptionSpec(OptionCode.CLIENT_LAST_TRANSACTION_TIME, "client-last-transaction-time", TIME, "D12 12.6"),
    OptionSpec(OptionCode.CLIENT_REPLY_OPTIONS, "client-reply-options", ANY_OCTETS, "D12 12.7"),
    OptionSpec(OptionCode.CLIENT_REQUEST_OPTIONS, "client-request-options", ANY_OCTETS, "D12 12.8"),
    OptionSpec(OptionCode.DDNS, "DDNS", Prefixed(Ddns, 2), "D12 12.9"),
    OptionSpec(OptionCode.DELAYED_SERVICE_PARAMETER, "delayed-service-parameter", BYTE, "D12 12.10"),
    OptionSpec(OptionCode.HASH_BUCKET_ASSIGNMENT, "hash-bucket-assignment", Octets((BUCKET_COUNT // 8,)), "D12 12.11"),
    OptionSpec(OptionCode.IP_FLAGS, "IP-flags", Unsigned(2), "D12 12.12"),
    OptionSpec(OptionCode.LEASE_EXPIRATION_TIME, "lease-expiration-time", TIME, "D12 12.13"),
    OptionSpec(OptionCode.MAX_UNACKED_BNDUPD, "max-unacked-bndupd", COUNT, "D12 12.14"),
    OptionSpec(OptionCode.MCLT, "MCLT", SECONDS, "D12 12.15"),
    OptionSpec(OptionCode.MESSAGE, "message", TEXT, "D12 12.16"),
    OptionSpec(OptionCode.MESSAGE_DIGEST, "message-digest", Prefixed(Digest, 1), "D12 12.17"),
    OptionSpec(OptionCode.POTENTIAL_EXPIRATION_TIME, "potential-expiration-time", TIME, "D12 12.18"),
    OptionSpec(OptionCode.RECEIVE_TIMER, "receive-timer", SECONDS, "D12 12.19"),
    OptionSpec(OptionCode.PROTOCOL_VERSION, "protocol-version", BYTE, "D12 12.20"),
    OptionSpec(OptionCode.REJECT_REASON, "reject-reason", REJECT_REASON, "D12 12.21"),
    OptionSpec(OptionCode.RELATIONSHIP_NAME, "relationship-name", TEXT, "D12 12.22"),
    OptionSpec(OptionCode.SERVER_FLAGS, "server-flags", BYTE, "D12 12.23"),
    OptionSpec(OptionCode.SERVER_STATE, "server-state", SERVER_STATE, "D12 12.24"),
    OptionSpec(OptionCode.START_TIME_OF_STATE, "start-time-of-state", TIME, "D12 12.25"),
    OptionSpec(OptionCode.TLS_REPLY, "TLS-reply", BYTE, "D12 12.26"),
    OptionSpec(OptionCode.TLS_REQUEST, "TLS-request", BYTE, "D12 12.27"),
    OptionSpec(OptionCode.VENDOR_CLASS_IDENTIFIER, "vendor-class-identifier", TEXT, "D12 12.28"),
    OptionSpec(OptionCode.VENDOR_SPECIFIC_OPTIONS, "vendor-specific-options", ANY_OCTETS, "D12 12.29"),
)

_MICROSOFT = (
    OptionSpec(OptionCode.SCOPE_ID_LIST, "MS-scope-id-list", HostOrderAddresses(), "MS-DHCPF 2.2.1"),
    OptionSpec(OptionCode.CLIENT_NAME, "MS-client-name", UTF16, "MS-DHCPF 2.2.2"),
    OptionSpec(OptionCode.CLIENT_DESCRIPTION, "MS-client-description", UTF16, "MS-DHCPF 2.2.3"),
    OptionSpec(OptionCode.CLIENT_SUBNET_MASK, "MS-client-subnet-mask", ADDRESS, "MS-DHCPF 2.2.4"),
    OptionSpec(OptionCode.SERVER_IP, "MS-server-ip", ADDRESS, "MS-DHCPF 2.2.5"),
    OptionSpec(OptionCode.SERVER_NAME, "MS-server-name", UTF16, "MS-DHCPF 2.2.6"),
    OptionSpec(OptionCode.CLIENT_TYPE, "MS-client-type", BYTE, "MS-DHCPF 2.2.7"),
    # The length is given as 4, the example shows 1; the next one is given as 4 and described as a FILETIME.
    OptionSpec(OptionCode.CLIENT_NAP_STATUS, "MS-client-nap-status", Octets((1, 4)), "MS-DHCPF 2.2.8"),
    OptionSpec(OptionCode.CLIENT_NAP_PROBATION, "MS-client-nap-probation", Octets((4, 8)), "MS-DHCPF 2.2.9"),
    OptionSpec(OptionCode.CLIENT_NAP_CAPABLE, "MS-client-nap-capable", BYTE, "MS-DHCPF 2.2.10"),
    OptionSpec(OptionCode.CLIENT_MATCHED_POLICY, "MS-client-matched-policy", UTF16, "MS-DHCPF 2.2.11"),
    OptionSpec(OptionCode.EXTENDED_ADDRESS_STATE, "MS-extended-address-state", Unsigned(4), "MS-DHCPF 2.2.12"),
)

_ISC_ONLY = (
    # dhcpd's parser takes this option without a value only, and closes the connection on any other.
    OptionSpec(OptionCode.DDNS, "DDNS", Octets((0,)), "D12 12.9; dhcpd 4.4.3"),
)

_WINDOWS_ONLY = (
    # Status of a lease or move of a free address, see `windows`.
    OptionSpec(OptionCode.BINDING_STATUS, "binding-status", BYTE, "MS-DHCPF 3.1.4.2"),
)


class OptionTable:
    """The options as one profile knows them. Its four methods raise ProtocolError, which names the option."""

    __slots__ = ("_may_be_senseless", "specs")

    def __init__(self, specs: Iterable[OptionSpec], may_be_senseless: Iterable[OptionSpec] = ()) -> None:
        """Of two specs for one code the later one holds. Options that nobody reads may be senseless: their octets are then kept."""
        self.specs: Mapping[int, OptionSpec] = {int(spec.code): spec for spec in specs}
        self._may_be_senseless = frozenset(int(spec.code) for spec in may_be_senseless)

    def decode(self, code: int, raw: bytes) -> OptionValue:
        spec = self.specs.get(code)
        if spec is None:
            return raw
        try:
            return spec.kind.decode(raw)
        except ValueError as error:
            if code in self._may_be_senseless:
                return raw
            raise self._error(code, error) from None

    def encode(self, code: int, value: OptionValue) -> bytes:
        spec = self.specs.get(code)
        kind = ANY_OCTETS if spec is None or self.is_senseless(code, value) else spec.kind
        try:
            return kind.encode(value)
        except ValueError as error:
            raise self._error(code, error) from None

    def value_of_json(self, code: int, shown: object) -> OptionValue:
        """The value that the kind's `to_json` has shown."""
        spec = self.specs.get(code)
        if spec is None:
            raise ProtocolError(f"{self.label(code)} has no kind: give its octets as hex")
        try:
            value: OptionValue = spec.kind.from_json(shown)
        except ValueError as error:
            raise self._error(code, error) from None
        return value

    def label(self, code: int) -> str:
        """For messages: `option 13 (lease-expiration-time)`."""
        spec = self.specs.get(code)
        return f"option {code} ({spec.name})" if spec else f"option {code}"

    def is_senseless(self, code: int, value: OptionValue) -> bool:
        """Octets that stand where a kind of value is known but may be missed."""
        return code in self._may_be_senseless and isinstance(value, bytes)

    def _error(self, code: int, error: ValueError) -> ProtocolError:
        return ProtocolError(f"{self.label(code)} {error}")


OPTION_TABLES: Mapping[Profile, OptionTable] = {
    # dhcpd skips Microsoft's options whatever they hold.
    Profile.ISC: OptionTable((*_D12, *_MICROSOFT, *_ISC_ONLY), may_be_senseless=_MICROSOFT),
    Profile.WINDOWS: OptionTable((*_D12, *_MICROSOFT, *_WINDOWS_ONLY)),
}
