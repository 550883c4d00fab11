"""The numbers of the protocol, each group with the section that defines it. No behaviour beyond naming them.

D12 is draft-ietf-dhc-failover-12; an option of D12 is described in section 12.<its code>. Windows' additions are from MS-DHCPF.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum, IntFlag, StrEnum

HEADER_SIZE = 12
"""Smallest message, and the payload offset that everybody writes (D12 6.1)."""

MESSAGE_SIZE_MAX = 2048
"""D12 6.1; the length field counts itself."""

PROTOCOL_VERSION = 1
BUCKET_COUNT = 256
BATCH_SIZE_MAX = 16
"""Transactions of one BNDUPD that Windows looks at; it ignores any beyond (MS-DHCPF 3.1.4.2, 3.1.5.2)."""


class Profile(Enum):
    """Whose rules a message follows."""

    ISC = "isc"
    """dhcpd 4.4.3: one transaction a BNDUPD, no digest."""
    WINDOWS = "windows"
    """MS-DHCPF: batches, options 30 to 41, its own binding-status."""


class MessageType(IntEnum):
    """D12 6.1."""

    POOLREQ = 1
    POOLRESP = 2
    BNDUPD = 3
    BNDACK = 4
    CONNECT = 5
    CONNECTACK = 6
    UPDREQALL = 7
    UPDDONE = 8
    UPDREQ = 9
    STATE = 10
    CONTACT = 11
    DISCONNECT = 12


DROPPED_BY_WINDOWS = (MessageType.POOLREQ, MessageType.POOLRESP, MessageType.DISCONNECT)
"""Read, then dropped without an answer (MS-DHCPF 3.1.5.8, 3.2.5.2, 3.3.5.2)."""


class OptionCode(IntEnum):
    """1 to 29: D12 section 12. 30 to 41: MS-DHCPF 2.2."""

    ADDRESSES_TRANSFERRED = 1
    ASSIGNED_IP_ADDRESS = 2
    BINDING_STATUS = 3
    CLIENT_IDENTIFIER = 4
    CLIENT_HARDWARE_ADDRESS = 5
    CLIENT_LAST_TRANSACTION_TIME = 6
    CLIENT_REPLY_OPTIONS = 7
    CLIENT_REQUEST_OPTIONS = 8
    DDNS = 9
    DELAYED_SERVICE_PARAMETER = 10
    HASH_BUCKET_ASSIGNMENT = 11
    IP_FLAGS = 12
    LEASE_EXPIRATION_TIME = 13
    MAX_UNACKED_BNDUPD = 14
    MCLT = 15
    MESSAGE = 16
    MESSAGE_DIGEST = 17
    POTENTIAL_EXPIRATION_TIME = 18
    RECEIVE_TIMER = 19
    PROTOCOL_VERSION = 20
    REJECT_REASON = 21
    RELATIONSHIP_NAME = 22
    SERVER_FLAGS = 23
    SERVER_STATE = 24
    START_TIME_OF_STATE = 25
    TLS_REPLY = 26
    TLS_REQUEST = 27
    VENDOR_CLASS_IDENTIFIER = 28
    VENDOR_SPECIFIC_OPTIONS = 29
    SCOPE_ID_LIST = 30
    CLIENT_NAME = 31
    CLIENT_DESCRIPTION = 32
    CLIENT_SUBNET_MASK = 33
    SERVER_IP = 34
    SERVER_NAME = 35
    CLIENT_TYPE = 36
    CLIENT_NAP_STATUS = 37
    CLIENT_NAP_PROBATION = 38
    CLIENT_NAP_CAPABLE = 39
    CLIENT_MATCHED_POLICY = 40
    EXTENDED_ADDRESS_STATE = 41


class RejectReason(IntEnum):
    """D12 12.21."""

    ILLEGAL_IP_ADDRESS = 1
    FATAL_CONFLICT = 2
    MISSING_BINDING_INFORMATION = 3
    TIME_MISMATCH = 4
    INVALID_MCLT = 5
    MISCELLANEOUS = 6
    """D12: connection rejected for an unknown reason. dhcpd uses it for binding updates as well."""
    DUPLICATE_CONNECTION = 7
    INVALID_PARTNER = 8
    TLS_UNSUPPORTED = 9
    TLS_UNCONFIGURED = 10
    TLS_REQUIRED = 11
    DIGEST_UNSUPPORTED = 12
    DIGEST_UNCONFIGURED = 13
    VERSION_MISMATCH = 14
    OUTDATED_BINDING_INFORMATION = 15
    LESS_CRITICAL_BINDING_INFORMATION = 16
    NO_TRAFFIC = 17
    HASH_BUCKET_CONFLICT = 18
    ADDRESS_NOT_RESERVED = 19
    DIGEST_FAILED = 20
    DIGEST_MISSING = 21
    UNKNOWN = 254


class ServerState(StrEnum):
    """Spelled as D12 section 9 does. The numbers are at the edges: `WIRE_STATES` and `FSM_STATES`."""

    STARTUP = "STARTUP"
    NORMAL = "NORMAL"
    COMMUNICATIONS_INTERRUPTED = "COMMUNICATIONS-INTERRUPTED"
    PARTNER_DOWN = "PARTNER-DOWN"
    POTENTIAL_CONFLICT = "POTENTIAL-CONFLICT"
    RECOVER = "RECOVER"
    PAUSED = "PAUSED"
    SHUTDOWN = "SHUTDOWN"
    RECOVER_DONE = "RECOVER-DONE"
    RESOLUTION_INTERRUPTED = "RESOLUTION-INTERRUPTED"
    CONFLICT_DONE = "CONFLICT-DONE"
    RECOVER_WAIT = "RECOVER-WAIT"


WIRE_STATES: Mapping[ServerState, int] = {
    ServerState.STARTUP: 1,
    ServerState.NORMAL: 2,
    ServerState.COMMUNICATIONS_INTERRUPTED: 3,
    ServerState.PARTNER_DOWN: 4,
    ServerState.POTENTIAL_CONFLICT: 5,
    ServerState.RECOVER: 6,
    ServerState.PAUSED: 7,
    ServerState.SHUTDOWN: 8,
    ServerState.RECOVER_DONE: 9,
    ServerState.RESOLUTION_INTERRUPTED: 10,
    ServerState.CONFLICT_DONE: 11,
    ServerState.RECOVER_WAIT: 254,
}
"""Option 24 (D12 12.24). D12 forgot RECOVER-WAIT: 254 is dhcpd's number. STARTUP is never sent: it is a server flag."""

FSM_STATES: Mapping[ServerState, int] = {
    ServerState.STARTUP: 2,
    ServerState.NORMAL: 3,
    ServerState.COMMUNICATIONS_INTERRUPTED: 4,
    ServerState.PARTNER_DOWN: 5,
    ServerState.POTENTIAL_CONFLICT: 6,
    ServerState.CONFLICT_DONE: 7,
    ServerState.RESOLUTION_INTERRUPTED: 8,
    ServerState.RECOVER: 9,
    ServerState.RECOVER_WAIT: 10,
    ServerState.RECOVER_DONE: 11,
    ServerState.PAUSED: 12,
    ServerState.SHUTDOWN: 13,
}
"""FSM_STATE of Windows' management interface (MS-DHCPM 2.2.1.1.20; 12 and 13 from the SDK header). Its 0 (no state) and 1 (init)
say that there is no server state yet."""

STATES_BY_WIRE_NUMBER: Mapping[int, ServerState] = {number: state for state, number in WIRE_STATES.items()}
STATES_BY_FSM_NUMBER: Mapping[int, ServerState] = {number: state for state, number in FSM_STATES.items()}


class ServerFlags(IntFlag):
    """D12 12.23."""

    STARTUP = 0x01


class TlsRequest(IntEnum):
    """D12 12.27."""

    NO = 0
    DESIRED = 1
    REQUIRED = 2


class BindingState(IntEnum):
    """Binding-status of D12 12.3, and what the engine keeps for an address in either profile."""

    FREE = 1
    ACTIVE = 2
    EXPIRED = 3
    RELEASED = 4
    ABANDONED = 5
    RESET = 6
    BACKUP = 7


class IpFlags(IntFlag):
    """D12 12.12."""

    RESERVED = 0x0001
    BOOTP = 0x0002


class DdnsFlags(IntFlag):
    """D12 12.9."""

    A_DONE = 0x0001
    SERVER_OWNS_A = 0x0002
    PTR_DONE = 0x0004
    SERVER_OWNS_PTR = 0x0008


class PoolMove(IntEnum):
    """Windows' binding-status of an address that nobody holds: whose free pool it joins (MS-DHCPF 3.1.4.2)."""

    FREE = 1
    """The primary's."""
    BACKUP = 2
    """The secondary's."""
    RECONCILE = 4
    """The primary takes it back."""
    FREE_UPDATE = 5
    """As FREE, sent again after a database was lost."""
    BACKUP_UPDATE = 6


class LeaseStatus(IntEnum):
    """Bits 0 and 1 of Windows' binding-status in a lease update (MS-DHCPF 2.2, 3.1.4.2)."""

    OFFERED = 0
    ACTIVE = 1
    DECLINED = 2
    DOOMED = 3


LEASE_STATUS_MASK = 0x03
DHCID_KIND_SHIFT = 2
"""Bits 2 and 3 of the same byte: the kind of DHCID."""


class LeaseDnsFlags(IntFlag):
    """Bits 4 to 7 of the same byte."""

    CLEANUP = 0x10
    BOTH_RECORDS = 0x20
    UNREGISTERED = 0x40
    DELETED = 0x80


class WindowsIpFlags(IntFlag):
    """Windows' meaning of option 12 in a lease update; it has no R and B flags (MS-DHCPF 3.1.4.2)."""

    DELETED = 0x0001
    RELEASED = 0x0002
    DELETED_WHILE_CUT_OFF = 0x0004
    """With it a receiver asks for no other option."""


class ClientType(IntEnum):
    """Low bits of option 36 (MS-DHCPF 2.2.7)."""

    UNSPECIFIED = 0
    DHCP = 1
    BOOTP = 2
    BOTH = 3
    NONE = 0x64


CLIENT_TYPE_RESERVATION = 0x04
"""Flag in option 36: the client holds a reservation."""
EXTENDED_STATE_NO_PTR = 0x00000001
"""Bit 0 of option 41: no PTR record is registered."""


class DigestType(IntEnum):
    """First byte of option 17. D12 12.17 knows HMAC-MD5 only; MS-DHCPF 2.2 says SHA-256 without a number, 2 is our choice."""

    HMAC_MD5 = 1
    HMAC_SHA256 = 2
